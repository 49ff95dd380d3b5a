package experiments

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/metrics/disentanglement"
	"github.com/venn-adapt/venn/reports"
)

// blocksOf are the known codes of a split: common, separate a, separate b, image by image.
func blocksOf(kind string, side, split int) (common, a, b [][]float64) {
	for _, k := range knownSet(side, split) {
		c, u, v, _ := k.codes(kind)
		common, a, b = append(common, c), append(a, u), append(b, v)
	}
	return common, a, b
}

func joined(x, y [][]float64) [][]float64 {
	out := make([][]float64, len(x))
	for i := range x {
		out[i] = append(append([]float64{}, x[i]...), y[i]...)
	}
	return out
}

// Independence is of the common code and the own separate code of held-out images,
// discrepancy of the codes of both domains' held-out images: the measures of these tests
// count every row, column and side differently.
func TestKnownStatistics(t *testing.T) {
	for _, kind := range []string{"oracle", "swapped", "leaky"} {
		run := runUndrawn(t, "model.codes="+kind)
		commonA, aA, bA := blocksOf(kind, 0, testSplit)
		commonB, aB, bB := blocksOf(kind, 1, testSplit)
		var rawA, rawB [][]float64
		for side, to := range []*[][]float64{&rawA, &rawB} {
			for _, k := range knownSet(side, testSplit) {
				var row []float64
				for _, v := range k.pixels() {
					row = append(row, float64(v))
				}
				*to = append(*to, row)
			}
		}
		want := []struct {
			of, between     string
			value           float64
			n, permutations int
		}{
			{"common code and separate code a, on a", "common a, separate-a a", weighted(commonA, aA), 72, 7},
			{"common code and separate code b, on b", "common b, separate-b b", weighted(commonB, bB), 60, 7},
			{"common code of a and of b", "common a, common b", apart(commonA, commonB), 72, 9},
			{"separate codes of a and of b", "separate a, separate b", apart(joined(aA, bA), joined(aB, bB)), 72, 9},
			{"raw pixels of a and of b", "pixels a, pixels b", apart(rawA, rawB), 72, 9},
		}
		got := append(append([]reports.Measured{}, run.Independence...), run.Discrepancy...)
		if len(got) != len(want) || len(run.Independence) != 2 {
			t.Fatalf("%s: %d statistics, want %d", kind, len(got), len(want))
		}
		for i, w := range want {
			equal(t, kind, got[i].Of, w.of)
			between := got[i].Between
			equal(t, kind, fmt.Sprintf("%s %s, %s %s", between[0].Block, between[0].Domain, between[1].Block, between[1].Domain), w.between)
			closeTo(t, kind+" "+w.of, got[i].Value, w.value, 1e-9)
			equal(t, kind+" "+w.of, fmt.Sprint(got[i].N, got[i].Resamples), fmt.Sprint(w.n, w.permutations))
			warned := false
			for _, text := range run.Warnings {
				warned = warned || text == fmt.Sprintf("%s: %d rows, fewer than 100: the statistics say little", w.of, w.n)
			}
			if text := w.of + ": " + got[i].Name + ": a word of warning"; !slices.Contains(run.Warnings, text) {
				t.Errorf("%s: the measure's warning %q is not in %q", kind, text, run.Warnings)
			}
			if !warned {
				t.Errorf("%s: no warning of few rows of %s in %q", kind, w.of, run.Warnings)
			}
		}
	}
}

// Fewer rows than there are, drawn without repetition by the seed.
func TestKnownStatisticsOfSomeRows(t *testing.T) {
	all := runUndrawn(t)
	some := runUndrawn(t, "metrics.independence.rows=50", "metrics.discrepancy.rows=50")
	for i := range some.Independence {
		if some.Independence[i].N != 50 || some.Independence[i].Value == all.Independence[i].Value {
			t.Errorf("%+v of 50 rows", some.Independence[i])
		}
	}
	if some.Discrepancy[0].N != 50 || some.Discrepancy[0].Value == all.Discrepancy[0].Value {
		t.Errorf("%+v of 50 rows", some.Discrepancy[0])
	}
}

// The leakage matrix of three kinds of codes: what is in a block is read off it, what is
// not is not, and the wishes stand at their places.
func TestKnownLeakageOfOracle(t *testing.T)  { knownLeakage(t, "oracle") }
func TestKnownLeakageOfSwapped(t *testing.T) { knownLeakage(t, "swapped") }
func TestKnownLeakageOfLeaky(t *testing.T)   { knownLeakage(t, "leaky") }

func knownLeakage(t *testing.T, kind string) {
	type place struct{ block, on, factor string }
	wishes := map[place]disentanglement.Wish{}
	order := []place{}
	add := func(block, on string, own disentanglement.Wish, shared disentanglement.Wish, factors ...string) {
		for _, f := range factors {
			w := shared
			if f == "hat" || f == "scarf" {
				w = own
			}
			p := place{block, on, f}
			wishes[p], order = w, append(order, p)
		}
	}
	add("common", "a", disentanglement.Empty, disentanglement.Keep, "told", "tone", "hat")
	add("common", "b", disentanglement.Empty, disentanglement.Keep, "told", "tone", "scarf")
	add("common", "a and b", disentanglement.Empty, disentanglement.Empty, "domain")
	add("separate a", "a", disentanglement.Keep, disentanglement.Empty, "told", "tone", "hat")
	add("separate b", "b", disentanglement.Keep, disentanglement.Empty, "told", "tone", "scarf")
	add("separate b", "a", disentanglement.Empty, disentanglement.Empty, "told", "tone", "hat")
	add("separate a", "b", disentanglement.Empty, disentanglement.Empty, "told", "tone", "scarf")
	// What each kind puts where, "+" when it is all there and "0" when nothing is.
	holds := map[string]map[place]string{
		"oracle": {{"common", "a", "told"}: "+", {"common", "b", "told"}: "+", {"separate a", "a", "hat"}: "+", {"separate b", "b", "scarf"}: "+",
			{"separate b", "a", "told"}: "0", {"separate b", "a", "hat"}: "0", {"separate a", "b", "told"}: "0", {"separate a", "b", "scarf"}: "0"},
		"swapped": {{"common", "a", "hat"}: "+", {"common", "b", "scarf"}: "+", {"common", "a and b", "domain"}: "+", {"separate a", "a", "told"}: "+", {"separate b", "b", "told"}: "+",
			{"separate b", "a", "told"}: "+", {"separate a", "b", "told"}: "+"},
		"leaky": {{"common", "a", "told"}: "+", {"common", "a", "hat"}: "+", {"common", "b", "scarf"}: "+", {"common", "a and b", "domain"}: "+", {"separate a", "a", "told"}: "+", {"separate a", "a", "hat"}: "+",
			{"separate a", "b", "told"}: "+", {"separate b", "a", "told"}: "+"},
	}
	what := holds[kind]
	run := runKnown(t, "model.codes="+kind, "translate.pairs=0")
	if len(run.Leakage) != len(order) {
		t.Fatalf("%s: %d cells, want %d", kind, len(run.Leakage), len(order))
	}
	for i, c := range run.Leakage {
		p := place{c.Block, c.On, c.Factor}
		equal(t, kind+" cell", p, order[i])
		equal(t, fmt.Sprint(kind, p, " wish"), c.Wish, wishes[p])
		switch what[p] {
		case "+":
			closeTo(t, fmt.Sprint(kind, p), c.Score, 1, 0.05)
		case "0":
			closeTo(t, fmt.Sprint(kind, p), c.Score, 0, 1e-9)
		}
	}
}

// Data that is not drawn has no factors, and so no matrix and no exact translations.
func TestKnownWithoutFactors(t *testing.T) {
	run := runUndrawn(t)
	if run.Leakage != nil || run.Translation != nil || len(run.Accuracy) != 10 {
		t.Errorf("leakage %v, translation %v, %d accuracies", run.Leakage, run.Translation, len(run.Accuracy))
	}
	if run := runKnown(t, "domains.b.drawn=false"); run.Leakage != nil || run.Translation != nil {
		t.Errorf("one domain is drawn: leakage %v, translation %v", run.Leakage, run.Translation)
	}
}

// A target without labels is trained and measured on, but not scored.
func TestKnownWithoutTargetLabels(t *testing.T) {
	run := runUndrawn(t, "domains.b.labels=false")
	for _, a := range run.Accuracy {
		if a.Target != nil || a.Source == nil || a.GapClosed != nil || a.Row == "target-oracle" {
			t.Errorf("%s: %+v", a.Row, a)
		}
	}
	if len(run.Accuracy) != 8 || !strings.Contains(strings.Join(run.Warnings, "\n"), "no target-oracle row: the target has no training labels") {
		t.Errorf("%d rows; warnings %q", len(run.Accuracy), run.Warnings)
	}
	for _, p := range run.Scatter.After {
		if (p.Class == -1) != (p.Domain == 1) {
			t.Fatalf("point %+v: only images of a have a class", p)
		}
	}
}

// The labelled side may be b: then everything is fitted there and scored on a.
func TestKnownSourceIsB(t *testing.T) {
	run := runUndrawn(t, "domains.a.labelled=false", "domains.b.labelled=true", "adapt.classifiers=[centroid]")
	common := func(k knownImage) []float64 { c, _, _, _ := k.codes("oracle"); return c }
	separate := func(k knownImage) []float64 { _, _, b, _ := k.codes("oracle"); return b }
	for i, of := range []func(knownImage) []float64{common, separate} {
		predicted := expected(t, nearestMean, 1, of)
		for side, score := range map[int]*reports.Score{0: run.Accuracy[i].Target, 1: run.Accuracy[i].Source} {
			hits := 0
			for j, k := range knownSet(side, testSplit) {
				if predicted[side][j] == k.class {
					hits++
				}
			}
			closeTo(t, fmt.Sprint(run.Accuracy[i].Row, " on ", side), score.Accuracy, float64(hits)/float64(knownSizes[side][testSplit]), 1e-12)
		}
	}
	equal(t, "features", run.Accuracy[1].Features, "separate code of b")
}

// The scatter is of the two largest principal components of the pooled held-out images,
// by eigenvectors of the covariance here, with the largest loading positive.
func TestKnownScatter(t *testing.T) {
	run := runUndrawn(t)
	var rows [2][][]float64 // of pixels and of codes
	var sides, classes []int
	for side := range 2 {
		common, _, _ := blocksOf("oracle", side, testSplit)
		rows[1] = append(rows[1], common...)
		for _, k := range knownSet(side, testSplit) {
			var row []float64
			for _, v := range k.pixels() {
				row = append(row, float64(v))
			}
			rows[0], sides, classes = append(rows[0], row), append(sides, side), append(classes, k.class)
		}
	}
	for i, points := range [][]reports.Point{run.Scatter.Before, run.Scatter.After} {
		what := []string{"pixels", "codes"}[i]
		want := components(rows[i])
		equal(t, "points of "+what, len(points), len(want))
		// Points come in the order of a draw: each must be that of an image of its domain and class.
		left := map[string]int{}
		for j, p := range want {
			left[fmt.Sprintf("%d %d %.5f %.5f", sides[j], classes[j], p[0]+10, p[1]+10)]++
		}
		for _, p := range points {
			left[fmt.Sprintf("%d %d %.5f %.5f", p.Domain, p.Class, p.X+10, p.Y+10)]--
		}
		for key, n := range left {
			if n != 0 {
				t.Errorf("%s: point %s: %+d", what, key, n)
			}
		}
	}
}

// components projects rows to the two largest principal components.
func components(rows [][]float64) [][2]float64 {
	n, d := len(rows), len(rows[0])
	centred := mat.NewDense(n, d, nil)
	for j := range d {
		mean := 0.0
		for _, r := range rows {
			mean += r[j] / float64(n)
		}
		for i, r := range rows {
			centred.Set(i, j, r[j]-mean)
		}
	}
	var covariance mat.SymDense
	covariance.SymOuterK(1, centred.T())
	var eigen mat.EigenSym
	eigen.Factorize(&covariance, true)
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	out := make([][2]float64, n)
	for k := range 2 {
		column, largest := d-1-k, 0.0
		for j := range d {
			if v := vectors.At(j, column); !(math.Abs(v) <= math.Abs(largest)) {
				largest = v
			}
		}
		for i := range n {
			for j := range d {
				out[i][k] += centred.At(i, j) * vectors.At(j, column) * math.Copysign(1, largest)
			}
		}
	}
	return out
}

// With fewer held-out images than probes want the job goes on without the matrix, and says why.
func TestKnownLeakageOfFewRows(t *testing.T) {
	run := runKnown(t, "translate.pairs=0", "metrics.independence.rows=39")
	if run.Leakage != nil || len(run.Accuracy) == 0 {
		t.Errorf("leakage %v, %d accuracies", run.Leakage, len(run.Accuracy))
	}
	reason := ""
	for _, s := range run.Skipped {
		if s.Evaluation == "leakage" {
			reason = s.Reason
		}
	}
	equal(t, "reason", reason, "39 held-out images of domain a, and probes want 40")
	if all := runKnown(t, "translate.pairs=0", "metrics.independence.rows=40"); len(all.Leakage) == 0 {
		t.Error("40 rows have no matrix")
	}
}
