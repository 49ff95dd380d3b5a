package fader

import (
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/golden"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/modelstest"
)

// One training step agrees with PyTorch, of a small network and of the published one at 128 pixels:
// codes, images under all labels, losses, gradients, parameters after Adam, running statistics.
func TestAgainstPyTorch(t *testing.T) {
	t.Run("16 pixels", func(t *testing.T) {
		againstPyTorch(t, "testdata/golden.json", option.Values{"base": 4, "train.clip": 0.05, "loss.reconstruction": 0.7, "loss.confusion": 0.4})
	})
	t.Run("published at 128 pixels", func(t *testing.T) {
		if testing.Short() {
			t.Skip("18 million parameters: not with -short")
		}
		againstPyTorch(t, "testdata/golden128.json", option.Values{})
	})
}

func againstPyTorch(t *testing.T, file string, changes option.Values) {
	g := golden.ReadStep(t, file)
	changes["dropout"], changes["train.iterations"], changes["loss.confusion_ramp"] = 0.0, 8, 0.5
	m := newTest(t, g.Side, changes)
	for _, p := range m.ps.All() {
		if _, ok := g.After[p.Name]; ok {
			g.Parameter(p.Data, p.Name, p.Shape)
		}
	}
	var x [2]*domains.Images
	for side := range x {
		x[side] = images(g.Side, g.Batch)
		golden.Fill(x[side].Data, g.Salt+domains.Side(side).String(), -1, 1)
	}
	forward(t, g, m, x)
	s, err := m.prepare(modelstest.Pair(x[0], x[1]))
	if err != nil {
		t.Fatal(err)
	}
	s.weights[2] = m.confusionWeight(3)
	losses, err := m.discriminate(3)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range m.ps.Trained("discriminator/") {
		g.Gradient(t, p.Name, s.judge.Gradient(i).Data().([]float32))
	}
	more, err := m.reconstruct(3)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range m.trained() {
		g.Gradient(t, p.Name, s.auto.Gradient(i).Data().([]float32))
	}
	for _, l := range append(losses, more...) {
		g.Loss(t, l.Name, l.Value)
	}
	kept := 0 // biases that a decoder has not are parameters that stay 0
	for _, p := range m.ps.All() {
		if _, ok := g.After[p.Name]; ok {
			g.Updated(t, p.Name, p.Data, p.State)
			kept++
		}
	}
	if kept != len(g.After) || kept+len(m.decoder) != len(m.ps.All()) {
		t.Errorf("%d of PyTorch's %d parameters, the model has %d and %d empty biases", kept, len(g.After), len(m.ps.All()), len(m.decoder))
	}
}

// forward compares codes, and images of A under all labels.
func forward(t *testing.T, g golden.Step, m *Model, x [2]*domains.Images) {
	got := map[string][]float32{}
	both := &domains.Images{Shape: m.shape, Data: append(append([]float32{}, x[0].Data...), x[1].Data...)}
	c, err := m.Encode(both)
	if err != nil {
		t.Fatal(err)
	}
	got["code"] = c.Shared().Data
	const none, own, other = models.Empty, models.OfContent, models.Any
	for name, slots := range map[string][2]models.Slot{"kept": {own, none}, "switched": {none, other}, "removed": {none, none}, "union": {own, other}} {
		out, err := m.Translate(models.Edit{Own: slots}, x[0], nil)
		if err != nil {
			t.Fatal(err)
		}
		got[name] = out.Data
	}
	out, err := m.TranslateAt(models.Edit{Own: [2]models.Slot{none, other}}, 1.5, x[0])
	if err != nil {
		t.Fatal(err)
	}
	got["beyond"] = out.Data
	for name, data := range got {
		want, ok := g.Forward[name]
		if !ok {
			t.Fatalf("PyTorch has no %s", name)
		}
		want.Compare(t, name, data, golden.Near(2e-4*max(1, want.Scale())))
	}
}

// images are n of zeros.
func images(side, n int) *domains.Images {
	s := domains.Shape{Channels: 3, Height: side, Width: side}
	return &domains.Images{Shape: s, Data: make([]float32, n*s.Len())}
}

func newTest(t *testing.T, side int, changes option.Values) *Model {
	t.Helper()
	method, err := models.Methods.Get("fader")
	if err != nil {
		t.Fatal(err)
	}
	c := models.Config{Shape: images(side, 1).Shape, Options: option.Defaults(method.AllOptions()), Seed: 1}
	for k, v := range changes {
		if _, ok := c.Options[k]; !ok {
			t.Fatalf("no option %s", k)
		}
		c.Options[k] = v
	}
	m, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return m
}
