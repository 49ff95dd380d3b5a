package discrepancy

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/reference"
	"github.com/venn-adapt/venn/internal/rows"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/metrics"
)

// Distances of fifteen drawn parts, from a tenth of the smaller sample to all of it, on a line over 1/size, which is read at 0.
func TestFrechetInfinityByDefinition(t *testing.T) {
	x, y := normal(40, 3, 0, "extrapolated x"), normal(55, 3, 0.5, "extrapolated y")
	const parts = 15
	var sx, sy, sxx, sxy float64
	for k := range parts {
		size := 4 + 36*k/(parts-1)
		a := stream.Permutation(stream.New(6, "frechet infinity", "x", k), 40)[:size]
		b := stream.Permutation(stream.New(6, "frechet infinity", "y", k), 55)[:size]
		d := reference.Must[FrechetParts](t)(FrechetOf(rows.Take(x, a), rows.Take(y, b))).Distance
		u := 1 / float64(size)
		sx, sy, sxx, sxy = sx+u, sy+d, sxx+u*u, sxy+u*d
	}
	slope := (parts*sxy - sx*sy) / (parts*sxx - sx*sx)
	want := (sy - slope*sx) / parts
	r := reference.Must[metrics.Result](t)(FrechetInfinity(x, y, metrics.Settings{Seed: 6}))
	if !(math.Abs(r.Value-want) <= 1e-9) || r.P != nil {
		t.Errorf("%+v, want %v", r, want)
	}
}

// What nobody asked for is not given, and what went well gives no warning.
func TestUnasked(t *testing.T) {
	x, y := normal(120, 2, 0, "unasked x"), normal(110, 2, 1, "unasked y")
	if r := reference.Must[metrics.Result](t)(Sinkhorn(x, y, none)); r.Warnings != nil || r.P != nil {
		t.Errorf("Sinkhorn: %q, p %v", r.Warnings, r.P)
	}
	for _, labels := range [][]int{{0, 0, 0}, {1, 1, 1}} {
		b := mat.NewDense(3, 1, []float64{1, 2, 4})
		if r := reference.Must[metrics.Result](t)(MMDGivenLabel(b, b, []int{0, 0, 0}, labels, V, Kernel{}, none)); r.P != nil || r.Degenerate != (labels[0] == 1) {
			t.Errorf("labels %v: %+v", labels, r)
		}
	}
}
