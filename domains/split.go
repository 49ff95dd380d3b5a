package domains

import (
	"fmt"
	"math"
	"slices"

	"github.com/venn-adapt/venn/internal/stream"
)

// HoldOut holds out a fraction of a labelled source for validation, by the places of its rows,
// stratified: of the n rows of a class, fraction*n rounded to the nearest whole go to
// validation, but at least one and not all of them; the single row of a class stays in
// training. Which ones is drawn with the seed; both parts are in ascending order.
//
// It fails when the fraction is not between 0 and 1 (adaptation studies hold out
// 0.1 to 0.2) and when nothing would be held out.
func HoldOut(labels []int, classes int, fraction float64, seed uint64) (train, validation []int, err error) {
	if !(fraction > 0 && fraction < 1) {
		return nil, nil, fmt.Errorf("domains: validation fraction is %g, want a number between 0 and 1", fraction)
	}
	held := make([]bool, len(labels))
	for class := range classes {
		var members []int
		for i, label := range labels {
			if label == class {
				members = append(members, i)
			}
		}
		if len(members) < 2 {
			continue
		}
		take := min(max(1, int(math.Round(fraction*float64(len(members))))), len(members)-1)
		order := stream.Permutation(stream.New(seed, "split/validation", class), len(members))
		for _, j := range order[:take] {
			held[members[j]] = true
		}
	}
	for i := range held {
		if held[i] {
			validation = append(validation, i)
		} else {
			train = append(train, i)
		}
	}
	if len(validation) == 0 {
		return nil, nil, fmt.Errorf("domains: no class has the 2 images that a validation split needs")
	}
	return train, validation, nil
}

// Every is 0..n-1.
func Every(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// Subset draws limit of n indices without repetition and sorts them; all of them
// when limit is 0 or not below n.
func Subset(seed uint64, dataset string, side Side, n, limit int) []int {
	if limit <= 0 || limit >= n {
		return Every(n)
	}
	chosen := stream.Permutation(stream.New(seed, "limit", dataset, side), n)[:limit]
	slices.Sort(chosen)
	return chosen
}
