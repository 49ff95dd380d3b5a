package disentanglement

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/metrics"
	"github.com/venn-adapt/venn/metrics/classification"
	"github.com/venn-adapt/venn/metrics/independence"
	"github.com/venn-adapt/venn/metrics/probe"
)

// A Block is a part of the code that the question is about: common, separate A, separate B.
type Block struct {
	Name  string
	Codes *mat.Dense
}

// blockNeighbours is k of the information of a block and a factor.
const blockNeighbours = 3

// BlockMIG is MIG with blocks of columns in place of columns: the information of a block and a factor by Ross's
// nearest neighbours on z-scored columns, projected to 10 principal components where there are more, not
// below 0. It returns the information (blocks x factors, not cut) and the gap of each factor over its entropy. Errors as
// MIG; a collapsed block tells of nothing.
func BlockMIG(blocks []Block, table *mat.Dense, seed uint64) (information *mat.Dense, gaps []float64, err error) {
	f, err := blockFactors("block mig", blocks, table, 4)
	if err != nil {
		return nil, nil, err
	}
	information = mat.NewDense(len(blocks), len(f.levels), nil)
	for b, block := range blocks {
		if metrics.Constant(block.Codes) {
			continue
		}
		x, _, err := independence.Prepare(block.Codes, true, seed, block.Name)
		if err != nil {
			return nil, nil, fmt.Errorf("metrics: block mig: %s: %w", block.Name, err)
		}
		for j, levels := range f.levels {
			v, _, err := independence.LabelInformation(x, levels, blockNeighbours)
			if err != nil {
				return nil, nil, err
			}
			information.Set(b, j, v)
		}
	}
	for j, levels := range f.levels {
		column := mat.Col(nil, j, information)
		for b := range column {
			column[b] = math.Max(0, column[b])
		}
		own, _ := independence.DiscreteInformation(levels, levels) // of itself: cannot fail
		gaps = append(gaps, gap(column)/own.EntropyX)
	}
	return information, gaps, nil
}

// blockFactors checks that all blocks pair with the factors and reads those of at least two levels.
func blockFactors(name string, blocks []Block, table *mat.Dense, minRows int) (*factors, error) {
	if len(blocks) == 0 {
		return nil, fmt.Errorf("metrics: %s: no blocks", name)
	}
	var f *factors
	for _, b := range blocks {
		var err error
		if f, _, _, err = begin(name+": "+b.Name, b.Codes, table, minRows, metrics.Settings{}); err != nil {
			return nil, err
		}
	}
	if len(f.levels) == 0 {
		return nil, fmt.Errorf("metrics: %s: no factor has two levels", name)
	}
	return f, nil
}

const shuffles = 5 // of a block, averaged

// BlockImportance is how far the chance-corrected balanced accuracy of a linear probe on the whole code falls, on
// held-out rows, when the columns of one block are shuffled together, the mean of 5 shuffles and not below 0: a matrix
// of blocks x factors for NewImportance, which does not depend on how a tree or a Lasso is written. Errors as MIG, below
// 20 rows, and a fit that does not converge.
func BlockImportance(blocks []Block, table *mat.Dense, seed uint64) (*mat.Dense, error) {
	f, err := blockFactors("block importance", blocks, table, probeRows)
	if err != nil {
		return nil, err
	}
	whole, first := join(blocks)
	train, test := probe.Halves(f.n, seed)
	out := mat.NewDense(len(blocks), len(f.levels), nil)
	for j, levels := range f.levels {
		held := probe.Take(whole, test)
		all := mat.DenseCopyOf(held)
		var shuffled []*mat.Dense
		for b, block := range blocks {
			_, d := block.Codes.Dims()
			for k := range shuffles {
				order := stream.Permutation(stream.New(seed, "importance", j, b, k), len(test))
				copied := mat.DenseCopyOf(held)
				for i, from := range order {
					copy(copied.RawRowView(i)[first[b]:first[b]+d], held.RawRowView(from)[first[b]:first[b]+d])
				}
				shuffled = append(shuffled, copied)
			}
		}
		for _, s := range shuffled { // one fit scores them all
			var stacked mat.Dense
			stacked.Stack(all, s)
			all = &stacked
		}
		p, err := probe.Linear.Probabilities(probe.Take(whole, train), probe.Pick(levels, train), f.counts[j], all)
		if err != nil {
			return nil, err
		}
		truth := probe.Pick(levels, test)
		score := func(k int) (float64, error) {
			c, err := classification.NewConfusion(truth, probe.Predictions(p[k*len(test):(k+1)*len(test)]), f.counts[j])
			if err != nil {
				return 0, err
			}
			return c.AdjustedBalanced().Value, nil
		}
		base, err := score(0)
		if err != nil {
			return nil, err
		}
		for b := range blocks {
			var fall float64
			for k := range shuffles {
				v, err := score(1 + b*shuffles + k)
				if err != nil {
					return nil, err
				}
				fall += (base - v) / shuffles
			}
			out.Set(b, j, math.Max(0, fall))
		}
	}
	return out, nil
}

// join puts blocks side by side and says where each begins.
func join(blocks []Block) (whole *mat.Dense, first []int) {
	whole = blocks[0].Codes
	first = []int{0}
	for _, b := range blocks[1:] {
		_, d := whole.Dims()
		first = append(first, d)
		var wider mat.Dense
		wider.Augment(whole, b.Codes)
		whole = &wider
	}
	return whole, first
}
