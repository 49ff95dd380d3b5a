package didd

import (
	"math"
	"slices"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/modelstest"
)

func settings(changes option.Values) option.Values {
	v := option.Defaults(models.Method{Loop: models.Loop{Iterations: 20000, Batch: 32}, Options: options}.AllOptions())
	for k, x := range changes {
		if _, ok := v[k]; !ok {
			panic("no option " + k)
		}
		v[k] = x
	}
	return v
}

func newModel(t *testing.T, side int, changes option.Values) *Model {
	t.Helper()
	m, err := New(models.Config{Shape: domains.Shape{Channels: 3, Height: side, Width: side}, Options: settings(changes), Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// noise is n images of uniform noise.
func noise(side, n int, name string) *domains.Images {
	s := domains.Shape{Channels: 3, Height: side, Width: side}
	im := &domains.Images{Shape: s, Data: make([]float32, n*s.Len())}
	r := stream.New(4, name)
	for i := range im.Data {
		im.Data[i] = 2*r.Float32() - 1
	}
	return im
}

// The reference's parameter counts at 128 pixels.
func TestParameterCounts(t *testing.T) {
	m := newModel(t, 128, option.Values{"separate": 25})
	for prefix, want := range map[string]int{"common/": 6285749, "separate-a/": 2992633, "separate-b/": 2992633, "decoder/": 6982115, "discriminator/": 947201} {
		if got := m.ps.Count(prefix); got != want {
			t.Errorf("%s has %d parameters, want %d", prefix, got, want)
		}
	}
}

func TestShapes(t *testing.T) {
	for _, side := range []int{16, 32, 64, 128} {
		m := newModel(t, side, option.Values{"base": 4, "separate": 3})
		x := noise(side, 3, "shape")
		c, err := m.Encode(x)
		if err != nil {
			t.Fatal(err)
		}
		width := decoderWidth(codeStages(side, 2), 4)
		if c.Of(models.Common).D != 4*(width-6) || c.Of(models.SeparateA).D != 12 || c.Of(models.SeparateB).D != 12 || c.Of(models.Common).N != 3 {
			t.Errorf("side %d: codes %d, %d, %d", side, c.Of(models.Common).D, c.Of(models.SeparateA).D, c.Of(models.SeparateB).D)
		}
		y, err := m.Decode(3, models.Codes{c.Of(models.Common), c.Of(models.SeparateA)})
		if err != nil {
			t.Fatal(err)
		}
		if y.Shape != x.Shape || y.Len() != 3 {
			t.Errorf("side %d: decoded %d of %v", side, y.Len(), y.Shape)
		}
	}
}

// Codes of other sides: so many places, from as few stages; the decoder makes images of the same side.
func TestShapesOfCodes(t *testing.T) {
	for _, tt := range []struct{ side, code, width int }{{32, 4, 8}, {64, 4, 16}, {64, 8, 8}} {
		m := newModel(t, tt.side, option.Values{"base": 4, "separate": 3, "code_side": tt.code})
		x := noise(tt.side, 3, "shape")
		c, err := m.Encode(x)
		if err != nil {
			t.Fatal(err)
		}
		places := tt.code * tt.code
		if c.Of(models.Common).D != places*(tt.width-6) || c.Of(models.SeparateB).D != 3*places || c.Of(models.SeparateB).Channels != 3 {
			t.Errorf("%d of %d: codes %d and %d", tt.code, tt.side, c.Of(models.Common).D, c.Of(models.SeparateB).D)
		}
		y, err := m.Decode(3, c)
		if err != nil || y.Shape != x.Shape || y.Len() != 3 {
			t.Errorf("%d of %d: decoded %v, %v", tt.code, tt.side, y, err)
		}
		few := newModel(t, tt.side, option.Values{"base": 4, "separate": 3, "common": 2, "code_side": tt.code})
		if c, err := few.Encode(x); err != nil || c.Of(models.Common).D != 2*places || c.Of(models.SeparateA).D != 3*places {
			t.Errorf("%d of %d, two common channels: codes %+v, %v", tt.code, tt.side, c, err)
		}
		if p, err := m.Discriminate(c); err != nil || p.N != 3 {
			t.Errorf("%d of %d: told %v, %v", tt.code, tt.side, p, err)
		}
	}
	for _, tt := range []struct {
		side, code int
		want       string
	}{{16, 4, "4 is none of the sides that images of 16 pixels can have codes of: powers of two from 2 to 2"}, {64, 6, "6 is none of the sides that images of 64 pixels can have codes of: powers of two from 2 to 8"}, {64, 16, "16 is none of the sides that images of 64 pixels can have codes of: powers of two from 2 to 8"}} {
		o := option.Defaults(options)
		o["code_side"] = tt.code
		errs := check(models.Config{Shape: domains.Shape{Channels: 3, Height: tt.side, Width: tt.side}, Options: o})
		if len(errs) != 1 || errs[0].Option != "model.code_side" || errs[0].Problem != tt.want {
			t.Errorf("%d of %d: %v", tt.code, tt.side, errs)
		}
	}
}

// With instance normalisation on the last encoder layer the zero loss has a floor
// of 0.6·sqrt(2/4); without it zero can be reached.
func TestZeroFloorOfTheFaithfulVariant(t *testing.T) {
	for _, tt := range []struct {
		last      string
		low, high float64
	}{{"all", 0.4243, 0.60}, {"none", 0, 0.40}} {
		m := newModel(t, 16, option.Values{"base": 8, "separate": 2, "norm.last": tt.last, "train.learning_rate": 1e-3})
		var zero float64
		for step := range 60 {
			losses, err := m.Step(step, modelstest.Pair(noise(16, 8, "a"), noise(16, 8, "b")))
			if err != nil {
				t.Fatal(err)
			}
			zero = losses[2].Value
		}
		if zero < tt.low-1e-3 || zero > tt.high {
			t.Errorf("norm.last %s: zero loss %v, want in [%v, %v]", tt.last, zero, tt.low, tt.high)
		}
	}
}

// Images that were never decoded differently: eight fixed images are learnt.
func TestOverfits(t *testing.T) {
	m := newModel(t, 16, option.Values{"base": 16, "separate": 4, "train.learning_rate": 2e-3, "loss.zero": 0.1})
	a, b := smooth(8, 1), smooth(8, 2)
	var first, last float64
	for step := range 300 {
		losses, err := m.Step(step, modelstest.Pair(a, b))
		if err != nil {
			t.Fatal(err)
		}
		if step == 0 {
			first = losses[0].Value
		}
		last = losses[0].Value
	}
	if last > 0.1 || last > first/4 {
		t.Errorf("reconstruction of eight fixed images goes from %v to %v, want below 0.1", first, last)
	}
}

// smooth is n images of plane waves.
func smooth(n int, seed uint64) *domains.Images {
	s := domains.Shape{Channels: 3, Height: 16, Width: 16}
	im := &domains.Images{Shape: s, Data: make([]float32, n*s.Len())}
	for i := range n {
		r := stream.New(seed, "wave", i)
		for c := range 3 {
			u, v, p := r.Float64()/3, r.Float64()/3, r.Float64()*6
			for k := range 256 {
				im.At(i)[c*256+k] = float32(0.8 * math.Sin(u*float64(k%16)+v*float64(k/16)+p))
			}
		}
	}
	return im
}

func TestCheck(t *testing.T) {
	for _, tt := range []struct {
		side    int
		changes option.Values
		want    string
	}{
		{48, nil, "48, want 16, 32, 64, 128 or 256"},
		{32, option.Values{"separate": 64}, "64 leaves no common channels of 128; at most 63"},
		{32, option.Values{"separate": 127, "common": 12}, ""},
		{32, option.Values{"separate": 128, "common": 12}, "128 leaves no channels of 128 before the common code; at most 127"},
		{32, nil, ""},
	} {
		got := ""
		if faults := check(models.Config{Shape: domains.Shape{Channels: 3, Height: tt.side, Width: tt.side}, Options: settings(tt.changes)}); len(faults) > 0 {
			got = faults[0].Problem
		}
		if got != tt.want {
			t.Errorf("side %d %v: %q, want %q", tt.side, tt.changes, got, tt.want)
		}
	}
}

// Images without a table are refused where a model is made, images of another shape where they
// are read.
func TestRefusesImages(t *testing.T) {
	shape := func(height, width int) domains.Shape { return domains.Shape{Channels: 3, Height: height, Width: width} }
	for _, tt := range []struct {
		shape domains.Shape
		fits  bool
	}{{shape(8, 8), false}, {shape(16, 16), true}, {shape(16, 32), false}, {shape(32, 16), false}, {shape(256, 256), true}, {shape(512, 512), false}} {
		if faults := check(models.Config{Shape: tt.shape, Options: settings(nil)}); (len(faults) == 0) != tt.fits {
			t.Errorf("%v: %v", tt.shape, faults)
		}
	}
	if _, err := New(models.Config{Shape: shape(48, 48), Options: settings(nil)}); err == nil || err.Error() != "models: didd: image.size: 48, want 16, 32, 64, 128 or 256" {
		t.Errorf("48 pixels: %v", err)
	}
	if _, err := newModel(t, 16, option.Values{"base": 4, "separate": 1}).Encode(noise(32, 1, "large")); err == nil || err.Error() != "models: didd: images are 3x32x32, the model takes 3x16x16" {
		t.Errorf("images of another shape: %v", err)
	}
}

// The cost of a step by hand: forward, and the gradients by weights and, but for the images, by
// inputs, of two images; and the common code once more.
func TestCost(t *testing.T) {
	m := newModel(t, 16, option.Values{"base": 4, "separate": 1})
	first := 8 * 8 * 3 * 4 * 16 // of each encoder
	common, separate := 4*4*4*7*16+2*2*7*6*16, 4*4*4*8*16+2*2*8*1*16
	decoder := 2*2*8*8*16 + 4*4*8*4*16 + 8*8*4*3*16
	if got, want := m.MACs(), 2*(2*3*first+3*(common+2*separate+decoder))+2*(first+common); got != want {
		t.Errorf("%d operations, want %d", got, want)
	}
	var names []string
	for _, l := range m.Layers() {
		names = append(names, l.Name)
	}
	want := []string{"common/conv1", "common/conv2", "common/conv3", "separate-a/conv1", "separate-a/conv2", "separate-a/conv3", "separate-b/conv1", "separate-b/conv2", "separate-b/conv3", "decoder/conv1", "decoder/conv2", "decoder/conv3"}
	if !slices.Equal(names, want) {
		t.Errorf("layers %q, want %q", names, want)
	}
}

// A loss that is not finite stops before any update and says which.
func TestNotFinite(t *testing.T) {
	m := newModel(t, 16, option.Values{"base": 4, "separate": 1})
	b := noise(16, 2, "b")
	if _, err := m.Step(0, modelstest.Pair(noise(16, 2, "a"), b)); err != nil {
		t.Fatal(err)
	}
	before := append([]float32(nil), m.ps.Get("decoder/conv1/weight").Data...)
	a := noise(16, 2, "a")
	a.Data[0] = float32(math.NaN())
	_, err := m.Step(1, modelstest.Pair(a, b))
	if err == nil || len(err.Error()) < 40 || err.Error()[:54] != "models: didd: step 2: reconstruction/a is NaN (last fi" {
		t.Errorf("error %v", err)
	}
	for i, v := range m.ps.Get("decoder/conv1/weight").Data {
		if v != before[i] {
			t.Fatal("weights moved although the loss was not finite")
		}
	}
}

// The rate is constant, then falls linearly to zero.
func TestDecay(t *testing.T) {
	m := newModel(t, 16, option.Values{"base": 4, "separate": 1, "train.iterations": 100, "train.decay": 0.4, "train.learning_rate": 1.0, "train.discriminator_rate": 0.5, "cycle.swap": 0.1, "adversary.weight": 0.1})
	for _, tt := range []struct {
		step int
		want float64
	}{{0, 1}, {60, 1}, {80, 0.5}, {99, 0.025}} {
		m.setRates(tt.step)
		if !(math.Abs(m.auto.Rate-tt.want) <= 1e-12) || !(math.Abs(m.disc.Rate-tt.want/2) <= 1e-12) || m.patches.optimiser.Rate != m.auto.Rate {
			t.Errorf("step %d: rates %v, %v and %v, want %v, half of it, and it", tt.step, m.auto.Rate, m.disc.Rate, m.patches.optimiser.Rate, tt.want)
		}
	}
}

// Two power iterations of one forward pass are two of one.
func TestSpectralIterations(t *testing.T) {
	one, two := newModel(t, 16, option.Values{"base": 4, "separate": 2}), newModel(t, 16, option.Values{"base": 4, "separate": 2, "spectral_iterations": 2})
	for range 2 {
		one.powerIterate(one.nets.common)
	}
	two.powerIterate(two.nets.common)
	for _, p := range one.ps.All() {
		if !slices.Equal(p.Data, two.ps.Get(p.Name).Data) {
			t.Errorf("%s differs", p.Name)
		}
	}
}

// The averaged decoder makes the images; it follows the trained one by the share
// 1 − min(decay, (1+steps)/(10+steps)) of their difference.
func TestAverage(t *testing.T) {
	m := newModel(t, 16, option.Values{"base": 4, "separate": 1, "train.average": 0.15, "train.learning_rate": 1e-2})
	name := "decoder/conv1/weight"
	average, trained := m.ps.Get("average/"+name).Data, m.ps.Get(name).Data
	if !slices.Equal(average, trained) {
		t.Fatal("the average does not start at the parameters")
	}
	var want []float64
	for _, v := range trained {
		want = append(want, float64(v))
	}
	a, b := smooth(4, 1), smooth(4, 2)
	for step := range 2 { // (1+1)/(10+1) is above the decay already
		if _, err := m.Step(step, modelstest.Pair(a, b)); err != nil {
			t.Fatal(err)
		}
		for i, v := range trained {
			want[i] = 0.15*want[i] + 0.85*float64(v)
		}
	}
	for i, v := range average {
		if !(math.Abs(float64(v)-want[i]) <= 1e-6) {
			t.Fatalf("average[%d] is %v, want %v", i, v, want[i])
		}
	}
	c, err := m.Encode(a)
	if err != nil {
		t.Fatal(err)
	}
	before, err := m.Decode(4, models.Codes{c.Of(models.Common), c.Of(models.SeparateA)})
	if err != nil {
		t.Fatal(err)
	}
	clear(trained)
	after, err := m.Decode(4, models.Codes{c.Of(models.Common), c.Of(models.SeparateA)})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(before.Data, after.Data) {
		t.Error("images are made by the trained decoder, want the average")
	}
}

// Averaged encoders make the codes, and follow the trained ones as the decoder does.
func TestAverageOfEncoders(t *testing.T) {
	m := newModel(t, 16, option.Values{"base": 4, "separate": 1, "train.average": 0.15, "train.average_encoders": true, "train.learning_rate": 1e-2})
	a, b := smooth(4, 1), smooth(4, 2)
	want := map[string][]float64{}
	names := []string{"common/conv1/weight", "separate-a/conv1/weight", "separate-b/conv1/weight", "decoder/conv1/weight"}
	for _, name := range names {
		for _, v := range m.ps.Get(name).Data {
			want[name] = append(want[name], float64(v))
		}
	}
	for step := range 2 {
		if _, err := m.Step(step, modelstest.Pair(a, b)); err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			for i, v := range m.ps.Get(name).Data {
				want[name][i] = 0.15*want[name][i] + 0.85*float64(v)
			}
		}
	}
	for _, name := range names {
		for i, v := range m.ps.Get("average/" + name).Data {
			if !(math.Abs(float64(v)-want[name][i]) <= 1e-6) {
				t.Fatalf("average/%s[%d] is %v, want %v", name, i, v, want[name][i])
			}
		}
	}
	before, err := m.Encode(a)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		clear(m.ps.Get(name).Data)
		after, err := m.Encode(a)
		if err != nil {
			t.Fatal(err)
		}
		for i, block := range before {
			if !slices.Equal(block.Data, after[i].Data) {
				t.Fatalf("block %d is of the trained encoder %s, want the average", i, name)
			}
		}
	}
	for i, name := range names[:3] {
		clear(m.ps.Get("average/" + name).Data)
		after, err := m.Encode(a)
		if err != nil {
			t.Fatal(err)
		}
		if slices.Equal(before[i].Data, after[i].Data) {
			t.Errorf("block %d is not of average/%s", i, name)
		}
	}
}

// Noise on the separate codes reaches the reconstruction and not the zero loss.
func TestSeparateNoise(t *testing.T) {
	losses := func(noise float64) []models.Loss {
		m := newModel(t, 16, option.Values{"base": 4, "separate": 1, "separate_noise": noise})
		l, err := m.Step(0, modelstest.Pair(smooth(4, 1), smooth(4, 2)))
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	quiet, noisy := losses(0), losses(1)
	if quiet[0] == noisy[0] || quiet[1] == noisy[1] {
		t.Error("noise changes no reconstruction")
	}
	if quiet[2] != noisy[2] || quiet[3] != noisy[3] {
		t.Error("noise changes the zero loss")
	}
}

// The discriminator reads the common code alone, by two linear layers with a leaky unit
// between them.
func TestDiscriminate(t *testing.T) {
	m := newModel(t, 16, option.Values{"base": 4, "separate": 3})
	c, err := m.Encode(noise(16, 70, "told"))
	if err != nil {
		t.Fatal(err)
	}
	logits, err := m.Discriminate(c)
	if err != nil {
		t.Fatal(err)
	}
	common := c.Of(models.Common)
	get := func(name string) []float32 { return m.ps.Get("discriminator/" + name).Data }
	w1, b1, w2, b2 := get("linear1/weight"), get("linear1/bias"), get("linear2/weight"), get("linear2/bias")
	if logits.N != 70 || logits.D != 1 || len(b1) != m.nets.hidden {
		t.Fatalf("%d x %d logits of %d units", logits.N, logits.D, len(b1))
	}
	for i := range 70 {
		want := float64(b2[0])
		for h := range b1 {
			v := float64(b1[h])
			for j, x := range common.Row(i) {
				v += float64(w1[h*common.D+j]) * float64(x)
			}
			want += float64(w2[h]) * max(v, 0.2*v)
		}
		if !(math.Abs(want-float64(logits.Data[i])) <= 1e-5) {
			t.Fatalf("logit %d: %v, want %v", i, logits.Data[i], want)
		}
	}
	if _, err := m.Discriminate(models.Codes{c.Of(models.SeparateA)}); err == nil {
		t.Error("codes without a common one were told apart")
	}
	if logits, err := newModel(t, 16, option.Values{"base": 4, "separate": 3, "loss.confusion": 0.0}).Discriminate(c); logits != nil || err != nil {
		t.Errorf("without a confusion loss: %v, %v", logits, err)
	}
}
