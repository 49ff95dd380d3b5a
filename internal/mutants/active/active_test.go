package active

import (
	"math"
	"testing"
)

// With no fault on, comparisons are the language's own, also of what is not a number.
func TestComparisons(t *testing.T) {
	nan := math.NaN()
	for _, x := range [][2]float64{{1, 2}, {2, 1}, {1, 1}, {nan, 0}, {0, nan}, {nan, nan}} {
		a, b := x[0], x[1]
		if Less(1, a, b) != (a < b) || LessEqual(1, a, b) != (a <= b) || Greater(1, a, b) != (a > b) || GreaterEqual(1, a, b) != (a >= b) {
			t.Errorf("%v and %v compare otherwise", a, b)
		}
	}
}

// Each comparison has the two faults that its name promises.
func TestComparisonFaults(t *testing.T) {
	defer func() { on = 0 }()
	for _, tt := range []struct {
		does  func(id int, a, b int) bool
		fault int
		want  [3]bool // of 1 and 2, 1 and 1, 2 and 1
	}{
		{Less[int], 7, [3]bool{true, true, false}}, {Less[int], 8, [3]bool{false, true, true}},
		{LessEqual[int], 7, [3]bool{true, false, false}}, {LessEqual[int], 8, [3]bool{false, false, true}},
		{Greater[int], 7, [3]bool{false, true, true}}, {Greater[int], 8, [3]bool{true, true, false}},
		{GreaterEqual[int], 7, [3]bool{false, false, true}}, {GreaterEqual[int], 8, [3]bool{true, false, false}},
	} {
		on = tt.fault
		if got := [3]bool{tt.does(7, 1, 2), tt.does(7, 1, 1), tt.does(7, 2, 1)}; got != tt.want {
			t.Errorf("fault %d: %v, want %v", tt.fault, got, tt.want)
		}
	}
}
