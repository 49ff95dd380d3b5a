package didd

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/modelstest"
)

// stepped is a small model after one step, taken as the given one.
func stepped(t *testing.T, step int, changes option.Values) (*Model, map[string]float64) {
	t.Helper()
	all := option.Values{"base": 4, "separate": 2, "train.iterations": 100}
	for k, v := range changes {
		all[k] = v
	}
	m := newModel(t, 16, all)
	losses, err := m.Step(step, modelstest.Pair(smooth(4, 1), smooth(4, 2)))
	if err != nil {
		t.Fatal(err)
	}
	return m, named(losses)
}

func named(losses []models.Loss) map[string]float64 {
	out := map[string]float64{}
	for _, l := range losses {
		out[l.Name] = l.Value
	}
	return out
}

// equalBelow says whether two models have the same parameters below a prefix.
func equalBelow(a, b *Model, prefix string) bool {
	for _, p := range a.ps.All() {
		if strings.HasPrefix(p.Name, prefix) && !slices.Equal(p.Data, b.ps.Get(p.Name).Data) {
			return false
		}
	}
	return true
}

// In the warm-up the zero loss counts as a smaller weight does: not at all in the first
// step, half at half of it, wholly after it.
func TestWarmupOfTheZeroLoss(t *testing.T) {
	for _, tt := range []struct {
		step   int
		weight float64
	}{{0, 0}, {5, 4}, {10, 8}, {50, 8}} {
		warm, losses := stepped(t, tt.step, option.Values{"loss.zero": 8.0, "loss.zero_warmup": 10})
		plain, _ := stepped(t, tt.step, option.Values{"loss.zero": tt.weight})
		if !equalBelow(warm, plain, "") {
			t.Errorf("step %d of a warm-up of 10 is not that of a weight of %v", tt.step, tt.weight)
		}
		if norm := losses["gradient-norm"]; norm <= 0 {
			t.Errorf("step %d: norm %v", tt.step, norm)
		}
	}
	with, _ := stepped(t, 0, option.Values{"loss.zero": 8.0})
	without, _ := stepped(t, 0, option.Values{"loss.zero": 0.0})
	if equalBelow(with, without, "separate-a/") || equalBelow(with, without, "separate-b/") {
		t.Error("the zero loss does not move the separate encoders")
	}
}

// Each weight scales what its loss sends: losses are told unweighted, and the norm of a
// gradient of one loss alone is proportional to its weight.
func TestWeights(t *testing.T) {
	none := option.Values{"loss.reconstruction": 0.0, "loss.zero": 0.0, "loss.confusion": 0.0}
	for _, name := range []string{"loss.reconstruction", "loss.zero", "loss.confusion"} {
		norms := [2]float64{}
		var told [2]map[string]float64
		for i, weight := range []float64{0.5, 2} {
			changes := option.Values{}
			for k, v := range none {
				changes[k] = v
			}
			changes[name] = weight
			_, told[i] = stepped(t, 0, changes)
			norms[i] = told[i]["gradient-norm"]
		}
		if norms[0] <= 0 || !(math.Abs(norms[1]/norms[0]-4) <= 1e-3) {
			t.Errorf("%s: norms %v, want them as 1 to 4", name, norms)
		}
		for _, loss := range []string{"reconstruction/a", "reconstruction/b", "zero/a", "zero/b"} {
			if told[0][loss] != told[1][loss] || told[0][loss] <= 0 {
				t.Errorf("%s: %s is %v and %v", name, loss, told[0][loss], told[1][loss])
			}
		}
	}
}

// The decay reaches the update: near its end a step is that of a lower rate.
func TestRatesOfAStep(t *testing.T) {
	late, _ := stepped(t, 80, option.Values{"train.decay": 0.4, "train.learning_rate": 0.01})
	half, _ := stepped(t, 80, option.Values{"train.learning_rate": 0.005})
	full, _ := stepped(t, 80, option.Values{"train.learning_rate": 0.01})
	if !equalBelow(late, half, "") {
		t.Error("step 80 of 100 with a decay over the last 40 is not that of half the rate")
	}
	if equalBelow(late, full, "common/") || equalBelow(late, full, "discriminator/") {
		t.Error("the decay changes nothing")
	}
	other, _ := stepped(t, 0, option.Values{"train.learning_rate": 0.01, "train.discriminator_rate": 0.002})
	if !equalBelow(other, full, "common/") || !equalBelow(other, full, "decoder/") {
		t.Error("the discriminator's rate moves the encoders")
	}
	start := newModel(t, 16, option.Values{"base": 4, "separate": 2, "train.iterations": 100})
	for _, p := range start.ps.Trained("discriminator/") {
		for i, from := range p.Data {
			fast, slow := float64(full.ps.Get(p.Name).Data[i]-from), float64(other.ps.Get(p.Name).Data[i]-from)
			if !(math.Abs(fast) <= 5e-3) && !(math.Abs(slow/fast-0.2) <= 1e-2) {
				t.Fatalf("%s[%d] moves by %v at 0.01 and by %v at 0.002", p.Name, i, fast, slow)
			}
		}
	}
}

// Adam without memory moves a weight by the rate in every step, with its default memory by less.
func TestBetas(t *testing.T) {
	moved := func(betas []float64) (share float64) {
		m := newModel(t, 16, option.Values{"base": 4, "separate": 2, "train.betas": betas, "train.learning_rate": 0.01})
		var before []float32
		for step := range 2 {
			before = slices.Clone(m.ps.Get("decoder/conv1/weight").Data)
			if _, err := m.Step(step, modelstest.Pair(smooth(4, uint64(1+2*step)), smooth(4, uint64(2+2*step)))); err != nil {
				t.Fatal(err)
			}
		}
		n := 0
		for i, v := range m.ps.Get("decoder/conv1/weight").Data {
			if d := math.Abs(float64(v - before[i])); math.Abs(d-0.01) < 1e-4 {
				n++
			}
		}
		return float64(n) / float64(len(before))
	}
	if s := moved([]float64{0, 0}); s < 0.95 {
		t.Errorf("without memory %v of the weights move by the rate", s)
	}
	if s := moved([]float64{0.5, 0.999}); s > 0.3 {
		t.Errorf("with memory %v of the weights move by the rate", s)
	}
}

// The encoder aims at b's label for both domains, at the other's, or at one half: cross
// entropy is linear in the label, so half is the mean of 0 and 1.
func TestConfusionTargets(t *testing.T) {
	loss := func(target string) map[string]float64 {
		_, l := stepped(t, 0, option.Values{"loss.confusion": 1.0, "loss.confusion_target": target})
		return l
	}
	b, swap, half := loss("b"), loss("swap"), loss("half")
	if b["confusion/a"] != swap["confusion/a"] {
		t.Errorf("a aims at label 0 under b and swap: %v and %v", b["confusion/a"], swap["confusion/a"])
	}
	if b["confusion/b"] == swap["confusion/b"] {
		t.Errorf("b aims at 0 and at 1: %v both", b["confusion/b"])
	}
	if want := (b["confusion/b"] + swap["confusion/b"]) / 2; !(math.Abs(half["confusion/b"]-want) <= 1e-6) {
		t.Errorf("half way is %v, want %v", half["confusion/b"], want)
	}
	// With logit x cross entropy is log(1+e^x) at 0 and log(1+e^-x) at 1; of one image of b
	// the two differ by x.
	if b["confusion/b"] <= 0 || swap["confusion/b"] <= 0 {
		t.Errorf("cross entropies %v and %v", b["confusion/b"], swap["confusion/b"])
	}
}

// The discriminator's gradients are clipped only where that is asked for.
func TestClipOfTheDiscriminator(t *testing.T) {
	two := func(clipped bool) *Model {
		m := newModel(t, 16, option.Values{"base": 4, "separate": 2, "train.clip": 1e-3, "train.clip_discriminator": clipped, "train.learning_rate": 0.01})
		for step := range 2 {
			if _, err := m.Step(step, modelstest.Pair(smooth(4, uint64(1+2*step)), smooth(4, uint64(2+2*step)))); err != nil {
				t.Fatal(err)
			}
		}
		return m
	}
	if a, b := two(true), two(false); equalBelow(a, b, "discriminator/") || a.disc.Clip != 1e-3 || b.disc.Clip != 0 || a.auto.Clip != 1e-3 || b.auto.Clip != 1e-3 {
		t.Errorf("bounds %v and %v of the discriminator, %v of the rest", a.disc.Clip, b.disc.Clip, a.auto.Clip)
	}
}

// The noise on the separate codes has the deviation that is asked for and is another each step.
func TestDeviationOfTheNoise(t *testing.T) {
	m, _ := stepped(t, 0, option.Values{"separate_noise": 0.3, "separate": 8, "base": 16})
	first := slices.Clone(m.step.noise)
	var sum, square float64
	for _, v := range first {
		sum, square = sum+float64(v), square+float64(v)*float64(v)
	}
	n := float64(len(first)) // 8 images of 8 x 2 x 2
	if n != 256 || !(math.Abs(sum/n) <= 4*0.3/16) || !(math.Abs(math.Sqrt(square/n)-0.3) <= 4*0.3/math.Sqrt(2*n)) {
		t.Errorf("%v values of mean %v and deviation %v", n, sum/n, math.Sqrt(square/n))
	}
	if _, err := m.Step(1, modelstest.Pair(smooth(4, 1), smooth(4, 2))); err != nil {
		t.Fatal(err)
	}
	if slices.Equal(first, m.step.noise) {
		t.Error("two steps have one noise")
	}
}

// The gradients of a step with hardly any noise are those of one without: it is a constant to
// the separate encoders.
func TestGradientsThroughTheNoise(t *testing.T) {
	gradients := func(noise float64) (out [][]float32) {
		m := newModel(t, 16, option.Values{"base": 4, "separate": 2, "separate_noise": noise, "loss.zero": 0.0, "loss.confusion": 0.0})
		if _, err := m.reconstruct(0, smooth(4, 1), smooth(4, 2)); err != nil {
			t.Fatal(err)
		}
		for i := range m.ps.Trained(autoNetworks...) {
			out = append(out, slices.Clone(m.step.auto.Gradient(i).Data().([]float32)))
		}
		return out
	}
	without := gradients(0)
	for i, got := range gradients(1e-7) {
		for k, v := range got {
			if want := without[i][k]; !(math.Abs(float64(v-want)) <= 1e-5+1e-3*math.Abs(float64(want))) {
				t.Fatalf("gradient %d[%d] is %v, without noise %v", i, k, v, want)
			}
		}
	}
}

// Each loss by itself, the weights of the others 0, moves what it is of and leaves the rest to
// the bit: reconstruction encoders and decoder, zero the separate encoders, confusion the common
// encoder and its discriminator.
func TestLossesAlone(t *testing.T) {
	nets := []string{"common/", "separate-a/", "separate-b/", "decoder/", "discriminator/"}
	for _, slots := range []string{"own", "both", "flag"} {
		for name, moves := range map[string][]bool{
			"reconstruction": {true, true, true, true, false}, "zero": {false, true, true, false, false}, "confusion": {true, false, false, false, true}, "": make([]bool, 5)} {
			changes := option.Values{"slots": slots, "loss.reconstruction": 0.0, "loss.zero": 0.0, "loss.confusion": 0.0}
			if name != "" {
				changes["loss."+name] = 1.0
			}
			m, _ := stepped(t, 0, changes)
			start := newModel(t, 16, option.Values{"base": 4, "separate": 2})
			for i, net := range nets {
				moved := false
				for _, p := range m.ps.Trained(net) {
					moved = moved || !slices.Equal(p.Data, start.ps.Get(p.Name).Data)
				}
				if moved != moves[i] {
					t.Errorf("%s slots, %q alone: %s moves: %v", slots, name, net, moved)
				}
			}
		}
	}
}
