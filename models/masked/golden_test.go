package masked

import (
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/golden"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/onesided"
)

// One training step of either half agrees with PyTorch, of a small network with all terms and with
// the published weights, and of the published network at 128 pixels: codes, edited images and
// masks, losses, gradients, parameters after Adam, running statistics.
func TestAgainstPyTorch(t *testing.T) {
	t.Run("16 pixels", func(t *testing.T) {
		againstPyTorch(t, "testdata/golden.json", option.Values{"base": 4, "separate": 2, "train.clip": 0.5, "removal.threshold": 0.5,
			"loss.reconstruction_with": 0.7, "loss.reconstruction_without": 0.5, "loss.repainting_with": 0.3, "loss.repainting_without": 0.2,
			"loss.cycle_common": 0.4, "loss.cycle_separate": 0.6, "loss.confusion": 0.1})
	})
	t.Run("published weights", func(t *testing.T) {
		againstPyTorch(t, "testdata/golden_published.json", option.Values{"base": 4, "separate": 2})
	})
	t.Run("published at 128 pixels", func(t *testing.T) {
		if testing.Short() {
			t.Skip("44 million parameters: not with -short")
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
		more, err := h.discriminate()
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range append(losses, more...) {
			g.Loss(t, prefix+l.Name, l.Value)
		}
	}
	all := m.Parameters().All()
	trained := m.Parameters().Trained("")
	if len(g.After) != len(all) || compared != len(trained)-8 {
		t.Errorf("%d parameters, PyTorch has %d; %d gradients of %d were compared", len(all), len(g.After), compared, len(trained))
	}
	for _, p := range all {
		g.Updated(t, p.Name, p.Data, p.State)
	}
}

// forward compares codes, edited images and masks.
func forward(t *testing.T, g golden.Step, h *half, with, without *domains.Images) {
	common, separate, err := h.Codes(with)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]float32{"common": common.Data, "separate": separate.Data}
	do := func(name string, a onesided.Action, x, guides *domains.Images) {
		out, mask, err := h.Make(a, x, guides)
		if err != nil {
			t.Fatal(err)
		}
		got[name], got[name+"-mask"] = out.Data, mask.Data
	}
	do("kept", onesided.Keep, with, nil)
	do("removed", onesided.Remove, with, nil)
	do("added", onesided.Add, without, with)
	h.options["removal.code"] = ownCode
	do("removed-own", onesided.Remove, with, nil)
	h.options["removal.code"] = emptyCode
	got["removed-mask"] = got["removed-own-mask"]
	delete(got, "removed-own-mask") // the code below does not change where it is seen
	for name, data := range got {
		want, ok := g.Forward[onesided.Prefix(h.side)+name]
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

// newTest is a model with its halves.
func newTest(t *testing.T, side int, changes option.Values) (models.Model, [2]*half) {
	t.Helper()
	method, err := models.Methods.Get("masked")
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
