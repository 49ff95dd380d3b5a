package independence

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/metrics"
)

const fewBlocks = 20 // below which the normal law of their mean is doubtful

// BlockHSIC is the mean of HSIC_U over blocks of size rows, in the random order of the stream
// (seed, blocks), with Gaussian kernels; the remaining rows are dropped. Its one-sided p-value is normal
// by the spread over blocks. size 0 takes round(sqrt(n)); 4 is the linear-time statistic, of
// very low power. Fewer than 20 blocks warn; blocks that do not spread are Degenerate. Errors
// as HSIC, and fewer than 2 blocks. Time O(n size (p + q)), memory O(n).
//
// W. Zaremba et al., "B-test: a non-parametric, low variance kernel two-sample test"
// (2013); Q. Zhang et al., "Large-scale kernel methods for independence testing" (2018).
func BlockHSIC(x, y *mat.Dense, size int, w Widths, s metrics.Settings) (metrics.Result, error) {
	name := "hsic-block"
	if size == 4 {
		name = "hsic-linear-time"
	}
	n, _ := x.Dims()
	order := stream.Permutation(stream.New(s.Seed, "blocks"), n)
	return blockHSIC(name, x, y, order, size, w, s)
}

func blockHSIC(name string, x, y *mat.Dense, order []int, size int, w Widths, s metrics.Settings) (metrics.Result, error) {
	f := Statistic{Name: name, Widths: w, Estimator: U, Test: Moments} // no matrix is kept
	if err := f.check(x, y, s); err != nil {
		return metrics.Result{}, err
	}
	n, _ := x.Dims()
	if size == 0 {
		size = max(4, int(math.Round(math.Sqrt(float64(n)))))
	}
	count := n / size
	if size < 4 || count < 2 {
		return metrics.Result{}, fmt.Errorf("metrics: %s: %d blocks of %d rows, want at least 2 of at least 4", name, count, size)
	}
	r := metrics.Start(name, n, s)
	a, b, why := f.grams(x, y, s)
	if why != "" {
		return r.Collapse(why, true), nil
	}
	values := make([]float64, count)
	parallel.For(count, func(k int) {
		rows := order[k*size : (k+1)*size]
		values[k] = newMoments(a.of(x, rows), b.of(y, rows)).covariance(U)
	})
	mean, deviation := stat.MeanStdDev(values, nil)
	if deviation == 0 {
		return r.Collapse("all blocks have one value", true), nil
	}
	if count < fewBlocks {
		r.Warnings = append(r.Warnings, fmt.Sprintf("%d blocks, fewer than %d", count, fewBlocks))
	}
	z := mean * math.Sqrt(float64(count)) / deviation
	r.Value = mean
	r.Parts = []metrics.Part{{Name: "deviation of blocks", Value: deviation}, {Name: "z", Value: z}}
	r.Approximate(distuv.UnitNormal.CDF(-z), "normal law of block means")
	return r.Finish()
}

// of is the same kernel on some rows.
func (g *gram) of(x *mat.Dense, rows []int) *gram {
	_, d := x.Dims()
	some := mat.NewDense(len(rows), d, nil)
	for i, r := range rows {
		some.SetRow(i, x.RawRowView(r))
	}
	return newGram(some, g.kernel, g.width, g.exponent, 0)
}

func init() {
	for _, d := range []struct {
		name, doc string
		size      int
	}{{"hsic-block", "mean of unbiased HSIC over blocks of sqrt(n) rows, with a normal test", 0}, {"hsic-linear-time", "mean of unbiased HSIC over blocks of 4 rows, with a normal test of low power", 4}} {
		metrics.Measures.Add(d.name, metrics.Descriptor{
			Name: d.name, Kind: metrics.Independence, Doc: d.doc, Unit: "1", Range: [2]float64{-1, 1}, Better: metrics.LowerIsBetter,
			Invariant: []string{"translation", "rotation", "scale"}, Cost: "time n times the block (p + q), memory n (p + q)", MinRows: 8,
			Citation: "Zhang, Filippi, Gretton and Sejdinovic, Large-scale kernel methods for independence testing, 2018",
			Compute: func(x, y *mat.Dense, s metrics.Settings) (metrics.Result, error) {
				return BlockHSIC(x, y, d.size, Widths{}, s)
			},
		})
	}
}
