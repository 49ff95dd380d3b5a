package disentanglement

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// Codes most of whose columns are dead: gonum's solver panics on some of their covariances. Dead
// columns change neither the effective rank nor the participation ratio, and the latter is
// (tr C)^2 over the sum of C's squared entries. The distance takes roots of eigenvalues that should
// be 0 and are as small as rounding, so it has half of the digits.
func TestSpreadOfDeadColumns(t *testing.T) {
	panicked := 0
	for _, seed := range []uint64{1139, 1270, 1292, 1475, 1623, 1890, 1, 2} {
		r := rand.New(rand.NewPCG(seed, 1))
		rank, active, k := 1+r.IntN(8), 2+r.IntN(20), []int{16, 32, 64, 128}[r.IntN(4)]
		active = min(active, k)
		basis := mat.NewDense(16, rank, nil)
		for b := range rank {
			for i := range 16 {
				basis.Set(i, b, float64(float32(r.NormFloat64())))
			}
		}
		whole, alive := mat.NewDense(16, k, nil), mat.NewDense(16, active, nil)
		for at, j := range r.Perm(k)[:active] {
			w := make([]float64, rank)
			for b := range w {
				w[b] = r.NormFloat64()
			}
			for i := range 16 {
				v := 0.0
				for b := range w {
					v += w[b] * basis.At(i, b)
				}
				v = float64(float32(max(0, v+1)))
				whole.Set(i, j, v)
				alive.Set(i, at, v)
			}
		}
		var trace, square float64
		c := mat.NewSymDense(k, nil)
		for a := range k {
			for b := range a + 1 {
				var ma, mb, sum float64
				for i := range 16 {
					ma, mb = ma+whole.At(i, a)/16, mb+whole.At(i, b)/16
				}
				for i := range 16 {
					sum += (whole.At(i, a) - ma) * (whole.At(i, b) - mb) / 15
				}
				c.SetSym(a, b, sum)
				square += sum * sum
				if a == b {
					trace += sum
				} else {
					square += sum * sum
				}
			}
		}
		got, err := SpreadOf(whole)
		if err != nil {
			t.Fatal(err)
		}
		want, err := SpreadOf(alive)
		if err != nil {
			t.Fatal(err)
		}
		for what, pair := range map[string][2]float64{"effective rank": {got.EffectiveRank, want.EffectiveRank}, "participation": {got.Participation, trace * trace / square},
			"variance": {got.TotalVariance, trace}, "Wasserstein": {got.Wasserstein, want.Wasserstein}} {
			if !(math.Abs(pair[0]-pair[1]) <= 1e-6*(1+math.Abs(pair[1]))) {
				t.Errorf("seed %d: %s %v, want %v", seed, what, pair[0], pair[1])
			}
		}
		var asked mat.SymDense
		stat.CovarianceMatrix(&asked, whole, nil)
		if _, ok := factorized(&asked); !ok {
			panicked++
		}
	}
	if panicked == 0 {
		t.Log("gonum's solver takes all of these matrices by now")
	}
}
