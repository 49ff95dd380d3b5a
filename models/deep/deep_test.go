package deep

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/recipe"
)

// newOf makes a model of a method with p-small on 16 x 16 images: the part that trains on the
// source.
func newOf(t *testing.T, method string, source domains.Side, changes option.Values) *recipe.Model {
	t.Helper()
	return inner(wholeOf(t, method, source, changes))
}

// wholeOf is newOf with all of the model.
func wholeOf(t *testing.T, method string, source domains.Side, changes option.Values) models.Model {
	t.Helper()
	info, err := models.Methods.Get(method)
	if err != nil {
		t.Fatal(err)
	}
	o := option.Defaults(info.AllOptions())
	o["backbone"] = "p-small"
	for name, v := range changes {
		o[name] = v
	}
	m, err := info.New(models.Config{Shape: goldenShape, Source: source, Classes: goldenClasses, Options: o, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// inner is the model that trains on the source.
func inner(m models.Model) *recipe.Model {
	switch m := m.(type) {
	case *dsn:
		return m.Model
	case *drcn:
		return m.Model
	case *adda:
		return m.Model
	case *atdoc:
		return m.Model
	case *vada:
		return m.Model
	case *dirtT:
		return m.Model
	case *adaBN:
		return m.Model
	case *shot:
		return m.Model
	case *se:
		return m.Model
	case *guided:
		return m.Model
	}
	return m.(*recipe.Model)
}

// batchOf is a batch of uniform noise, the same for the same step.
func batchOf(source domains.Side, step int) *models.Batch {
	b := &models.Batch{Source: source}
	for side := range b.Images {
		name := "source"
		if domains.Side(side) != source {
			name = "target"
		}
		x := &domains.Images{Shape: goldenShape, Data: make([]float32, goldenBatch*goldenShape.Len())}
		r := stream.New(4, name, step)
		for i := range x.Data {
			x.Data[i] = 2*r.Float32() - 1
		}
		b.Images[side] = x
	}
	for i := range goldenBatch {
		b.Labels = append(b.Labels, (i*i+step)%goldenClasses)
	}
	return b
}

// The layers of a discriminator.
func TestDiscriminatorCount(t *testing.T) {
	m := newOf(t, "dann", domains.A, option.Values{"discriminator": 7})
	if got, want := m.Parameters().Count("discriminator/"), 128*7+7+7*7+7+7+1; got != want {
		t.Errorf("the discriminator has %d parameters, want %d", got, want)
	}
}

// The multiply-accumulates of the specification (2.29 and 1.12 million), by layers: forward
// of an image, and of a step three passes less what the first layer is spared.
func TestCost(t *testing.T) {
	shape := domains.Shape{Channels: 1, Height: 28, Width: 28}
	encoder, head := recipe.Backbone(models.Config{Shape: shape, Classes: 10, Options: option.Values{"backbone": "l20-50", "standardise": false}})
	conv1, conv2, fc := 20*25*24*24, 50*20*25*8*8, 800*500
	all, first := encoder.MACs()
	last, _ := head.MACs()
	if all != conv1+conv2+fc || first != conv1 || last != 5000 {
		t.Errorf("l20-50 costs %d, %d of them in the first layer, and %d in its head", all, first, last)
	}
	for name, want := range map[string]int{
		"source-only": 3*(all+5000) - conv1,
		"dann":        2 * (3*(all+5000+500*500+500*500+500) - conv1),
	} {
		method, err := models.Methods.Get(name)
		if err != nil {
			t.Fatal(err)
		}
		made, err := method.New(models.Config{Shape: shape, Classes: 10, Options: option.Defaults(method.AllOptions())})
		if err != nil {
			t.Fatal(err)
		}
		m := inner(made)
		if m.MACs() != want {
			t.Errorf("a step of %s costs %d, want %d", name, m.MACs(), want)
		}
		if l := m.Layers(); len(l) != 2 || l[1].MACs() != conv2 || l[0].MACs() != conv1 {
			t.Errorf("convolutions %+v", l)
		}
	}
}

// off are the options with which a method's own terms do nothing.
var off = map[string]option.Values{
	"dann": {"reversal": 0.0},
	"cdan": {"reversal": 0.0}, "cdan-e": {"reversal": 0.0}, "mdd": {"reversal": 0.0, "warmup": 0.0},
	"dann-bsp": {"reversal": 0.0, "penalty": 0.0}, "cdan-bsp": {"reversal": 0.0, "penalty": 0.0},
	"deep-coral": {"weight": 0.0}, "dan": {"weight": 0.0}, "jan": {"weight": 0.0},
	"mcc": {"weight": 0.0}, "bnm": {"weight": 0.0}, "im": {"weight": 0.0},
	"safn": {"weight": 0.0, "entropy": 0.0}, "hafn": {"warmup": 1.0},
}

// Without its own term a method trains encoder and classifier as source-only does, bit for
// bit, though the target's images pass through the network beside the source's.
func TestWithoutItsTermIsSourceOnly(t *testing.T) {
	for name, o := range off {
		o["train.learning_rate"] = 1e-3
		t.Run(name, func(t *testing.T) { isSourceOnly(t, name, o) })
	}
}

// So does moment matching, whose network is another: what the target holds does not matter.
func TestWithoutItsTermIsBlind(t *testing.T) {
	one, two := newOf(t, "homm", domains.A, option.Values{"weight": 0.0}), newOf(t, "homm", domains.A, option.Values{"weight": 0.0})
	for step := range 5 {
		b := batchOf(domains.A, step)
		if _, err := one.Step(step, b); err != nil {
			t.Fatal(err)
		}
		b.Images[domains.B] = batchOf(domains.A, step+9).Images[domains.B]
		if _, err := two.Step(step, b); err != nil {
			t.Fatal(err)
		}
	}
	for i, p := range one.Parameters().All() {
		if !slices.Equal(p.Data, two.Parameters().All()[i].Data) {
			t.Errorf("%s sees the target at weight 0", p.Name)
		}
	}
}

// No loss depends on the order of the target's images in a batch.
func TestOrderOfTheTarget(t *testing.T) {
	for _, name := range shipped {
		var all [2][]models.Loss
		for i := range all {
			b := batchOf(domains.A, 0)
			if i == 1 {
				var images []float32
				for k := range goldenBatch {
					images = append(images, b.Images[domains.B].At(goldenBatch-1-k)...)
				}
				b.Images[domains.B].Data = images
			}
			m := wholeOf(t, name, domains.A, option.Values{"train.iterations": 10, "dropout": 0.0})
			if _, two := m.(*heads); !two {
				m = inner(m)
			}
			var err error
			if all[i], err = m.Step(5, b); err != nil {
				t.Fatal(err)
			}
		}
		for i, l := range all[0] {
			if !(math.Abs(l.Value-all[1][i].Value) <= 1e-5*max(1, math.Abs(l.Value))) {
				t.Errorf("%s: %s is %v, %v with the target in another order", name, l.Name, l.Value, all[1][i].Value)
			}
		}
	}
}

// isSourceOnly compares a method whose own term is off with source-only, and wants its other
// networks to learn all the same.
func isSourceOnly(t *testing.T, name string, off option.Values) {
	t.Helper()
	for _, source := range []domains.Side{domains.A, domains.B} {
		want, got := newOf(t, "source-only", source, nil), newOf(t, name, source, off)
		before := map[string][]float32{}
		for _, p := range got.Parameters().All() {
			before[p.Name] = slices.Clone(p.Data)
		}
		for step := range 20 {
			for _, m := range []*recipe.Model{want, got} {
				if _, err := m.Step(step, batchOf(source, step)); err != nil {
					t.Fatal(err)
				}
			}
		}
		shared := map[string]bool{}
		for _, p := range want.Parameters().All() {
			shared[p.Name] = true
			for i, v := range got.Parameters().Get(p.Name).Data {
				if math.Float32bits(v) != math.Float32bits(p.Data[i]) {
					t.Fatalf("%s from %s: %s[%d] is %v, source-only's %v", name, source, p.Name, i, v, p.Data[i])
				}
			}
		}
		for _, p := range got.Parameters().All() {
			if !shared[p.Name] && !p.State && slices.Equal(before[p.Name], p.Data) {
				t.Errorf("%s: %s does not learn while it sends nothing to the encoder", name, p.Name)
			}
		}
	}
}

// The discriminator's gradient does not depend on the factor of the reversal, the encoder's
// does.
func TestReversalReachesTheEncoderAlone(t *testing.T) {
	gradients := func(factor float64) map[string][]float32 {
		m := newOf(t, "dann", domains.A, option.Values{"reversal": factor, "train.iterations": 10})
		if _, err := m.Step(5, batchOf(domains.A, 0)); err != nil {
			t.Fatal(err)
		}
		out := map[string][]float32{}
		for i, p := range m.Parameters().Trained("") {
			out[p.Name] = slices.Clone(m.Program().Gradient(i).Data().([]float32))
		}
		return out
	}
	one, two := gradients(0.5), gradients(2)
	for name, g := range one {
		if same, want := slices.Equal(g, two[name]), !strings.HasPrefix(name, "encoder/"); same != want {
			t.Errorf("%s has the same gradient at two factors: %v, want %v", name, same, want)
		}
	}
}

// By the paper's formula hafn learns the norms of features from the target and nothing of its
// predictions: the classifier's gradients are the same for any images of it, the encoder's are
// not.
func TestHAFNsClassifierIsBlind(t *testing.T) {
	gradients := func(target int) map[string][]float32 {
		m, b := newOf(t, "hafn", domains.A, nil), batchOf(domains.A, 0)
		b.Images[domains.B] = batchOf(domains.A, target).Images[domains.B]
		if _, err := m.Step(0, b); err != nil {
			t.Fatal(err)
		}
		out := map[string][]float32{}
		for i, p := range m.Parameters().Trained("") {
			out[p.Name] = slices.Clone(m.Program().Gradient(i).Data().([]float32))
		}
		return out
	}
	one, two := gradients(1), gradients(2)
	for name, g := range one {
		if same, want := slices.Equal(g, two[name]), !strings.HasPrefix(name, "encoder/"); same != want {
			t.Errorf("%s has the same gradient by two targets: %v, want %v", name, same, want)
		}
	}
}

// Both methods of feature norms pass either domain by itself: what
// the source says of itself is the same for any images of the target.
func TestFeatureNormsNormaliseApart(t *testing.T) {
	for _, name := range []string{"hafn", "safn"} {
		var all [2][]models.Loss
		for i := range all {
			m, b := newOf(t, name, domains.A, option.Values{"backbone": "p-small-bn"}), batchOf(domains.A, 0)
			b.Images[domains.B] = batchOf(domains.A, 1+i).Images[domains.B]
			var err error
			if all[i], err = m.Step(0, b); err != nil {
				t.Fatal(err)
			}
		}
		for i, l := range all[0] {
			if (l.Name == "classification" || l.Name == "norm/source") && l.Value != all[1][i].Value {
				t.Errorf("%s: %s is %v, and %v with another target", name, l.Name, l.Value, all[1][i].Value)
			}
		}
	}
}

// What a batch lacks is said in one line.
func TestStepsRefuse(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(b *models.Batch)
		want   string
	}{
		"no target":     {func(b *models.Batch) { b.Images[domains.B] = nil }, "a batch without 6 images of b"},
		"few labels":    {func(b *models.Batch) { b.Labels = b.Labels[:2] }, "2 labels, want 6"},
		"a class more":  {func(b *models.Batch) { b.Labels[1] = 3 }, "labels from 0 to 3, want 0 to 2"},
		"a class below": {func(b *models.Batch) { b.Labels[1] = -1 }, "labels from -1 to 1, want 0 to 2"},
	} {
		b := batchOf(domains.A, 0)
		tt.change(b)
		if _, err := newOf(t, "dann", domains.A, nil).Step(0, b); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
	m := newOf(t, "source-only", domains.A, nil)
	if _, err := m.Encode(&domains.Images{Shape: domains.Shape{Channels: 1, Height: 8, Width: 8}}); err == nil || err.Error() != "models: images are 1x8x8, the network takes 1x16x16" {
		t.Errorf("images of another shape: %v", err)
	}
}
