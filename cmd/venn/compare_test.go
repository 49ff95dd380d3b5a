package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/reports/published"
)

// real runs a command line with the real job and without a report at its end.
func real(args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	a := newApp(strings.NewReader(""), &out, &err)
	a.conclude = nil
	code = a.execute(args)
	return code, out.String(), err.String()
}

// featureStudy writes four domains of two classes under the names of a benchmark.
func featureStudy(t *testing.T) {
	t.Helper()
	spec := "name: study\nfeatures:\n  benchmark: office-caltech10-surf\n  task: A->C\n  domains:\n"
	for k, name := range []string{"A", "C", "W", "D"} {
		lines := "x,z,label\n"
		for i := range 24 {
			lines += fmt.Sprintf("%d,%d,%d\n", (i%2)*3+i%5, (7*i+k)%11, i%2)
		}
		write(t, "data/"+name+".csv", lines)
		spec += fmt.Sprintf("    %s: {path: %s.csv}\n", name, name)
	}
	spec += `grid:
  features.task: [C->A, C->W, C->D, A->C, A->W, A->D, W->C, W->A, W->D, D->C, D->A, D->W]
adapt:
  methods:
    nearest: {adapter: none}
    mean: {adapter: none, classifier: centroid}
`
	write(t, "study.yaml", spec)
}

func TestCompareWholeProgram(t *testing.T) {
	sandbox(t)
	featureStudy(t)
	if code, out, err := real("run", "study.yaml", "--data", "data"); code != exitOK {
		t.Fatalf("run: exit %d\n%s%s", code, out, err)
	}
	code, out, err := real("compare", "study", "--tasks", "-o", "cmp", "--csv", "whole.csv")
	if code != exitTolerance {
		t.Errorf("compare: exit %d, want %d: these are not the benchmark's features", code, exitTolerance)
	}
	for _, want := range []string{"NN (NA)", "C->A", "not run", "the program has no such method", "single tasks, "} {
		if !strings.Contains(out, want) {
			t.Errorf("stdout lacks %q:\n%s", want, out)
		}
	}
	if !strings.Contains(err, "venn: missed: NN (NA) of JDA (Long et al., ICCV 2013)") {
		t.Errorf("stderr: %s", err)
	}
	for _, name := range []string{"cmp/compare.md", "cmp/compare.tex", "cmp/compare.csv"} {
		if data, err := os.ReadFile(name); err != nil || !bytes.Contains(data, []byte("NN (NA)")) {
			t.Errorf("%s: %v", name, err)
		}
	}
	whole, _ := os.ReadFile("whole.csv")
	same, _ := os.ReadFile("cmp/compare.csv")
	if lines, e := csv.NewReader(bytes.NewReader(whole)).ReadAll(); e != nil || len(lines) < 200 || !bytes.Equal(whole, same) || lines[0][1] != "published as" {
		t.Errorf("whole.csv: %v, %d lines, as compare.csv %v", e, len(lines), bytes.Equal(whole, same))
	}
	if code, _, err := real("compare", "study", "--csv", "nowhere/at/all.csv"); code != exitFailed || !strings.Contains(err, "nowhere/at") {
		t.Errorf("a CSV in no folder: exit %d, %s", code, err)
	}
}

// The first row is the nearest neighbour of the JDA paper; methods that the program lacks are among the others.
func TestCompareJSON(t *testing.T) {
	sandbox(t)
	featureStudy(t)
	if code, out, err := real("run", "study.yaml", "--data", "data"); code != exitOK {
		t.Fatalf("run: exit %d\n%s%s", code, out, err)
	}
	code, text, _ := real("compare", "study", "--json")
	var list struct {
		Comparisons []map[string]any
		Counts      map[string]map[string]int
	}
	if err := json.Unmarshal([]byte(text), &list); err != nil || code != exitTolerance {
		t.Fatalf("exit %d, %v", code, err)
	}
	counts := map[string]map[string]int{"averages": {}, "tasks": {}}
	for _, v := range published.Verdicts {
		counts["averages"][string(v)], counts["tasks"][string(v)] = 0, 0
	}
	lacking, compared := 0, 0
	for _, c := range list.Comparisons {
		kind := "tasks"
		if c["task"] == "average" {
			kind = "averages"
		}
		counts[kind][c["verdict"].(string)]++
		if c["published_percent"] == 0.0 {
			t.Errorf("nobody published 0: %v", c)
		}
		switch {
		case c["remark"] == "the program has no such method":
			lacking++
			if c["verdict"] != "not run" || c["percent"] != nil || c["tolerance_points"] != nil || c["noise_points"] != nil || c["difference_points"] != nil {
				t.Errorf("a method that is lacking: %v", c)
			}
		case c["percent"] != nil:
			compared++
			if d := c["percent"].(float64) - c["published_percent"].(float64); !(math.Abs(d-c["difference_points"].(float64)) <= 1e-9) || c["tolerance_reason"] == "" || c["method_here"] == "" ||
				c["noise_points"].(map[string]any)["total"].(float64) < 0.005 {
				t.Errorf("%v", c)
			}
		}
	}
	if !reflect.DeepEqual(counts, list.Counts) || lacking < 50 || compared < 26 {
		t.Errorf("counts %v, want %v; %d lacking, %d compared", list.Counts, counts, lacking, compared)
	}
	first := list.Comparisons[0]
	if first["benchmark"] != "office-caltech10-surf" || first["method"] != "NN (NA)" || first["task"] != "C->A" || first["published_percent"] != 23.7 || first["tolerance_points"] != 0.1 ||
		first["tolerance_reason"] != "the same rows, and nothing is drawn: it should be exact" || first["method_here"] != "nearest" || first["certainty"] != "high" ||
		!reflect.DeepEqual(first["noise_points"], map[string]any{"total": 0.005, "rounding": 0.005, "seeds": 0.0, "test_rows": 0.0}) {
		t.Errorf("the first: %v", first)
	}
}

// The records of a study that come with the program are compared like its runs: nearest neighbours have no
// seed, so they are the published ones.
func TestCompareReference(t *testing.T) {
	sandbox(t)
	code, out, said := real("compare", "--reference", "office-caltech-surf", "--json")
	if code != exitOK && code != exitTolerance {
		t.Fatalf("exit %d: %s", code, said)
	}
	var list struct{ Comparisons []map[string]any }
	if err := json.Unmarshal([]byte(out), &list); err != nil {
		t.Fatal(err)
	}
	exact := 0
	for _, c := range list.Comparisons {
		if c["method"] == "NN (NA)" && c["task"] != "average" && c["verdict"] == "reproduced" && math.Abs(c["percent"].(float64)-c["published_percent"].(float64)) <= 0.005+1e-9 {
			exact++
		}
	}
	if exact < 12 {
		t.Errorf("nearest neighbours are as published on %d tasks, want 12", exact)
	}
	if code, _, said := real("compare", "--reference", "offices"); code == exitOK || !strings.Contains(said, `no reference "offices" and no such file`) {
		t.Errorf("exit %d: %s", code, said)
	}
}

func TestCompareRefuses(t *testing.T) {
	sandbox(t)
	write(t, "plain.yaml", "name: plain\nfeatures: {domains: {A: {path: a.csv}, B: {path: a.csv}}, task: A->B}\nadapt: {methods: {m: {adapter: none}}}\n")
	write(t, "data/a.csv", "x,label\n1,a\n2,b\n3,a\n")
	if code, _, err := real("run", "plain.yaml", "--data", "data"); code != exitOK {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"compare"}, "venn: compare: want the name of a spec that ran"},
		{[]string{"compare", "plain"}, "venn: reports: compare: the runs name 0 benchmarks (), want one; a spec names it as features.benchmark"},
	} {
		if code, _, err := real(tt.args...); code != exitUsage || !strings.HasPrefix(err, tt.want) {
			t.Errorf("%v: exit %d, %q, want %q", tt.args, code, err, tt.want)
		}
	}
}

// The lists name every method with its options, bounds and paper.
func TestListsOfMethods(t *testing.T) {
	for kind, want := range map[string][]string{
		"adapters": {"coral\n", "lambda  1 ", "a number from 0 to 1e+06", "Sun, Feng and Saenko", "its own classifier", "bda\n", "density-weights\n", "discriminator-weights\n",
			"dasvm\n", "easytl\n", "emd\n", "gfk\n", "jda\n", "jdot\n", "jgsa\n", "kliep\n", "kmm\n", "label-spreading\n", "linear-ot\n", "meda\n", "nearest-weights\n", "none\n",
			"ot-labels\n", "pca\n", "self-training\n", "sinkhorn\n", "subspace-alignment\n", "tca\n", "tjm\n", "ulsif\n"},
		"classifiers": {"boosting\n", "centroid\n", "forest\n", "knn\n", "lda\n", "logistic\n", "logistic-l1\n", "mlp\n", "svm-linear\n", "svm\n"},
		"validators": {"a-distance\n", "bnm\n", "circular\n", "dbi\n", "dev\n", "entropy\n", "importance-weighted\n", "information-maximisation\n", "mixval\n", "snd\n",
			"source-accuracy\n"},
	} {
		code, out, err := venn("list", kind)
		if code != exitOK {
			t.Fatal(err)
		}
		for _, w := range want {
			if !strings.Contains(out, w) {
				t.Errorf("list %s lacks %q", kind, w)
			}
		}
	}
}

func TestDataFeatures(t *testing.T) {
	sandbox(t)
	code, out, err := real("data", "features", "faces-schematic", "faces.npz", "train=30", "test=2", "--size", "8", "--channels", "3", "--rows", "20")
	if code != exitOK || !strings.HasPrefix(out, "faces.npz: 20 rows of 192 features") {
		t.Fatalf("exit %d, %s%s", code, out, err)
	}
	write(t, "faces.yaml", "name: faces\nfeatures: {domains: {A: {path: faces.npz}, B: {path: faces.npz}}, task: A->B}\nadapt: {methods: {m: {adapter: none}}}\n")
	if code, _, err := real("run", "faces.yaml", "--data", "."); code != exitOK {
		t.Errorf("a study cannot read it: %s", err)
	}
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"data", "features", "faces", "a.npz"}, `venn: data features: unknown dataset "faces"`},
		{[]string{"data", "features", "faces-schematic", "a.npz", "train"}, `venn: "train": want option=value`},
	} {
		if code, _, err := real(tt.args...); code != exitUsage || !strings.HasPrefix(err, tt.want) {
			t.Errorf("%v: exit %d, %q, want %q", tt.args, code, err, tt.want)
		}
	}
}
