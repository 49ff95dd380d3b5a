package experiments

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/reports"
)

// A study on features of one column, in which the nearest neighbour of every target row can
// be seen: sources at 0 (p) and 10 (q); target rows of q at 1 or 9 and of r, which the source
// lacks, at 9.
func TestKnownFeatures(t *testing.T) {
	dir := t.TempDir()
	source, target := "f,label\n", "f,label\n"
	for i := range 20 {
		source += fmt.Sprintf("%v,%s\n", float64(i%2*10)+0.01*float64(i), []string{"p", "q"}[i%2])
	}
	var at []float64
	var label []int // over p, q, r
	for i := range 30 {
		v, l := 9.0, 1
		if i%3 == 0 {
			v = 1
		}
		if i%5 == 4 {
			v, l = 9, 2
		}
		v += 0.001 * float64(i)
		at, label = append(at, v), append(label, l)
		target += fmt.Sprintf("%v,%s\n", v, []string{"p", "q", "r"}[l])
	}
	for name, text := range map[string]string{"s.csv": source, "t.csv": target} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text := `name: known-features
title: A title
question: A question?
source: A source
features: {domains: {S: {path: s.csv, per_class: 8}, T: {path: t.csv}}, task: S->T, test: 0.4, prepare: [], benchmark: some}
adapt: {methods: {nn: {adapter: none, classifier: knn}}}
`
	plan, err := spec.NewPlan(spec.Request{Source: "f.yaml", Text: []byte(text)})
	if err != nil {
		t.Fatal(err)
	}
	out := runs.Run(context.Background(), plan, runs.RunOptions{Runs: t.TempDir(), Data: dir, Job: RunJob})[0]
	if out.State != runs.Done {
		t.Fatal(out.Err)
	}
	data, err := os.ReadFile(filepath.Join(out.Dir, "results.json"))
	if err != nil {
		t.Fatal(err)
	}
	var r reports.Results
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatal(err)
	}
	equal(t, "domains", r.Domains, "[{S true 16 0 1 features, [] } {T false 18 12 1 features, [] }]")
	equal(t, "head", fmt.Sprint(r.Name, r.Title, r.Question, r.Source, r.Task, r.Method, r.Format, fmt.Sprint(r.Classes)), fmt.Sprint("known-features", "A title", "A question?", "A source", "S->T", "features", runs.ResultsFormat, "[p q r]"))
	equal(t, "protocol", r.Protocol, "map[benchmark:some prepare:[] split:8 source rows a class]")
	held := map[int]bool{}
	for _, i := range stream.Permutation(stream.New(0, "features/target-test"), 30)[:12] {
		held[i] = true
	}
	var confusion [2][3][3]int
	for i, v := range at {
		predicted := 0
		if v > 5 {
			predicted = 1
		}
		part := 0
		if held[i] {
			part = 1
		}
		confusion[part][label[i]][predicted]++
	}
	a := r.Adaptation[0]
	equal(t, "transductive", a.Transductive.Confusion, confusion[0])
	equal(t, "inductive", a.Inductive.Confusion, confusion[1])
	last := map[string]int{"train": -1, "test": -1}
	for _, p := range readPredictions(t, out.Dir) {
		i, _ := strconv.Atoi(p["sample"])
		if i <= last[p["split"]] {
			t.Errorf("sample %d after %d", i, last[p["split"]])
		}
		last[p["split"]] = i
		want := "p"
		if at[i] > 5 {
			want = "q"
		}
		equal(t, fmt.Sprint("prediction of ", i), p["domain"]+" "+p["split"]+" "+p["true"]+" "+p["predicted"], "T "+map[bool]string{true: "test", false: "train"}[held[i]]+" "+[]string{"p", "q", "r"}[label[i]]+" "+want)
	}
	equal(t, "recall of a class without rows", a.Transductive.Recall[0], -1)
	var lock runs.DataLock
	if data, err = os.ReadFile(filepath.Join(out.Dir, "data.lock.json")); err == nil {
		err = json.Unmarshal(data, &lock)
	}
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "lock", fmt.Sprint(lock.A.Dataset, lock.A.Options["path"], lock.A.Splits, lock.A.Transform, lock.B.Dataset, lock.B.Options["path"], lock.B.Splits), "Ss.csvmap[all:20]1 features; []Tt.csvmap[all:30]")
	if sum := fmt.Sprintf("%x", sha256.Sum256([]byte(source))); lock.A.Samples["all"] != sum || lock.A.Files[0].SHA256 != sum || lock.B.Samples["all"] == sum {
		t.Errorf("the lock says %+v", lock)
	}
}

// Published figures are read by the benchmark that a spec names.
func TestKnownFeaturesFaults(t *testing.T) {
	for want, text := range map[string]string{
		"features.domains.S.path: missing":                         "name: x\nfeatures: {domains: {S: {}, T: {path: t}}, task: S->T}\n",
		"features.task: missing; want a source and a target":       "name: x\nfeatures: {domains: {S: {path: s}, T: {path: t}}}\n",
		"features.domains.S.per_class: -1, want an integer from 0": "name: x\nfeatures: {domains: {S: {path: s, per_class: -1}, T: {path: t}}, task: S->T}\n",
		`features.prepare[0]: unknown preparation "zscores"; did`:  "name: x\nfeatures: {domains: {S: {path: s}, T: {path: t}}, task: S->T, prepare: [zscores]}\n",
	} {
		if _, err := spec.NewPlan(spec.Request{Source: "f.yaml", Text: []byte(text)}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
