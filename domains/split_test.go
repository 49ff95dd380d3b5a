package domains

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	_ "github.com/venn-adapt/venn/internal/seeded"
)

func TestHoldOutCounts(t *testing.T) {
	// Ten of class 0, five of class 1, one of class 2, two of class 3; class 4 is absent.
	labels := []int{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 3, 3}
	for _, tt := range []struct {
		fraction float64
		want     []int // held out by class
	}{
		{0.1, []int{1, 1, 0, 1, 0}}, // 1, 0.5, -, at least one
		{0.2, []int{2, 1, 0, 1, 0}},
		{0.9, []int{9, 4, 0, 1, 0}}, // 4.5 of 5 rounds to 5: one must stay
	} {
		_, validation, err := HoldOut(labels, 5, tt.fraction, 1)
		got := make([]int, 5)
		for _, i := range validation {
			got[labels[i]]++
		}
		if err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("fraction %g holds out %v (%v), want %v", tt.fraction, got, err, tt.want)
		}
	}
}

// The parts are disjoint, complete and in order.
func TestHoldOutParts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		labels := rapid.SliceOfN(rapid.IntRange(0, 3), 10, 80).Draw(t, "labels")
		seed := rapid.Uint64().Draw(t, "seed")
		train, validation, err := HoldOut(labels, 4, 0.2, seed)
		if err != nil {
			t.Fatal(err)
		}
		var all []int
		for _, part := range [][]int{train, validation} {
			if !slices.IsSorted(part) {
				t.Fatal("a part is out of order")
			}
			all = append(all, part...)
		}
		slices.Sort(all)
		if !slices.Equal(all, Every(len(labels))) {
			t.Fatalf("the parts hold %v of %d", all, len(labels))
		}
		if again, _, _ := HoldOut(labels, 4, 0.2, seed); !slices.Equal(train, again) {
			t.Fatalf("the seed gives two splits: %v and %v", train, again)
		}
	})
}

func TestHoldOutRefuses(t *testing.T) {
	for _, tt := range []struct {
		labels   []int
		fraction float64
		err      string
	}{
		{[]int{0, 0}, 0, "domains: validation fraction is 0, want a number between 0 and 1"},
		{[]int{0, 0}, 1, "domains: validation fraction is 1, want a number between 0 and 1"},
		{[]int{0, 1}, 0.5, "domains: no class has the 2 images that a validation split needs"},
	} {
		if _, _, err := HoldOut(tt.labels, 2, tt.fraction, 1); err == nil || err.Error() != tt.err {
			t.Errorf("%v at %g: got %v, want %s", tt.labels, tt.fraction, err, tt.err)
		}
	}
}

func TestSubset(t *testing.T) {
	if got := Subset(1, "x", A, 5, 0); !slices.Equal(got, Every(5)) {
		t.Errorf("no limit: %v", got)
	}
	if got := Subset(1, "x", A, 5, 9); !slices.Equal(got, Every(5)) {
		t.Errorf("limit above n: %v", got)
	}
	got := Subset(1, "x", A, 100, 30)
	if len(slices.Compact(slices.Clone(got))) != 30 || !slices.IsSorted(got) {
		t.Errorf("30 of 100: %v", got)
	}
}
