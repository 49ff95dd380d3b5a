package golden

import (
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"
)

// A Step is what a script writes of a training step of a system: forward results, losses by name,
// and gradients and updated parameters, whose values before the step are those of Parameter.
type Step struct {
	Salt                      string // before every name that is filled
	Side, Batch               int
	Rate                      float64 // of Adam, whose first update it is
	Losses                    map[string]float64
	Forward, Gradients, After map[string]Tensor
}

// ReadStep reads one.
func ReadStep(t *testing.T, file string) Step {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var s Step
	if err := json.Unmarshal(raw, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// Parameter is golden.py's parameter: scales and variances around 1, weights by the size of
// their first row, whatever else small.
func (s Step) Parameter(dst []float32, name string, shape []int) {
	low, high := -0.1, 0.1
	switch kind := name[strings.LastIndex(name, "/")+1:]; {
	case kind == "scale" || kind == "variance":
		low, high = 0.5, 1.5
	case len(shape) > 1:
		high = math.Sqrt(2 * float64(shape[0]) / float64(len(dst)))
		low = -high
	}
	Fill(dst, s.Salt+name, low, high)
}

// Tolerance is the share of their scale by which gradients may differ. Of a large network's
// millions of activations some lie so near zero that rounding decides on which side of a kink
// they fall (so it is between PyTorch's own float32 and float64); each such moves gradients by a
// thousandth of their scale.
func (s Step) Tolerance() float64 {
	if s.Side >= 128 {
		return 2e-2
	}
	return 1e-4
}

// Gradient compares one.
func (s Step) Gradient(t *testing.T, name string, got []float32) {
	t.Helper()
	want, ok := s.Gradients[name]
	if !ok {
		t.Errorf("PyTorch has no gradient of %s", name)
		return
	}
	least := 5e-7 // what is 0 in theory is not in float32
	if s.Side >= 128 {
		least = 2e-6
	}
	want.Compare(t, "gradient of "+name, got, Near(s.Tolerance()*want.Scale()+least))
}

// Loss compares one.
func (s Step) Loss(t *testing.T, name string, got float64) {
	t.Helper()
	if want, ok := s.Losses[name]; !ok || !(math.Abs(got-want) <= s.Tolerance()*max(1, want)/3) {
		t.Errorf("%s: %v, PyTorch %v", name, got, want)
	}
}

// Updated compares a parameter after the step. Adam's first step is rate·g/(|g| + eps·…): where
// the gradient is rounding noise (a bias before a normalisation), its sign is noise too. State has
// no gradient, and is compared by its scale; a running mean follows, by tenths, a bias that may have
// gone the other way.
func (s Step) Updated(t *testing.T, name string, got []float32, state bool) {
	t.Helper()
	if state {
		s.After[name].Compare(t, name+" after the step", got, Near(s.Tolerance()*max(1e-2, s.After[name].Scale())+0.4*s.Rate))
		return
	}
	gradient := s.Gradients[name].Values()
	noise := max(1e-6, s.Tolerance()*s.Gradients[name].Scale())
	s.After[name].Compare(t, name+" after the step", got, func(i int) float64 {
		if math.Abs(float64(gradient[i])) < noise {
			return 2.05 * s.Rate
		}
		return s.Rate / 50
	})
}
