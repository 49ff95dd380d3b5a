package dense

import (
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	_ "github.com/venn-adapt/venn/internal/seeded"
)

// Products agree with gonum's, on views of larger matrices too.
func TestProducts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := func(name string) int { return rapid.IntRange(1, 40).Draw(t, name) }
		n, m, k := size("n"), size("m"), size("k")
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		draw := func(rows, cols int) *mat.Dense {
			x := mat.NewDense(rows+2, cols+3, nil)
			x.Apply(func(_, _ int, _ float64) float64 { return r.NormFloat64() }, x)
			return x.Slice(1, 1+rows, 2, 2+cols).(*mat.Dense)
		}
		a, b, c := draw(n, m), draw(m, k), draw(n, k)
		var want, wantT mat.Dense
		want.Mul(a, b)
		wantT.Mul(a.T(), c)
		if got := Product(a, b); !mat.EqualApprox(got, &want, 1e-12) {
			t.Errorf("product of %dx%d and %dx%d is %v, want %v", n, m, m, k, mat.Formatted(got), mat.Formatted(&want))
		}
		if got := ProductT(a, c); !mat.EqualApprox(got, &wantT, 1e-12) {
			t.Errorf("transposed product of %dx%d and %dx%d is %v, want %v", n, m, n, k, mat.Formatted(got), mat.Formatted(&wantT))
		}
	})
}
