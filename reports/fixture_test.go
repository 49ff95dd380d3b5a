package reports

import (
	"fmt"
	"math"
	"path/filepath"
	"testing"

	"github.com/venn-adapt/venn/internal/npy"
	"github.com/venn-adapt/venn/metrics"
	"github.com/venn-adapt/venn/metrics/disentanglement"
)

// fixture writes runs by hand: each label with each seed.
func fixture(t testing.TB, labels []string, seeds ...uint64) []Run {
	t.Helper()
	var runs []Run
	for _, label := range labels {
		for _, seed := range seeds {
			runs = append(runs, oneRun(t, label, seed))
		}
	}
	return runs
}

func oneRun(t testing.TB, label string, seed uint64) Run {
	s := float64(seed)
	score := func(accuracy float64) *Score {
		hits := int(math.Round(accuracy * 100))
		return &Score{Accuracy: accuracy, Interval: [2]float64{accuracy - 0.09, accuracy + 0.08}, Balanced: accuracy, N: 200,
			Confusion: [][]int{{hits, 100 - hits}, {100 - hits, hits}}, Recall: []float64{accuracy, accuracy}}
	}
	gap, p, low := 0.75, 0.01, 0.3
	null := make([]float64, 99)
	for i := range null {
		null[i] = math.Sin(float64(i)) * 0.01
	}
	run := Run{Dir: t.TempDir(), Spec: "name: two_moons & more\n", Environment: "{}\n", Lock: "{}\n", Results: Results{
		Format: 1, Name: "fixture", Title: "A title with 100% & <tags>", Question: "Does it work?", Source: "nobody, 2019",
		Job: fmt.Sprintf("%012d", seed), Evaluation: "e", Label: label, Seed: seed, Method: "didd", Kernels: "go", Steps: 100, Parameters: 1234,
		Domains: [2]Domain{{"faces-schematic", true, 100, 200, "drawn"}, {"faces-schematic", false, 100, 200, "drawn"}},
		Classes: []string{"zero", "one"},
		Accuracy: []Accuracy{
			{Row: "common", Features: "common code", Classifier: "logistic", Selector: "source validation", Source: score(0.95), Target: score(0.9 + s/100), GapClosed: &gap},
			{Row: "source-only", Features: "raw pixels", Classifier: "logistic", Source: score(0.9), Target: score(0.6), Notes: map[string]string{"gap_closed": "it is the lower end"}},
			{Row: "target-oracle", Features: "raw pixels", Classifier: "logistic", Oracle: true, Target: score(0.96)},
		},
		ClassScores: []ClassScores{{Row: "common", Classifier: "logistic", N: 200, Balanced: 0.9 + s/100, MacroF1: 0.89, Kappa: 0.8, LogLoss: 0.3, Brier: 0.2 + s/100, ECE: 0.05, ClasswiseECE: 0.04}},
		Independence: []Measured{{Of: "common code and separate code a, on a", Result: metrics.Result{Name: "hsic", Value: 0.011, P: &p, Method: "permutation", Resamples: 99, N: 200, Null: null}},
			{Of: "common code and separate code b, on b", Result: metrics.Result{Name: "hsic", P: &p, Degenerate: true, N: 200}}},
		Discrepancy: []Measured{{Of: "common code of a and of b", Result: metrics.Result{Name: "mmd2", Value: 0.02 + s/1000, P: &p, Method: "permutation", Resamples: 99, N: 400, Null: null}},
			{Of: "common code of a and of b", Result: metrics.Result{Name: "domain-probe", Value: 0.71, N: 100, Interval: []float64{0.61, 0.79}}}},
		Translation: []Translation{{Direction: "a->b", Pairs: 50, L1: 0.2, Ratio: 0.4, Guide: &gap}, {Direction: "removal-a", Pairs: 50, L1: 0.1, Ratio: 0.2}},
		Reconstruction: []Reconstruction{{Domain: "a", L1: Estimate{0.1 + s/100, [2]float64{0.09, 0.12}, 200}, PSNR: Estimate{21.5, [2]float64{21, 22}, 200}, SSIM: &Estimate{0.7, [2]float64{0.68, 0.72}, 200}},
			{Domain: "b", L1: Estimate{0.11, [2]float64{0.1, 0.12}, 200}, PSNR: Estimate{20, [2]float64{19, 21}, 200}}},
		Faces:     facesFixture(s),
		Diagnosis: []Check{{"zero loss of separate code a on b", 0.01, "below 0.05", true, ""}, {"discriminator accuracy", 0.99, "below 0.95", false, "raise it"}},
		Grids:     []Grid{{Name: "translate-a-b", Title: "Guided translation a to b", Caption: "First row contents.", File: "grid.npy", Rows: 3, Columns: 2, Header: true}},
		Leakage:   []disentanglement.Cell{{Block: "common", On: "a", Factor: "skin_tone", Wish: disentanglement.Keep, Score: 0.9 + s/100, Low: 0.85, High: 0.95}, {Block: "separate a", On: "a", Factor: "skin_tone", Wish: disentanglement.Empty, Score: -0.02, Low: -0.1, High: 0.1}},
		Scatter:   &Scatter{},
		Task:      "mnist->usps",
		Adaptation: []Adaptation{{Name: "source-only", Adapter: "none", Classifier: "knn", Transductive: score(0.6), Inductive: score(0.55)},
			{Name: "coral", Adapter: "coral", Classifier: "knn", Transductive: score(0.7)}, {Name: "broken", Adapter: "tca", Error: "adapt: tca: no"}},
		Selection: []Selection{{Name: "coral", Candidates: []Candidate{
			{Scores: map[string]float64{"entropy": -1, "dev": 0.1}, Oracle: &low}, {Scores: map[string]float64{"entropy": -0.5}, Oracle: &gap}, {Error: "no"}}}},
		Values:   []Value{{"shade", "mean on a", 0.5 + s/100, 40}},
		Warnings: []string{"something looks odd"},
	}}
	for i := range 40 {
		x := math.Sin(float64(i)*1.7+s) + float64(i%2)
		point := Point{X: x, Y: math.Cos(float64(i) * 2.3), Domain: i % 2, Class: i / 2 % 2}
		run.Results.Scatter.Before = append(run.Results.Scatter.Before, point)
		point.X -= float64(i % 2)
		run.Results.Scatter.After = append(run.Results.Scatter.After, point)
	}
	for _, name := range []string{"reconstruction/a", "reconstruction/b", "zero/a", "discriminator-accuracy"} {
		c := Curve{Name: name}
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
func facesFixture(s float64) *Faces {
	e := func(v float64) *Estimate { return &Estimate{v, [2]float64{v - 0.05, v + 0.04}, 64} }
	return &Faces{Own: [2]string{"Smiling", "Eyeglasses & !Bald"}, Agreement: *e(0.93), Changed: 0.23,
		Judged: []JudgedAttribute{{"attribute", "Smiling", 0.4, *e(0.92), 0.91}, {"second attribute", "Smiling", 0.4, *e(0.91), 0.9},
			{"content", "Male", 0.5, *e(0.94), 0.93}, {"content", "Young", 0.8, *e(0.84), 0.77}},
		Rows: []Face{
			{System: RealImages, Direction: "a", Images: 64, Contents: 64, Target: e(0.02), Source: e(0.95), Agreement: e(0.97)},
			{System: Reconstructions, Direction: "a", Images: 64, Contents: 64, Target: e(0.03), Source: e(0.85), Agreement: e(0.95)},
			{System: "didd", Direction: "a->b", Images: 64, Contents: 50, Guides: 30, Target: e(0.6 + s/100), Source: e(0.3), Wanted: e(0.5), Agreement: e(0.9),
				Content: e(0.7), Preservation: e(0.12), Outside: e(0.08), Guide: e(0.8), Frechet: e(12.34), KID: e(0.05), References: 30},
			{System: CopyContent, Direction: "a->b", Images: 64, Contents: 50, Guides: 30, Target: e(0.02), Source: e(0.95), Wanted: e(0.01), Agreement: e(0.97),
				Preservation: e(0), Outside: e(0), Guide: e(0.5)},
			{System: "didd", Direction: "removal-a", Images: 64, Contents: 50, Target: e(0.05), Source: e(0.2), Wanted: e(0.75), Agreement: e(0.9),
				Content: e(0.8), Preservation: e(0.1), Outside: e(0.07), Frechet: e(8), KID: e(0.02), References: 40},
		}}
}
