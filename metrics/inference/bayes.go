package inference

import (
	"fmt"
	"math"

	"github.com/venn-adapt/venn/internal/stream"
)

// A Posterior holds the probabilities that the first method is practically better than
// the second, that the two are practically equal, and that the second is; they add
// up to 1.
type Posterior struct{ First, Equal, Second float64 }

const (
	priorStrength   = 0.5   // weight of the pseudo-difference at zero
	posteriorDraws  = 50000 // Monte-Carlo error of a probability: at most 0.0022
	posteriorStream = "bayesian signed rank"
)

// BayesianSignedRank is the posterior of the sign of the mean of two differences on new
// tasks, which takes their size into account as Wilcoxon's ranks do: whether it falls to the
// first, within +-rope (practically equal) or to the second, under a Dirichlet process prior of strength
// 0.5 at zero. The result is the probability of each being the most probable. Draws come from the stream
// of the seed; time O(n^2) a draw. It fails on unequal lengths, no pairs, values that are not finite
// and a negative rope. A. Benavoli et al., "A Bayesian
// Wilcoxon signed-rank test based on the Dirichlet process" (2014).
func BayesianSignedRank(a, b []float64, rope float64, seed uint64) (Posterior, error) {
	return bayesian("bayesian signed rank", a, b, rope, seed, func(d, w []float64) (first, second float64) {
		for i, v := range d {
			for j, u := range d[:i+1] {
				weight := w[i] * w[j]
				if j < i {
					weight *= 2
				}
				switch {
				case v+u > 2*rope:
					first += weight
				case v+u < -2*rope:
					second += weight
				}
			}
		}
		return first, second
	})
}

func bayesian(name string, a, b []float64, rope float64, seed uint64, shares func(d, w []float64) (first, second float64)) (Posterior, error) {
	d, err := differences(name, a, b, 1)
	if err != nil {
		return Posterior{}, err
	}
	if !(rope >= 0) {
		return Posterior{}, fmt.Errorf("metrics: %s: rope %v, want a number from 0", name, rope)
	}
	d = append(d, 0) // the pseudo-observation of the prior, last
	w := make([]float64, len(d))
	r := stream.New(seed, posteriorStream)
	var p Posterior
	for range posteriorDraws {
		var total float64
		for i := range w {
			w[i] = r.ExpFloat64()
			if i == len(w)-1 { // Gamma(1/2) is half a squared normal
				z := r.NormFloat64()
				w[i] = priorStrength * z * z
			}
			total += w[i]
		}
		for i := range w {
			w[i] /= total
		}
		first, second := shares(d, w)
		equal := 1 - first - second
		switch best := math.Max(first, math.Max(second, equal)); {
		case first == best && first > second:
			p.First++
		case second == best && second > first:
			p.Second++
		default:
			p.Equal++
		}
	}
	p.First, p.Equal, p.Second = p.First/posteriorDraws, p.Equal/posteriorDraws, p.Second/posteriorDraws
	return p, nil
}
