package labelled

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/layers"
	"github.com/venn-adapt/venn/models/modelstest"
	"github.com/venn-adapt/venn/models/ops"
)

// A toy generator shows what it is asked for: two maps of the request, added to the image.
type toy struct{}

func (toy) Stacks() []layers.Stack {
	return []layers.Stack{{Name: "toy", In: []int{2, 16, 16}, Layers: []layers.Layer{layers.Conv{Channels: 2, Kernel: 1, Stride: 1}}}}
}

func (g toy) Edit(b *models.Binding, x, request *ops.Node) *ops.Node {
	return add(b, g.Stacks()[0].Build(b, x), request)
}

func (g toy) Learn(b *models.Binding, _ *Moments, x, keep, edit *ops.Node) (*ops.Node, *ops.Node) {
	y := g.Stacks()[0].Build(b, x)
	return add(b, y, keep), add(b, y, edit)
}

func add(b *models.Binding, y, request *ops.Node) *ops.Node {
	return b.Graph.Sum("toy", y, b.Graph.Spread("request", 16, 16, request))
}

func (toy) MACs() (edit, learn int) { return 1000, 2000 }

// newToy makes a model of a toy whose images add nothing at first.
func newToy(t *testing.T, s System, changes option.Values) *Model {
	t.Helper()
	o := option.Defaults(append(Options(Defaults{100, 10, 0.01, 1.5}), Decay, option.Option{Name: "train.iterations", Default: 8}, option.Option{Name: "train.batch", Default: 6}))
	for k, v := range changes {
		o[k] = v
	}
	s.Name, s.Generator, s.Factor = "toy", toy{}, Decayed
	flat := layers.Stack{Name: "critic/trunk", In: []int{2, 16, 16}, Layers: []layers.Layer{layers.Flatten{}}}
	s.Critic = Critic{flat, layers.Stack{Name: "critic/real", In: flat.Out(), Layers: []layers.Layer{layers.Linear{Units: 1}}},
		layers.Stack{Name: "critic/labels", In: flat.Out(), Layers: []layers.Layer{layers.Linear{Units: Labels}}}}
	if s.Request == nil {
		s.Request = func(own, wanted float64) float64 { return 10*own + wanted }
	}
	m := New(s, models.Config{Shape: domains.Shape{Channels: 2, Height: 16, Width: 16}, Options: o, Seed: 3}).(*Model)
	for _, p := range m.ps.All() {
		p.Fill(0)
	}
	return m
}

// numbered are n images whose values are their numbers, from first on.
func numbered(n, first int) *domains.Images {
	x := &domains.Images{Shape: domains.Shape{Channels: 2, Height: 16, Width: 16}, Data: make([]float32, n*512)}
	for i := range x.Data {
		x.Data[i] = float32(first + i/512)
	}
	return x
}

// What is asked for in each edit, at strengths: a label that is kept stays at 1, one that is not
// there at 0, one that is switched moves to the other as far as the strength says.
func TestRequests(t *testing.T) {
	m := newToy(t, System{}, nil) // shows 10·own + wanted
	x := numbered(70, 1)          // more than a batch
	empty, content, some := models.Empty, models.OfContent, models.Any
	for _, tt := range []struct {
		edit     models.Edit
		strength float64 // 0: that of the option, 1.5
		want     [2]float32
	}{
		{models.Edit{Content: domains.A, Own: [2]models.Slot{content, empty}}, 0, [2]float32{11, 0}},
		{models.Edit{Content: domains.A, Own: [2]models.Slot{empty, some}}, 1, [2]float32{10, 1}},
		{models.Edit{Content: domains.A, Own: [2]models.Slot{empty, some}}, 0, [2]float32{9.5, 1.5}},
		{models.Edit{Content: domains.A, Own: [2]models.Slot{empty, some}}, 1e-9, [2]float32{11, 0}},
		{models.Edit{Content: domains.A, Own: [2]models.Slot{empty, empty}}, 1, [2]float32{10, 0}},
		{models.Edit{Content: domains.A, Own: [2]models.Slot{content, some}}, 2, [2]float32{11, 2}},
		{models.Edit{Content: domains.B, Own: [2]models.Slot{some, empty}}, 1, [2]float32{1, 10}},
		{models.Edit{Content: domains.B, Own: [2]models.Slot{empty, content}}, 0, [2]float32{0, 11}},
		{models.Edit{Content: domains.B, Own: [2]models.Slot{empty, empty}}, -1, [2]float32{0, 12}},
		{models.Edit{Content: domains.B, Own: [2]models.Slot{some, content}}, 0, [2]float32{1.5, 11}},
	} {
		out, err := m.Translate(tt.edit, x, nil)
		if tt.strength != 0 {
			out, err = m.TranslateAt(tt.edit, tt.strength, x)
		}
		if err != nil {
			t.Fatal(err)
		}
		if out.Len() != 70 || out.Shape != x.Shape {
			t.Fatalf("%d images of %v", out.Len(), out.Shape)
		}
		for i, v := range out.Data {
			if want := tt.want[i/256%2]; !(math.Abs(float64(v-want)) <= 1e-5) {
				t.Fatalf("%v at %v: label %d is %v, want %v", tt.edit, tt.strength, i/256%2, v, want)
			}
		}
		if !slices.Contains(m.Edits(), tt.edit) {
			t.Errorf("%v is not listed", tt.edit)
		}
	}
	if n := len(m.Edits()); n != 8 {
		t.Errorf("%d edits, want 8", n)
	}
	copy(m.ps.Get("toy/conv1/weight").Data, []float32{1, 0, 0, 1}) // now the images show
	out, err := m.TranslateAt(models.Reconstruction(domains.B), 1, x)
	if err != nil || out.At(69)[0] != 70 || out.At(69)[256] != 81 || out.At(3)[0] != 4 {
		t.Errorf("of images 1 to 70 with labels 0 and 11: %v and %v, %v", out.At(69)[0], out.At(69)[256], err)
	}
	guided := models.Edit{Content: domains.A, Own: [2]models.Slot{empty, models.OfGuide}}
	if _, err := m.Translate(guided, x, x); err == nil || err.Error() != "models: toy: labels switch what a domain has on and off, and name no image to take it from: not {a [0 2]}" {
		t.Errorf("a guide: %v", err)
	}
	x.Shape.Channels = 1
	if _, err := m.Translate(models.Reconstruction(domains.A), x, nil); err == nil || err.Error() != "models: toy: images are 1x16x16, the model takes 2x16x16" {
		t.Errorf("another shape: %v", err)
	}
}

// A batch falls into parts with the labels of their domains; wanted are these in another order, and
// no two parts or steps are alike in what is drawn.
func TestShown(t *testing.T) {
	m := newToy(t, System{}, option.Values{"train.critic_steps": 2})
	b := modelstest.Pair(numbered(12, 0), numbered(12, 100))
	shown, err := m.Shown(b, 5)
	if err != nil {
		t.Fatal(err)
	}
	if len(shown) != 3 {
		t.Fatalf("%d parts, want 3: two of the critic, one of the generator", len(shown))
	}
	again, _ := m.Shown(b, 5)
	other, _ := m.Shown(b, 6)
	for k, u := range shown {
		switched := 0
		for i := range 8 {
			image, a := float32(4*k+i), float32(1)
			if i >= 4 {
				image, a = float32(100+4*k+i-4), 0
			}
			if u.Images[512*i] != image || u.Images[512*i+511] != image || u.Own[2*i] != a || u.Own[2*i+1] != 1-a {
				t.Errorf("part %d: image %d is %v with labels %v, want %v with %v first", k, i, u.Images[512*i], u.Own[2*i:2*i+2], image, a)
			}
			if u.Wanted[2*i]+u.Wanted[2*i+1] != 1 || u.Wanted[2*i] != 0 && u.Wanted[2*i] != 1 {
				t.Errorf("part %d: labels %v are wanted", k, u.Wanted[2*i:2*i+2])
			}
			if u.Wanted[2*i] != a {
				switched++
			}
			if u.Shares[i] < 0 || u.Shares[i] >= 1 {
				t.Errorf("a share of %v", u.Shares[i])
			}
		}
		// in a permutation as many of A become B as the other way
		if switched%2 != 0 || len(u.Shares) != 8 || len(u.Images) != 8*512 {
			t.Errorf("part %d: %d labels are switched of %d", k, switched, len(u.Shares))
		}
		if !slices.Equal(u.Shares, again[k].Shares) || !slices.Equal(u.Wanted, again[k].Wanted) || slices.Equal(u.Shares, other[k].Shares) || k > 0 && slices.Equal(u.Shares, shown[0].Shares) {
			t.Errorf("part %d: draws are not those of the step and the part", k)
		}
	}
	if fmt.Sprint(shown[0].Wanted, shown[1].Wanted, shown[2].Wanted) == fmt.Sprint(other[0].Wanted, other[1].Wanted, other[2].Wanted) {
		t.Error("the same labels are wanted in two steps")
	}
	m = newToy(t, System{Again: true}, option.Values{"train.critic_steps": 2})
	if shown, err = m.Shown(b, 5); err != nil || len(shown) != 2 || len(shown[0].Shares) != 12 {
		t.Errorf("a generator that learns again: %d parts, %v", len(shown), err)
	}
}

// A step makes so many updates of each, at a rate that falls in the second half.
func TestStep(t *testing.T) {
	b := modelstest.Pair(numbered(6, 0), numbered(6, 1))
	for _, again := range []bool{false, true} {
		m := newToy(t, System{Again: again}, option.Values{"train.critic_steps": 2})
		for step, rate := range []float64{0.01, 0.01, 0.01, 0.01, 0.01, 0.0075, 0.005, 0.0025} {
			if _, err := m.Step(step, b); err != nil {
				t.Fatal(err)
			}
			if m.generator.Steps != step+1 || m.critic.Steps != 2*(step+1) {
				t.Errorf("after %d steps %d updates of the generator and %d of the critic", step+1, m.generator.Steps, m.critic.Steps)
			}
			if !(math.Abs(m.generator.Rate-rate) <= 1e-12) || m.critic.Rate != m.generator.Rate {
				t.Errorf("rates %v and %v at step %d, want %v", m.generator.Rate, m.critic.Rate, step, rate)
			}
		}
	}
	m := newToy(t, System{}, option.Values{"train.critic_steps": 2})
	for _, tt := range []struct {
		b    *models.Batch
		want string
	}{
		{modelstest.Pair(numbered(5, 0), numbered(5, 0)), "models: toy: a batch of 5 and 5 images, want as many of each domain, a multiple of 3"},
		{modelstest.Pair(numbered(6, 0), numbered(3, 0)), "models: toy: a batch of 6 and 3 images, want as many of each domain, a multiple of 3"},
		{modelstest.Pair(nil, numbered(3, 0)), "models: toy: a batch of 0 and 3 images, want as many of each domain, a multiple of 3"},
		{b, ""},
		{modelstest.Pair(numbered(3, 0), numbered(3, 0)), "models: toy: a batch of 3 images of each domain, the first had 6"},
	} {
		_, err := m.Step(0, tt.b)
		if got := fmt.Sprint(err); got != tt.want && !(err == nil && tt.want == "") {
			t.Errorf("%s, want %s", got, tt.want)
		}
	}
	if got := Decayed(option.Values{"train.decay": 0.0}, 0.99); got != 1 {
		t.Errorf("without decay the factor is %v", got)
	}
}

// Losses by hand: a generator that adds the request, critics that weigh every value alike.
func TestLossesByHand(t *testing.T) {
	for _, summed := range []bool{false, true} {
		m := newToy(t, System{Summed: summed, Request: func(own, wanted float64) float64 { return wanted + 2*own }}, option.Values{"train.critic_steps": 1})
		for i := range m.ps.Get("critic/real/fc1/weight").Data {
			m.ps.Get("critic/real/fc1/weight").Data[i] = 1. / 256
		}
		x := numbered(2, 0)
		x.Data = slices.Repeat([]float32{0.5}, 2*512)
		losses, err := m.Step(0, modelstest.Pair(x, x))
		if err != nil {
			t.Fatal(err)
		}
		factor := 1.0
		if summed {
			factor = 2
		}
		// real: 512·0.5/256 = 1; edited: the labels wanted and twice the own, 3 in all whatever they are
		want := map[string]float64{"critic/distance": 1 - 3, "critic/penalty": math.Pow(1-math.Sqrt(512)/256, 2), "critic/classes": factor * math.Ln2,
			"reconstruction": (2.5 + 0.5) / 2} // of 3 and 0
		for _, l := range losses {
			if w, ok := want[l.Name]; ok && !(math.Abs(l.Value-w) <= 1e-5) {
				t.Errorf("%s is %v, want %v", l.Name, l.Value, w)
			}
		}
		// 1000 an edit, 512 and 1024 the heads: the critic's pair and the generator's, in turn
		if got, want := m.MACs(), (2*(1000+3*(2*512+1024)+5*512)+2*(3*2000+2*(512+1024)))/2; got != want {
			t.Errorf("%d multiply-accumulates a pair, want %d", got, want)
		}
	}
	m := newToy(t, System{}, nil)
	before := m.MACs()
	m.Critic.Trunk.Layers = append([]layers.Layer{layers.AffineNorm{}}, m.Critic.Trunk.Layers...)
	if got := m.MACs() - before; got < 1706 || got > 1707 { // 5 of 6 pairs, two passes of two images
		t.Errorf("a critic that normalises costs %d more, want two passes", got)
	}
	if l := newToy(t, System{}, nil).Layers(); len(l) != 1 || l[0].Name != "toy/conv1" {
		t.Errorf("layers %v", l)
	}
}

// What is refused, and where to change it.
func TestCheck(t *testing.T) {
	for _, tt := range []struct {
		height, width, batch int
		again                bool
		want                 string
	}{
		{16, 16, 6, false, "[]"}, {256, 256, 5, true, "[]"},
		{8, 8, 6, false, "[{image.size 8, want 16, 32, 64, 128 or 256}]"},
		{512, 512, 6, false, "[{image.size 512, want 16, 32, 64, 128 or 256}]"},
		{48, 48, 6, false, "[{image.size 48, want 16, 32, 64, 128 or 256}]"},
		{32, 16, 6, false, "[{image.size 32, want 16, 32, 64, 128 or 256}]"},
		{32, 32, 16, false, "[{model.train.batch 16, want a multiple of 6: as many images for each of 5 updates of the critic and one of the generator (model.train.critic_steps)}]"},
		{32, 32, 16, true, "[{model.train.batch 16, want a multiple of 5: as many images for each of 5 updates of the critic (model.train.critic_steps)}]"},
	} {
		c := models.Config{Shape: domains.Shape{Channels: 3, Height: tt.height, Width: tt.width}, Options: option.Values{"train.critic_steps": 5, "train.batch": tt.batch}}
		if got := fmt.Sprint(Check(c, tt.again)); got != tt.want {
			t.Errorf("%dx%d in batches of %d: %s, want %s", tt.height, tt.width, tt.batch, got, tt.want)
		}
	}
	for _, tt := range []struct{ given, side, want int }{{0, 128, 64}, {0, 256, 64}, {0, 64, 32}, {7, 128, 7}} {
		if got := Sized(tt.given, tt.side, 64, 32); got != tt.want {
			t.Errorf("%d given at %d pixels: %d, want %d", tt.given, tt.side, got, tt.want)
		}
	}
	for side, want := range map[int]string{16: "[64 128]", 32: "[64 128 256]", 128: "[64 128 256 512 1024]", 256: "[64 128 256 512 1024]"} {
		if got := fmt.Sprint(Widths(side, 64)); got != want {
			t.Errorf("widths at %d pixels: %s, want %s", side, got, want)
		}
	}
	if got := fmt.Sprint(Widths(128, 128)); got != "[128 256 512 1024 1024]" {
		t.Errorf("the widest: %s", got)
	}
}
