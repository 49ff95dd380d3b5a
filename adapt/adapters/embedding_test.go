package adapters

import (
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/dense"
	"github.com/venn-adapt/venn/internal/pairwise"
	"github.com/venn-adapt/venn/internal/subspace"
	"github.com/venn-adapt/venn/internal/toy"
)

// The factor's product is the discrepancy matrix over its norm, entry by entry from its definition.
func TestMeanDiscrepancyMatrix(t *testing.T) {
	labels := []int{0, 0, 1, 2, 0}    // class 3 is absent from the source,
	pseudo := []int{1, 0, 1, 3, 3, 1} // 2 from the target
	for _, w := range []meanDiscrepancy{{1, 0, false}, {1, 1, false}, {0, 1, false}, {0.4, 2.5, true}, {0, 0, false}, {3, 1, true}} {
		for _, given := range [][]int{nil, pseudo} {
			want := mat.NewDense(11, 11, nil)
			add := func(weight float64, e func(i int) float64) {
				for i := range 11 {
					for j := range 11 {
						want.Set(i, j, want.At(i, j)+weight*e(i)*e(j))
					}
				}
			}
			marginal := w.marginal
			if given == nil && marginal == 0 {
				marginal = 1 // alone it counts whatever its weight
			}
			add(marginal, func(i int) float64 {
				if i < 5 {
					return 1. / 5
				}
				return -1. / 6
			})
			if given != nil {
				for c, size := range map[int][2]float64{0: {3, 1}, 1: {1, 3}} {
					ratio := 1.0
					if w.weighted {
						ratio = size[1] / 6 / (size[0] / 5)
					}
					add(w.conditional, func(i int) float64 {
						switch {
						case i < 5 && labels[i] == c:
							return 1 / size[0]
						case i >= 5 && pseudo[i-5] == c:
							return -ratio / size[1]
						}
						return 0
					})
				}
			}
			if norm := mat.Norm(want, 2); norm > 0 {
				want.Scale(1/norm, want)
			}
			f := w.factor(labels, 6, given, 4)
			if got := dense.Product(f, mat.DenseCopyOf(f.T())); !mat.EqualApprox(got, want, 1e-12) {
				t.Errorf("%+v, pseudo-labels %v:\n%v\nwant\n%v", w, given, mat.Formatted(got), mat.Formatted(want))
			}
		}
	}
}

// Squared distances, kernels and the width by the median, pair by pair.
func TestKernels(t *testing.T) {
	q, x := toy.Random(1, 20, 3), toy.Random(2, 5, 3)
	d, k := pairwise.Between(q, x), pairwise.Gaussian(q, x, 0.3)
	for i := range 20 {
		for j := range 5 {
			want := squaredDistance(q.RawRowView(i), x.RawRowView(j))
			if !(math.Abs(d.At(i, j)-want) <= 1e-12) || !(math.Abs(k.At(i, j)-math.Exp(-0.3*want)) <= 1e-12) {
				t.Errorf("%d, %d: %v and %v, want %v", i, j, d.At(i, j), k.At(i, j), want)
			}
		}
	}
	if far := pairwise.Between(toy.Column(1e8, 1e8+1), toy.Column(1e8)); far.At(0, 0) != 0 || far.At(1, 0) != 1 {
		t.Errorf("far from the origin: %v", mat.Formatted(far))
	}
	// Distances 1, 2, 3: the median is 2.
	if got := medianGamma(toy.Column(0, 1, 3), 1); !(math.Abs(got-1./8) <= 1e-15) {
		t.Errorf("gamma %v, want 1/8", got)
	}
	if got := medianGamma(toy.Column(4, 4, 4), 1); got != 1 {
		t.Errorf("equal rows: %v", got)
	}
	// Coefficients of K = XX' through F = X (X'X)^(1/2): FF' = (XX')^2.
	l, err := newLift(q, "linear", 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	var gram, square mat.Dense
	gram.Mul(q, q.T())
	square.Mul(&gram, &gram)
	if got := dense.Product(l.features, mat.DenseCopyOf(l.features.T())); !mat.EqualApprox(got, &square, 1e-8) {
		t.Error("the linear lift's products are not those of the kernel")
	}
	var small mat.Dense // columns of eigenvalues below 1, and the last one twice, which has the eigenvalue 0
	small.Scale(0.01, q)
	small.SetCol(2, mat.Col(nil, 1, &small))
	gram.Mul(&small, small.T())
	square.Mul(&gram, &gram)
	if s, err := newLift(&small, "linear", 0, 0); err != nil || !mat.EqualApprox(dense.Product(s.features, mat.DenseCopyOf(s.features.T())), &square, 1e-9*mat.Max(&square)) {
		t.Errorf("the linear lift of small columns (%v)", err)
	}
	if !mat.EqualApprox(l.apply(q), l.features, 1e-12) {
		t.Error("applied to its own rows the lift is another")
	}
	wide := toy.Random(3, 3, 3)
	var own mat.Dense
	own.Mul(wide, wide.T())
	if l, err = newLift(wide, "linear", 0, 0); err != nil || !mat.EqualApprox(l.features, &own, 1e-12) || !mat.EqualApprox(l.apply(wide), &own, 1e-12) {
		t.Errorf("as many rows as columns: the kernel itself (%v)", err)
	}
	if l, err = newLift(q, "rbf", 0, 7); err != nil || !mat.EqualApprox(l.apply(x), mat.DenseCopyOf(pairwise.Gaussian(x, q, medianGamma(q, 7))), 1e-12) {
		t.Errorf("rbf by the median: %v", err)
	}
	if l, err = newLift(q, "rbf", 0.2, 7); err != nil || !mat.EqualApprox(l.features, pairwise.Gaussian(q, q, 0.2), 1e-12) {
		t.Errorf("rbf: %v", err)
	}
	if l, err = newLift(q, "primal", 0, 7); err != nil || l.features != q || l.apply(x) != x {
		t.Errorf("primal: %v", err)
	}
}

// The embedding solves B w = theta A w with w'Aw = 1, largest theta first: checked by the matrices themselves.
func TestEmbeddingSolvesItsProblem(t *testing.T) {
	x := toy.Random(4, 15, 4)
	factor := meanDiscrepancy{1, 1, false}.factor([]int{0, 1, 0, 1, 1, 0}, 9, []int{1, 1, 0, 0, 1, 0, 1, 1, 1}, 2)
	centred := dense.LessRow(x, dense.ColumnMeans(x))
	var b mat.Dense
	b.Mul(centred.T(), centred)
	for _, lambda := range []float64{0.01, 1, 30} {
		for _, scale := range [][]float64{nil, {1, 4, 0.5, 2}} {
			ridge := toy.Ones(4)
			if scale != nil {
				ridge = scale
			}
			a := mat.NewDense(4, 4, nil)
			g := dense.ProductT(x, factor)
			a.Mul(g, g.T())
			for j := range 4 {
				a.Set(j, j, a.At(j, j)+lambda*ridge[j])
			}
			w, err := newEmbedding(x).top(factor, lambda, scale, 9)
			if err != nil {
				t.Fatal(err)
			}
			name := fmt.Sprint(lambda, scale)
			var aw, bw, inner, spread mat.Dense
			aw.Mul(a, w)
			bw.Mul(&b, w)
			inner.Mul(w.T(), &aw)
			spread.Mul(w.T(), &bw)
			if !mat.EqualApprox(&inner, mat.NewDiagDense(4, toy.Ones(4)), 1e-8) {
				t.Errorf("%s: W'AW is\n%v", name, mat.Formatted(&inner))
			}
			for j := range 4 {
				theta := spread.At(j, j)
				if j > 0 && theta > spread.At(j-1, j-1)+1e-9 {
					t.Errorf("%s: %v comes after %v", name, theta, spread.At(j-1, j-1))
				}
				for i := range 4 {
					if !(math.Abs(bw.At(i, j)-theta*aw.At(i, j)) <= 1e-6*spread.At(0, 0)) {
						t.Errorf("%s: column %d does not solve B w = theta A w: %v, want %v", name, j, bw.At(i, j), theta*aw.At(i, j))
					}
				}
			}
		}
	}
}

// Without discrepancy the projection is that of the principal directions, of length 1/sqrt(lambda).
func TestEmbeddingWithoutDiscrepancy(t *testing.T) {
	x := toy.Random(4, 15, 3)
	w, err := newEmbedding(x).top(mat.NewDense(15, 1, nil), 4, nil, 2)
	if err != nil {
		t.Fatal(err)
	}
	p, err := subspace.Principal(x, 2)
	if err != nil {
		t.Fatal(err)
	}
	for j := range 2 {
		sign := math.Copysign(0.5, w.At(0, j)*p.Basis.At(0, j))
		for i := range 3 {
			toy.Close(t, "direction", []float64{w.At(i, j)}, []float64{sign * p.Basis.At(i, j)}, 1e-6)
		}
	}
}
