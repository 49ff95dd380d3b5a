package domains

import (
	"slices"

	"github.com/venn-adapt/venn/internal/stream"
)

// every is 0..n-1.
func every(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// subset draws limit of n indices without repetition and sorts them; all of them
// when limit is 0 or not below n.
func subset(seed uint64, dataset string, side Side, n, limit int) []int {
	if limit <= 0 || limit >= n {
		return every(n)
	}
	chosen := stream.Permutation(stream.New(seed, "limit", dataset, side), n)[:limit]
	slices.Sort(chosen)
	return chosen
}
