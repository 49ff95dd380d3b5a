package evaluate

import (
	"fmt"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/models"
)

// Rows of the accuracy table that cannot be, with their reasons.
func TestRowsThatCannotBe(t *testing.T) {
	w, _ := bareJob()
	w.Spec.Domains[0].Labelled = true
	var c Codes
	for side := range c {
		labels := []int{0, 1}
		split := func() domains.Split {
			return domains.Split{Images: shades(side, 2), Truth: domains.NewTruth(labels, []string{"p", "q"})}
		}
		w.Domains[side] = &domains.Domain{Train: split(), Test: split()}
		for s := range c[side] {
			c[side][s] = models.Codes{models.NewBlock(models.Common, 2, 1, 1)}
		}
	}
	w.Results.Classes = []string{"p", "q"}
	w.Spec.Adapt = spec.AdaptSpec{Classifiers: []string{"centroid"}, Baselines: []string{"none"}, Validation: 0.1}
	if _, err := w.featureRows(&c); fmt.Sprint(err) != `experiments: unknown baseline "none"` {
		t.Errorf("a baseline that is none: %v", err)
	}
	w.Domains[1].Train.Truth = domains.Truth{} // of its test images the labels are known
	w.Spec.Adapt.Baselines = []string{rowOracle}
	rows, err := w.featureRows(&c)
	equal(t, "rows", fmt.Sprintf("%d %s %v %v", len(rows), rows[0].name, err, w.Results.Warnings), "1 common <nil> [no target-oracle row: the target has no training labels]")
	w.Progress = told{}
	if err := w.adapt(&c); err == nil || !strings.HasPrefix(err.Error(), "experiments: centroid on common: domains: ") {
		t.Errorf("one image a class: %v", err)
	}
}
