package disentanglement

import (
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/metrics"
	"github.com/venn-adapt/venn/metrics/classification"
	"github.com/venn-adapt/venn/metrics/probe"
)

const probeRows = 20 // fewest rows of a measure that trains on half of them

// Explicitness is how well a linear probe reads each factor off the whole code: the area under the curve of
// one level against the rest on held-out rows, averaged over levels and then factors, brought to 2A - 1, in
// [-1, 1], 0 at chance. Parts are the factors. It fails as MIG does, below 20 rows, and where a fit does not
// converge. Time that of about 26 logistic fits a factor.
//
// K. Ridgeway and M. C. Mozer (2018).
func Explicitness(codes, table *mat.Dense, s metrics.Settings) (metrics.Result, error) {
	f, r, done, err := begin("explicitness", codes, table, probeRows, s)
	if done || err != nil {
		return r, err
	}
	train, test := probe.Halves(f.n, s.Seed)
	values := make([]float64, len(f.levels))
	for j, levels := range f.levels {
		p, err := probe.Linear.Probabilities(probe.Take(codes, train), probe.Pick(levels, train), f.counts[j], probe.Take(codes, test))
		if err != nil {
			return r, err
		}
		area, _, _, err := classification.AUROC(probe.Pick(levels, test), p)
		if err != nil {
			return r, err
		}
		r.Warnings = append(r.Warnings, area.Warnings...)
		values[j] = 2*area.Value - 1
	}
	r.Value = mean(values)
	f.parts(&r, values)
	return r.Finish()
}

func init() {
	describe(metrics.Descriptor{Name: "explicitness", Doc: "area under the curve of a linear probe for each level of each factor, 0 at chance", Range: [2]float64{-1, 1}, Invariant: []string{"translation", "scale"},
		Cost: "26 logistic fits a factor", Citation: "Ridgeway and Mozer, Learning deep disentangled embeddings with the F-statistic loss, NeurIPS 2018", MinRows: probeRows, Compute: Explicitness})
}
