package validators

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
)

// daviesBouldin of rows under labels: the mean over clusters of the largest
// (s_a + s_b) / |mean_a - mean_b|, s the mean distance of a cluster's rows to its mean.
// It fails on fewer than two clusters.
func daviesBouldin(x *mat.Dense, labels []int, classes int) (float64, error) {
	n, d := x.Dims()
	sizes := adapt.Counts(labels, classes)
	means, spread := mat.NewDense(classes, d, nil), make([]float64, classes)
	for i, c := range labels {
		floats.AddScaled(means.RawRowView(c), 1/float64(sizes[c]), x.RawRowView(i))
	}
	for i, c := range labels {
		spread[c] += floats.Distance(x.RawRowView(i), means.RawRowView(c), 2) / float64(sizes[c])
	}
	var sum float64
	present := 0
	for a := range classes {
		if sizes[a] == 0 {
			continue
		}
		present++
		worst := 0.0
		for b := range classes {
			if b == a || sizes[b] == 0 {
				continue
			}
			worst = math.Max(worst, (spread[a]+spread[b])/floats.Distance(means.RawRowView(a), means.RawRowView(b), 2))
		}
		sum += worst
	}
	if present < 2 {
		return 0, fmt.Errorf("%d classes predicted over %d rows, want at least 2", present, n)
	}
	return sum / float64(present), nil
}

func init() {
	adapt.Validators.Add("dbi", adapt.ValidatorInfo{
		Name:     "dbi",
		Doc:      "negative Davies-Bouldin index of adapted target features under predicted labels; rewards compact clusters, right or wrong",
		Citation: "Davies and Bouldin, A cluster separation measure, 1979",
		Score: func(e adapt.Evidence) (float64, error) {
			v, err := daviesBouldin(e.Fit.Target, predictedTarget(e), e.Task.Source.Classes)
			return -v, err
		},
	})
}
