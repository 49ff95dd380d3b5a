package independence

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/reference"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/metrics"
)

// Of two single columns every direction is the column or its mirror image: the value is the distance covariance itself.
func TestSlicedCovarianceOfScalars(t *testing.T) {
	b := reference.Metrics(t)
	r := reference.Must[metrics.Result](t)(SlicedDistanceCovariance(b.Matrix("u"), b.Matrix("v"), metrics.Settings{}))
	b.Check("dcor.1d", "dcov_u", r.Value)
	if r.Parts[0].Value > 1e-12 {
		t.Errorf("standard error %v of equal directions", r.Parts[0].Value)
	}
}

// Many directions approach the distance covariance of all columns, which is computed from all pairs.
func TestSlicedCovarianceIsUnbiased(t *testing.T) {
	b := reference.Metrics(t)
	for _, pair := range [][2]string{{"X", "Y"}, {"X", "Z"}} {
		x, y := b.Matrix(pair[0]), b.Matrix(pair[1])
		want := reference.Must[DistanceStatistic](t)(DistanceCovariance(x, y, U, 0)).Covariance
		r := reference.Must[metrics.Result](t)(slicedCovariance(x, y, 4000, metrics.Settings{Seed: 1}))
		if !(math.Abs(r.Value-want) <= 3*r.Parts[0].Value) {
			t.Errorf("%v: %v, want %v within three standard errors of %v", pair, r.Value, want, r.Parts[0].Value)
		}
	}
}

// In the plane the mean of |cos| is 2/pi; the scale of d columns against that of the Gamma function's recursion.
func TestSphereScale(t *testing.T) {
	for d, want := range map[int]float64{1: 1, 2: math.Pi / 2, 3: 2, 4: 3 * math.Pi / 4} {
		if got := sphereScale(d); !(math.Abs(got-want) <= 1e-12) {
			t.Errorf("%d columns: %v, want %v", d, got, want)
		}
	}
}

// A circle has no linear dependence, and the test finds it; a permuted circle passes.
func TestSlicedCovarianceFindsACircle(t *testing.T) {
	random := stream.New(3, "circle")
	x, y, other := mat.NewDense(400, 2, nil), mat.NewDense(400, 2, nil), mat.NewDense(400, 2, nil)
	for i := range 400 {
		angle, unrelated := 2*math.Pi*random.Float64(), 2*math.Pi*random.Float64()
		x.SetRow(i, []float64{math.Cos(angle), 0.3 * random.NormFloat64()})
		y.SetRow(i, []float64{math.Sin(angle), 0.3 * random.NormFloat64()})
		other.SetRow(i, []float64{math.Sin(unrelated), 0.3 * random.NormFloat64()})
	}
	s := metrics.Settings{Permutations: 199}
	if p := *reference.Must[metrics.Result](t)(SlicedDistanceCovariance(x, y, s)).P; p > 0.01 {
		t.Errorf("a circle: p %v", p)
	}
	if p := *reference.Must[metrics.Result](t)(SlicedDistanceCovariance(x, other, s)).P; p < 0.05 {
		t.Errorf("independent rows: p %v", p)
	}
}
