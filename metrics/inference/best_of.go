package inference

import (
	"fmt"
	"math"
	"slices"
)

// ExpectedBest is what choosing among n of the items is worth, for n = 1 ... len(values), entry
// n-1: the expected value of the item of the highest score, over all subsets of n items, each as
// likely. Of equal scores the earlier item is chosen. With the values for scores it is the
// expected maximum. The expectation is exact: the item with k items above it is chosen from
// C(N-1-k, n-1) of C(N, n) subsets.
//
// It fails if lengths differ, on no item, on a value that is not finite and on a NaN score.
//
// J. Dodge et al., "Show your work: improved reporting of experimental results", EMNLP 2019, for
// subsets with replacement; R. Tang et al., "Showing your work doesn't always work", ACL 2020, for
// those without, as here.
func ExpectedBest(scores, values []float64) ([]float64, error) {
	n := len(values)
	if len(scores) != n || n == 0 {
		return nil, fmt.Errorf("inference: expected best: %d scores for %d values, want as many, and one at least", len(scores), n)
	}
	order := make([]int, n)
	for i := range order {
		order[i] = i
		if math.IsNaN(scores[i]) || math.IsNaN(values[i]) || math.IsInf(values[i], 0) {
			return nil, fmt.Errorf("inference: expected best: item %d has score %v and value %v", i, scores[i], values[i])
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case scores[a] > scores[b]:
			return -1
		case scores[a] < scores[b]:
			return 1
		}
		return 0
	})
	out := make([]float64, n)
	for of := 1; of <= n; of++ {
		chosen := float64(of) / float64(n) // the share of subsets that choose this item
		for k, i := range order[:n-of+1] {
			out[of-1] += chosen * values[i]
			chosen *= float64(n-k-of) / float64(n-1-k)
		}
	}
	return out, nil
}
