// Package subspace finds the linear subspaces in which rows lie and vary: principal directions,
// the span of wide rows, functions of covariances.
package subspace

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/dense"
	"github.com/venn-adapt/venn/internal/eigen"
)

// A Plane is a mean with the leading principal directions around it.
type Plane struct {
	Mean   []float64
	Basis  *mat.Dense // d x k, orthonormal columns
	Values []float64  // variances along them, dividing by n
}

// rankTolerance is the share of the largest variance below which a principal
// direction is rounding.
const rankTolerance = 1e-12

// Principal finds the k leading principal directions of the rows of x (n x d), or as many as
// have variance. It works in the smaller of rows and columns and fails when no column
// varies.
func Principal(x *mat.Dense, k int) (*Plane, error) {
	n, d := x.Dims()
	p := &Plane{Mean: dense.ColumnMeans(x)}
	centred := dense.LessRow(x, p.Mean)
	columns := d <= n
	g := dense.Gram(centred, columns)
	g.ScaleSym(1/float64(n), g)
	values, vectors, err := eigen.Top(min(n, d), min(k, n, d), eigen.Symmetric(g))
	if err != nil {
		return nil, err
	}
	rank := 0
	for rank < len(values) && values[rank] > rankTolerance*values[0] && values[rank] > 0 {
		rank++
	}
	if rank == 0 {
		return nil, fmt.Errorf("none of %d columns varies over %d rows", d, n)
	}
	p.Values = values[:rank]
	rows, _ := vectors.Dims()
	vectors = mat.DenseCopyOf(vectors.Slice(0, rows, 0, rank))
	if columns {
		p.Basis = vectors
		return p, nil
	}
	p.Basis = dense.ProductT(centred, vectors)
	for j, v := range p.Values {
		scale := 1 / math.Sqrt(v*float64(n))
		for i := range d {
			p.Basis.Set(i, j, p.Basis.At(i, j)*scale)
		}
	}
	return p, nil
}

// coordinates of rows in the plane.
func (p *Plane) Coordinates(x *mat.Dense) *mat.Dense {
	return dense.Product(dense.LessRow(x, p.Mean), p.Basis)
}

func (p *Plane) Dim() int { return len(p.Values) }
