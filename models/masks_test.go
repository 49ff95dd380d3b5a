package models

import (
	"slices"
	"testing"

	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/models/ops"
)

// A value is dropped with a share of the draws of its layer's stream, the same for values side
// by side, and the others are enlarged to keep the mean. Without masks, without a rate and
// without a value nothing is added.
func TestDrop(t *testing.T) {
	const rate, held, step = 0.2, 3, 7
	b := Bind(ops.NewGraph(tensor.Float32, new(ops.Memory)), NewParameters())
	in, data := Input(4, 6)
	for i := range data {
		data[i] = float32(i + 1)
	}
	x := b.Graph.Bind("x", in)
	if b.Drop("none", rate, held, x) != x {
		t.Error("a binding without masks drops values")
	}
	b.Masks = &Masks{}
	if b.Drop("never", 0, held, x) != x || b.Drop("nothing", rate, held, nil) != nil || len(b.Masks.all) != 0 {
		t.Error("a mask for no rate or for no value")
	}
	once, twice := b.Drop("once", rate, held, x), b.Drop("twice", rate, 1, x)
	p, err := b.Graph.Compile(once, twice)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the same each time
		b.Masks.Draw(5, step)
		if err := p.Run(); err != nil {
			t.Fatal(err)
		}
		for k, name := range []string{"once", "twice"} {
			r := stream.New(5, "dropout", name, step)
			var want []float32
			for len(want) < len(data) {
				kept := r.Float64() > rate
				for range []int{held, 1}[k] {
					v := float32(0)
					if kept {
						v = 1.25 * data[len(want)]
					}
					want = append(want, v)
				}
			}
			if got := p.Output(k).Data().([]float32); !slices.Equal(got, want) || !slices.Contains(want, 0) {
				t.Errorf("%s: %v, want %v", name, got, want)
			}
		}
	}
}
