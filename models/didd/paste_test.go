package didd

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/internal/option"
)

// The weight of composites by hand: nothing before the start, then a line over a twentieth.
func TestWeightOfComposites(t *testing.T) {
	o := settings(option.Values{"paste.weight": 0.4, "paste.start": 0.3, "train.iterations": 200})
	for step, want := range map[int]float64{0: 0, 58: 0, 59: 0, 60: 0.04, 64: 0.2, 69: 0.4, 70: 0.4, 199: 0.4} {
		if got := pasteWeight(o, step); !(math.Abs(got-want) <= 1e-12) {
			t.Errorf("step %d: %v, want %v", step, got, want)
		}
	}
}

// Composites teach the common encoder alone: the images below them, what they are decoded to and their
// codes are constants.
func TestGradientsOfComposites(t *testing.T) {
	gradients := func(weight float64) map[string][]float32 {
		m := newModel(t, 16, option.Values{"base": 4, "separate": 2, "loss.alone": 0.2, "paste.weight": weight, "paste.start": 0.0, "train.iterations": 20})
		for _, p := range m.ps.Trained("decoder/") { // strong enough to change pixels by what counts
			for i := range p.Data {
				p.Data[i] *= 4
			}
		}
		if _, err := m.reconstruct(0, smooth(4, 1), smooth(4, 2)); err != nil {
			t.Fatal(err)
		}
		out := map[string][]float32{}
		for i, p := range m.ps.Trained(autoNetworks...) {
			out[p.Name] = slices.Clone(m.step.auto.Gradient(i).Data().([]float32))
		}
		return out
	}
	without, with := gradients(1e-30), gradients(1)
	for name, g := range with {
		same, common := slices.Equal(g, without[name]), strings.HasPrefix(name, "common/")
		if !common && !same || common && same && strings.HasSuffix(name, "/weight") {
			t.Errorf("%s: composites leave its gradient: %v", name, same)
		}
	}
}
