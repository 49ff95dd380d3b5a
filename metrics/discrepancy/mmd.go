// Package discrepancy measures how far apart two unpaired samples are, one from
// each domain: x (m x d) from A and y (n x d) from B.
package discrepancy

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/pairwise"
	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/metrics"
)

// An Estimator says how a mean within a sample treats a row paired with itself.
type Estimator int

// The estimators.
const (
	V Estimator = iota // keeps it: biased upwards, never below zero, from 1 row
	U                  // leaves it out: unbiased, may fall below zero, from 2 rows
)

// A Kernel is a mean of Gaussian kernels exp(-|x-x'|^2 / (2 c s^2)).
type Kernel struct {
	// Width is s, in the unit of the features; 0: the median of the pooled distances.
	Width float64
	// Variances are the factors c, above zero; nil: the single factor 1.
	Variances []float64
}

// Several are the factors of the multi-kernel measures.
var Several = []float64{0.25, 0.5, 1, 2, 4}

// MaxRows is the most rows that both samples may have together: the pooled kernel
// matrix takes at most 512 MiB.
const MaxRows = 8192

// MMD estimates the squared maximum mean discrepancy E k(a,a') + E k(b,b') - 2 E
// k(a,b), dimensionless, zero in the population exactly when the two distributions
// are equal: V with its diagonal, in [0, 2]; U without, which may be negative.
//
// The p-value is that of permuting the pooled rows between the domains. Pooled rows
// that are all equal give 0, p = 1 and Degenerate. It fails on unequal widths, too few
// or, with more than MaxRows together, too many rows, values that are not finite, and
// a width or factor that is not a positive number. Time O((m+n)^2 (d + permutations)),
// memory 8 (m+n)^2 bytes.
//
// A. Gretton et al., "A kernel two-sample test", JMLR 13 (2012), equations 3 and 5.
func MMD(x, y *mat.Dense, e Estimator, k Kernel, s metrics.Settings) (metrics.Result, error) {
	name := k.name(e)
	m, d := x.Dims()
	n, _ := y.Dims()
	if e != U && e != V {
		return metrics.Result{}, fmt.Errorf("metrics: mmd2: unknown estimator %d", e)
	}
	if m+n > MaxRows {
		return metrics.Result{}, fmt.Errorf("metrics: %s: %d rows together need a matrix of %d MiB; at most %d rows: draw subsamples", name, m+n, 8*(m+n)*(m+n)>>20, MaxRows)
	}
	if err := metrics.CheckPair(name, x, y, 1+int(e), false); err != nil {
		return metrics.Result{}, err
	}
	if err := k.check(name); err != nil {
		return metrics.Result{}, err
	}
	r := newResult(name, m, n, s)
	pooled := mat.NewDense(m+n, d, nil)
	pooled.Stack(x, y)
	if metrics.Constant(pooled) {
		return r.Collapse(s, "all rows of both samples are equal"), nil
	}
	g, ok := k.matrix(pooled, s.Seed)
	if !ok {
		return r.Collapse(s, "all rows of both samples are equal"), nil
	}
	sums := make([]float64, m+n)
	for i := range sums {
		sums[i] = floats.Sum(g[i*(m+n) : (i+1)*(m+n)])
	}
	first := make([]int, m)
	for i := range first {
		first[i] = i
	}
	permutations, method := metrics.Permutations(m+n, s, name)
	values, scale := split(g, sums, append([][]int{first}, permutations...), m, n, e)
	r.Value = values[0]
	if math.IsNaN(r.Value) {
		return metrics.Result{}, fmt.Errorf("metrics: %s: the value is NaN: the features are too large, scale them", name)
	}
	r.Test(r.Value, values[1:], metrics.TieTolerance*scale, method)
	return r, nil
}

// batch is how many divisions of the rows share a pass over the kernel matrix.
const batch = 64

// split computes the statistic for each division of the pooled rows, given as the rows
// of the first sample, from block sums of g = k - 1: with e the rows' indicator, s_aa =
// e'ge, s_ab = e'g1 - s_aa, s_bb = 1'g1 - 2 e'g1 + s_aa. The constant 1 cancels between
// the three means. It also returns the sum of the first division's terms in size.
func split(g, sums []float64, divisions [][]int, m, n int, e Estimator) (values []float64, scale float64) {
	all := m + n
	total, fm, fn := floats.Sum(sums), float64(m), float64(n)
	matrix := blas64.General{Rows: all, Cols: all, Stride: all, Data: g}
	for lot := range slices.Chunk(divisions, batch) {
		of := blas64.General{Rows: len(lot), Cols: all, Stride: all, Data: make([]float64, len(lot)*all)}
		by := blas64.General{Rows: len(lot), Cols: all, Stride: all, Data: make([]float64, len(lot)*all)}
		for b, rows := range lot {
			for _, i := range rows[:m] {
				of.Data[b*all+i] = 1
			}
		}
		blas64.Gemm(blas.NoTrans, blas.Trans, 1, of, matrix, 0, by) // g is symmetric
		for b := range lot {
			indicator := of.Data[b*all : (b+1)*all]
			aa, margin := floats.Dot(indicator, by.Data[b*all:(b+1)*all]), floats.Dot(indicator, sums)
			ab, bb := margin-aa, total-2*margin+aa
			terms := [3]float64{aa / (fm * (fm - float64(e))), bb / (fn * (fn - float64(e))), -2 * ab / (fm * fn)}
			if len(values) == 0 {
				scale = math.Abs(terms[0]) + math.Abs(terms[1]) + math.Abs(terms[2])
			}
			values = append(values, terms[0]+terms[1]+terms[2])
		}
	}
	return values, scale
}

// matrix is k - 1 for all pairs of pooled rows, false when no width exists.
func (k Kernel) matrix(pooled *mat.Dense, seed uint64) ([]float64, bool) {
	g := pairwise.Squared(pooled)
	n, _ := pooled.Dims()
	width := k.Width
	if width == 0 {
		width = pairwise.Median(pooled, g, seed)
	}
	if width == 0 {
		return nil, false
	}
	factors := k.Variances
	if factors == nil {
		factors = []float64{1}
	}
	parallel.For(n, func(i int) {
		row := g[i*n : (i+1)*n]
		for j, d2 := range row {
			var sum float64
			for _, c := range factors {
				sum += math.Expm1(-d2 / (2 * c * width * width))
			}
			row[j] = sum / float64(len(factors))
		}
	})
	return g, true
}

func (k Kernel) name(e Estimator) string {
	name := "mmd2"
	if len(k.Variances) > 1 {
		name += "-multi"
	}
	if e == U {
		name += "-unbiased"
	}
	return name
}

func (k Kernel) check(name string) error {
	if !(k.Width >= 0) || math.IsInf(k.Width, 1) {
		return fmt.Errorf("metrics: %s: kernel width %v, want a number above 0, or 0 for the median", name, k.Width)
	}
	for _, c := range k.Variances {
		if !(c > 0) || math.IsInf(c, 1) {
			return fmt.Errorf("metrics: %s: kernel variance factor %v, want a number above 0", name, c)
		}
	}
	return nil
}

// newResult starts a result; N counts the rows of both samples.
func newResult(name string, m, n int, s metrics.Settings) metrics.Result {
	r := metrics.Result{Name: name, N: m + n, Seed: s.Seed}
	if min(m, n) < metrics.FewRows {
		r.Warnings = append(r.Warnings, fmt.Sprintf("%d and %d rows, fewer than %d in a sample", m, n, metrics.FewRows))
	}
	return r
}

func init() {
	for _, e := range []Estimator{V, U} {
		for _, k := range []Kernel{{}, {Variances: Several}} {
			d := metrics.Descriptor{
				Name: k.name(e), Kind: metrics.Discrepancy, Unit: "1", Better: metrics.LowerIsBetter,
				Doc:       "squared maximum mean discrepancy, ",
				Range:     [2]float64{0, 2},
				Invariant: []string{"row order", "translation", "rotation", "scale"},
				Cost:      "time (m+n)^2 (d + permutations), memory 8 (m+n)^2 bytes",
				Citation:  "Gretton et al., A kernel two-sample test, JMLR 2012",
				MinRows:   1 + int(e),
				Compute: func(x, y *mat.Dense, s metrics.Settings) (metrics.Result, error) {
					return MMD(x, y, e, k, s)
				},
			}
			if e == U {
				d.Range[0] = -2
				d.Doc += "unbiased, "
			} else {
				d.Doc += "biased, "
			}
			if k.Variances == nil {
				d.Doc += "Gaussian kernel of median width"
			} else {
				d.Doc += "mean of five Gaussian kernels of 1/4 to 4 times the median variance"
			}
			metrics.Measures.Add(d.Name, d)
		}
	}
}
