package domains

import (
	"fmt"
	"math"
	"slices"

	"github.com/venn-adapt/venn/internal/stream"
)

// SplitLabelled holds out a fraction of a labelled source for validation,
// stratified: of the n images of a class, fraction*n rounded to the nearest whole
// go to validation, but at least one and not all of them; the single image of a
// class stays in training. Which ones is drawn with the seed; both parts keep the
// order of l. Images are copied.
//
// It fails when the fraction is not between 0 and 1 (adaptation studies hold out
// 0.1 to 0.2) and when nothing would be held out.
func SplitLabelled(l Labelled, fraction float64, seed uint64) (train, validation Labelled, err error) {
	if len(l.Labels) != l.Images.Len() {
		return train, validation, fmt.Errorf("domains: %d labels for %d images", len(l.Labels), l.Images.Len())
	}
	kept, out, err := HoldOut(l.Labels, len(l.Classes), fraction, seed)
	if err != nil {
		return train, validation, err
	}
	return l.Take(kept), l.Take(out), nil
}

// HoldOut is SplitLabelled by indices, for features of images that are elsewhere.
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

// Take copies the images and labels of the given indices into a new set.
func (l Labelled) Take(indices []int) Labelled {
	labels := make([]int, len(indices))
	for k, i := range indices {
		labels[k] = l.Labels[i]
	}
	return Labelled{Images: l.Images.Take(indices), Labels: labels, Classes: l.Classes}
}

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
