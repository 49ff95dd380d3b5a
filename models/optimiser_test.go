package models

import (
	"math"
	"testing"

	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/models/ops"
)

// A program of which every gradient is known: 8 g times the mean of |p| over eight values is
// of gradient g sign(p) at each, and of norm g sqrt(8).
func signProgram(t *testing.T, g float64) (*Parameters, *ops.Program) {
	t.Helper()
	ps := NewParameters()
	for i, name := range []string{"one", "two"} {
		p := ps.Add(name, false, 2, 2)
		for j := range p.Data {
			p.Data[j] = float32(1 - 2*((i+j)%2)) // 1 and -1 by turns
		}
	}
	b := Bind(ops.NewGraph(tensor.Float32, &ops.Memory{}), ps)
	var terms []*ops.Node
	for i, n := range b.Nodes(ps.All()) {
		terms = append(terms, b.Graph.MeanAbs(ps.All()[i].Name+"/loss", ops.Rows{Lo: 0, Hi: 2}, n))
	}
	program, err := b.Graph.CompileGradients(b.Graph.Weighted("cost", []float64{4 * g, 4 * g}, terms...), b.Nodes(ps.All()))
	if err != nil {
		t.Fatal(err)
	}
	return ps, program
}

// Gradients are scaled to the bound of their common norm, where it is above it; the norm is
// told as it was. Adam's first step hides the scale, its moments show it.
func TestClip(t *testing.T) {
	norm := 3 * math.Sqrt(8)
	for _, tt := range []struct{ clip, scale float64 }{{0, 1}, {2, 2 / (norm + 1e-6)}, {norm / 2, 0.5}, {1000, 1}} {
		ps, program := signProgram(t, 3)
		o := NewOptimiser("o", kernels.Adam{Rate: 0.01, Beta1: 0.9, Beta2: 0.99, Epsilon: 1e-8}, tt.clip, ps.All())
		if err := program.Run(); err != nil {
			t.Fatal(err)
		}
		if got := o.Update(program); !(math.Abs(got-norm) <= 1e-5) {
			t.Errorf("clip %v: norm %v, want %v", tt.clip, got, norm)
		}
		if o.Steps != 1 {
			t.Errorf("%d steps", o.Steps)
		}
		for i, p := range ps.All() {
			for j := range p.Data {
				sign := float64(1 - 2*((i+j)%2))
				g := 3 * sign * tt.scale
				if m := float64(o.m[i][j]); !(math.Abs(m-0.1*g) <= 1e-6) {
					t.Errorf("clip %v: first moment %v, want %v", tt.clip, m, 0.1*g)
				}
				if v := float64(o.v[i][j]); !(math.Abs(v-0.01*g*g) <= 1e-6) {
					t.Errorf("clip %v: second moment %v, want %v", tt.clip, v, 0.01*g*g)
				}
				if x := float64(p.Data[j]); !(math.Abs(x-(sign-0.01*sign)) <= 1e-6) {
					t.Errorf("clip %v: parameter %v after a step of 0.01 from %v", tt.clip, x, sign)
				}
			}
		}
	}
}

// Clipping divides by the norm and a millionth, so that gradients near zero are no harm.
func TestClipOfSmallGradients(t *testing.T) {
	const norm = 1e-6
	ps, program := signProgram(t, norm/math.Sqrt(8))
	o := NewOptimiser("o", kernels.Adam{Rate: 0.01, Beta1: 0.9, Beta2: 0.99, Epsilon: 1e-8}, norm, ps.All())
	if err := program.Run(); err != nil {
		t.Fatal(err)
	}
	o.Update(program)
	if want := 0.1 * norm / math.Sqrt(8) / 2; !(math.Abs(float64(o.m[0][0])/want-1) <= 1e-4) {
		t.Errorf("first moment %v, want half the gradient's, %v", o.m[0][0], want)
	}
}
