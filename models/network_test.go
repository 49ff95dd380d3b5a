package models

import (
	"math"
	"math/rand/v2"
	"testing"

	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/models/ops"
)

// A layer's cost by the sides and kernels that a convolution and its transpose have: each place
// of the smaller side meets a whole kernel.
func TestLayerCost(t *testing.T) {
	halves, keeps := kernels.Conv{Kernel: 4, Stride: 2, Padding: 1}, kernels.Conv{Kernel: 3, Stride: 1, Padding: 1}
	for _, tt := range []struct {
		layer      Layer
		side, macs int
	}{
		{Layer{Conv: halves, In: 3, Out: 5, Side: 16}, 8, 8 * 8 * 3 * 5 * 16},
		{Layer{Conv: halves, In: 3, Out: 5, Side: 16, Transposed: true}, 32, 16 * 16 * 3 * 5 * 16},
		{Layer{Conv: keeps, In: 2, Out: 1, Side: 7}, 7, 7 * 7 * 2 * 9},
	} {
		if tt.layer.OutSide() != tt.side || tt.layer.MACs() != tt.macs {
			t.Errorf("%+v: side %d and %d operations, want %d and %d", tt.layer, tt.layer.OutSide(), tt.layer.MACs(), tt.side, tt.macs)
		}
	}
	n := Network{Name: "net", In: 3, Stages: []Stage{{Out: 4}, {Out: 6}}}
	if got, want := n.MACs(16), 8*8*3*4*16+4*4*4*6*16; got != want {
		t.Errorf("a network of two stages takes %d operations, want %d", got, want)
	}
	n.Transposed = true
	if got, want := n.MACs(4), 4*4*3*4*16+8*8*4*6*16; got != want {
		t.Errorf("its transpose takes %d operations, want %d", got, want)
	}
	if l := n.Layers(4); l[1].Name != "net/conv2" || l[1].Side != 8 || l[1].In != 4 || l[1].Out != 6 || !l[1].Transposed {
		t.Errorf("its second layer is %+v", l[1])
	}
}

// Weights and biases are uniform up to 1/sqrt(fan-in), the vectors of power iterations of
// length 1.
func TestNetworkInit(t *testing.T) {
	for _, transposed := range []bool{false, true} {
		ps := NewParameters()
		Network{Name: "net", In: 5, Transposed: transposed, Stages: []Stage{{Out: 64, Spectral: true}, {Out: 9}}}.Init(ps, 3)
		for name, fan := range map[string]float64{"net/conv1/weight": 5 * 16, "net/conv1/bias": 5 * 16, "net/conv2/weight": 64 * 16} {
			bound, most, square, data := 1/math.Sqrt(fan), 0.0, 0.0, ps.Get(name).Data
			for _, v := range data {
				most = max(most, math.Abs(float64(v)))
				square += float64(v) * float64(v)
			}
			if most > bound*(1+1e-6) || most < 0.9*bound {
				t.Errorf("%s: the largest of %d values is %v, want just below %v", name, len(data), most, bound)
			}
			if got, want := math.Sqrt(square/float64(len(data))), bound/math.Sqrt(3); !(math.Abs(got/want-1) <= 0.2) { // a uniform spread
				t.Errorf("%s: spread %v, want about %v", name, got, want)
			}
		}
		for name, n := range map[string]int{"net/conv1/u": map[bool]int{false: 64, true: 5}[transposed], "net/conv1/v": map[bool]int{false: 80, true: 1024}[transposed]} {
			p := ps.Get(name)
			if norm := math.Sqrt(kernels.SquareSum(p.Data)); len(p.Data) != n || !(math.Abs(norm-1) <= 1e-5) || !p.State {
				t.Errorf("%s: %d values of norm %v, want %d of norm 1, not trained", name, len(p.Data), norm, n)
			}
		}
		if len(ps.All()) != 6 || len(ps.Trained("net/")) != 4 {
			t.Errorf("%d parameters, of which %d are trained; want 6 and 4", len(ps.All()), len(ps.Trained("net/")))
		}
	}
}

// A picture is a slow, plain tensor of one image.
type picture struct {
	channels, side int
	data           []float64
}

func newPicture(channels, side int) picture {
	return picture{channels, side, make([]float64, channels*side*side)}
}

func (p picture) at(c, y, x int) *float64 { return &p.data[(c*p.side+y)*p.side+x] }

// stage is a stage by the book: every place of the larger picture meets the place of the smaller
// one that a kernel of 4 pixels, two apart and one over the edge, puts over it.
func stage(s Stage, transposed bool, x picture, weight, bias []float32, sigma float64) picture {
	side := x.side / 2
	if transposed {
		side = 2 * x.side
	}
	y := newPicture(s.Out, side)
	for c := range s.Out {
		for i := range side * side {
			y.data[c*side*side+i] = float64(bias[c])
		}
	}
	small, large := min(side, x.side), max(side, x.side)
	for a := range x.channels {
		for b := range s.Out {
			for place := range small * small * 16 {
				r, q, ky, kx := place/16/small, place/16%small, place%16/4, place%4
				v, u := 2*r+ky-1, 2*q+kx-1
				if v < 0 || u < 0 || v >= large || u >= large {
					continue
				}
				if transposed { // weight in x out x 4 x 4
					*y.at(b, v, u) += *x.at(a, r, q) * float64(weight[(a*s.Out+b)*16+4*ky+kx]) / sigma
				} else { // out x in x 4 x 4
					*y.at(b, r, q) += *x.at(a, v, u) * float64(weight[(b*x.channels+a)*16+4*ky+kx]) / sigma
				}
			}
		}
	}
	for c := range s.Out {
		plane := y.data[c*side*side : (c+1)*side*side]
		if s.Norm {
			var mean, square float64
			for _, v := range plane {
				mean += v / float64(len(plane))
			}
			for _, v := range plane {
				square += (v - mean) * (v - mean) / float64(len(plane))
			}
			for i, v := range plane {
				plane[i] = (v - mean) / math.Sqrt(square+1e-5)
			}
		}
		for i, v := range plane {
			switch {
			case s.Activation == Tanh:
				plane[i] = math.Tanh(v)
			case s.Activation == Relu:
				plane[i] = max(0, v)
			case s.Activation == LeakyRelu && v < 0:
				plane[i] = 0.2 * v
			}
		}
	}
	return y
}

// A network computes what its table says: every activation, with a norm and without, of weights
// divided by their largest singular value as the vectors have it, forwards and transposed.
func TestNetworkByTheBook(t *testing.T) {
	for _, norm := range []bool{false, true} {
		for _, transposed := range []bool{false, true} {
			for a := Linear; a <= Tanh; a++ {
				n := Network{Name: "net", In: 2, Transposed: transposed, Stages: []Stage{{Out: 3, Activation: a, Norm: norm, Spectral: !norm}, {Out: 1, Activation: a}}}
				ps := NewParameters()
				n.Init(ps, 4)
				n.PowerIterate(ps)
				b := Bind(ops.NewGraph(tensor.Float32, new(ops.Memory)), ps)
				in, data := Input(1, 2, 8, 8)
				p, err := b.Graph.Compile(n.Build(b, b.Graph.Bind("x", in)))
				if err != nil {
					t.Fatal(err)
				}
				r := rand.New(rand.NewPCG(5, 0))
				x := newPicture(2, 8)
				for i := range data {
					data[i] = float32(r.NormFloat64())
					x.data[i] = float64(data[i])
				}
				if err := p.Run(); err != nil {
					t.Fatal(err)
				}
				for i, s := range n.Stages {
					l, sigma := n.layer(i), 1.0
					if s.Spectral {
						sigma = between(ps.Get(l+"/u").Data, ps.Get(l+"/weight").Data, ps.Get(l+"/v").Data)
					}
					x = stage(s, transposed, x, ps.Get(l+"/weight").Data, ps.Get(l+"/bias").Data, sigma)
				}
				got := p.Output(0).Data().([]float32)
				if len(got) != len(x.data) {
					t.Fatalf("%d values, want %d", len(got), len(x.data))
				}
				for i, want := range x.data {
					if !(math.Abs(float64(got[i])-want) < 1e-4) {
						t.Errorf("activation %d, norm %v, transposed %v: %v, want %v at %d", a, norm, transposed, got[i], want, i)
						break
					}
				}
			}
		}
	}
}

// between is u'Wv.
func between(u, w, v []float32) (sum float64) {
	for i, a := range u {
		for j, b := range v {
			sum += float64(a) * float64(w[i*len(v)+j]) * float64(b)
		}
	}
	return sum
}

// Power iteration finds the largest singular value: of a matrix whose first row is 3 and whose
// second is 4 in other places, in one step from the sum of both.
func TestPowerIterate(t *testing.T) {
	n := Network{Name: "net", In: 1, Stages: []Stage{{Out: 2}, {Out: 2, Spectral: true}}}
	ps := NewParameters()
	n.Init(ps, 1)
	w := ps.Get("net/conv2/weight")
	clear(w.Data)
	w.Data[1], w.Data[32+5] = 3, 4
	copy(ps.Get("net/conv2/u").Data, []float32{1, 1})
	n.PowerIterate(ps)
	// v is W'u/|W'u|, (3, 4)/5 in these places; u is Wv/|Wv|, (9, 16)/|(9, 16)|
	u, v := ps.Get("net/conv2/u").Data, ps.Get("net/conv2/v").Data
	norm := math.Hypot(9, 16)
	for _, tt := range []struct {
		got  float32
		want float64
	}{{v[0], 0}, {v[1], 0.6}, {v[5], 0.8}, {u[0], 9 / norm}, {u[1], 16 / norm}} {
		if !(math.Abs(float64(tt.got)-tt.want) <= 1e-6) {
			t.Errorf("u %v and v %v: %v, want %v", u, v, tt.got, tt.want)
		}
	}
}
