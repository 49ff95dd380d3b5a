package adapt

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/zscore"
)

// A fit is what every classifier remembers of its training set: the classes that were
// present and how columns are scaled. Its zero value is a classifier before Fit.
type fit struct {
	Name    string
	Classes int
	Present []int // classes with rows, ascending: the classifier knows them as 0, 1, ...
	Scale   *zscore.Scale
}

// A rows is a training set as the inside of a classifier sees it: scaled, with
// labels over the present classes and weights of mean 1 (nil: all 1). Rows of
// weight zero are gone.
type rows struct {
	x       *mat.Dense
	labels  []int
	weights []float64
}

// weight of row i.
func (r *rows) weight(i int) float64 {
	if r.weights == nil {
		return 1
	}
	return r.weights[i]
}

// newFit checks a training set and brings it into the form of rows. The matrix may
// be the caller's own.
func newFit(name string, train Labelled, scaling string) (f fit, r *rows, err error) {
	if err := train.check(name); err != nil {
		return fit{}, nil, err
	}
	train = train.weighted()
	f = fit{Name: name, Classes: train.Classes}
	counts := make([]int, train.Classes)
	for _, c := range train.Labels {
		counts[c]++
	}
	number := make([]int, len(counts))
	for c, k := range counts {
		if k > 0 {
			number[c] = len(f.Present)
			f.Present = append(f.Present, c)
		}
	}
	n, d := train.X.Dims()
	if len(f.Present) < 2 {
		return fit{}, nil, fmt.Errorf("adapt: %s: %d of %d classes present in %d rows, want at least 2", name, len(f.Present), train.Classes, n)
	}
	r = &rows{x: train.X, labels: make([]int, n), weights: train.Weights}
	for i, c := range train.Labels {
		r.labels[i] = number[c]
	}
	if scaling == "none" {
		f.Scale = zscore.Identity(d)
		return f, r, nil
	}
	f.Scale = zscore.Learn(r.x)
	if len(f.Scale.Columns) == 0 {
		return fit{}, nil, fmt.Errorf("adapt: %s: none of %d columns varies over %d rows", name, d, n)
	}
	r.x = f.Scale.Apply(r.x)
	return f, r, nil
}

// check says what a classifier could not learn from.
func (l Labelled) check(name string) error {
	n, _ := l.X.Dims()
	switch {
	case len(l.Labels) != n:
		return fmt.Errorf("adapt: %s: %d labels for %d rows", name, len(l.Labels), n)
	case l.Weights != nil && len(l.Weights) != n:
		return fmt.Errorf("adapt: %s: %d weights for %d rows", name, len(l.Weights), n)
	}
	if err := finite(name, l.X); err != nil {
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

// weighted drops rows of weight zero and brings the mean weight to 1.
func (l Labelled) weighted() Labelled {
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
		out = l.take(kept)
	}
	weights := make([]float64, len(kept))
	for k, i := range kept {
		weights[k] = l.Weights[i] * float64(len(kept)) / sum
	}
	out.Weights = weights
	return out
}

// take copies the given rows.
func (l Labelled) take(indices []int) Labelled {
	out := Labelled{X: takeRows(l.X, indices), Labels: make([]int, len(indices)), Classes: l.Classes}
	for k, i := range indices {
		out.Labels[k] = l.Labels[i]
		if l.Weights != nil {
			out.Weights = append(out.Weights, l.Weights[i])
		}
	}
	return out
}

func takeRows(x *mat.Dense, indices []int) *mat.Dense {
	_, d := x.Dims()
	out := mat.NewDense(len(indices), d, nil)
	for k, i := range indices {
		copy(out.RawRowView(k), x.RawRowView(i))
	}
	return out
}

// query checks and scales features to predict.
func (f *fit) query(x *mat.Dense) (*mat.Dense, error) {
	if f.Scale == nil {
		return nil, fmt.Errorf("adapt: probabilities asked for before a fit")
	}
	if _, d := x.Dims(); d != f.Scale.Width {
		return nil, fmt.Errorf("adapt: %s: %d columns, the fit saw %d", f.Name, d, f.Scale.Width)
	}
	if err := finite(f.Name, x); err != nil {
		return nil, err
	}
	return f.Scale.Apply(x), nil
}

// spread widens rows over the present classes to rows over all, absent ones zero.
func (f *fit) spread(p *mat.Dense) *mat.Dense {
	if len(f.Present) == f.Classes {
		return p
	}
	n, _ := p.Dims()
	out := mat.NewDense(n, f.Classes, nil)
	for i := range n {
		row := out.RawRowView(i)
		for k, v := range p.RawRowView(i) {
			row[f.Present[k]] = v
		}
	}
	return out
}

func finite(name string, x *mat.Dense) error {
	n, d := x.Dims()
	if n == 0 || d == 0 {
		return fmt.Errorf("adapt: %s: %d rows and %d columns, want at least one of each", name, n, d)
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
