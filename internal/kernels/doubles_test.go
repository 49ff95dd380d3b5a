package kernels

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// ulps is how many float64s lie between two numbers of one sign.
func ulps(got, want float64) float64 {
	if got == want || (math.IsNaN(got) && math.IsNaN(want)) {
		return 0
	}
	step := math.Abs(math.Nextafter(want, math.Inf(1)) - want)
	return math.Abs(got-want) / step
}

// The exponentials against those of the library, which come another way (fdlibm's rational
// functions), over their whole range and at its ends.
func TestExponentialsAccuracy(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	args := []float64{0, -1e-300, 1e-300, -1e-17, 1e-9, math.Ln2 / 2, -math.Ln2 / 2, 709, 709.7, 710, 711, 1e6, -36, -37.5, -40, -41,
		-708, -708.5, -740, -745, -746, -747, -1e6, math.Inf(1), math.Inf(-1), math.NaN()}
	for range 20000 {
		args = append(args, r.Float64()*1455-745, -math.Exp(r.Float64()*60-50), r.NormFloat64())
	}
	got, less := append([]float64(nil), args...), append([]float64(nil), args...)
	Exp(got)
	Expm1(less, 0.5)
	for i, x := range args {
		if u := ulps(got[i], math.Exp(x)); u > 2 {
			t.Fatalf("exp(%v) = %v, library %v: %v units in the last place", x, got[i], math.Exp(x), u)
		}
		if x/2 > 709 {
			continue
		}
		if u := ulps(less[i], math.Expm1(x/2)); u > 2 {
			t.Fatalf("expm1(%v) = %v, library %v: %v units in the last place", x/2, less[i], math.Expm1(x/2), u)
		}
	}
}

// The loops in use give the bits of the plain ones, whatever the length.
func TestSameBitsOfDoublesOnEveryPath(t *testing.T) {
	equal := func(t *rapid.T, what string, got, want []float64) {
		for i := range got {
			if math.Float64bits(got[i]) != math.Float64bits(want[i]) {
				t.Fatalf("%s: value %d of %d is %v, plain loop %v", what, i, len(got), got[i], want[i])
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		x := fill[float64](r, rapid.IntRange(0, 40).Draw(t, "n"))
		for i := range x {
			x[i] *= math.Exp(10*r.Float64() - 4)
		}
		got, want := append([]float64(nil), x...), append([]float64(nil), x...)
		engineDoubles.exp(got)
		expGo(want)
		equal(t, "exp", got, want)
		copy(got, x)
		copy(want, x)
		engineDoubles.expm1(got, -0.3)
		expm1Go(want, -0.3)
		equal(t, "expm1", got, want)

		n, stride := rapid.IntRange(1, 5).Draw(t, "labellings"), rapid.IntRange(8, 20).Draw(t, "stride")
		k, codes, masks := fill[float64](r, labelledRows*stride), make([]uint8, n*groups), make([]uint8, n)
		for i := range codes {
			codes[i] = uint8(8 * r.IntN(16))
		}
		for i := range masks {
			masks[i] = uint8(r.IntN(256))
		}
		got = fill[float64](r, n*labelledLanes)
		want = append([]float64(nil), got...)
		table := make([]float64, groups<<groupRows*labelledLanes)
		engineDoubles.labelled(n, k, stride, table, codes, masks, got)
		labelledGo(n, k, stride, table, codes, masks, want)
		equal(t, "labelled", got, want)
	})
}

// Sums of small whole numbers are exact in any order: a plain double loop must give the same.
func TestLabelsAgainstPlainLoops(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 150).Draw(t, "rows")
		i0, j0 := 64*rapid.IntRange(0, n/64).Draw(t, "i0"), 8*rapid.IntRange(0, n/8).Draw(t, "j0")
		i1, j1 := rapid.IntRange(i0, n).Draw(t, "i1"), rapid.IntRange(j0, n).Draw(t, "j1")
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		k, v := make([]float64, (i1-i0)*(j1-j0)), make([]float64, n)
		for i := range k {
			k[i] = float64(r.IntN(2000) - 1000)
		}
		for i := range v {
			v[i] = float64(r.IntN(2000) - 1000)
		}
		ones := make([][]int, rapid.IntRange(0, 4).Draw(t, "labellings"))
		for b := range ones {
			ones[b] = r.Perm(n)[:r.IntN(n+1)]
		}
		l := NewLabels(n, ones)
		forms, sums := make([]float64, len(ones)), make([]float64, len(ones))
		l.QuadraticForms(forms, k, i0, i1, j0, j1)
		l.LinearForms(sums, v)
		for b, rows := range ones {
			var form, sum float64
			for _, i := range rows {
				sum += v[i]
				for _, j := range rows {
					if i >= i0 && i < i1 && j >= j0 && j < j1 {
						form += k[(i-i0)*(j1-j0)+j-j0]
					}
				}
			}
			if forms[b] != form || sums[b] != sum {
				t.Errorf("labelling %d: forms %v and %v, want %v and %v", b, forms[b], sums[b], form, sum)
			}
		}
	})
}

func BenchmarkQuadraticForms(b *testing.B) {
	r := rand.New(rand.NewPCG(4, 1))
	ones := make([][]int, 256)
	for i := range ones {
		ones[i] = r.Perm(256)[:128]
	}
	l, k, sums := NewLabels(256, ones), fill[float64](r, 256*256), make([]float64, len(ones))
	for b.Loop() {
		l.QuadraticForms(sums, k, 0, 256, 0, 256)
	}
}

func BenchmarkExpm1(b *testing.B) {
	r := rand.New(rand.NewPCG(4, 1))
	x := fill[float64](r, 1<<13)
	for b.Loop() {
		Expm1(x, -1e-3)
	}
}
