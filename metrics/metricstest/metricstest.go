// Package metricstest checks what measures promise. Measure takes one by its descriptor
// and returns every violation at once, joined; nil where it keeps all. A test of an
// extension calls it:
//
//	if err := metricstest.Measure(descriptor, metricstest.Options{}); err != nil {
//		t.Error(err)
//	}
package metricstest

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/metrics"
)

// Options are allowances; the zero value grants none.
type Options struct {
	// Collapsed is the value of a block in which all rows are equal.
	Collapsed float64
	// Weak is the reason why the measure's test may miss the walk's clear case; empty: it
	// may not.
	Weak string
}

// Measure checks that a descriptor is complete and, of measures of matrices, that it
// refuses what it cannot measure in one line that says what and where, and takes the fewest
// rows that it asks for; tells a collapsed
// block; leaves its inputs as they are; stays in its range, also with more columns than
// rows and with rows that come twice; is invariant to what it says; gives the same bytes
// whatever the number of threads; and finds the clear case and not its absence. Of
// disentanglement measures: that a code that is the factors scores in the better direction
// of one that is noise.
func Measure(m metrics.Descriptor, o Options) error {
	r := &report{m: m, o: o}
	r.descriptor()
	if m.Compute == nil {
		if m.Kind != metrics.Classification && m.Kind != metrics.Image && m.Kind != metrics.Correctness {
			r.addf("no Compute")
		}
		return errors.Join(r.errs...)
	}
	r.guard("refusing", r.refuses)
	r.guard("the fewest rows", r.fewest)
	r.guard("another number of threads", r.threads)
	if m.Kind == metrics.Disentanglement {
		r.guard("known codes", r.codes)
		return errors.Join(r.errs...)
	}
	r.guard("a collapsed block", r.collapses)
	r.guard("a sound case", r.sound)
	r.guard("wide and repeated rows", r.wide)
	r.guard("a change that it is invariant to", r.invariances)
	r.guard("clear cases", r.clear)
	return errors.Join(r.errs...)
}

// A report collects violations of one measure.
type report struct {
	m    metrics.Descriptor
	o    Options
	errs []error
}

func (r *report) addf(format string, args ...any) {
	r.errs = append(r.errs, fmt.Errorf("metricstest: %s: %s", r.m.Name, fmt.Sprintf(format, args...)))
}

// guard turns a panic into a violation.
func (r *report) guard(what string, do func()) {
	defer func() {
		if p := recover(); p != nil {
			r.addf("%s: panics: %v", what, p)
		}
	}()
	do()
}

// run computes, and notes an error.
func (r *report) run(what string, x, y *mat.Dense, s metrics.Settings) (metrics.Result, bool) {
	res, err := r.m.Compute(x, y, s)
	if err != nil {
		r.addf("%s: %v", what, err)
	}
	return res, err == nil
}

// Invariances are the changes that a descriptor may say its measure does not see.
var Invariances = []string{"row order", "translation", "rotation", "scale"}

func (r *report) descriptor() {
	m := r.m
	if m.Name == "" || m.Doc == "" || strings.Contains(m.Doc, "\n") || m.Unit == "" || m.Cost == "" || m.MinRows < 1 || !(m.Range[0] < m.Range[1]) {
		r.addf("an incomplete descriptor: want a name, one line of doc, unit, range, cost and the fewest rows")
	}
	if m.Kind != metrics.Classification && m.Kind != metrics.Image && m.Citation == "" {
		r.addf("no citation")
	}
	for _, to := range m.Invariant {
		if !slices.Contains(Invariances, to) {
			r.addf("invariant to %q, want one of %s", to, strings.Join(Invariances, ", "))
		}
	}
}

// inRange notes a result that is no value of the measure.
func (r *report) inRange(what string, res metrics.Result) {
	m := r.m
	if math.IsNaN(res.Value) || res.Value < m.Range[0]-1e-9 || res.Value > m.Range[1]+1e-9 {
		r.addf("%s: value %v outside %v", what, res.Value, m.Range)
	}
	if res.P != nil && !(*res.P > 0 && *res.P <= 1 && res.Method != "") {
		r.addf("%s: p %v by %q, want one in (0, 1] and its test", what, *res.P, res.Method)
	}
}

// normal is n x d of standard normal draws.
func normal(n, d int, purpose ...any) *mat.Dense {
	r := stream.New(5, purpose...)
	x := mat.NewDense(n, d, nil)
	x.Apply(func(_, _ int, _ float64) float64 { return r.NormFloat64() }, x)
	return x
}

// labelled says that the last column of both samples holds labels.
func (r *report) labelled() bool { return r.m.Labels && r.m.Kind == metrics.Discrepancy }

// pair draws two blocks: dependent pairs, samples that are apart, or noisy codes of
// factors, with labels where the measure takes them.
func (r *report) pair(n int, purpose ...any) (x, y *mat.Dense) {
	g := stream.New(5, append(purpose, "y")...)
	x = normal(n, 3, purpose...)
	switch {
	case r.m.Kind == metrics.Discrepancy:
		y = mat.NewDense(n+4, 3, nil)
		y.Apply(func(_, j int, _ float64) float64 { return 2*g.NormFloat64() + float64(j) }, y)
		if r.labelled() {
			return withLabels(x), withLabels(y)
		}
	case r.m.Kind == metrics.Disentanglement:
		y = factors(n)
		for i := range n {
			x.SetRow(i, []float64{y.At(i, 0) + g.NormFloat64()/2, y.At(i, 1) + g.NormFloat64()/2, g.NormFloat64()})
		}
	case r.m.Labels:
		y = mat.NewDense(n, 1, nil)
		for i := range n {
			y.Set(i, 0, math.Round(math.Max(-1, math.Min(1, x.At(i, 0)))))
		}
	default:
		y = mat.NewDense(n, 2, nil)
		for i := range n {
			y.SetRow(i, []float64{x.At(i, 0) + g.NormFloat64()/2, g.NormFloat64()})
		}
	}
	return x, y
}

// factors are two factors of 3 and 4 levels in every combination, over and over.
func factors(n int) *mat.Dense {
	y := mat.NewDense(n, 2, nil)
	for i := range n {
		y.SetRow(i, []float64{float64(i % 3), float64(i / 3 % 4)})
	}
	return y
}

func withLabels(x *mat.Dense) *mat.Dense {
	n, d := x.Dims()
	out := mat.NewDense(n, d+1, nil)
	for i := range n {
		copy(out.RawRowView(i), x.RawRowView(i))
		out.Set(i, d, float64(i%3))
	}
	return out
}

func constantLike(x *mat.Dense) *mat.Dense {
	out := mat.DenseCopyOf(x)
	out.Apply(func(_, _ int, _ float64) float64 { return 3 }, out)
	return out
}
