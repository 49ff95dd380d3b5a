package ops

import (
	"math"
	"strings"
	"testing"

	"gorgonia.org/tensor"
)

// golden is z[i,j] = a·f(b + c·i + d·j) for i < 4 and j < 3.
func golden(a float64, f func(float64) float64, b, c, d float64) []float64 {
	var out []float64
	for i := range 4 {
		for j := range 3 {
			out = append(out, a*f(b+c*float64(i)+d*float64(j)))
		}
	}
	return out
}

// The value that the specification of the losses states, and its gradient by central
// differences and by hand: softmax less one hot, over the number of rows.
func TestCrossEntropy(t *testing.T) {
	z := golden(2, math.Sin, 0.5, 1.1, 2)
	rows := append([]float64{9, -9, 9}, z...) // a row that does not count
	x := tensor.New(tensor.WithShape(5, 3), tensor.WithBacking(rows))
	y := tensor.New(tensor.WithShape(4), tensor.WithBacking([]float64{0, 1, 2, 0}))
	g := NewGraph(tensor.Float64, new(Memory))
	logits := g.Bind("x", x)
	loss := g.CrossEntropy("l", Rows{1, 5}, logits, g.Bind("y", y))
	p, err := g.CompileGradients(loss, []*Node{logits})
	if err != nil {
		t.Fatal(err)
	}
	run := func() float64 {
		for i := range g.memory.f64 {
			g.memory.f64[i] = 1e30 // what others left
		}
		if err := p.Run(); err != nil {
			t.Fatal(err)
		}
		return Scalar(loss)
	}
	if got := run(); !(math.Abs(got-1.96806967) <= 5e-9) {
		t.Errorf("cross-entropy %.9f, want 1.96806967", got)
	}
	grad := append([]float64{}, p.Gradient(0).Data().([]float64)...)
	for k := range rows {
		const h = 1e-6
		v := rows[k]
		rows[k] = v + h
		up := run()
		rows[k] = v - h
		want := (up - run()) / (2 * h)
		rows[k] = v
		if !(math.Abs(grad[k]-want) <= 1e-8) {
			t.Errorf("element %d: gradient %v, central difference %v", k, grad[k], want)
		}
	}
	for i, class := range []int{0, 1, 2, 0} {
		var sum float64
		for j := range 3 {
			sum += math.Exp(z[3*i+j])
		}
		for j := range 3 {
			want := math.Exp(z[3*i+j]) / sum / 4
			if j == class {
				want -= 0.25
			}
			if !(math.Abs(grad[3*(i+1)+j]-want) <= 1e-12) {
				t.Errorf("row %d, class %d: gradient %v, want %v", i, j, grad[3*(i+1)+j], want)
			}
		}
	}
}

// Logits far beyond what an exponential can hold give finite losses.
func TestCrossEntropyOfLargeLogits(t *testing.T) {
	g := NewGraph(tensor.Float32, new(Memory))
	x := g.Bind("x", tensor.New(tensor.WithShape(2, 2), tensor.WithBacking([]float32{1e4, -1e4, 1e4, -1e4})))
	loss := g.CrossEntropy("l", Rows{0, 2}, x, g.Bind("y", tensor.New(tensor.WithShape(2), tensor.WithBacking([]float32{0, 1}))))
	p, err := g.CompileGradients(loss, []*Node{x})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Run(); err != nil {
		t.Fatal(err)
	}
	if got := Scalar(loss); got != 1e4 { // rows of 0 and 2e4
		t.Errorf("loss %v, want 10000", got)
	}
	for k, want := range []float32{0, 0, 0.5, -0.5} {
		if got := p.Gradient(0).Data().([]float32)[k]; got != want {
			t.Errorf("gradient %d is %v, want %v", k, got, want)
		}
	}
}

func TestCrossEntropyRefuses(t *testing.T) {
	for _, tt := range []struct {
		labels []float32
		rows   Rows
		want   string
	}{
		{[]float32{0, 1}, Rows{0, 3}, "2 labels for rows"},
		{[]float32{0, 1, 0, 1}, Rows{0, 4}, "rows [0, 4) of 3"},
		{[]float32{0, 1, 2}, Rows{0, 3}, "running cross-entropy"}, // of two classes
	} {
		g := NewGraph(tensor.Float32, new(Memory))
		x := g.Bind("x", tensor.New(tensor.WithShape(3, 2), tensor.WithBacking(make([]float32, 6))))
		loss := g.CrossEntropy("l", tt.rows, x, g.Bind("y", tensor.New(tensor.WithShape(len(tt.labels)), tensor.WithBacking(tt.labels))))
		p, err := g.Compile(loss)
		if err == nil {
			err = p.Run()
		}
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("labels %v, rows %v: %v, want %q", tt.labels, tt.rows, err, tt.want)
		}
	}
}

// Reversal leaves values as they are and turns the gradient round, by the factor of the day;
// two reversals of one node have factors of their own.
func TestReverse(t *testing.T) {
	g := NewGraph(tensor.Float64, new(Memory))
	x := g.Bind("x", tensor.New(tensor.WithShape(2, 1), tensor.WithBacking([]float64{0.5, -2})))
	one, two := 0.25, 0.0
	first, second := g.Reverse("one", &one, x), g.Reverse("two", &two, x)
	loss := g.Weighted("sum", []float64{1, 1, 1}, g.BCE("a", Rows{0, 2}, 1, first), g.BCE("b", Rows{0, 2}, 0, second), g.BCE("c", Rows{0, 2}, 1, x))
	p, err := g.CompileGradients(loss, []*Node{x}, first, second)
	if err != nil {
		t.Fatal(err)
	}
	for _, factors := range [][2]float64{{0.25, 0}, {1, 3}, {0, 0.5}} {
		one, two = factors[0], factors[1]
		if err := p.Run(); err != nil {
			t.Fatal(err)
		}
		for i, v := range []float64{0.5, -2} {
			if a, b := p.Output(0).Data().([]float64)[i], p.Output(1).Data().([]float64)[i]; a != v || b != v {
				t.Errorf("reversed %v and %v, want %v", a, b, v)
			}
			s := 1 / (1 + math.Exp(-v))
			want := (-one*(s-1) - two*s + (s - 1)) / 2
			if got := p.Gradient(0).Data().([]float64)[i]; !(math.Abs(got-want) <= 1e-15) {
				t.Errorf("factors %v: gradient %v, want %v", factors, got, want)
			}
		}
	}
}
