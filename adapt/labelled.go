package adapt

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/rows"
)

// Check says, naming the asker, what a classifier could not learn from: lists of other lengths
// than the rows, values that are not finite, labels out of range, weights that are negative or
// all zero.
func (l Labelled) Check(name string) error {
	n, _ := l.X.Dims()
	switch {
	case len(l.Labels) != n:
		return fmt.Errorf("adapt: %s: %d labels for %d rows", name, len(l.Labels), n)
	case l.Weights != nil && len(l.Weights) != n:
		return fmt.Errorf("adapt: %s: %d weights for %d rows", name, len(l.Weights), n)
	}
	if err := Finite(name, l.X); err != nil {
		return err
	}
	for i, c := range l.Labels {
		if c < 0 || c >= l.Classes {
			return fmt.Errorf("adapt: %s: label %d of row %d, want 0 to %d", name, c, i, l.Classes-1)
		}
	}
	var sum float64
	for i, w := range l.Weights {
		if !(w >= 0) || math.IsInf(w, 0) {
			return fmt.Errorf("adapt: %s: weight %v of row %d, want a finite number from 0", name, w, i)
		}
		sum += w
	}
	if l.Weights != nil && !(sum > 0) {
		return fmt.Errorf("adapt: %s: the weights of all %d rows are zero", name, n)
	}
	return nil
}

// Weighted drops rows of weight zero and brings the mean weight to 1.
func (l Labelled) Weighted() Labelled {
	if l.Weights == nil {
		return l
	}
	var kept []int
	var sum float64
	for i, w := range l.Weights {
		if w > 0 {
			kept, sum = append(kept, i), sum+w
		}
	}
	out := l
	if len(kept) < len(l.Weights) {
		out = l.Take(kept)
	}
	weights := make([]float64, len(kept))
	for k, i := range kept {
		weights[k] = l.Weights[i] * float64(len(kept)) / sum
	}
	out.Weights = weights
	return out
}

// Take copies the given rows with their labels and weights.
func (l Labelled) Take(indices []int) Labelled {
	out := Labelled{X: rows.Take(l.X, indices), Labels: make([]int, len(indices)), Classes: l.Classes}
	for k, i := range indices {
		out.Labels[k] = l.Labels[i]
		if l.Weights != nil {
			out.Weights = append(out.Weights, l.Weights[i])
		}
	}
	return out
}

// Finite says, naming the asker, where x is empty or has a value that is not finite.
func Finite(name string, x *mat.Dense) error {
	n, _ := x.Dims()
	if x.IsEmpty() {
		return fmt.Errorf("adapt: %s: no rows", name)
	}
	for i := range n {
		for j, v := range x.RawRowView(i) {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("adapt: %s: row %d, column %d is %v, want a finite number", name, i, j, v)
			}
		}
	}
	return nil
}

// Moved is the same rows with other features, x of as many rows.
func (l Labelled) Moved(x *mat.Dense) Labelled {
	l.X = x
	return l
}

// Counts are the rows of each class.
func Counts(labels []int, classes int) []int {
	out := make([]int, classes)
	for _, c := range labels {
		out[c]++
	}
	return out
}
