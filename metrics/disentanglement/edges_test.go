package disentanglement

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/reference"
	"github.com/venn-adapt/venn/internal/rows"
	"github.com/venn-adapt/venn/metrics"
	"github.com/venn-adapt/venn/metrics/inference"
	"github.com/venn-adapt/venn/metrics/probe"
)

// Two factors of 80 rows that agree in so many: information 1 - H(share) bits less Miller and Madow's 1/160 nats, over 1 bit.
// A factor of four levels and one that says which half: 1 bit and, of fewer cells, 1/160 nats, over the mean of 2 and 1 bits.
func TestDependentFactors(t *testing.T) {
	codes, _ := crossed(20, func(a, b float64) []float64 { return []float64{a, b} })
	agreeing := func(agree int) *mat.Dense {
		table := mat.NewDense(80, 2, nil)
		for i := range 80 {
			a := float64(i % 2)
			table.SetRow(i, []float64{a, a})
			if i >= agree {
				table.Set(i, 1, 1-a)
			}
		}
		return table
	}
	halves := mat.NewDense(80, 2, nil)
	for i := range 80 {
		halves.SetRow(i, []float64{float64(i % 4), float64(i % 4 / 2)})
	}
	swapped := mat.NewDense(80, 2, nil)
	swapped.SetCol(0, mat.Col(nil, 1, halves))
	swapped.SetCol(1, mat.Col(nil, 0, halves))
	for _, tt := range []struct {
		name  string
		table *mat.Dense
		want  string
	}{
		{"52 of 80 agree: 0.07", agreeing(52), ""},
		{"58 of 80 agree: 0.151 - 0.009", agreeing(58), "factors depend on each other: normalised information up to 0.14, want below 0.1"},
		{"four levels and two", halves, "factors depend on each other: normalised information up to 0.67, want below 0.1"},
		{"two levels and four", swapped, "factors depend on each other: normalised information up to 0.67, want below 0.1"},
	} {
		r := reference.Must[metrics.Result](t)(MIG(codes, tt.table, none))
		got := strings.Join(slices.DeleteFunc(r.Warnings, func(w string) bool { return !strings.HasPrefix(w, "factors depend") }), "; ")
		if got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// One column alone has as gap what it holds.
func TestGap(t *testing.T) {
	if gap([]float64{3}) != 3 || gap([]float64{5, 1, 3}) != 2 || gap([]float64{4, 4, 1}) != 0 {
		t.Errorf("gaps %v, %v, %v", gap([]float64{3}), gap([]float64{5, 1, 3}), gap([]float64{4, 4, 1}))
	}
	codes, table := crossed(30, func(a, _ float64) []float64 { return []float64{a} })
	if r := reference.Must[metrics.Result](t)(MIG(codes, table, none)); !near(r.Value, 0.5) || !near(part(t, r, "factor 1"), 1) {
		t.Errorf("one column: %+v", r)
	}
	if got := binned([]float64{2, 2, 2}); !slices.Equal(got, []int{0, 0, 0}) {
		t.Errorf("bins of a constant: %v", got)
	}
}

// A column of four values says which of two factors' levels, and a little of a factor of three levels, on six degrees of
// freedom: 2 n I is 11.4 (p 0.077) or 13.2 (p 0.040). The first counts nothing, the second Miller and Madow's information.
func TestCorrectedModularity(t *testing.T) {
	for _, tt := range []struct {
		counts [4][3]int // of value and level
		shown  bool
	}{
		{[4][3]int{{16, 8, 6}, {8, 14, 8}, {6, 9, 15}, {10, 9, 11}}, false},
		{[4][3]int{{17, 8, 5}, {8, 14, 8}, {6, 8, 16}, {10, 10, 10}}, true},
	} {
		var x, y []float64
		var column [3]float64
		for v, row := range tt.counts {
			for l, count := range row {
				column[l] += float64(count)
				for range count {
					x, y = append(x, float64(v)), append(y, float64(l), float64(v/2))
				}
			}
		}
		n := float64(len(x))
		var information float64
		for _, row := range tt.counts {
			for l, count := range row {
				information += float64(count) / n * math.Log(float64(count)*n/(30*column[l]))
			}
		}
		if g := 2 * n * information; (g > 12.592) != tt.shown || g < 10.7 || g > 15.5 {
			t.Fatalf("G is %v, want it about the 0.95-quantile 12.592 of six degrees", g)
		}
		r := reference.Must[metrics.Result](t)(Modularity(mat.NewDense(len(x), 1, x), mat.NewDense(len(x), 2, y), none))
		little, sure := information+(4+3-12-1)/(2*n), math.Ln2+(4+2-4-1)/(2*n)
		want := 1.0
		if tt.shown {
			want = 1 - little*little/(sure*sure)
		}
		if plain := 1 - information*information/(math.Ln2*math.Ln2); !(math.Abs(r.Value-plain) <= 1e-12) || !(math.Abs(part(t, r, "corrected")-want) <= 1e-12) {
			t.Errorf("%+v, want %v and %v", r, plain, want)
		}
	}
	// Columns that tell of nothing leave no part.
	codes, table := crossed(30, func(float64, float64) []float64 { return []float64{0} })
	for i := range 60 {
		codes.Set(i, 0, 1) // whole blocks of all combinations
	}
	if r := reference.Must[metrics.Result](t)(Modularity(codes, table, none)); r.Parts != nil || !slices.Contains(r.Warnings, "1 columns of code tell of no factor") {
		t.Errorf("%+v", r)
	}
}

// Rows at 1 and 50 of both signs: all within the margin give the slope 2.04/101.04, at which the far ones leave it; the near ones alone give
// 0.04/1.04. Of machines that say the same the first class is taken.
func TestMachinesByHand(t *testing.T) {
	m := squaredHinge([]float64{50, 1, -1, -50}, []int{1, 1, 0, 0}, 2)
	if len(m) != 1 || !near(m[0][0], 1.0/26) || !near(m[0][1], 0) {
		t.Errorf("%v, want the slope 1/26", m)
	}
	if got := decide([][2]float64{{0, 0}}, 3, 2); got != 0 {
		t.Errorf("undecided: class %d, want 0", got)
	}
	if got := decide([][2]float64{{0, 1}, {0, 1}, {0, 0}}, 3, 3); got != 0 {
		t.Errorf("two alike: class %d, want 0", got)
	}
	if got := decide([][2]float64{{0, 1}, {1, 0}, {0, 2}}, 3, 3); got != 1 {
		t.Errorf("class %d, want 1", got)
	}
}

// A column, or a factor, that does not vary counts 0.
func TestSAPContinuousOfConstants(t *testing.T) {
	codes := mat.NewDense(4, 2, []float64{1, 5, 2, 5, 3, 5, 4, 5})
	table := mat.NewDense(4, 2, []float64{2, 7, 4, 7, 6, 7, 8, 7})
	r := reference.Must[metrics.Result](t)(SAPContinuous(codes, table, none))
	if !near(r.Value, 0.5) || !near(part(t, r, "factor 1"), 1) || part(t, r, "factor 2") != 0 || r.N != 4 {
		t.Errorf("%+v", r)
	}
	if r := reference.Must[metrics.Result](t)(SAPContinuous(mat.NewDense(4, 1, nil), table, none)); !r.Degenerate || r.P != nil {
		t.Errorf("a constant code: %+v", r)
	}
	if _, err := SAPContinuous(mat.NewDense(4, 1, []float64{1, 2, math.NaN(), 3}), table, none); fmt.Sprint(err) != "metrics: sap-continuous: x: row 2, column 0 is NaN, want a finite number" {
		t.Errorf("%v", err)
	}
}

// A level that no held-out row has is told.
func TestExplicitnessOfARareLevel(t *testing.T) {
	codes, table := mixed(80)
	train, _ := probe.Halves(80, 0)
	levels := mat.NewDense(80, 1, mat.Col(nil, 2, table))
	levels.Set(train[0], 0, 2)
	levels.Set(train[1], 0, 2)
	r := reference.Must[metrics.Result](t)(Explicitness(codes, levels, none))
	if len(r.Warnings) != 2 || !strings.Contains(r.Warnings[1], "1 ") {
		t.Errorf("warnings %q, want of few rows and of a level", r.Warnings)
	}
}

func TestVoteByHand(t *testing.T) {
	codes := mat.NewDense(2, 2, []float64{0, 0, 1, 1}) // both vary by 1/2
	if got := vote(codes, []int{0, 1}, []float64{4, 2}, []int{0, 1}); got != 0 {
		t.Errorf("vote %d; 1/8 is less than 1/4", got)
	}
	if got := vote(codes, []int{0, 1}, []float64{4, 4}, []int{0, 1}); got != 0 {
		t.Errorf("vote %d of two alike, want the first", got)
	}
}

// Rows (0, 0) and (3, 4): variances 9/2 and 8, covariance 6; the root's eigenvalues are 0 and 84.25. In another unit
// the total correlation is the same.
func TestSpreadOfTwoRows(t *testing.T) {
	s := reference.Must[Spread](t)(SpreadOf(mat.NewDense(2, 2, []float64{0, 0, 3, 4})))
	if want := 25 - 2*math.Sqrt(84.25); !near(s.TotalVariance, 12.5) || !(math.Abs(s.Wasserstein-want) <= 1e-6) || !math.IsInf(s.TotalCorrelation, 1) {
		t.Errorf("%+v, want Wasserstein %v", s, want)
	}
	for _, unit := range []float64{1e-10, 1e10} {
		s := reference.Must[Spread](t)(SpreadOf(mat.NewDense(4, 2, []float64{unit, unit, -unit, -unit, unit, unit, unit, -unit})))
		// variances 1 and 4/3 of 3, covariance 2/3 (n - 1): correlation 1/sqrt(3)
		if want := -math.Log(1-1.0/3) / 2; !(math.Abs(s.TotalCorrelation-want) <= 1e-9) {
			t.Errorf("unit %g: %v, want %v", unit, s.TotalCorrelation, want)
		}
	}
}

// Cells by probes that are fitted here, scored by plain loops.
func TestLeakageByDefinition(t *testing.T) {
	codes, table := mixed(121)
	levels, values := levelsOfColumn(table, 1), mat.Col(nil, 0, codes)
	for i := range values {
		values[i] += float64(i % 3)
	}
	flat := make([]int, 121)
	e := Entry{Block: "b", On: "a", Codes: codes, Wishes: []Wish{Keep, Empty, Open},
		Factors: []Factor{{Name: "levels", Levels: levels}, {Name: "flat", Levels: flat}, {Name: "values", Values: values}}}
	s := metrics.Settings{Seed: 6}
	cells := reference.Must[[]Cell](t)(Leakage([]Entry{e}, s, nil))
	train, test := probe.Halves(121, 6)
	score := func(k probe.Kind) float64 {
		p, err := k.Probabilities(rows.Take(codes, train), probe.Pick(levels, train), 3, rows.Take(codes, test))
		if err != nil {
			t.Fatal(err)
		}
		var hits, size [3]float64
		for i, from := range test {
			size[levels[from]]++
			if p[i][levels[from]] == slices.Max(p[i]) {
				hits[levels[from]]++
			}
		}
		return ((hits[0]/size[0]+hits[1]/size[1]+hits[2]/size[2])/3 - 1.0/3) / (2.0 / 3)
	}
	c := cells[0]
	if !near(c.Linear, score(probe.Linear)) || !near(c.Network, score(probe.Network)) || c.N != 61 || c.Classes != 3 || c.Wish != Keep || c.Factor != "levels" {
		t.Errorf("%+v, want linear %v, network %v of 61 rows", c, score(probe.Linear), score(probe.Network))
	}
	var y, held []float64
	var average float64
	for _, from := range train {
		y, average = append(y, values[from]), average+values[from]/60
	}
	for _, from := range test {
		held = append(held, values[from])
	}
	for name, of := range map[string]struct {
		fit func(*mat.Dense, []float64, *mat.Dense) ([]float64, error)
		got float64
	}{"linear": {probe.ChosenRidge, cells[2].Linear}, "nearest": {probe.NeighbourValues, cells[2].Nearest}, "network": {probe.NetworkValues, cells[2].Network}} {
		predicted, err := of.fit(rows.Take(codes, train), y, rows.Take(codes, test))
		if err != nil {
			t.Fatal(err)
		}
		var residual, total float64
		for i, v := range held {
			residual += (v - predicted[i]) * (v - predicted[i])
			total += (v - average) * (v - average)
		}
		if !near(of.got, 1-residual/total) {
			t.Errorf("%s of values: %v, want %v", name, of.got, 1-residual/total)
		}
	}
	// The absent cell is no test of the family: of two p-values the least counts twice, the other once, but no less.
	p, q := cells[0].P, cells[2].P
	if want := math.Max(2*min(p, q), max(p, q)); !cells[1].Absent || cells[1].Holm != 0 || !near(max(cells[0].Holm, cells[2].Holm), want) || !near(min(cells[0].Holm, cells[2].Holm), 2*min(p, q)) || p < 1.0/200 {
		t.Errorf("p %v and %v, adjusted %v and %v; absent %+v", p, q, cells[0].Holm, cells[2].Holm, cells[1])
	}
	one := reference.Must[[]Cell](t)(Leakage([]Entry{e}, metrics.Settings{Seed: 6, Permutations: 1}, nil))
	if v := one[0].P; v != 0.5 && v != 1 {
		t.Errorf("p %v of one permutation", v)
	}
	if k := p * 200; !near(k, math.Round(k)) {
		t.Errorf("p %v, want a 200th part: 199 permutations", p)
	}
}

// The first of two probes that are as good gives the interval, which is the bootstrap's of 400 resamples; scores below 0 are
// scores; and what the bootstrap refuses is noted.
func TestCellOfLikeProbes(t *testing.T) {
	constant := func(v float64) func(rows, order []int) float64 { return func(_, _ []int) float64 { return v } }
	resampled := func(drawn, _ []int) float64 { // the share of rows in place
		var in float64
		for i, from := range drawn {
			if i == from {
				in += 0.5 / float64(len(drawn))
			}
		}
		return in
	}
	c := Cell{N: 4}
	c.fill(probeScores{constant(0.5), resampled, constant(0.1)}, metrics.Settings{}, "x")
	if c.Score != 0.5 || c.Low != 0.5 || c.High != 0.5 || c.Network != 0.1 {
		t.Errorf("%+v, want the first probe's", c)
	}
	c.N = 40
	c.fill(probeScores{resampled, constant(0.1), constant(0.5)}, metrics.Settings{Seed: 2}, "x")
	want, err := inference.Bootstrap(40, 400, 0.95, 2, "leakage/x", func(drawn []int) float64 { return resampled(drawn, nil) })
	if err != nil || c.Low != want.Low || c.High != want.High || c.Low >= c.High {
		t.Errorf("%v to %v, want %+v, %v", c.Low, c.High, want, err)
	}
	c.fill(probeScores{constant(-0.3), constant(-0.1), constant(-0.2)}, metrics.Settings{Permutations: 3}, "x")
	if c.Score != -0.1 || c.Low != -0.1 || c.P != 1 || c.Note != "" {
		t.Errorf("%+v, want the least bad", c)
	}
	c.fill(probeScores{constant(math.Inf(1)), constant(0), constant(0)}, metrics.Settings{}, "x")
	if !strings.HasPrefix(c.Note, "metrics: bootstrap: ") {
		t.Errorf("note %q, want what the bootstrap says", c.Note)
	}
	if got := balancedScore([]int{0, 1, 1}, []int{0, 1, 0}, []int{0, 1, 2}, []int{0, 1, 2}, 2); !near(got, 0.5) { // recalls 1 of one row, and 1/2
		t.Errorf("balanced score %v, want 1/2", got)
	}
	if s := Summarise([]Cell{{Wish: Empty, Score: 0.5}, {Wish: Keep, Score: 0.75}}); s.Leakage != 0.5 || s.Retention != 0.75 || s.Balance != 0.25 {
		t.Errorf("one cell each: %+v", s)
	}
}
