package independence

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/internal/zscore"
	"github.com/venn-adapt/venn/metrics"
)

// mostColumns is the widest block for nearest neighbours and canonical correlations; wider ones
// are projected to as many principal components.
const mostColumns = 10

// noise is the share of a unit spread that breaks ties.
const noise = 1e-10

// Prepare z-scores the columns of a block, drops constant ones, projects more than 10 to their
// first 10 principal components, of these same rows, and, where ties must be broken, adds normal noise
// of 1e-10 from the stream (seed, ties, name). Where they must be seen, columns of values at equal steps (counts, in
// any unit) keep differences that are exact: rounding parts none that are equal. notes say what was dropped and
// projected.
func Prepare(x *mat.Dense, breakTies bool, seed uint64, name string) (out *mat.Dense, notes []string, err error) {
	scale := zscore.Learn(x)
	if len(scale.Columns) == 0 {
		return nil, nil, fmt.Errorf("no column varies")
	}
	if d := scale.Dropped(); d > 0 {
		notes = append(notes, fmt.Sprintf("%s: %d constant columns left out", name, d))
	}
	out = scale.Apply(x)
	n, d := out.Dims()
	projected := d > mostColumns
	if projected {
		if out, err = project(out, mostColumns); err != nil {
			return nil, nil, err
		}
		notes = append(notes, fmt.Sprintf("%s: %d columns projected to %d principal components of the same rows", name, d, mostColumns))
		d = mostColumns
	}
	if !breakTies && !projected {
		for k, j := range scale.Columns {
			if column, ok := exactly(mat.Col(nil, j, x)); ok {
				out.SetCol(k, column)
			}
		}
	}
	if breakTies {
		r := stream.New(seed, "ties", name)
		for i := range n {
			row := out.RawRowView(i)
			for j := range row {
				row[j] += noise * r.NormFloat64()
			}
		}
	}
	return out, notes, nil
}

// exactly scales the places of values at equal steps to a unit spread, of float32, so that products and their
// differences are exact; columns of the same counts get the same scale.
func exactly(values []float64) ([]float64, bool) {
	places, ok := metrics.Lattice(values)
	if !ok {
		return nil, false
	}
	var sum, squares int
	for _, p := range places {
		sum, squares = sum+p, squares+p*p
	}
	n := len(places)
	scale := float64(float32(float64(n) / math.Sqrt(float64(n*squares-sum*sum))))
	out := make([]float64, n)
	for i, p := range places {
		out[i] = scale * float64(p)
	}
	return out, true
}

// project takes centred rows to their first principal components, each with the sign that makes its
// largest loading positive.
func project(x *mat.Dense, components int) (*mat.Dense, error) {
	n, d := x.Dims()
	var svd mat.SVD
	if d <= n { // the right singular vectors from the smaller Gram matrix
		var gram mat.SymDense
		gram.SymOuterK(1, x.T())
		var e mat.EigenSym
		if !e.Factorize(&gram, true) {
			return nil, fmt.Errorf("principal components of %d x %d did not converge", n, d)
		}
		var v mat.Dense
		e.VectorsTo(&v)
		return scores(x, v.Slice(0, d, d-components, d).(*mat.Dense), true), nil
	}
	if !svd.Factorize(x, mat.SVDThinV) {
		return nil, fmt.Errorf("principal components of %d x %d did not converge", n, d)
	}
	var v mat.Dense
	svd.VTo(&v)
	_, k := v.Dims()
	return scores(x, v.Slice(0, d, 0, min(k, components)).(*mat.Dense), false), nil
}

func scores(x, loadings *mat.Dense, ascending bool) *mat.Dense {
	d, k := loadings.Dims()
	ordered := mat.NewDense(d, k, nil)
	for j := range k {
		from := j
		if ascending {
			from = k - 1 - j
		}
		largest := 0.0
		for i := range d {
			if v := loadings.At(i, from); math.Abs(v) > math.Abs(largest) {
				largest = v
			}
		}
		for i := range d {
			ordered.Set(i, j, loadings.At(i, from)*math.Copysign(1, largest))
		}
	}
	var out mat.Dense
	out.Mul(x, ordered)
	return &out
}
