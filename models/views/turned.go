package views

import (
	"math"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/internal/stream"
)

// A Turned view is turned about its centre by up to so many degrees either way, edges repeated.
type Turned struct {
	Seed    uint64
	Degrees float64
}

// Fill fills dst with views of the images.
func (v Turned) Fill(dst []float32, x *domains.Images, name string, step int) {
	n := x.Shape.Len()
	parallel.For(x.Len(), func(i int) {
		r := stream.New(v.Seed, "view", name, step, i)
		sin, cos := math.Sincos(within(r, v.Degrees*math.Pi/180))
		warp(dst[i*n:(i+1)*n], x.At(i), x.Shape, matrix{cos, -sin, sin, cos}, 0, 0)
	})
}
