package models

import (
	"math"

	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/models/ops"
)

// An Optimiser updates a fixed list of parameters by Adam. Its moments belong to
// the parameters by name, and are saved with them.
type Optimiser struct {
	Name string
	kernels.Adam
	Clip  float64 // bound on the global norm of all gradients together; 0: none
	Steps int     // updates made

	params []*Parameter
	m, v   [][]float32
}

// NewOptimiser makes an optimiser whose moments are zero.
func NewOptimiser(name string, adam kernels.Adam, clip float64, params []*Parameter) *Optimiser {
	o := &Optimiser{Name: name, Adam: adam, Clip: clip, params: params}
	for _, p := range params {
		o.m, o.v = append(o.m, make([]float32, len(p.Data))), append(o.v, make([]float32, len(p.Data)))
	}
	return o
}

// Parameters are those that it moves, in their order.
func (o *Optimiser) Parameters() []*Parameter { return o.params }

// Update applies the gradients of a program compiled for the optimiser's
// parameters in their order, scaled by min(1, clip/(norm + 1e-6)), and returns
// the norm before clipping.
func (o *Optimiser) Update(p *ops.Program) (norm float64) { return o.UpdateFrom(p, 0) }

// UpdateFrom is Update by a program whose gradients by the optimiser's parameters begin at one
// of its own: several optimisers may share a program.
func (o *Optimiser) UpdateFrom(p *ops.Program, first int) (norm float64) {
	grads := make([][]float32, len(o.params))
	var square float64
	for i := range o.params {
		grads[i] = p.Gradient(first + i).Data().([]float32)
		square += kernels.SquareSum(grads[i])
	}
	norm = math.Sqrt(square)
	scale := 1.0
	if o.Clip > 0 {
		scale = min(1, o.Clip/(norm+1e-6))
	}
	o.Steps++
	for i, param := range o.params {
		o.Step(param.Data, grads[i], o.m[i], o.v[i], scale, o.Steps)
	}
	return norm
}
