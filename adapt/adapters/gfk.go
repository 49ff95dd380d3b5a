package adapters

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/dense"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/subspace"
)

// A geodesic holds explicit features of the geodesic flow kernel: with principal
// angle theta between a pair of directions a and b of the two subspaces, coordinates u = x a
// and v = x b of a row become (c u + r v, s v), whose inner products are x'G x'.
type geodesic struct {
	a, b    *mat.Dense // d x k
	c, r, s []float64
}

// newGeodesic takes orthonormal bases of the source's and the target's subspace.
func newGeodesic(source, target *mat.Dense) (*geodesic, error) {
	var svd mat.SVD
	if !svd.Factorize(dense.ProductT(source, target), mat.SVDThin) {
		return nil, fmt.Errorf("the principal angles of two subspaces: the decomposition did not converge")
	}
	var u, v mat.Dense
	svd.UTo(&u)
	svd.VTo(&v)
	cosines := svd.Values(nil)
	g := &geodesic{a: dense.Product(source, &u)}
	turned := dense.Product(target, &v)
	d, k := g.a.Dims()
	g.b = mat.NewDense(d, k, nil)
	for i, cosine := range cosines {
		theta := math.Acos(math.Min(1, cosine))
		l1, l2, l3 := 1.0, 0.0, 0.0
		if sine := math.Sin(theta); sine >= 1e-8 {
			for row := range d {
				g.b.Set(row, i, -(turned.At(row, i)-cosine*g.a.At(row, i))/sine)
			}
			l1 = (1 + math.Sin(2*theta)/(2*theta)) / 2
			l2 = (math.Cos(2*theta) - 1) / (4 * theta)
			l3 = (1 - math.Sin(2*theta)/(2*theta)) / 2
		}
		c := math.Sqrt(l1)
		g.c, g.r = append(g.c, c), append(g.r, l2/c)
		g.s = append(g.s, math.Sqrt(math.Max(0, l3-l2*l2/l1)))
	}
	return g, nil
}

// features returns the 2k explicit features of rows.
func (g *geodesic) features(x *mat.Dense) *mat.Dense {
	u, v := dense.Product(x, g.a), dense.Product(x, g.b)
	n, k := u.Dims()
	out := mat.NewDense(n, 2*k, nil)
	for i := range n {
		row, ui, vi := out.RawRowView(i), u.RawRowView(i), v.RawRowView(i)
		floats.MulTo(row[:k], g.c, ui)
		for j := range k {
			row[j] += g.r[j] * vi[j]
			row[k+j] = g.s[j] * vi[j]
		}
	}
	return out
}

// geodesicOf joins the principal subspaces of both domains.
func geodesicOf(t adapt.Task, dim int) (*geodesic, int, error) {
	source, err := subspace.Principal(t.Source.X, dim)
	if err != nil {
		return nil, 0, err
	}
	target, err := subspace.Principal(t.Target, dim)
	if err != nil {
		return nil, 0, err
	}
	k := min(source.Dim(), target.Dim())
	first := func(p *subspace.Plane) *mat.Dense {
		d, _ := p.Basis.Dims()
		return mat.DenseCopyOf(p.Basis.Slice(0, d, 0, k))
	}
	g, err := newGeodesic(first(source), first(target))
	return g, k, err
}

func gfk(t adapt.Task, s option.Values, _ adapt.Head) (*adapt.Adapted, error) {
	g, k, err := geodesicOf(t, s.Int("dim"))
	if err != nil {
		return nil, err
	}
	features := func(x *mat.Dense) (*mat.Dense, error) { return g.features(x), nil }
	return &adapt.Adapted{Source: t.Source.Moved(g.features(t.Source.X)), Target: g.features(t.Target), MapSource: features, Map: features,
		Warnings: reduced(k, s.Int("dim"))}, nil
}

func init() {
	adapt.Adapters.Add("gfk", adapt.AdapterInfo{
		Name:     "gfk",
		Doc:      "geodesic flow kernel between the domains' principal subspaces, as explicit features of twice the dimensions",
		Citation: "Gong et al., Geodesic flow kernel for unsupervised domain adaptation, 2012",
		Options:  []option.Option{dimension(20)},
		Grid:     dims(5, 10, 20, 30, 40),
		Adapt:    gfk,
	})
}
