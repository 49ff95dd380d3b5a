package evaluate

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/models"
)

// Codes that both tell the class, and nothing else of each other, are independent within
// classes; codes of which one is the other are not. A domain without labels is left out.
func TestWithinClasses(t *testing.T) {
	const n, permutations = 90, 99
	labels := make([]int, n)
	for i := range labels {
		labels[i] = i * i % 3
	}
	codes := func(copied bool) models.Codes {
		r := stream.New(4, "within classes")
		common, separate := models.NewBlock(models.Common, n, 1, 1), models.NewBlock(models.SeparateB, n, 1, 1)
		for i, l := range labels {
			common.Data[i], separate.Data[i] = float32(5*l)+float32(r.NormFloat64()), float32(5*l)+float32(r.NormFloat64())
			if copied {
				separate.Data[i] = common.Data[i]
			}
		}
		return models.Codes{common, models.NewBlock(models.SeparateA, n, 1, 1), separate}
	}
	measured := func(copied bool) (out []float64) {
		w, _ := bareJob()
		w.Spec.Metrics.Independence = spec.TestSpec{Permutations: permutations}
		w.Domains[0] = &domains.Domain{}
		w.Domains[1] = &domains.Domain{Test: domains.Split{Truth: domains.NewTruth(labels, []string{"p", "q", "r"})}}
		var c Codes
		c[1][testSplit] = codes(copied)
		if err := w.withinClasses(&c); err != nil {
			t.Fatal(err)
		}
		for _, v := range w.Results.Values {
			out = append(out, v.Value)
		}
		equal(t, "numbers", fmt.Sprint(len(out), w.Results.Values[0].N, w.Results.Values[1].N), fmt.Sprint(3, n, permutations))
		return out
	}
	apart, same := measured(false), measured(true)
	if apart[1] < 0.05 || !(math.Abs(apart[2]) <= 0.1) {
		t.Errorf("independent within classes: %v", apart)
	}
	// Of equal codes no permutation reaches the statistic: p is 1 in permutations + 1.
	closeTo(t, "p of equal codes", same[1], 1./(permutations+1), 1e-12)
	if same[0] <= 2*apart[0] {
		t.Errorf("HSIC of equal codes %v, of independent ones %v", same[0], apart[0])
	}
	closeTo(t, "partial correlation of equal codes", same[2], 1, 1e-9)
	// A class of three rows is left out, and a person is told.
	w, _ := bareJob()
	w.Domains[0] = &domains.Domain{}
	few := slices.Repeat([]int{0}, n)
	few[3], few[4], few[80] = 1, 1, 1
	w.Domains[1] = &domains.Domain{Test: domains.Split{Truth: domains.NewTruth(few, []string{"p", "q"})}}
	var c Codes
	c[1][testSplit] = codes(false)
	if err := w.withinClasses(&c); err != nil {
		t.Fatal(err)
	}
	equal(t, "warnings", w.Results.Warnings, "[within classes, on b: 90 rows, fewer than 100 within classes, on b: 3 rows left out: fewer than 4 in their class]")
	// Of two domains no number has the name of another.
	w, _ = bareJob()
	w.Spec.Metrics.Independence = spec.TestSpec{Permutations: permutations}
	w.Domains[0] = &domains.Domain{Test: domains.Split{Truth: domains.NewTruth(labels, []string{"p", "q", "r"})}}
	w.Domains[1] = w.Domains[0]
	own := *c[1][testSplit][2]
	own.Role = models.SeparateA
	c[0][testSplit] = models.Codes{c[1][testSplit][0], &own}
	if err := w.withinClasses(&c); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, v := range w.Results.Values {
		names = append(names, v.Name)
	}
	slices.Sort(names)
	equal(t, "numbers of two domains", fmt.Sprint(len(names), len(slices.Compact(names))), "6 6")
	w, _ = bareJob()
	w.Domains = [2]*domains.Domain{{}, {}}
	equal(t, "without labels", wantsTestLabels(w, nil), "the test images of neither domain have labels")
	w.Domains[1].Test.Truth = domains.NewTruth(slices.Clone(labels), []string{"p", "q", "r"})
	equal(t, "with labels of b", wantsTestLabels(w, nil), "")
}
