package evaluate

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/metrics"
	"github.com/venn-adapt/venn/metrics/independence"
	"github.com/venn-adapt/venn/models"
)

func init() {
	addEvaluation(evaluation{name: "within-classes", doc: "are common and separate code independent given the class, on held-out images",
		order: 65, version: 1, wants: wants(wantsParts, wantsTestLabels), do: (*Subject).withinClasses})
}

func wantsTestLabels(w *Subject, _ *Codes) string {
	for _, d := range w.Domains {
		if d.Test.Truth.Known() {
			return ""
		}
	}
	return "the test images of neither domain have labels"
}

// withinClasses asks of each domain whose test images have labels what independence leaves
// open: do the codes depend on each other beyond the class, which a common code must tell
// and a separate one may know of? HSIC within classes with its permutation test, and the
// partial distance correlation given the class.
func (w *Subject) withinClasses(c *Codes) error {
	asked := w.Spec.Metrics.Independence
	for side, d := range w.Domains {
		if !d.Test.Truth.Known() {
			continue
		}
		codes, letter := c[side][testSplit], domains.Side(side).String()
		rows := w.draw("independence/"+letter, codes.Of(models.Common).N, asked.Rows)
		labels := pick(d.Test.Truth.Reveal(), rows)
		x, y := matrix(codes.Of(models.Common), rows), matrix(codes.Of(models.Separate(domains.Side(side))), rows)
		r, err := independence.HSICGivenLabel(x, y, labels, independence.Widths{}, metrics.Settings{Permutations: asked.Permutations, Seed: w.Seed})
		if err != nil {
			return fmt.Errorf("experiments: within classes, on %s: %w", letter, err)
		}
		for _, text := range r.Warnings {
			w.warn("within classes, on %s: %s", letter, text)
		}
		w.value("within-classes", "HSIC of common and separate code within classes, on "+letter, r.Value, r.N)
		if r.P != nil {
			w.value("within-classes", "p of it by permutation within classes, on "+letter, *r.P, r.Resamples)
		}
		partial, err := independence.PartialDistanceCorrelation(x, y, oneHot(labels, len(d.Test.Truth.Classes())))
		if err != nil {
			return fmt.Errorf("experiments: within classes, on %s: %w", letter, err)
		}
		w.value("within-classes", "partial distance correlation given the class, on "+letter, partial, r.N)
	}
	return nil
}

// oneHot has a column a class.
func oneHot(labels []int, classes int) *mat.Dense {
	m := mat.NewDense(len(labels), classes, nil)
	for i, l := range labels {
		m.Set(i, l, 1)
	}
	return m
}
