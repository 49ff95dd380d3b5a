package published

import (
	"strings"
	"testing"

	"github.com/venn-adapt/venn/reports"
)

// digits is a run of DANN from MNIST to USPS as CDAN's paper and BSP's print it, of one seed:
// on all images, stretched, through LeNet.
func digits(percent float64, change func(*reports.Results)) reports.Run {
	score := func(percent float64) *reports.Score {
		return &reports.Score{Accuracy: percent / 100, Interval: [2]float64{(percent - 1) / 100, (percent + 1) / 100}, N: 2007}
	}
	r := reports.Results{Name: "digits", Method: "dann", Network: "l20-50",
		Domains: [2]reports.Domain{{Dataset: "mnist", Labelled: true, Train: 60000, Test: 10000, Fit: "pad"}, {Dataset: "usps", Train: 7291, Test: 2007, Fit: "stretch"}},
		Accuracy: []reports.Accuracy{
			{Row: reports.NetworkRow, Classifier: reports.OwnClassifier, Target: score(percent), Source: score(99)},
			{Row: "features", Classifier: "knn", Settings: map[string]any{"k": 1}, Target: score(percent - 10)},
			{Row: "common", Classifier: "lda"},
		}}
	if change != nil {
		change(&r)
	}
	return reports.Run{Results: r, Spec: "image:\n  size: 28\n"}
}

// ofDANN is the published figure of BSP's table for DANN on the task: 90.4.
func ofDANN(t *testing.T, compared []ComparedTable) Comparison {
	t.Helper()
	for _, c := range compared {
		if c.Method == "DANN" && strings.HasPrefix(c.Source, "BSP") {
			if len(c.Tasks) != 1 || c.Average.Claim.Task != "MNIST->USPS" {
				t.Errorf("tasks %+v, shown as %s", c.Tasks, c.Average.Claim.Task)
			}
			return c.Tasks[0]
		}
	}
	t.Fatal("DANN's figure in BSP's table is not there")
	return Comparison{}
}

// A network's own classifier meets its published figure where task, images, their size and
// network agree; else what differs is said.
func TestCompareNetworks(t *testing.T) {
	few := func(r *reports.Results) { r.Domains[0].Train, r.Domains[1].Train = 2000, 1800 }
	for _, tt := range []struct {
		name    string
		percent float64
		change  func(*reports.Results)
		verdict Verdict
		remark  string
	}{
		{"within the noise", 90.9, nil, Reproduced, ""},
		{"within the tolerance", 88, nil, Near, ""},
		{"far below", 80, nil, Worse, ""},
		{"domains the other way round", 90.4, func(r *reports.Results) { r.Domains[0], r.Domains[1] = r.Domains[1], r.Domains[0] }, Reproduced, ""},
		{"fewer images", 90.4, few, NotComparable, "split: published 60000 and 7291 training images, here 2000 and 1800 training images"},
		{"another network", 90.4, func(r *reports.Results) { r.Network = "p-small" }, NotComparable, "network: published l20-50, here p-small"},
		{"no name of the network", 90.4, func(r *reports.Results) { r.Network = "" }, NotComparable, "network: published l20-50, here none"},
		{"USPS at MNIST's size", 90.4, func(r *reports.Results) { r.Domains[1].Fit = "match" }, NotComparable, "fit of usps: published stretch, here match"},
		{"another method", 90.4, func(r *reports.Results) { r.Method = "cdan" }, NotRun, "no run of dann"},
		{"no labels to score", 90.4, func(r *reports.Results) { r.Accuracy[0].Target = nil }, NotRun, "no run of dann"},
	} {
		compared, err := Compare([]reports.Run{digits(tt.percent, tt.change)})
		if err != nil {
			t.Fatal(tt.name, err)
		}
		c := ofDANN(t, compared)
		if c.Verdict != tt.verdict || c.Remark != tt.remark || (c.Verdict != NotRun && (c.Name != "dann" || !near(c.Here, tt.percent))) {
			t.Errorf("%s: %s of %q at %v (%s), want %s (%s)", tt.name, c.Verdict, c.Name, c.Here, c.Remark, tt.verdict, tt.remark)
		}
	}
	// Two seeds are averaged; another point of the grid is another method.
	compared, err := Compare([]reports.Run{digits(88, nil), digits(92, func(r *reports.Results) { r.Seed = 1 }),
		digits(50, func(r *reports.Results) { r.Label = "model.train.batch=8" })})
	if c := ofDANN(t, compared); err != nil || !near(c.Here, 90) || c.Noise.Seeds == 0 || c.Name != "dann" {
		t.Errorf("two seeds: %+v, %v", c, err)
	}
	// Runs of one name on other images, as of a quick study beside a whole one, are no further seeds.
	for _, runs := range [][]reports.Run{{digits(50, few), digits(90, nil)}, {digits(90, nil), digits(50, few)}} {
		compared, err = Compare(runs)
		if c := ofDANN(t, compared); err != nil || !near(c.Here, 90) || c.Verdict != Reproduced || c.Noise.Seeds != 0 {
			t.Errorf("on other images beside: %+v, %v", c, err)
		}
	}
	// A job that a reference holds beside an own run of it counts once, as the own run has it.
	job := func(study string) func(*reports.Results) {
		return func(r *reports.Results) { r.Name, r.Job = study, "1" }
	}
	compared, err = Compare([]reports.Run{digits(80, job("digits (reference)")), digits(90, job("digits"))})
	if c := ofDANN(t, compared); err != nil || !near(c.Here, 90) || c.Noise.Seeds != 0 {
		t.Errorf("one job twice: %+v, %v", c, err)
	}
	if _, err := Compare([]reports.Run{digits(50, func(r *reports.Results) { r.Domains[0].Dataset = "faces-schematic" })}); err == nil || !strings.Contains(err.Error(), "name 0 benchmarks") {
		t.Errorf("a task that nobody publishes: %v", err)
	}
	if _, err := Compare([]reports.Run{digits(50, nil), {Results: reports.Results{Protocol: map[string]string{"benchmark": "office-caltech10-surf"}}}}); err == nil || !strings.Contains(err.Error(), "name 2 benchmarks (digits, office-caltech10-surf)") {
		t.Errorf("two benchmarks: %v", err)
	}
}

// A claim on a classifier on codes or features is met by that row, its classifier and settings.
func TestCompareClassifiersOnCodes(t *testing.T) {
	claim := Claim{Task: "MNIST->USPS", Percent: 80, Trained: "dann", Row: "features", Classifier: "knn", Settings: []string{"head.k=1"}, Tolerance: 3}
	for _, tt := range []struct {
		name    string
		change  func(*reports.Results)
		verdict Verdict
		remark  string
	}{
		{"as claimed", nil, Reproduced, ""},
		{"other neighbours", func(r *reports.Results) { r.Accuracy[1].Settings = map[string]any{"k": 5} }, NotComparable, "head.k: published 1, here 5"},
		{"another classifier", func(r *reports.Results) { r.Accuracy[1].Classifier = "lda" }, NotComparable, "classifier: published knn, here lda"},
		{"another row", func(r *reports.Results) { r.Accuracy[1].Row = "common" }, NotRun, "no run of dann"},
	} {
		c, err := compareTask(claim, nil, []reports.Run{digits(90, tt.change)})
		if err != nil || c.Verdict != tt.verdict || c.Remark != tt.remark {
			t.Errorf("%s: %s (%s), %v; want %s (%s)", tt.name, c.Verdict, c.Remark, err, tt.verdict, tt.remark)
		}
		if c.Verdict == Reproduced && c.Name != "dann, features, knn" {
			t.Errorf("name %q", c.Name)
		}
	}
	claim.Use = "transductive"
	if c, _ := compareTask(claim, nil, []reports.Run{digits(90, nil)}); c.Remark != "scored on: published transductive, here inductive" {
		t.Errorf("scored on other rows: %s (%s)", c.Verdict, c.Remark)
	}
}

// The table of claims names trained networks whole: images, network and method, each once in
// a source.
func TestTrainedClaims(t *testing.T) {
	claims, err := Claims()
	if err != nil {
		t.Fatal(err)
	}
	known := 0
	for _, c := range claims {
		if c.Benchmark != "digits" {
			continue
		}
		if c.Network == "" || !strings.HasSuffix(c.Split, "training images") || c.Use != "inductive" || c.Task == average {
			t.Errorf("%+v", c)
		}
		if c.Trained != "" {
			known++
		}
	}
	if known < 80 {
		t.Errorf("%d figures of methods that the program names", known)
	}
}
