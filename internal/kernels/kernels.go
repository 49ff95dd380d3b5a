// Package kernels computes, fast and the same every time, what a training step is
// made of: matrix products, convolutions, normalisation, losses and updates, as
// plain functions over slices.
//
// Tensors are row-major: images n x C x H x W, convolution weights
// out x in x k x k, transposed-convolution weights in x out x k x k. Work is cut
// into blocks by shape alone and every sum has one order, so results are the same
// bits whatever the number of threads. Float64 runs the same code as float32 on
// the plain path, but for matrix products, which statistics use: it exists to
// check gradients.
//
// A wrong slice length is a mistake of ours and panics.
package kernels

import (
	"fmt"
	"sync"
)

// Float is the type of an element.
type Float interface{ float32 | float64 }

func check(what string, got, want int) {
	if got != want {
		panic(fmt.Sprintf("kernels: %s has %d elements, want %d", what, got, want))
	}
}

// scratch lends buffers, so that a step allocates nothing after the first.
type scratchPool[F Float] struct {
	mu   sync.Mutex
	free [][]F
}

var (
	scratch32 scratchPool[float32]
	scratch64 scratchPool[float64]
)

// slack is at least the values that the widest tile can read past its operand.
const slack = 64

// borrow returns a buffer of n elements with unknown content, and the function
// that gives it back.
//
// The buffer is longer than asked for: a tile at the edge of a matrix may read
// past its end, and what it reads is not used.
func borrow[F Float](n int) ([]F, func()) {
	pool := poolOf[F]()
	buf := pool.take(n + slack)
	return buf, func() { pool.give(buf) }
}

func poolOf[F Float]() *scratchPool[F] {
	if p, ok := any(&scratch32).(*scratchPool[F]); ok {
		return p
	}
	return any(&scratch64).(*scratchPool[F])
}

// take finds the smallest free buffer that holds n elements.
func (p *scratchPool[F]) take(n int) []F {
	p.mu.Lock()
	defer p.mu.Unlock()
	best := -1
	for i, b := range p.free {
		if cap(b) >= n && (best < 0 || cap(b) < cap(p.free[best])) {
			best = i
		}
	}
	if best < 0 {
		return make([]F, n)
	}
	b := p.free[best]
	p.free = append(p.free[:best], p.free[best+1:]...)
	return b[:n]
}

func (p *scratchPool[F]) give(b []F) {
	p.mu.Lock()
	p.free = append(p.free, b)
	p.mu.Unlock()
}

// widened is a bias with zeros up to n values, or nil of nil.
func widened[F Float](bias []F, n int) []F {
	if bias == nil {
		return nil
	}
	out := make([]F, n)
	copy(out, bias)
	return out
}
