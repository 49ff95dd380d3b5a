package independence

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/metrics"
)

// equallyNear is the share of a squared distance by which rounding may part two that are equal, as those of whole
// numbers in another unit.
const equallyNear = 1e-9

// neighbours is the nearest other row of each row. Rows may be sorted by y, so that to take the first among equals
// would see y where x does not.
func neighbours(x *mat.Dense, seed uint64) []int {
	n, _ := x.Dims()
	out := make([]int, n)
	parallel.Blocks(n, cloudBlock, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			var equals []int
			near := math.Inf(1)
			for j := range n {
				if j == i {
					continue
				}
				switch d := squaredDistance(x.RawRowView(i), x.RawRowView(j)); {
				case d < near*(1-equallyNear):
					equals, near = append(equals[:0], j), d
				case d <= near*(1+equallyNear):
					equals = append(equals, j)
				}
			}
			if out[i] = equals[0]; len(equals) > 1 {
				out[i] = equals[stream.New(seed, "codec", i).IntN(len(equals))]
			}
		}
	})
	return out
}

func codec(nearest []int, y []float64) (value float64, ok bool) {
	r, l := ranksBothWays(y)
	n := float64(len(y))
	var above, spread float64
	for i, j := range nearest {
		above += n*min(r[i], r[j]) - l[i]*l[i]
		spread += l[i] * (n - l[i])
	}
	if spread == 0 {
		return 0, false
	}
	return above / spread, true
}

// codecMeasure is the mean over the columns of y that vary.
func codecMeasure(x, y *mat.Dense, s metrics.Settings) (metrics.Result, error) {
	const name = "codec"
	if err := metrics.CheckPair(name, x, y, 3, true); err != nil {
		return metrics.Result{}, err
	}
	n, _ := x.Dims()
	r := metrics.Start(name, n, s)
	columns := varying(y)
	if len(columns) == 0 || metrics.Constant(x) {
		return r.Collapse("all rows of a block are equal", s.Permutations > 0), nil
	}
	nearest := neighbours(x, s.Seed)
	mean := func(p []int) float64 {
		var sum float64
		permuted := make([]float64, n)
		for _, c := range columns {
			for i := range permuted {
				permuted[i] = c[i]
				if p != nil {
					permuted[i] = c[p[i]]
				}
			}
			v, _ := codec(nearest, permuted) // the column varies
			sum += v / float64(len(columns))
		}
		return sum
	}
	r.Value = mean(nil)
	r.Test(r.Value, n, s, metrics.TieTolerance, func(permutations [][]int) []float64 { return each(permutations, mean) })
	return r.Finish()
}

func init() {
	metrics.Measures.Add("codec", metrics.Descriptor{
		Name: "codec", Kind: metrics.Independence, Doc: "Azadkia and Chatterjee's coefficient: how far the columns of y are functions of x, their mean", Unit: "1",
		Range: [2]float64{-2, 1}, Better: metrics.LowerIsBetter, Invariant: []string{"row order", "translation", "scale"},
		Cost: "time n^2 p + n log n q permutations", Citation: "Azadkia and Chatterjee, A simple measure of conditional dependence, 2021", MinRows: 3, Compute: codecMeasure,
	})
}
