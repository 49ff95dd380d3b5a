package trees

import (
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/logistic"
	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/internal/stream"
)

// Settings are those of boosting.
type Settings struct {
	Rounds    int     // of one tree a class
	Rate      float64 // share of each step that is taken
	Depth     int     // of a tree at most
	Leaf      float64 // least sum of second derivatives in a leaf
	Subsample float64 // share of rows a round and of features a split
	Seed      uint64  // of the streams (seed, boosting, ...)
}

// A Boosted adds up regression trees, one a class and round, each a Newton step of the multinomial cross-entropy.
type Boosted struct {
	Rate  float64
	Trees [][]*Tree // rounds x classes
	Gain  []float64 // by feature, of all splits: twice what they took off the second-order model of the loss
}

// boostRidge is added to the sum of second derivatives in a leaf.
const boostRidge = 1.0

// Boost fits classes in [0, classes) of the rows of x (n x d), weights nil for all 1, on random rows and features cut into
// 32 bins at quantiles. The same seed gives the same bytes on any number of threads. Time O(rounds classes depth n d).
//
// J. H. Friedman, "Greedy function approximation: a gradient boosting machine" (2001); T. Chen and C. Guestrin,
// "XGBoost" (2016).
func Boost(x *mat.Dense, labels []int, weights []float64, classes int, s Settings) *Boosted {
	n, d := x.Dims()
	weight := func(i int) float64 {
		if weights == nil {
			return 1
		}
		return weights[i]
	}
	b := NewBins(x)
	scores := mat.NewDense(n, classes, nil)
	out := &Boosted{Rate: s.Rate, Gain: make([]float64, d)}
	for round := range s.Rounds {
		p := mat.DenseCopyOf(scores)
		for i := range n {
			logistic.Softmax(p.RawRowView(i))
		}
		rows := stream.Permutation(stream.New(s.Seed, "boosting/rows", round), n)[:sampleSize(s.Subsample, n)]
		slices.Sort(rows)
		one, gains := make([]*Tree, classes), make([][]float64, classes)
		parallel.For(classes, func(k int) {
			gains[k] = make([]float64, d)
			g := &Grower{Bins: b, Targets: mat.NewDense(n, 1, nil), Weights: make([]float64, n), Ridge: boostRidge, Depth: s.Depth, MinLeaf: s.Leaf,
				Features: sampleSize(s.Subsample, d), Random: stream.New(s.Seed, "boosting", round, k), Gain: gains[k]}
			for i := range n {
				q := p.At(i, k)
				y := 0.0
				if labels[i] == k {
					y = 1
				}
				g.Targets.Set(i, 0, weight(i)*(y-q))
				g.Weights[i] = weight(i) * q * (1 - q)
			}
			one[k] = g.Grow(rows)
		})
		for _, gain := range gains {
			for j, v := range gain {
				out.Gain[j] += v
			}
		}
		parallel.Blocks(n, scoreBlock, func(_, lo, hi int) {
			for i := lo; i < hi; i++ {
				out.add(scores.RawRowView(i), one, x.RawRowView(i))
			}
		})
		out.Trees = append(out.Trees, one)
	}
	return out
}

const scoreBlock = 16 // rows of a block of work

// add puts a round's steps on the scores of a row.
func (b *Boosted) add(scores []float64, round []*Tree, row []float64) {
	for k, t := range round {
		scores[k] += b.Rate * t.Leaf(row)[0]
	}
}

// Probabilities are those of the classes for the rows of x.
func (b *Boosted) Probabilities(x *mat.Dense, classes int) *mat.Dense {
	n, _ := x.Dims()
	p := mat.NewDense(n, classes, nil)
	parallel.Blocks(n, scoreBlock, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			row := p.RawRowView(i)
			for _, round := range b.Trees {
				b.add(row, round, x.RawRowView(i))
			}
			logistic.Softmax(row)
		}
	})
	return p
}
