package independence

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/combin"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/venn-adapt/venn/internal/reference"
	"github.com/venn-adapt/venn/metrics"
)

// A constant block is told as what it is, on either side, and not as what comes of it later.
func TestConstantBlocksSayWhy(t *testing.T) {
	x, y := wideBlocks(24)
	labels := mat.NewDense(24, 1, nil)
	for i := range 24 {
		labels.Set(i, 0, float64(i%3))
	}
	for _, m := range metrics.Measures.All() {
		if m.Kind != metrics.Independence {
			continue
		}
		other := y
		if m.Labels {
			other = labels
		}
		_, e := other.Dims()
		for side, blocks := range map[string][2]*mat.Dense{"x": {mat.NewDense(24, 1, nil), other}, "y": {x, mat.NewDense(24, e, nil)}} {
			r := reference.Must[metrics.Result](t)(m.Compute(blocks[0], blocks[1], metrics.Settings{}))
			if !slices.Contains(r.Warnings, "collapsed: all rows of a block are equal") {
				t.Errorf("%s, constant %s: %q", m.Name, side, r.Warnings)
			}
		}
	}
	if r := reference.Must[metrics.Result](t)(HSICGivenLabel(x, y, make([]int, 24), Widths{}, metrics.Settings{})); len(r.Warnings) != 1 {
		t.Errorf("one class: %q, want of few rows alone", r.Warnings)
	}
}

// Seven pairs of labels: chance is the mean over all orders of one of them, the entropies those of thirds; of many pairs P is
// that of G, where cells are large enough.
func TestDiscreteInformationByEnumeration(t *testing.T) {
	a, b := []int{0, 0, 0, 1, 1, 5, 5}, []int{2, 2, 9, 9, 9, 9, 2}
	plain := func(a, b []int) float64 {
		type pair struct{ x, y int }
		joint, ca, cb := map[pair]float64{}, map[int]float64{}, map[int]float64{}
		for i := range a {
			joint[pair{a[i], b[i]}]++
			ca[a[i]]++
			cb[b[i]]++
		}
		var sum float64
		n := float64(len(a))
		for i := range a { // each row has a part of its cell
			sum += math.Log(joint[pair{a[i], b[i]}]*n/(ca[a[i]]*cb[b[i]])) / n
		}
		return sum
	}
	var chance float64
	orders := combin.Permutations(7, 7)
	for _, p := range orders {
		other := make([]int, 7)
		for i, from := range p {
			other[i] = b[from]
		}
		chance += plain(a, other) / float64(len(orders))
	}
	h := func(counts ...float64) (sum float64) {
		for _, c := range counts {
			sum -= c / 7 * math.Log(c/7)
		}
		return sum
	}
	got, err := DiscreteInformation(a, b)
	ha, hb, i := h(3, 2, 2), h(3, 4), plain(a, b)
	for name, v := range map[string][2]float64{
		"information": {got.Information, i}, "x": {got.EntropyX, ha}, "y": {got.EntropyY, hb}, "normalised": {got.Normalised, 2 * i / (ha + hb)},
		"corrected": {got.MillerMadow, i + (3+2-5-1)/14.0}, "adjusted": {got.Adjusted, (i - chance) / ((ha+hb)/2 - chance)},
		"smallest cell": {got.SmallestCell, 2 * 3 / 7.0}, "levels": {float64(10*got.LevelsX + got.LevelsY), 32},
	} {
		if err != nil || !(math.Abs(v[0]-v[1]) <= 1e-12) {
			t.Errorf("%s: %v, want %v, %v", name, v[0], v[1], err)
		}
	}
	if !math.IsNaN(got.P) {
		t.Errorf("p %v of cells of less than five", got.P)
	}
	for _, tt := range []struct{ levelsX, levelsY, times int }{{2, 2, 5}, {3, 2, 5}, {3, 4, 6}} {
		var a, b []int
		for k := range tt.levelsX * tt.levelsY * tt.times {
			a, b = append(a, k%tt.levelsX), append(b, k/tt.levelsX%tt.levelsY)
		}
		a[0] = 1 - a[0]
		b[3], b[0] = b[0], b[3]
		got := reference.Must[LabelPair](t)(DiscreteInformation(a, b))
		df := float64((tt.levelsX - 1) * (tt.levelsY - 1))
		want := distuv.ChiSquared{K: df}.Survival(2 * float64(len(a)) * plain(a, b))
		if got.SmallestCell < 5 {
			want = math.NaN()
		}
		if got.P != want && !(math.Abs(got.P-want) <= 1e-9) && !(math.IsNaN(got.P) && math.IsNaN(want)) {
			t.Errorf("%+v: p %v, want %v", tt, got.P, want)
		}
	}
	if one := reference.Must[LabelPair](t)(DiscreteInformation(make([]int, 30), make([]int, 30))); one.Normalised != 0 || one.Adjusted != 0 || !math.IsNaN(one.P) {
		t.Errorf("two constants: %+v", one)
	}
}
