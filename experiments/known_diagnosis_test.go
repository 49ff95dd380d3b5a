package experiments

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
)

// plainVariances are of each column, n in the denominator.
func plainVariances(rows [][]float64) []float64 {
	out := make([]float64, len(rows[0]))
	for j := range out {
		var sum, square float64
		for _, r := range rows {
			sum += r[j]
			square += r[j] * r[j]
		}
		n := float64(len(rows))
		out[j] = square/n - (sum/n)*(sum/n)
	}
	return out
}

// toldRightly is how often the known model's discriminator is right, the mean of both domains.
func toldRightly(kind string, a, b [][]float64) float64 {
	if kind == "leaky" {
		return 1
	}
	share := func(rows [][]float64) (s float64) {
		for _, row := range rows {
			if row[min(3, len(row)-1)] > knownTone {
				s += 1 / float64(len(rows))
			}
		}
		return s
	}
	return (share(a) + 1 - share(b)) / 2
}

func total(values []float64) float64 {
	var s float64
	for _, v := range values {
		s += v
	}
	return s
}

// Every check of the diagnosis with its value and verdict, for codes of several kinds.
func TestKnownDiagnosis(t *testing.T) {
	for _, tt := range []struct {
		overrides []string
		kind      string
		l1        [2]float64 // of reconstructions
	}{
		{[]string{"model.codes=oracle"}, "oracle", [2]float64{0, 0}},
		{[]string{"model.codes=leaky"}, "leaky", [2]float64{-1, -1}},
		{[]string{"model.codes=bare"}, "bare", [2]float64{-1, -1}},
		{[]string{"model.codes=constant"}, "constant", [2]float64{-1, -1}},
		// The background, 47 of 64 pixels, is 0.2 off.
		{[]string{"model.blur=0.2"}, "oracle", [2]float64{0.2 * 47 / 64, 0.2 * 47 / 64}},
	} {
		run := runUndrawn(t, tt.overrides...)
		what := strings.Join(tt.overrides, " ")
		commonA, aA, bA := blocksOf(tt.kind, 0, testSplit)
		commonB, aB, bB := blocksOf(tt.kind, 1, testSplit)
		meanOf := func(rows [][]float64) float64 {
			var s float64
			for _, r := range rows {
				for _, v := range r {
					s += math.Abs(v) / float64(len(rows)*len(r))
				}
			}
			return s
		}
		ratio := func(foreign, own [][]float64) float64 {
			if v := total(plainVariances(own)); v > 1e-12 {
				return total(plainVariances(foreign)) / v
			}
			return 1
		}
		share := func(rows [][]float64) float64 {
			v := plainVariances(rows)
			n := 0.0
			for _, x := range v {
				if x <= 1e-4*total(v)/float64(len(v))+1e-15 {
					n++
				}
			}
			return n / float64(len(v))
		}
		want := []struct {
			name  string
			value float64
			below float64
			note  string
		}{
			{"zero loss of separate code a on b", meanOf(aB), 0.05, "answers to what both domains share"},
			{"variance of separate code a on b over that on a", ratio(aB, aA), 0.25, "carries little of its own domain"},
			{"zero loss of separate code b on a", meanOf(bA), 0.05, "answers to what both domains share"},
			{"variance of separate code b on a over that on b", ratio(bA, bB), 0.25, "carries little of its own domain"},
			{"reconstruction L1 on a", tt.l1[0], 0.12, "do not hold the image"},
			{"reconstruction L1 on b", tt.l1[1], 0.12, "do not hold the image"},
			{"collapsed channels of the common code on a", share(commonA), 0.25, "does not vary between images"},
			{"collapsed channels of the common code on b", share(commonB), 0.25, "does not vary between images"},
			{"discriminator accuracy", toldRightly(tt.kind, commonA, commonB), 0.95, "raise model.loss.confusion"},
		}
		if len(run.Diagnosis) != len(want) {
			t.Fatalf("%s: %d checks, want %d", what, len(run.Diagnosis), len(want))
		}
		for i, w := range want {
			c := run.Diagnosis[i]
			equal(t, what, c.Name, w.name)
			if w.value >= 0 {
				closeTo(t, what+": "+w.name, c.Value, w.value, 1e-6)
			}
			equal(t, what+": "+w.name+" want", c.Want, fmt.Sprintf("below %g", w.below))
			equal(t, what+": "+w.name+" ok", c.OK, c.Value < w.below)
			warning := fmt.Sprintf("%s is %.4g, want below %g: ", w.name, c.Value, w.below)
			warned := strings.Contains(strings.Join(run.Warnings, "\n"), warning)
			if warned == c.OK || c.OK != (c.Note == "") || !c.OK && !strings.Contains(c.Note, w.note) {
				t.Errorf("%s: %s: ok %v, note %q, warned %v", what, w.name, c.OK, c.Note, warned)
			}
		}
	}
	// Each check of these has been on both sides of its bound.
	sides := map[string][2]int{}
	for _, o := range []string{"model.codes=oracle", "model.codes=leaky", "model.codes=bare", "model.codes=constant", "model.blur=0.2"} {
		for _, c := range runUndrawn(t, o).Diagnosis {
			n := sides[c.Name]
			if c.OK {
				n[0]++
			} else {
				n[1]++
			}
			sides[c.Name] = n
		}
	}
	for name, n := range sides {
		if n[0] == 0 || n[1] == 0 {
			t.Errorf("%s: %d times ok, %d times not", name, n[0], n[1])
		}
	}
}

// Reconstructions: mean L1 and PSNR of every held-out image, the same for each here, so
// that the intervals are points.
func TestKnownReconstruction(t *testing.T) {
	run := runUndrawn(t, "model.blur=0.2")
	for i, r := range run.Reconstruction {
		equal(t, "domain", r.Domain, []string{"a", "b"}[i])
		// 47 of 64 pixels are 0.2 off, of a span of 2: the mean square is 0.04 * 47/64.
		psnr := 10 * math.Log10(4/(0.04*47/64))
		closeTo(t, "L1", r.L1.Value, 0.2*47/64, 1e-6)
		closeTo(t, "PSNR", r.PSNR.Value, psnr, 1e-4)
		closeTo(t, "L1 low", r.L1.Interval[0], 0.2*47/64, 1e-6)
		closeTo(t, "L1 high", r.L1.Interval[1], 0.2*47/64, 1e-6)
		equal(t, "images", r.L1.N, knownSizes[i][testSplit])
		if r.SSIM != nil {
			t.Errorf("structural similarity of images of 8 x 8: %v", *r.SSIM)
		}
	}
	if len(run.Reconstruction) != 2 {
		t.Fatalf("%d domains", len(run.Reconstruction))
	}
	// Own parts at a third of their contrast: a's hat has three pixels of 0.3, b's scarf two
	// of 0.3 and one of its length, of which two thirds are lost.
	run = runUndrawn(t, "model.follow=0.3333333333333333")
	closeTo(t, "L1 of a", run.Reconstruction[0].L1.Value, 3*0.3*2/3/64, 1e-6)
	var length float64
	for _, k := range knownSet(1, testSplit) {
		length += k.length / 60
	}
	closeTo(t, "L1 of b", run.Reconstruction[1].L1.Value, (2*0.3+length)*2/3/64, 1e-6)
}

// The training curves are the records of the losses, here the mean tone of each batch: those
// of a's and b's training images in the order of the domains.
func TestKnownCurves(t *testing.T) {
	run := runUndrawn(t)
	curves := run.runs[0].Curves
	if len(curves) != 3 {
		t.Fatalf("%d curves", len(curves))
	}
	for side, letter := range []string{"a", "b"} {
		order, err := domains.NewOrder(0, letter, knownSizes[side][trainSplit], 4)
		if err != nil {
			t.Fatal(err)
		}
		c := curves[side]
		equal(t, "name", c.Name, "reconstruction/"+letter)
		for step := range 20 {
			mean := 0.0
			for _, i := range order.Batch(step) {
				mean += newKnownImage(side, trainSplit, i).tone / 4
			}
			equal(t, "step", c.Steps[step], step+1)
			closeTo(t, fmt.Sprint("mean tone of ", letter, " in step ", step), c.Values[step], mean, 1e-7)
		}
	}
	equal(t, "name", curves[2].Name, "discriminator-accuracy")
	closeTo(t, "discriminator, last step", curves[2].Values[19], 0.7, 1e-12)
}

// Each way of augmenting reaches the training, of both domains, and no evaluation.
func TestKnownAugmentation(t *testing.T) {
	plain := runUndrawn(t)
	for _, o := range []string{"crop=1", "shift=1", "rotate=90", "affine=0.5", "noise=0.5"} {
		run := runUndrawn(t, "image.augment."+o)
		for side := range 2 {
			if c, p := run.runs[0].Curves[side], plain.runs[0].Curves[side]; c.Values[3] == p.Values[3] || c.Values[12] == p.Values[12] {
				t.Errorf("%s: the training sees the same images of %s", o, domains.Side(side))
			}
			equal(t, o, run.Reconstruction[side].L1, plain.Reconstruction[side].L1)
		}
		for i, a := range run.Accuracy {
			equal(t, o+": "+a.Features, *a.Target, *plain.Accuracy[i].Target)
		}
	}
}
