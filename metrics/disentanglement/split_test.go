package disentanglement

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	_ "github.com/venn-adapt/venn/internal/seeded"
)

// matrixOf are the cells of two domains with the common factors tone and tilt and a separate factor
// each, hat and grin, filled block by block.
func matrixOf(commonTone, commonTilt, commonOwn, ownTone, ownTilt, ownOwn, domain float64) (out []Cell) {
	add := func(block, on, factor string, wish Wish, score float64) {
		out = append(out, Cell{Block: block, On: on, Factor: factor, Wish: wish, Score: score})
	}
	for i, on := range []string{"a", "b"} {
		own, other := []string{"hat", "grin"}[i], []string{"b", "a"}[i]
		add("common", on, "tone", Keep, commonTone)
		add("common", on, "tilt", Keep, commonTilt)
		add("common", on, own, Empty, commonOwn)
		add("separate "+on, on, "tone", Empty, ownTone)
		add("separate "+on, on, "tilt", Empty, ownTilt)
		add("separate "+on, on, own, Keep, ownOwn)
		for _, f := range []string{"tone", "tilt", own} { // of the other domain: not counted
			add("separate "+other, on, f, Empty, 1)
		}
	}
	add("common", "a and b", "domain", Empty, domain)
	return out
}

func wantSplit(t *testing.T, name string, cells []Cell, want Split) {
	t.Helper()
	got := SplitOf(cells)
	for _, v := range []struct {
		part      string
		got, want float64
	}{{"common keeps", got.CommonKeeps, want.CommonKeeps}, {"common free", got.CommonFree, want.CommonFree},
		{"separate keeps", got.SeparateKeeps, want.SeparateKeeps}, {"separate free", got.SeparateFree, want.SeparateFree}, {"domain hidden", got.DomainHidden, want.DomainHidden}} {
		if !near(v.got, v.want) && !(math.IsNaN(v.got) && math.IsNaN(v.want)) {
			t.Errorf("%s: %s is %v, want %v", name, v.part, v.got, v.want)
		}
	}
}

func TestSplitByHand(t *testing.T) {
	wantSplit(t, "perfect", matrixOf(1, 1, 0, 0, 0, 1, 0), Split{1, 1, 1, 1, 1})
	wantSplit(t, "the wrong way round", matrixOf(0, 0, 1, 1, 1, 0, 1), Split{})
	wantSplit(t, "all in the common code", matrixOf(1, 1, 1, 0, 0, 0, 1), Split{1, 0, 0, 1, 0})
	wantSplit(t, "all in the separate codes", matrixOf(0, 0, 0, 1, 1, 1, 0), Split{0, 1, 1, 0, 1})
	wantSplit(t, "empty codes", matrixOf(0, 0, 0, 0, 0, 0, 0), Split{0, 1, 0, 1, 1})
	wantSplit(t, "in part", matrixOf(0.5, 1, 0.25, 0.2, 0.4, 0.6, 0.3), Split{0.75, 0.75, 0.6, 0.7, 0.7})
	// Below chance is chance, before any mean; above 1 is 1.
	wantSplit(t, "outside", matrixOf(-3, 0.5, -0.5, -1, 0.5, 2, -0.1), Split{0.25, 1, 1, 0.75, 1})
	nan := math.NaN()
	wantSplit(t, "nothing", nil, Split{nan, nan, nan, nan, nan})
	// A factor of both domains counts once: tone is 1 and 0, tilt 0.5 on the one domain that has it.
	wantSplit(t, "by factor", []Cell{
		{Block: "common", On: "a", Factor: "tone", Wish: Keep, Score: 1}, {Block: "common", On: "b", Factor: "tone", Wish: Keep, Score: 0},
		{Block: "common", On: "a", Factor: "tilt", Wish: Keep, Score: 0.75}, {Block: "common", On: "b", Factor: "tilt", Wish: Keep, Score: 9, Absent: true},
		{Block: "common", On: "a", Factor: "size", Wish: Open, Score: 0}, {Block: "code", On: "a", Factor: "size", Wish: Keep, Score: 0},
	}, Split{0.625, nan, nan, nan, nan})
}

// Whatever the scores, the numbers lie in [0, 1], and one that gets better makes no number worse.
func TestSplitProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s [7]float64
		for i := range s {
			s[i] = rapid.Float64Range(-2, 2).Draw(t, "score")
		}
		of := func() [5]float64 {
			v := SplitOf(matrixOf(s[0], s[1], s[2], s[3], s[4], s[5], s[6]))
			return [5]float64{v.CommonKeeps, v.CommonFree, v.SeparateKeeps, v.SeparateFree, v.DomainHidden}
		}
		before := of()
		i := rapid.IntRange(0, 6).Draw(t, "which")
		if i < 2 || i == 5 { // wanted
			s[i] += rapid.Float64Range(0, 1).Draw(t, "better")
		} else {
			s[i] -= rapid.Float64Range(0, 1).Draw(t, "better")
		}
		for k, v := range of() {
			if !(v >= 0 && v <= 1) || v < before[k]-1e-12 {
				t.Fatalf("number %d is %v, before %v", k, v, before[k])
			}
		}
	})
}
