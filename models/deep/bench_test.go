package deep

import (
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/modelstest"
)

// A training step of DANN on L20/50 at 28 pixels, 64 images of each domain.
func BenchmarkStep(b *testing.B) {
	info, err := models.Methods.Get("dann")
	if err != nil {
		b.Fatal(err)
	}
	shape := domains.Shape{Channels: 1, Height: 28, Width: 28}
	m, err := info.New(models.Config{Shape: shape, Classes: 10, Options: option.Defaults(info.AllOptions()), Seed: 1})
	if err != nil {
		b.Fatal(err)
	}
	x := &domains.Images{Shape: shape, Data: make([]float32, 64*shape.Len())}
	for i := range x.Data {
		x.Data[i] = float32(i%17)/8 - 1
	}
	batch := modelstest.Pair(x, x)
	batch.Labels = make([]int, 64)
	b.ResetTimer()
	for i := range b.N {
		if _, err := m.Step(i, batch); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(128*float64(b.N)/b.Elapsed().Seconds(), "images/s")
}
