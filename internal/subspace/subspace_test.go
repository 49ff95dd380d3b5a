package subspace

import (
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/dense"
	"github.com/venn-adapt/venn/internal/toy"
)

// Rows (2, 0), (-2, 0), (0, 1), (0, -1) around (5, 7) have variances 2 and 1/2 along the axes; two rows of three
// columns, (1, 1, 0) apart on either side, vary by 2 along (1, 1, 0)/sqrt(2).
func TestPrincipalByHand(t *testing.T) {
	x := mat.NewDense(4, 2, []float64{7, 7, 3, 7, 5, 8, 5, 6})
	p, err := Principal(x, 2)
	if err != nil {
		t.Fatal(err)
	}
	toy.Close(t, "mean", p.Mean, []float64{5, 7}, 1e-12)
	toy.Close(t, "values", p.Values, []float64{2, 0.5}, 1e-12)
	if !(math.Abs(math.Abs(p.Basis.At(0, 0))-1) <= 1e-12) || !(math.Abs(math.Abs(p.Basis.At(1, 1))-1) <= 1e-12) || p.Dim() != 2 {
		t.Errorf("basis %v", mat.Formatted(p.Basis))
	}
	z := p.Coordinates(mat.NewDense(1, 2, []float64{8, 11}))
	if !(math.Abs(math.Abs(z.At(0, 0))-3) <= 1e-12) || !(math.Abs(math.Abs(z.At(0, 1))-4) <= 1e-12) {
		t.Errorf("coordinates %v", mat.Formatted(z))
	}
	if p, err = Principal(x, 1); err != nil || p.Dim() != 1 {
		t.Errorf("one dimension: %v (%v)", p, err)
	}
	for small, want := range map[float64]int{1.5e-12: 2, 0.5e-12: 1} { // variances beside 1
		if p, err = Principal(mat.NewDense(4, 2, []float64{1, 0, -1, 0, 0, math.Sqrt(small), 0, -math.Sqrt(small)}), 2); err != nil || p.Dim() != want {
			t.Errorf("variance %v: %v (%v)", small, p, err)
		} else if _, k := p.Basis.Dims(); k != want {
			t.Errorf("variance %v: %d directions, want %d", small, k, want)
		}
	}
	for _, unit := range []float64{1e-6, 1e6} { // the rank has no unit
		var scaled mat.Dense
		scaled.Scale(unit, x)
		if p, err = Principal(&scaled, 2); err != nil || p.Dim() != 2 {
			t.Errorf("in units of %v: %v (%v)", unit, p, err)
		}
	}
	p, err = Principal(mat.NewDense(2, 3, []float64{2, 3, 3, 0, 1, 3}), 3)
	if err != nil || p.Dim() != 1 {
		t.Fatalf("wide: %v, %v", p, err)
	}
	if _, k := p.Basis.Dims(); k != 1 {
		t.Errorf("wide: %d directions, want 1", k)
	}
	toy.Close(t, "wide values", p.Values, []float64{2}, 1e-12)
	sign := math.Copysign(1, p.Basis.At(0, 0))
	toy.Close(t, "wide basis", mat.Col(nil, 0, p.Basis), []float64{sign / math.Sqrt2, sign / math.Sqrt2, 0}, 1e-12)
	if _, err := Principal(mat.NewDense(3, 2, []float64{4, 5, 4, 5, 4, 5}), 1); err == nil || err.Error() != "none of 2 columns varies over 3 rows" {
		t.Errorf("constant rows: %v", err)
	}
}

// Functions of a covariance plus a ridge that are matrix products: the square and the inverse, with more rows than
// columns, as many, and fewer.
func TestCovarianceFunctions(t *testing.T) {
	for _, size := range [][2]int{{9, 4}, {5, 4}, {4, 4}, {3, 4}, {2, 5}} {
		x := toy.Random(uint64(size[0]), size[0], size[1])
		n, d := x.Dims()
		c := mat.NewDense(d, d, nil)
		for a := range d {
			for b := range d {
				var ma, mb, sum float64
				for i := range n {
					ma, mb = ma+x.At(i, a)/float64(n), mb+x.At(i, b)/float64(n)
				}
				for i := range n {
					sum += (x.At(i, a) - ma) * (x.At(i, b) - mb)
				}
				c.Set(a, b, sum/float64(n-1))
			}
			c.Set(a, a, c.At(a, a)+0.7)
		}
		var square, one mat.Dense
		square.Mul(c, c)
		got, err := CovarianceFunction(x, 0.7, func(v float64) float64 { return v * v })
		if err != nil || !mat.EqualApprox(got, &square, 1e-9) {
			t.Errorf("%v: square\n%v\nwant\n%v (%v)", size, mat.Formatted(got), mat.Formatted(&square), err)
		}
		inverse, err := CovarianceFunction(x, 0.7, func(v float64) float64 { return 1 / v })
		if err != nil {
			t.Fatal(err)
		}
		one.Mul(inverse, c)
		if !mat.EqualApprox(&one, mat.NewDiagDense(d, toy.Ones(d)), 1e-9) {
			t.Errorf("%v: inverse times matrix is\n%v", size, mat.Formatted(&one))
		}
	}
	inverse := func(v float64) float64 { return 1 / v }
	for _, n := range []int{3, 4} {
		if _, err := CovarianceFunction(toy.Random(1, n, 4), 0, inverse); err == nil || err.Error() != fmt.Sprintf("a covariance of %d rows and 4 columns is not positive definite; raise the ridge", n) {
			t.Errorf("%d rows without a ridge: %v", n, err)
		}
	}
	for _, infinite := range []float64{math.Inf(1), math.Inf(-1), math.NaN()} {
		for _, n := range []int{3, 9} {
			if _, err := CovarianceFunction(toy.Random(1, n, 4), 1, func(float64) float64 { return infinite }); err == nil {
				t.Errorf("%d rows: a function of value %v", n, infinite)
			}
		}
	}
	if _, err := CovarianceFunction(mat.NewDense(2, 3, nil), 1, inverse); err == nil || err.Error() != "none of 3 columns varies over 2 rows" {
		t.Errorf("constant rows: %v", err)
	}
	if m, err := Function(mat.NewSymDense(3, []float64{1, math.NaN(), 2, 0, 1, 0, 0, 0, 1}), inverse); m != nil || err == nil || err.Error() != "an eigenproblem of 3 rows: the decomposition did not converge" {
		t.Errorf("not a number: %v, %v", m, err)
	}
	flat := mat.NewDense(3, 1, []float64{2, 2, 2})
	if _, err := CovarianceFunction(flat, 0, inverse); err == nil || err.Error() != "a matrix of 1 rows is not positive definite: eigenvalue 0; raise the ridge" {
		t.Errorf("flat: %v", err)
	}
}

func TestSpan(t *testing.T) {
	source, target, others := toy.Random(1, 12, 30), toy.Random(2, 9, 30), toy.Random(3, 4, 30)
	s := NewSpan(source, target)
	if d, r := s.basis.Dims(); d != 30 || r != 21 {
		t.Fatalf("basis %d x %d, want 30 x 21", d, r)
	}
	identity := mat.NewDiagDense(21, nil)
	for i := range 21 {
		identity.SetDiag(i, 1)
	}
	if !mat.EqualApprox(dense.ProductT(s.basis, s.basis), identity, 1e-13) {
		t.Error("the basis is not orthonormal")
	}
	for name, x := range map[string]*mat.Dense{"source": source, "target": target} {
		var back mat.Dense
		back.Mul(s.Into(x), s.basis.T())
		if !mat.EqualApprox(&back, x, 1e-12) {
			t.Errorf("rows of the %s are not in the span", name)
		}
	}
	// Twice on the span and as it is outside: x + (x U) U'.
	double := mat.NewDense(21, 21, nil)
	for i := range 21 {
		double.Set(i, i, 2)
	}
	var want mat.Dense
	want.Mul(s.Into(others), s.basis.T())
	want.Add(&want, others)
	if got := s.Mapping(double)(others); !mat.EqualApprox(got, &want, 1e-12) {
		t.Error("a mapping moves what is outside the span")
	}
	if a := mat.NewDense(21, 2, nil); true {
		a.Set(3, 1, 1)
		if got := s.Columns(a); got.At(7, 1) != s.basis.At(7, 3) || got.At(7, 0) != 0 {
			t.Error("columns of a matrix on coordinates")
		}
	}
	// Equal rows and rows of zeros leave the basis orthonormal.
	flat := mat.NewDense(6, 30, nil)
	flat.Set(0, 1, 1)
	flat.Set(1, 1, 1)
	if b := NewSpan(flat).basis; !mat.EqualApprox(dense.ProductT(b, b), mat.DenseCopyOf(mat.DenseCopyOf(identity).Slice(0, 6, 0, 6)), 1e-13) {
		t.Error("the basis of few directions is not orthonormal")
	}
	if NewSpan(mat.NewDense(30, 30, nil)).basis != nil || NewSpan(mat.NewDense(10, 30, nil), mat.NewDense(20, 30, nil)).basis != nil || NewSpan(mat.NewDense(29, 30, nil)).basis == nil {
		t.Error("the span is taken where there are more columns than rows, and only there")
	}
}
