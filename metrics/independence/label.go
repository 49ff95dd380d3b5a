package independence

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/metrics"
)

// LabelInformation estimates the mutual information of a code, x (n x p), and a label of each row
// in nats by Ross's nearest neighbours, k (3), in the Euclidean norm: psi(N) + mean(psi(k_i) -
// psi(N_c) - psi(m_i)). Columns are taken as they are: z-score before. Classes of one row are
// left out, and their number is returned. It is at most the entropy of the label, up to
// noise, and not cut at 0. It fails on unequal lengths, no class of two rows, k below 1 and
// values that are not finite. Time O(n^2 p), memory O(n).
//
// B. C. Ross, "Mutual information between discrete and continuous data sets" (2014).
func LabelInformation(x *mat.Dense, labels []int, k int) (information float64, left int, err error) {
	n, _ := x.Dims()
	if err := metrics.CheckFinite("label information", x); err != nil {
		return 0, 0, err
	}
	if len(labels) != n || k < 1 {
		return 0, 0, fmt.Errorf("metrics: label information: %d labels for %d rows, %d neighbours", len(labels), n, k)
	}
	size := map[int]int{}
	for _, c := range labels {
		size[c]++
	}
	kept := 0
	for _, c := range labels {
		if size[c] > 1 {
			kept++
		}
	}
	if kept == 0 {
		return 0, n, fmt.Errorf("metrics: label information: no class has two rows")
	}
	psi := digammas(n)
	terms := make([]float64, n)
	parallel.Blocks(n, cloudBlock, func(_, lo, hi int) {
		all := make([]float64, n)
		var own []float64
		for i := lo; i < hi; i++ {
			if size[labels[i]] < 2 {
				continue
			}
			own = own[:0]
			for j := range n {
				all[j] = squaredDistance(x.RawRowView(i), x.RawRowView(j))
				if j != i && labels[j] == labels[i] {
					own = append(own, all[j])
				}
			}
			slices.Sort(own)
			near := min(k, len(own))
			inside := 1
			for j, d := range all {
				if j != i && d < own[near-1] {
					inside++
				}
			}
			terms[i] = psi[near] - psi[size[labels[i]]] - psi[inside]
		}
	})
	var sum float64
	for _, t := range terms {
		sum += t
	}
	return psi[kept] + sum/float64(kept), n - kept, nil
}

// squaredDistance adds in column order: the same bits both ways.
func squaredDistance(a, b []float64) float64 {
	var sum float64
	for i, v := range a {
		sum += (v - b[i]) * (v - b[i])
	}
	return sum
}

// labelsOf reads a single column of whole numbers.
func labelsOf(name string, y *mat.Dense) ([]int, error) {
	if _, d := y.Dims(); d != 1 {
		return nil, fmt.Errorf("metrics: %s: %d columns of labels, want one", name, d)
	}
	return metrics.Labels(name, mat.Col(nil, 0, y))
}

func labelMeasure(x, y *mat.Dense, s metrics.Settings) (metrics.Result, error) {
	const name = "mi-label"
	if err := metrics.CheckPair(name, x, y, 4, true); err != nil {
		return metrics.Result{}, err
	}
	labels, err := labelsOf(name, y)
	if err != nil {
		return metrics.Result{}, err
	}
	r := metrics.Start(name, len(labels), s)
	if metrics.Constant(x) || metrics.Constant(y) {
		return r.Collapse("all rows of a block are equal", s.Permutations > 0), nil
	}
	a, notes, err := Prepare(x, true, s.Seed, "x")
	if err != nil {
		return metrics.Result{}, fmt.Errorf("metrics: %s: x: %w", name, err)
	}
	left := 0
	if r.Value, left, err = LabelInformation(a, labels, neighboursAsked); err != nil {
		return metrics.Result{}, err
	}
	r.Warnings = append(r.Warnings, notes...)
	if left > 0 {
		r.Warnings = append(r.Warnings, fmt.Sprintf("%d rows left out: alone in their class", left))
	}
	permuteRows(&r, y, s, 1e-12, func(y *mat.Dense) float64 {
		shuffled, _ := labelsOf(name, y)                          // the same labels: whole numbers
		v, _, _ := LabelInformation(a, shuffled, neighboursAsked) // of the same sizes: cannot fail
		return v
	})
	return r.Finish()
}

func init() {
	metrics.Measures.Add("mi-label", metrics.Descriptor{
		Name: "mi-label", Kind: metrics.Independence, Doc: "mutual information of a code and one column of labels by 3 nearest neighbours, in nats, not cut at 0", Unit: "nats",
		Range: [2]float64{math.Inf(-1), math.Inf(1)}, Better: metrics.LowerIsBetter, Invariant: []string{"row order", "translation", "scale"}, Labels: true,
		Cost: "time n^2 p (1 + permutations), memory n p", Citation: "Ross, Mutual information between discrete and continuous data sets, 2014",
		MinRows: 4, Compute: labelMeasure,
	})
}
