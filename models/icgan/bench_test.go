package icgan

import (
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/modelstest"
)

// A training step of each phase at 32 pixels and the default sizes: images of both domains a second.
func BenchmarkStep(b *testing.B) {
	method, err := models.Methods.Get("icgan")
	if err != nil {
		b.Fatal(err)
	}
	o := option.Defaults(method.AllOptions())
	for phase, step := range map[string]int{"generator": 0, "encoders": o.Int("train.iterations") - 1} {
		b.Run(phase, func(b *testing.B) {
			m, err := newModel(models.Config{Shape: domains.Shape{Channels: 3, Height: 32, Width: 32}, Options: o, Seed: 1})
			if err != nil {
				b.Fatal(err)
			}
			x := noise(m.shape, o.Int("train.batch"))
			if _, err := m.Step(step, modelstest.Pair(x, x)); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := m.Step(step, modelstest.Pair(x, x)); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(2*x.Len()*b.N)/b.Elapsed().Seconds(), "images/s")
		})
	}
}
