package labelled_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/golden"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	_ "github.com/venn-adapt/venn/models/attgan" // a system
	"github.com/venn-adapt/venn/models/labelled"
	_ "github.com/venn-adapt/venn/models/stargan" // another
	_ "github.com/venn-adapt/venn/models/stgan"   // and another
)

// small are the settings of testdata/golden.py.
var small = map[string]option.Values{
	"attgan":  {"base": 3, "hidden": 5},
	"stargan": {"base": 3, "blocks": 2},
	"stgan":   {"base": 3, "hidden": 5},
}

// newModel makes a small model of a system.
func newModel(t *testing.T, name string, side int, changes option.Values) models.Model {
	t.Helper()
	method, err := models.Methods.Get(name)
	if err != nil {
		t.Fatal(err)
	}
	c := models.Config{Shape: domains.Shape{Channels: 3, Height: side, Width: side}, Options: option.Defaults(method.AllOptions()), Seed: 1}
	maps.Copy(c.Options, small[name])
	maps.Copy(c.Options, changes)
	m, err := method.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// modelOf is what trains.
func modelOf(m models.Model) *labelled.Model {
	if c, ok := m.(*labelled.Coded); ok {
		return c.Model
	}
	return m.(*labelled.Model)
}

// pattern fills parameters as golden.py does.
func pattern(p *models.Parameter) {
	low, high := -0.3, 0.3
	switch kind := p.Name[strings.LastIndex(p.Name, "/")+1:]; {
	case kind == "scale" || kind == "variance":
		low, high = 0.5, 1.5
	case kind == "bias" && p.State: // of a convolution that has none
		low, high = 0, 0
	case len(p.Shape) > 1:
		fan := 1
		for _, k := range p.Shape[1:] {
			fan *= k
		}
		high = 1.5 / math.Sqrt(float64(fan))
		low = -high
	}
	golden.Fill(p.Data, p.Name, low, high)
}

// A reference is what golden.py writes of a system.
type reference struct {
	Side, Images                int
	Losses                      map[string]float64
	Gradients, After, Evaluated map[string]golden.Tensor
}

// An update of the critic and one of the generator agree with PyTorch, second derivatives of the
// penalty included: losses, gradients, parameters and running moments afterwards, and what is then
// made of images at a strength.
func TestAgainstPyTorch(t *testing.T) {
	for name := range small {
		t.Run(name, func(t *testing.T) {
			raw, err := os.ReadFile("testdata/" + name + ".json")
			if err != nil {
				t.Fatal(err)
			}
			var want reference
			if err := json.Unmarshal(raw, &want); err != nil {
				t.Fatal(err)
			}
			m := newModel(t, name, want.Side, nil)
			for _, p := range m.Parameters().All() {
				pattern(p)
			}
			critic, generator := want.shown(0), want.shown(1)
			if name == "stargan" {
				generator = want.shown(0)
			}
			if err := modelOf(m).Updates(critic, generator); err != nil {
				t.Fatal(err)
			}
			want.compare(t, m, critic, generator)
			want.evaluate(t, m.(models.Graded), critic.Images)
		})
	}
}

// shown is what an update sees: labels in half of A and half of B, wanted in two orders.
func (r reference) shown(part int) *labelled.Update {
	n := r.Images
	u := &labelled.Update{Images: make([]float32, n*3*r.Side*r.Side), Own: make([]float32, 2*n), Wanted: make([]float32, 2*n), Shares: make([]float32, n)}
	golden.Fill(u.Images, fmt.Sprint("images/", part), -1, 1)
	golden.Fill(u.Shares, fmt.Sprint("shares/", part), 0, 1)
	for i := range n {
		u.Own[2*i+2*i/n] = 1
	}
	for i := range n {
		from := n - 1 - i
		if part == 1 {
			from = (i + n - 1) % n
		}
		copy(u.Wanted[2*i:2*i+2], u.Own[2*from:])
	}
	return u
}

func (r reference) compare(t *testing.T, m models.Model, critic, generator *labelled.Update) {
	for _, l := range append(critic.Losses, generator.Losses...) {
		tolerance := 3e-5
		if l.Name == "adversarial" { // the bias of the critic's last layer has no gradient but rounding
			tolerance = 4.1e-4
		}
		if want, ok := r.Losses[l.Name]; !ok || !(math.Abs(l.Value-want) <= tolerance*max(1, math.Abs(want))) {
			t.Errorf("%s: %v, PyTorch %v (%v)", l.Name, l.Value, want, ok)
		}
	}
	compared := 0
	for i, u := range []*labelled.Update{generator, critic} {
		for k, p := range m.Optimisers()[i].Parameters() {
			want, ok := r.Gradients[p.Name]
			if !ok {
				t.Errorf("PyTorch has no parameter %s", p.Name)
				continue
			}
			want.Compare(t, "gradient of "+p.Name, u.Gradients[k], golden.Near(2e-4*want.Scale()+1e-7))
			compared++
		}
	}
	if compared != len(r.Gradients) {
		t.Errorf("%d parameters are compared, PyTorch has %d", compared, len(r.Gradients))
	}
	for _, p := range m.Parameters().All() {
		if p.State && strings.HasSuffix(p.Name, "/bias") {
			continue
		}
		gradient := r.Gradients[p.Name].Values()
		noise := max(1e-6, 2e-4*r.Gradients[p.Name].Scale())
		// Adam's first step is the rate times the gradient's sign, which is rounding where it is small.
		r.After[p.Name].Compare(t, p.Name+" after the updates", p.Data, func(i int) float64 {
			if gradient != nil && math.Abs(float64(gradient[i])) < noise {
				return 4.1e-4
			}
			return 4e-6
		})
	}
}

// evaluate compares what is made of images, half of A and half of B, by running moments.
func (r reference) evaluate(t *testing.T, m models.Graded, images []float32) {
	shape := domains.Shape{Channels: 3, Height: r.Side, Width: r.Side}
	half := len(images) / 2
	var got []float32
	for i, side := range []domains.Side{domains.A, domains.B} {
		e := models.Edit{Content: side}
		if i == 0 { // wanted are those of the other domain, image by image
			e.Own[domains.B] = models.Any
		} else {
			e.Own[domains.A] = models.Any
		}
		out, err := m.TranslateAt(e, 1.5, &domains.Images{Shape: shape, Data: images[i*half : (i+1)*half]})
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, out.Data...)
	}
	r.Evaluated["edited"].Compare(t, "edited images", got, golden.Near(2e-3))
}
