package drit

import (
	"fmt"
	"testing"

	"github.com/venn-adapt/venn/models/modelstest"
)

// A training step at the sizes for 32 and 64 pixels: images of both domains a second.
func BenchmarkStep(b *testing.B) {
	for _, side := range []int{32, 64} {
		b.Run(fmt.Sprintf("%d-pixels", side), func(b *testing.B) {
			m, err := New("drit++", config("drit++", side, nil))
			if err != nil {
				b.Fatal(err)
			}
			x := waves(16, side, 0)
			for i := 0; b.Loop(); i++ {
				if _, err := m.Step(i, modelstest.Pair(x, x)); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(32*b.N)/b.Elapsed().Seconds(), "images/s")
		})
	}
}
