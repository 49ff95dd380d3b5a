package momentum

import (
	"math"
	"slices"
	"testing"
)

// The speeds 1, (1+√5)/2, (1+√(1+4φ²))/2 by hand, a step that turns, and one that stays where it was.
func TestAhead(t *testing.T) {
	phi := (1 + math.Sqrt(5)) / 2
	third := (1 + math.Sqrt(1+4*phi*phi)) / 2
	fourth := (1 + math.Sqrt(1+4*third*third)) / 2
	m := New()
	for i, tt := range []struct{ look, next, last, want []float64 }{
		{[]float64{0, 0}, []float64{1, 2}, []float64{0, 0}, []float64{1, 2}},                                         // the first step has no momentum
		{[]float64{1, 2}, []float64{3, 1}, []float64{1, 2}, []float64{3 + (phi-1)/third*2, 1 - (phi-1)/third}},       // and the second some
		{[]float64{3, 1}, []float64{3, 1}, []float64{1, 2}, []float64{3 + (third-1)/fourth*2, 1 - (third-1)/fourth}}, // no turn: 0
		{[]float64{8, 4}, []float64{6, 3}, []float64{3, 4}, []float64{6, 3}},                                         // (8-6)(6-3) + (4-3)(3-4) = 5: it starts again
		{[]float64{6, 3}, []float64{6, 4}, []float64{6, 3}, []float64{6, 4}},                                         // without momentum
		{[]float64{6, 4}, []float64{6, 6}, []float64{5, 5}, []float64{6 + (phi-1)/third, 6 + (phi-1)/third}},         // (6-6)(6-5) + (4-6)(6-5) = -2
		{[]float64{9, 7}, []float64{8, 9}, []float64{6, 8}, []float64{8 + 2*(third-1)/fourth, 9 + (third-1)/fourth}}, // (9-8)(8-6) + (7-9)(9-8) = 0
	} {
		look := slices.Clone(tt.look)
		m.Ahead(look, tt.next, tt.last)
		for j := range look {
			if !(math.Abs(look[j]-tt.want[j]) <= 1e-14) {
				t.Errorf("step %d: ahead is %v, want %v", i, look, tt.want)
			}
		}
	}
}

func TestChange(t *testing.T) {
	if got := Change([]float64{1, -3, 2}, []float64{2, -1, 2}); got != 2 {
		t.Errorf("change %v, want 2", got)
	}
	if got := Change([]float64{1, math.NaN(), 2}, []float64{2, 1, 9}); !math.IsNaN(got) {
		t.Errorf("change %v of what is not a number", got)
	}
}
