package models

import (
	"math"
	"slices"
	"testing"
)

// An average begins at the parameters below its prefix and follows them by 1 less the decay of
// the difference, by more in the first steps; what is no weight it copies. All of it is state.
func TestAverage(t *testing.T) {
	ps := NewParameters()
	ps.Add("other/weight", false, 1)
	w, u := ps.Add("net/weight", false, 2), ps.Add("net/u", true, 2)
	copy(w.Data, []float32{1, -2})
	copy(u.Data, []float32{3, 4})
	a := NewAverage(ps, "net/", 0.5)
	if len(ps.All()) != 5 || len(ps.Trained("")) != 2 {
		t.Errorf("%d parameters, of which %d are trained; want 5 and 2", len(ps.All()), len(ps.Trained("")))
	}
	average, copied := ps.Get("average/net/weight").Data, ps.Get("average/net/u").Data
	if !slices.Equal(average, w.Data) || !slices.Equal(copied, u.Data) {
		t.Fatalf("an average begins at %v and %v, want %v and %v", average, copied, w.Data, u.Data)
	}
	clear(w.Data)
	want := []float64{1, -2}
	for _, tt := range []struct {
		steps int
		decay float64 // the smaller of 1/2 and (1+steps)/(10+steps)
	}{{0, 0.1}, {2, 0.25}, {5, 0.4}, {8, 0.5}, {1000, 0.5}} {
		a.Update(tt.steps)
		for i := range want {
			want[i] *= tt.decay
			if !(math.Abs(float64(average[i])-want[i]) <= 1e-6) {
				t.Errorf("after %d steps the average is %v, want %v at %d", tt.steps, average, want, i)
			}
		}
		u.Data[1]++
		a.Update(tt.steps) // of zeros, whatever the decay
		want[0], want[1] = want[0]*tt.decay, want[1]*tt.decay
		if !slices.Equal(copied, u.Data) {
			t.Errorf("%v is averaged to %v, want a copy", u.Data, copied)
		}
	}
	if n := Averaged(Network{Name: "net", In: 3}); n.Name != "average/net" || n.In != 3 {
		t.Errorf("the averaged network is %+v", n)
	}
	if !slices.Equal(u.Data, []float32{3, 9}) || !slices.Equal(w.Data, []float32{0, 0}) {
		t.Errorf("averaging changes the parameters to %v and %v", w.Data, u.Data)
	}
}
