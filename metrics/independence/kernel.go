package independence

import (
	"fmt"
	"math"
	"sync"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/internal/pairwise"
)

// A Kernel says how the similarity of two rows comes from their Euclidean distance d.
type Kernel int

// The kernels; s is the width. Each is used less its value at d = 0: that constant
// changes no measure here and keeps the digits of a wide kernel.
const (
	Gaussian            Kernel = iota // exp(-d^2 / (2 s^2))
	Laplace                           // exp(-d / s), d Euclidean (scikit-learn's takes the L1 norm)
	InverseMultiquadric               // (1 + d^2/s^2)^(-1/2), heavy tail
	Linear                            // -d^2/2, which is x.y after centring: sees only linear dependence
	Delta                             // 1 where the rows are equal: for labels
	Distance                          // d^exponent: distance covariance
)

// wants says whether the kernel has a width.
func (k Kernel) wantsWidth() bool { return k <= InverseMultiquadric }

// Widths are those of the kernels, in the unit of the features; 0 takes the median of
// the distances of that block.
type Widths struct{ X, Y float64 }

func (w Widths) check(name string) error {
	if !(w.X >= 0 && w.Y >= 0) || math.IsInf(w.X+w.Y, 1) {
		return fmt.Errorf("metrics: %s: kernel widths %v and %v, want numbers above 0, or 0 for the median", name, w.X, w.Y)
	}
	return nil
}

// A gram is the symmetric matrix of a block's kernel, with zero diagonal, computed by
// tiles where it is not kept.
type gram struct {
	points   *pairwise.Points
	kernel   Kernel
	width    float64
	exponent float64
	matrix   []float64 // nil unless kept
}

// newGram finds the width; nil where no two rows differ.
func newGram(x *mat.Dense, k Kernel, width, exponent float64, seed uint64) *gram {
	if k.wantsWidth() && width == 0 {
		if width = pairwise.Median(x, seed); width == 0 {
			return nil
		}
	}
	if exponent == 0 {
		exponent = 1
	}
	return &gram{points: pairwise.NewPoints(x), kernel: k, width: width, exponent: exponent}
}

func (g *gram) rows() int { return g.points.Rows() }

// keep computes the whole matrix.
func (g *gram) keep() {
	if g.matrix == nil {
		g.matrix = g.points.Matrix(g.apply)
	}
}

// tile writes rows i0..i1, columns j0..j1.
func (g *gram) tile(dst []float64, i0, i1, j0, j1 int) {
	if g.matrix == nil {
		g.points.Squared(dst, i0, i1, j0, j1)
		g.apply(dst[:(i1-i0)*(j1-j0)])
		return
	}
	n, cols := g.rows(), j1-j0
	for i := i0; i < i1; i++ {
		copy(dst[(i-i0)*cols:(i-i0+1)*cols], g.matrix[i*n+j0:i*n+j1])
	}
}

// apply turns squared distances into kernel values.
func (g *gram) apply(d2 []float64) {
	switch g.kernel {
	case Gaussian:
		kernels.Expm1(d2, -1/(2*g.width*g.width))
	case Laplace:
		for i, v := range d2 {
			d2[i] = math.Sqrt(v)
		}
		kernels.Expm1(d2, -1/g.width)
	case InverseMultiquadric:
		scale := 1 / (g.width * g.width)
		for i, v := range d2 {
			d2[i] = 1/math.Sqrt(1+scale*v) - 1
		}
	case Linear:
		for i, v := range d2 {
			d2[i] = -v / 2
		}
	case Delta:
		for i, v := range d2 {
			if v > 0 {
				d2[i] = -1
			}
		}
	case Distance:
		if g.exponent == 1 {
			for i, v := range d2 {
				d2[i] = math.Sqrt(v)
			}
			return
		}
		for i, v := range d2 {
			d2[i] = math.Pow(v, g.exponent/2)
		}
	}
}

// tiles lends buffers of one tile.
var tiles = sync.Pool{New: func() any { return new([pairwise.Tile * pairwise.Tile]float64) }}
