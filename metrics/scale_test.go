package metrics_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/metrics"
)

// degrees of measures in the unit of the features.
var degrees = map[string]float64{"features": 1, "features squared": 2, "features^4": 4}

// ownScale are the measures that mean something else in another unit, as their documentation says.
var ownScale = []string{"kid", "factorvae", "sap"}

// ordered are the measures in which the lower row comes first among equally near ones.
var ordered = []string{"leakage"}

// scalePair are the blocks of a measure of any kind, continuous or of whole numbers.
func scalePair(m metrics.Descriptor, of law) (x, y *mat.Dense) {
	x = sample(of, 60, 3, "scale", m.Name, "x")
	switch {
	case m.Kind == metrics.Disentanglement:
		return x, sample(tied, 60, 2, "scale", m.Name, "y")
	case m.Kind == metrics.Discrepancy:
		y = sample(of, 66, 3, "scale", m.Name, "y")
		for i := range 66 {
			y.Set(i, 1, y.At(i, 1)+1)
		}
		if labelled(m) {
			x, y = withLabels(x), withLabels(y)
		}
		return x, y
	case m.Labels:
		return x, sample(tied, 60, 1, "scale", m.Name, "y")
	}
	return x, sample(of, 60, 2, "scale", m.Name, "y")
}

// features changes the values of both blocks that are not labels or factors.
func features(m metrics.Descriptor, x, y *mat.Dense, change func(v float64) float64) (a, b *mat.Dense) {
	a, b = mat.DenseCopyOf(x), mat.DenseCopyOf(y)
	if m.Kind == metrics.Disentanglement {
		m.Kind, m.Labels = metrics.Independence, true
	}
	moveBoth(a, b, m, func(row []float64) {
		for j := range row {
			row[j] = change(row[j])
		}
	})
	return a, b
}

// A change of unit changes a measure by its degree in it and no p-value, from 1e-30 to 1e30: whatever is called
// collapsed, tied or converged is so by a share and not by a bound of one unit.
func TestUnitsOfFeatures(t *testing.T) {
	for _, kind := range []metrics.Kind{metrics.Independence, metrics.Discrepancy, metrics.Disentanglement} {
		for _, m := range computed(kind) {
			if slices.Contains(ownScale, m.Name) {
				continue
			}
			x, y := scalePair(m, continuous)
			s := metrics.Settings{Permutations: 9}
			base := run(t, m, x, y, s)
			for _, unit := range []float64{1e-30, 1e-13, 1e13, 1e30} {
				r := run(t, m, firstOf(features(m, x, y, func(v float64) float64 { return v * unit })), secondOf(features(m, x, y, func(v float64) float64 { return v * unit })), s)
				got := r.Value / math.Pow(unit, degrees[m.Unit])
				if r.Degenerate || !(math.Abs(got-base.Value) <= 1e-6*math.Max(math.Abs(base.Value), 1e-2)) {
					t.Errorf("%s in units of %g: %v, %v, want %v times its power %v", m.Name, unit, r.Value, r.Warnings, base.Value, degrees[m.Unit])
				}
				if (r.P == nil) != (base.P == nil) || (r.P != nil && !(math.Abs(*r.P-*base.P) <= 1e-6)) {
					t.Errorf("%s in units of %g: another p-value", m.Name, unit)
				}
			}
		}
	}
}

func firstOf(a, _ *mat.Dense) *mat.Dense  { return a }
func secondOf(_, b *mat.Dense) *mat.Dense { return b }

// Whole numbers tie in any unit and from any origin: what counts ties keeps its value, which rounding would change
// where values, differences or distances that are equal come apart.
func TestTiesInAnyUnit(t *testing.T) {
	for _, kind := range []metrics.Kind{metrics.Independence, metrics.Discrepancy, metrics.Disentanglement} {
		for _, m := range computed(kind) {
			if !slices.Contains(m.Invariant, "scale") || slices.Contains(ordered, m.Name) {
				continue
			}
			x, y := scalePair(m, tied)
			s := metrics.Settings{Permutations: 9}
			base := run(t, m, x, y, s)
			for _, unit := range []float64{0.1, 1.0 / 3, 7e5} {
				for _, origin := range []float64{0, 0.3} {
					if !slices.Contains(m.Invariant, "translation") && origin != 0 {
						continue
					}
					a, b := features(m, x, y, func(v float64) float64 { return v*unit + origin*unit })
					r := run(t, m, a, b, s)
					if !(math.Abs(r.Value-base.Value) <= 1e-6*math.Max(math.Abs(base.Value), 1e-3)) || r.Degenerate != base.Degenerate {
						t.Errorf("%s of whole numbers in units of %g from %g: %v, want %v", m.Name, unit, origin, r.Value, base.Value)
					}
					if r.P != nil && !(math.Abs(*r.P-*base.P) <= 1e-6) {
						t.Errorf("%s of whole numbers in units of %g from %g: p %v, want %v", m.Name, unit, origin, *r.P, *base.P)
					}
				}
			}
		}
	}
}

// The cubic kernel has no unit: near 0 it is 3/d times the squared distance of the means, unbiased, which tiny features
// keep; huge ones overflow, which is an error that names the measure and the number.
func TestUnitsOfTheCubicKernel(t *testing.T) {
	m, _ := metrics.Measures.Get("kid")
	x, y := mat.NewDense(2, 1, []float64{1e-13, 3e-13}), mat.NewDense(2, 1, []float64{2e-13, 6e-13})
	// x_1 x_2 + y_1 y_2 - 2 mean(x) mean(y), by hand: 3 + 12 - 2*2*4 = -1, in 1e-26.
	if got := run(t, m, x, y, metrics.Settings{}).Value; !(math.Abs(got+3e-26) <= 1e-34) {
		t.Errorf("kid of tiny features %v, want -3e-26", got)
	}
	for i := range 2 {
		x.Set(i, 0, x.At(i, 0)*1e43)
		y.Set(i, 0, y.At(i, 0)*1e43)
	}
	// (xy)^3 where only that counts: 27 + 1728 - 2 (8 + 216 + 216 + 5832)/4 = -1381, in 1e180.
	if r := run(t, m, x, y, metrics.Settings{}); !(math.Abs(r.Value+1381e180) <= 1e171) {
		t.Errorf("kid in 1e30: %v, want -1.381e183", r.Value)
	}
	a, b := scalePair(m, continuous)
	for unit, want := range map[float64]string{1e30: `metrics: kid: the part "deviation over subsets" is NaN, want a finite number: the features are too large, scale them`,
		1e60: "metrics: kid: the value is "} {
		_, err := m.Compute(firstOf(features(m, a, b, func(v float64) float64 { return v * unit })), secondOf(features(m, a, b, func(v float64) float64 { return v * unit })), metrics.Settings{})
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("kid in units of %g: %v, want %q", unit, err, want)
		}
	}
}

// Every number of a result is looked at, and the one that is not finite is named.
func TestFinishNamesWhatIsNotFinite(t *testing.T) {
	nan, one := math.NaN(), 1.0
	for _, tt := range []struct {
		r    metrics.Result
		want string
	}{
		{metrics.Result{Value: nan}, "the value is NaN"},
		{metrics.Result{Value: math.Inf(-1)}, "the value is -Inf"},
		{metrics.Result{P: &nan}, "the p-value is NaN"},
		{metrics.Result{Parts: []metrics.Part{{Name: "a", Value: 1}, {Name: "b c", Value: math.Inf(1)}}}, `the part "b c" is +Inf`},
		{metrics.Result{Interval: []float64{0, nan}}, "an end of the interval is NaN"},
		{metrics.Result{Null: []float64{0, nan}}, "the statistic of a permutation is NaN"},
	} {
		tt.r.Name = "energy"
		want := "metrics: energy: " + tt.want + ", want a finite number: the features are too large, scale them"
		if r, err := tt.r.Finish(); err == nil || err.Error() != want || r.Name != "" {
			t.Errorf("%+v: %v, want %q", tt.r, err, want)
		}
	}
	if r, err := (metrics.Result{Name: "energy", P: &one, Parts: []metrics.Part{{Value: 2}}, Interval: []float64{0, 1}, Null: []float64{3}}).Finish(); err != nil || r.Name != "energy" {
		t.Errorf("all finite: %v", err)
	}
}

// Constant looks at shares of the mean square, not at a unit.
func TestConstant(t *testing.T) {
	for _, tt := range []struct {
		name string
		x    *mat.Dense
		want bool
	}{
		{"zeros", mat.NewDense(3, 2, nil), true},
		{"equal rows of a number that binary cannot hold", mat.NewDense(3, 2, []float64{0.1, -7, 0.1, -7, 0.1, -7}), true},
		{"ten equal rows", mat.NewDense(10, 1, []float64{0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3}), true},
		{"1e-200 apart about 0", mat.NewDense(2, 1, []float64{0, 1e-200}), false},
		{"equal at 1e300", mat.NewDense(3, 1, []float64{1e300, 1e300, 1e300}), true},
		{"apart at 1e300", mat.NewDense(2, 1, []float64{-1e300, 1e300}), false},
		{"a part in 1e11", mat.NewDense(2, 1, []float64{1, 1 + 1e-11}), false},
		{"a part in 1e13", mat.NewDense(2, 1, []float64{1, 1 + 1e-13}), true},
		{"a small column beside a large constant one", mat.NewDense(2, 2, []float64{1e6, 1e-9, 1e6, 2e-9}), false},
	} {
		if got := metrics.Constant(tt.x); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

// A feature whose square overflows is named and refused on both sides of zero; the largest is taken.
func TestCheckFiniteBounds(t *testing.T) {
	for _, tt := range []struct {
		v    float64
		want string
	}{
		{1e150, ""}, {-1e150, ""},
		{1.001e150, "metrics: x: row 1, column 2 is 1.001e+150, want at most 1e+150: scale the features"},
		{-1e151, "metrics: x: row 1, column 2 is -1e+151, want at most 1e+150: scale the features"},
		{math.NaN(), "metrics: x: row 1, column 2 is NaN, want a finite number"},
		{math.Inf(-1), "metrics: x: row 1, column 2 is -Inf, want a finite number"},
	} {
		err := metrics.CheckFinite("x", mat.NewDense(2, 3, []float64{0, 0, 0, 0, 0, tt.v}))
		if got := fmt.Sprint(err); (err == nil) != (tt.want == "") || err != nil && got != tt.want {
			t.Errorf("%g: %v, want %q", tt.v, err, tt.want)
		}
	}
}

// moveBoth changes the rows of x and, where it is not labels, of y.
func moveBoth(x, y *mat.Dense, m metrics.Descriptor, change func(row []float64)) {
	for _, b := range []*mat.Dense{x, y} {
		n, d := b.Dims()
		switch {
		case labelled(m):
			d--
		case b == y && m.Labels:
			continue
		}
		for i := range n {
			change(b.RawRowView(i)[:d])
		}
	}
}

// run computes a measure, which must succeed.
func run(t testing.TB, m metrics.Descriptor, x, y *mat.Dense, s metrics.Settings) metrics.Result {
	t.Helper()
	r, err := m.Compute(x, y, s)
	if err != nil {
		t.Fatalf("%s: %v", m.Name, err)
	}
	return r
}
