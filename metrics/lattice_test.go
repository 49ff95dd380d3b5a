package metrics_test

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/metrics"
)

func TestLattice(t *testing.T) {
	r := stream.New(1, "lattice")
	normal := make([]float64, 30)
	for i := range normal {
		normal[i] = r.NormFloat64()
	}
	steps := func(n int) []float64 {
		out := make([]float64, n)
		for i := range out {
			out[i] = float64(i)
		}
		return out
	}
	for _, tt := range []struct {
		name   string
		values []float64
		want   []int
	}{
		{"whole numbers", []float64{2, 0, 1, 0}, []int{2, 0, 1, 0}},
		{"in tenths, which binary cannot hold", []float64{0.1, 0.7, 0.2, 0.3, math.Nextafter(0.3, 1)}, []int{0, 6, 1, 2, 2}},
		{"in tenths of float32", []float64{float64(float32(0.1)), float64(float32(0.7)), float64(float32(0.3)), float64(float32(1.4))}, []int{0, 6, 2, 13}},
		{"far from zero", []float64{-1000.3, -999.7, -1000}, []int{0, 2, 1}},
		{"in 1e-30", []float64{3e-30, 1e-30, 2e-30}, []int{2, 0, 1}},
		{"no gap of one step", []float64{0, 2, 5}, []int{0, 2, 5}},
		{"every gap of two", []float64{4, 0, 6}, []int{2, 0, 3}},
		{"two values", []float64{math.Pi, math.E}, []int{1, 0}},
		{"incommensurable", []float64{0, 1, math.Sqrt2}, nil},
		{"a value a thousandth of a step off", []float64{0, 1, 2.001, 3, 4, 5}, nil},
		{"4096 steps", []float64{0, 4096, 4095}, []int{0, 4096, 4095}},
		{"4097 steps", []float64{0, 4097, 4096}, nil},
		{"as many values as steps", steps(4097), intsTo(4097)},
		{"continuous", normal, nil},
		{"constant", []float64{3, 3}, nil},
		{"beyond the range of numbers", []float64{-1e308, 1e308, 0}, nil},
	} {
		got, ok := metrics.Lattice(tt.values)
		if ok != (tt.want != nil) || !cmp.Equal(got, tt.want) {
			t.Errorf("%s: %v, %v, want %v", tt.name, got, ok, tt.want)
		}
	}
}

func intsTo(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}
