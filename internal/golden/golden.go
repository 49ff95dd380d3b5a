// Package golden compares tensors with those that PyTorch made: a script beside the test
// writes them, from parameters and images that Fill makes there and here.
package golden

import (
	"encoding/json"
	"hash/crc32"
	"math"
	"testing"
)

// A Tensor is a whole tensor, or its size, the sum of its absolute values and
// some values at even distances.
type Tensor struct {
	n      int
	abs    float64 // -1 where all values are there
	values []float32
}

// UnmarshalJSON reads a list of values, or {n, abs, values}.
func (g *Tensor) UnmarshalJSON(raw []byte) error {
	if raw[0] == '[' {
		err := json.Unmarshal(raw, &g.values)
		g.n, g.abs = len(g.values), -1
		return err
	}
	var s struct {
		N      int
		Abs    float64
		Values []float32
	}
	err := json.Unmarshal(raw, &s)
	g.n, g.abs, g.values = s.N, s.Abs, s.Values
	return err
}

// Values are those that were kept.
func (g Tensor) Values() []float32 { return g.values }

// Compare reports the first value that is further from PyTorch's than the tolerance, which
// may differ from kept value to kept value.
func (g Tensor) Compare(t *testing.T, what string, got []float32, tolerance func(i int) float64) {
	t.Helper()
	if len(got) != g.n {
		t.Errorf("%s has %d values, PyTorch %d", what, len(got), g.n)
		return
	}
	stride := max(1, g.n/len(g.values))
	var allowed, abs float64
	for i, want := range g.values {
		if d := math.Abs(float64(got[i*stride] - want)); !(d <= tolerance(i)) {
			t.Errorf("%s[%d]: %v, PyTorch %v", what, i*stride, got[i*stride], want)
			return
		}
		allowed += tolerance(i) / float64(len(g.values)) * float64(g.n)
	}
	for _, v := range got {
		abs += math.Abs(float64(v))
	}
	if g.abs >= 0 && math.Abs(abs-g.abs) > allowed {
		t.Errorf("%s: absolute values sum to %v, PyTorch's to %v", what, abs, g.abs)
	}
}

// Scale is the largest value kept: float32 sums carry its rounding.
func (g Tensor) Scale() (scale float64) {
	for _, v := range g.values {
		scale = max(scale, math.Abs(float64(v)))
	}
	return scale
}

// Near is one tolerance for all values.
func Near(tolerance float64) func(int) float64 { return func(int) float64 { return tolerance } }

// Fill is golden.py's fill: values in [low, high) from a hash of the name and the place.
func Fill(dst []float32, name string, low, high float64) {
	key := crc32.ChecksumIEEE([]byte(name))
	for i := range dst {
		x := uint32(i)*2654435761 + key
		x = (x ^ x>>15) * 2246822519
		x = (x ^ x>>13) * 3266489917
		x ^= x >> 16
		dst[i] = float32(low + (high-low)*float64(x>>8)/(1<<24))
	}
}
