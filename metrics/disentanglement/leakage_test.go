package disentanglement

import (
	"errors"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/stream"
)

// between is told of no cell first, then of each in turn, and of how many there are; what it returns ends the work, after
// which it is not told again.
func TestLeakageTellsAndStops(t *testing.T) {
	const n = 60
	r := stream.New(5, "leakage/between")
	e := Entry{Block: "x", On: "a", Codes: mat.NewDense(n, 1, nil), Wishes: make([]Wish, 4)}
	levels := make([]int, n)
	for i := range n {
		levels[i] = r.IntN(2)
		e.Codes.Set(i, 0, r.NormFloat64())
	}
	for _, name := range []string{"p", "q", "r", "s"} {
		e.Factors = append(e.Factors, Factor{Name: name, Levels: levels})
	}
	var told []int
	tell := func(done, cells int) error {
		if told = append(told, done); cells != 4 {
			t.Errorf("%d cells, want 4", cells)
		}
		return nil
	}
	cells, err := Leakage([]Entry{e}, none, tell)
	if err != nil || len(cells) != 4 {
		t.Fatal(cells, err)
	}
	if !slices.Equal(told, []int{0, 1, 2, 3, 4}) {
		t.Errorf("told of %v", told)
	}
	stop, calls := errors.New("stop"), 0
	cells, err = Leakage([]Entry{e}, none, func(int, int) error {
		if calls++; calls == 2 {
			return stop
		}
		return nil
	})
	if err != stop || cells != nil || calls != 2 {
		t.Errorf("stopped: %v, %v, told %d times", cells, err, calls)
	}
}
