package didd

import (
	"fmt"
	"math"
	"slices"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
)

// ownedOptions are of unions and intersections by place. The decoder is trained on images with one separate code; given two,
// each of which has learnt to draw all of the region, it mixes them, and given none it draws what lies between the two domains.
// Whose part is where, the images of the domains tell: glasses, of many kinds, are where those with glasses vary
// more, and what a face has there without them is what faces without them have there. Ours.
var ownedOptions = later([]option.Option{
	{Name: "region.union", Kind: option.Bool, Default: false, Doc: "put an image with both separate codes together of the two with one each: in the region, where images of A vary more, its part, where those of B do, that domain's; elsewhere half of each"},
	{Name: "region.bare", Kind: option.Bool, Default: false, Doc: "have images of the common code alone show neither part: in the region loss.alone counts for those of A where images of B vary more, and for those of B where images of A do"},
})

// checkOwned finds parts without a region, or without the loss that asks for them, and codes that are not in slots of their own.
func checkOwned(o option.Values) (out []option.Error) {
	for _, name := range []string{"region.union", "region.bare"} {
		if o.Bool(name) && !hasRegion(o) {
			out = append(out, option.Error{Option: "model." + name, Problem: "true, but there is no region; give model.region.mean"})
		}
	}
	if o.Bool("region.bare") && o.Float("loss.alone") == 0 {
		out = append(out, option.Error{Option: "model.region.bare", Problem: "true, which is of images of the common code alone; give model.loss.alone"})
	}
	if slots := o.String("slots"); o.Bool("region.union") && slots != ownSlot {
		out = append(out, option.Error{Option: "model.region.union", Problem: fmt.Sprintf("true, which takes model.slots %s, not %s", ownSlot, slots)})
	}
	return out
}

// unite decodes n images with both separate codes by place.
func (m *Model) unite(n int, c models.Codes) (*domains.Images, error) {
	out, err := m.decodeSlots(n, models.Codes{c.Of(models.Common), c.Of(models.SeparateA)})
	if err != nil {
		return nil, err
	}
	other, err := m.decodeSlots(n, models.Codes{c.Of(models.Common), c.Of(models.SeparateB)})
	if err != nil {
		return nil, err
	}
	m.region.find()
	owned := m.region.owned()
	for i := range out.Data {
		of := owned[i%len(owned)]
		out.Data[i] = of*out.Data[i] + (1-of)*other.Data[i]
	}
	return out, nil
}

// owned is by pixel how much of it is A's: in the region 1 where the logarithms of variances of A less those of B,
// the mean over channels and neighbours, are above the threshold that parts them best, 0 where below; elsewhere one half; and
// then the mean over neighbours. The threshold and not zero, as the images of one domain may
// vary more everywhere.
func (r *region) owned() []float32 {
	size := len(r.inside)
	ratios := make([]float64, size)
	for i := range r.shape.Len() {
		a, b := r.moments[domains.A].variance.Data[i], r.moments[domains.B].variance.Data[i]
		ratios[i%size] += math.Log((float64(a)+leastVariance)/(float64(b)+leastVariance)) / float64(r.shape.Channels)
	}
	ratios = r.aroundEach(ratios)
	var inside []float64
	for i, v := range ratios {
		if r.inside[i] {
			inside = append(inside, v)
		}
	}
	threshold, parts := bestThreshold(inside)
	owned := make([]float64, size)
	for i, v := range ratios {
		switch {
		case !parts || !r.inside[i]:
			owned[i] = 0.5
		case v > threshold:
			owned[i] = 1
		}
	}
	out := make([]float32, size)
	for i, v := range r.aroundEach(owned) {
		out[i] = float32(v)
	}
	return out
}

// aroundEach are the means over each pixel and its neighbours, across, down and aslant.
func (r *region) aroundEach(x []float64) []float64 {
	h, w := r.shape.Height, r.shape.Width
	out := make([]float64, len(x))
	for i := range out {
		var sum, n float64
		for y := max(0, i/w-1); y <= min(h-1, i/w+1); y++ {
			for at := max(0, i%w-1); at <= min(w-1, i%w+1); at++ {
				sum, n = sum+x[y*w+at], n+1
			}
		}
		out[i] = sum / n
	}
	return out
}

// bestThreshold is between the values of the two groups, of those below it and those above, whose means are
// farthest apart for their sizes: the largest variance between groups, n₁·n₂·(μ₁ − μ₂)². There is none where all values are
// equal. N. Otsu, "A threshold selection method from gray-level histograms", IEEE Trans. SMC 9 (1979).
func bestThreshold(values []float64) (threshold float64, parts bool) {
	sorted := slices.Sorted(slices.Values(values))
	var total, below, best float64
	for _, v := range sorted {
		total += v
	}
	for i := 1; i < len(sorted); i++ {
		below += sorted[i-1]
		if sorted[i-1] == sorted[i] {
			continue
		}
		n, rest := float64(i), float64(len(sorted)-i)
		apart := below/n - (total-below)/rest
		if between := n * rest * apart * apart; between > best {
			best, threshold, parts = between, (sorted[i-1]+sorted[i])/2, true
		}
	}
	return threshold, parts
}
