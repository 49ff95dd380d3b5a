package discrepancy

import (
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/combin"

	"github.com/venn-adapt/venn/internal/reference"
	"github.com/venn-adapt/venn/internal/rows"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/metrics"
)

// Rows 0, 0, 1, 3 with two neighbours each, by hand: of the zeros the other zero and the 1; of the 1 both zeros; of
// the 3 the 1 and, for one place, both zeros at one half.
func TestNeighboursShareTheirPlaces(t *testing.T) {
	for _, unit := range []float64{1, 0.1, 1.0 / 3, 1e-30, 1e30} {
		all := mat.NewDense(4, 1, []float64{0, 1 * unit, 0, 3 * unit})
		s := newSites(all, 2)
		if !slices.Equal(s.count, []float64{2, 1, 1}) || !slices.Equal(s.of, []int{0, 1, 0, 2}) {
			t.Fatalf("unit %g: sites %v of %v rows", unit, s.of, s.count)
		}
		for _, tt := range []struct {
			first []int
			want  [2]float64
		}{
			{[]int{0, 1}, [2]float64{2, 0.5}},    // 0 has the 1, the 1 has that 0; the 3 half of the other 0, which has none
			{[]int{0, 2}, [2]float64{2, 1}},      // the zeros have each other; the 3 has the 1
			{[]int{3}, [2]float64{0, 6}},         // the three others have all their neighbours
			{[]int{1, 2, 3}, [2]float64{3.5, 0}}, // the 1 a zero, a zero the 1, the 3 the 1 and half a zero
		} {
			if got := s.own(tt.first); got != tt.want {
				t.Errorf("unit %g, first sample %v: %v, want %v", unit, tt.first, got, tt.want)
			}
		}
	}
}

// Where ties abound, every row still has k neighbours: over all divisions of the rows the mean share of the own
// sample is that of chance, exactly.
func TestMeanShareOfOwnIsChance(t *testing.T) {
	r := stream.New(2, "grid")
	all := mat.NewDense(10, 2, nil)
	all.Apply(func(_, _ int, _ float64) float64 { return float64(r.IntN(3)) }, all)
	const k, m = 3, 4
	s := newSites(all, k)
	var one, other float64
	divisions := combin.Combinations(10, m)
	for _, first := range divisions {
		own := s.own(first)
		one, other = one+own[0]/float64(k*m), other+own[1]/float64(k*(10-m))
	}
	n := float64(len(divisions))
	if !(math.Abs(one/n-3.0/9) <= 1e-12) || !(math.Abs(other/n-5.0/9) <= 1e-12) {
		t.Errorf("mean shares %v and %v, want 1/3 and 5/9", one/n, other/n)
	}
}

// The order of tied rows and of the samples is nothing to the value.
func TestMixingOfTiedRows(t *testing.T) {
	r := stream.New(3, "tied")
	x, y := mat.NewDense(30, 2, nil), mat.NewDense(50, 2, nil)
	for _, b := range []*mat.Dense{x, y} {
		b.Apply(func(_, _ int, _ float64) float64 { return float64(r.IntN(3)) }, b)
	}
	of := func(x, y *mat.Dense) float64 { return reference.Must[metrics.Result](t)(Mixing(x, y, none)).Value }
	want := of(x, y)
	if got := of(y, x); !(math.Abs(got-want) <= 1e-12) {
		t.Errorf("exchanged: %v, want %v", got, want)
	}
	for seed := range uint64(5) {
		p, q := stream.Permutation(stream.New(seed, "x"), 30), stream.Permutation(stream.New(seed, "y"), 50)
		if got := of(rows.Take(x, p), rows.Take(y, q)); !(math.Abs(got-want) <= 1e-12) {
			t.Errorf("rows in another order: %v, want %v", got, want)
		}
	}
	// All of one sample at one place and all of the other far off: the own share is 1, chance 29/79 and 49/79.
	apart := of(mat.NewDense(30, 1, nil), mat.NewDense(50, 1, slices.Repeat([]float64{5}, 50)))
	if want := 1 - (29.0/79+49.0/79)/2; !(math.Abs(apart-want) <= 1e-12) {
		t.Errorf("two places: %v, want %v", apart, want)
	}
}

// The pairs of the linear-time statistic are those of the streams, one a sample, and what is left over is told.
func TestLinearTimeDrawsItsPairs(t *testing.T) {
	x, y := normal(21, 2, 0, "drawn x"), normal(30, 2, 0.5, "drawn y")
	s := metrics.Settings{Seed: 4}
	got := reference.Must[metrics.Result](t)(LinearMMD(x, y, Kernel{Width: 2}, s))
	p := stream.Permutation(stream.New(4, "mmd2-linear-time", "x"), 21)
	q := stream.Permutation(stream.New(4, "mmd2-linear-time", "y"), 30)
	k := func(a, b []float64) float64 {
		return math.Exp(-((a[0]-b[0])*(a[0]-b[0]) + (a[1]-b[1])*(a[1]-b[1])) / 8)
	}
	var want float64
	for i := 0; i < 20; i += 2 {
		a, b, c, d := x.RawRowView(p[i]), x.RawRowView(p[i+1]), y.RawRowView(q[i]), y.RawRowView(q[i+1])
		want += (k(a, b) + k(c, d) - k(a, d) - k(b, c)) / 10
	}
	if !(math.Abs(got.Value-want) <= 1e-12) {
		t.Errorf("%v, want %v", got.Value, want)
	}
	if !slices.ContainsFunc(got.Warnings, func(w string) bool { return strings.HasPrefix(w, "10 rows of the larger sample left out") }) {
		t.Errorf("warnings %v", got.Warnings)
	}
}

// A row on the edge of a ball is outside it, in any unit: by hand, of 0 1 2 and 1 2 9 with one neighbour.
func TestSupportOnTheEdge(t *testing.T) {
	for _, unit := range []float64{1, 0.1, 1.0 / 3} {
		real, generated := mat.NewDense(3, 1, []float64{0, 1 * unit, 2 * unit}), mat.NewDense(3, 1, []float64{1 * unit, 2 * unit, 9 * unit})
		got := reference.Must[Support](t)(SupportOf(real, generated, 1))
		// Balls of radius 1 about 0, 1, 2 hold 1 and 2 at their centres alone; balls of radius 1, 1, 7 about 1, 2, 9 hold 1
		// and 2, and 2 is on the edge of the last.
		want := Support{Precision: 2.0 / 3, Recall: 2.0 / 3, Density: 2.0 / 3, Coverage: 2.0 / 3}
		if !(math.Abs(got.Precision-want.Precision) <= 1e-12) || !(math.Abs(got.Recall-want.Recall) <= 1e-12) ||
			!(math.Abs(got.Density-want.Density) <= 1e-12) || !(math.Abs(got.Coverage-want.Coverage) <= 1e-12) || got.Empty != 0 {
			t.Errorf("unit %g: %+v, want %+v", unit, got, want)
		}
	}
}
