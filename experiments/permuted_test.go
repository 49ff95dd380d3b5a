package experiments

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/reports"
)

// permutedBy is by how much the labels of the domain permuted are turned round on the
// target's side. It is no option: the runs that are compared are of one job.
var permutedBy int

// permutedReads is how often it has been read.
var permutedReads atomic.Int64

func init() {
	addPermuted("permuted", 24, 6, 3)
	addPermuted("permuted-small", 18, 0, 3)
	addPermuted("permuted-partial", 18, 0, 2)
}

// addPermuted registers a domain of so many images, and some more as B, of the first classes of
// three.
func addPermuted(name string, images, more, first int) {
	domains.Datasets.Add(name, domains.Dataset{Name: name, Load: func(_ context.Context, r domains.Request) (*domains.Domain, error) {
		permutedReads.Add(1)
		d := &domains.Domain{Name: name}
		classes := []string{"x", "y", "z"}
		for split, s := range []*domains.Split{&d.Train, &d.Test} {
			n := images + more*int(r.Side)
			s.Images = &domains.Images{Shape: r.Shape, Data: make([]float32, n*r.Shape.Len())}
			draw := stream.New(1, "permuted", r.Side, split)
			var labels []int
			for i := range n {
				label := i % first
				for k := range s.Images.At(i) {
					s.Images.At(i)[k] = float32(label-1)/2 + (draw.Float32()-0.5)/2
				}
				if r.Side == domains.B {
					label = (label + permutedBy*(1+i%2)) % 3
				}
				labels = append(labels, label)
			}
			s.Truth = domains.NewTruth(labels, classes)
		}
		return d, nil
	}})
}

// labelledDIDD are options by which didd learns from labels, with all that looks at the target.
const labelledDIDD = ", loss: {confusion: 0.1}, label: {weight: 1, warmup: 1, ramp: 0, information: 0.3, conditional: true, map: 8, pseudo: 0.2, refresh: 1, translated: 0.3, consistency: 0.1, private: 0.1, norm: target}"

// Of every method that is registered: with the target's labels in disorder the trained
// network and its codes are the same bytes, though the scores on the target are not.
func TestPermutedTargetLabelsOfTrainedMethods(t *testing.T) {
	defer func() { permutedBy = 0 }()
	var settings []string // of the section model
	for _, method := range models.Methods.All() {
		if method.New == nil || strings.HasPrefix(method.Name, "known") || method.Name == "plain-faces" || method.Oracle { // the tests' own, and what is given them
			continue
		}
		settings = append(settings, method.Name)
	}
	if len(settings) < 4 {
		t.Errorf("%d methods are tried", len(settings))
	}
	for _, name := range append(settings, "didd"+labelledDIDD) {
		batch := 6
		if name == "stargan" {
			batch = 5 // an image of each domain for every update of the critic
		}
		text := fmt.Sprintf(`name: permuted
domains: {a: {dataset: permuted}, b: {dataset: permuted}}
image: {size: 16, channels: 1}
model: {train: {iterations: 3, batch: %d}, method: %s}
adapt: {classifiers: [centroid], baselines: []}
metrics: {independence: {tests: []}, discrepancy: {tests: []}}
translate: {pairs: 0, grid: 1}
report: {formats: []}
`, batch, name)
		var files [2]map[string]string
		var scores [2]string
		for i := range files {
			permutedBy = i
			plan, err := spec.NewPlan(spec.Request{Source: "permuted.yaml", Text: []byte(text)})
			if err != nil {
				t.Fatal(err)
			}
			out := runs.Run(context.Background(), plan, runs.RunOptions{Runs: t.TempDir(), Job: RunJob})
			if out[0].State != runs.Done {
				t.Fatalf("%s: %s: %v", name, out[0].State, out[0].Err)
			}
			files[i] = trainedFiles(t, out[0].Dir)
			found, _, err := runs.Collect([]string{out[0].Dir})
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range found[0].Results.Accuracy {
				scores[i] += fmt.Sprint(a.Row, a.Target.Accuracy, " ")
			}
		}
		for file, data := range files[0] {
			if data != files[1][file] {
				t.Errorf("%s: %s differs when the target's labels are permuted", name, file)
			}
		}
		if len(files[0]) == 0 || len(files[0]) != len(files[1]) {
			t.Errorf("%s: %d and %d files of the training", name, len(files[0]), len(files[1]))
		}
		if scores[0] == scores[1] && scores[0] != "" {
			t.Errorf("%s: the scores %s do not notice the labels", name, scores[0])
		}
		if own := strings.Contains(scores[0], reports.NetworkRow); strings.HasPrefix(name, "didd") && own != (name != "didd") {
			t.Errorf("%s: scores of a classifier of its own: %v", name, own)
		}
	}
}

// Jobs that follow each other read data of one seed once, and end in the bytes of jobs that each read their own.
func TestJobsReadDataOnce(t *testing.T) {
	plan, err := spec.NewPlan(spec.Request{Source: "permuted.yaml", Text: []byte(`name: permuted
seeds: [1, 2]
domains: {a: {dataset: permuted}, b: {dataset: permuted}}
image: {size: 16, channels: 1}
model: {train: {iterations: 2, batch: 6}, method: dann}
grid: {model.train.learning_rate: [1e-3, 1e-2, 2e-2]}
adapt: {classifiers: [centroid], baselines: []}
metrics: {independence: {tests: []}, discrepancy: {tests: []}}
translate: {pairs: 0, grid: 1}
report: {formats: []}
`)})
	if err != nil || len(plan.Jobs) != 6 {
		t.Fatalf("%+v, %v", plan, err)
	}
	slices.SortStableFunc(plan.Jobs, func(a, b spec.Job) int { return int(a.Seed) - int(b.Seed) })
	var files [2][]map[string]string
	for i, tt := range []struct {
		job   runs.JobFunc
		reads int64
	}{{RunJob, 12}, {Jobs(), 4}} {
		before := permutedReads.Load()
		for _, out := range runs.Run(context.Background(), plan, runs.RunOptions{Runs: t.TempDir(), Job: tt.job}) {
			if out.State != runs.Done {
				t.Fatal(out.State, out.Err)
			}
			of := trainedFiles(t, out.Dir)
			results, err := os.ReadFile(filepath.Join(out.Dir, "results.json"))
			if err != nil {
				t.Fatal(err)
			}
			of["results.json"] = string(results)
			files[i] = append(files[i], of)
		}
		if got := permutedReads.Load() - before; got != tt.reads {
			t.Errorf("%d reads, want %d", got, tt.reads)
		}
	}
	for k := range files[0] {
		if !maps.Equal(files[0][k], files[1][k]) {
			t.Errorf("%s: other bytes from data that were there", plan.Jobs[k].Label())
		}
	}
}

// trainedFiles are the checkpoints and codes of a run.
func trainedFiles(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, folder := range []string{"checkpoints", "codes"} {
		paths, err := filepath.Glob(filepath.Join(dir, folder, "*"))
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(paths)
		for _, p := range paths {
			data, err := os.ReadFile(p)
			if err != nil {
				t.Fatal(err)
			}
			out[folder+"/"+filepath.Base(p)] = string(data)
		}
	}
	return out
}

// networkResults are those of a method that is trained for three steps from one domain to another.
func networkResults(t *testing.T, a, b, method string) reports.Results {
	t.Helper()
	text := fmt.Sprintf(`name: network
domains: {a: {dataset: %s}, b: {dataset: %s}}
image: {size: 16, channels: 1}
model: {train: {iterations: 3, batch: 6}, method: %s}
adapt: {classifiers: [centroid], baselines: []}
metrics: {independence: {tests: []}, discrepancy: {tests: []}}
translate: {pairs: 0, grid: 1}
report: {formats: []}
`, a, b, method)
	plan, err := spec.NewPlan(spec.Request{Source: "network.yaml", Text: []byte(text)})
	if err != nil {
		t.Fatal(err)
	}
	out := runs.Run(context.Background(), plan, runs.RunOptions{Runs: t.TempDir(), Job: RunJob})
	if out[0].State != runs.Done {
		t.Fatalf("%s from %s to %s: %s: %v", method, a, b, out[0].State, out[0].Err)
	}
	found, _, err := runs.Collect([]string{out[0].Dir})
	if err != nil {
		t.Fatal(err)
	}
	return found[0].Results
}

// An oracle trains on the target's images and their labels in the source's place, and its row
// says so; the same method on the source does not.
func TestOracleTrainsOnTheTarget(t *testing.T) {
	for method, want := range map[string][3]any{"source-only": {30, 18, false}, "target-oracle": {18, 18, true}} {
		r := networkResults(t, "permuted-small, labelled: false", "permuted, labelled: true", method)
		got := [3]any{r.Domains[1].Train, r.Domains[0].Train, r.Accuracy[0].Oracle}
		if got != want || r.Accuracy[0].Row != reports.NetworkRow || !r.Domains[1].Labelled || r.Domains[0].Labelled {
			t.Errorf("%s: images of b and of a, oracle: %v, want %v (%+v)", method, got, want, r.Domains)
		}
	}
}

// Classes of which the source has no image are said in one warning.
func TestClassesMissingInTheSource(t *testing.T) {
	for dataset, want := range map[string]string{"permuted": "", "permuted-partial": "domain a has no training image of class z: nothing that learns from it can say so of an image"} {
		var got []string
		for _, w := range networkResults(t, dataset, "permuted", "source-only").Warnings {
			if strings.Contains(w, "no training image") {
				got = append(got, w)
			}
		}
		if strings.Join(got, "; ") != want {
			t.Errorf("%s: warnings %q, want %q", dataset, got, want)
		}
	}
}
