package validators

import (
	"math"
	"testing"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/stream"
)

// Of mixtures of rows of one class alone, or of pairs of different classes alone, the one share is the score.
func TestMixvalOfOneKind(t *testing.T) {
	if got := scoreOf(t, "mixval", handMade(t, []float64{0, 0.1, 0.2, 0.3, 0.4}, nil)); got != 1 {
		t.Errorf("one class: %v", got)
	}
	// 0 and 20 mix to 9 and 11, both class 1: never the larger part's.
	e := handMade(t, []float64{0, 20}, nil)
	for seed := range uint64(8) {
		e.Task.Seed = seed
		v, _ := adapt.Validators.Get("mixval")
		if got, err := v.Score(e); err == nil && got != 0 || err != nil && err.Error() != "no pair among 2 rows" {
			t.Errorf("seed %d: %v, %v", seed, got, err)
		}
	}
}

// Mixtures over many draws, among them some with a single pair of a kind.
func TestMixvalOverDraws(t *testing.T) {
	target := []float64{0, 1, 20, 9, 8}
	labels := []int{0, 0, 2, 1, 1}
	single := [2]bool{}
	for seed := range uint64(40) {
		e := handMade(t, target, nil)
		e.Task.Seed = seed
		partner := stream.Permutation(stream.New(seed, "mixval"), 5)
		var hits, pairs [2]float64
		for i, j := range partner {
			if i == j {
				continue
			}
			kind := 0
			if labels[i] == labels[j] {
				kind = 1
			}
			pairs[kind]++
			x := 0.55*target[i] + 0.45*target[j]
			class := 0
			if x > 15.5 {
				class = 2
			} else if x > 5.5 {
				class = 1
			}
			if class == labels[i] {
				hits[kind]++
			}
		}
		want, kinds := 0.0, 0.0
		for k := range pairs {
			single[k] = single[k] || pairs[k] == 1
			if pairs[k] > 0 {
				want, kinds = want+hits[k]/pairs[k], kinds+1
			}
		}
		if kinds == 0 {
			continue
		}
		if got := scoreOf(t, "mixval", e); !(math.Abs(got-want/kinds) <= 1e-12) {
			t.Errorf("seed %d: %v, want %v", seed, got, want/kinds)
		}
	}
	if !single[1] {
		t.Fatal("no draw has a single pair of equal labels")
	}
}

// Mixtures of 0.55 of a row and 0.45 of its partner, told by the nearest of 0 to 21, pair by pair.
func TestMixval(t *testing.T) {
	target := []float64{0, 1, 10, 11, 20, 21, 0.5, 10.5, 20.5}
	e := handMade(t, target, nil)
	label := func(x float64) int {
		best, at := math.Inf(1), 0
		for i, s := range []float64{0, 1, 10, 11, 20, 21} {
			if d := math.Abs(x - s); d < best {
				best, at = d, i/2
			}
		}
		return at
	}
	partner := stream.Permutation(stream.New(7, "mixval"), len(target))
	var hits, pairs [2]float64
	for i, j := range partner {
		if i == j {
			continue
		}
		kind := 0
		if label(target[i]) == label(target[j]) {
			kind = 1
		}
		pairs[kind]++
		if label(0.55*target[i]+0.45*target[j]) == label(target[i]) {
			hits[kind]++
		}
	}
	if pairs[0] == 0 || pairs[1] == 0 || hits[0] == hits[1] {
		t.Fatalf("the draw is too plain: %v of %v", hits, pairs)
	}
	want := (hits[0]/pairs[0] + hits[1]/pairs[1]) / 2
	if got := scoreOf(t, "mixval", e); !(math.Abs(got-want) <= 1e-12) {
		t.Errorf("%v, want %v (%v of %v)", got, want, hits, pairs)
	}
}
