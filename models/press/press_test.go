package press

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/modelstest"
	"github.com/venn-adapt/venn/models/onesided"
)

// The published widths and numbers of parameters of one direction, and those of small images; the
// published costs of a forward pass, in millions, to their last digit.
func TestSizes(t *testing.T) {
	for _, tt := range []struct {
		side                             int
		common, separate, decoder, judge int
		total                            float64 // in millions, where it is all that is known
		macs                             [4]float64
		widths                           string
	}{
		{side: 128, common: 6480574, separate: 741369, decoder: 6982115, judge: 998401, macs: [4]float64{154.0, 94.6, 157.3, 1.0},
			widths: "[32 64 128 256 487 487] [32 64 128 128 128 25] [512 256 128 64 32]"},
		{side: 64, total: 4.06, widths: "[32 64 128 244 244] [32 64 128 128 12] [256 128 64 32]"},
		{side: 32, total: 1.07, widths: "[32 64 122 122] [32 64 128 6] [128 64 32]"},
	} {
		m, halves := newTest(t, tt.side, nil)
		for _, h := range halves {
			if got := fmt.Sprint(h.sizes.Common, h.sizes.Separate, h.sizes.Decoder); got != tt.widths {
				t.Errorf("%d pixels: widths %s, want %s", tt.side, got, tt.widths)
			}
			counts := []int{h.ps.Count(h.common.Name + "/"), h.ps.Count(h.separate.Name + "/"), h.ps.Count(h.decoder.Name + "/"), h.ps.Count(onesided.Prefix(h.side) + "discriminator/")}
			if want := []int{tt.common, tt.separate, tt.decoder, tt.judge}; tt.total == 0 && fmt.Sprint(counts) != fmt.Sprint(want) {
				t.Errorf("%d pixels: %v parameters, want %v", tt.side, counts, want)
			}
			if all := float64(counts[0]+counts[1]+counts[2]+counts[3]) / 1e6; tt.total > 0 && !(math.Abs(all-tt.total) <= 0.005) {
				t.Errorf("%d pixels: %.3f million parameters, want %.2f", tt.side, all, tt.total)
			}
			macs := [4]int{h.common.MACs(tt.side), h.separate.MACs(tt.side), h.decoder.MACs(2), h.confusion.MACs()}
			for i, want := range tt.macs {
				if got := float64(macs[i]) / 1e6; want > 0 && !(math.Abs(got-want) <= 0.05) {
					t.Errorf("%d pixels: network %d costs %.2f million, want %.1f", tt.side, i, got, want)
				}
			}
		}
		if want := 2 * (halves[0].MACs()); m.(models.Costed).MACs() != want || len(m.(models.Costed).Layers()) != 2*len(halves[0].Layers()) {
			t.Errorf("%d pixels: %d multiply-accumulates, want those of two halves, %d", tt.side, m.(models.Costed).MACs(), want)
		}
		if tt.side < 128 || !testing.Short() { // some seconds
			shapes(t, m, halves[0], tt.side)
		}
	}
}

// shapes checks codes and edits of two images.
func shapes(t *testing.T, m models.Model, h *half, side int) {
	t.Helper()
	x := images(side, 2)
	c, err := m.(models.Encoder).Encode(x)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(c[0].D, c[1].D, c[2].D), fmt.Sprint(2*4*h.codes(), 4*h.own(), 4*h.own()); got != want || c.Shared() != c[0] {
		t.Errorf("%d pixels: codes of %s values, want %s", side, got, want)
	}
	out, err := m.(models.Translator).Translate(models.Edit{Own: [2]models.Slot{models.Empty, models.OfGuide}}, x, x)
	if err != nil || out.Shape != x.Shape || out.Len() != 2 {
		t.Errorf("%d pixels: translation %v, %v", side, out.Shape, err)
	}
}

// The cost of a small step by hand: base 4 and separate 2 at 16 pixels has E1 4 6 6, E2 4 8 2 and G
// 8 -> 8 4 3, over maps of 8, 4 and 2 places a side; D has 24 x 8 + 8.
func TestCost(t *testing.T) {
	_, halves := newTest(t, 16, option.Values{"base": 4, "separate": 2})
	e1, e2, g := []int{64 * 3 * 4 * 16, 16 * 4 * 6 * 16, 4 * 6 * 6 * 16}, []int{64 * 3 * 4 * 16, 16 * 4 * 8 * 16, 4 * 8 * 2 * 16}, []int{4 * 8 * 8 * 16, 16 * 8 * 4 * 16, 64 * 4 * 3 * 16}
	want := 2*(2*e1[0]+3*e1[1]+3*e1[2]) + 2*e2[0] + 3*e2[1] + 3*e2[2] + 2*3*(g[0]+g[1]+g[2]) + 2*(e1[0]+e1[1]+e1[2]) + 10*(24*8+8)
	if got := halves[0].MACs(); got != want {
		t.Errorf("%d multiply-accumulates, want %d", got, want)
	}
	_, plain := newTest(t, 16, option.Values{"base": 4, "separate": 2, "loss.confusion": 0.0})
	if got, less := plain[0].MACs(), 2*(e1[0]+e1[1]+e1[2])+10*(24*8+8); got != want-less {
		t.Errorf("without a discriminator %d, want %d", got, want-less)
	}
}

// Swapping the names of the domains swaps the halves and nothing else.
func TestNamesSwapped(t *testing.T) {
	small := option.Values{"base": 4, "separate": 2, "loss.confusion": 0.1}
	m, _ := newTest(t, 16, small)
	n, _ := newTest(t, 16, small)
	for _, p := range m.Parameters().All() {
		copy(n.Parameters().Get(other(p.Name)).Data, p.Data)
	}
	a, b := waves(4, 1), waves(4, 2)
	for i := range 3 {
		one, err := m.Step(i, modelstest.Pair(a, b))
		if err != nil {
			t.Fatal(err)
		}
		two, err := n.Step(i, modelstest.Pair(b, a))
		if err != nil {
			t.Fatal(err)
		}
		for k, l := range one {
			if o := two[(k+len(two)/2)%len(two)]; l.Value != o.Value || swapped(l.Name) != o.Name {
				t.Errorf("step %d: %v, swapped %v", i, l, o)
			}
		}
	}
	for _, p := range m.Parameters().All() {
		for i, v := range n.Parameters().Get(other(p.Name)).Data {
			if v != p.Data[i] {
				t.Fatalf("%s differs from %s", other(p.Name), p.Name)
			}
		}
	}
}

// other is the name in the other half, swapped also the domain of a loss.
func other(name string) string {
	return map[byte]string{'a': "b", 'b': "a"}[name[0]] + name[1:]
}

func swapped(name string) string {
	name = other(name)
	if end := name[len(name)-2:]; end == "/a" || end == "/b" {
		name = name[:len(name)-1] + other(end[1:])
	}
	return name
}

// waves are n smooth images.
func waves(n int, seed uint64) *domains.Images { return wavesOf(16, n, seed) }

func wavesOf(side, n int, seed uint64) *domains.Images {
	x := images(side, n)
	for i := range n {
		r := stream.New(seed, "wave", i)
		for c := range 3 {
			u, v, p := r.Float64()/3, r.Float64()/3, r.Float64()*6
			for k := range side * side {
				x.At(i)[c*side*side+k] = float32(0.8 * math.Sin(u*float64(k%side)+v*float64(k/side)+p))
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
	m, _ := newTest(t, 16, option.Values{"base": 16, "separate": 6, "train.learning_rate": 5e-3})
	x := [2]*domains.Images{waves(16, 1), waves(16, 2)}
	for i := range 600 {
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
	for want, change := range map[string]func(c *models.Config){
		"models: press: image.size: 48, want 16, 32, 64, 128 or 256":                    func(c *models.Config) { c.Shape.Height, c.Shape.Width = 48, 48 },
		"models: press: model.separate: 64 leaves no common channels of 64; at most 63": func(c *models.Config) { c.Options["separate"] = 64 },
	} {
		method, err := models.Methods.Get("press")
		if err != nil {
			t.Fatal(err)
		}
		c := models.Config{Shape: images(16, 1).Shape, Options: option.Defaults(method.AllOptions())}
		change(&c)
		if _, err := method.New(c); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
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
