package didd

import (
	"maps"
	"slices"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/views"
)

// Separate encoders see turned images in training, A first, and all else the images as they are: of constant images, which
// turning leaves alone, the losses are those without it; of others those of the separate codes differ. A trained model reads
// images as they are.
func TestSeparateEncodersSeeTurnedImages(t *testing.T) {
	o := option.Values{"base": 4, "separate": 2, "loss.pin": 0.5, "loss.edges": 0.5}
	turning := with(o, option.Values{"separate_turn": 15.0})
	losses := func(o option.Values, a, b *domains.Images) (map[string]float64, *Model) {
		m := newModel(t, 16, o)
		l, err := m.Step(3, &models.Batch{Images: [2]*domains.Images{a, b}})
		if err != nil {
			t.Fatal(err)
		}
		return named(l), m
	}
	flat, none := constant(3, 0.3), constant(3, -0.2)
	plain, _ := losses(o, flat, none)
	turned, m := losses(turning, flat, none)
	if !maps.Equal(plain, turned) {
		t.Errorf("losses of constant images: %v, want %v", turned, plain)
	}
	if want := slices.Concat(flat.Data, none.Data); !slices.Equal(m.step.turns, want) {
		t.Error("constant images are turned to others")
	}

	a, b := noise(16, 3, "a"), noise(16, 3, "b")
	plain, _ = losses(o, a, b)
	turned, m = losses(turning, a, b)
	for _, name := range []string{"pin/a", "pin/b", "zero/a", "zero/b", "reconstruction/a", "reconstruction/b"} {
		if plain[name] == turned[name] {
			t.Errorf("%s is %v whatever the encoders of separate codes see", name, plain[name])
		}
	}
	for _, name := range []string{"confusion/a", "confusion/b"} {
		if plain[name] != turned[name] {
			t.Errorf("%s is %v, want %v: the common encoder sees the images as they are", name, turned[name], plain[name])
		}
	}
	all := &domains.Images{Shape: a.Shape, Data: slices.Concat(a.Data, b.Data)}
	want := make([]float32, len(all.Data))
	views.Turned{Seed: m.seed, Degrees: 15}.Fill(want, all, "separate", 3)
	if !slices.Equal(m.step.turns, want) {
		t.Error("what the encoders of separate codes see is not the images of A and of B, turned")
	}

	codes := func(m *Model) models.Codes {
		c, err := m.Encode(a)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	fresh, still := codes(newModel(t, 16, turning)), codes(newModel(t, 16, o))
	for i := range fresh {
		if !slices.Equal(fresh[i].Data, still[i].Data) {
			t.Errorf("block %d of a model that has not trained differs", i)
		}
	}
}
