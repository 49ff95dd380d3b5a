package classifiers

import (
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/logistic"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/toy"
)

// A path goes from the strongest penalty to the weakest, and says what cannot be fitted.
func TestStrongestFirst(t *testing.T) {
	var settings []option.Values
	for _, l := range []float64{0.1, 1, 0.01, 1, 0.1} {
		settings = append(settings, option.Values{"lambda": l})
	}
	if got := strongestFirst(settings); !slices.Equal(got, []int{1, 3, 0, 4, 2}) {
		t.Errorf("order %v", got)
	}
	info, _ := adapt.Classifiers.Get("logistic")
	bad := option.Values{"lambda": -1.0, "standardise": "source"}
	got := info.Path([]option.Values{bad, option.Defaults(info.Options)}, blobs(1, 30, 2, 3, 1), toy.Column(1, 2).Grow(0, 1).(*mat.Dense))
	if got[0].Err == nil || got[0].Err.Error() != "adapt: logistic: lambda -1, want a number above 0" || got[0].Probabilities != nil || got[1].Err != nil || got[1].Probabilities == nil {
		t.Errorf("path: %+v", got)
	}
}

// The fit ends at its stated tolerance, 1e-4, and not at its double: with as many steps as there.
func TestToleranceOfRegression(t *testing.T) {
	info, _ := adapt.Classifiers.Get("logistic")
	differ := false
	for seed := range uint64(60) {
		data := blobs(seed, 40, 3, 3, 2)
		c := fitted(t, info, data, 3, option.Values{"lambda": 0.01, "standardise": "none"}).(*regression)
		var steps [2]int
		for k, tolerance := range []float64{1e-4, 2e-4} {
			m, err := logistic.Fit(data.X, data.Labels, 3, logistic.Settings{Lambda: 0.01, Tolerance: tolerance})
			if err != nil {
				t.Fatal(err)
			}
			steps[k] = m.Steps
		}
		differ = differ || steps[0] != steps[1]
		if c.model.Steps != steps[0] {
			t.Errorf("seed %d: %d steps, want %d", seed, c.model.Steps, steps[0])
		}
	}
	if !differ {
		t.Fatal("the double tolerance ends at the same steps")
	}
}
