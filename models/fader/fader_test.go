package fader

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
)

// The published widths, numbers of parameters and costs of a forward pass, in millions, to their
// last digit.
func TestSizes(t *testing.T) {
	for _, tt := range []struct {
		side, base              int
		widths                  string
		encoder, decoder, judge float64
		macs                    float64 // of encoder and decoder
	}{
		{128, 32, "32 64 128 256 512 512", 6.99, 7.01, 4.46, 317},
		{64, 32, "32 64 128 256 512", 2.79, 2.80, 4.46, 70.8},
		{64, 16, "16 32 64 128 256", 0.70, 0.71, 2.36, 18.7},
		{32, 32, "32 64 128 256", 0.69, 0.70, 2.36, 13.5},
	} {
		m := newTest(t, tt.side, option.Values{"base": tt.base})
		var widths []string
		macs := 0
		if n := len(m.Layers()); n != 2*models.Halvings(tt.side)+1 {
			t.Errorf("%d pixels: %d layers", tt.side, n)
		}
		for _, l := range m.Layers() {
			if strings.HasPrefix(l.Name, "encoder/") {
				widths = append(widths, fmt.Sprint(l.Out))
			}
			if !strings.HasPrefix(l.Name, "discriminator/") {
				macs += l.MACs()
			}
		}
		if got := strings.Join(widths, " "); got != tt.widths {
			t.Errorf("%d pixels, base %d: widths %s, want %s", tt.side, tt.base, got, tt.widths)
		}
		for prefix, want := range map[string]float64{"encoder/": tt.encoder, "decoder": tt.decoder, "discriminator/": tt.judge} {
			if got := float64(m.ps.Count(prefix)) / 1e6; !(math.Abs(got-want) <= 0.0051) {
				t.Errorf("%d pixels, base %d: %s has %.4f million parameters, want %.2f", tt.side, tt.base, prefix, got, want)
			}
		}
		if got := float64(macs) / 1e6; !(math.Abs(got-tt.macs) <= 0.51*math.Pow10(int(math.Log10(tt.macs))-2)) {
			t.Errorf("%d pixels, base %d: a pass costs %.2f million, want %v", tt.side, tt.base, got, tt.macs)
		}
		if tt.side == 128 && testing.Short() {
			continue
		}
		x := images(tt.side, 2)
		c, err := m.Encode(x)
		if err != nil || len(c) != 1 || c.Of(models.Common).D != 4*m.judge.In[0] {
			t.Errorf("%d pixels: codes %v, %v", tt.side, c, err)
		}
		if out, err := m.Translate(models.Edit{}, x, nil); err != nil || out.Shape != x.Shape || out.Len() != 2 {
			t.Errorf("%d pixels: translation %v, %v", tt.side, out, err)
		}
	}
}

// The cost of a small step by hand: base 4 at 16 pixels has 4 8 16 channels, decoder inputs of 18, 10
// and 6, a discriminator 16 -> 32 -> 512 -> 2.
func TestCost(t *testing.T) {
	first := 64 * 3 * 4 * 16
	encoder := first + 16*4*8*16 + 4*8*16*16
	decoder := 4*18*8*16 + 16*10*4*16 + 64*6*3*16
	conv, fc := 16*32*16, 32*512+512*2
	want := 2 * (3*encoder - first + 3*decoder + encoder + 5*(conv+fc) - conv)
	if got := newTest(t, 16, option.Values{"base": 4}).MACs(); got != want {
		t.Errorf("%d multiply-accumulates, want %d", got, want)
	}
	if got, want := newTest(t, 16, option.Values{"base": 4, "loss.confusion": 0.0}).MACs(), 2*(3*encoder-first+3*decoder); got != want {
		t.Errorf("without a discriminator %d, want %d", got, want)
	}
}

// The weight rises from 0 over the ramp; without one it is there at once.
func TestConfusionWeight(t *testing.T) {
	m := newTest(t, 16, option.Values{"base": 4, "loss.confusion": 0.5, "loss.confusion_ramp": 0.4, "train.iterations": 100})
	for step, want := range map[int]float64{0: 0, 10: 0.125, 39: 0.5 * 39 / 40, 40: 0.5, 99: 0.5} {
		if got := m.confusionWeight(step); !(math.Abs(got-want) <= 1e-12) {
			t.Errorf("step %d: %v, want %v", step, got, want)
		}
	}
	m.options["loss.confusion_ramp"] = 0.0
	if got := m.confusionWeight(0); got != 0.5 {
		t.Errorf("without a ramp %v", got)
	}
}

// Dropout is the discriminator's alone: it changes its loss, and neither reconstruction nor
// confusion of a first step whose rate is next to nothing. The code sent to the discriminator is that
// of the running statistics.
func TestDropout(t *testing.T) {
	step := func(rate float64) map[string]float64 {
		m := newTest(t, 16, option.Values{"base": 4, "dropout": rate, "train.learning_rate": 1e-9})
		losses, err := m.Step(0, modelstest.Pair(waves(4, 1), waves(4, 2)))
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]float64{}
		for _, l := range losses {
			out[l.Name] = l.Value
		}
		return out
	}
	none, half := step(0), step(0.5)
	for _, name := range []string{"reconstruction/a", "reconstruction/b", "confusion"} {
		if !(math.Abs(none[name]-half[name]) <= 1e-6) {
			t.Errorf("%s is %v with dropout, %v without", name, half[name], none[name])
		}
	}
	if math.Abs(none["discriminator"]-half["discriminator"]) < 1e-4 {
		t.Errorf("the discriminator's loss is %v with dropout, %v without", half["discriminator"], none["discriminator"])
	}
}

// A discriminator whose last layer is set tells all images one domain: half of them rightly.
func TestAccuracy(t *testing.T) {
	for class, bias := range []float32{9, -9} {
		m := newTest(t, 16, option.Values{"base": 4})
		clear(m.ps.Get("discriminator/fc8/weight").Data)
		copy(m.ps.Get("discriminator/fc8/bias").Data, []float32{bias, 0})
		s, err := m.prepare(modelstest.Pair(waves(3, 1), waves(3, 2)))
		if err != nil {
			t.Fatal(err)
		}
		losses, err := m.discriminate(0)
		if err != nil {
			t.Fatal(err)
		}
		// By hand: -log softmax of 9 against 0, of the right and of the wrong half.
		want := (math.Log1p(math.Exp(-9)) + 9 + math.Log1p(math.Exp(-9))) / 2
		if losses[1].Value != 0.5 || !(math.Abs(losses[0].Value-want) <= 1e-5) {
			t.Errorf("all of class %d: %v, want %v and 0.5", class, losses, want)
		}
		told := s.judge.Output(0).Data().([]float32)
		for i := range 6 { // now rightly
			told[2*i], told[2*i+1] = 1, 0
			if i >= 3 {
				told[2*i], told[2*i+1] = 0, 1
			}
		}
		if got := s.hits(); got != 1 {
			t.Errorf("all right: %v", got)
		}
	}
}

// At strength 0 a content is as its reconstruction, at 1 as edited; labels are switches of their own.
func TestStrength(t *testing.T) {
	m := newTest(t, 16, option.Values{"base": 4})
	x := waves(2, 1)
	of := func(e models.Edit, strength float64) []float32 {
		out, err := m.TranslateAt(e, strength, x)
		if err != nil {
			t.Fatal(err)
		}
		return out.Data
	}
	for _, side := range []domains.Side{domains.A, domains.B} {
		kept := of(models.Reconstruction(side), 1)
		var seen [][]float32
		for _, e := range m.Edits() {
			if e.Content != side {
				continue
			}
			if !slices.Equal(of(e, 0), kept) {
				t.Errorf("%v at strength 0 is not the reconstruction", e)
			}
			plain, err := m.Translate(e, x, nil)
			if err != nil || !slices.Equal(plain.Data, of(e, 1)) {
				t.Errorf("%v is not that at strength 1: %v", e, err)
			}
			for _, other := range seen {
				if slices.Equal(other, plain.Data) {
					t.Errorf("%v is as another edit", e)
				}
			}
			seen = append(seen, plain.Data)
		}
		there := models.Edit{Content: side}
		there.Own[1-side] = models.Any
		back := models.Edit{Content: 1 - side}
		back.Own[side] = models.Any
		for _, s := range []float64{0.25, 2} { // (1 - s, s) is the same label from either side
			if !slices.Equal(of(there, s), of(back, 1-s)) {
				t.Errorf("strength %v from %s is not %v from the other", s, side, 1-s)
			}
		}
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

// Sixteen images of either domain are learnt by heart.
func TestOverfit(t *testing.T) {
	if testing.Short() {
		t.Skip("some seconds of training: not with -short")
	}
	m := newTest(t, 16, option.Values{"base": 16, "train.learning_rate": 2e-3})
	x := [2]*domains.Images{waves(16, 1), waves(16, 2)}
	for i := range 300 {
		if _, err := m.Step(i, modelstest.Pair(x[0], x[1])); err != nil {
			t.Fatal(err)
		}
	}
	for side := range x {
		out, err := m.Translate(models.Reconstruction(domains.Side(side)), x[side], nil)
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

// Bad sizes, batches and edits give one line.
func TestFaults(t *testing.T) {
	method, err := models.Methods.Get("fader")
	if err != nil {
		t.Fatal(err)
	}
	if method.Loop.Batch != 16 || method.Version != 2 {
		t.Errorf("%d images of a domain, version %d; want 16, the paper's 32 of both, and 2", method.Loop.Batch, method.Version)
	}
	c := models.Config{Shape: images(48, 1).Shape, Options: option.Defaults(method.AllOptions())}
	if _, err := method.New(c); err == nil || err.Error() != "models: fader: image.size: 48, want 16, 32, 64, 128 or 256" {
		t.Errorf("48 pixels: %v", err)
	}
	m := newTest(t, 16, option.Values{"base": 4})
	if _, err := m.Step(0, modelstest.Pair(waves(3, 1), waves(3, 2))); err != nil {
		t.Fatal(err)
	}
	for _, sizes := range [][2]int{{2, 3}, {3, 2}} {
		want := fmt.Sprintf("models: fader: batches of %d and %d images, want 3 each", sizes[0], sizes[1])
		if _, err := m.Step(1, modelstest.Pair(waves(sizes[0], 1), waves(sizes[1], 2))); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	bad := waves(3, 1)
	bad.Data[0] = float32(math.NaN())
	for part, want := range map[string]string{"discriminator": "step 5: discriminator is NaN", "auto-encoder": "step 5: reconstruction/a is NaN"} {
		changes := option.Values{"base": 4}
		if part == "auto-encoder" {
			changes["loss.confusion"] = 0.0
		}
		if _, err := newTest(t, 16, changes).Step(4, modelstest.Pair(bad, waves(3, 2))); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s on images that are not numbers: %v, want %s", part, err, want)
		}
	}
	for _, own := range [][2]models.Slot{{models.OfGuide, models.Empty}, {models.Any, models.Empty}, {models.Empty, models.OfContent}, {models.Empty, models.OfGuide}} {
		e := models.Edit{Own: own}
		want := fmt.Sprintf("models: fader: it cannot make the edit %v: it switches labels, without a guide", e)
		if out, err := m.Translate(e, waves(1, 1), waves(1, 2)); out != nil || err == nil || err.Error() != want {
			t.Errorf("%v, %v; want %s", out, err, want)
		}
	}
	if _, err := m.Translate(models.Edit{}, images(32, 1), nil); err == nil || err.Error() != "models: fader: images are 3x32x32, the model takes 3x16x16" {
		t.Errorf("32 pixels: %v", err)
	}
	plain := newTest(t, 16, option.Values{"base": 4, "loss.confusion": 0.0})
	losses, err := plain.Step(0, modelstest.Pair(waves(3, 1), waves(3, 2)))
	if err != nil || len(losses) != 3 || len(plain.Optimisers()) != 1 || losses[2].Name != "gradient-norm" {
		t.Errorf("without a discriminator: %v, %v", losses, err)
	}
}
