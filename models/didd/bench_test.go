package didd

import (
	"fmt"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/modelstest"
)

// A training step of the reference network and of the digit network of
// mnist-usps: images of both domains a second.
func BenchmarkStep(b *testing.B) {
	for _, s := range []struct {
		side, channels, separate, batch int
	}{{128, 3, 25, 32}, {32, 1, 8, 64}, {32, 3, 4, 16}} {
		b.Run(fmt.Sprintf("%d-pixels-batch-%d", s.side, s.batch), func(b *testing.B) {
			shape := domains.Shape{Channels: s.channels, Height: s.side, Width: s.side}
			m, err := New(models.Config{Shape: shape, Options: settings(option.Values{"separate": s.separate, "base": 32}), Seed: 1})
			if err != nil {
				b.Fatal(err)
			}
			x := &domains.Images{Shape: shape, Data: make([]float32, s.batch*shape.Len())}
			for i := range x.Data {
				x.Data[i] = float32(i*7919%1000)/500 - 1
			}
			for i := 0; b.Loop(); i++ {
				if _, err := m.Step(i, modelstest.Pair(x, x)); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(2*s.batch*b.N)/b.Elapsed().Seconds(), "images/s")
		})
	}
}
