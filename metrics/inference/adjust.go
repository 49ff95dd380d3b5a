package inference

import (
	"fmt"
	"math"
	"slices"
	"sort"
)

// Holm returns p-values adjusted for their number, in the given order: sorted
// ascending, the running maximum of min(1, (m-j+1) p_(j)). It controls the family-wise
// error under any dependence. NaN (a test that was not made) stays NaN and does
// not count. It fails on a value outside [0, 1]. S. Holm (1979).
func Holm(p []float64) ([]float64, error) {
	return adjust("holm", p, func(sorted []float64) {
		running := 0.0
		for j, v := range sorted {
			running = math.Max(running, math.Min(1, float64(len(sorted)-j)*v))
			sorted[j] = running
		}
	})
}

// BenjaminiHochberg returns p-values adjusted to control the false discovery rate
// under independence or positive dependence: the running minimum from the end of m
// p_(j)/j. NaN and errors as Holm. Y. Benjamini and Y. Hochberg (1995).
func BenjaminiHochberg(p []float64) ([]float64, error) {
	return adjust("benjamini-hochberg", p, stepUp)
}

func stepUp(sorted []float64) {
	running, m := 1.0, float64(len(sorted))
	for j := len(sorted) - 1; j >= 0; j-- {
		running = math.Min(running, m*sorted[j]/float64(j+1))
		sorted[j] = running
	}
}

// adjust changes the p-values that are not NaN, given in ascending order, and
// returns them in the order in which they came.
func adjust(name string, p []float64, change func(sorted []float64)) ([]float64, error) {
	var order []int
	for i, v := range p {
		switch {
		case math.IsNaN(v):
		case v < 0 || v > 1:
			return nil, fmt.Errorf("metrics: %s: p-value %d is %v, want 0 to 1", name, i, v)
		default:
			order = append(order, i)
		}
	}
	sort.SliceStable(order, func(a, b int) bool { return p[order[a]] < p[order[b]] })
	sorted := make([]float64, len(order))
	for j, i := range order {
		sorted[j] = p[i]
	}
	change(sorted)
	out := slices.Clone(p)
	for j, i := range order {
		out[i] = sorted[j]
	}
	return out, nil
}
