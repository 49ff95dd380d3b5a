package inference

import (
	"math"
	"testing"
)

// By hand: of n ranks without ties 1 - 6 sum d^2/(n(n^2-1)); with ties Pearson's of the mean
// ranks. The ten pairs are the example of textbooks, -29/165.
func TestSpearman(t *testing.T) {
	for _, tt := range []struct {
		name string
		x, y []float64
		want float64
	}{
		{"the same order", []float64{1, 2, 3}, []float64{10, 20, 1e6}, 1},
		{"turned round", []float64{3, 2, 1}, []float64{1, 5, 6}, -1},
		{"without ties", []float64{106, 100, 86, 101, 99, 103, 97, 113, 112, 110}, []float64{7, 27, 2, 50, 28, 29, 20, 12, 6, 17}, 1 - 6*194.0/990},
		{"ties", []float64{1, 2, 2, 4}, []float64{1, 3, 2, 4}, 0.9486832980505138},
		{"ties in both", []float64{1, 1, 2, 3, 3, 3}, []float64{2, 1, 1, 3, 3, 1}, 13.0 / 30},
		{"ties but for rounding", []float64{0.1 + 0.2, 0.3, 0.5}, []float64{1, 2, 3}, math.Sqrt(3) / 2},
	} {
		if got, ok := Spearman(tt.x, tt.y); !ok || !(math.Abs(got-tt.want) <= 1e-12) {
			t.Errorf("%s: %v, %v; want %v", tt.name, got, ok, tt.want)
		}
	}
	for name, lists := range map[string][2][]float64{"two values": {{1, 2}, {1, 2}}, "equal ones": {{1, 2, 3}, {5, 5, 5}}, "equal but for rounding": {{0.3, 0.1 + 0.2, 0.3}, {1, 2, 3}}} {
		if got, ok := Spearman(lists[0], lists[1]); ok || got != 0 {
			t.Errorf("%s: %v, %v", name, got, ok)
		}
	}
}

// By NumPy: the correlation of SciPy's dense ranks over the largest, with weights max(a, b)²;
// a mistake among the best costs more than one among the worst.
func TestWeightedSpearman(t *testing.T) {
	for _, tt := range []struct {
		name string
		x, y []float64
		want float64
	}{
		{"the same order", []float64{1, 2, 3, 4, 5}, []float64{1, 20, 30, 31, 32}, 1},
		{"turned round", []float64{1, 2, 3, 4, 5}, []float64{5, 4, 3, 2, 1}, -1},
		{"the worst two exchanged", []float64{1, 2, 3, 4, 5}, []float64{2, 1, 3, 4, 5}, 0.9533386967015284},
		{"the best two exchanged", []float64{1, 2, 3, 4, 5}, []float64{1, 2, 3, 5, 4}, 0.5734470807784593},
		{"three", []float64{3, 1, 2}, []float64{3, 2, 1}, 0.6530612244897959},
		{"ties", []float64{0.1, 0.1, 0.4, 0.2, 0.9, 0.9}, []float64{0.5, 0.3, 0.1 + 0.2, 0.6, 0.8, 0.1}, -0.04721297845434857},
	} {
		if got, ok := WeightedSpearman(tt.x, tt.y); !ok || !(math.Abs(got-tt.want) <= 1e-12) {
			t.Errorf("%s: %v, %v; want %v", tt.name, got, ok, tt.want)
		}
	}
	for name, lists := range map[string][2][]float64{"two values": {{1, 2}, {1, 2}}, "equal ones": {{1, 2, 3}, {5, 5, 5}}, "equal but for rounding": {{0.3, 0.1 + 0.2, 0.3}, {1, 2, 3}}} {
		if got, ok := WeightedSpearman(lists[0], lists[1]); ok || got != 0 {
			t.Errorf("%s: %v, %v", name, got, ok)
		}
	}
}

func TestWinsAndLosses(t *testing.T) {
	if sum, wins, losses := WinsAndLosses([]float64{0.5, -0.25, 0, 0.75, 0}); sum != 1 || wins != 2 || losses != 1 {
		t.Errorf("%v, %d, %d; want 1, 2, 1", sum, wins, losses)
	}
}
