package main

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/reports"
	"github.com/venn-adapt/venn/reports/published"
)

// A study on drawn rooms goes beside the published translations of 3D Shapes: on the terminal D alone or every score, in
// the files every score, each as the run's own results.json has it.
func TestCompareTranslations(t *testing.T) {
	sandbox(t)
	write(t, "rooms.yaml", `name: rooms
domains:
  a: {dataset: shapes-drawn, labelled: true, train: 20, test: 20}
  b: {dataset: shapes-drawn, labelled: false, train: 20, test: 20}
image: {size: 16, channels: 3}
model: {method: colour-shift, train: {batch: 4}}
adapt: {classifiers: [centroid], baselines: []}
metrics: {independence: {tests: []}, discrepancy: {tests: []}}
translate: {pairs: 10, grid: 1, steps: 2}
`)
	if code, out, err := real("run", "rooms.yaml"); code != exitOK {
		t.Fatalf("run: exit %d\n%s%s", code, out, err)
	}
	code, out, stderr := real("compare", "rooms", "-o", "cmp", "--csv", "whole.csv")
	if code != exitOK || strings.Contains(out, "manipulation a->b") {
		t.Errorf("compare: exit %d, %s%s", code, out, stderr)
	}
	for _, want := range []string{"colour-shift", "not", "published", "0.6811", "0.3272", "not run", "Levels are not compared"} {
		if !strings.Contains(out, want) {
			t.Errorf("stdout lacks %q:\n%s", want, out)
		}
	}
	if _, out, _ := real("compare", "rooms", "--tasks"); !strings.Contains(out, "manipulation a->b") {
		t.Errorf("--tasks:\n%s", out)
	}
	whole, err := os.ReadFile("whole.csv")
	same, _ := os.ReadFile("cmp/compare.csv")
	lines, e := csv.NewReader(strings.NewReader(string(whole))).ReadAll()
	if err != nil || e != nil || len(lines) < 21 || string(whole) != string(same) {
		t.Errorf("whole.csv: %v %v, %d lines", err, e, len(lines))
	}
	for _, name := range []string{"cmp/compare.md", "cmp/compare.tex"} {
		if data, err := os.ReadFile(name); err != nil || strings.Count(string(data), "colour-shift") != 7 {
			t.Errorf("%s: %v %s", name, err, data)
		}
	}
	_, text, _ := real("compare", "rooms", "--json")
	var list published.TranslationList
	if err := json.Unmarshal([]byte(text), &list); err != nil || len(list.Translations) != 21 || len(list.Orders) != 0 || strings.Contains(text, `"orders": null`) {
		t.Fatalf("%v\n%s", err, text)
	}
	found, _ := filepath.Glob("runs/rooms/*/results.json")
	data, err := os.ReadFile(found[0])
	var results reports.Results
	if err == nil {
		err = json.Unmarshal(data, &results)
	}
	if err != nil {
		t.Fatal(err)
	}
	held := 0
	for _, r := range list.Translations {
		if r.Method != "colour-shift" {
			if r.Here != nil || r.Published == nil || r.Verdict != "not run" {
				t.Errorf("%+v", r)
			}
			continue
		}
		if r.Published != nil || r.Verdict != "not published" {
			t.Errorf("%+v", r)
		}
		for _, s := range results.Correctness {
			if s.Name != r.Score || s.Direction != r.Direction || s.Factor != "" || s.Value == nil {
				continue
			}
			if held++; r.Here == nil || r.Here.Value != *s.Value || *r.Here.Interval != *s.Interval {
				t.Errorf("%+v of %+v", r, s)
			}
		}
	}
	if held != 7 {
		t.Errorf("%d scores beside the run's own, want 7", held)
	}
}
