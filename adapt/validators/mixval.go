package validators

import (
	"fmt"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/stream"
)

// mixShare of the dominating row of a mixture.
const mixShare = 0.55

// mixture predicts mixtures of adapted target rows, one random partner each, and is the
// share on which the dominating row's predicted label comes out: the mean of that over
// pairs of equal and pairs of different labels, of those that there are.
func mixture(e adapt.Evidence) (float64, error) {
	labels := predictedTarget(e)
	z := e.Fit.Target
	m, d := z.Dims()
	partner := stream.Permutation(stream.New(e.Task.Seed, "mixval"), m)
	mixed := mat.NewDense(m, d, nil)
	for i, j := range partner {
		row := mixed.RawRowView(i)
		floats.AddScaled(row, mixShare, z.RawRowView(i))
		floats.AddScaled(row, 1-mixShare, z.RawRowView(j))
	}
	p, err := e.Fit.PredictMapped(mixed)
	if err != nil {
		return 0, err
	}
	var hits, pairs [2]float64 // of different labels, of equal ones
	for i, c := range adapt.Predict(p) {
		if partner[i] == i {
			continue
		}
		k := 0
		if labels[i] == labels[partner[i]] {
			k = 1
		}
		pairs[k]++
		if c == labels[i] {
			hits[k]++
		}
	}
	sum, parts := 0.0, 0.0
	for k := range pairs {
		if pairs[k] > 0 {
			sum, parts = sum+hits[k]/pairs[k], parts+1
		}
	}
	if parts == 0 {
		return 0, fmt.Errorf("no pair among %d rows", m)
	}
	return sum / parts, nil
}

func init() {
	adapt.Validators.Add("mixval", adapt.ValidatorInfo{
		Name:     "mixval",
		Doc:      "how often mixtures of adapted target rows are predicted as their larger part",
		Citation: "Hu et al., Mixed samples as probes for unsupervised model selection in domain adaptation, 2023",
		Score:    mixture,
	})
}
