package adapt

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/logistic"
	"github.com/venn-adapt/venn/internal/zscore"
)

// certain is how near to 0 or 1 a domain probability may come: a weight is at most
// its inverse.
const certain = 1e-3

// A domainRatio estimates the density of the target over that of the source by a
// logistic classifier of domains, p_t/p_s = (n/m) q/(1-q) with q the probability of
// the target.
type domainRatio struct {
	scale *zscore.Scale
	model *logistic.Model
	prior float64
}

func newDomainRatio(source, target *mat.Dense, lambda float64) (*domainRatio, error) {
	var pooled mat.Dense
	pooled.Stack(source, target)
	n, _ := source.Dims()
	m, _ := target.Dims()
	r := &domainRatio{scale: zscore.Learn(&pooled), prior: float64(n) / float64(m)}
	if len(r.scale.Columns) == 0 {
		return nil, fmt.Errorf("none of %d columns varies over both domains", r.scale.Width)
	}
	labels := make([]int, n+m)
	for i := n; i < n+m; i++ {
		labels[i] = 1
	}
	var err error
	r.model, err = logistic.Fit(r.scale.Apply(&pooled), labels, 2, logistic.Settings{Lambda: lambda, Tolerance: regressionTolerance})
	return r, err
}

// weights of rows.
func (r *domainRatio) weights(x *mat.Dense) []float64 {
	p := r.model.Probabilities(r.scale.Apply(x))
	n, _ := x.Dims()
	out := make([]float64, n)
	for i := range out {
		q := math.Min(1-certain, math.Max(certain, p.At(i, 1)))
		out[i] = r.prior * q / (1 - q)
	}
	return out
}
