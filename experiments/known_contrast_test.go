package experiments

import (
	"fmt"
	"math"
	"testing"

	"github.com/venn-adapt/venn/reports"
)

// plainSilhouette is that of classes as clusters of the rows, pair by pair.
func plainSilhouette(rows [][]float64, classes []int) float64 {
	var sum float64
	for i := range rows {
		mean, size := map[int]float64{}, map[int]float64{}
		for j := range rows {
			var square float64
			for k, v := range rows[i] {
				square += (v - rows[j][k]) * (v - rows[j][k])
			}
			if j != i {
				mean[classes[j]] += math.Sqrt(square)
				size[classes[j]]++
			}
		}
		own, other := mean[classes[i]]/size[classes[i]], math.Inf(1)
		for c, v := range mean {
			if c != classes[i] {
				other = min(other, v/size[c])
			}
		}
		sum += (other - own) / max(other, own) / float64(len(rows))
	}
	return sum
}

// Hats are the subtypes of a, scarves of b. A code that is one hot of them tells them without a
// fault, by the probe and in clusters, and a from b; one that is constant tells nothing.
func TestKnownContrast(t *testing.T) {
	subtypes := [2][]int{}
	for side := range subtypes {
		for _, k := range knownSet(side, testSplit) {
			subtypes[side] = append(subtypes[side], max(k.hat, k.scarf))
		}
	}
	for kind, tells := range map[string]string{"oracle": reports.ContrastSeparate, "swapped": reports.ContrastCommon, "constant": ""} {
		run := runKnown(t, "model.codes="+kind, "translate.pairs=0")
		if len(run.Contrast) != 4 {
			t.Fatalf("%s: %d rows, want 4", kind, len(run.Contrast))
		}
		for i, c := range run.Contrast {
			side := i / 2
			equal(t, kind, fmt.Sprint(c.Domain, " ", c.Subtype, " ", c.Code, " ", c.Levels, " ", c.Probe.N), []string{"a hat separate 3 72", "a hat common 3 72", "b scarf separate 2 60", "b scarf common 2 60"}[i])
			what := fmt.Sprintf("%s: %s from the %s code", kind, c.Subtype, c.Code)
			size, largest := map[int]float64{}, 0.0
			for _, l := range subtypes[side] {
				size[l]++
				largest = max(largest, size[l]/float64(len(subtypes[side])))
			}
			closeTo(t, what+": largest", c.Largest, largest, 1e-12)
			common, a, b := blocksOf(kind, side, testSplit)
			rows := [][][]float64{a, b}[side]
			if c.Code == reports.ContrastCommon {
				rows = common
			}
			switch {
			case kind == "constant":
				// The rows left to train on hold the fewer of what is held out, so that guesses are
				// a little worse than chance.
				closeTo(t, what+": probe", c.Probe.Value, 0, 0.06)
				for name, v := range map[string]float64{"AUC": c.AUC - 0.5, "ARI": c.ARI, "NMI": c.NMI, "silhouette": c.Silhouette} {
					closeTo(t, what+": "+name, v, 0, 1e-9)
				}
				continue
			case c.Code == tells:
				for name, v := range map[string]float64{"probe": c.Probe.Value, "lower end": c.Probe.Interval[0], "accuracy": c.Accuracy.Value, "AUC": c.AUC, "ARI": c.ARI, "NMI": c.NMI} {
					closeTo(t, what+": "+name, v, 1, 1e-9)
				}
			case c.Probe.Value > 0.9 || c.ARI > 0.9:
				t.Errorf("%s: probe %v, ARI %v", what, c.Probe.Value, c.ARI)
			}
			closeTo(t, what+": silhouette", c.Silhouette, plainSilhouette(rows, subtypes[side]), 1e-6)
		}
	}
	want := "{contrast no domain has known subtypes: categories of its own}"
	found := false
	for _, s := range runUndrawn(t).Skipped {
		found = found || fmt.Sprint(s) == want
	}
	if !found {
		t.Errorf("no word that %s", want)
	}
}
