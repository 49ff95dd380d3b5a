// Package importance estimates how much denser the target is than the source at a row, for
// weights of source rows.
package importance

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/logistic"
	"github.com/venn-adapt/venn/internal/zscore"
)

// certain is how near to 0 or 1 a domain probability may come, which bounds the weights.
const certain = 1e-3

// tolerance of the fit: its last step moved no logit of a row by more.
const tolerance = 1e-4

// A Ratio estimates the density of the target over that of the source by a
// logistic classifier of domains, p_t/p_s = (n/m) q/(1-q) with q the probability of
// the target.
type Ratio struct {
	scale *zscore.Scale
	model *logistic.Model
	prior float64
}

// Learn fits the classifier of domains to n x d source and m x d target rows, columns brought
// to mean 0 and variance 1 over both, with the ridge lambda. It fails where no column varies.
func Learn(source, target *mat.Dense, lambda float64) (*Ratio, error) {
	var pooled mat.Dense
	pooled.Stack(source, target)
	n, _ := source.Dims()
	m, _ := target.Dims()
	r := &Ratio{scale: zscore.Learn(&pooled), prior: float64(n) / float64(m)}
	if len(r.scale.Columns) == 0 {
		return nil, fmt.Errorf("none of %d columns varies over both domains", r.scale.Width)
	}
	labels := make([]int, n+m)
	for i := n; i < n+m; i++ {
		labels[i] = 1
	}
	var err error
	r.model, err = logistic.Fit(r.scale.Apply(&pooled), labels, 2, logistic.Settings{Lambda: lambda, Tolerance: tolerance})
	return r, err
}

// Weights of rows of d columns: density of the target over that of the source, from
// (n/m) c/(1-c) to (n/m) (1-c)/c with c = 0.001.
func (r *Ratio) Weights(x *mat.Dense) []float64 {
	p := r.model.Probabilities(r.scale.Apply(x))
	n, _ := x.Dims()
	out := make([]float64, n)
	for i := range out {
		q := math.Min(1-certain, math.Max(certain, p.At(i, 1)))
		out[i] = r.prior * q / (1 - q)
	}
	return out
}
