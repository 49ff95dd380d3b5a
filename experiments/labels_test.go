package experiments

import (
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments/spec"
)

// Labels that are missing or that mean other classes are found when data is read.
func TestCheckLabels(t *testing.T) {
	with := func(labels []int, classes ...string) *domains.Domain {
		split := domains.Split{Truth: domains.NewTruth(labels, classes)}
		return &domains.Domain{Train: split, Test: split}
	}
	cats, bare := with([]int{0, 1}, "cat", "dog"), with(nil)
	many := with([]int{0}, "a", "b", "c", "d", "e", "f", "g")
	for _, tt := range []struct {
		name     string
		a, b     *domains.Domain
		labelled [2]bool
		want     string
	}{
		{"same classes", cats, cats, [2]bool{true, false}, ""},
		{"target without labels", cats, bare, [2]bool{true, false}, ""},
		{"no source", bare, bare, [2]bool{}, ""},
		{"no source, other classes", cats, many, [2]bool{}, ""},
		{"no labels", bare, cats, [2]bool{true, false}, "experiments: domain a is labelled, but folder has no labels there; give labels (a folder has one subfolder a class), or say labelled: false and train without adaptation"},
		{"no labels in b", cats, bare, [2]bool{false, true}, "experiments: domain b is labelled, but folder has no labels there; give labels (a folder has one subfolder a class), or say labelled: false and train without adaptation"},
		{"other classes", cats, many, [2]bool{true, false}, "experiments: the classes of domain a are cat, dog, those of domain b are a, b, c, d, e and 2 more; want the same"},
	} {
		w := &job{domains: [2]*domains.Domain{tt.a, tt.b}}
		for i := range w.Spec.Domains {
			w.Spec.Domains[i] = spec.DomainSpec{Dataset: "folder", Labelled: tt.labelled[i]}
		}
		if got := oneLine(w.checkLabels()); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

// oneLine is an error's text, and nothing of none.
func oneLine(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// Five classes are named, of six the sixth is counted.
func TestBrief(t *testing.T) {
	equal(t, "five", brief([]string{"a", "b", "c", "d", "e"}), "a, b, c, d, e")
	equal(t, "six", brief([]string{"a", "b", "c", "d", "e", "f"}), "a, b, c, d, e and 1 more")
}
