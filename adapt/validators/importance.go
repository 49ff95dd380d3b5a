package validators

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/importance"
)

// ratioLambda is the ridge of the domain classifiers behind importance weights.
const ratioLambda = 1e-2

// importanceWeighted is accuracy on held-out source rows weighted by the density of the
// target over that of the source at the given features.
func importanceWeighted(e adapt.Evidence) (float64, error) {
	p, err := heldProbabilities(e)
	if err != nil {
		return 0, err
	}
	ratio, err := importance.Learn(e.Task.Source.X, e.Task.Target, ratioLambda)
	if err != nil {
		return 0, err
	}
	var hits, total float64
	predicted := adapt.Predict(p)
	for i, w := range ratio.Weights(e.Held.X) {
		total += w
		if predicted[i] == e.Held.Labels[i] {
			hits += w
		}
	}
	return hits / total, nil
}

// deepEmbedded is the negative of DEV's risk: mean(w l) + eta mean(w) - eta with
// eta = -cov(w l, w)/var(w) (0 where the weights do not vary), w at the adapted
// features and l the cross-entropy of held-out source rows.
func deepEmbedded(e adapt.Evidence) (float64, error) {
	if e.Fit.MapSource == nil {
		return 0, fmt.Errorf("the method has no map for source rows")
	}
	z, err := e.Fit.MapSource(e.Held.X)
	if err != nil {
		return 0, err
	}
	p, err := e.Fit.PredictMapped(z)
	if err != nil {
		return 0, err
	}
	ratio, err := importance.Learn(e.Fit.Source.X, e.Fit.Target, ratioLambda)
	if err != nil {
		return 0, err
	}
	w := ratio.Weights(z)
	weighted := make([]float64, len(w))
	for i, c := range e.Held.Labels {
		weighted[i] = -w[i] * math.Log(math.Max(p.At(i, c), leastProbability))
	}
	if len(w) < 2 {
		return -stat.Mean(weighted, nil), nil
	}
	eta := 0.0
	if v := stat.Variance(w, nil); v > 0 {
		eta = -stat.Covariance(weighted, w, nil) / v
	}
	return -(stat.Mean(weighted, nil) + eta*stat.Mean(w, nil) - eta), nil
}

// leastProbability bounds a cross-entropy.
const leastProbability = 1e-12

func init() {
	adapt.Validators.Add("importance-weighted", adapt.ValidatorInfo{
		Name:     "importance-weighted",
		Doc:      "accuracy on held-out source rows, each weighted by a classifier of domains on the given features",
		Citation: "Sugiyama, Krauledat and Müller, Covariate shift adaptation by importance weighted cross validation, 2007",
		Score:    importanceWeighted,
	})
	adapt.Validators.Add("dev", adapt.ValidatorInfo{
		Name:     "dev",
		Doc:      "deep embedded validation: importance-weighted cross-entropy on adapted features, with a control variate",
		Citation: "You et al., Towards accurate model selection in deep unsupervised domain adaptation, 2019",
		Score:    deepEmbedded,
	})
}
