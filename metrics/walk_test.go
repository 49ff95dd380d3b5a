package metrics_test

import (
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/metrics"
	_ "github.com/venn-adapt/venn/metrics/classification"
	_ "github.com/venn-adapt/venn/metrics/discrepancy"
	_ "github.com/venn-adapt/venn/metrics/disentanglement"
	_ "github.com/venn-adapt/venn/metrics/image"
	_ "github.com/venn-adapt/venn/metrics/independence"
	"github.com/venn-adapt/venn/metrics/metricstest"
)

// The walk over every measure: what the contract promises.
func TestMeasures(t *testing.T) {
	for _, m := range metrics.Measures.All() {
		t.Run(m.Name, func(t *testing.T) {
			o := metricstest.Options{}
			if m.Name == "domain-probe" {
				o.Collapsed = 0.5 // chance
			}
			if strings.HasPrefix(m.Name, "hsic-linear-time") || strings.HasPrefix(m.Name, "hsic-block") {
				o.Weak = "it sees few of the pairs of rows"
			}
			if err := metricstest.Measure(m, o); err != nil {
				t.Error(err)
			}
		})
	}
}

// computed are the measures of a kind.
func computed(kind metrics.Kind) []metrics.Descriptor {
	var out []metrics.Descriptor
	for _, m := range metrics.Measures.All() {
		if m.Kind == kind && m.Compute != nil {
			out = append(out, m)
		}
	}
	return out
}

// labelled says that the last column of both samples holds labels.
func labelled(m metrics.Descriptor) bool { return m.Labels && m.Kind == metrics.Discrepancy }

func withLabels(x *mat.Dense) *mat.Dense {
	n, d := x.Dims()
	out := mat.NewDense(n, d+1, nil)
	for i := range n {
		copy(out.RawRowView(i), x.RawRowView(i))
		out.Set(i, d, float64(i%3))
	}
	return out
}

var matrices = []metrics.Kind{metrics.Independence, metrics.Discrepancy}
