package kernels

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/venn-adapt/venn/internal/parallel"
)

// Outer products, their gradient and products of elements beside plain loops, in both types
// and with any number of threads; a sure prediction puts the features into its own block.
func TestOuter(t *testing.T) {
	defer parallel.SetThreads(0)
	r := rand.New(rand.NewPCG(1, 1))
	const n, classes, d = 19, 3, 37
	x, p, dt := make([]float64, n*d), make([]float64, n*classes), make([]float64, n*classes*d)
	for _, s := range [][]float64{x, p, dt} {
		for i := range s {
			s[i] = math.Round(64*r.NormFloat64()) / 64 // products are exact in float32
		}
	}
	copy(p, []float64{0, 1, 0})
	outer, grad := make([]float64, len(dt)), make([]float64, len(x))
	for i := range n {
		for k := range classes {
			for j := range d {
				outer[(i*classes+k)*d+j] = p[i*classes+k] * x[i*d+j]
				grad[i*d+j] += p[i*classes+k] * dt[(i*classes+k)*d+j]
			}
		}
	}
	for j := range d {
		if outer[j] != 0 || outer[d+j] != x[j] || outer[2*d+j] != 0 {
			t.Fatalf("a sure prediction of class 1 gives %v", outer[:3*d])
		}
	}
	for _, threads := range []int{1, 3} {
		parallel.SetThreads(threads)
		testOuter(t, x, p, dt, outer, grad, n)
		testOuter(t, narrow(x), narrow(p), narrow(dt), narrow(outer), narrow(grad), n)
	}
}

func narrow(x []float64) []float32 {
	out := make([]float32, len(x))
	for i, v := range x {
		out[i] = float32(v)
	}
	return out
}

func testOuter[F Float](t *testing.T, x, p, dt, outer, grad []F, n int) {
	t.Helper()
	got, dx, z := make([]F, len(outer)), make([]F, len(x)), make([]F, len(dt))
	Outer(got, p, x, n)
	OuterGrad(dx, dt, p, n)
	Times(z, dt, outer, 0.5)
	for i, v := range outer {
		if got[i] != v || z[i] != 0.5*dt[i]*v {
			t.Fatalf("element %d: outer product %v, want %v; half its product with %v is %v", i, got[i], v, dt[i], z[i])
		}
	}
	for i, v := range grad {
		if dx[i] != v {
			t.Fatalf("gradient %d: %v, want %v", i, dx[i], v)
		}
	}
}

// Masks and images, and the mean square, beside plain formulas in float64, with the same bits on any
// number of threads.
func TestPaint(t *testing.T) {
	p := Paint{N: 5, Channels: 3, Area: 37}
	r := rand.New(rand.NewPCG(2, 1))
	x, base, up := fill[float32](r, p.N*4*p.Area), fill[float32](r, p.N*3*p.Area), fill[float32](r, p.N*3*p.Area)
	wide := fill[float32](r, len(x))
	type results struct{ y, z, dy, db, dx, ds []float32 }
	run := func() results {
		o := results{make([]float32, len(x)), make([]float32, len(base)), make([]float32, len(x)), make([]float32, len(base)), make([]float32, len(x)), make([]float32, 20000)}
		for i := range o.dy {
			o.dy[i] = 1e30 // what others left
		}
		Masked(o.y, x, p)
		Blend(o.z, o.y, base, p)
		BlendGrad(o.dy, up, o.y, base, p)
		BlendBaseGrad(o.db, up, o.y, p)
		MaskedGrad(o.dx, wide, o.y, p)
		long, other := fill[float32](rand.New(rand.NewPCG(3, 1)), len(o.ds)), fill[float32](rand.New(rand.NewPCG(4, 1)), len(o.ds))
		MeanSquareGrad(o.ds, long, other, 0.5)
		want := 0.0
		for i, v := range long {
			d := float64(v) - float64(other[i])
			want += d * d / float64(len(long))
			if !(math.Abs(float64(o.ds[i])-d/float64(len(long))) <= 1e-6*math.Abs(d)/float64(len(long))) {
				t.Fatalf("gradient %d of the mean square is %v", i, o.ds[i])
			}
		}
		if got := MeanSquare(long, other); !(math.Abs(got-want) <= 1e-12) {
			t.Errorf("mean square %v, want %v", got, want)
		}
		return o
	}
	atThreads(t, func() any { return run() })
	o := run()
	close := func(what string, i int, got float32, want float64) {
		t.Helper()
		if !(math.Abs(float64(got)-want) <= 2e-6*max(1, math.Abs(want))) {
			t.Fatalf("%s %d is %v, want %v", what, i, got, want)
		}
	}
	for n := range p.N {
		for k := range p.Area {
			at := n*4*p.Area + k
			m := Sigmoid(float64(x[at]))
			close("mask", at, o.y[at], m)
			close("mask's gradient", at, o.dx[at], float64(wide[at])*m*(1-m))
			dm := 0.0
			for c := range 3 {
				i, j := n*3*p.Area+c*p.Area+k, at+(1+c)*p.Area
				image := math.Tanh(float64(x[j]))
				close("image", j, o.y[j], image)
				close("image's gradient", j, o.dx[j], float64(wide[j])*(1-image*image))
				close("blend", i, o.z[i], m*image+(1-m)*float64(base[i]))
				close("gradient by the image", j, o.dy[j], m*float64(up[i]))
				close("gradient by the base", i, o.db[i], (1-m)*float64(up[i]))
				dm += float64(up[i]) * (image - float64(base[i]))
			}
			close("gradient by the mask", at, o.dy[at], dm)
		}
	}
}

// Sigmoids and gates on more than a block agree with their formulas, on any number of threads.
func TestGates(t *testing.T) {
	n := elementBlock + 77
	run := func() any {
		r := rand.New(rand.NewPCG(8, 1))
		x, y, d := fill[float32](r, n), fill[float32](r, n), fill[float32](r, n)
		g, ds, z, dg, dx := make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n)
		Sigmoids(g, d)
		SigmoidsGrad(ds, x, g)
		Gate(z, g, x, y)
		GateGrad(dg, dx, d, g, x, y)
		for i := range g {
			s := Sigmoid(float64(d[i]))
			for k, want := range []float64{s, float64(x[i]) * s * (1 - s), (1-s)*float64(x[i]) + s*float64(y[i]), float64(d[i]) * float64(y[i]-x[i]), float64(d[i]) * (1 - s)} {
				if got := [][]float32{g, ds, z, dg, dx}[k][i]; !(math.Abs(float64(got)-want) <= 2e-6*max(1, math.Abs(want))) {
					t.Fatalf("result %d at %d is %v, want %v", k, i, got, want)
				}
			}
		}
		GateGrad[float32](nil, nil, d, g, x, y)
		return [][]float32{g, ds, z, dg, dx}
	}
	atThreads(t, run)
}
