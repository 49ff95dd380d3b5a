package inference

import (
	"fmt"
	"slices"

	"gonum.org/v1/gonum/floats"

	"github.com/venn-adapt/venn/internal/stream"
)

// InterquartileMean is the mean of the middle half of all scores over tasks and seeds
// (scores[task][seed], normalised so that tasks are comparable), with its interval at
// the level by a bootstrap stratified by task: seeds are resampled within each task from the
// stream (seed, interquartile mean, b), tasks stay. It needs less than the median and bears an
// outlying run as the mean does not. A quarter of the scores, rounded down, is cut from
// each end. Fewer than 5 seeds in a task warn. It fails on a task without seeds, values
// that are not finite and a level outside (0, 1).
//
// R. Agarwal et al., "Deep reinforcement learning at the edge of the statistical
// precipice" (2021).
func InterquartileMean(scores [][]float64, resamples int, level float64, seed uint64) (Interval, error) {
	var all []float64
	fewest := 0
	for task, s := range scores {
		if err := check(fmt.Sprintf("interquartile mean: task %d", task), s, level); err != nil {
			return Interval{}, err
		}
		if task == 0 || len(s) < fewest {
			fewest = len(s)
		}
		all = append(all, s...)
	}
	if len(all) == 0 || resamples < 1 {
		return Interval{}, fmt.Errorf("metrics: interquartile mean: %d tasks and %d resamples, want at least one of each", len(scores), resamples)
	}
	i := Interval{Estimate: middleMean(slices.Clone(all)), N: len(all)}
	values, drawn := make([]float64, resamples), make([]float64, len(all))
	for b := range values {
		r := stream.New(seed, "interquartile mean", b)
		at := 0
		for _, s := range scores {
			for range s {
				drawn[at] = s[r.IntN(len(s))]
				at++
			}
		}
		values[b] = middleMean(drawn)
	}
	slices.Sort(values)
	i.Low, i.High = Quantile(values, 0.5-level/2), Quantile(values, 0.5+level/2)
	if fewest < FewSeeds {
		i.Warnings = append(i.Warnings, fmt.Sprintf("%d seeds in a task, fewer than %d", fewest, FewSeeds))
	}
	return i, nil
}

// middleMean sorts values and averages them without a quarter at each end.
func middleMean(values []float64) float64 {
	slices.Sort(values)
	cut := len(values) / 4
	kept := values[cut : len(values)-cut]
	return floats.Sum(kept) / float64(len(kept))
}
