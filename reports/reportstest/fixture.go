// Package reportstest holds runs written by hand, for the tests of reports and its rooms.
package reportstest

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/recorder"

	"github.com/venn-adapt/venn/internal/npy"
	"github.com/venn-adapt/venn/reports"
)

// Fixture writes runs by hand: each label with each seed.
func Fixture(t testing.TB, labels []string, seeds ...uint64) []reports.Run {
	t.Helper()
	var runs []reports.Run
	for _, label := range labels {
		for _, seed := range seeds {
			runs = append(runs, OneRun(t, label, seed))
		}
	}
	return runs
}

// byHand is a run of seed 0 with every kind of record: a toy result beside a judged
// translation of a model that does half of what it should.
//
//go:embed run.json
var byHand []byte

// OneRun is the run written by hand under a label and a seed, which some of its numbers
// follow.
func OneRun(t testing.TB, label string, seed uint64) reports.Run {
	t.Helper()
	run := reports.Run{Dir: t.TempDir()}
	if err := json.Unmarshal(byHand, &run); err != nil {
		t.Fatal(err)
	}
	r := &run.Results
	r.Job, r.Label, r.Seed = fmt.Sprintf("%012d", seed), label, seed
	s := float64(seed) / 100
	target := r.Accuracy[0].Target
	for _, v := range []*float64{&target.Accuracy, &target.Balanced, &target.Interval[0], &target.Interval[1], &target.Recall[0], &target.Recall[1],
		&r.ClassScores[0].Balanced, &r.ClassScores[0].Brier, &r.Reconstruction[0].L1.Value, &r.Leakage[0].Score, &r.Values[0].Value, &r.Faces.Rows[2].Target.Value} {
		*v += s
	}
	r.Discrepancy[0].Value += s / 10
	for _, c := range run.Curves {
		for i := range c.Values {
			c.Values[i] += s
		}
	}
	pixels := make([]float32, 3*2*3*8*8)
	if err := npy.Write(filepath.Join(run.Dir, r.Grids[0].File), []int{3, 2, 3, 8, 8}, pixels); err != nil {
		t.Fatal(err)
	}
	return run
}

// twelve tasks with an accuracy of each of eight methods, the later ones better, and of the
// first the cells of known factors.
//
//go:embed studies.json
var twelve []byte

// Studies are tasks with a score of each of several methods, some clearly better, and cells of known factors.
func Studies() (runs []reports.Run) {
	if err := json.Unmarshal(twelve, &runs); err != nil {
		panic(err)
	}
	return runs
}

// Equal compares what was read with what was wanted.
func Equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// Near compares numbers that came through the paper.
func Near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !SameNumber(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

var update = flag.Bool("update", false, "rewrite the golden files")

// Golden compares got with testdata/name, or rewrites it.
func Golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; run with -update to make it, and read it", err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs from what a person read and kept; got:\n%s", path, got)
	}
}

// Pointer is that of a number of its own.
func Pointer(v float64) *float64 { return &v }

// OverTasks writes one run a task by hand: the better method wins every task by its
// own margin.
func OverTasks(tasks []string, protocol map[string]string) []reports.Run {
	var runs []reports.Run
	for i, task := range tasks {
		base := 0.4 + 0.01*float64(i)
		runs = append(runs, reports.Run{Results: reports.Results{Format: 1, Name: "tasks", Label: fmt.Sprintf("features.task=%q", task), Task: task, Protocol: protocol, Adaptation: []reports.Adaptation{
			{Name: "source-only", Adapter: "none", Classifier: "knn", Head: map[string]any{"k": 1}, Transductive: &reports.Score{Accuracy: base}},
			{Name: "good", Adapter: "coral", Transductive: &reports.Score{Accuracy: base + 0.1 + 0.001*float64(i)}},
		}}})
	}
	return runs
}

// SameNumber compares numbers that came through the paper.
func SameNumber(a, b float64) bool { return math.Abs(a-b) < 1e-6*(1+math.Abs(a)+math.Abs(b)) }

// SizedRecorder records what a figure draws.
type SizedRecorder struct {
	recorder.Canvas
	W, H vg.Length
}

// Size is that of the paper.
func (r *SizedRecorder) Size() (vg.Length, vg.Length) { return r.W, r.H }
