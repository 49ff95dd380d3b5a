package drit

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
	"github.com/venn-adapt/venn/models/ops"
	"github.com/venn-adapt/venn/models/styles"
)

// A golden is one training step by PyTorch, as testdata/golden.py writes it.
type golden struct {
	Side, Count               int
	Weights, Losses           map[string]float64
	Options                   map[string]int
	Rate, Decay, Clip         float64
	Forward, Gradients, After map[string]goldens.Tensor
}

// One training step agrees with PyTorch: translations, losses, gradients of every update,
// parameters after all of them.
func TestAgainstPyTorch(t *testing.T) {
	t.Run("drit", func(t *testing.T) { againstPyTorch(t, "drit", "testdata/golden.json") })
	t.Run("drit++", func(t *testing.T) { againstPyTorch(t, "drit++", "testdata/golden_seeking.json") })
}

func againstPyTorch(t *testing.T, name, file string) {
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	if err := json.Unmarshal(raw, &g); err != nil {
		t.Fatal(err)
	}
	changes := option.Values{"train.learning_rate": g.Rate, "train.weight_decay": g.Decay, "train.clip_content": g.Clip, "train.decay": 0.0}
	for name, v := range g.Options {
		changes[name] = v
	}
	for name, w := range g.Weights {
		changes["loss."+name] = w
	}
	m := newModel(t, name, g.Side, changes)
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
	m.draw = func(dst []float32, purpose string, _ int) { goldens.Fill(dst, purpose, -1.5, 1.5) }
	batch := &models.Batch{}
	for side, name := range styles.Sides {
		shape := domains.Shape{Channels: 3, Height: g.Side, Width: g.Side}
		batch.Images[side] = &domains.Images{Shape: shape, Data: make([]float32, 2*g.Count*shape.Len())}
		goldens.Fill(batch.Images[side].Data, "images/"+name, -1, 1)
	}
	g.step(t, m, batch)
	for _, p := range m.ps.All() {
		first, again := g.Gradients[p.Name], g.Gradients[p.Name+"/again"]
		// Adam's steps are lr·g/(|g| + eps) at first: where the gradient with its decay is
		// rounding noise, its sign is noise too.
		g.After[p.Name].Compare(t, p.Name+" after the step", p.Data, func(i int) float64 {
			after := g.Decay * float64(g.After[p.Name].Values()[i])
			for _, of := range []goldens.Tensor{first, again} {
				if v := of.Values(); len(v) > 0 && math.Abs(float64(v[i])+after) <= max(2e-5, 1e-3*of.Scale()) {
					return 4.2 * g.Rate
				}
			}
			return 4e-5
		})
	}
}

// step makes the parts of Step one by one: gradients are gone once another program has run.
func (g golden) step(t *testing.T, m *Model, batch *models.Batch) {
	s, err := m.newStep(g.Count)
	if err != nil {
		t.Fatal(err)
	}
	m.step = s
	m.setRates(0)
	m.fill(s, 0, batch)
	gradients := func(p *ops.Program, suffix string, of []*models.Parameter) {
		for i, q := range of {
			want, ok := g.Gradients[q.Name+suffix]
			if !ok {
				t.Errorf("PyTorch has no gradient of %s%s", q.Name, suffix)
			}
			want.Compare(t, "gradient of "+q.Name+suffix, p.Gradient(i).Data().([]float32), goldens.Near(2e-4*want.Scale()+2e-6))
		}
	}
	var all []models.Loss
	part := func(do func(*stepGraphs, int) ([]models.Loss, error)) {
		losses, err := do(s, 0)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, losses...)
	}
	part(m.judgeOthers)
	part(m.judgeMade)
	gradients(s.judge.Program, "", m.ps.Trained(judges...))
	for side, name := range styles.Sides {
		g.Forward["made/"+name].Compare(t, "translations into "+name, s.encoded[side].Data[:len(s.images[side].Data)], goldens.Near(1e-5))
	}
	part(m.judgeContent)
	part(m.swap)
	gradients(s.swap.Program, "", m.ps.Trained(append(append([]string{}, makers...), readers...)...))
	part(m.seek)
	gradients(s.seeking.Program, "/again", m.ps.Trained(makers...))
	m.update(s)
	if len(all) != len(g.Losses) {
		t.Errorf("%d losses, PyTorch %d", len(all), len(g.Losses))
	}
	for _, l := range all {
		if want := g.Losses[l.Name]; !(math.Abs(l.Value-want) <= 2e-5*max(1, want)) {
			t.Errorf("%s: %v, PyTorch %v", l.Name, l.Value, want)
		}
	}
}
