package models

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

// Parameters are listed in their order, below prefixes in those of the prefixes, and counted
// by what an optimiser moves; state is left to others.
func TestParameters(t *testing.T) {
	ps := NewParameters()
	InitLinear(ps, "b/fc", 3, 4, 1)
	ps.Add("a/u", true, 9)
	ps.AddRows("a/labels", 2).Resize(5)
	ps.Add("a/weight", false, 2, 5).Fill(0.5)
	text := func(list []*Parameter) (out string) {
		for _, p := range list {
			out += fmt.Sprint(p.Name, p.Shape, " ")
		}
		return out
	}
	if got, want := text(ps.All()), "b/fc/weight[4 3] b/fc/bias[4] a/u[9] a/labels[5 2] a/weight[2 5] "; got != want {
		t.Errorf("all are %s, want %s", got, want)
	}
	if got, want := text(ps.Trained("a/", "b/")), "a/weight[2 5] b/fc/weight[4 3] b/fc/bias[4] "; got != want {
		t.Errorf("trained are %s, want %s", got, want)
	}
	if all, a, none := ps.Count("a/", "b/"), ps.Count("a/"), ps.Count("c/"); all != 26 || a != 10 || none != 0 {
		t.Errorf("%d, %d and %d values, want 26, 10 and none", all, a, none)
	}
	if w := ps.Get("a/weight"); !slices.Equal(w.Data, slices.Repeat([]float32{0.5}, 10)) || &w.Tensor().Data().([]float32)[3] != &w.Data[3] {
		t.Errorf("filled with %v, of a tensor %v", w.Data, w.Tensor())
	}
	for what, do := range map[string]func(){
		`models: parameter "a/u" is added twice`:      func() { ps.Add("a/u", false, 1) },
		`models: parameter "a/weight" is added twice`: func() { ps.AddRows("a/weight", 1) },
		`models: no parameter "c"`:                    func() { ps.Get("c") },
	} {
		func() {
			defer func() {
				if r := recover(); r != what {
					t.Errorf("panic %v, want %s", r, what)
				}
			}()
			do()
		}()
	}
}

// Draws are of the parameter's own stream, uniform up to 1/sqrt(fan-in) or normal of variance 1.
func TestInit(t *testing.T) {
	const n = 20000
	ps := NewParameters()
	InitLinear(ps, "fc", 100, n/100, 3)
	normal, other := ps.Add("normal", false, n), ps.Add("other", false, n)
	ps.Add("kernel", false, 100, 20, 4, 4).InitXavier(3)
	normal.InitNormal(3)
	other.InitNormal(3)
	for _, tt := range []struct {
		name            string
		variance, bound float64 // of the values; 1/300 is that of U(-0.1, 0.1)
	}{{"fc/weight", 1. / 300, 0.1}, {"fc/bias", 1. / 300, 0.1}, {"normal", 1, 6}, {"kernel", 6. / (120 * 16) / 3, math.Sqrt(6. / (120 * 16))}} {
		var sum, square, most float64
		data := ps.Get(tt.name).Data
		for _, v := range data {
			sum, square, most = sum+float64(v), square+float64(v)*float64(v), max(most, math.Abs(float64(v)))
		}
		size := float64(len(data))
		if !(math.Abs(sum/size) <= 5*math.Sqrt(tt.variance/size)) || !(math.Abs(square/size/tt.variance-1) <= 5*math.Sqrt(2/size)) || most > tt.bound*(1+1e-6) {
			t.Errorf("%s: mean %v, variance %v, at most %v; want 0, %v and %v", tt.name, sum/size, square/size, most, tt.variance, tt.bound)
		}
	}
	if slices.Equal(normal.Data, other.Data) {
		t.Error("two parameters are drawn alike")
	}
}
