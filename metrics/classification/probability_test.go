package classification

import (
	"math"
	"testing"

	"github.com/venn-adapt/venn/internal/reference"
)

func probabilities(b *reference.Book) [][]float64 {
	p := b.Matrix("prob")
	n, _ := p.Dims()
	out := make([][]float64, n)
	for i := range out {
		out[i] = p.RawRowView(i)
	}
	return out
}

func TestReferenceScores(t *testing.T) {
	b := reference.Metrics(t)
	truth, p := b.Ints("ytrue"), probabilities(b)
	c, err := NewConfusion(truth, b.Ints("ypred"), 3)
	if err != nil {
		t.Fatal(err)
	}
	b.Check("classification", "balanced_adjusted", c.AdjustedBalanced().Value)
	b.Check("classification", "weighted_f1", c.WeightedF1().Value)
	b.Check("classification", "kappa", c.Kappa().Value)
	b.Check("classification", "mcc", c.Matthews().Value)
	loss, err := LogLoss(truth, p)
	if err != nil {
		t.Fatal(err)
	}
	brier, err := Brier(truth, p)
	if err != nil {
		t.Fatal(err)
	}
	b.Check("probability", "log_loss", loss.Value)
	b.Check("probability", "brier", brier.Value)
	area, classes, weighted, err := AUROC(truth, p)
	if err != nil {
		t.Fatal(err)
	}
	b.Check("auroc", "macro", area.Value)
	b.Check("auroc", "per_class", classes...)
	b.Check("auroc", "weighted", weighted)
	for part, bins := range map[string]int{"ece15": 15, "ece10": 10} {
		k, err := ECE(truth, p, bins, 0)
		if err != nil {
			t.Fatal(err)
		}
		b.Check("ece", part, k.Error)
		if bins == 10 {
			b.Check("ece", "mce10", k.Largest)
		}
		if k.Floor <= 0 {
			t.Errorf("floor %v of 40 rows, want above 0", k.Floor)
		}
	}
	mass, err := EqualCountECE(truth, p, 8)
	if err != nil {
		t.Fatal(err)
	}
	classwise, err := ClasswiseECE(truth, p, 10)
	if err != nil {
		t.Fatal(err)
	}
	b.Check("ece", "ece_mass8", mass)
	b.Check("ece", "classwise10", classwise)
}

func TestProbabilityEdges(t *testing.T) {
	// A certain and wrong prediction: -ln 1e-15; a perfect one: 0.
	loss, err := LogLoss([]int{0, 0}, [][]float64{{0, 1}, {1, 0}})
	if err != nil || !(math.Abs(loss.Value-15*math.Ln10/2) <= 1e-9) {
		t.Errorf("log loss %v, %v", loss.Value, err)
	}
	one, classes, _, err := AUROC([]int{1, 1}, [][]float64{{0.2, 0.8}, {0.4, 0.6}})
	if err != nil || !one.Degenerate || !math.IsNaN(classes[0]) {
		t.Errorf("one class: %+v, %v, %v", one, classes, err)
	}
	c, err := NewConfusion([]int{0, 0}, []int{0, 0}, 2)
	if err != nil {
		t.Fatal(err)
	}
	if k := c.Kappa(); !k.Degenerate || k.Value != 0 {
		t.Errorf("kappa of one class: %+v", k)
	}
	if m := c.Matthews(); !m.Degenerate || m.Value != 0 {
		t.Errorf("Matthews of one class: %+v", m)
	}
	for name, bad := range map[string][][]float64{
		"sum":   {{0.5, 0.6}},
		"NaN":   {{math.NaN(), 1}},
		"width": {{1}},
		"rows":  {},
	} {
		if _, err := Brier([]int{1}, bad); err == nil {
			t.Errorf("%s: no error", name)
		}
		if _, err := ECE([]int{1}, bad, 10, 0); err == nil {
			t.Errorf("ece, %s: no error", name)
		}
	}
}
