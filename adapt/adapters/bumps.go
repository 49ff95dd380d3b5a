package adapters

import (
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/pairwise"
	"github.com/venn-adapt/venn/internal/rows"
	"github.com/venn-adapt/venn/internal/stream"
)

// A basis holds Gaussian bumps at target rows, in which both direct estimates of
// the density ratio are sums.
type basis struct {
	centres *mat.Dense
	gamma   float64
}

func (b basis) at(x *mat.Dense) *mat.Dense { return pairwise.Gaussian(x, b.centres, b.gamma) }

// centresOf draws at most so many target rows.
func centresOf(t adapt.Task, most int) *mat.Dense {
	m, _ := t.Target.Dims()
	chosen := stream.Permutation(stream.New(t.Seed, "ratio/centres"), m)[:min(m, most)]
	slices.Sort(chosen)
	return rows.Take(t.Target, chosen)
}

func centresOption() option.Option {
	return option.Option{Name: "centres", Doc: "target rows, drawn by the seed, that carry the estimate", Kind: option.Int, Default: 100, Min: 1, Max: 10000}
}

// widths are factors of the median distance among which a kernel width is chosen.
var widths = []float64{0.25, 0.5, 1, 2, 4}

func (b basis) sum(x *mat.Dense, alpha []float64) []float64 {
	phi := b.at(x)
	n, _ := phi.Dims()
	out := make([]float64, n)
	for i := range out {
		out[i] = floats.Dot(phi.RawRowView(i), alpha)
	}
	return out
}
