package experiments

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/reports"
)

// writeBlobs writes three classes in four columns, the target a little turned, and
// relabels target rows as asked.
func writeBlobs(t *testing.T, dir string, relabel func(labels []string)) {
	t.Helper()
	for _, domain := range []string{"source", "target"} {
		r := stream.New(5, domain)
		n := 60
		labels, lines := make([]string, n), []string{"a,b,c,d,label"}
		rows := make([][4]float64, n)
		for i := range n {
			labels[i] = string(rune('p' + i%3))
			for j := range 4 {
				rows[i][j] = 0.8 * r.NormFloat64()
				if j == i%3 {
					rows[i][j] += 3
				}
			}
			if domain == "target" {
				rows[i][3] += 0.4 * rows[i][0]
			}
		}
		if domain == "target" {
			relabel(labels)
		}
		for i, row := range rows {
			lines = append(lines, fmt.Sprintf("%v,%v,%v,%v,%s", row[0], row[1], row[2], row[3], labels[i]))
		}
		if err := os.WriteFile(filepath.Join(dir, domain+".csv"), []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// everything names all adapters, all classifiers and all validators.
func everything() string {
	text := `name: everything
features:
  domains: {S: {path: source.csv}, T: {path: target.csv}}
  task: S->T
  test: 0.4
adapt:
  validators: [` + strings.Join(adapt.Validators.Names(), ", ") + `]
  methods:
`
	for _, info := range adapt.Adapters.All() {
		line := fmt.Sprintf("adapter: %s", info.Name)
		if !info.Own {
			line += ", classifier: logistic"
		}
		text += fmt.Sprintf("    adapter-%s: {%s}\n", info.Name, line)
	}
	for _, info := range adapt.Classifiers.All() {
		if info.New != nil { // not the toys of these tests
			text += fmt.Sprintf("    classifier-%s: {adapter: none, classifier: %s}\n", info.Name, info.Name)
		}
	}
	return text
}

func runFeatures(t *testing.T, text, data string) *reports.Results {
	t.Helper()
	plan, err := spec.NewPlan(spec.Request{Source: "everything.yaml", Text: []byte(text)})
	if err != nil {
		t.Fatal(err)
	}
	outcomes := runs.Run(context.Background(), plan, runs.RunOptions{Runs: t.TempDir(), Data: data, Job: RunJob})
	if outcomes[0].State != runs.Done {
		t.Fatalf("%s: %v", outcomes[0].State, outcomes[0].Err)
	}
	found, missing, err := runs.Collect([]string{outcomes[0].Dir})
	if err != nil || len(missing) > 0 {
		t.Fatal(err, missing)
	}
	return &found[0].Results
}

// No adapter, classifier or validator sees a target label: permuting the labels of the
// target's training rows changes nothing but what is scored on those very rows.
func TestPermutedTargetLabels(t *testing.T) {
	if testing.Short() {
		t.Skip("fits every method many times")
	}
	dirs := [2]string{t.TempDir(), t.TempDir()}
	// Which rows adaptation sees is drawn by the seed, as in featureTask.split.
	held := stream.Permutation(stream.New(0, "features/target-test"), 60)[:24]
	writeBlobs(t, dirs[0], func([]string) {})
	writeBlobs(t, dirs[1], func(labels []string) {
		var seen []int
		for i := range labels {
			if !slices.Contains(held, i) {
				seen = append(seen, i)
			}
		}
		first := labels[seen[0]]
		for k, i := range seen[:len(seen)-1] {
			labels[i] = labels[seen[k+1]]
		}
		labels[seen[len(seen)-1]] = first
	})
	var texts [2]string
	scored := 0
	for i, dir := range dirs {
		r := runFeatures(t, everything(), dir)
		changed := false
		for k := range r.Adaptation {
			a := &r.Adaptation[k]
			if a.Error != "" {
				t.Errorf("%s: %s", a.Name, a.Error)
			}
			if a.Inductive != nil {
				scored++
				if a.Inductive.Accuracy < 0.6 {
					t.Errorf("%s: accuracy %v on a small shift", a.Name, a.Inductive.Accuracy)
				}
			}
			changed = changed || a.Transductive != nil && a.Transductive.Accuracy < 0.5
			a.Transductive = nil // scored with the permuted labels
		}
		if changed != (i == 1) {
			t.Errorf("run %d: the permutation shows in the scores: %v", i, changed)
		}
		for k := range r.Selection {
			if len(r.Selection[k].Candidates[0].Scores) < 4 {
				t.Errorf("%s: only %d validators apply", r.Selection[k].Name, len(r.Selection[k].Candidates[0].Scores))
			}
			for c := range r.Selection[k].Candidates {
				r.Selection[k].Candidates[c].Oracle = nil
			}
		}
		text, err := json.MarshalIndent(r, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		texts[i] = string(text)
	}
	if scored < 50 {
		t.Errorf("%d scores on held-out target rows, want at least 50", scored)
	}
	if texts[0] != texts[1] {
		a, b := strings.Split(texts[0], "\n"), strings.Split(texts[1], "\n")
		for k := range a {
			if a[k] != b[k] {
				t.Fatalf("line %d: %s with the true labels, %s with permuted ones", k, a[k], b[k])
			}
		}
	}
}

func TestFeatureFaults(t *testing.T) {
	good := everything()
	for _, tt := range []struct{ old, new, want string }{
		{"task: S->T", "task: S->U", `everything.yaml:4:9: features.task: "S->U", want two different domains of S, T, as in A->B`},
		{"task: S->T", "task: U->T", `everything.yaml:4:9: features.task: "U->T", want two different domains of S, T, as in A->B`},
		{"task: S->T", "task: S", `everything.yaml:4:9: features.task: "S", want two different domains of S, T, as in A->B`},
		{"T: {path: target.csv}", `T: {path: target.csv}, "a b": {path: x}`, `features.domains.a b: unknown key`},
		{"adapt:", "report: {formats: [htm]}\nadapt:", `report.formats[0]: unknown format "htm"; did you mean "html"?`},
		{"task: S->T", "task: S->S", `everything.yaml:4:9: features.task: "S->S", want two different domains`},
		{"test: 0.4", "test: 1.4", `features.test: 1.4, want a number from 0 to 0.9`},
		{"{path: target.csv}", "{path: target.csv, label: y}", `features.domains.T.label: unknown key; did you mean "labels"?`},
		{"adapter: coral,", "adapter: corall,", `adapt.methods.adapter-coral.adapter: unknown adapter "corall"; did you mean "coral"?`},
		{"adapter: coral,", "adapter: coral, lambda: -1,", `adapt.methods.adapter-coral.lambda: -1, want a number from 0 to 1e+06`},
		{"adapter: pca,", "adapter: pca, lambda: 1,", `adapt.methods.adapter-pca.lambda: unknown key`},
		{"adapter: easytl}", "adapter: easytl, classifier: knn}", `adapt.methods.adapter-easytl.classifier: unknown key`},
		{"classifier: knn}", "classifier: knn, head: {k: 0}}", `adapt.methods.classifier-knn.head.k: 0, want an integer from 1 to 1000`},
		{"validators: [a-distance", "validators: [b-distance", `unknown validator "b-distance"; did you mean "a-distance"?`},
	} {
		text := strings.Replace(good, tt.old, tt.new, 1)
		if text == good {
			t.Fatalf("%q is not in the spec", tt.old)
		}
		if _, err := spec.NewPlan(spec.Request{Source: "everything.yaml", Text: []byte(text)}); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error\n%v\nwant %q", tt.new, err, tt.want)
		}
	}
}

// Domains that do not go together are one clear line.
func TestFeatureDomainsThatDiffer(t *testing.T) {
	dir := t.TempDir()
	writeBlobs(t, dir, func([]string) {})
	text := "name: everything\nfeatures: {domains: {S: {path: source.csv}, T: {path: other.csv}}, task: S->T}\nadapt: {methods: {m: {adapter: none}}}\n"
	for _, tt := range []struct{ file, want string }{
		{"", "other.csv is missing"},
		{"a,label\n1,p\n2,q\n", "domain S has 4 features, domain T has 1, want as many (of LIBSVM's text, which leaves zeros out, `features: 4` gives the number of columns)"},
		{"a,b,c,d,label\n1,2,3,4,p\n", "30 source"},
	} {
		if tt.file != "" {
			if err := os.WriteFile(filepath.Join(dir, "other.csv"), []byte(tt.file), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		plan, err := spec.NewPlan(spec.Request{Source: "x.yaml", Text: []byte(text)})
		if err != nil {
			t.Fatal(err)
		}
		out := runs.Run(context.Background(), plan, runs.RunOptions{Runs: t.TempDir(), Data: dir, Job: RunJob})[0]
		want := strings.Replace(tt.want, "30 source", "60 source and 1 target rows, want at least 2 of each", 1)
		if out.State != runs.Failed || out.Err == nil || !strings.Contains(out.Err.Error(), want) {
			t.Errorf("%q: %s, %v; want %q", tt.file, out.State, out.Err, want)
		}
	}
}
