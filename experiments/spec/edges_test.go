package spec

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/experiments/toy"
	"github.com/venn-adapt/venn/models"
)

// Faults come by place, those of a file before those of overrides, and each once.
func TestFaultsInOrder(t *testing.T) {
	at := func(source string, line, column int) Position { return Position{source, line, column} }
	want := Faults{
		{At: at("a.yaml", 2, 3), Path: "p", Problem: "x"},
		{At: at("a.yaml", 2, 3), Path: "p", Problem: "y"},
		{At: at("a.yaml", 2, 3), Path: "q", Problem: "a"},
		{At: at("a.yaml", 2, 7), Path: "a", Problem: "a"},
		{At: at("a.yaml", 2, 11), Path: "a", Problem: "a"},
		{At: at("a.yaml", 10, 1), Path: "a", Problem: "a"},
		{At: at("b.yaml", 1, 1), Path: "a", Problem: "a"},
		{At: at(`override "a"`, 0, 0), Path: "a", Problem: "a"},
		{At: at(`override "b"`, 0, 0), Path: "a", Problem: "a"},
	}
	r := rand.New(rand.NewPCG(2, 2))
	for range 20 {
		given := append(append(Faults{}, want...), want...)
		r.Shuffle(len(given), func(i, j int) { given[i], given[j] = given[j], given[i] })
		equal(t, "order", given.ordered(), want)
	}
	equal(t, "without a path", Fault{At: at("a.yaml", 1, 2), Problem: "no"}.Error(), "a.yaml:1:2: no")
	equal(t, "without a line", Fault{At: at("$X", 0, 0), Path: "p", Problem: "no"}.Error(), "$X: p: no")
	// What is missing below a name that another fault says is misspelt goes without saying.
	given := Faults{{Path: "modle", instead: "model"}, {Path: "model"}, {Path: "model.method"}, {Path: "models"}}
	equal(t, "misspelt", len(given.ordered()), 2)
}

func treeOf(t *testing.T, text string) *node {
	t.Helper()
	n, faults := parse("x", []byte(text))
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	return n
}

// A grid has at most ten thousand points, and what is no grid is said once.
func TestGridBounds(t *testing.T) {
	numbers := func(n int) string {
		parts := make([]string, n)
		for i := range parts {
			parts[i] = fmt.Sprint(i)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	for _, tt := range []struct{ grid, want string }{
		{"{model.x: " + numbers(100) + ", model.y: " + numbers(100) + "}", ""},
		{"{model.x: " + numbers(73) + ", model.y: " + numbers(137) + "}", "x:2:1: grid: more than 10000 combinations"}, // 10001
		{"{model.x: " + numbers(101) + ", model.y: " + numbers(101) + ", model.z: " + numbers(2) + "}", "x:2:1: grid: more than 10000 combinations"},
		{"3", "x:2:7: grid: 3, want a mapping of paths to lists of values"},
		{"{model.x: []}", "x:2:17: grid.model.x: a list of 0, want a list of values"},
		{"{model.x: 3}", "x:2:17: grid.model.x: 3, want a list of values"},
		{"{model.x y: [3]}", "x:2:19: grid.model.x y: a list of 1, want a list of values"},
		{"{seeds: [3]}", "x:2:8: grid.seeds: want a path under domains, image, model or features: seeds, classifiers and metrics are lists of their own"},
	} {
		root, choices, faults := grid(treeOf(t, "name: x\ngrid: "+tt.grid+"\n"))
		if got := faults.Error(); got != tt.want || len(faults) > 1 || root.field("grid") != nil {
			t.Errorf("%.40s: faults %q, want %q; %d choices", tt.grid, got, tt.want, len(choices))
		}
	}
}

// A plan has at most ten thousand jobs.
func TestPlanBound(t *testing.T) {
	seeds := func(n int) string {
		parts := make([]string, n)
		for i := range parts {
			parts[i] = fmt.Sprint(i)
		}
		return "seeds=[" + strings.Join(parts, ",") + "]"
	}
	if p, err := NewPlan(toyRequest(toy.Spec, seeds(maxJobs))); err != nil || len(p.Jobs) != 10000 {
		t.Errorf("10000 seeds: %v", err)
	}
	if _, err := NewPlan(toyRequest(toy.Spec, seeds(10001))); fmt.Sprint(err) != "toy.yaml:1:1: 10001 jobs, want at most 10000" {
		t.Errorf("10001 seeds: %v", err)
	}
}

// How deep brackets, dashes and question marks nest.
func TestNesting(t *testing.T) {
	for text, want := range map[string]int{
		"": 0, "a": 0, "[a]": 1, "[[a], [b]]": 2, "{a: [b, {c: d}]}": 3, "]]]": 0, "]][a": 1, "[a]\n[b]": 1,
		"- - a": 2, "- a\n- b": 1, "- - a\n- b": 2, "  - a": 1, "a - b": 0, "? - a": 2, "- [a": 2, "a: -\n  - - b": 2, "-a-": 1,
	} {
		if got := nesting([]byte(text)); got != want {
			t.Errorf("%q nests %d deep, want %d", text, got, want)
		}
	}
}

// Texts at the bounds are read, beyond them they are not.
func TestParseBounds(t *testing.T) {
	full := "a: " + strings.Repeat("b", maxSpecBytes-3)
	deep := func(n int) string { return "a: " + strings.Repeat("[", n) + strings.Repeat("]", n) }
	for _, tt := range []struct{ text, want string }{
		{full, ""}, {full + "b", "x:1:1: 65537 bytes, want at most 65536"},
		{deep(64), ""}, {deep(65), "x:1:1: nested more than 64 deep"},
		{"a: 1\n---\nb: 2\n", "x:1:1: 2 YAML documents, want one"}, {"", "x:1:1: empty, want a mapping"},
	} {
		_, faults := parse("x", []byte(tt.text))
		if got := faults.Error(); got != tt.want {
			t.Errorf("%.20q: %q, want %q", tt.text, got, tt.want)
		}
	}
}

// Names and lists at their bounds.
func TestSpecValues(t *testing.T) {
	long := strings.Repeat("n", 100)
	for _, tt := range []struct{ override, want string }{
		{"name=" + long, ""},
		{"name=" + long + "n", `name: "` + strings.Repeat("n", 60) + `...", want a name of letters, digits, dots, dashes and underscores`},
		{"name=7", "name: 7, want a name of letters, digits, dots, dashes and underscores"},
		{"name=.x", `name: ".x", want a name of letters, digits, dots, dashes and underscores`},
		{"seeds=[]", "seeds: a list of 0, want a list of integers from 0"},
		{"seeds=3", "seeds: 3, want a list of integers from 0"},
		{"seeds=[0, [1]]", "seeds[1]: a list of 1, want an integer from 0"},
		{"seeds=[0, {a: 1}]", "seeds[1]: a mapping, want an integer from 0"},
		{"adapt.classifiers=[]", "adapt.classifiers: a list of 0, want a list of names"},
		{"adapt.classifiers=toy-classifier", `adapt.classifiers: "toy-classifier", want a list of names`},
		{"adapt.classifiers=[toy-classifier, 3]", "adapt.classifiers[1]: 3, want a name"},
		{"adapt.classifiers=[toy-classifier, toy-classifier]", `adapt.classifiers[1]: "toy-classifier" is listed twice`},
		{"adapt.baselines=[]", ""},
		{"metrics.independence.tests=[]", ""},
		{"model.method=3", "model.method: 3, want a name"},
		{"model.method=[toy-method]", "model.method: a list of 1, want a name"},
		{"image.channels=2", "image.channels: 2, want 1 or 3"},
		{"translate.judge.a=Smiling &", `translate.judge.a: "Smiling &": `},
		{"translate.judge.b=(Smiling", `translate.judge.b: "(Smiling": `},
	} {
		_, err := NewPlan(toyRequest(toy.Spec, tt.override))
		got := strings.TrimPrefix(fmt.Sprint(err), fmt.Sprintf("override %q: ", tt.override))
		if tt.want == "" && err != nil || tt.want != "" && (!strings.HasPrefix(got, tt.want) || strings.Contains(got, "\n")) {
			t.Errorf("%.60s:\n got %s\nwant %s", tt.override, got, tt.want)
		}
	}
}

// Two evaluations, so that there are versions.
func init() {
	Evaluations.Add("worded", 2)
	Evaluations.Add("counted", 11)
}

// The names of a job by what is in them, in a text of their own: what is trained with the
// versions of engine and method, and what is evaluated with that of every evaluation.
func TestJobNames(t *testing.T) {
	p, err := NewPlan(Request{Source: "known.yaml", Text: []byte(knownSpec), Overrides: []string{"seeds=[7]"}})
	if err != nil {
		t.Fatal(err)
	}
	j := p.Jobs[0]
	sum := func(heading string, prefixes ...string) string {
		text := heading + "\n"
		for _, p := range j.Spec.Parameters {
			for _, prefix := range prefixes {
				if strings.HasPrefix(p.Path, prefix) && p.Path != "model.train.checkpoint_every" && p.Path != "model.train.log_every" {
					text += p.Path + "=" + compact(p.Value) + "\n"
				}
			}
		}
		h := sha256.Sum256([]byte(text))
		return hex.EncodeToString(h[:6])
	}
	equal(t, "job", j.ID, sum(fmt.Sprintf("training %d of method 1 seed 7", models.EngineVersion), "domains.", "image.", "model."))
	equal(t, "evaluation", j.Evaluation, sum(fmt.Sprintf("evaluation %d (counted 11, worded 2) of %s", EvaluationVersion, j.ID), "adapt.", "metrics.", "translate."))
	f, err := NewPlan(Request{Source: "f.yaml", Text: []byte("name: x\nfeatures: {domains: {S: {path: s}, T: {path: t}}, task: S->T}\nreport: {formats: []}\n")})
	if err != nil {
		t.Fatal(err)
	}
	j = f.Jobs[0]
	equal(t, "forms of a study on features", len(j.Spec.Report.Formats), 0)
	equal(t, "job on features", j.ID, sum(fmt.Sprintf("training %d seed 0", models.EngineVersion), "features."))
	equal(t, "label", j.Label(), "seed=0")
	j.Rename("model.separate=3 seed=0")
	equal(t, "label of a resumed run", j.Label()+", "+j.PointLabel(), "model.separate=3 seed=0, model.separate=3")
	equal(t, "values", compact("A->B <&>")+compact([]uint64{3, 4})+compact(0.5)+compact(true), `"A->B <&>"[3,4]0.5true`)
}

// Options that a method gets later leave the runs before them what they are: only another value
// than the default makes another job, and the text of a run without them is that of the same.
func TestLaterOptions(t *testing.T) {
	job := func(overrides ...string) Job {
		t.Helper()
		return mustPlan(t, Request{Source: "known.yaml", Text: []byte(knownSpec), Overrides: append(overrides, "metrics.independence.tests=[]", "metrics.discrepancy.tests=[]")}).Jobs[0]
	}
	young, grown := job("model.method=known-young"), job("model.method=known-grown")
	of := func(j Job) string { // its values less the name of the method
		return j.hash("", "domains.", "image.", "model.codes", "model.label", "model.train")
	}
	equal(t, "values of a run before and after", of(grown), of(young))
	for _, same := range []string{"model.label.weight=0", "model.label.betas=[0.5]", "model.codes=2"} {
		equal(t, same, job("model.method=known-grown", same).ID, grown.ID)
	}
	for _, other := range []string{"model.label.weight=0.5", "model.label.betas=[0.25]", "model.codes=3"} {
		if job("model.method=known-grown", other).ID == grown.ID {
			t.Errorf("%s is the job without it", other)
		}
	}
	resolved, err := grown.ResolvedYAML()
	if err != nil {
		t.Fatal(err)
	}
	head, _, _ := strings.Cut(string(resolved), "  label:\n")
	_, tail, _ := strings.Cut(string(resolved), "  train:\n")
	again := mustPlan(t, Request{Source: "resolved.yaml", Text: []byte(head + "  train:\n" + tail)})
	equal(t, "the job of a text from before", again.Jobs[0].ID+" "+again.Jobs[0].Evaluation, grown.ID+" "+grown.Evaluation)
}

// The same of datasets, side by side.
func TestLaterOptionsOfDatasets(t *testing.T) {
	job := func(overrides ...string) Job {
		t.Helper()
		return mustPlan(t, Request{Source: "known.yaml", Text: []byte(knownSpec), Overrides: append(overrides, "metrics.independence.tests=[]", "metrics.discrepancy.tests=[]")}).Jobs[0]
	}
	of := func(j Job) string {
		return j.hash("", "domains.a.own", "domains.a.subtype", "domains.b.own", "domains.b.subtype", "image.", "model.")
	}
	for _, side := range []string{"a", "b"} {
		old, aged := job("domains."+side+".dataset=known-old"), job("domains."+side+".dataset=known-aged")
		equal(t, "values before and after", of(aged), of(old))
		equal(t, "said as it is by default", job("domains."+side+".dataset=known-aged", "domains."+side+".subtype=none").ID, aged.ID)
		if job("domains."+side+".dataset=known-aged", "domains."+side+".subtype=x").ID == aged.ID {
			t.Errorf("another subtype of %s is the job without it", side)
		}
	}
}

// An option that has a method learn from labels wants a source, and is told where it stands.
func TestLabelsByAnOption(t *testing.T) {
	plan := func(overrides ...string) error {
		_, err := NewPlan(Request{Source: "known.yaml", Text: []byte(strings.Replace(knownSpec, "{method: known}", "{method: known-grown, label: {weight: 0.5}}", 1)), Overrides: overrides})
		return err
	}
	equal(t, "with a source", fmt.Sprint(plan()), "<nil>")
	equal(t, "without", fmt.Sprint(plan("domains.a.labelled=false")), "known.yaml:4:46: model.label.weight: 0.5, by which known-grown learns from the labels of the source, and no domain is labelled; say labelled: true of one")
	equal(t, "without either", fmt.Sprint(plan("domains.a.labelled=false", "model.label.weight=0")), "<nil>")
}
