package discrepancy

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/metrics"
)

const assignmentRows = 2000

// ExactTransport is the exact Wasserstein distance of two samples of one size by optimal
// assignment: p = 1 the mean distance, W_1; p = 2 the mean squared distance, W_2^2. As an estimate of the
// population it is biased by n^(-1/d). Errors as MMD, unequal sizes, more than 2000 rows.
// Time O(n^3), memory 8 n^2 bytes.
//
// R. Jonker and A. Volgenant (1987), the shortest augmenting path.
func ExactTransport(x, y *mat.Dense, p float64) (float64, error) {
	const name = "exact transport"
	if err := metrics.CheckPair(name, x, y, 1, false); err != nil {
		return 0, err
	}
	n, _ := x.Dims()
	if m, _ := y.Dims(); m != n || n > assignmentRows {
		return 0, fmt.Errorf("metrics: %s: %d and %d rows, want as many and at most %d", name, n, m, assignmentRows)
	}
	cost := make([]float64, n*n)
	for i := range n {
		for j := range n {
			cost[i*n+j] = between(x.RawRowView(i), y.RawRowView(j))
			if p == 1 {
				cost[i*n+j] = math.Sqrt(cost[i*n+j])
			}
		}
	}
	var sum float64
	for j, i := range assign(cost, n) {
		sum += cost[i*n+j] / float64(n)
	}
	return sum, nil
}

// assign returns for each column the row of the cheapest one-to-one assignment: rows enter in turn
// along the shortest augmenting path under the potentials u, v.
func assign(cost []float64, n int) []int {
	u, v := make([]float64, n+1), make([]float64, n+1)
	row, from := make([]int, n+1), make([]int, n+1) // of columns from 1; 0 is the row that enters
	for i := 1; i <= n; i++ {
		row[0] = i
		least, done := make([]float64, n+1), make([]bool, n+1)
		for j := range least {
			least[j] = math.Inf(1)
		}
		at := 0
		for row[at] != 0 {
			done[at] = true
			next, delta := 0, math.Inf(1)
			for j := 1; j <= n; j++ {
				if done[j] {
					continue
				}
				if reduced := cost[(row[at]-1)*n+j-1] - u[row[at]] - v[j]; reduced < least[j] {
					least[j], from[j] = reduced, at
				}
				if least[j] < delta {
					next, delta = j, least[j]
				}
			}
			for j := range n + 1 {
				if done[j] {
					u[row[j]] += delta
					v[j] -= delta
				} else {
					least[j] -= delta
				}
			}
			at = next
		}
		for at != 0 {
			row[at] = row[from[at]]
			at = from[at]
		}
	}
	out := make([]int, n)
	for j := range out {
		out[j] = row[j+1] - 1
	}
	return out
}
