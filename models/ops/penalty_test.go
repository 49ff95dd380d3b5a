package ops

import (
	"math"
	"math/rand/v2"
	"testing"

	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/internal/kernels"
)

// The gradient of a penalty (‖∇D(x)‖ − 1)² by the parameters of a smooth critic, made of
// derivatives along the direction of ∇D, agrees with central differences of the penalty itself.
func TestPenaltyNumerically(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 1))
	c := kernels.Conv{Kernel: 4, Stride: 2, Padding: 1}
	values := map[string]*tensor.Dense{}
	g := NewGraph(tensor.Float64, new(Memory))
	bind := func(name string, scale float64, shape ...int) *Node {
		v := tensor.New(tensor.Of(tensor.Float64), tensor.WithShape(shape...))
		for i := range v.Data().([]float64) {
			v.Data().([]float64)[i] = scale * r.NormFloat64()
		}
		values[name] = v
		return g.Bind(name, v)
	}
	x, w1, zero := bind("x", 1, 2, 2, 8, 8), bind("w1", 0.3, 3, 2, 4, 4), bind("zero", 0, 3)
	scale, shift, w2, one := bind("scale", 1, 3), bind("shift", 1, 3), bind("w2", 0.3, 1, 48), bind("bias", 1, 1)
	ones := func(name string, shape ...int) *Node {
		n := bind(name, 0, shape...)
		for i := range values[name].Data().([]float64) {
			values[name].Data().([]float64)[i] = 1
		}
		return n
	}
	// forward
	y1 := g.Conv("conv", c, x, w1, zero)
	y2 := g.AffineNorm("norm", 1e-3, y1, scale, shift)
	y3 := g.Tanh("tanh", y2)
	out := g.Linear("fc", false, g.Flatten("flat", y3), w2, one)
	// back to the images
	d := g.Unflatten("unflat", 3, 4, 4, g.LinearBack("fc", w2, ones("up", 2, 1)))
	slope := g.ConvBack("conv", c, x, w1, g.AffineNormAlong("norm", 1e-3, y1, scale, g.TanhAlong("tanh", y3, d)))
	// along the direction
	v := g.TanhAlong("tanh", y3, g.AffineNormAlong("norm", 1e-3, y1, scale, g.Conv("conv", c, g.Direction("direction", slope), w1, bind("none", 0, 3))))
	loss := g.MSE("penalty", Rows{0, 2}, g.Linear("fc", false, g.Flatten("flat", v), w2, bind("no", 0, 1)), ones("one", 2, 1))
	names := []string{"w1", "scale", "shift", "w2"}
	p, err := g.CompileGradients(loss, []*Node{w1, scale, shift, w2}, slope, out)
	if err != nil {
		t.Fatal(err)
	}
	penalty := func() (sum float64) {
		if err := p.Run(); err != nil {
			t.Fatal(err)
		}
		s := p.Output(0).Data().([]float64)
		for n := range 2 {
			var square float64
			for _, v := range s[n*128 : (n+1)*128] {
				square += v * v
			}
			sum += (math.Sqrt(square) - 1) * (math.Sqrt(square) - 1) / 2
		}
		return sum
	}
	if want := penalty(); !(math.Abs(Scalar(loss)-want) <= 1e-12) {
		t.Errorf("penalty %v, of the gradients themselves %v", Scalar(loss), want)
	}
	// the slope is that of the output
	const h = 1e-5
	images := values["x"].Data().([]float64)
	kept := append([]float64(nil), p.Output(0).Data().([]float64)...)
	for _, i := range []int{0, 77, 200} {
		at := images[i]
		images[i] = at + h
		penalty()
		up := p.Output(1).Data().([]float64)[i/128]
		images[i] = at - h
		penalty()
		want := (up - p.Output(1).Data().([]float64)[i/128]) / (2 * h)
		images[i] = at
		if !(math.Abs(kept[i]-want) <= 1e-7*max(1, math.Abs(want))) {
			t.Errorf("slope by value %d is %v, central difference %v", i, kept[i], want)
		}
	}
	for k, name := range names {
		penalty()
		got := append([]float64(nil), p.Gradient(k).Data().([]float64)...)
		data := values[name].Data().([]float64)
		for i, at := range data {
			data[i] = at + h
			up := penalty()
			data[i] = at - h
			want := (up - penalty()) / (2 * h)
			data[i] = at
			if !(math.Abs(got[i]-want) <= 1e-7*max(1, math.Abs(want))) {
				t.Errorf("%s[%d]: gradient %v, central difference %v", name, i, got[i], want)
			}
		}
	}
}
