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

	"gonum.org/v1/gonum/mat"

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

// So many rows of each class, or all of a class with fewer, ascending.
func TestDrawPerClass(t *testing.T) {
	labels := []int{0, 1, 0, 0, 2, 0, 1, 0, 1, 0}
	rows := drawPerClass(labels, 3, 2, 5)
	counts := map[int]int{}
	for k, i := range rows {
		counts[labels[i]]++
		if k > 0 && i <= rows[k-1] {
			t.Errorf("rows %v do not ascend", rows)
		}
	}
	equal(t, "rows a class", counts, "map[0:2 1:2 2:1]")
	equal(t, "all rows", drawPerClass(labels, 3, 9, 5), "[0 1 2 3 4 5 6 7 8 9]")
}

// The union of classes keeps the source's order and adds the target's own.
func TestUnionOf(t *testing.T) {
	equal(t, "union", unionOf([]string{"c", "a"}, []string{"b", "a", "d"}), "[c a b d]")
}

// Preparations by hand: (1, 3) by its sum and by its length; z-scores by the first part alone.
func TestPreparedByHand(t *testing.T) {
	x, more := matrixOf([][]float64{{1, 3}, {3, 1}}), matrixOf([][]float64{{2, 2}, {0, 0}})
	sum := prepared(x, more, []string{"row-sum"})
	equal(t, "row sums", fmt.Sprint(sum[0].RawMatrix().Data, sum[1].RawMatrix().Data), "[0.25 0.75 0.75 0.25] [0.5 0.5 0 0]")
	length := prepared(x, nil, []string{"row-length"})
	closeTo(t, "row length", length[0].At(0, 1), 3/3.1622776601683795, 1e-15)
	if length[1] != nil {
		t.Error("a second part out of nothing")
	}
	z := prepared(x, more, []string{"zscore"})
	equal(t, "z-scores", fmt.Sprint(z[0].RawMatrix().Data, z[1].RawMatrix().Data), "[-1 1 1 -1] [0 0 -2 -2]")
	z = prepared(matrixOf([][]float64{{1, 7}, {5, 7}}), nil, []string{"zscore"})
	equal(t, "z-scores of deviation 2, and of a column that does not vary", z[0].RawMatrix().Data, "[-1 0 1 0]")
	both := prepared(matrixOf([][]float64{{1, 3}, {2, 2}}), nil, []string{"row-sum", "zscore"})
	equal(t, "shares, then z-scores", both[0].RawMatrix().Data, "[-1 1 1 -1]")
	equal(t, "the rows are left alone", x.RawMatrix().Data, "[1 3 3 1]")
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

func matrixOf(rows [][]float64) *mat.Dense {
	m := mat.NewDense(len(rows), len(rows[0]), nil)
	for i, r := range rows {
		m.SetRow(i, r)
	}
	return m
}
