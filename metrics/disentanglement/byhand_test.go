package disentanglement

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/reference"
	"github.com/venn-adapt/venn/internal/rows"
	"github.com/venn-adapt/venn/metrics"
	"github.com/venn-adapt/venn/metrics/probe"
)

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-12 }

// Two independent factors, of two and of two levels, in all their combinations, many times each.
func crossed(times int, code func(a, b float64) []float64) (codes, table *mat.Dense) {
	var x, y []float64
	width := len(code(0, 0))
	for i := range 4 * times {
		a, b := float64(i%2), float64(i/2%2)
		x, y = append(x, code(a, b)...), append(y, a, b)
	}
	return mat.NewDense(4*times, width, x), mat.NewDense(4*times, 2, y)
}

// A column a + 2b: its largest deviation from the mean is 3/2; of a held fixed 1, of b held fixed 1/2. The column that is b
// has 1/2 in all, 0 and 1/2 held fixed. Robustness is 1 - 1/3 and 1, weighted 3 to 1: 3/4.
func TestIRSByHand(t *testing.T) {
	codes, table := crossed(5, func(a, b float64) []float64 { return []float64{a + 2*b, 7, b} })
	r := reference.Must[metrics.Result](t)(IRS(codes, table, none))
	if !near(r.Value, 0.75) || len(r.Warnings) != 1 { // of few rows
		t.Errorf("%+v", r)
	}
	few, small := crossed(4, func(a, _ float64) []float64 { return []float64{a} })
	if r := reference.Must[metrics.Result](t)(IRS(few, small, none)); !near(r.Value, 1) || !slices.Equal(r.Warnings[1:], []string{"factor 1: a level of 8 rows, fewer than 10", "factor 2: a level of 8 rows, fewer than 10"}) {
		t.Errorf("%+v", r)
	}
	// Of a constant column and a factor with one level alone nothing can be said.
	flat := mat.NewDense(20, 2, nil)
	if r := reference.Must[metrics.Result](t)(IRS(codes, flat, none)); !r.Degenerate || r.P != nil || r.Value != 0 || !slices.Contains(r.Warnings, "2 factors left out: one level") || !slices.Contains(r.Warnings, "collapsed: no factor has two levels") {
		t.Errorf("no factor: %+v", r)
	}
	if r := reference.Must[metrics.Result](t)(IRS(mat.NewDense(20, 2, nil), table, none)); !r.Degenerate || !slices.Contains(r.Warnings, "collapsed: all codes are equal") {
		t.Errorf("no code: %+v", r)
	}
}

// Information in nats of columns a, and b with a: the gap of the first factor is ln 2 - ln 2 of ln 2; of the second all.
func TestInformationScoresByHand(t *testing.T) {
	codes, table := crossed(30, func(a, b float64) []float64 { return []float64{a, a + 2*b} })
	r := reference.Must[metrics.Result](t)(MIG(codes, table, none))
	if !near(r.Value, 0.5) || len(r.Parts) != 2 || r.Parts[0].Name != "factor 1" || !near(r.Parts[0].Value, 0) || !near(r.Parts[1].Value, 1) {
		t.Errorf("MIG %+v", r)
	}
	// Column 1 tells of one factor (1); column 2 of both alike (0); a third that is a function of neither tells of none.
	m := reference.Must[metrics.Result](t)(Modularity(codes, table, none))
	if !near(m.Value, 0.5) || m.Parts[0].Name != "corrected" || !near(m.Parts[0].Value, 0.5) || m.Warnings != nil {
		t.Errorf("modularity %+v", m)
	}
	third := mat.NewDense(120, 2, nil)
	for i := range 120 {
		third.SetRow(i, []float64{codes.At(i, 0), float64(i / 4 % 2)})
	}
	m = reference.Must[metrics.Result](t)(Modularity(third, table, none))
	if !near(m.Value, 0.5) || !near(m.Parts[0].Value, 1) || !slices.Equal(m.Warnings, []string{"1 columns of code tell of no factor"}) {
		t.Errorf("a column that tells nothing: %+v", m)
	}
	one := mat.DenseCopyOf(table.Slice(0, 120, 0, 1))
	if r := reference.Must[metrics.Result](t)(Modularity(codes, one, none)); !r.Degenerate || r.P != nil || !slices.Contains(r.Warnings, "collapsed: one factor") {
		t.Errorf("one factor: %+v", r)
	}
	if r := reference.Must[metrics.Result](t)(BetaVAE(codes, one, none)); !r.Degenerate || r.P != nil || !slices.Contains(r.Warnings, "collapsed: one factor") {
		t.Errorf("one factor: %+v", r)
	}
	// Information of three factors 3, 2, 1: 1 - (4 + 1)/(9 * 2).
	if v := modular([]float64{2, 3, 1}); !near(v, 1-5.0/18) || modular([]float64{0, 0}) != 0 {
		t.Errorf("modular %v", v)
	}
	// Equal factors are told: information ln 2 and Miller and Madow's 1/240, over ln 2.
	twice := mat.NewDense(120, 2, nil)
	for i := range 120 {
		twice.SetRow(i, []float64{float64(i % 2), float64(i % 2)})
	}
	if r := reference.Must[metrics.Result](t)(MIG(codes, twice, none)); !slices.Contains(r.Warnings, "factors depend on each other: normalised information up to 1.01, want below 0.1") {
		t.Errorf("equal factors: %q", r.Warnings)
	}
}

func TestVotesByHand(t *testing.T) {
	// Of 20 rows columns vary by 4 and 1 times; within rows 0 to 9 the first by a quarter of its own, the second by all.
	codes := mat.NewDense(20, 3, nil)
	for i := range 20 {
		codes.SetRow(i, []float64{float64(4 * (i % 2)), float64(i % 2), 5})
		if i < 10 {
			codes.Set(i, 0, float64(i%2))
		}
	}
	variance := columnVariances(codes, nil)
	if v := columnVariances(codes, []int{0, 1}); v[0] != 0.5 || v[1] != 0.5 || variance[2] != 0 || !near(variance[1], 5.0/19) {
		t.Errorf("variances %v and %v", v, variance)
	}
	if got := vote(codes, []int{0, 1, 2, 3}, variance, []int{0, 1}); got != 0 {
		t.Errorf("vote %d: the first column moves least for its size", got)
	}
	if got := vote(codes, []int{10, 11, 12, 13}, []float64{variance[0], 4, 1}, []int{0, 1}); got != 1 {
		t.Errorf("vote %d of the second", got)
	}
	if got := vote(codes, []int{0, 1}, variance, []int{1}); got != 1 {
		t.Errorf("vote %d of the only active column", got)
	}
	// Votes of two factors for three columns: majorities 0, 1, 0 (a tie goes to the first); 5 + 4 + 3 of 5+1+3+4+2+3.
	trained, score := votingScore([][]int{{5, 2, 3}, {1, 4, 3}}, [][]int{{1, 0, 0}, {2, 1, 4}})
	if !near(trained, 12.0/18) || !near(score, 2.0/8) {
		t.Errorf("shares %v and %v", trained, score)
	}
	if d := meanDifference(codes, []int{0, 10}, []int{1, 11}); !near(d[0], 2.5) || !near(d[1], 1) || d[2] != 0 {
		t.Errorf("mean differences %v", d)
	}
	f := &factors{n: 6, levels: [][]int{{0, 0, 1, 1, 1, 2}}, counts: []int{3}, columns: []int{4}}
	by, err := f.rowsByLevel("m", 2)
	if err != nil || len(by[0]) != 2 || !slices.Equal(by[0][0], []int{0, 1}) || !slices.Equal(by[0][1], []int{2, 3, 4}) {
		t.Errorf("rows by level %v, %v", by, err)
	}
	if _, err := f.rowsByLevel("m", 4); fmt.Sprint(err) != "metrics: m: factor 4: no level has 4 rows" {
		t.Errorf("no level: %v", err)
	}
	still := mat.NewDense(40, 1, nil)
	still.Set(0, 0, 0.3)
	_, table := crossed(10, func(a, _ float64) []float64 { return []float64{a} })
	if r := reference.Must[metrics.Result](t)(FactorVAE(still, table, none)); !r.Degenerate || r.P != nil || !slices.Contains(r.Warnings, "collapsed: no column of code has a standard deviation of 0.05") {
		t.Errorf("a still code: %+v", r)
	}
	perfect, table := crossed(20, func(a, b float64) []float64 { return []float64{a, b, 0} })
	v := reference.Must[metrics.Result](t)(FactorVAE(perfect, table, none))
	if v.Value != 1 || v.Parts[0] != (metrics.Part{Name: "columns active", Value: 2}) {
		t.Errorf("FactorVAE of the factors: %+v", v)
	}
	if b := reference.Must[metrics.Result](t)(BetaVAE(perfect, table, none)); !near(b.Value, 1) {
		t.Errorf("BetaVAE of the factors: %v", b.Value)
	}
}

// Covariances 2 and 1/2 with the correlation 1/2: determinant 3/4; and columns of which one is twice the other.
func TestSpreadByHand(t *testing.T) {
	// Rows (+-1, +-1) with weights that give correlation 1/2: three of (1,1), (-1,-1), one of (1,-1), (-1,1).
	var data []float64
	for _, row := range [][2]float64{{1, 1}, {1, 1}, {1, 1}, {-1, -1}, {-1, -1}, {-1, -1}, {1, -1}, {-1, 1}} {
		data = append(data, row[0], row[1])
	}
	c := 8.0 / 7 // the variance of each
	s := reference.Must[Spread](t)(SpreadOf(mat.NewDense(8, 2, data)))
	trace := math.Sqrt(c*c*1.5) + math.Sqrt(c*c*0.5) // of the root: eigenvalues c^2 (1 +- 1/2)
	p := []float64{0.75, 0.25}
	rank := math.Exp(-p[0]*math.Log(p[0]) - p[1]*math.Log(p[1]))
	for name, v := range map[string][2]float64{
		"total correlation": {s.TotalCorrelation, -math.Log(0.75) / 2}, "Wasserstein": {s.Wasserstein, 4*c - 2*trace}, "share": {s.WassersteinShare, (4*c - 2*trace) / (2 * c)},
		"effective rank": {s.EffectiveRank, rank}, "participation": {s.Participation, 1 / (0.75*0.75 + 0.25*0.25)}, "variance": {s.TotalVariance, 2 * c},
	} {
		if !(math.Abs(v[0]-v[1]) <= 1e-12) {
			t.Errorf("%s %v, want %v", name, v[0], v[1])
		}
	}
	double := reference.Must[Spread](t)(SpreadOf(mat.NewDense(3, 2, []float64{0, 0, 1, 2, 2, 4})))
	if !math.IsInf(double.TotalCorrelation, 1) || !(math.Abs(double.EffectiveRank-1) <= 1e-6) || !(math.Abs(double.Participation-1) <= 1e-9) || !(math.Abs(double.TotalVariance-5) <= 1e-12) {
		t.Errorf("a column twice another: %+v", double)
	}
	for _, tt := range []struct {
		codes *mat.Dense
		want  string
	}{
		{mat.NewDense(1, 2, []float64{1, 2}), "metrics: spread: 1 rows, want at least 2 that differ"},
		{mat.NewDense(3, 1, []float64{2, 2, 2}), "metrics: spread: 3 rows, want at least 2 that differ"},
		{mat.NewDense(2, 1, []float64{0, math.Inf(1)}), "metrics: spread: row 1, column 0 is +Inf, want a finite number"},
	} {
		if _, err := SpreadOf(tt.codes); fmt.Sprint(err) != tt.want {
			t.Errorf("error %v, want %q", err, tt.want)
		}
	}
}

// Scores of held-out rows by hand, in an order that moves the factor and in a resample.
func TestCellScoresByHand(t *testing.T) {
	truth, predicted := []int{0, 0, 1, 1, 1}, []int{0, 1, 1, 1, 0}
	all := rows.All(5)
	for _, tt := range []struct {
		rows, order []int
		want        float64
	}{
		{all, all, (0.5 + 2.0/3) - 1},          // recalls 1/2 and 2/3: (mean - 1/2)/(1/2)
		{[]int{0, 0, 2, 2, 2}, all, 1},         // a resample of hits
		{all, []int{4, 0, 1, 2, 3}, 1.0/3 - 1}, // truth 1, 0, 0, 1, 1: recalls 0 and 1/3
		{[]int{2, 3, 4}, all, 0},               // one class tells nothing
	} {
		if got := balancedScore(truth, predicted, tt.rows, tt.order, 3); !near(got, tt.want) {
			t.Errorf("rows %v in order %v: %v, want %v", tt.rows, tt.order, got, tt.want)
		}
	}
	held, guess := []float64{1, 2, 6}, []float64{1, 3, 5}
	if got := valueScore(held, guess, []int{0, 1, 2}, []int{0, 1, 2}, 2); !near(got, 1-2.0/17) {
		t.Errorf("value score %v", got)
	}
	if got := valueScore(held, guess, []int{0, 1, 1}, []int{2, 1, 0}, 2); !near(got, 1-(25.0+1+1)/16) {
		t.Errorf("value score of another order %v", got)
	}
	// The best probe counts, over all and in each permutation: of 3 held-out rows with the score of the order.
	var c Cell
	c.N = 3
	least := func(limit float64) func(rows, order []int) float64 {
		return func(_, order []int) float64 { // the share of rows in place
			var in float64
			for i, from := range order {
				if i == from {
					in += 1.0 / 3
				}
			}
			return in * limit
		}
	}
	c.fill(probeScores{least(0.3), least(0.9), least(0.6)}, metrics.Settings{Permutations: 999}, "x")
	if !near(c.Linear, 0.3) || !near(c.Nearest, 0.9) || !near(c.Network, 0.6) || !near(c.Score, 0.9) || !near(c.Low, 0.9) || !near(c.High, 0.9) || c.Note != "" {
		t.Errorf("%+v", c)
	}
	// One permutation of six leaves all in place: p near 1/6, and a thousandth times a whole number.
	if k := c.P * 1000; !(math.Abs(c.P-1.0/6) <= 0.04) || !(math.Abs(k-math.Round(k)) <= 1e-9) {
		t.Errorf("p %v, want about 1/6", c.P)
	}
	s := Summarise([]Cell{{Wish: Empty, Score: -0.5}, {Wish: Empty, Score: 0.5}, {Wish: Keep, Score: 0.75}, {Wish: Keep, Absent: true, Score: 9}, {Wish: Open, Score: 9}})
	if s != (LeakageSummary{Leakage: 0.25, Retention: 0.75, Balance: 0.5, EmptyCells: 2, KeepCells: 1}) {
		t.Errorf("%+v", s)
	}
	if s := Summarise(nil); s != (LeakageSummary{}) {
		t.Errorf("no cells: %+v", s)
	}
	mean, err := probe.NeighbourValues(mat.NewDense(6, 1, []float64{0, 1, 2, 3, 4, 100}), []float64{0, 10, 20, 30, 40, 1000}, mat.NewDense(1, 1, []float64{2}))
	if err != nil || !near(mean[0], 20) {
		t.Errorf("mean of five neighbours %v, %v", mean, err)
	}
	if mean, err = probe.NeighbourValues(mat.NewDense(2, 1, nil), []float64{1, 4}, mat.NewDense(3, 1, nil)); err != nil || !slices.Equal(mean, []float64{2.5, 2.5, 2.5}) {
		t.Errorf("of a constant code %v, %v", mean, err)
	}
	if v := probe.RSquared([]float64{2, 2}, []float64{1, 3}, 2); v != 0 {
		t.Errorf("no spread: %v", v)
	}
}

func TestLeakageErrors(t *testing.T) {
	codes, _ := crossed(10, func(a, _ float64) []float64 { return []float64{a} })
	levels, values := make([]int, 40), make([]float64, 40)
	entry := func(codes *mat.Dense, f Factor, wishes ...Wish) []Entry {
		return []Entry{{Block: "common", On: "a", Codes: codes, Factors: []Factor{f}, Wishes: wishes}}
	}
	for _, tt := range []struct {
		entries []Entry
		want    string
	}{
		{entry(mat.NewDense(39, 1, nil), Factor{Levels: levels}, Keep), "metrics: leakage: common on a: 39 rows, 1 wishes for 1 factors: want at least 40 rows and a wish each"},
		{entry(codes, Factor{Levels: levels}), "metrics: leakage: common on a: 40 rows, 0 wishes for 1 factors: want at least 40 rows and a wish each"},
		{entry(codes, Factor{Name: "f"}, Keep), "leakage: common on a: factor f: metrics: 0 levels and 0 values for 40 rows, want one of them for each"},
		{entry(codes, Factor{Name: "f", Levels: levels, Values: values}, Keep), "leakage: common on a: factor f: metrics: 40 levels and 40 values for 40 rows, want one of them for each"},
		{entry(codes, Factor{Name: "f", Values: values[:39]}, Keep), "leakage: common on a: factor f: metrics: 0 levels and 39 values for 40 rows, want one of them for each"},
		{entry(mat.NewDense(1, 1, []float64{math.NaN()}), Factor{Levels: levels}, Keep), "metrics: leakage: common on a: row 0, column 0 is NaN, want a finite number"},
	} {
		if _, err := Leakage(tt.entries, none, nil); fmt.Sprint(err) != tt.want {
			t.Errorf("error %v, want %q", err, tt.want)
		}
	}
}
