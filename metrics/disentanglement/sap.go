package disentanglement

import (
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"github.com/venn-adapt/venn/metrics"
	"github.com/venn-adapt/venn/metrics/classification"
	"github.com/venn-adapt/venn/metrics/probe"
)

// sapPenalty is C of the one-column classifiers.
const sapPenalty = 0.01

// SAP is the separated attribute predictability: for each factor the held-out accuracy of a one-column
// linear classifier on the best column of the code less that on the second; their mean. Plain accuracy favours
// unbalanced factors, so the part "corrected" is the same of the chance-corrected balanced accuracy. It depends
// on the scale of the code, by C = 0.01. It fails as MIG does, and below 20 rows. Time O(n k m levels).
//
// A. Kumar, P. Sattigeri and A. Balakrishnan, "Variational inference of disentangled latent
// concepts from unlabeled observations" (2018).
func SAP(codes, table *mat.Dense, s metrics.Settings) (metrics.Result, error) {
	f, r, done, err := begin("sap", codes, table, probeRows, s)
	if done || err != nil {
		return r, err
	}
	train, test := probe.Halves(f.n, s.Seed)
	plain, corrected := make([]float64, len(f.levels)), make([]float64, len(f.levels))
	_, k := codes.Dims()
	for j, levels := range f.levels {
		accuracy, balanced := make([]float64, k), make([]float64, k)
		for i := range k {
			c, err := oneColumn(mat.Col(nil, i, codes), levels, f.counts[j], train, test)
			if err != nil {
				return r, err
			}
			accuracy[i], balanced[i] = c.Accuracy().Value, c.AdjustedBalanced().Value
		}
		plain[j], corrected[j] = gap(accuracy), gap(balanced)
	}
	r.Value = mean(plain)
	r.Parts = append(r.Parts, metrics.Part{Name: "corrected", Value: mean(corrected)})
	f.parts(&r, plain)
	return r.Finish()
}

// oneColumn is the held-out confusion of the classifier on one column.
func oneColumn(column []float64, levels []int, classes int, train, test []int) (*classification.Confusion, error) {
	z := make([]float64, len(train))
	for i, from := range train {
		z[i] = column[from]
	}
	machines := squaredHinge(z, probe.Pick(levels, train), classes)
	predicted := make([]int, len(test))
	for i, from := range test {
		predicted[i] = decide(machines, column[from], classes)
	}
	return classification.NewConfusion(probe.Pick(levels, test), predicted, classes)
}

func decide(machines [][2]float64, z float64, classes int) int {
	if classes == 2 {
		if machines[0][0]*z+machines[0][1] > 0 {
			return 1
		}
		return 0
	}
	best := 0
	for c, m := range machines {
		if m[0]*z+m[1] > machines[best][0]*z+machines[best][1] {
			best = c
		}
	}
	return best
}

// squaredHinge fits slope and bias of one column by minimising (w^2 + b^2)/2 + C sum v max(0, 1 - t(wz + b))^2 with
// balanced weights n/(K n_c), as liblinear: both sides weighted for two classes, which share one machine;
// for more, one machine a class against the rest, positives weighted and the rest 1. Newton on the active set.
func squaredHinge(z []float64, labels []int, classes int) [][2]float64 {
	weight := make([]float64, classes)
	for _, c := range labels {
		weight[c]++
	}
	for c, count := range weight {
		weight[c] = float64(len(labels)) / (float64(classes) * count) // of a class without rows nobody reads it
	}
	first := 0
	if classes == 2 {
		first = 1
	}
	var out [][2]float64
	for c := first; c < classes; c++ {
		var w [2]float64
		for range 200 {
			a, b, d := 1.0, 0.0, 1.0 // the Hessian [[a, b], [b, d]] and the right-hand side
			var ra, rd float64
			for i, x := range z {
				t, v := -1.0, 1.0
				if labels[i] == c {
					t, v = 1, weight[c]
				} else if classes == 2 {
					v = weight[0]
				}
				if 1-t*(w[0]*x+w[1]) <= 0 {
					continue
				}
				v *= 2 * sapPenalty
				a, b, d = a+v*x*x, b+v*x, d+v
				ra, rd = ra+v*t*x, rd+v*t
			}
			det := a*d - b*b
			next := [2]float64{(d*ra - b*rd) / det, (a*rd - b*ra) / det}
			change := math.Max(math.Abs(next[0]-w[0]), math.Abs(next[1]-w[1]))
			if w = next; change < 1e-15 {
				break
			}
		}
		out = append(out, w)
	}
	return out
}

// SAPContinuous is the form for continuous factors: squared correlations in place of accuracies, 0 where a column is
// constant, whatever its unit. Parts are the factors.
func SAPContinuous(codes, table *mat.Dense, s metrics.Settings) (metrics.Result, error) {
	const name = "sap-continuous"
	if err := metrics.CheckPair(name, codes, table, 3, true); err != nil {
		return metrics.Result{}, err
	}
	n, m := table.Dims()
	_, k := codes.Dims()
	r := metrics.Start(name, n, s)
	if metrics.Constant(codes) || metrics.Constant(table) {
		return r.Collapse("all rows of codes or factors are equal", false), nil
	}
	var f factors
	var gaps []float64
	for j := range m {
		y := mat.Col(nil, j, table)
		squares := make([]float64, k)
		for i := range k {
			x := mat.Col(nil, i, codes)
			if !metrics.Constant(mat.NewDense(n, 1, x)) && !metrics.Constant(mat.NewDense(n, 1, y)) {
				c := stat.Correlation(x, y, nil)
				squares[i] = c * c
			}
		}
		gaps, f.columns = append(gaps, gap(squares)), append(f.columns, j)
	}
	r.Value = mean(gaps)
	f.parts(&r, gaps)
	return r.Finish()
}

func init() {
	const citation = "Kumar, Sattigeri and Balakrishnan, Variational inference of disentangled latent concepts from unlabeled observations, ICLR 2018"
	describe(metrics.Descriptor{Name: "sap", Doc: "gap of held-out accuracy between the two best columns of code for each factor", Range: [2]float64{0, 1},
		Cost: "time n k m levels", Citation: citation, MinRows: probeRows, Compute: SAP})
	describe(metrics.Descriptor{Name: "sap-continuous", Doc: "gap of squared correlation between the two best columns of code for each factor", Range: [2]float64{0, 1}, Invariant: []string{"row order", "translation", "scale"},
		Cost: "time n k m", Citation: citation, MinRows: 3, Compute: SAPContinuous})
}
