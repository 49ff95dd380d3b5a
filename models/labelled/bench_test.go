package labelled_test

import (
	"syscall"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/golden"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/modelstest"
)

func processor() float64 {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

// A training step of each system at 32 pixels and its default sizes: images of both domains a
// second.
func BenchmarkStep(b *testing.B) {
	for _, name := range []string{"attgan", "stargan", "stgan"} {
		b.Run(name, func(b *testing.B) {
			method, err := models.Methods.Get(name)
			if err != nil {
				b.Fatal(err)
			}
			c := models.Config{Shape: domains.Shape{Channels: 3, Height: 32, Width: 32}, Options: option.Defaults(method.AllOptions()), Seed: 1}
			m, err := method.New(c)
			if err != nil {
				b.Fatal(err)
			}
			n := c.Options.Int("train.batch")
			x := &domains.Images{Shape: c.Shape, Data: make([]float32, n*c.Shape.Len())}
			golden.Fill(x.Data, "images", -1, 1)
			if _, err := m.Step(0, modelstest.Pair(x, x)); err != nil {
				b.Fatal(err)
			}
			begun := processor()
			for i := 1; b.Loop(); i++ {
				if _, err := m.Step(i, modelstest.Pair(x, x)); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(2*n*b.N)/b.Elapsed().Seconds(), "images/s")
			b.ReportMetric((processor()-begun)/float64(b.N), "cpu-s/op")
		})
	}
}
