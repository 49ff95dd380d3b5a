package colours

import (
	"math"
	"slices"
	"strings"
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
			if !(math.Abs(l.Value-want[i]) <= 1e-7) {
				t.Errorf("step %d: %s is %v, want %v", step, l.Name, l.Value, want[i])
			}
		}
	}
	for name, want := range map[string][2]float32{"mean/a": {0.5, -0.025}, "mean/b": {0.45, 0.1}} {
		for c, v := range m.ps.Get(name).Data {
			if !(math.Abs(float64(v-want[c])) <= 1e-7) {
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
			if !(math.Abs(float64(v-want[k])) <= 1e-6) {
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

// Three contents want three guides, all of the model's shape; which of them is not so is said.
func TestColoursRefuse(t *testing.T) {
	m := newModel(models.Config{Shape: images().Shape})
	wide := &domains.Images{Shape: domains.Shape{Channels: 2, Height: 2, Width: 1}, Data: make([]float32, 4)}
	one, two := images(0, 0, 0, 0), images(0, 0, 0, 0, 0, 0, 0, 0)
	for _, tt := range []struct {
		contents, guides *domains.Images
		want             string
	}{
		{wide, one, "models: colour-shift: 1 contents of 2x2x1 and 1 guides of 2x1x2, want as many of 2x1x2"},
		{one, wide, "models: colour-shift: 1 contents of 2x1x2 and 1 guides of 2x2x1, want as many of 2x1x2"},
		{two, one, "models: colour-shift: 2 contents of 2x1x2 and 1 guides of 2x1x2, want as many of 2x1x2"},
		{one, two, "models: colour-shift: 1 contents of 2x1x2 and 2 guides of 2x1x2, want as many of 2x1x2"},
	} {
		if out, err := m.Translate(m.Edits()[0], tt.contents, tt.guides); out != nil || err == nil || err.Error() != tt.want {
			t.Errorf("%v, %v; want %s", out, err, tt.want)
		}
	}
	if out, err := m.Translate(m.Edits()[1], two, two); err != nil || out.Len() != 2 {
		t.Errorf("two of two: %v", err)
	}
	if _, err := m.Step(4, modelstest.Pair(images(float32(math.NaN()), 0, 0, 0), one)); err == nil || !strings.Contains(err.Error(), "step 5") {
		t.Errorf("a colour that is none: %v", err)
	}
}

// What it is as a method: both guided translations, means that are trained, a short loop.
func TestColoursDescribed(t *testing.T) {
	method, err := models.Methods.Get("colour-shift")
	if err != nil {
		t.Fatal(err)
	}
	if method.Loop != (models.Loop{Iterations: 200, Batch: 32}) || method.Version != 1 {
		t.Errorf("loop %+v, version %d", method.Loop, method.Version)
	}
	m := newModel(models.Config{Shape: images().Shape})
	want := []models.Edit{{Content: domains.A, Own: [2]models.Slot{models.Empty, models.OfGuide}}, {Content: domains.B, Own: [2]models.Slot{models.OfGuide, models.Empty}}}
	if !slices.Equal(m.Edits(), want) {
		t.Errorf("edits %v, want %v", m.Edits(), want)
	}
	if n := len(m.ps.Trained("")); n != 2 {
		t.Errorf("%d means are trained, want 2", n)
	}
}
