package independence

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/metrics"
)

// CLUB is the mean over pairs of log q(y_i | x_i) less the mean over all (i, j) of log q(y_j | x_i): an upper
// bound of the mutual information only where q is near the true conditional. logDensity is n x n. It
// fails on a matrix that is not square.
//
// P. Cheng et al., "CLUB: a contrastive log-ratio upper bound of mutual information" (2020), equation 8.
func CLUB(logDensity *mat.Dense) (float64, error) {
	n, m := logDensity.Dims()
	if n != m {
		return 0, fmt.Errorf("metrics: club: log densities of %d x %d, want a square", n, m)
	}
	return mat.Trace(logDensity)/float64(n) - mat.Sum(logDensity)/float64(n*n), nil
}

// CLUBMeasure is CLUB as a measure, with a trainer of the conditional density from where networks live: rows as
// BoundMeasures. Parts are the bound of held-out rows paired wrongly, which must be near 0, and the mean log density of
// held-out pairs, which says how well q fits.
func CLUBMeasure(t Trainer) metrics.Descriptor {
	return metrics.Descriptor{
		Name: "club", Kind: metrics.Independence, Doc: "CLUB upper bound of mutual information by a network of the conditional law, held out, in nats; an upper bound only where that law is near the truth",
		Unit: "nats", Range: [2]float64{math.Inf(-1), math.Inf(1)}, Better: metrics.LowerIsBetter, MinRows: boundMin,
		Cost: "training of a network, and its 512^2 log densities", Citation: "Cheng et al., CLUB: a contrastive log-ratio upper bound of mutual information, ICML 2020",
		Compute: func(x, y *mat.Dense, s metrics.Settings) (metrics.Result, error) { return clubMeasure(x, y, t, s) },
	}
}

func clubMeasure(x, y *mat.Dense, t Trainer, s metrics.Settings) (metrics.Result, error) {
	const name = "club"
	if err := metrics.CheckPair(name, x, y, boundMin, true); err != nil {
		return metrics.Result{}, err
	}
	n, _ := x.Dims()
	r := metrics.Start(name, n, s)
	if metrics.Constant(x) || metrics.Constant(y) {
		return r.Collapse("all rows of a block are equal", false), nil
	}
	a, b, train := boundSample(x, y, s.Seed)
	density, err := heldOutScores(a, b, t, train, s.Seed)
	if err != nil {
		return metrics.Result{}, fmt.Errorf("metrics: %s: %w", name, err)
	}
	if r.Value, err = CLUB(density); err != nil {
		return metrics.Result{}, err
	}
	control, err := CLUB(rolled(density))
	if err != nil {
		return metrics.Result{}, err
	}
	held, _ := density.Dims()
	r.Parts = []metrics.Part{{Name: "of wrong pairs", Value: control}, {Name: "mean log density of pairs", Value: mat.Trace(density) / float64(held)}}
	return r.Finish()
}
