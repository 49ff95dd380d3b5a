package masked

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/modelstest"
	"github.com/venn-adapt/venn/models/onesided"
)

// The published numbers of parameters of one direction, and those of small images; every shape.
func TestSizes(t *testing.T) {
	for _, tt := range []struct {
		side   int
		counts string
		total  float64 // in millions, where it is all that is known
	}{
		{128, "[6483482 742379 6984099 6984612 998401]", 22.2},
		{64, "", 5.80},
		{32, "", 1.50},
	} {
		m, halves := newTest(t, tt.side, nil)
		for _, h := range halves {
			var counts []int
			total := 0.0
			for _, net := range []string{"common", "separate", "plain", "painter", "discriminator"} {
				n := h.ps.Count(onesided.Prefix(h.side) + net + "/")
				counts, total = append(counts, n), total+float64(n)/1e6
			}
			if tt.counts != "" && fmt.Sprint(counts) != tt.counts {
				t.Errorf("%d pixels: %v parameters, want %s", tt.side, counts, tt.counts)
			}
			if !(math.Abs(total-tt.total) <= 0.0075) {
				t.Errorf("%d pixels: %.3f million parameters, want %.2f", tt.side, total, tt.total)
			}
		}
		if tt.side < 128 || !testing.Short() { // some seconds
			shapes(t, m, halves[0], tt.side)
		}
		if got, want := len(m.(models.Costed).Layers()), 2*(4*(models.Halvings(tt.side))); got != want {
			t.Errorf("%d pixels: %d layers, want %d", tt.side, got, want)
		}
	}
}

// shapes checks codes, edits and masks of two images.
func shapes(t *testing.T, m models.Model, h *half, side int) {
	t.Helper()
	x := images(side, 2)
	c, err := m.(models.Encoder).Encode(x)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(c[0].D, c[1].D, c[2].D), fmt.Sprint(2*4*h.codes(), 4*h.own(), 4*h.own()); got != want {
		t.Errorf("%d pixels: codes of %s values, want %s", side, got, want)
	}
	e := models.Edit{Own: [2]models.Slot{models.Empty, models.OfGuide}}
	out, err := m.(models.Translator).Translate(e, x, x)
	if err != nil || out.Shape != x.Shape || out.Len() != 2 {
		t.Errorf("%d pixels: translation %v, %v", side, out.Shape, err)
	}
	if mask, err := m.(models.Masker).Mask(e, x, x); err != nil || mask.N != 2 || mask.D != side*side || mask.Channels != 1 {
		t.Errorf("%d pixels: mask %d x %d, %v", side, mask.N, mask.D, err)
	}
}

// The cost of a small step by hand: base 4 and separate 2 at 16 pixels has E1 4 6 6, E2 4 8 2 and
// decoders 8 -> 8 4 3 or 4, over maps of 8, 4 and 2 places a side; D has 24 x 8 + 8.
func TestCost(t *testing.T) {
	e1, first := 64*3*4*16+16*4*6*16+4*6*6*16, 64*3*4*16
	e2 := 64*3*4*16 + 16*4*8*16 + 4*8*2*16
	plain := 4*8*8*16 + 16*8*4*16 + 64*4*3*16
	painter := plain + 64*4*16
	given := 2*(3*e1-first) + 3*e2 - first + 6*plain + 6*painter
	judge := 2*e1 + 10*(24*8+8)
	for name, tt := range map[string]struct {
		changes option.Values
		want    int
	}{
		"published":        {nil, given + e1 + 3*e2 + 3*painter + judge},
		"both cycles":      {option.Values{"loss.cycle_common": 1.0}, given + 3*e1 + 3*e2 + 3*painter + judge},
		"common alone":     {option.Values{"loss.cycle_common": 1.0, "loss.cycle_separate": 0.0}, given + 3*e1 + e2 + 3*painter + judge},
		"no cycle":         {option.Values{"loss.cycle_separate": 0.0}, given + e1 + e2 + painter + judge},
		"no discriminator": {option.Values{"loss.confusion": 0.0}, given + e1 + 3*e2 + 3*painter},
	} {
		changes := option.Values{"base": 4, "separate": 2}
		for k, v := range tt.changes {
			changes[k] = v
		}
		if _, halves := newTest(t, 16, changes); halves[0].MACs() != tt.want {
			t.Errorf("%s: %d multiply-accumulates, want %d", name, halves[0].MACs(), tt.want)
		}
	}
}

// Terms of weight 0 are left out, and no discriminator is trained without its loss.
func TestTerms(t *testing.T) {
	m, _ := newTest(t, 16, option.Values{"base": 4, "separate": 2, "loss.confusion": 0.0, "loss.repainting_with": 0.0})
	losses, err := m.Step(0, modelstest.Pair(waves(3, 1), waves(3, 2)))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, l := range losses {
		names = append(names, l.Name)
	}
	want := "a/reconstruction/a a/reconstruction/b a/repainting/b a/cycle/separate a/gradient-norm b/reconstruction/b b/reconstruction/a b/repainting/a b/cycle/separate b/gradient-norm"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("losses %s, want %s", got, want)
	}
	if len(m.Optimisers()) != 2 {
		t.Errorf("%d optimisers", len(m.Optimisers()))
	}
}

// A translation's mask is the larger of those of removal and addition; that of a removal is 0 or 1,
// and outside it the image is as it was. Threshold 0 replaces everything.
func TestMask(t *testing.T) {
	m, halves := newTest(t, 16, option.Values{"base": 4, "separate": 2})
	a, b := waves(3, 1), waves(3, 2)
	masker := m.(models.Masker)
	soft, err := masker.Mask(models.Reconstruction(domains.A), a, nil)
	if err != nil {
		t.Fatal(err)
	}
	sorted := slices.Sorted(slices.Values(soft.Data))
	halves[domains.A].options["removal.threshold"] = float64(sorted[len(sorted)/2])
	removal := models.Edit{Content: domains.A}
	hard, err := masker.Mask(removal, a, nil)
	if err != nil {
		t.Fatal(err)
	}
	removed, err := masker.Translate(removal, a, nil)
	if err != nil {
		t.Fatal(err)
	}
	replaced := 0
	for i := range 3 {
		for k, v := range hard.Row(i) {
			if (v == 1) != (soft.Row(i)[k] >= sorted[len(sorted)/2]) {
				t.Fatalf("mask %v of %v", v, soft.Row(i)[k])
			}
			for c := range 3 {
				same := removed.At(i)[c*256+k] == a.At(i)[c*256+k]
				if v != 0 && v != 1 || same != (v == 0) {
					t.Fatalf("mask %v where the removal leaves a value as it was: %v", v, same)
				}
			}
			replaced += int(v)
		}
	}
	if replaced == 0 || replaced == 3*256 {
		t.Fatalf("%d of %d places are replaced: too few or many for the test", replaced, 3*256)
	}
	_, added, err := halves[domains.B].Make(onesided.Add, removed, b)
	if err != nil {
		t.Fatal(err)
	}
	both, err := masker.Mask(models.Edit{Own: [2]models.Slot{models.Empty, models.OfGuide}}, a, b)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range both.Data {
		if v != max(hard.Data[i], added.Data[i]) {
			t.Fatalf("mask %v of %v and %v", v, hard.Data[i], added.Data[i])
		}
	}
	if slices.Min(added.Data) <= 0 || slices.Max(added.Data) >= 1 {
		t.Errorf("a soft mask from %v to %v", slices.Min(added.Data), slices.Max(added.Data))
	}
	if _, err := masker.Mask(models.Edit{Own: [2]models.Slot{models.Any, models.Empty}}, a, b); err == nil {
		t.Error("a mask of an edit that is none")
	}
	halves[domains.A].options["removal.threshold"] = 0.0
	all, err := masker.Mask(removal, a, nil)
	if err != nil || slices.Min(all.Data) != 1 {
		t.Errorf("threshold 0 leaves places: %v", err)
	}
}

// waves are n smooth images.
func waves(n int, seed uint64) *domains.Images {
	x := images(16, n)
	for i := range n {
		r := stream.New(seed, "wave", i)
		for c := range 3 {
			u, v, p := r.Float64()/3, r.Float64()/3, r.Float64()*6
			for k := range 256 {
				x.At(i)[c*256+k] = float32(0.8 * math.Sin(u*float64(k%16)+v*float64(k/16)+p))
			}
		}
	}
	return x
}

// Sixteen images of either domain are learnt by heart, through codes alone.
func TestOverfit(t *testing.T) {
	if testing.Short() {
		t.Skip("some seconds of training: not with -short")
	}
	m, _ := newTest(t, 16, option.Values{"base": 16, "separate": 6, "train.learning_rate": 2e-3})
	x := [2]*domains.Images{waves(16, 1), waves(16, 2)}
	for i := range 300 {
		if _, err := m.Step(i, modelstest.Pair(x[0], x[1])); err != nil {
			t.Fatal(err)
		}
	}
	for side := range x {
		out, err := m.(models.Translator).Translate(models.Reconstruction(domains.Side(side)), x[side], nil)
		if err != nil {
			t.Fatal(err)
		}
		l1 := 0.0
		for i, v := range out.Data {
			l1 += math.Abs(float64(v-x[side].Data[i])) / float64(len(out.Data))
		}
		if !(l1 < 0.05) {
			t.Errorf("%s is reconstructed to %v, want below 0.05", domains.Side(side), l1)
		}
	}
}

// Bad sizes and batches give one line.
func TestFaults(t *testing.T) {
	method, err := models.Methods.Get("masked")
	if err != nil {
		t.Fatal(err)
	}
	c := models.Config{Shape: images(48, 1).Shape, Options: option.Defaults(method.AllOptions())}
	if _, err := method.New(c); err == nil || err.Error() != "models: masked: image.size: 48, want 16, 32, 64, 128 or 256" {
		t.Errorf("48 pixels: %v", err)
	}
	m, _ := newTest(t, 16, option.Values{"base": 4, "separate": 2})
	if _, err := m.Step(0, modelstest.Pair(waves(3, 1), waves(3, 2))); err != nil {
		t.Fatal(err)
	}
	bad := waves(3, 1)
	bad.Data[0] = float32(math.NaN())
	if _, err := m.Step(4, modelstest.Pair(bad, waves(3, 2))); err == nil || !strings.Contains(err.Error(), "step 5: reconstruction/a is NaN") {
		t.Errorf("on images that are not numbers: %v", err)
	}
	for _, sizes := range [][2]int{{2, 3}, {3, 2}} {
		want := fmt.Sprintf("batches of %d and %d images, want 3 each", sizes[0], sizes[1])
		if _, err := m.Step(1, modelstest.Pair(waves(sizes[0], 1), waves(sizes[1], 2))); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
