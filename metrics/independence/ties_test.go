package independence

import (
	"math"
	"math/big"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/reference"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/metrics"
)

// mixedExactly is Mesner and Shalizi's estimate for two columns of whole numbers, each scaled to unit variance, in
// exact arithmetic: distances are compared as squares over variances, counts are whole, and psi(m) is the harmonic
// number of m-1 less a constant that cancels.
func mixedExactly(x, y []int64, k int) float64 {
	n := len(x)
	variance := func(v []int64) int64 {
		var sum, squares int64
		for _, a := range v {
			sum, squares = sum+a, squares+a*a
		}
		return int64(n)*squares - sum*sum
	}
	vx, vy := variance(x), variance(y)
	harmonic := func(m int) *big.Rat {
		h := new(big.Rat)
		for i := 1; i < m; i++ {
			h.Add(h, big.NewRat(1, int64(i)))
		}
		return h
	}
	sum := new(big.Rat)
	for i := range n {
		dx, dy, joint := make([]int64, n), make([]int64, n), []int64{}
		for j := range n {
			dx[j], dy[j] = (x[i]-x[j])*(x[i]-x[j])*vy, (y[i]-y[j])*(y[i]-y[j])*vx
			if j != i {
				joint = append(joint, max(dx[j], dy[j]))
			}
		}
		slices.Sort(joint)
		radius, both, inX, inY := joint[k-1], 0, 0, 0
		for j := range n {
			if j == i {
				continue
			}
			if dx[j] <= radius {
				inX++
			}
			if dy[j] <= radius {
				inY++
			}
			if max(dx[j], dy[j]) <= radius {
				both++
			}
		}
		sum.Add(sum, harmonic(both))
		sum.Sub(sum, harmonic(inX))
		sum.Sub(sum, harmonic(inY))
	}
	sum.Quo(sum, big.NewRat(int64(n), 1))
	sum.Add(sum, harmonic(n))
	v, _ := sum.Float64()
	return v
}

// Counts tie in any unit: the estimate is that of exact arithmetic, whatever they are multiplied by or moved to.
func TestMixedInformationOfCountsIsExact(t *testing.T) {
	r := stream.New(4, "counts")
	draw := func(levelsX, levelsY int) (x, y []int64) {
		for range 60 {
			u := r.IntN(levelsX)
			x, y = append(x, int64(u)), append(y, int64((u+r.IntN(levelsY))%levelsY))
		}
		return x, y
	}
	for _, levels := range [][2]int{{3, 3}, {2, 7}, {10, 4}, {12, 12}} {
		x, y := draw(levels[0], levels[1])
		want := mixedExactly(x, y, neighboursAsked)
		var first float64
		for _, unit := range [][2]float64{{1, 0}, {0.1, 0}, {1.0 / 3, 1000}, {7.3e12, -1e13}, {1e-30, 0}, {-0.7, 0.2}} {
			a, b := mat.NewDense(60, 1, nil), mat.NewDense(60, 1, nil)
			for i := range 60 {
				a.Set(i, 0, float64(x[i])*unit[0]+unit[1])
				b.Set(i, 0, float64(y[i])*3.7+0.1)
			}
			got := reference.Must[metrics.Result](t)(neighbourMeasure("ksg-mixed", a, b, MesnerShalizi, metrics.Settings{})).Value
			if !(math.Abs(got-want) <= 1e-12) {
				t.Errorf("%v levels, unit %v: %.15g, exactly %.15g", levels, unit, got, want)
			}
			if unit == [2]float64{1, 0} {
				first = got
			}
			if got != first {
				t.Errorf("%v levels, unit %v: %.17g, want the bits of unit 1, %.17g", levels, unit, got, first)
			}
		}
	}
}

// Of equal neighbours one is drawn, each as likely: rows of x that are all equal but one have every other row in turn.
func TestNeighboursAmongEqualsAreDrawn(t *testing.T) {
	x := mat.NewDense(5, 1, []float64{math.Nextafter(0.3, 1), 0.3, 0.3, 0.3, 9})
	hits := make([]int, 5)
	for seed := range uint64(600) {
		nearest := neighbours(x, seed)
		hits[nearest[4]]++
		for i, j := range nearest {
			if i == j || j == 4 {
				t.Fatalf("seed %d: the neighbour of row %d is row %d", seed, i, j)
			}
		}
	}
	for i, h := range hits[:4] { // 150 each, within five deviations of 10.6
		if h < 97 || h > 203 {
			t.Errorf("row %d is drawn %d of 600 times, want about 150", i, h)
		}
	}
	lone := mat.NewDense(4, 1, []float64{0, 1, 3, 6})
	if got := neighbours(lone, 1); !slices.Equal(got, []int{1, 0, 1, 2}) {
		t.Errorf("neighbours without ties %v, want 1 0 1 2", got)
	}
}

// Dense ranks of distances see ties of whole numbers in any unit, as by hand in unit 1.
func TestRanksOfDistancesSeeTies(t *testing.T) {
	for _, unit := range []float64{1, 0.1, 1.0 / 3} {
		x := mat.NewDense(4, 1, nil)
		for i, v := range []float64{0, 1, 2, 4} {
			x.Set(i, 0, v*unit)
		}
		g := newGraph(x)
		// Column j holds the ranks of the distances from row j: of 1, which are 1 0 1 3, the ranks 1 0 1 2.
		want := []int32{0, 1, 2, 3, 1, 0, 1, 2, 2, 1, 0, 1, 3, 2, 2, 0}
		if !slices.Equal(g.ranks, want) || g.levels != 4 {
			t.Errorf("unit %v: ranks %v in %d levels, want %v in 4", unit, g.ranks, g.levels, want)
		}
	}
}
