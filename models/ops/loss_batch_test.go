package ops

import (
	"math"
	"slices"
	"testing"

	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/internal/losses"
)

// Losses that hold something constant have the gradient of internal/losses, which is proven
// there, times that of what reads them; in float32 to its rounding.
func TestLossesWithConstants(t *testing.T) {
	values := append(golden(2, math.Sin, 0.5, 1.1, 2), golden(2, math.Cos, 0.2, 1.7, 0.8)...)
	rows := Rows{2, 7}
	five := []losses.Gaussians{{Variances: []float64{0.125, 0.25, 0.5, 1, 2}, Relative: true}}
	for name, tt := range map[string]struct {
		loss  losses.Loss
		build func(g *Graph, x *Node) *Node
	}{
		"mmd":       {losses.MMD{Source: 4, Kernels: five}, func(g *Graph, x *Node) *Node { return g.MMD("l", 4, five, x) }},
		"confusion": {losses.Confusion{Rows: losses.Rows(rows), Temperature: 2.5}, func(g *Graph, x *Node) *Node { return g.ClassConfusion("l", rows, 2.5, x) }},
		"norm step": {losses.NormStep{Rows: losses.Rows(rows), Step: 0.3}, func(g *Graph, x *Node) *Node { return g.NormStep("l", rows, 0.3, x) }},
	} {
		want := make([]float64, len(values))
		tt.loss.Grad(0, kernels.Dense(8, 3, want), 0.7, kernels.Dense(8, 3, slices.Clone(values)))
		for _, dtype := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
			x := tensor.New(tensor.Of(dtype), tensor.WithShape(8, 3))
			for i, v := range values {
				if dtype == tensor.Float32 {
					x.Data().([]float32)[i] = float32(v)
				} else {
					x.Data().([]float64)[i] = v
				}
			}
			g := NewGraph(dtype, new(Memory))
			in := g.Bind("x", x)
			loss := tt.build(g, in)
			p, err := g.CompileGradients(g.Weighted("w", []float64{0.7}, loss), []*Node{in})
			if err != nil {
				t.Fatal(err)
			}
			for range 2 { // a second run starts afresh
				if err := p.Run(); err != nil {
					t.Fatal(err)
				}
			}
			value, tolerance := tt.loss.Value(kernels.Dense(8, 3, slices.Clone(values))), 1e-12
			if dtype == tensor.Float32 {
				tolerance = 1e-6
			}
			if !(math.Abs(Scalar(loss)-value) <= tolerance) {
				t.Errorf("%s in %v: %v, want %v", name, dtype, Scalar(loss), value)
			}
			for i, w := range want {
				got := 0.0
				switch d := p.Gradient(0).Data().(type) {
				case []float32:
					got = float64(d[i])
				case []float64:
					got = d[i]
				}
				if !(math.Abs(got-w) <= tolerance) {
					t.Errorf("%s in %v: gradient %d is %v, want %v", name, dtype, i, got, w)
				}
			}
		}
	}
}
