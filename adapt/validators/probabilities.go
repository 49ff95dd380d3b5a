package validators

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/dense"
	"github.com/venn-adapt/venn/internal/parallel"
)

// neighbourhoodTemperature of soft neighbourhood density.
const neighbourhoodTemperature = 0.05

// neighbourhoodDensity is the mean entropy of the softmax over the other target rows of
// cosine similarities between predictions, at temperature 0.05. O(m^2 C) time.
func neighbourhoodDensity(e adapt.Evidence) (float64, error) {
	p := dense.UnitRows(e.Fit.Probabilities)
	m, _ := p.Dims()
	entropies := make([]float64, m)
	parallel.Each(m, func(i int) {
		row := make([]float64, 0, m-1)
		for j := range m {
			if j != i {
				row = append(row, floats.Dot(p.RawRowView(i), p.RawRowView(j))/neighbourhoodTemperature)
			}
		}
		sum := floats.LogSumExp(row)
		for j := range row {
			row[j] = math.Exp(row[j] - sum)
		}
		entropies[i] = entropy(row)
	})
	return floats.Sum(entropies) / float64(m), nil
}

// nuclearNorm is the sum of singular values of the target's probabilities over their
// number.
func nuclearNorm(e adapt.Evidence) (float64, error) {
	m, _ := e.Fit.Probabilities.Dims()
	var svd mat.EigenSym
	if !svd.Factorize(dense.Gram(e.Fit.Probabilities, true), false) {
		return 0, fmt.Errorf("the probabilities' singular values: the decomposition did not converge")
	}
	var sum float64
	for _, v := range svd.Values(nil) {
		sum += math.Sqrt(math.Max(0, v))
	}
	return sum / float64(m), nil
}

func init() {
	adapt.Validators.Add("entropy", adapt.ValidatorInfo{
		Name:     "entropy",
		Doc:      "negative mean entropy of target predictions; a confident collapse looks perfect, and methods that minimise it cannot be ranked by it",
		Citation: "Morerio et al., Minimal-entropy correlation alignment, 2018",
		Score:    func(e adapt.Evidence) (float64, error) { return -meanOver(e, entropy), nil },
	})
	adapt.Validators.Add("information-maximisation", adapt.ValidatorInfo{
		Name:     "information-maximisation",
		Doc:      "entropy of the mean target prediction less the mean entropy: mutual information of input and prediction",
		Citation: "Shi and Sha, Information-theoretical learning of discriminative clusters for unsupervised domain adaptation, 2012",
		Score: func(e adapt.Evidence) (float64, error) {
			return entropy(meanProbabilities(e)) - meanOver(e, entropy), nil
		},
	})
	adapt.Validators.Add("snd", adapt.ValidatorInfo{
		Name:     "snd",
		Doc:      "soft neighbourhood density of target predictions; highest of all for a collapse to one class",
		Citation: "Saito et al., Tune it the right way: unsupervised validation of domain adaptation via soft neighborhood density, 2021",
		Score:    neighbourhoodDensity,
	})
	adapt.Validators.Add("bnm", adapt.ValidatorInfo{
		Name:     "bnm",
		Doc:      "nuclear norm of target predictions over their number",
		Citation: "Musgrave et al., Three new validators and a large-scale benchmark ranking for unsupervised domain adaptation, 2022",
		Score:    nuclearNorm,
	})
}
