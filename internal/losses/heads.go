package losses

import (
	"fmt"
	"math"
	"slices"
)

// Apart is the mean over rows and classes of |p − q|, the softmaxes of rows of two matrices of
// logits: how far two classifiers disagree. Range [0, 2/K]. A difference of 0 has no slope.
//
// K. Saito et al., Maximum classifier discrepancy for unsupervised domain adaptation, CVPR 2018.
type Apart struct{ Rows Rows }

func (Apart) Inputs() (all, trained int)    { return 2, 2 }
func (a Apart) Check(shapes ...[]int) error { return checkChoice(a.Rows, shapes) }

func (a Apart) Value(x ...Matrix) float64 {
	p, q, total := softmax(a.Rows.of(x[0]), 1), softmax(a.Rows.of(x[1]), 1), 0.0
	for i, v := range p.Data {
		total += math.Abs(v - q.Data[i])
	}
	return total / float64(len(p.Data))
}

func (a Apart) Grad(i int, dx Matrix, size float64, x ...Matrix) {
	clear(dx.Data)
	p, q, to := softmax(a.Rows.of(x[i]), 1), softmax(a.Rows.of(x[1-i]), 1), a.Rows.of(dx)
	d := make([]float64, p.Cols)
	for r := range p.Rows {
		for k, v := range row(p, r) {
			switch other, share := row(q, r)[k], size/float64(len(p.Data)); {
			case v > other:
				d[k] = share
			case v < other:
				d[k] = -share
			default:
				d[k] = 0
			}
		}
		softmaxGrad(row(to, r), d, row(p, r), 1)
	}
}

// Sliced is the sliced squared 2-Wasserstein distance of the softmaxes of rows of two matrices
// of logits: both are projected onto the columns of the third matrix (K x M, constants), each
// projection sorted over the rows; the mean over rows and columns of the squared differences.
// It is 0 where one is the other in another order of rows. O(M·n log n) time.
//
// C.-Y. Lee et al., Sliced Wasserstein discrepancy for unsupervised domain adaptation, CVPR 2019.
type Sliced struct{ Rows Rows }

func (Sliced) Inputs() (all, trained int) { return 3, 2 }

func (s Sliced) Check(shapes ...[]int) error {
	if err := checkChoice(s.Rows, shapes[:2]); err != nil {
		return err
	}
	if shapes[2][0] != shapes[0][1] {
		return fmt.Errorf("directions of %d classes for logits of %d", shapes[2][0], shapes[0][1])
	}
	return nil
}

// A slice is one direction: the projections of either side, and their rows in rising order.
type slice struct {
	values [2][]float64
	order  [2][]int
}

// slices projects the softmaxes of both sides.
func (s Sliced) slices(p [2]Matrix, directions Matrix) []slice {
	out := make([]slice, directions.Cols)
	for m := range out {
		for side, of := range p {
			v, order := make([]float64, of.Rows), make([]int, of.Rows)
			for i := range v {
				order[i] = i
				for k, share := range row(of, i) {
					v[i] += share * row(directions, k)[m]
				}
			}
			slices.SortStableFunc(order, func(a, b int) int {
				switch {
				case v[a] < v[b]:
					return -1
				case v[a] > v[b]:
					return 1
				}
				return 0
			})
			out[m].values[side], out[m].order[side] = v, order
		}
	}
	return out
}

func (s Sliced) Value(x ...Matrix) float64 {
	p := [2]Matrix{softmax(s.Rows.of(x[0]), 1), softmax(s.Rows.of(x[1]), 1)}
	total := 0.0
	for _, c := range s.slices(p, x[2]) {
		for i := range c.order[0] {
			d := c.values[0][c.order[0][i]] - c.values[1][c.order[1][i]]
			total += d * d
		}
	}
	return total / float64(p[0].Rows*x[2].Cols)
}

func (s Sliced) Grad(by int, dx Matrix, size float64, x ...Matrix) {
	clear(dx.Data)
	p, to := [2]Matrix{softmax(s.Rows.of(x[0]), 1), softmax(s.Rows.of(x[1]), 1)}, s.Rows.of(dx)
	d := make([]float64, len(p[by].Data)) // by the probabilities
	share := 2 * size / float64(p[0].Rows*x[2].Cols)
	for m, c := range s.slices(p, x[2]) {
		for i := range c.order[by] {
			own := c.order[by][i]
			slope := share * (c.values[by][own] - c.values[1-by][c.order[1-by][i]])
			for k := range p[by].Cols {
				d[own*p[by].Cols+k] += slope * row(x[2], k)[m]
			}
		}
	}
	for i := range p[by].Rows {
		softmaxGrad(row(to, i), d[i*p[by].Cols:(i+1)*p[by].Cols], row(p[by], i), 1)
	}
}
