package deep

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
	goldens "github.com/venn-adapt/venn/internal/golden"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/ops"
	"github.com/venn-adapt/venn/models/recipe"
)

// What testdata/golden.py trains.
const (
	goldenBatch, goldenSteps, goldenFirst = 6, 2, 5
	goldenClasses                         = 3
)

var goldenShape = domains.Shape{Channels: 1, Height: 16, Width: 16}

// A golden is two training steps by PyTorch.
type golden struct {
	Losses                             map[string]float64
	Features, Logits, Gradients, After map[string]goldens.Tensor
}

// Settings of each recipe that are not its defaults, by the method's name and, after a
// stroke, what is particular.
var goldenSettings = map[string]option.Values{
	"dann/joint":        {"reversal": 0.7, "discriminator": 40, "backbone": "p-small-bn"},
	"dann/separate":     {"reversal": 0.7, "discriminator": 40, "backbone": "p-small-bn", "statistics": "separate"},
	"dann/target":       {"reversal": 0.7, "discriminator": 40, "backbone": "p-small-bn", "statistics": "target"},
	"source-only":       {},
	"mcd":               {"weight": 0.7, "encoder_steps": 2, "units": 20, "dropout": 0.0},
	"swd":               {"weight": 5.0, "encoder_steps": 2, "units": 20, "dropout": 0.0, "directions": 6},
	"dann":              {"reversal": 0.7, "discriminator": 40},
	"cdan":              {"reversal": 0.7, "discriminator": 40, "map": "multilinear"},
	"cdan-e":            {"reversal": 0.7, "discriminator": 40, "map_units": 32, "warmup": 0.3},
	"dann-bsp":          {"reversal": 0.7, "discriminator": 40, "penalty": 0.05},
	"cdan-bsp":          {"reversal": 0.7, "discriminator": 40, "map": "multilinear", "penalty": 0.02},
	"mdd":               {"weight": 0.7, "reversal": 0.5, "margin": 3.0, "adversary": 40},
	"deep-coral":        {"weight": 0.2},
	"deep-coral/logits": {"weight": 400.0, "layer": "logits"},
	"homm":              {"weight": 5e3, "units": 12},
	"dan":               {"weight": 2.0},
	"jan":               {"weight": 1.5, "warmup": 0.4},
	"mcc":               {"weight": 0.8, "warmup": 0.45, "temperature": 2.0},
	"bnm":               {"weight": 0.9},
	"im":                {},
	"fixmatch":          {"weight": 0.8, "warmup": 0.3, "confidence": 0.362, "smoothing": 0.3, "changes": 0, "translation": 0.0},
	"dsn":               {"discriminator": 40, "reconstruction": 0.3, "difference": 20.0, "similarity": 0.6, "warmup": 0.4},
	"safn":              {"weight": 2.0, "entropy": 0.3},
	"hafn":              {"radius": 3.0, "entropy": 0.03},
}

// goldenElsewhere are the methods that have golden steps in a test of their own, or whose
// training is another's.
var goldenElsewhere = map[string]bool{
	"adabn": true, "se": true, "shot": true, "shot-im": true,
	"target-oracle": true, // trained as source-only
	"adda":          true, "atdoc": true, "dirt-t": true, "drcn": true, "vada": true,
}

func images(name string) *domains.Images {
	x := &domains.Images{Shape: goldenShape, Data: make([]float32, goldenBatch*goldenShape.Len())}
	goldens.Fill(x.Data, name, -1, 1)
	return x
}

// TestAgainstPyTorch: features and logits, losses, gradients, parameters after two updates,
// of both domains as the source.
func TestAgainstPyTorch(t *testing.T) {
	raw, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]json.RawMessage{}
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	for _, name := range shipped {
		if _, ok := goldenSettings[name]; !ok && !goldenElsewhere[name] {
			t.Errorf("%s has no golden steps", name)
		}
	}
	for name, settings := range goldenSettings {
		of, _, _ := strings.Cut(name, "/")
		method, err := models.Methods.Get(of)
		if err != nil {
			t.Fatal(err)
		}
		for _, source := range []domains.Side{domains.A, domains.B} {
			t.Run(fmt.Sprintf("%s from %s", name, source), func(t *testing.T) {
				var g golden
				if err := json.Unmarshal(all[name], &g); err != nil || len(g.After) == 0 {
					t.Fatalf("no golden steps (%v): golden.py makes them", err)
				}
				o := option.Defaults(method.AllOptions())
				for _, values := range []option.Values{{"backbone": "p-small", "train.iterations": 10, "train.clip": 0.5}, settings} {
					for name, v := range values {
						o[name] = v
					}
				}
				m, err := method.New(models.Config{Shape: goldenShape, Source: source, Classes: goldenClasses, Options: o, Seed: 1})
				if err != nil {
					t.Fatal(err)
				}
				g.check(t, m, source)
			})
		}
	}
}

func (g golden) check(t *testing.T, made models.Model, source domains.Side) {
	var n *recipe.Network
	h, two := made.(*heads)
	if two {
		n, h.drawn = h.Network, func(dst []float32, draw int) { goldens.Fill(dst, fmt.Sprint("directions/", draw), -1, 1) }
	} else {
		n = inner(made).Network
	}
	g.fill(t, n.Parameters())
	for name, want := range g.Features {
		features, logits, err := n.Read(images(name + "/0"))
		if err != nil {
			t.Fatal(err)
		}
		want.Compare(t, name+" features", features.Data, goldens.Near(2e-6))
		if want, ok := g.Logits[name]; ok {
			want.Compare(t, name+" logits", logits.Data, goldens.Near(2e-6))
		}
	}
	for step := range goldenSteps {
		b := goldenPair(source, step)
		if two && step == 0 { // the parts of a step share their memory
			if err := h.fill(b); err != nil {
				t.Fatal(err)
			}
			p, err := h.run(learnPart, goldenFirst, 0)
			if err != nil {
				t.Fatal(err)
			}
			g.checkGradients(t, n.Parameters(), p.program)
		}
		losses, err := made.Step(goldenFirst+step, b)
		if err != nil {
			t.Fatal(err)
		}
		g.checkLosses(t, losses, step, tolerance)
		if !two && step == 0 {
			g.checkGradients(t, n.Parameters(), inner(made).Program())
		}
	}
	g.checkNoOther(t)
	g.checkAfter(t, n.Parameters())
}

// goldenPair is the batch of a step of both domains.
func goldenPair(source domains.Side, step int) *models.Batch {
	b := &models.Batch{Source: source}
	b.Images[source], b.Images[1-source] = images(fmt.Sprintf("source/%d", step)), images(fmt.Sprintf("target/%d", step))
	for i := range goldenBatch {
		b.Labels = append(b.Labels, (i+step)%goldenClasses)
	}
	return b
}

// checkLosses compares those of a step, and takes them off the list.
func (g golden) checkLosses(t *testing.T, losses []models.Loss, step int, tolerance func(want float64) float64) {
	t.Helper()
	for _, l := range losses {
		name := fmt.Sprintf("%s/%d", l.Name, step)
		if want, ok := g.Losses[name]; !ok || !(math.Abs(l.Value-want) <= tolerance(want)) {
			t.Errorf("%s: %v, PyTorch %v", name, l.Value, want)
		}
		delete(g.Losses, name)
	}
}

// checkNoOther wants every loss of PyTorch to have been compared.
func (g golden) checkNoOther(t *testing.T) {
	t.Helper()
	if len(g.Losses) > 0 {
		t.Errorf("PyTorch has also the losses %v", g.Losses)
	}
}

// wider is the tolerance of losses after several updates.
func wider(want float64) float64 { return 1e-4 * max(1, math.Abs(want)) }

// tolerance is that of a loss: of small ones a hundredth.
func tolerance(want float64) float64 {
	size := math.Abs(want)
	return min(3e-5*max(1, size), 0.01*size+1e-12)
}

// checkGradients compares those of a program by all parameters that are trained.
func (g golden) checkGradients(t *testing.T, ps *models.Parameters, p *ops.Program) {
	t.Helper()
	for i, w := range ps.Trained("") {
		want := g.Gradients[w.Name]
		want.Compare(t, "gradient of "+w.Name, p.Gradient(i).Data().([]float32), goldens.Near(1e-5*want.Scale()+1e-8))
	}
}

// fill gives all parameters the values that golden.py gives them.
func (g golden) fill(t *testing.T, ps *models.Parameters) {
	t.Helper()
	for _, p := range ps.All() {
		if _, ok := g.After[p.Name]; !ok && !p.Rows {
			t.Fatalf("PyTorch has no parameter %s", p.Name)
		}
	}
	for _, p := range ps.All() {
		switch kind := kindOf(p.Name); {
		case (kind == "bias" && p.State) || p.Rows: // stays 0, or is not there yet
			continue
		case kind == "scale" || kind == "length" || kind == "variance":
			goldens.Fill(p.Data, p.Name, 0.5, 1.5)
			continue
		case kind == "shift" || kind == "mean":
			goldens.Fill(p.Data, p.Name, -0.5, 0.5)
			continue
		}
		w, fan := ps.Get(p.Name[:len(p.Name)-len(kindOf(p.Name))]+"weight"), 1
		for _, s := range w.Shape[1:] {
			fan *= s
		}
		goldens.Fill(p.Data, p.Name, -math.Pow(float64(fan), -0.5), math.Pow(float64(fan), -0.5))
	}
}

// checkAfter compares parameters after all steps.
func (g golden) checkAfter(t *testing.T, ps *models.Parameters) {
	t.Helper()
	for _, p := range ps.All() {
		if p.Rows { // not PyTorch's
			continue
		}
		of := g.Gradients[strings.TrimPrefix(strings.TrimPrefix(p.Name, teacherPrefix), meanPrefix)] // which teacher and average follow
		switch {
		case of.Values() == nil && p.State: // moments
			g.After[p.Name].Compare(t, p.Name+" after two steps", p.Data, goldens.Near(5e-5))
			continue
		case of.Values() == nil: // it is not trained
			g.After[p.Name].Compare(t, p.Name+" after two steps", p.Data, goldens.Near(0))
			continue
		}
		gradient, noise := of.Values(), 1e-4*of.Scale()
		g.After[p.Name].Compare(t, p.Name+" after two steps", p.Data, func(i int) float64 {
			if math.Abs(float64(gradient[i])) < noise { // Adam divides rounding noise by its own size
				return 2e-3
			}
			return 2e-6
		})
	}
}

// kindOf is the last part of a parameter's name.
func kindOf(name string) string {
	for i := len(name) - 1; i >= 0; i-- {
		if name[i] == '/' {
			return name[i+1:]
		}
	}
	return name
}
