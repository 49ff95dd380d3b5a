// Package classification scores predicted classes against true ones.
package classification

import (
	"fmt"
	"math"

	"github.com/venn-adapt/venn/metrics"
	"github.com/venn-adapt/venn/metrics/inference"
)

// A Confusion counts rows by true class (first index) and predicted class (second),
// over the fixed class list of a task: a class absent from the test set keeps its row.
type Confusion struct {
	Counts [][]int `json:"counts"`
	N      int     `json:"n"`
}

// NewConfusion counts truth against predictions, both in [0, classes). It fails on unequal
// lengths, no rows and labels outside the range, naming the first.
func NewConfusion(truth, predicted []int, classes int) (*Confusion, error) {
	switch {
	case len(truth) != len(predicted):
		return nil, fmt.Errorf("metrics: confusion: %d predictions for %d labels", len(predicted), len(truth))
	case len(truth) == 0:
		return nil, fmt.Errorf("metrics: confusion: no rows")
	case classes < 1:
		return nil, fmt.Errorf("metrics: confusion: %d classes, want at least 1", classes)
	}
	c := &Confusion{Counts: make([][]int, classes), N: len(truth)}
	for k := range c.Counts {
		c.Counts[k] = make([]int, classes)
	}
	for i, t := range truth {
		p := predicted[i]
		if t < 0 || t >= classes || p < 0 || p >= classes {
			return nil, fmt.Errorf("metrics: confusion: row %d: label %d predicted as %d, want 0 to %d", i, t, p, classes-1)
		}
		c.Counts[t][p]++
	}
	return c, nil
}

// Hits is the number of rows predicted right.
func (c *Confusion) Hits() int {
	hits := 0
	for k := range c.Counts {
		hits += c.Counts[k][k]
	}
	return hits
}

// support is the rows of class k, predicted those predicted as k.
func (c *Confusion) support(k int) (support, predicted int) {
	for j := range c.Counts {
		support += c.Counts[k][j]
		predicted += c.Counts[j][k]
	}
	return support, predicted
}

// Accuracy is the share of rows predicted right, with its 95% Wilson interval over rows
// (not over seeds).
func (c *Confusion) Accuracy() metrics.Result {
	w, _ := inference.Wilson(c.Hits(), c.N) // cannot fail: 0 <= hits <= N, N > 0
	return metrics.Result{Name: "accuracy", Value: w.Estimate, N: c.N, Interval: []float64{w.Low, w.High}}
}

// Recall is the share of each class's rows that were predicted right; NaN for a class
// without rows.
func (c *Confusion) Recall() []float64 {
	return c.perClass(func(right, support, _ int) float64 { return float64(right) / float64(support) })
}

// F1 is 2 tp/(2 tp + fp + fn) by class: 0 for a class predicted but absent, or present but
// never predicted; NaN for one neither present nor predicted.
func (c *Confusion) F1() []float64 {
	return c.perClass(func(right, support, predicted int) float64 {
		return 2 * float64(right) / float64(support+predicted)
	})
}

func (c *Confusion) perClass(score func(right, support, predicted int) float64) []float64 {
	out := make([]float64, len(c.Counts))
	for k := range out {
		s, p := c.support(k)
		out[k] = score(c.Counts[k][k], s, p) // 0/0 is NaN: undefined
	}
	return out
}

// BalancedAccuracy is the mean recall over the classes present in the truth; the classes
// left out are counted in a warning.
func (c *Confusion) BalancedAccuracy() metrics.Result {
	return c.mean("balanced-accuracy", c.Recall(), "without test rows")
}

// MacroF1 is the mean of F1 over the classes that are present or predicted; the others are
// counted in a warning.
func (c *Confusion) MacroF1() metrics.Result {
	return c.mean("macro-f1", c.F1(), "neither present nor predicted")
}

func (c *Confusion) mean(name string, values []float64, why string) metrics.Result {
	r := metrics.Result{Name: name, N: c.N}
	var sum float64
	left := 0
	for _, v := range values {
		if math.IsNaN(v) {
			left++
			continue
		}
		sum += v
	}
	r.Value = sum / float64(len(values)-left)
	if left > 0 {
		r.Warnings = []string{fmt.Sprintf("%d classes left out: %s", left, why)}
	}
	return r
}

// smallestGap is the distance from source-only to oracle below which the share of it is
// noise and not reported.
const smallestGap = 0.005

// GapClosed is (method - source) / (oracle - source) of three accuracies with the same
// classifier, test rows and seeds: 0 is source-only, 1 the oracle; below 0 is negative
// transfer, above 1 is possible. ok is false, with the reason, where the oracle is less
// than 0.005 above the source-only row. It fails on values that are not in [0, 1].
func GapClosed(method, source, oracle float64) (share float64, ok bool, reason string, err error) {
	for _, v := range []float64{method, source, oracle} {
		if !(v >= 0 && v <= 1) {
			return 0, false, "", fmt.Errorf("metrics: gap closed: accuracy %v, want 0 to 1", v)
		}
	}
	if gap := oracle - source; gap < smallestGap {
		return 0, false, fmt.Sprintf("the oracle is %.4f above source-only, less than %g", gap, smallestGap), nil
	}
	return (method - source) / (oracle - source), true, "", nil
}

func init() {
	for _, d := range []metrics.Descriptor{
		{Name: "accuracy", Doc: "share of rows predicted right"},
		{Name: "balanced-accuracy", Doc: "mean recall over the classes present in the truth"},
		{Name: "macro-f1", Doc: "mean F1 over the classes present or predicted"},
		{Name: "gap-closed", Doc: "share of the way from source-only to the oracle; unbounded, 1 is the oracle"},
	} {
		d.Kind, d.Unit, d.Range, d.Better = metrics.Classification, "1", [2]float64{0, 1}, metrics.HigherIsBetter
		d.Invariant, d.Cost, d.MinRows = []string{"row order"}, "time n", 1
		if d.Name == "gap-closed" {
			d.Range = [2]float64{math.Inf(-1), math.Inf(1)}
			d.Citation = "Ganin et al., Domain-adversarial training of neural networks, JMLR 2016"
		}
		metrics.Measures.Add(d.Name, d)
	}
}
