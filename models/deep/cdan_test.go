package deep

import (
	"math"
	"testing"

	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/layers"
	"github.com/venn-adapt/venn/models/ops"
)

// The random map keeps inner products of outer products on average: ⟨f, f'⟩⟨p, p'⟩.
func TestRandomMap(t *testing.T) {
	f := []float32{0.5, -1, 2, 1, 0.25, 1}
	p := []float32{0.7, 0.3, 0.2, 0.8}
	var sum, squares float64
	const draws, units = 60, 512
	for seed := range uint64(draws) {
		ps := models.NewParameters()
		onF := layers.Stack{Name: "f", In: []int{3}, Layers: []layers.Layer{layers.Projection{Units: units}}}
		onP := layers.Stack{Name: "p", In: []int{2}, Layers: []layers.Layer{layers.Projection{Units: units}}}
		onF.Init(ps, seed)
		onP.Init(ps, seed)
		if n := len(ps.Trained("")); n != 0 {
			t.Fatalf("%d parameters of projections are trained", n)
		}
		b := models.Bind(ops.NewGraph(tensor.Float32, new(ops.Memory)), ps)
		x := b.Graph.Bind("x", tensor.New(tensor.WithShape(2, 3), tensor.WithBacking(f)))
		y := b.Graph.Bind("y", tensor.New(tensor.WithShape(2, 2), tensor.WithBacking(p)))
		program, err := b.Graph.Compile(b.Graph.Times("map", 1/math.Sqrt(units), onF.Build(b, x), onP.Build(b, y)))
		if err != nil {
			t.Fatal(err)
		}
		if err := program.Run(); err != nil {
			t.Fatal(err)
		}
		var inner float64
		h := program.Output(0).Data().([]float32)
		for k := range units {
			inner += float64(h[k]) * float64(h[units+k])
		}
		sum, squares = sum+inner, squares+inner*inner
	}
	mean := sum / draws
	noise := math.Sqrt((squares/draws - mean*mean) / draws)
	want := (0.5 - 0.25 + 2) * (0.7*0.2 + 0.3*0.8)
	if !(math.Abs(mean-want) <= 4*noise) || noise > 0.1 {
		t.Errorf("inner products are %v on average, want %v (noise %v)", mean, want, noise)
	}
}

// Where all predictions are as sure, weights by certainty are none: the losses of cdan-e are
// those of cdan.
func TestEqualCertainty(t *testing.T) {
	value := func(method string) (out float64) {
		m := newOf(t, method, domains.A, option.Values{"map": "multilinear"})
		clear(m.Parameters().Get("classifier/fc1/weight").Data) // predictions by the bias alone
		losses, err := m.Step(0, batchOf(domains.A, 0))
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range losses {
			switch l.Name {
			case "domain":
				return l.Value
			case "domain/source", "domain/target":
				out += l.Value / 2
			}
		}
		return out
	}
	if one, two := value("cdan"), value("cdan-e"); !(math.Abs(one-two) <= 1e-6) || one < 0.1 {
		t.Errorf("the domain loss is %v, weighted by equal certainty %v", one, two)
	}
}
