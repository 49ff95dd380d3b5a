package colours

import (
	"math"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/modelstest"
)

func TestWalk(t *testing.T) {
	method, err := models.Methods.Get("colour-shift")
	if err != nil {
		t.Fatal(err)
	}
	if err := modelstest.Method(method, modelstest.Options{Quiet: map[string]string{"seed": "a mean begins at zero, and batches are the loop's"}}); err != nil {
		t.Error(err)
	}
}

// images of 2 channels of 1 x 2 pixels.
func images(values ...float32) *domains.Images {
	return &domains.Images{Shape: domains.Shape{Channels: 2, Height: 1, Width: 2}, Data: values}
}

// Two batches by hand: the mean colours, and translations that take one and give another.
func TestColours(t *testing.T) {
	m := newModel(models.Config{Shape: images().Shape})
	for step, b := range []*models.Batch{
		modelstest.Pair(images(0.2, 0.4, -0.5, 0.5, 0, 0.2, 0.1, 0.1), images(0.5, 0.7, 0, 0.2)),
		modelstest.Pair(images(0.8, 0.8, 0, -0.2), images(0.2, 0.4, 0.1, 0.1)),
	} {
		losses, err := m.Step(step, b)
		if err != nil {
			t.Fatal(err)
		}
		// Means of a: (0.2, 0.05), then (0.8, -0.1); of b: (0.6, 0.1), then (0.3, 0.1).
		want := [2][2]float64{{0.2*0.2 + 0.05*0.05, 0.6*0.6 + 0.1*0.1}, {0.6*0.6 + 0.15*0.15, 0.3 * 0.3}}[step]
		for i, l := range losses {
			if math.Abs(l.Value-want[i]) > 1e-7 {
				t.Errorf("step %d: %s is %v, want %v", step, l.Name, l.Value, want[i])
			}
		}
	}
	for name, want := range map[string][2]float32{"mean/a": {0.5, -0.025}, "mean/b": {0.45, 0.1}} {
		for c, v := range m.ps.Get(name).Data {
			if math.Abs(float64(v-want[c])) > 1e-7 {
				t.Errorf("%s is %v, want %v", name, m.ps.Get(name).Data, want)
			}
		}
	}
	contents, guides := images(0.6, 0.4, 0.9, -0.9), images(0.3, 0.1, 0.2, 0.4)
	for side, want := range [][4]float32{{0.3, 0.1, 1, -0.575}, {0.35, 0.15, 1, -0.7}} {
		out, err := m.Translate(m.Edits()[side], contents, guides)
		if err != nil {
			t.Fatal(err)
		}
		for k, v := range out.Data {
			if math.Abs(float64(v-want[k])) > 1e-6 {
				t.Errorf("from %s: %v, want %v", domains.Side(side), out.Data, want)
			}
		}
	}
	if _, err := m.Translate(models.Reconstruction(domains.A), contents, guides); err == nil {
		t.Error("a reconstruction was made")
	}
	if _, err := m.Translate(m.Edits()[0], contents, images(1, 1, 1, 1, 0, 0, 0, 0)); err == nil {
		t.Error("two guides for one content")
	}
}
