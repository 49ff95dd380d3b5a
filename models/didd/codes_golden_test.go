package didd

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
)

// The losses on codes that the paper does not have, by the names of their golden steps.
var codeCases = map[string]option.Values{
	"pin":          {"loss.pin": 1.0, "loss.collapse": 0.1},
	"independence": {"loss.independence": 2.0},
	"hold":         {"loss.confusion_hold": 0.75},
	"swap":         {"cycle.swap": 0.5, "cycle.decay": 0.9},
	"removal":      {"cycle.removal": 0.4, "cycle.decay": 0.1},
	"union":        {"cycle.union": 0.3},
	"edges":        {"loss.edges": 0.8},
	"alone":        {"loss.alone": 0.6},
	"plain":        {"loss.pin": 0.5, "norm.separate": false},
	"fixed":        {"cycle.swap": 0.5, "cycle.fixed": true, "loss.alone": 0.2, "cycle.decay": 0.1},
	"shared":       {"cycle.swap": 0.5, "cycle.removal": 0.4, "loss.alone": 0.2, "cycle.decay": 0.1},
	"paste":        {"loss.alone": 0.2, "paste.weight": 4.0, "paste.start": 0.0, "train.iterations": 20},
	"pasted":       {"cycle.swap": 0.5, "cycle.removal": 0.4, "cycle.decay": 0.1, "paste.weight": 0.7, "paste.start": 0.0, "train.iterations": 20},
	"adversary":    {"cycle.swap": 0.5, "cycle.decay": 0.1, "adversary.weight": 0.8, "adversary.width": 3},
	"kept":         {"cycle.swap": 0.5, "cycle.decay": 0.1, "loss.alone": 0.2, "swap.kept": 1.5},
	"again":        {"cycle.swap": 0.5, "cycle.decay": 0.1, "swap.again": 0.7},
	"cut":          {"cycle.swap": 0.5, "cycle.decay": 0.1, "loss.alone": 0.2, "swap.again": 0.7, "swap.cut": 2},
	"elsewhere":    {"loss.alone": 0.6, "loss.alone_elsewhere": true},
	"unread":       {"cycle.swap": 0.5, "cycle.removal": 0.4, "cycle.decay": 0.1, "cycle.common": false},
	"swapped":      {"cycle.swap": 0.5, "cycle.decay": 0.1, "cycle.common": false, "loss.alone": 0.2, "loss.alone_elsewhere": true, "loss.edges": 0.8, "swap.kept": 1.5, "swap.again": 0.7, "adversary.weight": 0.8, "adversary.width": 3},
	"region":       {"cycle.swap": 0.5, "cycle.decay": 0.1, "loss.alone": 0.2, "swap.kept": 1.5, "region.mean": 0.9, "region.variance": 1.0, "region.margin": 1, "region.alone": 0.3},
	"hidden":       {"cycle.swap": 0.5, "cycle.decay": 0.1, "loss.alone": 0.2, "swap.again": 0.7, "paste.weight": 0.7, "paste.start": 0.0, "train.iterations": 20, "region.mean": 0.9, "region.variance": 1.0, "region.hidden": true},
	"only":         {"cycle.swap": 0.5, "cycle.removal": 0.4, "cycle.decay": 0.1, "region.mean": 0.9, "region.variance": 1.0, "region.only": true},
	"weight":       {"cycle.swap": 0.5, "cycle.decay": 0.1, "loss.edges": 0.8, "swap.again": 0.7, "region.mean": 0.9, "region.variance": 1.0, "region.weight": 3.0, "region.only": true},
	"bare":         {"cycle.removal": 0.4, "cycle.decay": 0.1, "loss.alone": 0.6, "region.mean": 0.9, "region.variance": 1.0, "region.margin": 1, "region.alone": 0.3, "region.bare": true},
	"few":          {"common": 3, "cycle.swap": 0.5, "cycle.decay": 0.1},
	"all":          {"loss.edges": 0.8, "loss.pin": 0.6, "loss.collapse": 0.2, "loss.independence": 1.5, "loss.confusion_hold": 0.75, "cycle.swap": 0.5, "cycle.removal": 0.4, "cycle.union": 0.3, "cycle.decay": 0.1},
}

// Two steps with each of them, and with all, agree with PyTorch: losses, gradients of the first,
// parameters, averages, the held factor and vectors of the spectral norms after both.
func TestLossesOnCodesAgainstPyTorch(t *testing.T) {
	raw, err := os.ReadFile("testdata/golden_codes.json")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]json.RawMessage{}
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) != len(codeCases)+1 {
		t.Errorf("PyTorch has %d cases, the test %d", len(all)-1, len(codeCases))
	}
	for name, changes := range codeCases {
		t.Run(name, func(t *testing.T) {
			var g labelGolden
			if err := json.Unmarshal(all[name], &g); err != nil || len(g.After) == 0 {
				t.Fatalf("no golden steps (%v): golden_codes.py makes them", err)
			}
			m := newModel(t, 16, with(option.Values{"base": 4, "separate": 2, "train.clip": 0.5, "loss.zero": 0.7, "loss.confusion": 0.3}, changes))
			g.check(t, labelled{m}, domains.A)
		})
	}
}
