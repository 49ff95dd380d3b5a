package experiments

import (
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/venn-adapt/venn/experiments/evaluate"
	"github.com/venn-adapt/venn/experiments/runs"
)

// readPredictions reads the file of a run as anybody would: by its heading.
func readPredictions(t *testing.T, dir string) []map[string]string {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, "predictions.csv.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(z).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, line := range lines[1:] {
		row := map[string]string{}
		for j, name := range lines[0] {
			row[name] = line[j]
		}
		out = append(out, row)
	}
	return out
}

// Every row of the table of accuracy has a line for every test image, with what the plain
// classifier makes of its known code, and the shares of right lines are the accuracies.
func TestKnownPredictions(t *testing.T) {
	run := runUndrawn(t)
	want := expected(t, nearestMean, 0, func(k knownImage) []float64 { c, _, _, _ := k.codes("oracle"); return c })
	hits, counts := map[string]int{}, map[string]int{}
	next := map[string]int{}
	for _, p := range readPredictions(t, run.dir) {
		key := p["row"] + "/" + p["classifier"] + "/" + p["domain"]
		equal(t, key+" table and split", p["table"]+" "+p["split"], "accuracy test")
		equal(t, key+" sample", p["sample"], next[key])
		side := map[string]int{"a": 0, "b": 1}[p["domain"]]
		k := newKnownImage(side, testSplit, next[key])
		equal(t, key+" true", p["true"], knownClasses[k.class])
		if p["row"] == "common" && p["classifier"] == "centroid" {
			equal(t, fmt.Sprint(key, " of ", k.i), p["predicted"], knownClasses[want[side][k.i]])
		}
		sum, best := 0.0, math.Inf(-1)
		for _, class := range knownClasses {
			v, err := strconv.ParseFloat(p["p:"+class], 64)
			if err != nil {
				t.Fatal(err)
			}
			sum, best = sum+v, math.Max(best, v)
		}
		closeTo(t, key+" sum of probabilities", sum, 1, 1e-5)
		if v, _ := strconv.ParseFloat(p["p:"+p["predicted"]], 64); v != best {
			t.Errorf("%s: predicted %s of %v", key, p["predicted"], p)
		}
		counts[key]++
		if p["true"] == p["predicted"] {
			hits[key]++
		}
		next[key]++
	}
	for _, a := range run.Accuracy {
		closeTo(t, a.Row+" on b", float64(hits[a.Row+"/"+a.Classifier+"/b"])/60, a.Target.Accuracy, 1e-12)
		equal(t, a.Row+" lines of b", counts[a.Row+"/"+a.Classifier+"/b"], 60)
		if a.Source != nil {
			closeTo(t, a.Row+" on a", float64(hits[a.Row+"/"+a.Classifier+"/a"])/72, a.Source.Accuracy, 1e-12)
			equal(t, a.Row+" lines of a", counts[a.Row+"/"+a.Classifier+"/a"], 72)
		} else if counts[a.Row+"/"+a.Classifier+"/a"] != 0 {
			t.Errorf("%s has predictions on a", a.Row)
		}
	}
}

// The samples of a method are places in the split, also where it sees some of them alone:
// the class that the code tells is predicted.
func TestKnownPredictionsOfMethods(t *testing.T) {
	for _, rows := range []int{20, 2000} {
		run := runUndrawn(t, "adapt.methods={plain: {adapter: none}}", fmt.Sprint("adapt.rows=", rows))
		seen := map[string]int{}
		for _, p := range readPredictions(t, run.dir) {
			if p["table"] != "adaptation" {
				continue
			}
			i, err := strconv.Atoi(p["sample"])
			if err != nil {
				t.Fatal(err)
			}
			k := newKnownImage(1, map[string]int{"train": trainSplit, "test": testSplit}[p["split"]], i)
			equal(t, "method", p["row"]+" "+p["classifier"]+" "+p["domain"], "plain knn b")
			equal(t, "true", p["true"], knownClasses[k.class])
			if rows == 2000 { // all rows of a were seen
				equal(t, fmt.Sprint("predicted of ", i), p["predicted"], knownClasses[k.told])
			}
			seen[p["split"]]++
		}
		equal(t, "lines", seen, fmt.Sprintf("map[test:60 train:%d]", min(rows, 48)))
	}
}

// Without labels of the target there is nothing to compare with, and an evaluation without
// predictions leaves none of an earlier one.
func TestKnownPredictionsGo(t *testing.T) {
	root := t.TempDir()
	first := newKnownRun(t, root)
	dir := &runs.RunDir{Path: first.dir}
	w := &evaluate.Subject{Dir: dir}
	if err := w.WritePredictions(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(first.dir, "predictions.csv.gz")); !os.IsNotExist(err) {
		t.Errorf("predictions are still there: %v", err)
	}
}
