package probe

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"github.com/venn-adapt/venn/internal/perceptron"
	"github.com/venn-adapt/venn/internal/zscore"
)

// network are the settings of the perceptron of n rows: two hidden layers of 128 units, and few rows in small batches, so
// that they make steps enough.
func network(n int) perceptron.Settings {
	return perceptron.Settings{Hidden: []int{128, 128}, Rate: 1e-3, Decay: 1e-3, Batch: min(128, max(16, n/16)), Epochs: 100}
}

// heldEvery is how many training rows there are for one that chooses the epoch.
const heldEvery = 10

// fitNetwork fits scaled rows, of which every tenth chooses the epoch.
func fitNetwork(r perceptron.Rows, outputs int) (*perceptron.Network, error) {
	n, _ := r.X.Dims()
	var kept, held []int
	for i := range n {
		if i%heldEvery == heldEvery-1 {
			held = append(held, i)
		} else {
			kept = append(kept, i)
		}
	}
	net, err := perceptron.Fit(r.Take(kept), r.Take(held), outputs, network(n))
	if err != nil {
		return nil, fmt.Errorf("metrics: probe: %w", err)
	}
	return net, nil
}

// NetworkValues fits y on train (n x d) by the perceptron, columns and y z-scored with training figures, and returns
// the predictions of the rows of test: the training mean where no column, or y, varies. It fails on fewer than 10 training
// rows and a fit that diverges. Time O(n d) an epoch.
func NetworkValues(train *mat.Dense, y []float64, test *mat.Dense) ([]float64, error) {
	if len(y) < heldEvery {
		return nil, fmt.Errorf("metrics: probe: %d training rows, want at least %d", len(y), heldEvery)
	}
	m, _ := test.Dims()
	mean, variance := stat.PopMeanVariance(y, nil)
	out := make([]float64, m)
	for i := range out {
		out[i] = mean
	}
	scale := zscore.Learn(train)
	deviation := math.Sqrt(variance)
	if len(scale.Columns) == 0 || deviation == 0 {
		return out, nil
	}
	scaled := make([]float64, len(y))
	for i, v := range y {
		scaled[i] = (v - mean) / deviation
	}
	net, err := fitNetwork(perceptron.Rows{X: scale.Apply(train), Values: scaled}, 1)
	if err != nil {
		return nil, err
	}
	p := net.Outputs(scale.Apply(test))
	for i := range out {
		out[i] += deviation * p.At(i, 0)
	}
	return out, nil
}
