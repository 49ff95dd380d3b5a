package classifiers

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/logistic"
	"github.com/venn-adapt/venn/internal/rows"
)

// calibrationShare of the training rows is kept from a first fit, to find how steeply
// its decisions turn into probabilities.
const calibrationShare = 0.2

// steepness finds b for probabilities softmax(b f) of decisions f: a first fit on four
// fifths of the rows, and the b of least mean cross-entropy on the others, from 0.01
// to 100. It is 1 where no class has two rows.
func steepness(r *training, classes int, fit func(part *training) (decide func(x *mat.Dense) *mat.Dense, err error)) (float64, error) {
	kept, held, err := domains.HoldOut(r.labels, classes, calibrationShare, 0)
	if err != nil {
		return 1, nil
	}
	decide, err := fit(r.take(kept))
	if err != nil {
		return 0, err
	}
	rest := r.take(held)
	f := decide(rest.x)
	loss := func(b float64) float64 {
		var sum float64
		row := make([]float64, classes)
		for i, c := range rest.labels {
			for k, v := range f.RawRowView(i) {
				row[k] = b * v
			}
			own := row[c]
			sum += logistic.Softmax(row) - own
		}
		return sum
	}
	lo, hi := math.Log(0.01), math.Log(100)
	for range 60 { // the loss is convex in b, so it has one lowest point in log b
		a, b := lo+(hi-lo)/3, hi-(hi-lo)/3
		if loss(math.Exp(a)) <= loss(math.Exp(b)) {
			hi = b
		} else {
			lo = a
		}
	}
	return math.Exp((lo + hi) / 2), nil
}

func (r *training) take(indices []int) *training {
	out := &training{x: rows.Take(r.x, indices), labels: make([]int, len(indices))}
	for k, i := range indices {
		out.labels[k] = r.labels[i]
		if r.weights != nil {
			out.weights = append(out.weights, r.weights[i])
		}
	}
	return out
}

// softmaxOf decisions times b.
func softmaxOf(f *mat.Dense, b float64) *mat.Dense {
	f.Scale(b, f)
	n, _ := f.Dims()
	for i := range n {
		logistic.Softmax(f.RawRowView(i))
	}
	return f
}
