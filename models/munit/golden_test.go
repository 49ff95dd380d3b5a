package munit

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
	"github.com/venn-adapt/venn/models/styles"
)

// A golden is one training step by PyTorch, as testdata/golden.py writes it.
type golden struct {
	Side, Batch               int
	Weights, Losses           map[string]float64
	Options                   map[string]int
	Rate, Decay               float64
	Forward, Gradients, After map[string]goldens.Tensor
}

// One training step agrees with PyTorch: translations, losses, gradients, parameters after Adam.
func TestAgainstPyTorch(t *testing.T) {
	raw, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	if err := json.Unmarshal(raw, &g); err != nil {
		t.Fatal(err)
	}
	changes := option.Values{"train.learning_rate": g.Rate, "train.weight_decay": g.Decay}
	for name, v := range g.Options {
		changes[name] = v
	}
	for name, w := range g.Weights {
		changes["loss."+name] = w
	}
	m := newModel(t, g.Side, changes)
	if len(g.After) != len(m.ps.All()) {
		t.Fatalf("PyTorch has %d parameters, the model %d", len(g.After), len(m.ps.All()))
	}
	for _, p := range m.ps.All() {
		low, high := -0.3, 0.3
		if strings.HasSuffix(p.Name, "/affine") {
			low, high = 0.2, 1
		}
		goldens.Fill(p.Data, p.Name, low, high)
	}
	m.draw = func(dst []float32, purpose, domain string, _ int) { goldens.Fill(dst, purpose+"/"+domain, -2, 2) }
	batch := &models.Batch{}
	for side, name := range sides {
		shape := domains.Shape{Channels: 3, Height: g.Side, Width: g.Side}
		batch.Images[side] = &domains.Images{Shape: shape, Data: make([]float32, g.Batch*shape.Len())}
		goldens.Fill(batch.Images[side].Data, "images/"+name, -1, 1)
	}
	s, err := m.newStep(g.Batch)
	if err != nil {
		t.Fatal(err)
	}
	m.step = s
	m.setRates(0)
	for side, x := range batch.Images {
		copy(s.images[side].Data, x.Data)
	}
	gradients := func(l styles.Terms, part string) {
		for i, p := range m.trained(part) {
			want := g.Gradients[p.Name]
			want.Compare(t, "gradient of "+p.Name, l.Gradient(i).Data().([]float32), goldens.Near(1e-4*want.Scale()+1e-6))
		}
	}
	judged, err := m.judgeImages(s, 0)
	if err != nil {
		t.Fatal(err)
	}
	gradients(s.judge, "discriminator")
	for side, name := range sides {
		made := s.judged[side].Data[:len(s.images[side].Data)]
		g.Forward["made/"+name].Compare(t, "translations into "+name, made, goldens.Near(1e-5))
	}
	values, err := m.makeImages(s, 0)
	if err != nil {
		t.Fatal(err)
	}
	gradients(s.maker, "generator")
	all := append(values, judged...)
	if len(all) != len(g.Losses) {
		t.Errorf("%d losses, PyTorch %d", len(all), len(g.Losses))
	}
	for _, l := range all {
		if want := g.Losses[l.Name]; !(math.Abs(l.Value-want) <= 2e-6*max(1, want)) {
			t.Errorf("%s: %v, PyTorch %v", l.Name, l.Value, want)
		}
	}
	m.maker.Update(s.maker.Program)
	for _, p := range m.ps.All() {
		gradient := g.Gradients[p.Name]
		// Adam's first step is lr·g/(|g| + eps): where the gradient with its decay is rounding
		// noise, its sign is noise too.
		g.After[p.Name].Compare(t, p.Name+" after the step", p.Data, func(i int) float64 {
			if d := float64(gradient.Values()[i]) + g.Decay*float64(g.After[p.Name].Values()[i]); math.Abs(d) <= max(1e-5, 1e-3*gradient.Scale()) {
				return 2.1 * g.Rate
			}
			return 2e-5
		})
	}
}
