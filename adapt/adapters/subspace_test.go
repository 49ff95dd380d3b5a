package adapters

import (
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/dense"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/toy"
)

// One column: CORAL scales by the ratio of standard deviations, the linear map too and moves the mean with it.
func TestMapsOfOneColumn(t *testing.T) {
	task := adapt.Task{Source: adapt.Labelled{X: toy.Column(1, 3, 5), Labels: []int{0, 1, 1}, Classes: 2}, Target: toy.Column(10, 11, 18, 21)}
	scale := math.Sqrt((28.666666666666668 + 0.5) / (4 + 0.5)) // variances 4 and 86/3
	toy.Close(t, "coral", mustAdapt(t, "coral", task, option.Values{"lambda": 0.5}).Source.X.RawMatrix().Data, []float64{scale, 3 * scale, 5 * scale}, 1e-12)
	a := mustAdapt(t, "linear-ot", task, option.Values{"lambda": 0.5})
	toy.Close(t, "linear-ot", a.Source.X.RawMatrix().Data, []float64{15 - 2*scale, 15, 15 + 2*scale}, 1e-12)
	z, err := a.MapSource(toy.Column(4))
	if err != nil || !(math.Abs(z.At(0, 0)-15-scale) <= 1e-12) {
		t.Errorf("mapped %v (%v)", z, err)
	}
	a = mustAdapt(t, "linear-ot", task, option.Values{"lambda": 0.5, "bias": false})
	toy.Close(t, "without bias", a.Source.X.RawMatrix().Data, []float64{scale, 3 * scale, 5 * scale}, 1e-12)
	tight := adapt.Task{Source: adapt.Labelled{X: toy.Column(0, 0.2, 0.1), Labels: []int{0, 1, 1}, Classes: 2}, Target: toy.Column(5, 5.4)} // variances 0.01 and 0.08
	toy.Close(t, "tight coral", mustAdapt(t, "coral", tight, option.Values{"lambda": 0.02}).Source.X.RawMatrix().Data, []float64{0, 0.2 * math.Sqrt(0.1/0.03), 0.1 * math.Sqrt(0.1/0.03)}, 1e-12)
	toy.Close(t, "tight linear-ot", mustAdapt(t, "linear-ot", tight, option.Values{"lambda": 0.02}).Source.X.RawMatrix().Data, []float64{5.2 - 0.1*math.Sqrt(0.1/0.03), 5.2 + 0.1*math.Sqrt(0.1/0.03), 5.2}, 1e-12)
	wide := adapt.Task{Source: adapt.Labelled{X: toy.Random(1, 3, 5), Labels: []int{0, 1, 1}, Classes: 2}, Target: toy.Random(2, 3, 5)}
	for _, name := range []string{"coral", "linear-ot"} {
		if _, err := adaptBy(t, name, wide, option.Values{"lambda": 0.0}); err == nil || err.Error() != "a covariance of 3 rows and 5 columns is not positive definite; raise the ridge" {
			t.Errorf("%s without a ridge: %v", name, err)
		}
	}
}

// A domain without variance is told by every method that takes subspaces of either.
func TestSubspacesWithoutVariance(t *testing.T) {
	flat, x := mat.NewDense(3, 2, []float64{4, 5, 4, 5, 4, 5}), toy.Random(1, 3, 2)
	for _, name := range []string{"subspace-alignment", "gfk", "meda"} {
		for _, task := range []adapt.Task{{Source: adapt.Labelled{X: flat, Labels: []int{0, 1, 1}, Classes: 2}, Target: x}, {Source: adapt.Labelled{X: x, Labels: []int{0, 1, 1}, Classes: 2}, Target: flat}} {
			if _, err := adaptBy(t, name, task, nil); err == nil || err.Error() != "none of 2 columns varies over 3 rows" {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	both := adapt.Task{Source: adapt.Labelled{X: flat, Labels: []int{0, 1, 1}, Classes: 2}, Target: flat}
	for _, name := range []string{"pca", "density-weights"} {
		if _, err := adaptBy(t, name, both, nil); err == nil || err.Error() != "none of 2 columns varies over 6 rows" {
			t.Errorf("%s: %v", name, err)
		}
	}
	// The smaller of two ranks counts, and is said.
	task := adapt.Task{Source: adapt.Labelled{X: toy.Random(3, 6, 3), Labels: []int{0, 1, 1, 0, 1, 0}, Classes: 2}, Target: mat.NewDense(3, 3, []float64{1, 2, 3, 2, 4, 6, 5, 10, 15})}
	for _, name := range []string{"subspace-alignment", "gfk"} {
		if a := mustAdapt(t, name, task, option.Values{"dim": 2}); fmt.Sprint(a.Warnings) != "[1 dimensions: the data has no more of the 2 asked for]" {
			t.Errorf("%s: %q", name, a.Warnings)
		}
	}
	task = adapt.Task{Source: adapt.Labelled{X: task.Target, Labels: []int{0, 1, 1}, Classes: 2}, Target: task.Source.X} // and the other way round
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

// What is not a number has no decomposition.
func TestDecompositionsThatFail(t *testing.T) {
	bad := mat.NewDense(3, 3, []float64{1, math.NaN(), 2, 0, 1, 0, 0, 0, 1})
	if _, err := newGeodesic(bad, bad); err == nil || err.Error() != "the principal angles of two subspaces: the decomposition did not converge" {
		t.Errorf("angles: %v", err)
	}
	if _, err := newEmbedding(toy.Random(1, 3, 3)).top(bad, 1, nil, 1); err == nil || err.Error() != "the mean discrepancy: the decomposition did not converge" {
		t.Errorf("discrepancy: %v", err)
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
		if n, d := f.Dims(); n != 2 || d != 2 {
			t.Errorf("angle %v: %d x %d features, want two of each row", angle, n, d)
		}
		if got := dense.Product(f, mat.DenseCopyOf(f.T())); !mat.EqualApprox(got, want, 1e-6) {
			t.Errorf("angle %v: %v, want %v", angle, mat.Formatted(got), mat.Formatted(want))
		}
	}
}
