package eigen

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	_ "github.com/venn-adapt/venn/internal/seeded"

	"github.com/venn-adapt/venn/internal/stream"
)

// symmetric builds Q diag(values) Q' with a random orthogonal Q.
func symmetric(values []float64, seed uint64) *mat.SymDense {
	n := len(values)
	r := stream.New(seed, "symmetric")
	g := mat.NewDense(n, n, nil)
	for i := range n {
		for j := range n {
			g.Set(i, j, r.NormFloat64())
		}
	}
	var qr mat.QR
	qr.Factorize(g)
	var q, s mat.Dense
	qr.QTo(&q)
	s.Mul(&q, mat.NewDiagDense(n, values))
	s.Mul(&s, q.T())
	out := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			out.SetSym(i, j, (s.At(i, j)+s.At(j, i))/2)
		}
	}
	return out
}

func verify(t interface {
	Fatalf(string, ...any)
}, s *mat.SymDense, want []float64) {
	n, k := s.SymmetricDim(), len(want)
	got, v, err := Top(n, k, Symmetric(s))
	if err != nil {
		t.Fatalf("%v", err)
	}
	for i := range k {
		if !(math.Abs(got[i]-want[i]) <= 1e-8*(1+math.Abs(want[0]))) {
			t.Fatalf("n %d, k %d: value %d is %v, want %v", n, k, i, got[i], want[i])
		}
	}
	var sv, gram mat.Dense
	sv.Mul(s, v)
	gram.Mul(v.T(), v)
	for j := range k {
		for i := range n {
			if !(math.Abs(sv.At(i, j)-got[j]*v.At(i, j)) <= 1e-7*(1+math.Abs(want[0]))) {
				t.Fatalf("n %d, k %d: vector %d is not one", n, k, j)
			}
		}
		for i := range k {
			w := 0.0
			if i == j {
				w = 1
			}
			if !(math.Abs(gram.At(i, j)-w) <= 1e-10) {
				t.Fatalf("n %d, k %d: vectors %d and %d are not orthonormal: %v", n, k, i, j, gram.At(i, j))
			}
		}
	}
}

func TestTop(t *testing.T) {
	slow := make([]float64, 200) // 1, 1/2, 1/3, ...
	for i := range slow {
		slow[i] = 1 / float64(1+i)
	}
	low := make([]float64, 300)
	copy(low, []float64{5, 4, 3, 2})
	for _, tt := range []struct {
		name   string
		values []float64
		k      int
	}{
		{"one", []float64{3}, 1}, {"identity", []float64{1, 1, 1, 1, 1}, 3}, {"zero", make([]float64, 6), 2},
		{"repeated", []float64{3, 2, 2, 2, 1, 1, 1}, 4}, {"negative", []float64{2, 1, -1, -5}, 3},
		{"slow", slow, 20}, {"low rank", low, 6}, {"all", slow[:30], 30},
	} {
		t.Run(tt.name, func(t *testing.T) { verify(t, symmetric(tt.values, 1), tt.values[:tt.k]) })
	}
}

func TestTopOfRandomMatrices(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 60).Draw(t, "n")
		k := rapid.IntRange(1, n).Draw(t, "k")
		values := make([]float64, n)
		last := 10.0
		for i := range values {
			values[i] = last
			last -= rapid.Float64Range(0.01, 1).Draw(t, "gap")
		}
		verify(t, symmetric(values, 2), values[:k])
	})
}

func TestTopRefuses(t *testing.T) {
	if _, _, err := Top(3, 4, nil); err == nil {
		t.Error("four of three")
	}
	if _, _, err := Top(3, 1, func(dst, _ []float64) { dst[0] = math.NaN() }); err == nil {
		t.Error("NaN")
	}
}

func BenchmarkTop(b *testing.B) {
	r := stream.New(1, "bench")
	const n = 800
	g := mat.NewDense(n, n, nil)
	for i := range n {
		for j := range n {
			g.Set(i, j, r.NormFloat64())
		}
	}
	s := mat.NewSymDense(n, nil)
	s.SymOuterK(1, g)
	for b.Loop() {
		if _, _, err := Top(n, 30, Symmetric(s)); err != nil {
			b.Fatal(err)
		}
	}
}
