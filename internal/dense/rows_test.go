package dense

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/toy"
)

// Gram matrices of more columns than a block, both ways, entry by entry.
func TestGramBlocks(t *testing.T) {
	x := toy.Random(1, 3, gramBlock+5)
	g, rows := Gram(x, true), Gram(x, false)
	for _, at := range [][2]int{{0, 0}, {3, gramBlock}, {gramBlock, 3}, {gramBlock + 4, gramBlock + 1}, {gramBlock - 1, gramBlock}, {gramBlock + 2, 0}} {
		var want float64
		for i := range 3 {
			want += x.At(i, at[0]) * x.At(i, at[1])
		}
		if got := g.At(at[0], at[1]); !(math.Abs(got-want) <= 1e-9*(1+math.Abs(want))) {
			t.Errorf("columns %v: %v, want %v", at, got, want)
		}
	}
	for a := range 3 {
		for b := range 3 {
			var want float64
			for j := range gramBlock + 5 {
				want += x.At(a, j) * x.At(b, j)
			}
			if !(math.Abs(rows.At(a, b)-want) <= 1e-9*math.Abs(want)) {
				t.Errorf("rows %d, %d: %v, want %v", a, b, rows.At(a, b), want)
			}
		}
	}
	tall := Gram(mat.DenseCopyOf(x.T()), false)
	if !mat.EqualApprox(tall, g, 1e-6) {
		t.Error("rows of the transposed matrix are its columns")
	}
}

// A whole block of columns.
func TestGramOfOneBlock(t *testing.T) {
	x := toy.Random(2, 1, gramBlock)
	g := Gram(x, true)
	for _, at := range [][2]int{{0, 0}, {gramBlock - 1, gramBlock - 1}, {5, gramBlock - 1}} {
		if want := x.At(0, at[0]) * x.At(0, at[1]); !(math.Abs(g.At(at[0], at[1])-want) <= 1e-9*math.Abs(want)) {
			t.Errorf("%v: %v, want %v", at, g.At(at[0], at[1]), want)
		}
	}
}

func TestUnitRows(t *testing.T) {
	x := mat.NewDense(3, 2, []float64{3, 4, 0, 0, 0, -2})
	if got := UnitRows(x); !mat.EqualApprox(got, mat.NewDense(3, 2, []float64{0.6, 0.8, 0, 0, 0, -1}), 1e-15) || x.At(0, 0) != 3 {
		t.Errorf("%v", mat.Formatted(got))
	}
}
