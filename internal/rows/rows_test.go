package rows

import (
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
)

func TestRows(t *testing.T) {
	x := mat.NewDense(3, 2, []float64{1, 2, 3, 4, 5, 6})
	if got := Take(x, []int{2, 0, 2}); !mat.Equal(got, mat.NewDense(3, 2, []float64{5, 6, 1, 2, 5, 6})) {
		t.Errorf("taken: %v", mat.Formatted(got))
	}
	if got := Ascending([]float64{3, 1, 2, 1}); !slices.Equal(got, []int{1, 3, 2, 0}) {
		t.Errorf("ascending: %v, want equal values as they come", got)
	}
	if got := All(3); !slices.Equal(got, []int{0, 1, 2}) {
		t.Errorf("all: %v", got)
	}
}
