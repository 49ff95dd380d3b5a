package metrics_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/metrics"
	_ "github.com/venn-adapt/venn/metrics/classification"
	_ "github.com/venn-adapt/venn/metrics/correctness"
	_ "github.com/venn-adapt/venn/metrics/discrepancy"
	_ "github.com/venn-adapt/venn/metrics/disentanglement"
	_ "github.com/venn-adapt/venn/metrics/image"
	_ "github.com/venn-adapt/venn/metrics/independence"
)

// Every room of measures walks over its own.
func TestRoomsWalk(t *testing.T) {
	walks, err := filepath.Glob("*/walk_test.go")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if walk := filepath.Join(filepath.Dir(file), "walk_test.go"); strings.Contains(string(text), "metrics.Measures.Add(") && !slices.Contains(walks, walk) {
			t.Errorf("%s registers measures, and there is no %s that walks over them", file, walk)
		}
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
