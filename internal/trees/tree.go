// Package trees grows decision trees on features cut into bins, and adds them up to classifiers.
package trees

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/internal/stream"
)

// maxBins is the number of values that a feature is cut into before trees are grown.
const maxBins = 32

// Bins holds features cut at quantiles: row i, feature j is in bin code[j*n+i], and
// bin b holds values up to cuts[j][b].
type Bins struct {
	n, d int
	code []uint8
	cuts [][]float64
}

// NewBins cuts the features of x (n x d) at quantiles into at most 32 bins. Time O(d n log n), memory n d bytes.
func NewBins(x *mat.Dense) *Bins {
	n, d := x.Dims()
	b := &Bins{n: n, d: d, code: make([]uint8, n*d), cuts: make([][]float64, d)}
	parallel.For(d, func(j int) {
		values := mat.Col(nil, j, x)
		sorted := slices.Clone(values)
		slices.Sort(sorted)
		sorted = slices.Compact(sorted)
		for k := 1; k < maxBins; k++ { // a cut lies halfway between neighbouring values
			at := k * len(sorted) / maxBins
			if at == 0 {
				continue
			}
			if cut := sorted[at-1] + (sorted[at]-sorted[at-1])/2; len(b.cuts[j]) == 0 || cut > b.cuts[j][len(b.cuts[j])-1] {
				b.cuts[j] = append(b.cuts[j], cut)
			}
		}
		for i, v := range values {
			at, _ := slices.BinarySearch(b.cuts[j], v)
			b.code[j*n+i] = uint8(at)
		}
	})
	return b
}

// A Tree sends a row with feature f at or below a threshold to the left. A leaf has
// feature -1.
type Tree struct {
	Feature     []int
	Threshold   []float64
	Left, Right []int
	Value       [][]float64 // of leaves
}

// Leaf is the value of the leaf that a row falls into.
func (t *Tree) Leaf(row []float64) []float64 {
	at := 0
	for t.Feature[at] >= 0 {
		if row[t.Feature[at]] <= t.Threshold[at] {
			at = t.Left[at]
		} else {
			at = t.Right[at]
		}
	}
	return t.Value[at]
}

// A Grower grows trees that maximise sum over leaves of sum_k S_k^2 / (W + ridge), with S
// the sums of the rows' targets and W that of their weights; a leaf's value is
// S / (W + ridge). One-hot targets give Gini's criterion and class shares, negative
// gradients with second derivatives as weights those of boosting.
type Grower struct {
	Bins     *Bins
	Targets  *mat.Dense // n x k
	Weights  []float64
	Ridge    float64
	Depth    int
	MinLeaf  float64    // least weight of a leaf
	Features int        // tried at a split
	Random   *rand.Rand // draws them; nil where all are tried
	// Gain adds up, by feature, what its splits gained; nil: not wanted.
	Gain []float64
}

// Grow returns the tree of the given rows.
func (g *Grower) Grow(rows []int) *Tree {
	t := &Tree{}
	g.node(t, slices.Clone(rows), 0)
	return t
}

// node appends the subtree of rows, which it reorders, and returns its index.
func (g *Grower) node(t *Tree, rows []int, depth int) int {
	at := len(t.Feature)
	t.Feature, t.Threshold = append(t.Feature, -1), append(t.Threshold, 0)
	t.Left, t.Right, t.Value = append(t.Left, 0), append(t.Right, 0), append(t.Value, nil)
	sums, weight := g.total(rows)
	feature, bin, gain := -1, 0, 0.0
	if depth < g.Depth {
		feature, bin, gain = g.split(rows, sums, weight)
	}
	if feature < 0 {
		for k := range sums {
			sums[k] /= weight + g.Ridge
		}
		t.Value[at] = sums
		return at
	}
	if g.Gain != nil {
		g.Gain[feature] += gain
	}
	code := g.Bins.code[feature*g.Bins.n:]
	left := 0
	for i, r := range rows {
		if int(code[r]) <= bin {
			rows[i], rows[left] = rows[left], r
			left++
		}
	}
	t.Feature[at], t.Threshold[at] = feature, g.Bins.cuts[feature][bin]
	l := g.node(t, rows[:left], depth+1)
	r := g.node(t, rows[left:], depth+1)
	t.Left[at], t.Right[at] = l, r
	return at
}

func (g *Grower) total(rows []int) (sums []float64, weight float64) {
	_, k := g.Targets.Dims()
	sums = make([]float64, k)
	for _, r := range rows {
		for c, v := range g.Targets.RawRowView(r) {
			sums[c] += v
		}
		weight += g.Weights[r]
	}
	return sums, weight
}

// leastGain is the relative gain below which a split is rounding.
const leastGain = 1e-9

// split finds the feature and last left bin of highest gain; -1 where none helps.
func (g *Grower) split(rows []int, sums []float64, weight float64) (feature, bin int, gain float64) {
	k := len(sums)
	score := func(s []float64, w float64) float64 {
		var v float64
		for _, x := range s {
			v += x * x
		}
		return v / (w + g.Ridge)
	}
	parent := score(sums, weight)
	best := parent * (1 + leastGain)
	feature = -1
	counts, hist := make([]float64, maxBins), make([]float64, maxBins*k)
	left, right := make([]float64, k), make([]float64, k)
	for _, j := range g.candidates() {
		clear(counts)
		clear(hist)
		code := g.Bins.code[j*g.Bins.n:]
		for _, r := range rows {
			b := int(code[r])
			counts[b] += g.Weights[r]
			to := hist[b*k : (b+1)*k]
			for c, v := range g.Targets.RawRowView(r) {
				to[c] += v
			}
		}
		clear(left)
		var w float64
		for b := range g.Bins.cuts[j] {
			w += counts[b]
			for c := range left {
				left[c] += hist[b*k+c]
				right[c] = sums[c] - left[c]
			}
			if w < g.MinLeaf || weight-w < g.MinLeaf {
				continue
			}
			if v := score(left, w) + score(right, weight-w); v > best {
				best, feature, bin = v, j, b
			}
		}
	}
	return feature, bin, best - parent
}

// candidates draws the features of one split, ascending.
func (g *Grower) candidates() []int {
	if g.Features >= g.Bins.d {
		all := make([]int, g.Bins.d)
		for j := range all {
			all[j] = j
		}
		return all
	}
	out := stream.Permutation(g.Random, g.Bins.d)[:g.Features]
	slices.Sort(out)
	return out
}

// sampleSize is a share of n, at least one.
func sampleSize(share float64, n int) int { return max(1, int(math.Round(share*float64(n)))) }
