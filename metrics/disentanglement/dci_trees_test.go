package disentanglement

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/reference"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/metrics"
)

// Two codes of two factors of two levels. Where each code is one factor, trees find the one column of each. Where
// one column holds both factors and the other none, completeness is one and disentanglement is that of equal
// importances (late trees fit noise, which costs a tenth); where both columns are needed for the exclusive or of
// the levels, a Lasso sees nothing and trees do.
func TestDCITrees(t *testing.T) {
	r := stream.New(9, "dci trees")
	const n = 800
	own, joint, either := mat.NewDense(n, 2, nil), mat.NewDense(n, 2, nil), mat.NewDense(n, 2, nil)
	table, xor := mat.NewDense(n, 2, nil), mat.NewDense(n, 1, nil)
	for i := range n {
		a, b := float64(r.IntN(2)), float64(r.IntN(2))
		table.SetRow(i, []float64{a, b})
		xor.Set(i, 0, math.Abs(a-b))
		own.SetRow(i, []float64{a + 0.1*r.NormFloat64(), b + 0.1*r.NormFloat64()})
		joint.SetRow(i, []float64{2*a + b + 0.1*r.NormFloat64(), r.NormFloat64()})
		either.SetRow(i, []float64{a + 0.1*r.NormFloat64(), b + 0.1*r.NormFloat64()})
	}
	parts := func(codes, table *mat.Dense) (disentanglement, completeness, accuracy float64) {
		v := reference.Must[metrics.Result](t)(DCITrees(codes, table, none))
		return v.Value, v.Parts[0].Value, v.Parts[1].Value
	}
	if d, c, acc := parts(own, table); d < 0.9 || c < 0.9 || acc < 0.99 {
		t.Errorf("a column a factor: %v, %v, accuracy %v", d, c, acc)
	}
	if d, c, acc := parts(joint, table); d > 0.1 || c < 0.8 || acc < 0.98 {
		t.Errorf("a column for both factors: %v, %v, accuracy %v", d, c, acc)
	}
	if _, c, acc := parts(either, xor); c > 0.2 || acc < 0.97 {
		t.Errorf("exclusive or: completeness %v, accuracy %v", c, acc)
	}
	if v := reference.Must[metrics.Result](t)(DCI(either, xor, none)).Parts[1].Value; v < 0.95 {
		t.Errorf("exclusive or by Lasso: error %v, want about 1", v)
	}
}
