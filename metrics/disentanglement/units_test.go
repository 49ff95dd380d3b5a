package disentanglement

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/reference"
	"github.com/venn-adapt/venn/metrics"
)

// Whole numbers on the edges of bins are in the bin that begins there, in any unit.
func TestBinsOfWholeNumbers(t *testing.T) {
	want := []int{0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 19}
	for _, unit := range []float64{1, 0.1, 1.0 / 3, 7e5, 1e-30} {
		column := make([]float64, len(want))
		for i := range column {
			column[i] = float64(i)*unit + 3*unit
		}
		if got := binned(column); !slices.Equal(got, want) {
			t.Errorf("unit %g: %v, want %v", unit, got, want)
		}
	}
	if got := binned([]float64{0, 0.0499, 0.05, 1}); !slices.Equal(got, []int{0, 0, 1, 19}) {
		t.Errorf("about an edge: %v, want 0 0 1 19", got)
	}
}

// The squared correlation of a column that is the factor is 1, of one that is at right angles 0, in any unit; a constant
// column counts 0.
func TestSAPContinuousInAnyUnit(t *testing.T) {
	for _, unit := range []float64{1, 1e-30, 1e30} {
		codes := mat.NewDense(4, 3, []float64{
			1 * unit, 1, 5,
			1 * unit, -1, 5,
			-1 * unit, 1, 5,
			-1 * unit, -1, 5,
		})
		table := mat.NewDense(4, 1, []float64{2 * unit, 2 * unit, -2 * unit, -2 * unit})
		if r := reference.Must[metrics.Result](t)(SAPContinuous(codes, table, metrics.Settings{})); !(math.Abs(r.Value-1) <= 1e-12) {
			t.Errorf("unit %g: %v, want 1", unit, r.Value)
		}
	}
}
