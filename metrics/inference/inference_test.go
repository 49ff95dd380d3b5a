package inference

import (
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat"

	"github.com/venn-adapt/venn/internal/reference"
	"github.com/venn-adapt/venn/internal/stream"
)

func TestReference(t *testing.T) {
	b := reference.Metrics(t)
	a, c := b.Floats("pa"), b.Floats("pb")
	for i := range a {
		a[i] -= c[i]
	}
	over, err := OverSeeds(a, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	b.Check("t.interval", "mean", over.Estimate)
	// The reference took Student's quantile (0.975, 11 degrees) from SciPy 1.9, which is off
	// by 8.7e-12; thirty digits of mpmath say 2.20098516009163936.
	half := 2.20098516009163936 * stat.StdDev(a, nil) / math.Sqrt(12)
	for _, v := range []struct{ got, want, old float64 }{
		{over.Low, over.Estimate - half, b.Value("t.interval", "lo")},
		{over.High, over.Estimate + half, b.Value("t.interval", "hi")},
	} {
		if !(math.Abs(v.got-v.want) <= 1e-13) || !(math.Abs(v.got-v.old) <= 1e-11) {
			t.Errorf("t-interval end %v, want %v (the reference has %v)", v.got, v.want, v.old)
		}
	}
	w, err := Wilson(63, 100)
	if err != nil {
		t.Fatal(err)
	}
	b.Check("proportion", "wilson", w.Low, w.High)
	h, err := Holm(b.Floats("pv"))
	if err != nil {
		t.Fatal(err)
	}
	b.Check("adjust", "holm", h...)
	// The percentile interval from the 400 given index rows.
	x := b.Floats("bs")
	var values []float64
	for rows := range slices.Chunk(b.Ints("bidx"), 12) {
		var sum float64
		for _, i := range rows {
			sum += x[i]
		}
		values = append(values, sum/12)
	}
	slices.Sort(values)
	b.Check("bootstrap", "percentile", Quantile(values, 0.025), Quantile(values, 0.975))
}

func TestOverSeedsEdges(t *testing.T) {
	for _, tt := range []struct {
		name      string
		values    []float64
		low, high float64
		warning   string
	}{
		{"one", []float64{0.8}, math.NaN(), math.NaN(), "no interval"},
		{"equal", []float64{0.1, 0.1, 0.1, 0.1, 0.1}, 0.1, 0.1, "all values are equal"},
		{"two", []float64{0, 2}, 1 - 12.706204736432095, 1 + 12.706204736432095, "2 values"}, // t_1 = tan(0.475 pi)
	} {
		i, err := OverSeeds(tt.values, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		same := func(a, b float64) bool {
			return math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) < 1e-9
		}
		if !same(i.Low, tt.low) || !same(i.High, tt.high) || !strings.Contains(strings.Join(i.Warnings, ";"), tt.warning) {
			t.Errorf("%s: %+v", tt.name, i)
		}
	}
	for _, bad := range [][]float64{nil, {1, math.NaN()}, {math.Inf(1)}} {
		if _, err := OverSeeds(bad, 0.95); err == nil {
			t.Errorf("%v: no error", bad)
		}
	}
}

func TestWilsonEnds(t *testing.T) {
	none, err := Wilson(0, 10) // the upper end is z^2/(n + z^2)
	if err != nil || none.Low != 0 || !(math.Abs(none.High-3.8414588206941254/13.8414588206941254) <= 1e-15) {
		t.Errorf("0 of 10: %+v, %v", none, err)
	}
	if _, err := Wilson(3, 2); err == nil {
		t.Error("3 of 2: no error")
	}
}

func TestHolmLeavesOutWhatWasNotMade(t *testing.T) {
	got, err := Holm([]float64{0.03, math.NaN(), 0.01})
	if err != nil || got[0] != 0.03 || !math.IsNaN(got[1]) || got[2] != 0.02 {
		t.Errorf("got %v, %v; want 0.03 NaN 0.02", got, err)
	}
	if _, err := Holm([]float64{1.2}); err == nil {
		t.Error("p = 1.2: no error")
	}
}

// The standard error of a mean is known: the interval is near +- 1.96 s/sqrt(n).
func TestBootstrapOfAMean(t *testing.T) {
	r := stream.New(2, "bootstrap test")
	x := make([]float64, 400)
	for i := range x {
		x[i] = r.NormFloat64()
	}
	i, err := Bootstrap(400, 2000, 0.95, 1, "mean", func(rows []int) float64 {
		var sum float64
		for _, k := range rows {
			sum += x[k]
		}
		return sum / 400
	})
	if err != nil {
		t.Fatal(err)
	}
	half := 1.96 * stat.StdDev(x, nil) / 20
	if !(math.Abs((i.High-i.Low)/2-half) <= 0.08*half) || !(math.Abs(i.Estimate-stat.Mean(x, nil)) <= 1e-12) {
		t.Errorf("%+v, want a half width near %v", i, half)
	}
	if _, err := Bootstrap(3, 10, 0.95, 1, "bad", func([]int) float64 { return math.NaN() }); err == nil {
		t.Error("NaN statistic: no error")
	}
}
