package disentanglement

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/internal/zscore"
	"github.com/venn-adapt/venn/metrics"
)

// importanceFloor is added to importances before their logarithm.
const importanceFloor = 1e-11

// An Importance is a matrix of how much each column of code (rows) matters for each factor, and its two scores.
type Importance struct {
	Disentanglement, Completeness float64
	PerCode, PerFactor            []float64
}

// NewImportance scores a matrix of codes x factors, entries by size: disentanglement is 1 less the entropy of a
// column's importances over factors, weighted by its share of all; completeness the same over codes for each
// factor. With one factor (code) the first (second) is 1 where there is any importance. All zero gives 0.
func NewImportance(matrix *mat.Dense) Importance {
	k, m := matrix.Dims()
	var size mat.Dense
	size.Apply(func(_, _ int, v float64) float64 { return math.Abs(v) }, matrix)
	total := mat.Sum(&size)
	weigh := func(lists [][]float64) (score float64, each []float64) {
		for _, list := range lists {
			v := concentration(list)
			each = append(each, v)
			if total > 0 {
				score += floats.Sum(list) / total * v
			}
		}
		return score, each
	}
	var rows, columns [][]float64
	for i := range k {
		rows = append(rows, mat.Row(nil, i, &size))
	}
	for j := range m {
		columns = append(columns, mat.Col(nil, j, &size))
	}
	var out Importance
	out.Disentanglement, out.PerCode = weigh(rows)
	out.Completeness, out.PerFactor = weigh(columns)
	return out
}

// concentration is 1 less the entropy in the base of the length.
func concentration(list []float64) float64 {
	if len(list) == 1 {
		if list[0] > 0 {
			return 1
		}
		return 0
	}
	total := floats.Sum(list) + importanceFloor*float64(len(list))
	entropy := 0.0
	for _, v := range list {
		p := (v + importanceFloor) / total
		entropy -= p * math.Log(p)
	}
	return 1 - entropy/math.Log(float64(len(list)))
}

// DCI is the disentanglement of Eastwood and Williams, with the importances of Lasso regressions of each factor on
// all columns of the code: |w| of min |f - Zw|^2/(2n) + alpha |w|_1, codes and factors z-scored, alpha of the least
// error over ten folds. Parts are completeness and informativeness, which is the mean held-out root mean
// square error of the z-scored factors (lower is better): near 1 the code tells of no factor, and the other two
// describe the importances of noise. The numbers of levels are taken at face value. It fails as MIG does, below 20
// rows, and where a Lasso does not converge. Time O(n k m) a sweep.
//
// C. Eastwood and C. K. I. Williams, "A framework for the quantitative evaluation of
// disentangled representations" (2018).
func DCI(codes, table *mat.Dense, s metrics.Settings) (metrics.Result, error) {
	f, r, done, err := begin("dci", codes, table, probeRows, s)
	if done || err != nil {
		return r, err
	}
	scale := zscore.Learn(codes)
	z := scale.Apply(codes)
	_, width := codes.Dims()
	matrix := mat.NewDense(width, len(f.levels), nil)
	var errors []float64
	for j := range f.levels {
		y := standardised(f.levels[j])
		alpha, rmse := chooseAlpha(z, y, s.Seed)
		w, ok := lasso(z, y, alpha, nil)
		if !ok {
			return r, fmt.Errorf("metrics: dci: factor %d: the Lasso of %d columns did not converge", f.columns[j], len(w))
		}
		for i, column := range scale.Columns {
			matrix.Set(column, j, w[i])
		}
		errors = append(errors, rmse)
	}
	score := NewImportance(matrix)
	r.Value = score.Disentanglement
	r.Parts = []metrics.Part{{Name: "completeness", Value: score.Completeness}, {Name: "informativeness (error)", Value: mean(errors)}}
	f.parts(&r, score.PerFactor)
	return r.Finish()
}

func standardised(levels []int) []float64 {
	y := make([]float64, len(levels))
	for i, l := range levels {
		y[i] = float64(l)
	}
	n := float64(len(y))
	floats.AddConst(-floats.Sum(y)/n, y)
	floats.Scale(math.Sqrt(n/floats.Dot(y, y)), y)
	return y
}

const (
	lassoSweeps = 20000
	lassoStop   = 1e-10
	lassoFolds  = 10
)

// lasso minimises |y - Zw|^2/(2n) + alpha |w|_1 by coordinate descent with residual updates from start (nil: 0);
// columns need not be standardised.
func lasso(z *mat.Dense, y []float64, alpha float64, start []float64) (w []float64, ok bool) {
	n, k := z.Dims()
	columns := make([][]float64, k)
	square := make([]float64, k)
	w = make([]float64, k)
	copy(w, start)
	left := append([]float64{}, y...)
	for j := range columns {
		columns[j] = mat.Col(nil, j, z)
		square[j] = floats.Dot(columns[j], columns[j]) / float64(n)
		floats.AddScaled(left, -w[j], columns[j])
	}
	for range lassoSweeps {
		var change float64
		for j, c := range columns {
			if square[j] == 0 {
				continue
			}
			rho := floats.Dot(c, left)/float64(n) + square[j]*w[j]
			next := math.Copysign(math.Max(math.Abs(rho)-alpha, 0), rho) / square[j]
			if next != w[j] {
				floats.AddScaled(left, w[j]-next, c)
				change = math.Max(change, math.Abs(next-w[j]))
				w[j] = next
			}
		}
		if change < lassoStop {
			return w, true
		}
	}
	return w, false
}

// chooseAlpha takes the penalty, of twelve halvings from the one that leaves nothing, of the least error over ten
// folds from the stream (seed, lasso), and returns its held-out root mean square error.
func chooseAlpha(z *mat.Dense, y []float64, seed uint64) (alpha, rmse float64) {
	n, k := z.Dims()
	order := stream.Permutation(stream.New(seed, "lasso"), n)
	var top float64
	for j := range k {
		top = math.Max(top, math.Abs(floats.Dot(mat.Col(nil, j, z), y))/float64(n))
	}
	errors := make([]float64, 12)
	for fold := range lassoFolds {
		var in, out []int
		for place, i := range order {
			if place%lassoFolds == fold {
				out = append(out, i)
			} else {
				in = append(in, i)
			}
		}
		train, target := mat.NewDense(len(in), k, nil), make([]float64, len(in))
		for row, i := range in {
			train.SetRow(row, z.RawRowView(i))
			target[row] = y[i]
		}
		var w []float64
		for a := range errors {
			w, _ = lasso(train, target, top/math.Exp2(float64(a)), w) // a sweep short of 1e-10 still ranks penalties
			for _, i := range out {
				e := y[i] - floats.Dot(z.RawRowView(i), w)
				errors[a] += e * e
			}
		}
	}
	best := floats.MinIdx(errors)
	return top / math.Exp2(float64(best)), math.Sqrt(errors[best] / float64(n))
}

func init() {
	describe(metrics.Descriptor{Name: "dci", Doc: "disentanglement by the importances of Lasso regressions; parts: completeness, informativeness", Range: [2]float64{0, 1}, Invariant: []string{"translation", "scale"},
		Cost: "time n k m a sweep, 120 fits a factor", Citation: "Eastwood and Williams, A framework for the quantitative evaluation of disentangled representations, ICLR 2018", MinRows: probeRows, Compute: DCI})
}
