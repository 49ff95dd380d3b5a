package adapt

import (
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/dense"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/stream"
)

func random(seed uint64, n, d int) *mat.Dense {
	r := stream.New(seed, "random")
	x := mat.NewDense(n, d, nil)
	for i := range n {
		for j := range d {
			x.Set(i, j, r.NormFloat64()*(1+float64(j)/2)+float64(j))
		}
	}
	return x
}

// Rows (2, 0), (-2, 0), (0, 1), (0, -1) around (5, 7) have variances 2 and 1/2 along the axes; two rows of three
// columns, (1, 1, 0) apart on either side, vary by 2 along (1, 1, 0)/sqrt(2).
func TestPrincipalByHand(t *testing.T) {
	x := mat.NewDense(4, 2, []float64{7, 7, 3, 7, 5, 8, 5, 6})
	p, err := principal(x, 2)
	if err != nil {
		t.Fatal(err)
	}
	closeTo(t, "mean", p.mean, []float64{5, 7}, 1e-12)
	closeTo(t, "values", p.values, []float64{2, 0.5}, 1e-12)
	if !(math.Abs(math.Abs(p.basis.At(0, 0))-1) <= 1e-12) || !(math.Abs(math.Abs(p.basis.At(1, 1))-1) <= 1e-12) || p.dim() != 2 {
		t.Errorf("basis %v", mat.Formatted(p.basis))
	}
	z := p.coordinates(mat.NewDense(1, 2, []float64{8, 11}))
	if !(math.Abs(math.Abs(z.At(0, 0))-3) <= 1e-12) || !(math.Abs(math.Abs(z.At(0, 1))-4) <= 1e-12) {
		t.Errorf("coordinates %v", mat.Formatted(z))
	}
	if p, err = principal(x, 1); err != nil || p.dim() != 1 {
		t.Errorf("one dimension: %v (%v)", p, err)
	}
	for small, want := range map[float64]int{1.5e-12: 2, 0.5e-12: 1} { // variances beside 1
		if p, err = principal(mat.NewDense(4, 2, []float64{1, 0, -1, 0, 0, math.Sqrt(small), 0, -math.Sqrt(small)}), 2); err != nil || p.dim() != want {
			t.Errorf("variance %v: %v (%v)", small, p, err)
		}
	}
	for _, unit := range []float64{1e-6, 1e6} { // the rank has no unit
		var scaled mat.Dense
		scaled.Scale(unit, x)
		if p, err = principal(&scaled, 2); err != nil || p.dim() != 2 {
			t.Errorf("in units of %v: %v (%v)", unit, p, err)
		}
	}
	p, err = principal(mat.NewDense(2, 3, []float64{2, 3, 3, 0, 1, 3}), 3)
	if err != nil || p.dim() != 1 {
		t.Fatalf("wide: %v, %v", p, err)
	}
	closeTo(t, "wide values", p.values, []float64{2}, 1e-12)
	sign := math.Copysign(1, p.basis.At(0, 0))
	closeTo(t, "wide basis", mat.Col(nil, 0, p.basis), []float64{sign / math.Sqrt2, sign / math.Sqrt2, 0}, 1e-12)
	if _, err := principal(mat.NewDense(3, 2, []float64{4, 5, 4, 5, 4, 5}), 1); err == nil || err.Error() != "none of 2 columns varies over 3 rows" {
		t.Errorf("constant rows: %v", err)
	}
}

// Functions of a covariance plus a ridge that are matrix products: the square and the inverse, with more rows than
// columns, as many, and fewer.
func TestCovarianceFunctions(t *testing.T) {
	for _, size := range [][2]int{{9, 4}, {5, 4}, {4, 4}, {3, 4}, {2, 5}} {
		x := random(uint64(size[0]), size[0], size[1])
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
		got, err := covarianceFunction(x, 0.7, func(v float64) float64 { return v * v })
		if err != nil || !mat.EqualApprox(got, &square, 1e-9) {
			t.Errorf("%v: square\n%v\nwant\n%v (%v)", size, mat.Formatted(got), mat.Formatted(&square), err)
		}
		inverse, err := covarianceFunction(x, 0.7, func(v float64) float64 { return 1 / v })
		if err != nil {
			t.Fatal(err)
		}
		one.Mul(inverse, c)
		if !mat.EqualApprox(&one, mat.NewDiagDense(d, ones(d)), 1e-9) {
			t.Errorf("%v: inverse times matrix is\n%v", size, mat.Formatted(&one))
		}
	}
	inverse := func(v float64) float64 { return 1 / v }
	for _, n := range []int{3, 4} {
		if _, err := covarianceFunction(random(1, n, 4), 0, inverse); err == nil || err.Error() != fmt.Sprintf("a covariance of %d rows and 4 columns is not positive definite; raise the ridge", n) {
			t.Errorf("%d rows without a ridge: %v", n, err)
		}
	}
	for _, infinite := range []float64{math.Inf(1), math.Inf(-1), math.NaN()} {
		for _, n := range []int{3, 9} {
			if _, err := covarianceFunction(random(1, n, 4), 1, func(float64) float64 { return infinite }); err == nil {
				t.Errorf("%d rows: a function of value %v", n, infinite)
			}
		}
	}
	if _, err := covarianceFunction(mat.NewDense(2, 3, nil), 1, inverse); err == nil || err.Error() != "none of 3 columns varies over 2 rows" {
		t.Errorf("constant rows: %v", err)
	}
	flat := mat.NewDense(3, 1, []float64{2, 2, 2})
	if _, err := covarianceFunction(flat, 0, inverse); err == nil || err.Error() != "a matrix of 1 rows is not positive definite: eigenvalue 0; raise the ridge" {
		t.Errorf("flat: %v", err)
	}
}

func ones(n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = 1
	}
	return out
}

// One column: CORAL scales by the ratio of standard deviations, the linear map too and moves the mean with it.
func TestMapsOfOneColumn(t *testing.T) {
	task := Task{Source: Labelled{X: column(1, 3, 5), Labels: []int{0, 1, 1}, Classes: 2}, Target: column(10, 11, 18, 21)}
	scale := math.Sqrt((28.666666666666668 + 0.5) / (4 + 0.5)) // variances 4 and 86/3
	closeTo(t, "coral", mustAdapt(t, "coral", task, option.Values{"lambda": 0.5}).Source.X.RawMatrix().Data, []float64{scale, 3 * scale, 5 * scale}, 1e-12)
	a := mustAdapt(t, "linear-ot", task, option.Values{"lambda": 0.5})
	closeTo(t, "linear-ot", a.Source.X.RawMatrix().Data, []float64{15 - 2*scale, 15, 15 + 2*scale}, 1e-12)
	z, err := a.MapSource(column(4))
	if err != nil || !(math.Abs(z.At(0, 0)-15-scale) <= 1e-12) {
		t.Errorf("mapped %v (%v)", z, err)
	}
	a = mustAdapt(t, "linear-ot", task, option.Values{"lambda": 0.5, "bias": false})
	closeTo(t, "without bias", a.Source.X.RawMatrix().Data, []float64{scale, 3 * scale, 5 * scale}, 1e-12)
	tight := Task{Source: Labelled{X: column(0, 0.2, 0.1), Labels: []int{0, 1, 1}, Classes: 2}, Target: column(5, 5.4)} // variances 0.01 and 0.08
	closeTo(t, "tight coral", mustAdapt(t, "coral", tight, option.Values{"lambda": 0.02}).Source.X.RawMatrix().Data, []float64{0, 0.2 * math.Sqrt(0.1/0.03), 0.1 * math.Sqrt(0.1/0.03)}, 1e-12)
	closeTo(t, "tight linear-ot", mustAdapt(t, "linear-ot", tight, option.Values{"lambda": 0.02}).Source.X.RawMatrix().Data, []float64{5.2 - 0.1*math.Sqrt(0.1/0.03), 5.2 + 0.1*math.Sqrt(0.1/0.03), 5.2}, 1e-12)
	wide := Task{Source: Labelled{X: random(1, 3, 5), Labels: []int{0, 1, 1}, Classes: 2}, Target: random(2, 3, 5)}
	for _, name := range []string{"coral", "linear-ot"} {
		if _, err := adaptBy(t, name, wide, option.Values{"lambda": 0.0}); err == nil || err.Error() != "a covariance of 3 rows and 5 columns is not positive definite; raise the ridge" {
			t.Errorf("%s without a ridge: %v", name, err)
		}
	}
}

// A domain without variance is told by every method that takes subspaces of either.
func TestSubspacesWithoutVariance(t *testing.T) {
	flat, x := mat.NewDense(3, 2, []float64{4, 5, 4, 5, 4, 5}), random(1, 3, 2)
	for _, name := range []string{"subspace-alignment", "gfk", "meda"} {
		for _, task := range []Task{{Source: Labelled{X: flat, Labels: []int{0, 1, 1}, Classes: 2}, Target: x}, {Source: Labelled{X: x, Labels: []int{0, 1, 1}, Classes: 2}, Target: flat}} {
			if _, err := adaptBy(t, name, task, nil); err == nil || err.Error() != "none of 2 columns varies over 3 rows" {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	both := Task{Source: Labelled{X: flat, Labels: []int{0, 1, 1}, Classes: 2}, Target: flat}
	for _, name := range []string{"pca", "density-weights"} {
		if _, err := adaptBy(t, name, both, nil); err == nil || err.Error() != "none of 2 columns varies over 6 rows" {
			t.Errorf("%s: %v", name, err)
		}
	}
	// The smaller of two ranks counts, and is said.
	task := Task{Source: Labelled{X: random(3, 6, 3), Labels: []int{0, 1, 1, 0, 1, 0}, Classes: 2}, Target: mat.NewDense(3, 3, []float64{1, 2, 3, 2, 4, 6, 5, 10, 15})}
	for _, name := range []string{"subspace-alignment", "gfk"} {
		if a := mustAdapt(t, name, task, option.Values{"dim": 2}); fmt.Sprint(a.Warnings) != "[1 dimensions: the data has no more of the 2 asked for]" {
			t.Errorf("%s: %q", name, a.Warnings)
		}
	}
	task = Task{Source: Labelled{X: task.Target, Labels: []int{0, 1, 1}, Classes: 2}, Target: task.Source.X} // and the other way round
	for _, name := range []string{"subspace-alignment", "gfk"} {
		a := mustAdapt(t, name, task, option.Values{"dim": 2})
		if fmt.Sprint(a.Warnings) != "[1 dimensions: the data has no more of the 2 asked for]" {
			t.Errorf("%s: %q", name, a.Warnings)
		}
	}
	if got := reduced(2, 2); got != nil {
		t.Errorf("as asked: %q", got)
	}
}

// The geodesic flow kernel of two lines in the plane at an angle a: the integral of the projections on the way,
// G = int_0^1 u(s)u(s)' ds with u(s) at angle s a, in closed form by quadrature.
func TestGeodesicOfTwoLines(t *testing.T) {
	for _, angle := range []float64{0, 1e-9, 0.3, 1, math.Pi / 2} {
		g, err := newGeodesic(mat.NewDense(2, 1, []float64{1, 0}), mat.NewDense(2, 1, []float64{math.Cos(angle), math.Sin(angle)}))
		if err != nil {
			t.Fatal(err)
		}
		want := mat.NewDense(2, 2, nil)
		const steps = 2000
		for k := range steps {
			a := angle * (float64(k) + 0.5) / steps
			c, s := math.Cos(a), math.Sin(a)
			want.Add(want, mat.NewDense(2, 2, []float64{c * c / steps, c * s / steps, c * s / steps, s * s / steps}))
		}
		f := g.features(mat.NewDense(2, 2, []float64{1, 0, 0, 1}))
		if got := dense.Product(f, mat.DenseCopyOf(f.T())); !mat.EqualApprox(got, want, 1e-6) {
			t.Errorf("angle %v: %v, want %v", angle, mat.Formatted(got), mat.Formatted(want))
		}
	}
}

func TestUnitRows(t *testing.T) {
	x := mat.NewDense(3, 2, []float64{3, 4, 0, 0, 0, -2})
	if got := unitRows(x); !mat.EqualApprox(got, mat.NewDense(3, 2, []float64{0.6, 0.8, 0, 0, 0, -1}), 1e-15) || x.At(0, 0) != 3 {
		t.Errorf("%v", mat.Formatted(got))
	}
}
