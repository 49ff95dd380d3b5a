package discrepancy

import (
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/internal/rows"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/metrics"
)

// polynomial is the kernel (x.y/d + 1)^3 less 1, which cancels between the three means: features far below 1 keep
// their digits.
type polynomial struct {
	d    int
	data []float64
}

func (p polynomial) tile(dst []float64, i0, i1, j0, j1 int) {
	rows, cols := i1-i0, j1-j0
	dst = dst[:rows*cols]
	a, b := kernels.Dense(rows, p.d, p.data[i0*p.d:i1*p.d]), kernels.Dense(cols, p.d, p.data[j0*p.d:j1*p.d])
	kernels.Gemm(kernels.Dense(rows, cols, dst), a, b.T(), false)
	for i, v := range dst {
		u := v / float64(p.d)
		dst[i] = u * (3 + u*(3+u))
	}
}

var kid = member{name: "kid", estimator: U, kernel: func(pooled *mat.Dense, _ metrics.Settings) tiler {
	_, d := pooled.Dims()
	return polynomial{d, pooled.RawMatrix().Data}
}}

const (
	kidSubsets = 100
	kidRows    = 1000
)

// KID is the unbiased squared maximum mean discrepancy with kernel (x.y/d + 1)^3, of all rows, as
// the kernel inception distance uses it: comparable only between features of one fixed
// network, and between sample sizes, which the Frechet distance is not. Parts are the mean and the
// standard deviation (n) over 100 subsets of up to 1000 rows, drawn from the stream
// (seed, kid): that deviation is not a standard error of the mean. Test, errors, edge cases
// and cost as MMD.
//
// M. Binkowski et al., "Demystifying MMD GANs" (2018).
func KID(x, y *mat.Dense, s metrics.Settings) (metrics.Result, error) {
	r, err := kid.measure(x, y, s)
	if err != nil || r.Degenerate {
		return r, err
	}
	m, _ := x.Dims()
	n, _ := y.Dims()
	size := min(kidRows, m, n)
	var values []float64
	for k := range kidSubsets {
		a := rows.Take(x, stream.Permutation(stream.New(s.Seed, "kid", "x", k), m)[:size])
		b := rows.Take(y, stream.Permutation(stream.New(s.Seed, "kid", "y", k), n)[:size])
		v, err := kid.measure(a, b, metrics.Settings{})
		if err != nil {
			return r, err
		}
		values = append(values, v.Value)
		if size == m && size == n {
			break // every subset is the whole
		}
	}
	mean, variance := stat.PopMeanVariance(values, nil)
	r.Parts = []metrics.Part{{Name: "mean over subsets", Value: mean}, {Name: "deviation over subsets", Value: math.Sqrt(variance)}}
	return r.Finish()
}

// KIDOf is the value of KID, without test and subsets. Errors as KID.
func KIDOf(x, y *mat.Dense) (float64, error) {
	r, err := kid.measure(x, y, metrics.Settings{})
	return r.Value, err
}

func init() {
	describe(metrics.Descriptor{Name: "kid", Doc: "kernel inception distance form: unbiased discrepancy with a cubic kernel, of features of one fixed network", Unit: "1",
		Range: [2]float64{math.Inf(-1), math.Inf(1)}, Invariant: []string{"row order", "rotation"}, Cost: pooledCost + "; 100 subsets of 1000 rows", Citation: "Binkowski et al., Demystifying MMD GANs, ICLR 2018",
		MinRows: 2, Compute: KID})
}
