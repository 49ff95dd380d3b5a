package ops

import (
	"fmt"

	"github.com/venn-adapt/venn/internal/kernels"
)

// Operations are kinds with attributes; what computes them is a device. There is one, the
// processor, whose kernels stand in this table: methods and layers know nothing of it, so
// that another can come with a table of its own.
var cpu = map[string]cpuKernel{}

// A cpuKernel makes the function that computes an operation of given attributes.
type cpuKernel struct {
	f32 func(attrs any) eval[float32]
	f64 func(attrs any) eval[float64]
}

func (k cpuKernel) of(kind string) {
	if _, ok := cpu[kind]; ok {
		panic(fmt.Sprintf("ops: %s has two kernels", kind))
	}
	cpu[kind] = k
}

// onCPU says how the processor computes a kind of operation of given attributes.
func onCPU[A any](kind string, f32 func(A) eval[float32], f64 func(A) eval[float64]) {
	cpuKernel{
		func(attrs any) eval[float32] { return f32(attrs.(A)) },
		func(attrs any) eval[float64] { return f64(attrs.(A)) },
	}.of(kind)
}

// onCPUPlain is onCPU for a kind whose kernel needs no attribute.
func onCPUPlain(kind string, f32 eval[float32], f64 eval[float64]) {
	cpuKernel{func(any) eval[float32] { return f32 }, func(any) eval[float64] { return f64 }}.of(kind)
}

// kernelOf is the processor's kernel of an operation.
func kernelOf[F kernels.Float](o *op) (eval[F], error) {
	k, ok := cpu[o.kind]
	if !ok {
		return nil, fmt.Errorf("ops: %s: the processor has no kernel for it", o)
	}
	var f any = k.f32(o.attrs)
	if _, single := f.(eval[F]); !single {
		f = k.f64(o.attrs)
	}
	return f.(eval[F]), nil
}
