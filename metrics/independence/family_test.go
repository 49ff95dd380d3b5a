package independence

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/reference"
	"github.com/venn-adapt/venn/metrics"
)

// What the family refuses, at its bounds.
func TestFamilyBounds(t *testing.T) {
	good := mat.NewDense(6, 1, []float64{1, 2, 3, 4, 5, 6})
	most, many := mat.NewDense(MaxRows, 1, nil), mat.NewDense(MaxRows+1, 1, nil)
	asked := metrics.Settings{Permutations: 1}
	for _, tt := range []struct {
		f    Statistic
		x    *mat.Dense
		s    metrics.Settings
		want string
	}{
		{Statistic{Exponent: -0.5}, good, asked, "metrics: f: exponent -0.5, want a number above 0 and up to 2"},
		{Statistic{Exponent: 2.5}, good, asked, "metrics: f: exponent 2.5, want a number above 0 and up to 2"},
		{Statistic{Exponent: math.NaN()}, good, asked, "metrics: f: exponent NaN, want a number above 0 and up to 2"},
		{Statistic{Exponent: 2}, good, asked, "<nil>"},
		{Statistic{Widths: Widths{X: -1}}, good, asked, "metrics: f: kernel widths -1 and 0, want numbers above 0, or 0 for the median"},
		{Statistic{Widths: Widths{Y: -1}}, good, asked, "metrics: f: kernel widths 0 and -1, want numbers above 0, or 0 for the median"},
		{Statistic{Widths: Widths{Y: math.Inf(1)}}, good, asked, "metrics: f: kernel widths 0 and +Inf, want numbers above 0, or 0 for the median"},
		{Statistic{Estimator: 2}, good, asked, "metrics: f: unknown estimator 2"},
		{Statistic{}, many, asked, "metrics: f: 5793 rows need 512 MiB of matrices; at most 5792 rows: draw a subsample, ask for no permutations, or take a measure whose test is an approximation"},
		{Statistic{}, most, asked, "<nil>"},
		{Statistic{}, many, metrics.Settings{}, "<nil>"},
		{Statistic{Test: Moments}, many, asked, "<nil>"},
	} {
		tt.f.Name = "f"
		if got := fmt.Sprint(tt.f.check(tt.x, tt.x, tt.s)); got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.f, got, tt.want)
		}
	}
	for test, want := range map[Test]int{Permutation: 4, Moments: 6, ChiSquare: 20, StudentT: 4} {
		if got := (Statistic{Estimator: U, Test: test}).minRows(); got != want {
			t.Errorf("fewest rows of %s: %d, want %d", test, got, want)
		}
	}
}

// A block so small that its squared distances are 0 has no width, whichever it is; in a larger unit it has.
func TestBlocksWithoutAWidth(t *testing.T) {
	_, y := wideBlocks(12)
	var x mat.Dense
	x.Scale(1e-170, y)
	f := Statistic{Name: "f"}
	for _, blocks := range [][2]*mat.Dense{{&x, y}, {y, &x}} {
		if r := reference.Must[metrics.Result](t)(f.Measure(blocks[0], blocks[1], metrics.Settings{})); !r.Degenerate || !slices.Contains(r.Warnings, "collapsed: all rows of a block are equal") {
			t.Errorf("%+v", r)
		}
	}
	x.Scale(1e100, &x)
	if r := reference.Must[metrics.Result](t)(f.Measure(&x, y, metrics.Settings{})); r.Degenerate || !(r.Value > 0) {
		t.Errorf("in a larger unit: %+v", r)
	}
}

// Normalised statistics say the same in any unit, large or small.
func TestFamilyInAnyUnit(t *testing.T) {
	x, y := wideBlocks(20)
	for _, f := range []Statistic{correlation("dcor-u", U, Permutation), correlation("dcor", V, Permutation), {Name: "linear", X: Linear, Y: Linear, Estimator: U, Normalised: true}} {
		want := reference.Must[metrics.Result](t)(f.Measure(y, y, metrics.Settings{})).Value
		if !(math.Abs(want-1) <= 1e-12) {
			t.Errorf("%s of a block with itself: %v", f.Name, want)
		}
		want = reference.Must[metrics.Result](t)(f.Measure(x, y, metrics.Settings{})).Value
		for _, unit := range []float64{1e-12, 1e12} {
			var small mat.Dense
			small.Scale(unit, y)
			if got := reference.Must[metrics.Result](t)(f.Measure(x, &small, metrics.Settings{})); got.Degenerate || !(math.Abs(got.Value-want) <= 1e-9) {
				t.Errorf("%s in unit %g: %+v, want %v", f.Name, unit, got, want)
			}
		}
	}
}

// Equal values are parted by less than a billionth of their spread, another way with another seed, and only where asked.
func TestTiesAreBroken(t *testing.T) {
	x := mat.NewDense(6, 1, []float64{1, 1, 1, math.Pi, math.Pi, 7})
	prepared := func(breakTies bool, seed uint64) []float64 {
		out, notes, err := Prepare(x, breakTies, seed, "x")
		if err != nil || notes != nil {
			t.Fatal(notes, err)
		}
		return mat.Col(nil, 0, out)
	}
	plain, one, two := prepared(false, 1), prepared(true, 1), prepared(true, 2)
	if plain[0] != plain[1] || plain[3] != plain[4] {
		t.Errorf("ties are gone: %v", plain)
	}
	for i := range one {
		if d := math.Abs(one[i] - plain[i]); d == 0 || !(d <= 1e-9) || one[i] == two[i] {
			t.Errorf("row %d: %v of %v, with another seed %v", i, one[i], plain[i], two[i])
		}
	}
}
