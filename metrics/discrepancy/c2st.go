package discrepancy

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"github.com/venn-adapt/venn/metrics"
	"github.com/venn-adapt/venn/metrics/inference"
)

// LogitTest is the mean held-out logit of B over rows of B less that over rows of A, with the
// classifier of DomainProbe fixed and the held-out domain labels permuted: an exact test, of more
// power than the accuracy's. Errors and edge cases as DomainProbe; the value is in logits and 0
// for collapsed samples.
//
// F. Liu et al., "Learning deep kernels for non-parametric two-sample tests" (2020); X.
// Cheng and A. Cloninger, "Classification logit two-sample testing by neural networks"
// (2022).
func LogitTest(x, y *mat.Dense, s metrics.Settings) (metrics.Result, error) {
	h, r, err := holdOut("c2st-logit", x, y, s.Permutations > 0, s)
	if err != nil || r.Degenerate {
		return r, err
	}
	all, m := append(append([]float64{}, h.a...), h.b...), len(h.a)
	r.Value = stat.Mean(h.b, nil) - stat.Mean(h.a, nil)
	total := floats.Sum(all)
	r.Test(r.Value, len(all), s, metrics.TieTolerance*floats.Norm(all, 1)/float64(min(m, len(h.b))), func(permutations [][]int) []float64 {
		out := make([]float64, len(permutations))
		for b, p := range permutations {
			var first float64
			for _, i := range p[:m] {
				first += all[i]
			}
			out[b] = (total-first)/float64(len(all)-m) - first/float64(m)
		}
		return out
	})
	return r.Finish()
}

// DomainAUROC is the area under the curve of the held-out logits of DomainProbe: the chance that a row
// of B scores above one of A, 0.5 where no linear direction parts the domains. Test by permuting the
// held-out labels. Errors as DomainProbe; collapsed samples give 0 and Degenerate.
func DomainAUROC(x, y *mat.Dense, s metrics.Settings) (metrics.Result, error) {
	h, r, err := holdOut("domain-auroc", x, y, s.Permutations > 0, s)
	if err != nil || r.Degenerate {
		return r, err
	}
	ranks, _ := inference.MidRanks(inference.Settle(slices.Concat(h.a, h.b))) // equal rows tie
	m, n := float64(len(h.a)), float64(len(h.b))
	area := func(sumB float64) float64 { return (sumB - n*(n+1)/2) / (m * n) }
	r.Value = area(floats.Sum(ranks[len(h.a):]))
	r.Test(r.Value, len(ranks), s, metrics.TieTolerance, func(permutations [][]int) []float64 {
		out := make([]float64, len(permutations))
		for b, p := range permutations {
			var sum float64
			for _, i := range p[len(h.a):] {
				sum += ranks[i]
			}
			out[b] = area(sum)
		}
		return out
	})
	return r.Finish()
}

// probabilityFloor keeps a certain and wrong classifier from an infinite loss.
const probabilityFloor = 1e-7

// JensenShannon bounds the Jensen-Shannon divergence of the domains from below, in nats: ln 2 + mean_A
// ln(1-q)/2 + mean_B ln(q)/2, q the held-out probability of B by the classifier of DomainProbe, kept
// within 1e-7 of 0 and 1. At most ln 2; negative where the classifier is worse than none. Errors as
// DomainProbe; collapsed samples give 0 and Degenerate.
func JensenShannon(x, y *mat.Dense, s metrics.Settings) (metrics.Result, error) {
	h, r, err := holdOut("js-divergence", x, y, false, s)
	if err != nil || r.Degenerate {
		return r, err
	}
	r.Value = jensenShannon(h)
	return r.Finish()
}

func jensenShannon(h heldOut) float64 {
	var a, b float64
	for _, z := range h.a {
		a += math.Max(math.Log(probabilityFloor), -softplus(z)) / float64(len(h.a))
	}
	for _, z := range h.b {
		b += math.Max(math.Log(probabilityFloor), -softplus(-z)) / float64(len(h.b))
	}
	return math.Ln2 + a/2 + b/2
}

func init() {
	invariant, cost := []string{"translation", "scale"}, "26 logistic fits of (m+n)/2 rows"
	describe(metrics.Descriptor{Name: "c2st-logit", Doc: "difference of the mean held-out logits of a linear domain classifier", Unit: "logits", Range: [2]float64{math.Inf(-1), math.Inf(1)}, Invariant: invariant, Cost: cost,
		Citation: "Cheng and Cloninger, Classification logit two-sample testing by neural networks, 2022", MinRows: probeRows, Compute: LogitTest})
	describe(metrics.Descriptor{Name: "domain-auroc", Doc: "area under the curve of a linear domain classifier's held-out logits; 0.5 is chance", Range: [2]float64{0, 1}, Invariant: invariant, Cost: cost,
		Citation: "Lopez-Paz and Oquab, Revisiting classifier two-sample tests, ICLR 2017", MinRows: probeRows, Compute: DomainAUROC})
	describe(metrics.Descriptor{Name: "js-divergence", Doc: "lower bound of the Jensen-Shannon divergence by a linear domain classifier, in nats", Unit: "nats", Range: [2]float64{math.Inf(-1), math.Ln2}, Invariant: invariant, Cost: cost,
		Citation: "Goodfellow et al., Generative adversarial nets, NIPS 2014", MinRows: probeRows, Compute: JensenShannon})
}
