package discrepancy

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/mathext"

	"github.com/venn-adapt/venn/internal/logistic"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/internal/zscore"
	"github.com/venn-adapt/venn/metrics"
	"github.com/venn-adapt/venn/metrics/inference"
)

const (
	probeRows  = 10 // fewest rows of a domain: five to train on, one a fold
	probeFolds = 5
	fewHeldOut = 20 // held-out rows of a domain below which a result warns
)

// lambdas are the penalties among which cross-validation chooses, strongest first,
// which wins ties.
var lambdas = []float64{1, 1e-1, 1e-2, 1e-3, 1e-4}

// DomainProbe is the accuracy, in [0, 1], of a linear classifier that tells rows of x
// (A) from rows of y (B): 0.5 where no linear direction separates the domains.
//
// The larger domain is subsampled to the smaller, each is cut in half at random (streams
// keyed by the seed), columns are z-scored on the training half and logistic
// regression's penalty is chosen there by the log loss of five folds. The value is the
// accuracy on the held-out half, Interval its 95% Wilson interval, P the exact binomial
// probability of as many hits by chance. Pooled rows that are all equal give 0.5, p = 1
// and Degenerate. It fails on unequal widths, fewer than 10 rows of a domain, values that
// are not finite, and a fit that does not converge. Time O((m+n) d) a step of about 26
// fits, plus their preconditioners, O(d^3).
//
// D. Lopez-Paz and M. Oquab, "Revisiting classifier two-sample tests" (2017).
func DomainProbe(x, y *mat.Dense, s metrics.Settings) (metrics.Result, error) {
	return domainProbe("domain-probe", x, y, s)
}

// ADistance is the proxy A-distance 2(1 - 2e), e the error of DomainProbe: 0 where the
// domains cannot be told apart, 2 where they always can. A negative value (e above 1/2)
// is noise: it is reported as 0, with a warning that gives it. Interval is that of the
// error, not cut at 0. P, errors and cost as DomainProbe.
//
// S. Ben-David et al., "Analysis of representations for domain adaptation" (2007).
func ADistance(x, y *mat.Dense, s metrics.Settings) (metrics.Result, error) {
	r, err := domainProbe("a-distance", x, y, s)
	if err != nil {
		return r, err
	}
	if r.Degenerate {
		r.Value, r.Interval = 0, nil
		return r, nil
	}
	distance := func(accuracy float64) float64 { return 2 * (2*accuracy - 1) }
	r.Value, r.Interval = distance(r.Value), []float64{distance(r.Interval[0]), distance(r.Interval[1])}
	if r.Value < 0 {
		r.Warnings = append(r.Warnings, fmt.Sprintf("raw value %.4g, reported as 0", r.Value))
		r.Value = 0
	}
	return r, nil
}

func domainProbe(name string, x, y *mat.Dense, s metrics.Settings) (metrics.Result, error) {
	h, r, err := holdOut(name, x, y, true, s)
	if err != nil {
		return r, err
	}
	if r.Degenerate {
		one := 1.0
		r.Value, r.P, r.Method, r.Interval = 0.5, &one, "degenerate", []float64{0, 1}
		return r, nil
	}
	hits, n := 0, len(h.a)+len(h.b)
	for i := range h.a {
		if h.a[i] <= 0 {
			hits++
		}
		if h.b[i] > 0 {
			hits++
		}
	}
	w, err := inference.Wilson(hits, n)
	if err != nil {
		return metrics.Result{}, err
	}
	p := binomialTail(hits, n)
	r.Value, r.Interval, r.P, r.Method = w.Estimate, []float64{w.Low, w.High}, &p, "exact binomial"
	return r, nil
}

// heldOut are the logits of B for held-out rows of A and as many of B.
type heldOut struct{ a, b []float64 }

// holdOut balances the domains, fits the classifier on one half of the rows and scores the other. The
// result is Degenerate, value 0, where all training rows are equal.
func holdOut(name string, x, y *mat.Dense, tested bool, s metrics.Settings) (heldOut, metrics.Result, error) {
	if err := metrics.CheckPair(name, x, y, probeRows, false); err != nil {
		return heldOut{}, metrics.Result{}, err
	}
	a, d := x.Dims()
	b, _ := y.Dims()
	rows := min(a, b)
	half := rows / 2
	r := start(name, rows, rows, s)
	if held := rows - half; held < fewHeldOut {
		r.Warnings = append(r.Warnings, fmt.Sprintf("%d held-out rows of a domain, fewer than %d", held, fewHeldOut))
	}
	// Training rows alternate between the domains, so that every fold is balanced.
	train, test := mat.NewDense(2*half, d, nil), mat.NewDense(2*(rows-half), d, nil)
	for domain, from := range []*mat.Dense{x, y} {
		n, _ := from.Dims()
		order := stream.Permutation(stream.New(s.Seed, "domain probe", domain), n)[:rows]
		for i, row := range order {
			if i < half {
				train.SetRow(2*i+domain, from.RawRowView(row))
			} else {
				test.SetRow(2*(i-half)+domain, from.RawRowView(row))
			}
		}
	}
	if metrics.Constant(train) {
		return heldOut{}, r.Collapse("all training rows of both samples are equal", tested), nil
	}
	lambda, err := chooseLambda(train)
	if err != nil {
		return heldOut{}, r, fmt.Errorf("metrics: %s: %w", name, err)
	}
	logits, err := probe(train, test, []float64{lambda})
	if err != nil {
		return heldOut{}, r, fmt.Errorf("metrics: %s: %w", name, err)
	}
	var h heldOut
	for i, z := range logits[0] {
		if i%2 == 0 {
			h.a = append(h.a, z)
		} else {
			h.b = append(h.b, z)
		}
	}
	return h, r, nil
}

// chooseLambda returns the penalty of least held-out log loss over five folds.
func chooseLambda(train *mat.Dense) (float64, error) {
	n, d := train.Dims()
	losses := make([]float64, len(lambdas))
	for fold := range probeFolds {
		var in, out []int
		for i := range n {
			if (i/2)%probeFolds == fold {
				out = append(out, i)
			} else {
				in = append(in, i)
			}
		}
		take := func(rows []int) *mat.Dense {
			m := mat.NewDense(len(rows), d, nil)
			for i, r := range rows {
				m.SetRow(i, train.RawRowView(r))
			}
			return m
		}
		// Rows are taken in pairs of one of each domain, so parity still tells it.
		logits, err := probe(take(in), take(out), lambdas)
		if err != nil {
			return 0, err
		}
		for l := range lambdas {
			for i, z := range logits[l] {
				losses[l] += softplus(z * float64(1-2*(i%2)))
			}
		}
	}
	best := slices.Index(losses, slices.Min(losses))
	return lambdas[best], nil
}

// probe fits A (even rows) against B (odd rows) for each penalty in turn, each from the
// one before, and returns the logits of B for the test rows.
func probe(train, test *mat.Dense, penalties []float64) ([][]float64, error) {
	scale := zscore.Learn(train)
	if len(scale.Columns) == 0 {
		return nil, fmt.Errorf("no column varies over the training rows")
	}
	x, z := scale.Apply(train), scale.Apply(test)
	n, _ := x.Dims()
	m, _ := z.Dims()
	y := make([]int, n)
	for i := range y {
		y[i] = i % 2
	}
	var model *logistic.Model
	ready := logistic.Prepare(x)
	logits := make([][]float64, len(penalties))
	for l, lambda := range penalties {
		var err error
		// One row of weights under lambda is two rows under twice that.
		model, err = ready.Fit(y, 2, logistic.Settings{Lambda: 2 * lambda, Tolerance: probeTolerance, Start: model})
		if err != nil {
			return nil, err
		}
		both := model.Logits(z)
		for i := range m {
			logits[l] = append(logits[l], both.At(i, 1)-both.At(i, 0))
		}
	}
	return logits, nil
}

// softplus is ln(1 + e^z) without overflow.
func softplus(z float64) float64 { return math.Max(z, 0) + math.Log1p(math.Exp(-math.Abs(z))) }

// binomialTail is P(Bin(n, 1/2) >= k).
func binomialTail(k, n int) float64 {
	if k == 0 {
		return 1
	}
	return mathext.RegIncBeta(float64(k), float64(n-k+1), 0.5)
}

func init() {
	invariant := []string{"translation", "scale"}
	metrics.Measures.Add("domain-probe", metrics.Descriptor{
		Name: "domain-probe", Kind: metrics.Discrepancy, Unit: "1", Range: [2]float64{0, 1}, Better: metrics.LowerIsBetter,
		Doc:       "held-out accuracy of logistic regression that tells the domains apart; 0.5 is chance",
		Invariant: invariant, Cost: "26 logistic fits of (m+n)/2 rows", MinRows: probeRows,
		Citation: "Lopez-Paz and Oquab, Revisiting classifier two-sample tests, ICLR 2017", Compute: DomainProbe,
	})
	metrics.Measures.Add("a-distance", metrics.Descriptor{
		Name: "a-distance", Kind: metrics.Discrepancy, Unit: "1", Range: [2]float64{0, 2}, Better: metrics.LowerIsBetter,
		Doc:       "proxy A-distance 2(1 - 2e) with the held-out error e of a linear domain classifier",
		Invariant: invariant, Cost: "26 logistic fits of (m+n)/2 rows", MinRows: probeRows,
		Citation: "Ben-David et al., Analysis of representations for domain adaptation, NIPS 2007", Compute: ADistance,
	})
}

// probeTolerance ends a fit whose predictions are all that is used: its last step moved no logit of a training row by
// more, so that a prediction may only differ from the optimum's where the probabilities are within 5e-5 of one half.
const probeTolerance = 1e-4
