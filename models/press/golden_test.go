package press

import (
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/golden"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/onesided"
)

// One training step of either half agrees with PyTorch, of a small network and of the published
// one at 128 pixels: codes, edited images, losses, gradients, parameters after Adam.
func TestAgainstPyTorch(t *testing.T) {
	t.Run("16 pixels", func(t *testing.T) {
		againstPyTorch(t, "testdata/golden.json", option.Values{"base": 4, "separate": 2, "loss.reconstruction": 0.7, "loss.confusion": 0.3, "train.clip": 0.5})
	})
	t.Run("published at 128 pixels", func(t *testing.T) {
		if testing.Short() {
			t.Skip("30 million parameters: not with -short")
		}
		againstPyTorch(t, "testdata/golden128.json", option.Values{})
	})
}

func againstPyTorch(t *testing.T, file string, changes option.Values) {
	g := golden.ReadStep(t, file)
	m, halves := newTest(t, g.Side, changes)
	for _, p := range m.Parameters().All() {
		g.Parameter(p.Data, p.Name, p.Shape)
	}
	var x [2]*domains.Images
	for side := range x {
		x[side] = images(g.Side, g.Batch)
		golden.Fill(x[side].Data, g.Salt+domains.Side(side).String(), -1, 1)
	}
	compared := 0
	for side, h := range halves {
		prefix := onesided.Prefix(domains.Side(side))
		with, without := x[side], x[1-side]
		forward(t, g, h, with, without)
		losses, err := h.reconstruct(0, with, without)
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range h.trained() {
			g.Gradient(t, p.Name, h.step.auto.Gradient(i).Data().([]float32))
			compared++
		}
		if err := h.step.codes.Run(); err != nil {
			t.Fatal(err)
		}
		more, err := h.confusion.Update(h.step.codes.Output(0).Data().([]float32))
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range append(losses, more...) {
			g.Loss(t, prefix+l.Name, l.Value)
		}
	}
	if all := len(m.Parameters().All()); len(g.After) != all || compared != all-8 {
		t.Errorf("%d parameters, PyTorch has %d; %d gradients were compared", all, len(g.After), compared)
	}
	for _, p := range m.Parameters().All() {
		g.Updated(t, p.Name, p.Data, p.State)
	}
}

// forward compares codes and edited images.
func forward(t *testing.T, g golden.Step, h *half, with, without *domains.Images) {
	common, separate, err := h.Codes(with)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]float32{"common": common.Data, "separate": separate.Data}
	for name, a := range map[string]onesided.Action{"kept": onesided.Keep, "removed": onesided.Remove} {
		out, mask, err := h.Make(a, with, nil)
		if err != nil || mask != nil {
			t.Fatal(mask, err)
		}
		got[name] = out.Data
	}
	out, _, err := h.Make(onesided.Add, without, with)
	if err != nil {
		t.Fatal(err)
	}
	got["added"] = out.Data
	for name, data := range got {
		want := g.Forward[onesided.Prefix(h.side)+name]
		want.Compare(t, name, data, golden.Near(2e-4*max(1, want.Scale())))
	}
}

// images are n of zeros.
func images(side, n int) *domains.Images {
	s := domains.Shape{Channels: 3, Height: side, Width: side}
	return &domains.Images{Shape: s, Data: make([]float32, n*s.Len())}
}

// newTest is a model with its halves.
func newTest(t *testing.T, side int, changes option.Values) (models.Model, [2]*half) {
	t.Helper()
	method, err := models.Methods.Get("press")
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
	m, halves, err := build(c)
	if err != nil {
		t.Fatal(err)
	}
	return m, halves
}
