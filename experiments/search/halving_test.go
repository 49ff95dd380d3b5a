package search

import (
	"fmt"
	"math"
	"slices"
	"testing"

	_ "github.com/venn-adapt/venn/internal/seeded"
	"pgregory.net/rapid"
)

// Five trials, two rungs, halves: two of five go on, one of two. By hand.
func TestDecideByHand(t *testing.T) {
	none := math.Inf(-1)
	for _, tt := range []struct {
		name   string
		trials []Trial
		want   []string // of each trial
	}{
		{"nobody began", []Trial{{}, {}, {}}, []string{"train 0", "train 0", "train 0"}},
		{"one is ahead", []Trial{{Scores: []float64{3}}, {}, {Scores: []float64{1}}}, []string{"wait 0 for 1", "train 0", "wait 0 for 1"}},
		{"first rung", []Trial{{Scores: []float64{3}}, {Scores: []float64{5}}, {Scores: []float64{1}}, {Scores: []float64{4}}, {Scores: []float64{none}}},
			[]string{"stop 0", "train 1", "stop 0", "train 1", "stop 0"}},
		{"second rung of one", []Trial{{Scores: []float64{3}}, {Scores: []float64{5, 1}}, {Scores: []float64{1}}, {Scores: []float64{4}}, {Scores: []float64{2}}},
			[]string{"stop 0", "wait 1 for 1", "stop 0", "train 1", "stop 0"}},
		{"second rung", []Trial{{Scores: []float64{3}}, {Scores: []float64{5, 1}}, {Scores: []float64{1}}, {Scores: []float64{4, 2}}, {Scores: []float64{2}}},
			[]string{"stop 0", "stop 1", "stop 0", "finish", "stop 0"}},
		{"equal scores", []Trial{{Scores: []float64{1, 1}}, {Scores: []float64{1, 1}}, {Scores: []float64{1}}, {Scores: []float64{1}}},
			[]string{"finish", "stop 1", "stop 0", "stop 0"}},
		{"a lost one came too", []Trial{{Scores: []float64{1}}, {Lost: true}, {Scores: []float64{2}}, {Lost: true}}, []string{"train 1", "train 0", "train 1", "train 0"}},
		{"lost at the second rung", []Trial{{Scores: []float64{1, 7}}, {Scores: []float64{5}, Lost: true}, {Scores: []float64{0}}, {Scores: []float64{0}}},
			[]string{"finish", "train 1", "stop 0", "stop 0"}},
		{"alone", []Trial{{Scores: []float64{none, none}}}, []string{"finish"}},
	} {
		for me, want := range tt.want {
			v, rung, waits := Decide(tt.trials, 2, 2, me)
			got := fmt.Sprint([]string{"train", "wait", "stop", "finish"}[v], " ", rung)
			switch v {
			case Wait:
				got += fmt.Sprint(" for ", waits)
			case Finish:
				got = "finish"
			}
			if got != want {
				t.Errorf("%s, trial %d: %s, want %s", tt.name, me, got, want)
			}
		}
	}
}

// Whatever the order in which trials come to ask, the same ones are stopped and the same ones
// finish: those that a plain tournament with all scores at hand lets through.
func TestDecideInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, rungs, eta := rapid.IntRange(1, 9).Draw(t, "trials"), rapid.IntRange(1, 3).Draw(t, "rungs"), rapid.IntRange(2, 4).Draw(t, "eta")
		scores := make([][]float64, n)
		for i := range scores {
			for range rungs {
				scores[i] = append(scores[i], float64(rapid.IntRange(0, 4).Draw(t, "score")))
			}
		}
		// The tournament: of those left, again and again the best of the rung, the first of equals.
		left := make([]int, n)
		for i := range left {
			left[i] = i
		}
		out := map[int]int{} // the rung at which a trial was stopped
		for k := range rungs {
			var through []int
			for len(through) < max(1, len(left)/eta) {
				best := -1
				for _, i := range left {
					if !slices.Contains(through, i) && (best < 0 || scores[i][k] > scores[best][k]) {
						best = i
					}
				}
				through = append(through, best)
			}
			for _, i := range left {
				if !slices.Contains(through, i) {
					out[i] = k
				}
			}
			slices.Sort(through)
			left = through
		}
		state, ended := make([]Trial, n), map[int]bool{}
		for asked := 0; len(ended) < n; asked++ {
			if asked > 1000 {
				t.Fatal("no end")
			}
			me := rapid.IntRange(0, n-1).Draw(t, "me")
			if asked > 200 { // rapid may draw one for ever
				me = asked % n
			}
			v, rung, _ := Decide(state, rungs, eta, me)
			switch stopped, is := out[me], slices.Contains(left, me); v {
			case Train:
				state[me].Scores = append(state[me].Scores, scores[me][rung])
			case Stop:
				ended[me] = true
				if is || stopped != rung {
					t.Fatalf("trial %d was stopped at rung %d", me, rung)
				}
			case Finish:
				ended[me] = true
				if !is {
					t.Fatalf("trial %d finished", me)
				}
			}
		}
	})
}
