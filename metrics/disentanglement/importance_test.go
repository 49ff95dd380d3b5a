package disentanglement

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/reference"
)

// Importances that add up to a half: rows of one factor alone are disentangled whatever their size, an even row not at all;
// weights are the rows' shares. Of nothing at all every row is even.
func TestImportanceByHand(t *testing.T) {
	s := NewImportance(mat.NewDense(2, 2, []float64{0.25, 0, -0.125, 0.125}))
	if !(math.Abs(s.Disentanglement-0.5) <= 1e-8) || !(math.Abs(s.PerCode[0]-1) <= 1e-8) || !(math.Abs(s.PerCode[1]) <= 1e-8) {
		t.Errorf("%+v", s)
	}
	// Columns hold 3/8 and 1/8: of the first two thirds and one, of the second one code alone.
	entropy := -(2.0/3*math.Log(2.0/3) + 1.0/3*math.Log(1.0/3)) / math.Ln2
	if !(math.Abs(s.Completeness-(0.75*(1-entropy)+0.25)) <= 1e-8) || len(s.PerFactor) != 2 || !(math.Abs(s.PerFactor[1]-1) <= 1e-8) {
		t.Errorf("%+v, entropy %v", s, entropy)
	}
	if z := NewImportance(mat.NewDense(3, 2, nil)); z.Disentanglement != 0 || z.Completeness != 0 || len(z.PerCode) != 3 {
		t.Errorf("no importance: %+v", z)
	}
	if one := NewImportance(mat.NewDense(2, 1, []float64{0.5, 0})); one.PerCode[0] != 1 || one.PerCode[1] != 0 || one.Disentanglement != 1 {
		t.Errorf("one factor: %+v", one)
	}
}

// A column that is the factor wants the least penalty, one that says nothing the largest, which is its correlation.
func TestPenaltyByHand(t *testing.T) {
	y, other := make([]float64, 40), make([]float64, 40)
	for i := range y {
		y[i], other[i] = float64(i%2*2-1), float64(i/2%2*2-1)
	}
	if y[0] != -1 {
		t.Fatal(y)
	}
	alpha, rmse := chooseAlpha(mat.NewDense(40, 1, slices.Clone(y)), y, 1)
	if !(math.Abs(alpha-1.0/2048) <= 1e-12) || rmse > 1e-3 || rmse <= 0 {
		t.Errorf("the factor itself: penalty %v, error %v", alpha, rmse)
	}
	other[0] = -other[0] // a correlation of 1/20 by chance
	alpha, rmse = chooseAlpha(mat.NewDense(40, 1, other), y, 1)
	if !(math.Abs(alpha-0.05) <= 1e-12) || !(math.Abs(rmse-1) <= 0.1) {
		t.Errorf("a column of chance: penalty %v, error %v", alpha, rmse)
	}
	if got := standardised([]int{3, 5, 3, 5}); !slices.Equal(got, []float64{-1, 1, -1, 1}) {
		t.Errorf("standardised %v", got)
	}
}

// A column that does not vary has no share of the variance, and takes none away.
func TestSpreadOfAConstantColumn(t *testing.T) {
	s := reference.Must[Spread](t)(SpreadOf(mat.NewDense(3, 2, []float64{0, 5, 1, 5, 2, 5})))
	if s.EffectiveRank != 1 || s.Participation != 1 || s.TotalVariance != 1 || !math.IsInf(s.TotalCorrelation, 1) || s.Wasserstein != 0 {
		t.Errorf("%+v", s)
	}
}
