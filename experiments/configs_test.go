package experiments

import (
	"io/fs"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/configs"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/metrics"
)

// Every spec that ships decodes, is complete on its own and opens with what a
// reader wants to know.
func TestShippedSpecs(t *testing.T) {
	entries, err := fs.ReadDir(configs.Files, ".")
	if err != nil {
		t.Fatal(err)
	}
	seeds := map[string]int{"quickstart": 1, "faces-schematic-64": 3, "shapes-drawn-64": 1, "mnist-usps": 5, "usps-mnist": 5, "mnist-usps-quick": 1, "office-caltech-surf": 12, "office-caltech-surf-20": 240, "digits-2000-1800": 2, "mnist-usps-deep": 22, "digits-deep-quick": 31, "digits-deep-search": 620, "digits-deep-search-tiny": 12, "didd-labels-quick": 8, "didd-labels": 12, "theory": 21, "rivals-faces-quick": 11, "rivals-faces": 11, "rivals-shapes": 4, "rivals-celeba-64": 11, "digits-deep": 99, "digits-deep-um": 99, "digits-deep-mm": 99,
		"celeba-accessories-64": 1, "digits-on-backgrounds": 1, "celeba-smile-glasses-64": 1, "celeba-smile-glasses-128": 1, "celeba-beard-smile-64": 1, "celeba-beard-glasses-64": 1}
	for _, e := range entries {
		name := strings.TrimSuffix(e.Name(), ".yaml")
		text, err := configs.Files.ReadFile(e.Name())
		if err != nil {
			t.Fatal(err)
		}
		for i, word := range []string{"# Question: ", "# Source:   ", "# Expected: "} {
			if lines := strings.Split(string(text), "\n"); !strings.HasPrefix(lines[i], word) {
				t.Errorf("%s:%d: %q, want %q first", e.Name(), i+1, lines[i], word)
			}
		}
		p, err := spec.NewPlan(spec.Request{Source: "configs/" + e.Name(), Text: text})
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		if p.Name != name || len(p.Jobs) != seeds[name] {
			t.Errorf("%s: %d jobs of %q, want %d", e.Name(), len(p.Jobs), p.Name, seeds[name])
		}
		if s := p.Jobs[0].Spec; s.Question == "" || s.Source == "" || s.Expected == "" {
			t.Errorf("%s: question, source or expected is missing", e.Name())
		}
		delete(seeds, name)
	}
	for name := range seeds {
		t.Errorf("%s does not ship, or not rightly", name)
	}
}

// What a spec gets without asking must exist.
func TestDefaultNamesAreRegistered(t *testing.T) {
	for _, name := range spec.DefaultClassifiers {
		if _, err := adapt.Classifiers.Get(name); err != nil {
			t.Error(err)
		}
	}
	for _, d := range []struct {
		names []string
		kind  metrics.Kind
	}{{spec.DefaultIndependence, metrics.Independence}, {spec.DefaultDiscrepancy, metrics.Discrepancy}} {
		for _, name := range d.names {
			if m, err := metrics.Measures.Get(name); err != nil || m.Kind != d.kind {
				t.Errorf("%s: %v, kind %v", name, err, m.Kind)
			}
		}
	}
}
