package adversary

import (
	"math"
	"strings"
	"testing"

	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/ops"
)

// The networks that images of a size get: parameters as published of three scales of four
// stages, and verdicts by the size of their maps.
func TestPatches(t *testing.T) {
	for _, tt := range []struct {
		side, count int
		changes     option.Values
		verdicts    []int
	}{
		{128, 8271171, nil, []int{64, 16, 4}},
		{64, 331458, nil, []int{64, 16}},
		{32, 165729, nil, []int{16}},
		{64, 8271171, option.Values{"discriminator.width": 64, "discriminator.stages": 4, "discriminator.scales": 3}, []int{16, 4, 1}},
	} {
		o := option.Defaults(Options())
		for k, v := range tt.changes {
			o[k] = v
		}
		p := New("d", []int{3, tt.side, tt.side}, 0.2, o)
		if err := p.Check(); err != nil {
			t.Fatal(err)
		}
		ps := models.NewParameters()
		p.Init(ps, 1)
		if n := ps.Count("d/"); n != tt.count {
			t.Errorf("%d pixels: %d parameters, want %d", tt.side, n, tt.count)
		}
		b := models.Bind(ops.NewGraph(tensor.Float32, new(ops.Memory)), ps)
		x, _ := models.Input(2, 3, tt.side, tt.side)
		out := p.Build(b, b.Graph.Bind("x", x))
		if _, err := b.Graph.Compile(out...); err != nil || len(out) != len(tt.verdicts) {
			t.Fatalf("%d scales, %v", len(out), err)
		}
		for k, n := range tt.verdicts {
			if s := out[k].Shape(); s[0] != 2 || s[1] != n {
				t.Errorf("%d pixels, scale %d: verdicts %v, want 2 x %d", tt.side, k+1, s, n)
			}
		}
	}
	// by hand: 1 to 2 channels and 2 to 1, of 8 x 8 and then of 4 x 4 pixels
	small := Patches{Name: "d", In: []int{1, 8, 8}, Width: 2, Kernel: 4, Stages: 1, Scales: 2}
	if want := (16*2*16 + 16*2) + (4*2*16 + 4*2); small.MACs() != want {
		t.Errorf("%d multiply-accumulates, want %d", small.MACs(), want)
	}
	small.Stages = 4
	if err := small.Check(); err == nil || !strings.Contains(err.Error(), "models: d/scale1/conv7: ") {
		t.Errorf("four halvings of 8 pixels: %v", err)
	}
}

// Losses by hand, summed over scales.
func TestLosses(t *testing.T) {
	g := ops.NewGraph(tensor.Float32, new(ops.Memory))
	bind := func(name string, columns int, v ...float32) *ops.Node {
		return g.Bind(name, tensor.New(tensor.WithShape(2, columns), tensor.WithBacking(v)))
	}
	verdicts := []*ops.Node{bind("a", 2, 9, 9, 3, 1), bind("b", 1, 9, 0)}
	second := ops.Rows{Lo: 1, Hi: 2}
	squares, entropy := LeastSquares(g, "squares", second, 1, verdicts), CrossEntropy(g, "entropy", second, 1, verdicts)
	p, err := g.Compile(verdicts...)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Run(); err != nil {
		t.Fatal(err)
	}
	if got := ops.Scalar(squares); !(math.Abs(got-3) <= 1e-6) { // (4 + 0)/2 + 1
		t.Errorf("least squares %v, want 3", got)
	}
	want := (math.Log1p(math.Exp(-3))+math.Log1p(math.Exp(-1)))/2 + math.Ln2
	if got := ops.Scalar(entropy); !(math.Abs(got-want) <= 1e-6) {
		t.Errorf("cross-entropy %v, want %v", got, want)
	}
}
