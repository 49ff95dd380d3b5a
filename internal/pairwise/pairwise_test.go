package pairwise

import (
	"math"
	"runtime"
	"slices"
	"sort"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	_ "github.com/venn-adapt/venn/internal/seeded"

	"github.com/venn-adapt/venn/internal/stream"
)

func gauss(n, d int, offset float64, purpose string) *mat.Dense {
	r := stream.New(1, "pairwise", purpose)
	x := mat.NewDense(n, d, nil)
	for i := range n {
		for j := range d {
			x.Set(i, j, offset+r.NormFloat64())
		}
	}
	return x
}

func TestSquaredAgreesWithDifferences(t *testing.T) {
	for _, tt := range []struct {
		n, d   int
		offset float64
	}{{1, 3, 0}, {2, 1, 0}, {65, 16, 0}, {130, 17, 0}, {70, 40, 1e4}} {
		x := gauss(tt.n, tt.d, tt.offset, "squared")
		got := Squared(x)
		for i := range tt.n {
			for j := range tt.n {
				want := direct(x.RawRowView(i), x.RawRowView(j))
				if g := got[i*tt.n+j]; !(math.Abs(g-want) <= 1e-11*(1+want)) || g != got[j*tt.n+i] {
					t.Fatalf("%+v: pair %d, %d: %v, want %v", tt, i, j, g, want)
				}
			}
		}
	}
}

func TestNearDuplicatesKeepTheirDigits(t *testing.T) {
	x := gauss(40, 32, 0, "near")
	for j := range 32 {
		x.Set(1, j, x.At(0, j))
	}
	x.Set(1, 5, x.At(0, 5)+1e-9)
	want := direct(x.RawRowView(0), x.RawRowView(1))
	if got := Squared(x)[1]; !(math.Abs(got-want) <= 1e-6*want) {
		t.Errorf("near duplicates: %v, want %v", got, want)
	}
}

func TestNearest(t *testing.T) {
	for _, d := range []int{2, 20} {
		x, q := gauss(150, d, 3, "x"), gauss(70, d, 3, "q")
		x.SetRow(140, x.RawRowView(7)) // twins: the lower row comes first
		q.SetRow(0, x.RawRowView(7))
		got := Nearest(q, x, 5)
		for i := range 70 {
			order := make([]int, 150)
			for j := range order {
				order[j] = j
			}
			sort.SliceStable(order, func(a, b int) bool {
				return direct(q.RawRowView(i), x.RawRowView(order[a])) < direct(q.RawRowView(i), x.RawRowView(order[b]))
			})
			for k, nb := range got[i] {
				if nb.Row != order[k] {
					t.Errorf("d %d, query %d, neighbour %d: row %d, want %d", d, i, k, nb.Row, order[k])
				}
			}
		}
		if got[0][0].Row != 7 || got[0][1].Row != 140 || got[0][0].Squared != 0 {
			t.Errorf("twins: %v", got[0][:2])
		}
	}
}

func TestSameBytesOnAnyNumberOfProcessors(t *testing.T) {
	x := gauss(300, 30, 0, "bytes")
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	one := Squared(x)
	runtime.GOMAXPROCS(4)
	if !slices.Equal(one, Squared(x)) {
		t.Error("distances differ between 1 and 4 processors")
	}
}

func BenchmarkNearest(b *testing.B) {
	x, q := gauss(20000, 512, 0, "bx"), gauss(256, 512, 0, "bq")
	for b.Loop() {
		Nearest(q, x, 21)
	}
}

func BenchmarkMedian(b *testing.B) {
	x := gauss(4000, 64, 0, "bm")
	for b.Loop() {
		Median(x, 0)
	}
}

// A long list, of which samples choose the pivots.
func TestNthOfMany(t *testing.T) {
	r := stream.New(2, "many")
	for _, levels := range []int{0, 1, 3, 1000} {
		list := make([]float64, 20000)
		for i := range list {
			list[i] = r.NormFloat64()
			if levels > 0 {
				list[i] = float64(r.IntN(levels))
			}
		}
		sorted := slices.Clone(list)
		slices.Sort(sorted)
		for _, k := range []int{0, 1, 777, 9999, 10000, 15000, 19998, 19999} {
			if got := nth(list, k); got != sorted[k] || slices.Max(list[:k+1]) > got || slices.Min(list[k:]) < got {
				t.Errorf("%d levels: value %d is %v, want %v", levels, k, got, sorted[k])
			}
		}
	}
}

// The k-th least value against a sort, with ties, and what must lie on either side of it.
func TestNth(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		list := rapid.SliceOfN(rapid.Float64Range(0, 3), 1, 60).Draw(rt, "list")
		if rapid.Bool().Draw(rt, "tied") {
			for i := range list {
				list[i] = math.Floor(list[i])
			}
		}
		k := rapid.IntRange(0, len(list)-1).Draw(rt, "k")
		sorted := slices.Clone(list)
		slices.Sort(sorted)
		if got := nth(list, k); got != sorted[k] || slices.Max(list[:k+1]) > got || slices.Min(list[k:]) < got {
			rt.Errorf("value %d is %v in %v, want %v", k, got, list, sorted[k])
		}
	})
}
