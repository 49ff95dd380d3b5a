package adapt

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/metrics"
)

// checkFit is what every classifier's Fit asks of its data.
func checkFit(name string, x *mat.Dense, y []int, classes int) error {
	n, _ := x.Dims()
	if len(y) != n {
		return fmt.Errorf("adapt: %s: %d labels for %d rows", name, len(y), n)
	}
	if err := metrics.CheckFinite("features", x); err != nil {
		return fmt.Errorf("adapt: %s: %w", name, err)
	}
	present := make([]bool, classes)
	count := 0
	for i, c := range y {
		if c < 0 || c >= classes {
			return fmt.Errorf("adapt: %s: row %d has label %d, want 0 to %d", name, i, c, classes-1)
		}
		if !present[c] {
			present[c] = true
			count++
		}
	}
	if count < 2 {
		return fmt.Errorf("adapt: %s: %d class among the labels, want at least 2", name, count)
	}
	return nil
}

// checkPredict is what every classifier's Probabilities asks; width is -1 before Fit.
func checkPredict(name string, x *mat.Dense, width int) error {
	n, d := x.Dims()
	switch {
	case width < 0:
		return fmt.Errorf("adapt: %s: asked to predict before it was fitted", name)
	case d != width:
		return fmt.Errorf("adapt: %s: %d columns, fitted on %d", name, d, width)
	case n == 0:
		return fmt.Errorf("adapt: %s: no rows to predict", name)
	}
	if err := metrics.CheckFinite("features", x); err != nil {
		return fmt.Errorf("adapt: %s: %w", name, err)
	}
	return nil
}

// classMeans returns the mean row of each class (classes x d, zero for a class
// without rows) and the rows of each class.
func classMeans(x *mat.Dense, y []int, classes int) (*mat.Dense, []int) {
	_, d := x.Dims()
	means, counts := mat.NewDense(classes, d, nil), make([]int, classes)
	for i, c := range y {
		counts[c]++
		row := means.RawRowView(c)
		for j, v := range x.RawRowView(i) {
			row[j] += v
		}
	}
	for c, n := range counts {
		if n > 0 {
			row := means.RawRowView(c)
			for j := range row {
				row[j] /= float64(n)
			}
		}
	}
	return means, counts
}

// Predict is the class of the largest probability of each row, the lowest class
// among equals.
func Predict(probabilities *mat.Dense) []int {
	n, _ := probabilities.Dims()
	out := make([]int, n)
	for i := range out {
		for c, p := range probabilities.RawRowView(i) {
			if p > probabilities.At(i, out[i]) {
				out[i] = c
			}
		}
	}
	return out
}
