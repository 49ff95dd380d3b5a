package discrepancy

import (
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/reference"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/metrics"
)

// By hand, kernel exp(-d^2/2): class 0 has a = 0 and b = 1, 2(1 - e^-1/2) (V); class 1 has twice the rows of that, all
// equal, 0; class 2 has rows of one sample only.
func TestMMDGivenLabelByHand(t *testing.T) {
	x, y := mat.NewDense(4, 1, []float64{0, 5, 5, 9}), mat.NewDense(3, 1, []float64{1, 5, 5})
	r := reference.Must[metrics.Result](t)(MMDGivenLabel(x, y, []int{0, 1, 1, 2}, []int{0, 1, 1}, V, Kernel{Width: 1}, metrics.Settings{}))
	if want := 2 * (1 - math.Exp(-0.5)) * 2 / 6; !(math.Abs(r.Value-want) <= 1e-15) {
		t.Errorf("value %v, want %v", r.Value, want)
	}
	if text := strings.Join(r.Warnings, "; "); !strings.Contains(text, "1 rows left out") {
		t.Errorf("warnings %q", text)
	}
	// One class for all is the plain discrepancy.
	b := reference.Metrics(t)
	a, c := b.Matrix("A"), b.Matrix("B")
	one := reference.Must[metrics.Result](t)(MMDGivenLabel(a, c, make([]int, 25), make([]int, 30), U, Kernel{}, metrics.Settings{Permutations: 99}))
	b.Check("mmd2.unbiased", "", one.Value)
	if one.Method != "permutation within classes" || *one.P <= 0 {
		t.Errorf("%+v", one)
	}
	if _, err := MMDGivenLabel(a, c, make([]int, 20), make([]int, 30), U, Kernel{}, metrics.Settings{}); err == nil || !strings.Contains(err.Error(), "20 and 30 labels for 25 and 30 rows") {
		t.Errorf("labels of another number: %v", err)
	}
	apart := make([]int, 30)
	for i := range apart {
		apart[i] = 1
	}
	if r := reference.Must[metrics.Result](t)(MMDGivenLabel(a, c, make([]int, 25), apart, U, Kernel{}, metrics.Settings{Permutations: 9})); !r.Degenerate || *r.P != 1 {
		t.Errorf("no class of both samples: %+v", r)
	}
}

// Domains that differ in the shares of their classes alone are far apart, but not within classes; a shift within classes is
// found.
func TestMMDGivenLabelLeavesOutTheShares(t *testing.T) {
	random := stream.New(5, "shares")
	draw := func(n, every int, shift float64) (*mat.Dense, []int) {
		x, labels := mat.NewDense(n, 2, nil), make([]int, n)
		for i := range n {
			if i%every == 0 {
				labels[i] = 1
			}
			x.SetRow(i, []float64{4*float64(labels[i]) + random.NormFloat64(), shift + random.NormFloat64()})
		}
		return x, labels
	}
	x, ofX := draw(150, 2, 0)
	y, ofY := draw(150, 6, 0)
	s := metrics.Settings{Permutations: 199}
	if p := *reference.Must[metrics.Result](t)(MMD(x, y, U, Kernel{}, s)).P; p > 0.01 {
		t.Errorf("pooled: p %v", p)
	}
	if p := *reference.Must[metrics.Result](t)(MMDGivenLabel(x, y, ofX, ofY, U, Kernel{}, s)).P; p < 0.05 {
		t.Errorf("within classes: p %v", p)
	}
	z, ofZ := draw(150, 6, 1)
	if p := *reference.Must[metrics.Result](t)(MMDGivenLabel(x, z, ofX, ofZ, U, Kernel{}, s)).P; p > 0.01 {
		t.Errorf("a shift within classes: p %v", p)
	}
}
