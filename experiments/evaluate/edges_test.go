package evaluate

import (
	"testing"

	"github.com/venn-adapt/venn/models"
)

// The second block stands right of the first, row by row; a mixture is row by row and place
// by place.
func TestBesideAndMix(t *testing.T) {
	x := &models.Block{Role: models.SeparateA, N: 2, D: 2, Channels: 1, Data: []float32{1, 2, 3, 4}}
	y := &models.Block{N: 2, D: 3, Channels: 3, Data: []float32{5, 6, 7, 8, 9, 10}}
	equal(t, "beside", *beside(x, y), "{ 2 5 4 [1 2 5 6 7 3 4 8 9 10]}")
	z := &models.Block{N: 2, D: 2, Channels: 1, Data: []float32{5, 6, 7, 0}}
	equal(t, "mix", *models.Mix(x, z, 0.25), "{separate-a 2 2 1 [2 3 4 3]}")
}

// A column that does not vary has no say; a row at the centre is like nothing.
func TestCosineByHand(t *testing.T) {
	zero := []float64{0, 0}
	closeTo(t, "about the origin", cosine([]float32{3, 4}, []float32{4, 3}, zero, nil), 24./25, 1e-12)
	closeTo(t, "about a centre", cosine([]float32{3, 4}, []float32{1, 2}, []float64{2, 3}, nil), -1, 1e-12)
	closeTo(t, "over a scale", cosine([]float32{6, 4}, []float32{8, 3}, zero, []float64{2, 1}), 24./25, 1e-12)
	closeTo(t, "of a column that does not vary", cosine([]float32{5, 2}, []float32{-7, 4}, zero, []float64{0, 1}), 1, 1e-12)
	closeTo(t, "at the centre", cosine([]float32{5, 2}, []float32{1, 1}, []float64{5, 2}, nil), 0, 0)
}

func TestTurnedAndDistinct(t *testing.T) {
	closeTo(t, "turned", turned([]float32{0.9, 0.5, 0.2, 0.6}, []float32{0.6, 0.51, 0.1, 0.4}), 0.5, 0)
	equal(t, "distinct", distinct([]int{3, 1, 3, 3, 2}), 3)
}

// A pixel differs by more than the bound, in either direction; the L1 is over the mask.
func TestDifferent(t *testing.T) {
	equal(t, "different", different([]float32{0, 0, 0.5, 0.5}, []float32{0.25, 0.5, 0, 0.25}, 0.25), "[false true true false]")
	closeTo(t, "masked", maskedL1([]float32{0, 1, 5}, []float32{0.5, 0, 0}, []bool{true, true, false}), 0.75, 0)
	closeTo(t, "nothing", maskedL1([]float32{1}, []float32{0}, []bool{false}), 0, 0)
}
