package munit

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
)

func config(side int, changes option.Values) models.Config {
	method, err := models.Methods.Get("munit")
	if err != nil {
		panic(err)
	}
	o := option.Defaults(method.AllOptions())
	maps.Copy(o, changes)
	return models.Config{Shape: domains.Shape{Channels: 3, Height: side, Width: side}, Options: o, Seed: 1}
}

func newModel(t *testing.T, side int, changes option.Values) *Model {
	t.Helper()
	m, err := New(config(side, changes))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// tiny is small enough for tests.
func tiny(more option.Values) option.Values {
	o := option.Values{"base": 4, "blocks": 1, "mlp": 8, "style": 3, "discriminator.width": 4, "discriminator.stages": 2, "train.batch": 2, "train.learning_rate": 1e-3}
	maps.Copy(o, more)
	return o
}

// Parameters of the paper's networks at 128 pixels, a domain, and of the smaller ones for 64 and
// 32 pixels, both; shapes of codes; multiply-accumulates in millions of a pair's step, less those
// of the codes that the released code makes once more for the discriminators.
func TestNetworks(t *testing.T) {
	for _, tt := range []struct {
		side    int
		counts  []int // content, style, decoder, mlp, discriminator of a domain; 0: not published apart
		all     int   // of both domains' generators, in hundredths of a million
		content string
		macs    int
	}{
		{128, []int{5385856, 2764936, 5754627, 1120768, 8271171}, 3005, "[256 32 32]", 279000 - 2*(1560+6060)},
		{64, []int{0, 0, 0, 0, 331458}, 622, "[128 16 16]", 13119 + 2447 - 2*(97+379)},
		{32, []int{0, 0, 0, 0, 165729}, 438, "[128 8 8]", 2811 + 521 - 2*(26+59)},
	} {
		m := newModel(t, tt.side, nil)
		for i, part := range []string{"generator/content/", "generator/style/", "generator/decoder/", "generator/mlp/", "discriminator/"} {
			for _, name := range sides {
				if n := m.ps.Count(name + "/" + part); tt.counts[i] > 0 && n != tt.counts[i] {
					t.Errorf("%d pixels: %s of %s has %d parameters, want %d", tt.side, part, name, n, tt.counts[i])
				}
			}
		}
		if got := int(math.Round(float64(m.ps.Count("a/generator/", "b/generator/")) / 1e4)); got != tt.all {
			t.Errorf("%d pixels: %d0000 parameters of generators, want %d0000", tt.side, got, tt.all)
		}
		if got := fmt.Sprint(m.nets[0].content.Out()); got != tt.content {
			t.Errorf("%d pixels: content codes are %s, want %s", tt.side, got, tt.content)
		}
		if got := fmt.Sprint(m.nets[0].style.Out(), m.nets[0].decoder(nil).Out()); got != fmt.Sprintf("[8] [3 %d %d]", tt.side, tt.side) {
			t.Errorf("%d pixels: styles and images are %s", tt.side, got)
		}
		if got := m.MACs() / 1e6; tt.macs > 0 && !(math.Abs(float64(got-tt.macs)) <= 0.02*float64(tt.macs)) {
			t.Errorf("%d pixels: %d million multiply-accumulates, want about %d", tt.side, got, tt.macs)
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
		m := newModel(t, side, nil)
		b := m.Bind()
		in, _ := models.Input(2, 3, side, side)
		x := b.Graph.Bind("x", in)
		content, style := m.Content(b, domains.B, x), m.Style(b, domains.B, x)
		image := m.Decode(b, domains.B, content, style)
		var verdicts []tensor.Shape
		for _, v := range m.nets[domains.B].patches.Build(b, image) {
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

// The tiny variants for 64 and 32 pixels: parameters of both generators and of a discriminator, in
// hundredths of a million.
func TestTinyNetworks(t *testing.T) {
	for side, want := range map[int][2]int{64: {157, 8}, 32: {111, 4}} {
		m := newModel(t, side, option.Values{"base": 16, "mlp": 64, "discriminator.width": 16})
		for i, n := range []int{m.ps.Count("a/generator/", "b/generator/"), m.ps.Count("a/discriminator/")} {
			if got := int(math.Round(float64(n) / 1e4)); got != want[i] {
				t.Errorf("%d pixels: %d parameters, want %d0000", side, n, want[i])
			}
		}
	}
}

// What a trained method must keep.
func TestWalk(t *testing.T) {
	method, err := models.Methods.Get("munit")
	if err != nil {
		t.Fatal(err)
	}
	if err := modelstest.Method(method, modelstest.Options{
		Settings: tiny(option.Values{"halvings": 3, "discriminator.scales": 1, "loss.cycle": 1.0}),
		Change: option.Values{"base": 6, "blocks": 2, "mlp": 6, "halvings": 2, "discriminator.width": 6, "discriminator.stages": 1, "discriminator.scales": 2,
			"train.halve_every": 1, "loss.cycle": 0.0},
	}); err != nil {
		t.Error(err)
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

// copied gives the networks of B the parameters of A.
func copied(m *Model) {
	for _, p := range m.ps.Below("a/") {
		copy(m.ps.Get("b"+p.Name[1:]).Data, p.Data)
	}
}

// Where both domains have the same networks, a translation with an image's own style is its
// reconstruction, and codes do not say whose they are; else they do. Each row is of its own
// content and guide, however many there are.
func TestEdits(t *testing.T) {
	m := newModel(t, 16, tiny(nil))
	x, guides := waves(20, 16, 0), waves(20, 16, 50)
	ofA, err := m.EncodeOf(domains.A, x)
	if err != nil {
		t.Fatal(err)
	}
	ofB, err := m.EncodeOf(domains.B, x)
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := m.Encode(x); err != nil || !slices.Equal(plain.Of(models.Common).Data, ofA.Of(models.Common).Data) {
		t.Errorf("without a domain, codes are not those of A (%v)", err)
	}
	if sided, err := models.EncoderOf(m, domains.B).Encode(x); err != nil || !slices.Equal(sided.Of(models.Common).Data, ofB.Of(models.Common).Data) {
		t.Errorf("the encoder of B does not read images as of B (%v)", err)
	}
	if slices.Equal(ofA.Of(models.Common).Data, ofB.Of(models.Common).Data) {
		t.Error("the content encoders of A and of B say the same")
	}
	for _, role := range []models.Role{models.SeparateA, models.SeparateB} {
		if !slices.Equal(ofA.Of(role).Data, ofB.Of(role).Data) {
			t.Errorf("the %s code depends on the content encoder", role)
		}
	}
	guided := models.Edit{Content: domains.A, Own: [2]models.Slot{models.Empty, models.OfGuide}}
	drawn := models.Edit{Content: domains.B, Own: [2]models.Slot{models.Any, models.Empty}}
	translate := func(e models.Edit, x, guides *domains.Images) []float32 {
		t.Helper()
		y, err := m.Translate(e, x, guides)
		if err != nil {
			t.Fatal(err)
		}
		return y.Data
	}
	made := translate(guided, x, guides)
	size := x.Shape.Len()
	one := translate(guided, x.Take([]int{18}), guides.Take([]int{18}))
	if !slices.Equal(one, made[18*size:19*size]) {
		t.Error("a translation depends on those beside it")
	}
	if slices.Equal(one, translate(guided, x.Take([]int{18}), guides.Take([]int{3}))) {
		t.Error("a guide changes nothing")
	}
	if slices.Equal(one, translate(guided, x.Take([]int{3}), guides.Take([]int{18}))) {
		t.Error("a content changes nothing")
	}
	random := translate(drawn, x, nil)
	if !slices.Equal(random, translate(drawn, x, nil)) {
		t.Error("a drawn style is another in the next call")
	}
	twice := translate(drawn, x.Take([]int{0, 0}), nil)
	if !slices.Equal(twice[:size], random[:size]) || slices.Equal(twice[:size], twice[size:]) {
		t.Error("two rows of one content are to have styles of their own, the first that of the first row")
	}
	copied(m)
	if own, back := translate(guided, x, x), translate(models.Reconstruction(domains.A), x, nil); !slices.Equal(own, back) {
		t.Error("with the same networks, an image's own style does not give its reconstruction")
	}
	if _, err := m.Translate(models.Edit{Content: domains.A}, x, guides); err == nil || !strings.HasPrefix(err.Error(), "models: munit: it reconstructs, and translates") {
		t.Errorf("a removal: %v", err)
	}
	if _, err := m.Translate(guided, x, guides.Take([]int{0})); err == nil || err.Error() != "models: munit: 20 contents and no guide for each" {
		t.Errorf("one guide for all: %v", err)
	}
	if _, err := m.Translate(guided, waves(1, 8, 0), guides.Take([]int{0})); err == nil || err.Error() != "models: munit: contents are 3x8x8, the model takes 3x16x16" {
		t.Errorf("other contents: %v", err)
	}
	if _, err := m.EncodeOf(domains.A, waves(1, 8, 0)); err == nil || err.Error() != "models: munit: images are 3x8x8, the model takes 3x16x16" {
		t.Errorf("other images: %v", err)
	}
}

// A training step with the domains' names exchanged gives the same networks, exchanged.
func TestDomainsAreAlike(t *testing.T) {
	m, turned := newModel(t, 16, tiny(option.Values{"loss.cycle": 1.0})), newModel(t, 16, tiny(option.Values{"loss.cycle": 1.0}))
	other := func(name string) string { return map[byte]string{'a': "b", 'b': "a"}[name[0]] + name[1:] }
	for _, p := range m.ps.All() {
		copy(turned.ps.Get(other(p.Name)).Data, p.Data)
	}
	turned.draw = func(dst []float32, purpose, domain string, step int) { m.draw(dst, purpose, other(domain), step) }
	x, y := waves(2, 16, 0), waves(2, 16, 30)
	for step := range 2 {
		if _, err := m.Step(step, modelstest.Pair(x, y)); err != nil {
			t.Fatal(err)
		}
		if _, err := turned.Step(step, modelstest.Pair(y, x)); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range m.ps.All() {
		if strings.HasSuffix(p.Name, "/bias") && (strings.Contains(p.Name, "/content/") || strings.Contains(p.Name, "/residual")) {
			continue // before an instance norm: its gradient is rounding, of which Adam keeps the sign
		}
		off := 0 // sums of gradients have another order, which Adam magnifies where a gradient is small
		for i, v := range turned.ps.Get(other(p.Name)).Data {
			if !(math.Abs(float64(v-p.Data[i])) <= 1e-5) {
				off++
			}
		}
		if off > len(p.Data)/25 {
			t.Errorf("%s: %d of %d values differ", p.Name, off, len(p.Data))
		}
	}
}

// Both rates are halved after so many steps.
func TestRates(t *testing.T) {
	m := newModel(t, 16, tiny(option.Values{"train.halve_every": 100}))
	for step, want := range map[int]float64{0: 1e-3, 99: 1e-3, 100: 5e-4, 250: 2.5e-4} {
		if m.setRates(step); m.maker.Rate != want || m.judge.Rate != want {
			t.Errorf("step %d: rates %v and %v, want %v", step, m.maker.Rate, m.judge.Rate, want)
		}
	}
}

// First weights: standard deviations as stated, no biases.
func TestInit(t *testing.T) {
	m := newModel(t, 32, nil)
	for name, want := range map[string]float64{
		"a/generator/content/residual7/conv1/weight": math.Sqrt(2. / (9 * 128)), "b/generator/mlp/fc5/weight": math.Sqrt(2. / 128),
		"a/discriminator/scale1/conv5/weight": 0.02, "b/generator/decoder/conv3/weight": math.Sqrt(2. / (25 * 128)),
	} {
		var square float64
		data := m.ps.Get(name).Data
		for _, v := range data {
			square += float64(v) * float64(v)
		}
		if got := math.Sqrt(square / float64(len(data))); !(math.Abs(got-want) <= 0.03*want) {
			t.Errorf("%s: standard deviation %v, want %v", name, got, want)
		}
	}
	for _, p := range m.ps.All() {
		if strings.HasSuffix(p.Name, "/bias") && slices.Max(p.Data)-slices.Min(p.Data) != 0 {
			t.Errorf("%s is not constant", p.Name)
		}
	}
}

// The networks learn 16 fixed images by heart: L1 below 0.05.
func TestOverfits(t *testing.T) {
	if testing.Short() {
		t.Skip("a training of a minute: not with -short")
	}
	m := newModel(t, 16, option.Values{"base": 16, "blocks": 1, "mlp": 32, "discriminator.width": 8, "discriminator.stages": 2, "train.learning_rate": 1e-3})
	x, y := waves(8, 16, 0), waves(8, 16, 30)
	var last []models.Loss
	for step := range 1500 {
		losses, err := m.Step(step, modelstest.Pair(x, y))
		if err != nil {
			t.Fatal(err)
		}
		if last = losses; losses[0].Value < 0.045 && losses[1].Value < 0.045 {
			break
		}
	}
	for _, l := range last[:2] {
		if !strings.HasPrefix(l.Name, "reconstruction/") || !(l.Value < 0.05) {
			t.Errorf("%s is %v, want less than 0.05", l.Name, l.Value)
		}
	}
	for _, side := range []domains.Side{domains.A, domains.B} { // as the translator reconstructs
		x := []*domains.Images{x, y}[side]
		back, err := m.Translate(models.Reconstruction(side), x, nil)
		if err != nil {
			t.Fatal(err)
		}
		miss := 0.0
		for i, v := range back.Data {
			miss += math.Abs(float64(v-x.Data[i])) / float64(len(x.Data))
		}
		if !(miss < 0.06) {
			t.Errorf("reconstructions of %s miss by %v", side, miss)
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
		{30, nil, "image.size: 30, want a multiple of 4 from 8 on"},
		{16, option.Values{"halvings": 5}, "model.halvings: they leave too little of 16 pixels: "},
		{16, option.Values{"discriminator.stages": 5}, "model.discriminator.stages: they leave too little of 16 pixels: "},
	} {
		if _, err := New(config(tt.side, tt.changes)); err == nil || !strings.HasPrefix(err.Error(), "models: munit: "+tt.want) {
			t.Errorf("%v, want %q", err, tt.want)
		}
	}
}
