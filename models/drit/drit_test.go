package drit

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/modelstest"
	"github.com/venn-adapt/venn/models/styles"
)

func config(name string, side int, changes option.Values) models.Config {
	method, err := models.Methods.Get(name)
	if err != nil {
		panic(err)
	}
	o := option.Defaults(method.AllOptions())
	maps.Copy(o, changes)
	return models.Config{Shape: domains.Shape{Channels: 3, Height: side, Width: side}, Options: o, Seed: 1}
}

func newModel(t *testing.T, name string, side int, changes option.Values) *Model {
	t.Helper()
	m, err := New(name, config(name, side, changes))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// tiny is small enough for tests.
func tiny(more option.Values) option.Values {
	o := option.Values{"base": 4, "blocks": 1, "style": 3, "discriminator.width": 4, "discriminator.stages": 2, "train.batch": 4, "train.iterations": 4, "train.learning_rate": 1e-3}
	maps.Copy(o, more)
	return o
}

// Parameters of the paper's networks at 216 pixels and of the smaller ones, as published or in
// hundredths of a million; shapes of codes; multiply-accumulates of an update for a pair of
// encoded images, in hundreds of millions, of which the published ones count one pass of the
// content encoders where there are two.
func TestNetworks(t *testing.T) {
	for _, tt := range []struct {
		side                                              int
		encoders, attributes, generators, judges, content int
		all, contentAll                                   int
		code                                              string
		macs, seeking                                     int
	}{
		{216, 9018112, 2 * 1344080, 9564710, 4 * 8271171, 10683649, 2127, 1068, "[256 54 54]", 0, 0},
		{128, 9018112, 2 * 1344080, 9564710, 4 * 8271171, 0, 2127, 420, "[256 32 32]", 2460, 2900},
		{64, 0, 0, 0, 4 * 331458, 0, 422, 79, "[128 16 16]", 128, 149},
		{32, 0, 0, 0, 4 * 165729, 0, 381, 52, "[128 8 8]", 31, 36},
	} {
		m := newModel(t, "drit", tt.side, nil)
		for _, part := range []struct {
			what  string
			want  int
			names []string
		}{
			{"content encoders", tt.encoders, makers[:3]}, {"attribute encoders", tt.attributes, readers}, {"generators", tt.generators, makers[3:]},
			{"discriminators", tt.judges, judges}, {"the content discriminator", tt.content, []string{contentJudge}},
		} {
			if n := m.ps.Count(part.names...); part.want > 0 && n != part.want {
				t.Errorf("%d pixels: %s have %d parameters, want %d", tt.side, part.what, n, part.want)
			}
		}
		hundredths := func(names ...string) int { return int(math.Round(float64(m.ps.Count(names...)) / 1e4)) }
		if got := hundredths(append(slices.Clone(makers), readers...)...); got != tt.all {
			t.Errorf("%d pixels: %d0000 parameters of encoders and generators, want %d0000", tt.side, got, tt.all)
		}
		if got := hundredths(contentJudge); got != tt.contentAll {
			t.Errorf("%d pixels: %d0000 parameters of the content discriminator, want %d0000", tt.side, got, tt.contentAll)
		}
		d := m.nets.of[domains.B]
		if got, want := fmt.Sprint(d.code, d.mean.Out(), d.generator(nil).Out(), m.nets.content.Out()), fmt.Sprintf("%s [8] [3 %d %d] [1]", tt.code, tt.side, tt.side); got != want {
			t.Errorf("%d pixels: codes, attributes, images and verdicts are %s, want %s", tt.side, got, want)
		}
		for name, want := range map[string]int{"drit": tt.macs, "drit++": tt.seeking} {
			if want == 0 {
				continue
			}
			m.seeking = map[string]float64{"drit++": 1}[name] // all that is another in these
			if got := float64(2*m.MACs()) / 1e8; !(got >= float64(want) && got <= 1.2*float64(want)) {
				t.Errorf("%s at %d pixels: %v hundred million multiply-accumulates, want about %d", name, tt.side, got, want)
			}
		}
	}
}

// Forward shapes as graphs make them, of two images.
func TestForwardShapes(t *testing.T) {
	for side, want := range map[int]string{
		32:  "(2, 128, 8, 8) (2, 8) (2, 3, 32, 32) [(2, 16)]",
		64:  "(2, 128, 16, 16) (2, 8) (2, 3, 64, 64) [(2, 64) (2, 16)]",
		128: "(2, 256, 32, 32) (2, 8) (2, 3, 128, 128) [(2, 64) (2, 16) (2, 4)]",
	} {
		m := newModel(t, "drit", side, nil)
		b := m.Bind()
		in, _ := models.Input(2, 3, side, side)
		x := b.Graph.Bind("x", in)
		content, style := m.Content(b, domains.B, x), m.Style(b, domains.B, x)
		image := m.Decode(b, domains.B, content, style)
		var verdicts []tensor.Shape
		for _, v := range m.nets.of[domains.B].random.Build(b, image) {
			verdicts = append(verdicts, v.Shape())
		}
		if _, err := b.Graph.Compile(); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(content.Shape(), style.Shape(), image.Shape(), verdicts); got != want {
			t.Errorf("%d pixels: %s, want %s", side, got, want)
		}
	}
}

// The tiny variants for 64 and 32 pixels: parameters of encoders and generators and of a
// discriminator, in hundredths of a million.
func TestTinyNetworks(t *testing.T) {
	for side, want := range map[int][2]int{64: {112, 8}, 32: {101, 4}} {
		m := newModel(t, "drit++", side, option.Values{"base": 16, "discriminator.width": 16})
		for i, n := range []int{m.ps.Count(append(slices.Clone(makers), readers...)...), m.ps.Count("a/discriminator/")} {
			if got := int(math.Round(float64(n) / 1e4)); got != want[i] {
				t.Errorf("%d pixels: %d parameters, want %d0000", side, n, want[i])
			}
		}
	}
}

// What a trained method must keep.
func TestWalk(t *testing.T) {
	for _, name := range []string{"drit", "drit++"} {
		t.Run(name, func(t *testing.T) {
			method, err := models.Methods.Get(name)
			if err != nil {
				t.Fatal(err)
			}
			if err := modelstest.Method(method, modelstest.Options{
				Settings: tiny(option.Values{"halvings": 2, "discriminator.scales": 1}),
				Change:   option.Values{"base": 6, "blocks": 2, "halvings": 1, "discriminator.width": 6, "discriminator.stages": 1, "discriminator.scales": 2, "train.clip_content": 0.01, "content_updates": 1},
				Loss:     "self/a", Learning: option.Values{"train.decay": 0.0, "train.learning_rate": 3e-3, seekOption.Name: 0.1}, Steps: 120, Fall: 0.65,
			}); err != nil {
				t.Error(err)
			}
		})
	}
}

// waves are n images whose colours and waves differ.
func waves(n, side, from int) *domains.Images {
	x := &domains.Images{Shape: domains.Shape{Channels: 3, Height: side, Width: side}}
	for i := from; i < from+n; i++ {
		for c := range 3 {
			for k := range side * side {
				x.Data = append(x.Data, float32(0.4*math.Sin(float64(i)+float64(k/side)*0.5)+0.4*math.Cos(float64(k%side)*0.3+float64(i*c))))
			}
		}
	}
	return x
}

// other is the name of a parameter of the other domain.
func other(name string) string {
	switch {
	case strings.HasPrefix(name, "a/"):
		return "b" + name[1:]
	case strings.HasPrefix(name, "b/"):
		return "a" + name[1:]
	}
	return name
}

// Where both domains have the same networks, a translation with an image's own attributes is its
// reconstruction; else the domains' encoders differ. Guides and contents count.
func TestEdits(t *testing.T) {
	m := newModel(t, "drit", 16, tiny(nil))
	x, guides := waves(3, 16, 0), waves(3, 16, 50)
	ofA, err := m.EncodeOf(domains.A, x)
	if err != nil {
		t.Fatal(err)
	}
	ofB, err := m.EncodeOf(domains.B, x)
	if err != nil {
		t.Fatal(err)
	}
	if slices.Equal(ofA.Of(models.Common).Data, ofB.Of(models.Common).Data) {
		t.Error("the content encoders of A and of B say the same")
	}
	guided := models.Edit{Content: domains.B, Own: [2]models.Slot{models.OfGuide, models.Empty}}
	translate := func(e models.Edit, x, guides *domains.Images) []float32 {
		t.Helper()
		y, err := m.Translate(e, x, guides)
		if err != nil {
			t.Fatal(err)
		}
		return y.Data
	}
	made := translate(guided, x, guides)
	if slices.Equal(made, translate(guided, x, guides.Take([]int{1, 2, 0}))) || slices.Equal(made, translate(guided, x.Take([]int{1, 2, 0}), guides)) {
		t.Error("a guide or a content changes nothing")
	}
	if !slices.Equal(made, translate(guided, x, guides)) {
		t.Error("a translation is another in the next call: noise belongs to training")
	}
	for _, p := range m.ps.Below("a/") {
		copy(m.ps.Get(other(p.Name)).Data, p.Data)
	}
	if own, back := translate(guided, x, x), translate(models.Reconstruction(domains.B), x, nil); !slices.Equal(own, back) {
		t.Error("with the same networks, an image's own attributes do not give its reconstruction")
	}
}

// A step with the domains' names exchanged, in the labels of the content discriminator too, gives
// the same networks, exchanged.
func TestDomainsAreAlike(t *testing.T) {
	changes := tiny(option.Values{"loss.content": 0.0, "content_updates": 1, "train.decay": 0.0})
	m, turned := newModel(t, "drit++", 16, changes), newModel(t, "drit++", 16, changes)
	for _, p := range m.ps.All() {
		copy(turned.ps.Get(other(p.Name)).Data, p.Data)
	}
	turned.draw = func(dst []float32, purpose string, step int) {
		m.draw(dst, purpose, step)
		if strings.HasPrefix(purpose, "noise/") { // A above B
			half := len(dst) / 2
			copy(dst, append(slices.Clone(dst[half:]), dst[:half]...))
		}
	}
	x, y := waves(4, 16, 0), waves(4, 16, 30)
	for step := range 2 {
		if _, err := m.Step(step, modelstest.Pair(x, y)); err != nil {
			t.Fatal(err)
		}
		if _, err := turned.Step(step, modelstest.Pair(y, x)); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range m.ps.All() {
		if strings.HasPrefix(p.Name, contentJudge) || strings.HasSuffix(p.Name, "/bias") && (strings.Contains(p.Name, "content/") || strings.Contains(p.Name, "/residual")) {
			continue // a bias before an instance norm has a gradient of rounding, of which Adam keeps the sign
		}
		off := 0 // shared layers add up images in another order, which Adam magnifies where a gradient is small
		for i, v := range turned.ps.Get(other(p.Name)).Data {
			if !(math.Abs(float64(v-p.Data[i])) <= 2e-5) {
				off++
			}
		}
		if off > len(p.Data)/10 {
			t.Errorf("%s: %d of %d values differ", p.Name, off, len(p.Data))
		}
	}
}

// Rates fall linearly after half of the training; the content discriminator's is smaller.
func TestRates(t *testing.T) {
	m := newModel(t, "drit", 16, tiny(option.Values{"train.iterations": 100}))
	for step, want := range map[int]float64{0: 1e-3, 50: 1e-3, 75: 5e-4, 99: 2e-5} {
		m.setRates(step)
		for _, o := range []*models.Optimiser{m.maker, m.reader, m.judge} {
			if !(math.Abs(o.Rate-want) <= 1e-12) {
				t.Errorf("step %d: rate %v of %s, want %v", step, o.Rate, o.Name, want)
			}
		}
		if !(math.Abs(m.content.Rate-want/2.5) <= 1e-12) {
			t.Errorf("step %d: rate %v of the content discriminator, want %v", step, m.content.Rate, want/2.5)
		}
	}
}

// First weights: convolutions of standard deviation 0.02, linear layers and biases as PyTorch's.
func TestInit(t *testing.T) {
	m := newModel(t, "drit", 32, nil)
	for name, want := range map[string]float64{
		"a/content/residual7/conv1/weight": 0.02, "b/generator/deconv5/weight": 0.02, "a/discriminator-random/scale1/conv5/weight": 0.02,
		"a/attribute-mean/fc1/weight": math.Sqrt(1. / (3 * 96)), "b/generator/deconv5/bias": math.Sqrt(1. / (3 * 72 * 9)),
	} {
		var square float64
		data := m.ps.Get(name).Data
		for _, v := range data {
			square += float64(v) * float64(v)
		}
		if got := math.Sqrt(square / float64(len(data))); !(math.Abs(got-want) <= 0.15*want) {
			t.Errorf("%s: standard deviation %v, want %v", name, got, want)
		}
	}
}

// Batches are split: of images beyond the first half only the discriminators learn.
func TestHalves(t *testing.T) {
	x, y, more := waves(4, 16, 0), waves(4, 16, 30), waves(4, 16, 60)
	var makersOf, judgesOf [2][]float32
	for k := range 2 {
		m := newModel(t, "drit", 16, tiny(option.Values{"content_updates": 1}))
		a := &domains.Images{Shape: x.Shape, Data: slices.Clone(x.Data)}
		if k == 1 {
			copy(a.Data[len(a.Data)/2:], more.Data)
		}
		if _, err := m.Step(0, modelstest.Pair(a, y)); err != nil {
			t.Fatal(err)
		}
		makersOf[k], judgesOf[k] = slices.Clone(m.ps.Get("a/attribute/conv1/weight").Data), slices.Clone(m.ps.Get("a/discriminator-random/scale1/conv1/weight").Data)
	}
	if !slices.Equal(makersOf[0], makersOf[1]) {
		t.Error("the attribute encoder sees the second half of a batch")
	}
	if slices.Equal(judgesOf[0], judgesOf[1]) {
		t.Error("the discriminator of random attributes does not see the second half of a batch")
	}
}

// The networks learn 16 fixed images by heart: L1 below 0.05.
func TestOverfits(t *testing.T) {
	if testing.Short() {
		t.Skip("a training of some seconds: not with -short")
	}
	m := newModel(t, "drit", 16, option.Values{"base": 16, "blocks": 1, "discriminator.width": 8, "discriminator.stages": 2, "content_updates": 1, "train.learning_rate": 1e-3, "train.batch": 16, "train.decay": 0.0})
	twice := []int{0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7} // all are encoded
	x, y := waves(8, 16, 0).Take(twice), waves(8, 16, 30).Take(twice)
	seen := map[string]float64{}
	for step := range 3000 {
		losses, err := m.Step(step, modelstest.Pair(x, y))
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range losses {
			seen[l.Name] = l.Value
		}
		if seen["self/a"] < 0.045 && seen["self/b"] < 0.045 {
			break
		}
	}
	for _, name := range styles.Sides {
		if !(seen["self/"+name] < 0.05) {
			t.Errorf("the self reconstruction of %s is %v, want less than 0.05", name, seen["self/"+name])
		}
	}
}

// What does not fit is refused in one line.
func TestChecks(t *testing.T) {
	for _, tt := range []struct {
		side    int
		changes option.Values
		want    string
	}{
		{30, nil, "image.size: 30, want a multiple of 4 from 16 on"},
		{16, option.Values{"halvings": 5}, "model.halvings: they leave too little of 16 pixels: "},
		{16, option.Values{"discriminator.stages": 5}, "model.discriminator.stages: they leave too little of 16 pixels: "},
		{16, option.Values{"train.batch": 3}, "model.train.batch: 3, want an even number: one half is encoded, "},
	} {
		if _, err := New("drit", config("drit", tt.side, tt.changes)); err == nil || !strings.HasPrefix(err.Error(), "models: drit: "+tt.want) {
			t.Errorf("%v, want %q", err, tt.want)
		}
	}
	m := newModel(t, "drit", 16, tiny(nil))
	if _, err := m.Step(0, modelstest.Pair(waves(3, 16, 0), waves(3, 16, 0))); err == nil || err.Error() != "models: drit: batches of 3 images, want an even number" {
		t.Errorf("an odd batch: %v", err)
	}
}
