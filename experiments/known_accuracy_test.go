package experiments

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments/runs"
)

// A plainClassifier is a classifier in its slow obvious form: fit, then class by row.
type plainClassifier func(train [][]float64, labels []int, queries [][]float64) []int

func squared(x, y []float64) float64 {
	var s float64
	for j := range x {
		s += (x[j] - y[j]) * (x[j] - y[j])
	}
	return s
}

func nearestMean(train [][]float64, labels []int, queries [][]float64) []int {
	means, counts := make([][]float64, 3), make([]float64, 3)
	for i, row := range train {
		if means[labels[i]] == nil {
			means[labels[i]] = make([]float64, len(row))
		}
		for j, v := range row {
			means[labels[i]][j] += v
		}
		counts[labels[i]]++
	}
	out := make([]int, len(queries))
	for q, row := range queries {
		best := math.Inf(1)
		for c := range means {
			m := append([]float64{}, means[c]...)
			for j := range m {
				m[j] /= counts[c]
			}
			if d := squared(row, m); d < best {
				best, out[q] = d, c
			}
		}
	}
	return out
}

func nearestRow(train [][]float64, labels []int, queries [][]float64) []int {
	out := make([]int, len(queries))
	for q, row := range queries {
		best := math.Inf(1)
		for i := range train {
			if d := squared(row, train[i]); d < best {
				best, out[q] = d, labels[i]
			}
		}
	}
	return out
}

// expected is what a classifier fitted on one side's training rows predicts on the test
// rows of both.
func expected(t *testing.T, classify plainClassifier, fitSide int, features func(knownImage) []float64) (predicted [2][]int) {
	t.Helper()
	table := func(side, split int) (rows [][]float64, labels []int) {
		for _, k := range knownSet(side, split) {
			rows, labels = append(rows, features(k)), append(labels, k.class)
		}
		return rows, labels
	}
	rows, labels := table(fitSide, trainSplit)
	kept, _, err := domains.HoldOut(labels, 3, 0.1, 0) // the rest chooses settings; there is one best
	if err != nil {
		t.Fatal(err)
	}
	var train [][]float64
	var classes []int
	for _, i := range kept {
		train, classes = append(train, rows[i]), append(classes, labels[i])
	}
	for side := range predicted {
		queries, _ := table(side, testSplit)
		predicted[side] = classify(train, classes, queries)
	}
	return predicted
}

// wilsonByHand is (p + z²/2n ± z sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n).
func wilsonByHand(hits, n int) (low, high float64) {
	const z = 1.959963984540054
	p, m := float64(hits)/float64(n), float64(n)
	centre, half := p+z*z/(2*m), z*math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	return (centre - half) / (1 + z*z/m), (centre + half) / (1 + z*z/m)
}

// Every row of the accuracy table, with the classifiers' slow obvious forms on codes in
// closed form.
func TestKnownAccuracies(t *testing.T) {
	run := runUndrawn(t)
	float := func(px []float32) (out []float64) {
		for _, v := range px {
			out = append(out, float64(v))
		}
		return out
	}
	common := func(k knownImage) []float64 { c, _, _, _ := k.codes("oracle"); return c }
	separate := func(k knownImage) []float64 { _, a, _, _ := k.codes("oracle"); return a }
	untrained := func(k knownImage) []float64 { _, _, _, u := k.codes("oracle"); return u }
	raw := func(k knownImage) []float64 { return float(k.pixels()) }
	rows := []struct {
		name, features, selector string
		of                       func(knownImage) []float64
		fitSide                  int
		target, source           float64 // by counting, where it can be counted
	}{
		{"common", "common code", "source-validation accuracy", common, 0, 24. / 30, 22. / 24},
		{"separate", "separate code of a", "source-validation accuracy", separate, 0, -1, -1},
		{"source-only", "raw pixels", "source-validation accuracy", raw, 0, 3. / 30, 21. / 24},
		{"untrained", "common code of an untrained network", "source-validation accuracy", untrained, 0, 6. / 30, 20. / 24},
		{"target-oracle", "raw pixels of the target, with its labels", "target-validation accuracy (oracle)", raw, 1, 27. / 30, -1},
	}
	next := 0
	for _, classifier := range []struct {
		name     string
		classify plainClassifier
	}{{"centroid", nearestMean}, {"knn", nearestRow}} {
		for _, row := range rows {
			a := run.Accuracy[next]
			next++
			what := row.name + "/" + classifier.name
			equal(t, what, a.Row+"/"+a.Classifier, what)
			equal(t, what+" features", a.Features, row.features)
			equal(t, what+" selector", a.Selector, row.selector)
			equal(t, what+" oracle", a.Oracle, row.name == "target-oracle")
			if row.name == "separate" && classifier.name == "knn" {
				continue // votes of several neighbours: the centroid's row is enough
			}
			predicted := expected(t, classifier.classify, row.fitSide, row.of)
			for side := range 2 {
				got := a.Source
				if side == 1 {
					got = a.Target
				}
				if side == 0 && row.name == "target-oracle" {
					if got != nil {
						t.Errorf("%s is scored on the source", what)
					}
					continue
				}
				confusion, recall, hits := [3][3]int{}, [3]float64{}, 0
				for i, k := range knownSet(side, testSplit) {
					confusion[k.class][predicted[side][i]]++
					if predicted[side][i] == k.class {
						hits++
					}
				}
				balanced := 0.0
				for c := range recall {
					recall[c] = float64(confusion[c][c]) / float64(confusion[c][0]+confusion[c][1]+confusion[c][2])
					balanced += recall[c] / 3
				}
				n := knownSizes[side][testSplit]
				where := fmt.Sprintf("%s on %s", what, domains.Side(side))
				if got == nil {
					t.Fatalf("%s is not scored", where)
				}
				closeTo(t, where+" accuracy", got.Accuracy, float64(hits)/float64(n), 1e-12)
				if counted := [2]float64{row.source, row.target}[side]; counted >= 0 {
					closeTo(t, where+" counted", got.Accuracy, counted, 1e-12)
				}
				low, high := wilsonByHand(hits, n)
				closeTo(t, where+" low", got.Interval[0], low, 1e-12)
				closeTo(t, where+" high", got.Interval[1], high, 1e-12)
				closeTo(t, where+" balanced", got.Balanced, balanced, 1e-12)
				equal(t, where+" rows", got.N, n)
				equal(t, where+" confusion", got.Confusion, confusion)
				for c := range recall {
					closeTo(t, where+" recall", got.Recall[c], recall[c], 1e-12)
				}
			}
		}
	}
	if next != len(run.Accuracy) {
		t.Errorf("%d rows, want %d", len(run.Accuracy), next)
	}
}

// The gap closed of the common code: (0.8 - 0.1)/(0.9 - 0.1), and of the untrained one
// (0.2 - 0.1)/(0.9 - 0.1), each with a bootstrap interval around it.
func TestKnownGaps(t *testing.T) {
	run := runUndrawn(t)
	for _, a := range run.Accuracy {
		want, has := map[string]float64{"common": 0.875, "untrained": 0.125}[a.Row]
		switch {
		case a.Row == "source-only" || a.Row == "target-oracle":
			if a.GapClosed != nil || a.GapInterval != nil || a.Notes != nil {
				t.Errorf("%s/%s closes a gap of its own: %v", a.Row, a.Classifier, a)
			}
		case has:
			if a.GapClosed == nil || a.GapInterval == nil {
				t.Fatalf("%s/%s has no gap", a.Row, a.Classifier)
			}
			closeTo(t, a.Row+" gap", *a.GapClosed, want, 1e-12)
			if i := *a.GapInterval; !(i[0] < want && want < i[1] && i[1]-i[0] > 0.1 && i[1]-i[0] < 0.8) {
				t.Errorf("%s: interval %v around %v", a.Row, i, want)
			}
		}
	}
}

// The four tables' cells that come from the accuracies say the same.
func TestKnownHead(t *testing.T) {
	run := runUndrawn(t)
	equal(t, "domains", run.Domains, "[{known true 60 72 known a } {known false 48 60 known b }]")
	equal(t, "classes", run.Classes, knownClasses)
	equal(t, "head", fmt.Sprint(run.Name, run.Seed, run.Method, run.Steps, run.Parameters, run.Format), fmt.Sprint("known", 0, "known", 20, 1, runs.ResultsFormat))
	data, err := os.ReadFile(filepath.Join(run.dir, "data.lock.json"))
	var lock runs.DataLock
	if err == nil {
		err = json.Unmarshal(data, &lock)
	}
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "lock", fmt.Sprint(lock.A.Transform, ", ", lock.B.Transform, ", ", lock.Classes), "known a, known b, [zero one two]")
}
