package experiments

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/experiments/evaluate"
	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/experiments/spec"
)

// A told is a display that writes down what a person is shown: "train 0/3: 1 2 3".
type told struct {
	stages []string
	last   []runs.Value
	ended  int
}

func (p *told) Stage(name string, done, steps int) {
	p.stages = append(p.stages, fmt.Sprintf("%s %d/%d:", name, done, steps))
}

func (p *told) Step(done int, values []runs.Value) {
	p.stages[len(p.stages)-1] += fmt.Sprint(" ", done)
	if values != nil {
		p.last = values
	}
}

func (p *told) End() { p.ended++ }

// lines are what was shown, but for the single step of evaluations that these tests do not name.
func (p *told) lines() string {
	var out []string
	for _, line := range p.stages {
		name, steps, _ := strings.Cut(line, " ")
		if names, _ := evaluate.List(); slices.Contains(names, name) && steps == "0/1: 1" && !strings.Contains(pinnedEvaluations, name+" ") {
			continue
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

// pinnedEvaluations are evaluations in the order of their records, with the versions that are
// part of every evaluation's identity. Others may stand between them.
const pinnedEvaluations = "reconstruction 2, diagnosis 1, network 1, accuracy 2, class-scores 1, methods 2, independence 2, leakage 2, discrepancy 3, " +
	"grids 1, neighbours 1, renders 1, judging 1, scatter 1"

// stagesOf runs the only job of a spec and returns what a person saw of it.
func stagesOf(t *testing.T, root, data, text string, overrides ...string) (*told, runs.Outcome) {
	t.Helper()
	plan, err := spec.NewPlan(spec.Request{Source: "stages.yaml", Text: []byte(text), Overrides: overrides})
	if err != nil {
		t.Fatal(err)
	}
	shown := &told{}
	out := runs.Run(context.Background(), plan, runs.RunOptions{Runs: root, Data: data, Job: RunJob, Progress: func(int, spec.Job) runs.Progress { return shown }})[0]
	if out.State != runs.Done {
		t.Fatal(out.Err)
	}
	equal(t, "ends of the display", shown.ended, 1)
	return shown, out
}

// Every stage of a job with its steps, each once and in order, and what is left of them when
// the codes or a part of the training are there already.
func TestStages(t *testing.T) {
	root := t.TempDir()
	few := []string{"domains.a.drawn=false", "domains.b.drawn=false", "adapt.classifiers=[centroid]", "adapt.validators=[source-accuracy]", "translate.pairs=1", "translate.grid=1",
		"adapt.methods={plain: {adapter: none}, other: {adapter: none, classifier: centroid}}", "model.train.iterations=3", "model.train.checkpoint_every=1"}
	const evaluated = "reconstruction 0/1: 1\ndiagnosis 0/1: 1\nadaptation 0/5: 1 2 3 4 5\nclass-scores 0/1: 1\nmethods 0/2: 1 2\nselection 0/2: 1 2\n" +
		"independence 0/1: 1\ndiscrepancy 0/1: 1\ngrids 0/1: 1\nneighbours 0/1: 1\nscatter 0/1: 1"
	shown, out := stagesOf(t, root, "", knownSpec, few...)
	equal(t, "stages", shown.lines(), "train 0/3: 1 2 3\nencode 0/4: 1 2 3 4\n"+evaluated)
	equal(t, "losses of the last step", len(shown.last), 3)
	equal(t, "name and value of one", fmt.Sprintf("%s %.2f", shown.last[2].Name, shown.last[2].Value), "discriminator-accuracy 0.53")
	// Other metrics need no other training, and no codes anew.
	shown, _ = stagesOf(t, root, "", knownSpec, append(few, "metrics.independence.permutations=8")...)
	equal(t, "stages of another evaluation", shown.lines(), evaluated)
	// A training that lost its last checkpoint goes on from the one before.
	checkpoints, err := filepath.Glob(filepath.Join(out.Dir, "checkpoints", "*"))
	if err != nil || len(checkpoints) < 2 {
		t.Fatal(err, checkpoints)
	}
	if err := os.Remove(checkpoints[len(checkpoints)-1]); err != nil {
		t.Fatal(err)
	}
	shown, _ = stagesOf(t, root, "", knownSpec, few...)
	equal(t, "stages of a training that goes on", shown.lines(), "train 2/3: 3\nencode 0/4: 1 2 3 4\n"+evaluated)
}

// A study on features is read, adapted and chosen for.
func TestStagesOfFeatures(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "x.csv"), []byte("f,label\n0,p\n1,p\n10,q\n11,q\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	shown, _ := stagesOf(t, t.TempDir(), dir, `name: x
features: {domains: {S: {path: x.csv}, T: {path: x.csv}}, task: S->T}
adapt: {methods: {nn: {adapter: none, head: {k: 1}}, mean: {adapter: none, classifier: centroid}}, validators: [source-accuracy]}
`)
	equal(t, "stages", shown.lines(), "read 0/1: 1\nmethods 0/2: 1 2\nselection 0/2: 1 2")
}

// What is read is a stage for each thing that a dataset names.
func TestStagesOfReading(t *testing.T) {
	shown := &told{}
	say := (&job{progress: shown}).reading()
	say("images", 0, 7)
	say("images", 7, 7)
	say("labels", 1, 2)
	equal(t, "stages", shown.lines(), "images 0/7: 0 7\nlabels 0/2: 1")
}
