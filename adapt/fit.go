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
	name    string
	classes int
	present []int // classes with rows, ascending: the classifier knows them as 0, 1, ...
	scale   *zscore.Scale
}

// newFit checks a training set, and returns it scaled, with labels renumbered over the
// present classes.
func newFit(name string, x *mat.Dense, y []int, classes int, scaling string) (f fit, z *mat.Dense, labels []int, err error) {
	n, d := x.Dims()
	if len(y) != n {
		return fit{}, nil, nil, fmt.Errorf("adapt: %s: %d labels for %d rows", name, len(y), n)
	}
	if err := finite(name, x); err != nil {
		return fit{}, nil, nil, err
	}
	counts := make([]int, max(classes, 0))
	for i, c := range y {
		if c < 0 || c >= classes {
			return fit{}, nil, nil, fmt.Errorf("adapt: %s: label %d of row %d, want 0 to %d", name, c, i, classes-1)
		}
		counts[c]++
	}
	f = fit{name: name, classes: classes}
	number := make([]int, len(counts))
	for c, k := range counts {
		if k > 0 {
			number[c] = len(f.present)
			f.present = append(f.present, c)
		}
	}
	if len(f.present) < 2 {
		return fit{}, nil, nil, fmt.Errorf("adapt: %s: %d of %d classes present in %d rows, want at least 2", name, len(f.present), classes, n)
	}
	labels = make([]int, n)
	for i, c := range y {
		labels[i] = number[c]
	}
	if scaling == "none" {
		f.scale = zscore.Identity(d)
		return f, x, labels, nil
	}
	f.scale = zscore.Learn(x)
	if len(f.scale.Columns) == 0 {
		return fit{}, nil, nil, fmt.Errorf("adapt: %s: none of %d columns varies over %d rows", name, d, n)
	}
	return f, f.scale.Apply(x), labels, nil
}

// query checks and scales features to predict.
func (f *fit) query(x *mat.Dense) (*mat.Dense, error) {
	if f.scale == nil {
		return nil, fmt.Errorf("adapt: probabilities asked for before a fit")
	}
	if _, d := x.Dims(); d != f.scale.Width {
		return nil, fmt.Errorf("adapt: %s: %d columns, the fit saw %d", f.name, d, f.scale.Width)
	}
	if err := finite(f.name, x); err != nil {
		return nil, err
	}
	return f.scale.Apply(x), nil
}

// spread widens rows over the present classes to rows over all, absent ones zero.
func (f *fit) spread(p *mat.Dense) *mat.Dense {
	if len(f.present) == f.classes {
		return p
	}
	n, _ := p.Dims()
	out := mat.NewDense(n, f.classes, nil)
	for i := range n {
		row := out.RawRowView(i)
		for k, v := range p.RawRowView(i) {
			row[f.present[k]] = v
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
