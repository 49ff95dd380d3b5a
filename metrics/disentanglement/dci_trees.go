package disentanglement

import (
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/rows"
	"github.com/venn-adapt/venn/internal/trees"
	"github.com/venn-adapt/venn/metrics"
	"github.com/venn-adapt/venn/metrics/probe"
)

// dciBoosting are the trees of the usual evaluations, on all rows and columns.
var dciBoosting = trees.Settings{Rounds: 100, Rate: 0.1, Depth: 3, Leaf: 0.1, Subsample: 1}

// DCITrees is the disentanglement of Eastwood and Williams with the importances of gradient-boosted trees, 100 a
// level of depth 3 at rate 0.1, fitted on half of the rows: what the splits of a column of code gained for a
// factor, to sum 1 a factor. It sees dependence that no Lasso does. Parts are completeness and informativeness,
// which is the mean accuracy on the other half (disentanglement_lib calls it an error); at the largest share of a
// level the code tells of no factor, and the other two describe the importances of noise. Importances are those of
// this learner: other programs' differ by a few hundredths. It fails as MIG does and below 20 rows. Time 100 n k
// levels a factor.
//
// C. Eastwood and C. K. I. Williams, "A framework for the quantitative evaluation of disentangled representations"
// (2018); F. Locatello et al., "Challenging common assumptions in the unsupervised learning of disentangled
// representations" (2019).
func DCITrees(codes, table *mat.Dense, s metrics.Settings) (metrics.Result, error) {
	f, r, done, err := begin("dci-trees", codes, table, probeRows, s)
	if done || err != nil {
		return r, err
	}
	_, width := codes.Dims()
	train, test := probe.Halves(f.n, s.Seed)
	trainX, testX := rows.Take(codes, train), rows.Take(codes, test)
	matrix := mat.NewDense(width, len(f.levels), nil)
	var accuracies []float64
	for j, levels := range f.levels {
		model := trees.Boost(trainX, probe.Pick(levels, train), nil, f.counts[j], dciBoosting)
		if total := floats.Sum(model.Gain); total > 0 {
			floats.Scale(1/total, model.Gain)
		}
		matrix.SetCol(j, model.Gain)
		p := model.Probabilities(testX, f.counts[j])
		right := 0
		for i, from := range test {
			if floats.MaxIdx(p.RawRowView(i)) == levels[from] {
				right++
			}
		}
		accuracies = append(accuracies, float64(right)/float64(len(test)))
	}
	score := NewImportance(matrix)
	r.Value = score.Disentanglement
	r.Parts = []metrics.Part{{Name: "completeness", Value: score.Completeness}, {Name: "informativeness (accuracy)", Value: mean(accuracies)}}
	f.parts(&r, score.PerFactor)
	return r.Finish()
}

func init() {
	describe(metrics.Descriptor{Name: "dci-trees", Doc: "disentanglement by the importances of boosted trees; parts: completeness, informativeness", Range: [2]float64{0, 1}, Invariant: []string{"translation", "scale"},
		Cost: "time 100 n k levels a factor", Citation: "Eastwood and Williams, A framework for the quantitative evaluation of disentangled representations, ICLR 2018", MinRows: probeRows, Compute: DCITrees})
}
