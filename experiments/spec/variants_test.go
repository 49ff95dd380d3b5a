package spec

import (
	"fmt"
	"strings"
	"testing"
)

const sideBySide = `name: known
seeds: [0, 5]
domains: {a: {dataset: known}, b: {dataset: known}}
image: {size: 8, channels: 1}
methods:
  known: {codes: leaky}
  bare: {method: known, codes: bare, train: {batch: 6}}
  known-network:
metrics: {independence: {tests: []}, discrepancy: {tests: []}}
`

// Every entry of methods makes jobs of its own, in the spec's order, whose model is the
// entry's, with the loop's defaults of its method.
func TestVariants(t *testing.T) {
	plan, err := NewPlan(Request{Source: "s.yaml", Text: []byte(sideBySide)})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, j := range plan.Jobs {
		o := j.Spec.Model.Options
		got = append(got, fmt.Sprint(j.Label(), " | ", j.Spec.Model.Method, " ", o["codes"], " ", o.Int("train.batch"), " ", o.Int("train.iterations")))
	}
	equal(t, "jobs", strings.Join(got, "\n"), `method=known seed=0 | known leaky 4 20
method=known seed=5 | known leaky 4 20
method=bare seed=0 | known bare 6 20
method=bare seed=5 | known bare 6 20
method=known-network seed=0 | known-network <nil> 4 6
method=known-network seed=5 | known-network <nil> 4 6`)
	alone, err := NewPlan(Request{Source: "s.yaml", Text: []byte(strings.Replace(sideBySide[:strings.Index(sideBySide, "methods:")], "[0, 5]", "[5]", 1) + "model: {method: known, codes: bare, train: {batch: 6}}\n")})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "the job of an entry", plan.Jobs[3].ID, alone.Jobs[0].ID) // and that of the same model by itself
	over, err := NewPlan(Request{Source: "s.yaml", Text: []byte(sideBySide), Overrides: []string{"methods.bare.train.batch=7", "grid.domains.b.limit=[7,8]", "seeds=[1]"}})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "batch", over.Jobs[2].Spec.Model.Options.Int("train.batch"), 7)
	equal(t, "labels", fmt.Sprint(over.Jobs[0].Label(), "; ", over.Jobs[1].Label(), "; ", over.Jobs[5].Label()), "method=known domains.b.limit=7 seed=1; method=known domains.b.limit=8 seed=1; method=known-network domains.b.limit=8 seed=1")
	// The resolved spec of a job is that job's alone.
	text, err := plan.Jobs[4].ResolvedYAML()
	if err != nil {
		t.Fatal(err)
	}
	again, err := NewPlan(Request{Source: "resolved.yaml", Text: text})
	if err != nil || len(again.Jobs) != 1 || again.Jobs[0].ID != plan.Jobs[4].ID {
		t.Errorf("the resolved spec makes %v, %v", again, err)
	}
}

// Some methods of a plan, whatever the order in which they are asked for: their jobs, as they
// were.
func TestOnly(t *testing.T) {
	plan := func(text string) *Plan { return mustPlan(t, Request{Source: "s.yaml", Text: []byte(text)}) }
	whole, some := plan(sideBySide), plan(sideBySide)
	if err := some.Only([]string{"known-network", "known"}); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, j := range some.Jobs {
		got = append(got, j.Label())
	}
	equal(t, "jobs", strings.Join(got, "; "), "method=known seed=0; method=known seed=5; method=known-network seed=0; method=known-network seed=5")
	equal(t, "their identities", fmt.Sprint(some.Jobs[0].ID, some.Jobs[3].ID), fmt.Sprint(whole.Jobs[0].ID, whole.Jobs[5].ID))
	for _, tt := range []struct {
		text  string
		names []string
		want  string
	}{
		{sideBySide, []string{"known", "bar"}, `"bar" is no method of known; did you mean "bare"?`},
		{sideBySide, []string{"nothing-like-it"}, `"nothing-like-it" is no method of known; want one of bare, known, known-network`},
		{sideBySide[:strings.Index(sideBySide, "methods:")] + "model: {method: known}\n", []string{"known"}, "known lists no methods to choose from, want some below its key methods"},
	} {
		p := plan(tt.text)
		if n, err := len(p.Jobs), p.Only(tt.names); err == nil || err.Error() != tt.want || len(p.Jobs) != n {
			t.Errorf("%q: %v, want %s", tt.names, err, tt.want)
		}
	}
}

// An oracle's source is the target, with its options and labels; other jobs of the study keep
// theirs, and a resolved spec says so and is the same job again.
func TestOracle(t *testing.T) {
	const domains = "domains: {a: {dataset: known}, b: {dataset: known}}"
	for _, tt := range []struct{ domains, a, b string }{
		{"domains: {a: {dataset: known, limit: 50}, b: {dataset: known, limit: 40}}", "true 40", "false 40"},
		{"domains: {a: {dataset: known, limit: 50, labelled: false}, b: {dataset: known, limit: 40, labelled: true}}", "false 50", "true 50"},
	} {
		plan, err := NewPlan(Request{Source: "s.yaml", Text: []byte(strings.Replace(strings.Replace(sideBySide, domains, tt.domains, 1), "  known-network:\n", "  known-oracle:\n  known-network:\n", 1))})
		if err != nil {
			t.Fatal(err)
		}
		for _, j := range plan.Jobs {
			got := [2]string{}
			for side, d := range j.Spec.Domains {
				got[side] = fmt.Sprint(d.Labelled, d.Limit)
			}
			if j.Spec.Model.Method != "known-oracle" {
				equal(t, j.Label(), fmt.Sprint(j.Spec.Domains[0].Limit, j.Spec.Domains[1].Limit), "50 40")
				continue
			}
			equal(t, "a of the oracle", got[0], tt.a)
			equal(t, "b of the oracle", got[1], tt.b)
			text, err := j.ResolvedYAML()
			if err != nil {
				t.Fatal(err)
			}
			again, err := NewPlan(Request{Source: "resolved.yaml", Text: text})
			if err != nil || len(again.Jobs) != 1 || again.Jobs[0].ID != j.ID {
				t.Errorf("the resolved spec makes %v, %v", again, err)
			}
		}
	}
	unlabelled := strings.Replace(sideBySide, domains, "domains: {a: {dataset: known, labelled: false}, b: {dataset: known}}", 1)
	_, err := NewPlan(Request{Source: "s.yaml", Text: []byte(strings.Replace(unlabelled, "  known-network:\n", "  known-oracle:\n", 1))})
	if err == nil || !strings.Contains(err.Error(), "no domain is labelled") {
		t.Errorf("an oracle without a source: %v", err)
	}
}

func TestVariantsRefuse(t *testing.T) {
	head := sideBySide[:strings.Index(sideBySide, "methods:")]
	for text, want := range map[string]string{
		"methods: {known: {}}\nmodel: {method: known}": "s.yaml:5:1: methods: given beside model; want one of the two",
		"methods: {}":                                  "s.yaml:5:1: methods: a mapping, want a mapping of names to what stands under model for each",
		"methods: [known]":                             "s.yaml:5:10: methods: a list of 1, want a mapping of names",
		"methods: {no good: {}}":                       "s.yaml:5:11: methods.no good: want a name of letters, digits, dashes and underscores",
		"methods: {known: 3}":                          "s.yaml:5:18: methods.known: 3, want a mapping of options",
		"methods: {knwon: {}}":                         `s.yaml:5:11: model.method: unknown method "knwon"; did you mean "known"?`,
		"methods: {known: {x: 1}}":                     "s.yaml:5:19: model.x: unknown key",
		"methods: {known: {}, again: {method: known}}": "s.yaml:5:1: methods: method=known seed=0 and method=again seed=0 are one job; want each once",
		"methods: {known: {}}\nfeatures: {}":           "s.yaml:5:1: methods: of a study on images",
	} {
		_, err := NewPlan(Request{Source: "s.yaml", Text: []byte(head + text + "\n")})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

// An override of the method leaves out what only the spec's method has, and says so; what
// both have stays, and what no method has is a fault as ever.
func TestAnotherMethod(t *testing.T) {
	spec := strings.Replace(knownSpec, "{method: known}", "{method: known, codes: bare, follow: 0.5, train: {batch: 5}}", 1)
	plan, err := NewPlan(Request{Source: "s.yaml", Text: []byte(spec), Overrides: []string{"model.method=known-network", "model.hides=false"}})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "notice", plan.Notice, "model.method=known-network: of the options for known, known-network does not have codes, follow: left out")
	equal(t, "batch", plan.Jobs[0].Spec.Model.Options.Int("train.batch"), 5)
	same, err := NewPlan(Request{Source: "s.yaml", Text: []byte(spec), Overrides: []string{"model.method=known"}})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "notice of the same method", same.Notice+same.Jobs[0].Spec.Model.Options.String("codes"), "bare")
	for over, want := range map[string]string{"model.method=knwon": "unknown method", "model.nothing=1": "model.nothing: unknown key"} {
		_, err := NewPlan(Request{Source: "s.yaml", Text: []byte(spec), Overrides: []string{"model.method=known-network", over}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", over, err, want)
		}
	}
}
