package adapters

import (
	"fmt"

	"github.com/venn-adapt/venn/internal/option"
)

// reduced warns of a subspace that is smaller than was asked for.
func reduced(got, want int) []string {
	if got >= want {
		return nil
	}
	return []string{fmt.Sprintf("%d dimensions: the data has no more of the %d asked for", got, want)}
}

func dimension(initial int) option.Option {
	return option.Option{Name: "dim", Doc: "dimensions of the subspace, at most those the data has", Kind: option.Int, Default: initial, Min: 1, Max: 10000}
}

func dims(values ...int) []option.Values {
	var out []option.Values
	for _, v := range values {
		out = append(out, option.Values{"dim": v})
	}
	return out
}

func kernelOption(initial string) option.Option {
	return option.Option{Name: "kernel", Doc: "primal: a projection of the columns; linear and rbf: coefficients of the stacked rows", Kind: option.Choice,
		Default: initial, Choices: []string{"primal", "linear", "rbf"}}
}

func gammaOption() option.Option {
	return option.Option{Name: "gamma", Doc: "of the rbf kernel exp(-gamma |x-y|^2); 0: 1/(2 s^2) with s the median distance", Kind: option.Float, Default: 0.0, Min: 0, Max: 1e9}
}

func unitOption() option.Option {
	return option.Option{Name: "unit", Doc: "bring rows to length 1, before and after", Kind: option.Bool, Default: true}
}

func transferOptions(dim int, kernel string) []option.Option {
	return []option.Option{
		dimension(dim),
		{Name: "lambda", Doc: "ridge of the projection beside the normalised discrepancy", Kind: option.Float, Default: 1.0, Min: 1e-9, Max: 1e9},
		kernelOption(kernel), gammaOption(), unitOption(),
	}
}

func iterationsOption(initial int) option.Option {
	return option.Option{Name: "iterations", Doc: "passes of pseudo-labelling at most; it ends when the labels stay", Kind: option.Int, Default: initial, Min: 1, Max: 1000}
}
