package stream

import (
	"slices"
	"testing"
)

// The numbers a seed produces are part of every published result: do not change them.
func TestStreamIsPinned(t *testing.T) {
	got := []uint64{}
	r := New(7, "order", "a", 3)
	for range 3 {
		got = append(got, r.Uint64())
	}
	want := []uint64{0xf05f451c94d9306f, 0x58fd5ad3eb7d7ff6, 0xf6e0c26c7d1e2152}
	if !slices.Equal(got, want) {
		t.Errorf("stream (7, order/a/3): got %#x, want %#x", got, want)
	}
}

func TestPurposesDiffer(t *testing.T) {
	seen := map[uint64]string{}
	for _, seed := range []uint64{0, 1, 1 << 40} {
		for _, purpose := range []string{"", "a", "b", "a/1", "a1"} {
			v := New(seed, purpose).Uint64()
			if prev, ok := seen[v]; ok {
				t.Errorf("seed %d purpose %q opens the stream of %s", seed, purpose, prev)
			}
			seen[v] = purpose
		}
	}
	if New(7, "order", "a", 3).Uint64() != New(7, "order/a/3").Uint64() {
		t.Error("parts and the joined name open different streams")
	}
}

func TestPermutationIsUniform(t *testing.T) {
	const n, draws = 4, 24000
	counts := map[[n]int]int{}
	r := New(1, "uniform")
	for range draws {
		counts[[n]int(Permutation(r, n))]++
	}
	var chi2 float64 // 23 degrees of freedom: the 0.999 quantile is 49.7
	for _, c := range counts {
		d := float64(c) - draws/24
		chi2 += d * d / (draws / 24)
	}
	if len(counts) != 24 || chi2 > 49.7 {
		t.Errorf("%d of 24 permutations, chi-square %.1f, want at most 49.7", len(counts), chi2)
	}
}
