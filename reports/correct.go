package reports

import (
	"slices"

	"github.com/venn-adapt/venn/metrics/correctness"
)

// CorrectnessScore is the score of a factor, in the one direction that it has; or, without a factor, the mean over factors
// of a direction, empty of both. nil where the run does not have it.
func (r Results) CorrectnessScore(name, direction, factor string) *correctness.Score {
	return scoreOf(r.Correctness, name, direction, factor)
}

// ReconstructedScore is the same of pairs put together of reconstructions.
func (r Results) ReconstructedScore(name, direction, factor string) *correctness.Score {
	return scoreOf(r.Reconstructed, name, direction, factor)
}

func scoreOf(scores []correctness.Score, name, direction, factor string) *correctness.Score {
	for i := range scores {
		if s := &scores[i]; s.Name == name && s.Factor == factor && (factor != "" || s.Direction == direction) {
			return s
		}
	}
	return nil
}

// OnShapes says whether a run has the two domains of 3D Shapes, drawn by the program or the published renders.
func (r Results) OnShapes() bool {
	return slices.Contains([]string{"shapes-drawn", "shapes3d"}, r.Domains[0].Dataset)
}
