package reports

import (
	"slices"

	"github.com/venn-adapt/venn/metrics/correctness"
	"github.com/venn-adapt/venn/metrics/inference"
)

// AheadByPairs is by how much a system's D is above that of another on the same pairs, with its 95%
// interval over resamples of them, of the first seed of which both have it; ok is false where the
// records of one do not have the resamples, or other pairs.
func (s SystemRow) AheadByPairs(of SystemRow) (ahead inference.Interval, ok bool) {
	for _, r := range s.Runs {
		for _, o := range of.Runs {
			mine, other := r.Results.pairedD(), o.Results.pairedD()
			if r.Results.Seed != o.Results.Seed || mine == nil || other == nil || mine.N != other.N || len(mine.Resamples) != len(other.Resamples) {
				continue
			}
			differences := make([]float64, len(mine.Resamples))
			for b, v := range mine.Resamples {
				differences[b] = v - other.Resamples[b]
			}
			slices.Sort(differences)
			return inference.Interval{Estimate: *mine.Value - *other.Value, Low: inference.Quantile(differences, 0.025), High: inference.Quantile(differences, 0.975), N: mine.N}, true
		}
	}
	return ahead, false
}

// pairedD is D with its resamples; nil without.
func (r Results) pairedD() *correctness.Score {
	if s := r.CorrectnessScore(correctness.D, "", ""); s != nil && len(s.Resamples) > 0 && s.Value != nil {
		return s
	}
	return nil
}
