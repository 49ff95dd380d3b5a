package labelled_test

import (
	"math"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/models/modelstest"
)

// faces are n images of a domain: blobs of two colours, of B with a bright bar.
func faces(side domains.Side, n, size int) *domains.Images {
	x := &domains.Images{Shape: domains.Shape{Channels: 3, Height: size, Width: size}, Data: make([]float32, n*3*size*size)}
	for i := range n {
		r := stream.New(1, "faces", side, i)
		cx, cy, u := r.Float64()*float64(size), r.Float64()*float64(size), r.Float64()*2-1
		for c := range 3 {
			for y := range size {
				for z := range size {
					d := math.Hypot(float64(z)-cx, float64(y)-cy) / float64(size)
					v := math.Cos(4*d+float64(c)+u) * 0.8
					if side == domains.B && y > size/2 && y < size/2+size/8+1 {
						v = 0.9
					}
					x.At(i)[(c*size+y)*size+z] = float32(v)
				}
			}
		}
	}
	return x
}

// Each system learns to give 16 images back as they are, the reconstruction weighed as in AttGAN.
func TestOverfit(t *testing.T) {
	if testing.Short() {
		t.Skip("some seconds of training: not with -short")
	}
	for name, base := range map[string]int{"attgan": 16, "stargan": 16, "stgan": 16} {
		m := newModel(t, name, 16, option.Values{"base": base, "hidden": 32, "loss.reconstruction": 100.0, "train.critic_steps": 1, "train.learning_rate": 2e-3, "train.iterations": 1000})
		a, b := faces(domains.A, 8, 16), faces(domains.B, 8, 16)
		best := math.Inf(1)
		for step := 0; step < 500 && best >= 0.05; step++ {
			losses, err := m.Step(step, modelstest.Pair(a, b))
			if err != nil {
				t.Fatal(err)
			}
			if losses[0].Name != "reconstruction" {
				t.Fatalf("the first loss is %s", losses[0].Name)
			}
			best = min(best, losses[0].Value)
		}
		if best >= 0.05 {
			t.Errorf("%s: reconstruction at %v after 500 steps, want below 0.05", name, best)
		}
	}
}
