package deep

import (
	"math"

	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/ops"
)

func init() {
	addHeads(models.Method{
		Name:     "swd",
		Doc:      "mcd, in which the classifiers disagree by the sliced Wasserstein distance of their predictions on a batch",
		Citation: "C.-Y. Lee, T. Batra, M. H. Baig, D. Ulbricht, Sliced Wasserstein discrepancy for unsupervised domain adaptation, CVPR 2019, arXiv 1903.04064",
		Options: []option.Option{
			{Name: "directions", Kind: option.Int, Default: 128, Min: 1, Max: 1 << 14, Doc: "onto which predictions are projected, drawn anew every time"},
		},
	}, 10, func(m *heads, p *pass, first, second *ops.Node) *ops.Node {
		x, directions := models.Input(m.Classes, m.Options.Int("directions"))
		p.directions = directions
		return p.graph.Sliced("loss/discrepancy", p.target, first, second, p.graph.Bind("directions", x))
	})
}

// drawDirections fills a matrix of a row a class with columns of length 1, even over the sphere.
func drawDirections(dst []float32, classes int, seed uint64, draw int) {
	r, columns := stream.New(seed, "directions", draw), len(dst)/classes
	for m := range columns {
		square := 0.0
		for k := range classes {
			v := r.NormFloat64()
			dst[k*columns+m] = float32(v)
			square += v * v
		}
		for k := range classes {
			dst[k*columns+m] /= float32(math.Sqrt(square))
		}
	}
}
