package didd

import (
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
	goldens "github.com/venn-adapt/venn/internal/golden"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
)

// A golden is one training step by PyTorch, as testdata/golden.py writes it.
type golden struct {
	Salt                      string
	Side, Batch, Separate     int
	Weights, Losses           map[string]float64
	Clip                      float64
	Bound                     float64 // of all parameters; 0: by fan-in
	Forward, Gradients, After map[string]goldens.Tensor
}

// model is a model with golden.py's parameters.
func (g golden) model(t *testing.T, changes option.Values) *Model {
	m := newModel(t, g.Side, changes)
	if len(g.After) != len(m.ps.All()) {
		t.Fatalf("PyTorch has %d parameters, the model %d", len(g.After), len(m.ps.All()))
	}
	for _, p := range m.ps.All() {
		bound := g.Bound
		layer, kind := p.Name[:strings.LastIndex(p.Name, "/")], p.Name[strings.LastIndex(p.Name, "/")+1:]
		switch w := m.ps.Get(layer + "/weight").Shape; {
		case kind == "u" || kind == "v":
			bound = 1
		case bound > 0:
		case strings.HasPrefix(layer, "decoder/"):
			bound = math.Pow(float64(16*w[0]), -0.5)
		case len(w) == 4:
			bound = math.Pow(float64(16*w[1]), -0.5)
		default:
			bound = math.Pow(float64(w[1]), -0.5)
		}
		goldens.Fill(p.Data, g.Salt+p.Name, -bound, bound)
		if kind == "u" || kind == "v" {
			var square float64
			for _, v := range p.Data {
				square += float64(v) * float64(v)
			}
			for i := range p.Data {
				p.Data[i] /= float32(math.Sqrt(square))
			}
		}
	}
	return m
}

// One training step agrees with PyTorch, of a small network and of the reference
// network at 128 pixels: codes and decoded images, losses, gradients, parameters after
// Adam, vectors of the spectral norms.
func TestAgainstPyTorch(t *testing.T) {
	t.Run("16 pixels", func(t *testing.T) {
		againstPyTorch(t, "testdata/golden.json", option.Values{"base": 4, "norm.last": "none"})
	})
	t.Run("in both slots", func(t *testing.T) {
		againstPyTorch(t, "testdata/golden_both.json", option.Values{"base": 4, "norm.last": "none", "slots": "both"})
	})
	t.Run("with a flag", func(t *testing.T) {
		againstPyTorch(t, "testdata/golden_flag.json", option.Values{"base": 4, "norm.last": "none", "slots": "flag"})
	})
	t.Run("codes of 4 x 4 places", func(t *testing.T) {
		againstPyTorch(t, "testdata/golden_places.json", option.Values{"base": 4, "norm.last": "none", "code_side": 4})
	})
	t.Run("reference at 128 pixels", func(t *testing.T) {
		if testing.Short() {
			t.Skip("20 million parameters: not with -short")
		}
		againstPyTorch(t, "testdata/golden128.json", option.Values{"base": 32, "norm.last": "all"})
	})
}

func againstPyTorch(t *testing.T, file string, changes option.Values) {
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	if err := json.Unmarshal(raw, &g); err != nil {
		t.Fatal(err)
	}
	changes["separate"], changes["train.clip"] = g.Separate, g.Clip
	for name, w := range g.Weights {
		changes["loss."+name] = w
	}
	shape := domains.Shape{Channels: 3, Height: g.Side, Width: g.Side}
	a := &domains.Images{Shape: shape, Data: make([]float32, g.Batch*shape.Len())}
	b := &domains.Images{Shape: shape, Data: make([]float32, g.Batch*shape.Len())}
	goldens.Fill(a.Data, g.Salt+"a", -1, 1)
	goldens.Fill(b.Data, g.Salt+"b", -1, 1)
	g.forward(t, g.model(t, changes), a, b)
	g.step(t, g.model(t, changes), a, b)
}

// forward compares codes and decoded images, after the power iteration that the
// training pass of golden.py makes.
func (g golden) forward(t *testing.T, m *Model, a, b *domains.Images) {
	for _, net := range m.nets.autoencoder() {
		m.powerIterate(net)
	}
	both := &domains.Images{Shape: a.Shape, Data: append(append([]float32{}, a.Data...), b.Data...)}
	c, err := m.Encode(both)
	if err != nil {
		t.Fatal(err)
	}
	var decoded []float32
	for side, role := range []models.Role{models.SeparateA, models.SeparateB} {
		rows := make([]int, g.Batch)
		for i := range rows {
			rows[i] = side*g.Batch + i
		}
		y, err := m.Decode(g.Batch, models.Codes{c.Of(models.Common).Take(rows), c.Of(role).Take(rows)})
		if err != nil {
			t.Fatal(err)
		}
		decoded = append(decoded, y.Data...)
	}
	for name, got := range map[string][]float32{"common": c.Of(models.Common).Data, "separate-a": c.Of(models.SeparateA).Data, "separate-b": c.Of(models.SeparateB).Data, "decoded": decoded} {
		g.Forward[name].Compare(t, name, got, goldens.Near(2e-4*max(1, g.Forward[name].Scale())))
	}
}

// step compares the two parts of Step: gradients are gone once another program has run.
// Of the large network's millions of activations some lie so near zero that rounding
// decides on which side of a leaky relu's kink they fall (so it is between PyTorch's own
// float32 and float64); each such moves gradients by a thousandth of their scale.
func (g golden) step(t *testing.T, m *Model, a, b *domains.Images) {
	share, state := 1e-4, 4e-6
	if g.Side == 128 {
		share, state = 2e-2, 3e-4
	}
	gradient := func(p *models.Parameter, got []float32) {
		want := g.Gradients[p.Name]
		want.Compare(t, "gradient of "+p.Name, got, goldens.Near(share*want.Scale()+1e-7))
	}
	losses, err := m.reconstruct(0, a, b)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range m.ps.Trained("common/", "separate-a/", "separate-b/", "decoder/") {
		gradient(p, m.step.auto.Gradient(i).Data().([]float32))
	}
	more, err := m.discriminate()
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range m.ps.Trained("discriminator/") {
		gradient(p, m.step.disc.Gradient(i).Data().([]float32))
	}
	for _, l := range append(losses, more...) {
		if want, ok := g.Losses[l.Name]; ok && !(math.Abs(l.Value-want) <= share*max(1, want)/3) {
			t.Errorf("%s: %v, PyTorch %v", l.Name, l.Value, want)
		}
	}
	for _, p := range m.ps.All() {
		gradient := g.Gradients[p.Name].Values()
		noise := max(1e-6, share*g.Gradients[p.Name].Scale())
		// Adam's first step is lr·g/(|g| + eps·…): where the gradient is rounding noise
		// (a bias before a normalisation), its sign is noise too.
		g.After[p.Name].Compare(t, p.Name+" after the step", p.Data, func(i int) float64 {
			switch {
			case p.State:
				return state
			case math.Abs(float64(gradient[i])) < noise:
				return 4.1e-4
			}
			return 4e-6
		})
	}
}
