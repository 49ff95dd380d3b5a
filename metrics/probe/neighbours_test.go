package probe

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// On a line, with training rows at -4, -1, -1, 1, 1, 1, 5, 9 (k = 5): the five of distance 1 from 0 are its neighbours
// with a fifth each; from 1 the three of distance 0, and of the five places two are left to -1, -1 at distance 2. From 7
// come 5 and 9, and the three of distance 6; from -1 its two and 1, 1, 1. From 2 the three of distance 1, and of
// -1, -1 and 5 at distance 3 two thirds each. What a row counts for is its share, whatever the order of rows.
func TestNeighbourSharesOfTies(t *testing.T) {
	at := []float64{-4, -1, -1, 1, 1, 1, 5, 9}
	fifth, third := 1.0/5, 2.0/15
	for _, tt := range []struct {
		query float64
		want  []float64
	}{
		{0, []float64{0, fifth, fifth, fifth, fifth, fifth, 0, 0}},
		{1, []float64{0, fifth, fifth, fifth, fifth, fifth, 0, 0}},
		{2, []float64{0, third, third, fifth, fifth, fifth, third, 0}},
		{7, []float64{0, 0, 0, fifth, fifth, fifth, fifth, fifth}},
		{-20, []float64{fifth, fifth, fifth, third, third, third, 0, 0}},
	} {
		for _, order := range [][]int{{0, 1, 2, 3, 4, 5, 6, 7}, {7, 6, 5, 4, 3, 2, 1, 0}, {3, 1, 6, 4, 0, 7, 2, 5}} {
			x := mat.NewDense(8, 1, nil)
			for i, from := range order {
				x.Set(i, 0, at[from])
			}
			got := make([]float64, 8)
			neighbourShares(mat.NewDense(1, 1, []float64{tt.query}), x, 5, func(_, row int, share float64) { got[order[row]] += share })
			for i := range got {
				if !(math.Abs(got[i]-tt.want[i]) <= 1e-15) {
					t.Errorf("query %v, order %v: %v, want %v", tt.query, order, got, tt.want)
					break
				}
			}
		}
	}
}

// Where all training rows but one are one point, every test row there sees all of them alike: the mean of theirs.
func TestNeighboursOfCollapsedRows(t *testing.T) {
	const n = 100
	train, y, labels := mat.NewDense(n, 2, nil), make([]float64, n), make([]int, n)
	for i := range n { // sorted by class: three quarters of class 0 come first
		y[i], labels[i] = float64(i), i/75
	}
	train.Set(n-1, 0, 9)
	values, err := NeighbourValues(train, y, mat.NewDense(1, 2, nil))
	if err != nil || !(math.Abs(values[0]-49) <= 1e-12) { // mean of 0 to 98
		t.Errorf("value %v, %v: want 49", values, err)
	}
	p, err := Neighbours.Probabilities(train, labels, 2, mat.NewDense(1, 2, nil))
	if err != nil || !(math.Abs(p[0][1]-24.0/99) <= 1e-12) {
		t.Errorf("probabilities %v, %v: want 24 of 99", p, err)
	}
	same, err := NeighbourValues(mat.NewDense(4, 2, nil), []float64{1, 2, 3, 6}, mat.NewDense(1, 2, []float64{5, 5}))
	if err != nil || same[0] != 3 {
		t.Errorf("constant columns: %v, %v: want 3", same, err)
	}
}
