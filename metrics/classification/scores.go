package classification

import (
	"fmt"
	"math"

	"github.com/venn-adapt/venn/metrics"
)

// AdjustedBalanced is the balanced accuracy brought to 0 at chance: (b - 1/K)/(1 - 1/K), K the classes
// present in the truth. One class gives 0 and Degenerate.
func (c *Confusion) AdjustedBalanced() metrics.Result {
	r := c.BalancedAccuracy()
	r.Name = "balanced-adjusted"
	present := 0
	for k := range c.Counts {
		if s, _ := c.support(k); s > 0 {
			present++
		}
	}
	if present < 2 {
		return r.Collapse("one class in the truth", false)
	}
	chance := 1 / float64(present)
	r.Value = (r.Value - chance) / (1 - chance)
	return r
}

// WeightedF1 is the mean of F1 weighted by the rows of each class.
func (c *Confusion) WeightedF1() metrics.Result {
	r := metrics.Result{Name: "weighted-f1", N: c.N}
	for k, f := range c.F1() {
		if s, _ := c.support(k); s > 0 {
			r.Value += f * float64(s) / float64(c.N)
		}
	}
	return r
}

// Kappa is Cohen's (p_o - p_e)/(1 - p_e), agreement beyond the chance of the margins; 0 and Degenerate where
// the margins leave no doubt. J. Cohen (1960).
func (c *Confusion) Kappa() metrics.Result {
	r := metrics.Result{Name: "kappa", N: c.N}
	n := float64(c.N)
	var expected float64
	for k := range c.Counts {
		s, p := c.support(k)
		expected += float64(s) * float64(p) / (n * n)
	}
	if expected == 1 {
		return r.Collapse("one class in truth and predictions", false)
	}
	r.Value = (float64(c.Hits())/n - expected) / (1 - expected)
	return r
}

// Matthews is the correlation of truth and predictions over several classes, in [-1, 1]; 0 and Degenerate where
// either has one class. J. Gorodkin (2004).
func (c *Confusion) Matthews() metrics.Result {
	r := metrics.Result{Name: "matthews", N: c.N}
	n := float64(c.N)
	var both, truth, predicted float64
	for k := range c.Counts {
		s, p := c.support(k)
		both += float64(s) * float64(p)
		truth += float64(s) * float64(s)
		predicted += float64(p) * float64(p)
	}
	root := math.Sqrt((n*n - predicted) * (n*n - truth))
	if root == 0 {
		return r.Collapse("one class in truth or predictions", false)
	}
	r.Value = (n*float64(c.Hits()) - both) / root
	return r
}

func init() {
	for _, d := range []metrics.Descriptor{
		{Name: "balanced-adjusted", Doc: "balanced accuracy, 0 at chance and 1 when perfect"},
		{Name: "weighted-f1", Doc: "mean F1 weighted by the rows of each class"},
		{Name: "kappa", Doc: "Cohen's agreement beyond chance", Citation: "Cohen, A coefficient of agreement for nominal scales, 1960"},
		{Name: "matthews", Doc: "correlation of truth and predictions", Citation: "Gorodkin, Comparing two K-category assignments by a K-category correlation coefficient, 2004"},
	} {
		d.Kind, d.Unit, d.Range, d.Better = metrics.Classification, "1", [2]float64{-1, 1}, metrics.HigherIsBetter
		d.Invariant, d.Cost, d.MinRows = []string{"row order"}, "time n", 1
		if d.Name == "weighted-f1" {
			d.Range[0] = 0
		}
		metrics.Measures.Add(d.Name, d)
	}
}

// checkProbabilities fails unless p holds one row of finite numbers from 0 to 1 that add up to 1 for each
// label in [0, classes).
func checkProbabilities(name string, truth []int, p [][]float64) error {
	if len(truth) == 0 || len(truth) != len(p) {
		return fmt.Errorf("metrics: %s: %d rows of probabilities for %d labels, want as many and at least one", name, len(p), len(truth))
	}
	for i, row := range p {
		if truth[i] < 0 || truth[i] >= len(row) || len(row) != len(p[0]) {
			return fmt.Errorf("metrics: %s: row %d: label %d of %d probabilities, the first row has %d", name, i, truth[i], len(row), len(p[0]))
		}
		var sum float64
		for _, v := range row {
			if !(v >= 0 && v <= 1) {
				return fmt.Errorf("metrics: %s: row %d: probability %v, want 0 to 1", name, i, v)
			}
			sum += v
		}
		if math.Abs(sum-1) > 1e-6 {
			return fmt.Errorf("metrics: %s: row %d: probabilities add up to %v, want 1", name, i, sum)
		}
	}
	return nil
}
