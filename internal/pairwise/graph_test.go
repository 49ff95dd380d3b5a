package pairwise

import (
	"math"
	"testing"

	"github.com/venn-adapt/venn/internal/toy"
)

// Three rows at 0, 1 and 3, one neighbour each: edges 0-1 (both ways) and 1-3; 0.5 weighs 1/2 of the squared
// distance: 1 and 1/4. Degrees 1, 5/4, 1/4.
func TestNeighbourGraph(t *testing.T) {
	x := toy.Column(0, 1, 3)
	weight := func(squared float64) float64 { return 1 / squared }
	g := Graph(Nearest(x, x, 2), 1, weight)
	want := [][]Edge{{{1, 1 / math.Sqrt(1.25)}}, {{0, 1 / math.Sqrt(1.25)}, {2, 0.25 / math.Sqrt(1.25*0.25)}}, {{1, 0.25 / math.Sqrt(1.25*0.25)}}}
	for i, row := range want {
		if len(g[i]) != len(row) {
			t.Fatalf("row %d: %v, want %v", i, g[i], row)
		}
		for k, e := range row {
			if g[i][k].Column != e.Column || !(math.Abs(g[i][k].Weight-e.Weight) <= 1e-12) {
				t.Errorf("row %d: %v, want %v", i, g[i], row)
			}
		}
	}
	g = Graph(Nearest(x, x, 3), 2, func(squared float64) float64 {
		if squared < 2 {
			return 1
		}
		return 0
	})
	if len(g[0]) != 1 || len(g[2]) != 0 || g[0][0] != (Edge{1, 1}) {
		t.Errorf("a row without weight: %v", g)
	}
}

// Of three equal rows the third has the first two before itself in its list: one neighbour counts.
func TestNeighbourGraphOfEqualRows(t *testing.T) {
	x := toy.Column(5, 5, 5)
	g := Graph(Nearest(x, x, 2), 1, func(float64) float64 { return 1 })
	if len(g[0]) != 2 || len(g[1]) != 1 || len(g[2]) != 1 || g[1][0].Column != 0 || g[2][0].Column != 0 {
		t.Errorf("%v", g)
	}
}
