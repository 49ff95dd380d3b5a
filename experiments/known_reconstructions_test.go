package experiments

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/reports"
)

// again is an image made again, as a mover does: wrong in hue, in tone, in colour of its hat or in its scarf, or without its hat. Any
// other edit copies the content.
func (m *mover) again(e models.Edit, x []float32) []float32 {
	px := slices.Clone(x)
	if e != models.Reconstruction(e.Content) {
		return px
	}
	next := func(k, values int) { px[k] = shade(math.Mod(float64(4*x[k])+1, float64(values))) }
	switch what := strings.TrimPrefix(m.does, "again-"); {
	case what == "hue" && e.Content == domains.A:
		next(0, 4)
	case what == "tone" && e.Content == domains.A:
		px[1] = shade(1 - float64(4*x[1]))
	case what == "colour" && e.Content == domains.A:
		next(2, 3)
	case what == "bare" && e.Content == domains.A:
		px[2], px[3] = -1, -1
	case what == "scarf" && e.Content == domains.B:
		next(4, 5)
	}
	return px
}

// What reconstructions show is put together by pairs: shared factors of the content's, the guide's own of the guide's; the
// translations themselves, here copies of the content, have no part in it.
func TestKnownCorrectnessOfReconstructions(t *testing.T) {
	var back, all int // pairs of different hues b->a, and in both directions
	for side := range 2 {
		for _, p := range blockPairs(side, 60) {
			if p[0]["hue"] != p[1]["hue"] {
				if all++; side == 1 {
					back++
				}
			}
		}
	}
	hue := float64(back) / float64(all)
	for _, tt := range []struct{ always, does, means, factors string }{
		{"true", "again-exact", "1 1 1 1, 1", ""},
		{"false", "again-exact", "1 1 1 1, 1", ""},
		{"true", "again-hue", fmt.Sprintf("%.4g 1 1 1, %.4g", (hue+1)/2, (hue+3)/4), fmt.Sprintf("content hue %.4g", hue)},
		{"true", "again-colour", "1 1 0.5 1, 0.875", "manipulation colour 0"},
		{"false", "again-colour", "1 1 0.5 1, 0.875", "manipulation colour 0"},
		{"false", "again-bare", "1 1 0 1, 0.75", "manipulation colour 0, manipulation length 0"},
		{"false", "again-scarf", "1 0 1 1, 0.75", "manipulation scarf 0"},
	} {
		run := moved(t, "known-blocks", tt.does, "domains.a.always="+tt.always, "domains.b.always="+tt.always)
		means, factors := condensedOf(t, run.Reconstructed)
		fields := strings.Fields(means) // without the bias
		equal(t, tt.does+" "+tt.always, strings.Join(fields[:4], " ")+", "+fields[5], tt.means)
		equal(t, tt.does+" "+tt.always+" by factor", strings.HasPrefix(factors, tt.factors) && strings.Count(factors, "manipulation") == strings.Count(tt.factors, "manipulation"), true)
		if means, _ = condensed(t, run); !strings.HasPrefix(means, "1 0 0 0 0") {
			t.Errorf("%s: translations %s, want those of copies", tt.does, means)
		}
		for _, s := range run.Reconstructed {
			if s.Resamples != nil {
				t.Errorf("resamples of %+v", s)
			}
		}
	}
	// Of a number the content's own value and the guide's are read as well as the middles of its levels.
	half := func(v float64) int { return int(2 * v) }
	var kept, counted int
	for side := range 2 {
		for _, p := range blockPairs(side, 60) {
			x, y := p[0]["tone"], p[1]["tone"]
			if half(x) == half(y) {
				continue
			}
			nearest, shown := x, map[bool]float64{true: 1 - x, false: x}[side == 0]
			for _, v := range []float64{0.25, 0.75, y} {
				if math.Abs(v-shown) < math.Abs(nearest-shown) {
					nearest = v
				}
			}
			if counted++; half(nearest) == half(x) {
				kept++
			}
		}
	}
	tone := moved(t, "known-blocks", "again-tone").ReconstructedScore("content", "", "tone")
	equal(t, "tone", fmt.Sprint(tone.Hits, tone.N), fmt.Sprint(kept, counted))
	run := moved(t, "known-blocks", "again-colour")
	row := cellsOf(t, "correctness", run.runs)[0]
	equal(t, "cells", strings.Join(row[6:], " | "), "0.500 [0.500, 0.500] | 0.875 [0.875, 0.875] | 120")
	for _, cells := range cellsOf(t, "correctness-factors", run.runs) {
		if cells[0] == "colour" {
			equal(t, "colour", strings.HasPrefix(cells[5], "0.000 [0.000, "), true)
		} else {
			equal(t, cells[0], strings.HasPrefix(cells[5], "1.000 ["), true)
		}
	}
	run = moved(t, "known-blocks", "exact")
	equal(t, "skipped", slices.Contains(run.Skipped, reports.Skipped{Evaluation: "correctness of reconstructions", Reason: "the model does not make an image again"}), true)
	equal(t, "scores", len(run.Reconstructed), 0)
}
