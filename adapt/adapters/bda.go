package adapters

import (
	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/option"
)

// balanced is JDA with (1-mu) C M0 + mu sum M_c, or with mu 1 and class weights.
func balanced(t adapt.Task, s option.Values, h adapt.Head) (*adapt.Adapted, error) {
	mu := s.Float("mu")
	w := meanDiscrepancy{marginal: (1 - mu) * float64(t.Source.Classes), conditional: mu, weighted: s.Bool("weighted")}
	return transfer(t, s, h, s.Int("iterations"), w)
}

func init() {
	var grid []option.Values
	for _, mu := range []float64{0.2, 0.5, 0.8} {
		grid = append(grid, option.Values{"mu": mu})
	}
	adapt.Adapters.Add("bda", adapt.AdapterInfo{
		Name:     "bda",
		Doc:      "balanced distribution adaptation: JDA with a weight between marginal and class-wise means; weighted with mu 1 is W-BDA",
		Citation: "Wang et al., Balanced distribution adaptation for transfer learning, 2017",
		Options: append(transferOptions(100, "primal"), iterationsOption(10),
			option.Option{Name: "mu", Doc: "share of the class-wise terms; 0 is TCA", Kind: option.Float, Default: 0.5, Min: 0, Max: 1},
			option.Option{Name: "weighted", Doc: "weigh each class by its share of the target over its share of the source", Kind: option.Bool, Default: false}),
		Grid:  grid,
		Adapt: balanced,
	})
}
