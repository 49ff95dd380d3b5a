package shapes

import (
	"fmt"
	"slices"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/stream"
)

// The factors of a room, in the order of the columns of 3D Shapes.
const (
	floorHue = iota
	wallHue
	objectHue
	size
	shape
	orientation
	factors // how many there are
)

// A room is the level of each factor.
type room [factors]int

var (
	factorNames = [factors]string{"floor_hue", "wall_hue", "object_hue", "size", "shape", "orientation"}
	levels      = [factors][]string{hues, hues, hues, numbers("%.3f", 8, 0.75, 1.25), {cube: "cube", cylinder: "cylinder", sphere: "sphere", capsule: "capsule"}, numbers("%.1f", 15, -30, 30)}
	hues        = []string{"red", "orange", "lime", "green", "mint", "cyan", "azure", "indigo", "purple", "pink"}
)

// numbers are the names of n numbers at even distances.
func numbers(format string, n int, low, high float64) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf(format, between(i, n, low, high))
	}
	return out
}

// between is number i of n at even distances from low to high.
func between(i, n int, low, high float64) float64 {
	return low + (high-low)*float64(i)/float64(n-1)
}

// The two domains are those of D. Bashkirova, B. Usman, K. Saenko, "Evaluation of Correctness in
// Unsupervised Many-to-Many Image Translation", WACV 2022, and of the images beside it: both have
// the shared factors; each has two of its own, which the other keeps where plain has them.
var (
	shared = []int{objectHue, shape}
	own    = [2][]int{{floorHue, wallHue}, {size, orientation}}
	plain  = room{floorHue: 0, wallHue: 7, size: 5, orientation: 0}
)

// varying lists the factors that vary in a domain: shared ones first.
func varying(side domains.Side) []int { return slices.Concat(shared, own[side]) }

// roomsOf lists the rooms of a domain: every combination of what varies in it, but for the 40
// rooms that would be of both domains, as the published images have it. There are 3960 in A and
// 4760 in B.
func roomsOf(side domains.Side) []room {
	out := []room{plain}
	for _, f := range varying(side) {
		var more []room
		for _, r := range out {
			for level := range levels[f] {
				r[f] = level
				more = append(more, r)
			}
		}
		out = more
	}
	first, second := own[side][0], own[side][1]
	return slices.DeleteFunc(out, func(r room) bool { return r[first] == plain[first] && r[second] == plain[second] })
}

// mostImages is what a domain may have of both splits together: all rooms of the smaller one.
const mostImages = 3960

// splitOptions say how the rooms of a domain are shared out. data_seed, and no job's seed,
// draws them.
var splitOptions = []option.Option{
	{Name: "train", Doc: "training images of a domain, no two alike; with test at most 3960", Kind: option.Int, Default: 3000, Min: 1, Max: mostImages - 1},
	{Name: "test", Doc: "test images of a domain, of combinations of factors that no training image has", Kind: option.Int, Default: 900, Min: 1, Max: mostImages - 1},
	{Name: "data_seed", Doc: "seed of the choice of test images; the seed of a job does not change it", Kind: option.Int, Default: 0, Min: 0, Max: 1e9},
}

// checkSplit refuses more images than there are rooms.
func checkSplit(o option.Values) []option.Error {
	train, test := o.Int("train"), o.Int("test")
	if train+test <= mostImages {
		return nil
	}
	return []option.Error{{Option: "train", Problem: fmt.Sprintf("%d, and test %d: want at most %d together, as no combination of factors comes twice", train, test, mostImages)}}
}

// split draws the rooms of both splits: all rooms of the domain are put in a random order, of
// which test images take the first and training images the last, backwards. No room is in both,
// and a longer split begins with the shorter one. limit is that of a request.
func split(dataset string, r domains.Request) (train, test []room, err error) {
	if faults := checkSplit(r.Options); faults != nil {
		return nil, nil, fmt.Errorf("domains: %s: %s: %s", dataset, faults[0].Option, faults[0].Problem)
	}
	all := roomsOf(r.Side)
	order := stream.Permutation(stream.New(uint64(r.Options.Int("data_seed")), "shapes/split", r.Side), len(all))
	for _, i := range domains.Subset(r.Seed, dataset, r.Side, r.Options.Int("train"), r.Limit) {
		train = append(train, all[order[len(order)-1-i]])
	}
	for _, place := range order[:r.Options.Int("test")] {
		test = append(test, all[place])
	}
	return train, test, nil
}

// splitOf is images with what is known of them. The class is the shape.
func splitOf(side domains.Side, images *domains.Images, of []room) domains.Split {
	table, labels := &domains.Factors{}, make([]int, len(of))
	for _, f := range varying(side) {
		table.Names = append(table.Names, factorNames[f])
		table.Categories = append(table.Categories, levels[f])
	}
	for i, r := range of {
		labels[i] = r[shape]
		var values []float64
		for _, f := range varying(side) {
			values = append(values, float64(r[f]))
		}
		table.Values = append(table.Values, values)
	}
	return domains.Split{Images: images, Truth: domains.NewTruth(labels, levels[shape]), Factors: table}
}

// take sets the factors to those of row i of a table. A table without them is a mistake of
// the caller.
func (r *room) take(which []int, from *domains.Factors, i int) {
	for _, f := range which {
		j := slices.Index(from.Names, factorNames[f])
		if j < 0 {
			panic(fmt.Sprintf("domains: shapes: factor %q is not among %v", factorNames[f], from.Names))
		}
		r[f] = int(from.Values[i][j])
	}
}
