package figures

import (
	"testing"

	"github.com/venn-adapt/venn/reports"
)

// Figures stand in this order in a bundle.
func TestOrderOfFigures(t *testing.T) {
	for i, name := range []string{"curves", "accuracy", "confusion", "scatter", "independence", "leakage", "ranks"} {
		info, err := reports.Figures.Get(name)
		if err != nil || info.Order != i+1 || info.Name != name {
			t.Errorf("%s: %+v, %v; want place %d", name, info, err, i+1)
		}
	}
}
