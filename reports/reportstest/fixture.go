// Package reportstest holds runs written by hand, for the tests of reports and its rooms.
package reportstest

import (
	"bytes"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/recorder"

	"github.com/venn-adapt/venn/internal/npy"
	"github.com/venn-adapt/venn/metrics"
	"github.com/venn-adapt/venn/metrics/disentanglement"
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

// OneRun writes a run by hand, with every kind of record; its numbers follow from the seed.
func OneRun(t testing.TB, label string, seed uint64) reports.Run {
	s := float64(seed)
	score := func(accuracy float64) *reports.Score {
		hits := int(math.Round(accuracy * 100))
		return &reports.Score{Accuracy: accuracy, Interval: [2]float64{accuracy - 0.09, accuracy + 0.08}, Balanced: accuracy, N: 200,
			Confusion: [][]int{{hits, 100 - hits}, {100 - hits, hits}}, Recall: []float64{accuracy, accuracy}}
	}
	gap, p, low := 0.75, 0.01, 0.3
	null := make([]float64, 99)
	for i := range null {
		null[i] = math.Sin(float64(i)) * 0.01
	}
	run := reports.Run{Dir: t.TempDir(), Spec: "name: two_moons & more\n", Environment: "{}\n", Lock: "{}\n", Results: reports.Results{
		Format: 1, Name: "fixture", Title: "A title with 100% & <tags>", Question: "Does it work?", Source: "nobody, 2019",
		Job: fmt.Sprintf("%012d", seed), Evaluation: "e", Label: label, Seed: seed, Method: "didd", Kernels: "go", Steps: 100, Parameters: 1234,
		Domains: [2]reports.Domain{{Dataset: "faces-schematic", Labelled: true, Train: 100, Test: 200, Transform: "drawn"}, {Dataset: "faces-schematic", Labelled: false, Train: 100, Test: 200, Transform: "drawn"}},
		Classes: []string{"zero", "one"},
		Accuracy: []reports.Accuracy{
			{Row: "common", Features: "common code", Classifier: "logistic", Selector: "source validation", Source: score(0.95), Target: score(0.9 + s/100), GapClosed: &gap},
			{Row: "source-only", Features: "raw pixels", Classifier: "logistic", Source: score(0.9), Target: score(0.6), Notes: map[string]string{"gap_closed": "it is the lower end"}},
			{Row: "target-oracle", Features: "raw pixels", Classifier: "logistic", Oracle: true, Target: score(0.96)},
		},
		ClassScores: []reports.ClassScores{{Row: "common", Classifier: "logistic", N: 200, Balanced: 0.9 + s/100, MacroF1: 0.89, Kappa: 0.8, LogLoss: 0.3, Brier: 0.2 + s/100, ECE: 0.05, ClasswiseECE: 0.04}},
		Independence: []reports.Measured{{Of: "common code and separate code a, on a", Result: metrics.Result{Name: "hsic", Value: 0.011, P: &p, Method: "permutation", Resamples: 99, N: 200, Null: null}},
			{Of: "common code and separate code b, on b", Result: metrics.Result{Name: "hsic", P: &p, Degenerate: true, N: 200}}},
		Discrepancy: []reports.Measured{{Of: "common code of a and of b", Result: metrics.Result{Name: "mmd2", Value: 0.02 + s/1000, P: &p, Method: "permutation", Resamples: 99, N: 400, Null: null}},
			{Of: "common code of a and of b", Result: metrics.Result{Name: "domain-probe", Value: 0.71, N: 100, Interval: []float64{0.61, 0.79}}}},
		Translation: []reports.Translation{{Direction: "a->b", Pairs: 50, L1: 0.2, Ratio: 0.4, Guide: &gap}, {Direction: "removal-a", Pairs: 50, L1: 0.1, Ratio: 0.2}},
		Reconstruction: []reports.Reconstruction{{Domain: "a", L1: reports.Estimate{Value: 0.1 + s/100, Interval: [2]float64{0.09, 0.12}, N: 200}, PSNR: reports.Estimate{Value: 21.5, Interval: [2]float64{21, 22}, N: 200}, SSIM: &reports.Estimate{Value: 0.7, Interval: [2]float64{0.68, 0.72}, N: 200}},
			{Domain: "b", L1: reports.Estimate{Value: 0.11, Interval: [2]float64{0.1, 0.12}, N: 200}, PSNR: reports.Estimate{Value: 20, Interval: [2]float64{19, 21}, N: 200}}},
		Faces:     facesFixture(s),
		Diagnosis: []reports.Check{{Name: "zero loss of separate code a on b", Value: 0.01, Want: "below 0.05", OK: true, Note: ""}, {Name: "discriminator accuracy", Value: 0.99, Want: "below 0.95", OK: false, Note: "raise it"}},
		Grids:     []reports.Grid{{Name: "translate-a-b", Title: "Guided translation a to b", Caption: "First row contents.", File: "grid.npy", Rows: 3, Columns: 2, Header: true}},
		Leakage:   []disentanglement.Cell{{Block: "common", On: "a", Factor: "skin_tone", Wish: disentanglement.Keep, Score: 0.9 + s/100, Low: 0.85, High: 0.95}, {Block: "separate a", On: "a", Factor: "skin_tone", Wish: disentanglement.Empty, Score: -0.02, Low: -0.1, High: 0.1}},
		Scatter:   &reports.Scatter{},
		Task:      "mnist->usps",
		Adaptation: []reports.Adaptation{{Name: "source-only", Adapter: "none", Classifier: "knn", Transductive: score(0.6), Inductive: score(0.55)},
			{Name: "coral", Adapter: "coral", Classifier: "knn", Transductive: score(0.7)}, {Name: "broken", Adapter: "tca", Error: "adapt: tca: no"}},
		Selection: []reports.Selection{{Name: "coral", Candidates: []reports.Candidate{
			{Scores: map[string]float64{"entropy": -1, "dev": 0.1}, Oracle: &low}, {Scores: map[string]float64{"entropy": -0.5}, Oracle: &gap}, {Error: "no"}}}},
		Values:   []reports.Value{{Evaluation: "shade", Name: "mean on a", Value: 0.5 + s/100, N: 40}},
		Warnings: []string{"something looks odd"},
	}}
	for i := range 40 {
		x := math.Sin(float64(i)*1.7+s) + float64(i%2)
		point := reports.Point{X: x, Y: math.Cos(float64(i) * 2.3), Domain: i % 2, Class: i / 2 % 2}
		run.Results.Scatter.Before = append(run.Results.Scatter.Before, point)
		point.X -= float64(i % 2)
		run.Results.Scatter.After = append(run.Results.Scatter.After, point)
	}
	for _, name := range []string{"reconstruction/a", "reconstruction/b", "zero/a", "discriminator-accuracy"} {
		c := reports.Curve{Name: name}
		for step := 1; step <= 100; step += 9 {
			c.Steps, c.Values = append(c.Steps, step), append(c.Values, (1+s/10)/math.Sqrt(float64(step)))
		}
		run.Curves = append(run.Curves, c)
	}
	pixels := make([]float32, 3*2*3*8*8)
	for i := range pixels {
		pixels[i] = float32(math.Sin(float64(i) / 20))
	}
	if err := npy.Write(filepath.Join(run.Dir, "grid.npy"), []int{3, 2, 3, 8, 8}, pixels); err != nil {
		t.Fatal(err)
	}
	return run
}

// facesFixture is a judged translation of a model that does half of what it should, by
// hand, beside a rival and the real images.
func facesFixture(s float64) *reports.Faces {
	e := func(v float64) *reports.Estimate {
		return &reports.Estimate{Value: v, Interval: [2]float64{v - 0.05, v + 0.04}, N: 64}
	}
	return &reports.Faces{Own: [2]string{"Smiling", "Eyeglasses & !Bald"}, Agreement: *e(0.93), Changed: 0.23,
		Judged: []reports.JudgedAttribute{{Judge: "attribute", Attribute: "Smiling", Share: 0.4, Accuracy: *e(0.92), Balanced: 0.91}, {Judge: "second attribute", Attribute: "Smiling", Share: 0.4, Accuracy: *e(0.91), Balanced: 0.9},
			{Judge: "content", Attribute: "Male", Share: 0.5, Accuracy: *e(0.94), Balanced: 0.93}, {Judge: "content", Attribute: "Young", Share: 0.8, Accuracy: *e(0.84), Balanced: 0.77}},
		Rows: []reports.Face{
			{System: reports.RealImages, Direction: "a", Images: 64, Contents: 64, Target: e(0.02), Source: e(0.95), Agreement: e(0.97)},
			{System: reports.Reconstructions, Direction: "a", Images: 64, Contents: 64, Target: e(0.03), Source: e(0.85), Agreement: e(0.95)},
			{System: "didd", Direction: "a->b", Images: 64, Contents: 50, Guides: 30, Target: e(0.6 + s/100), Source: e(0.3), Wanted: e(0.5), Agreement: e(0.9),
				Content: e(0.7), Preservation: e(0.12), Outside: e(0.08), Guide: e(0.8), Frechet: e(12.34), KID: e(0.05), References: 30},
			{System: reports.CopyContent, Direction: "a->b", Images: 64, Contents: 50, Guides: 30, Target: e(0.02), Source: e(0.95), Wanted: e(0.01), Agreement: e(0.97),
				Preservation: e(0), Outside: e(0), Guide: e(0.5)},
			{System: "didd", Direction: "removal-a", Images: 64, Contents: 50, Target: e(0.05), Source: e(0.2), Wanted: e(0.75), Agreement: e(0.9),
				Content: e(0.8), Preservation: e(0.1), Outside: e(0.07), Frechet: e(8), KID: e(0.02), References: 40},
		}}
}

// Studies are tasks with a score of each of several methods, some clearly better, and cells of known factors.
func Studies() []reports.Run {
	methods := []string{"source only", "PCA", "CORAL", "subspace alignment", "GFK", "TCA", "JDA", "MEDA"}
	var runs []reports.Run
	for task := range 12 {
		r := reports.Run{Results: reports.Results{Name: "study", Task: string(rune('A'+task/4)) + "->" + string(rune('A'+task%4)), Seed: 0, Job: "000000000001"}}
		for j, name := range methods {
			accuracy := 0.4 + 0.02*float64(j) + 0.03*math.Sin(float64(7*task+5*j)) + 0.01*float64(task)
			r.Results.Adaptation = append(r.Results.Adaptation, reports.Adaptation{Name: name, Transductive: &reports.Score{Accuracy: accuracy}})
		}
		runs = append(runs, r)
	}
	blocks := [][2]string{{"common", "a"}, {"common", "b"}, {"separate a", "a"}, {"separate b", "b"}, {"separate a", "b"}, {"separate b", "a"}}
	shared := []string{"identity", "skin_tone", "tilt", "background"}
	own := map[string][]string{"a": {"glasses_shape", "glasses_colour"}, "b": {"smile_teeth", "smile_width"}}
	for _, b := range blocks {
		for j, name := range append(append([]string{}, shared...), own[b[1]]...) {
			wish, score := disentanglement.Empty, 0.03*float64(j)
			if (b[0] == "common") == (j < len(shared)) && (b[0] == "common" || strings.HasSuffix(b[0], b[1])) {
				wish, score = disentanglement.Keep, 0.9-0.07*float64(j)
			}
			runs[0].Results.Leakage = append(runs[0].Results.Leakage, disentanglement.Cell{Block: b[0], On: b[1], Factor: name, Wish: wish, Score: score, Low: score - 0.06, High: score + 0.05})
		}
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
