package index

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/experiments/toy"
	"github.com/venn-adapt/venn/internal/atomicfile"
	"github.com/venn-adapt/venn/internal/check"
)

// study does jobs of the toy spec below a folder; results says what one writes.
func study(t testing.TB, folder, name string, results func(spec.Job) string, overrides ...string) []runs.Outcome {
	t.Helper()
	plan, err := spec.NewPlan(spec.Request{Source: "toy.yaml", Text: []byte(toy.Spec), Overrides: append(overrides, "name="+name)})
	if err != nil {
		t.Fatal(err)
	}
	return runs.Run(context.Background(), plan, runs.RunOptions{Runs: folder, Job: func(_ context.Context, j spec.Job, dir *runs.RunDir, _ runs.Progress) error {
		text := results(j)
		if text == "" {
			return fmt.Errorf("no luck with seed %d", j.Seed)
		}
		return atomicfile.WriteBytes(dir.File("results.json"), []byte(text))
	}})
}

// scored is a results.json with one accuracy.
func scored(accuracy float64) string {
	return fmt.Sprintf(`{"format": 1, "kernels": "go", "accuracy": [{"row": "network", "classifier": "own", "target": {"accuracy": %v}}]}`, accuracy)
}

// made is the folder of six, made once: tests read it.
var made string

func TestMain(m *testing.M) {
	code := m.Run()
	if made != "" {
		os.RemoveAll(made)
	}
	os.Exit(code)
}

// six runs: of study x with separate 4 and 8 those of seeds 0, 1; of study y two, of which
// that of seed 1 fails.
func six(t testing.TB) string {
	t.Helper()
	if made != "" {
		return made
	}
	folder, err := os.MkdirTemp("", "six")
	if err != nil {
		t.Fatal(err)
	}
	made = folder
	study(t, folder, "x", func(j spec.Job) string {
		return scored(map[string]float64{"model.separate=4 seed=0": 0.5, "model.separate=4 seed=1": 0.75, "model.separate=8 seed=0": 0.875, "model.separate=8 seed=1": 0.25}[j.Label()])
	}, "grid.model.separate=[4, 8]")
	study(t, folder, "y", func(j spec.Job) string {
		if j.Seed == 1 {
			return ""
		}
		return `{"format": 1, "accuracy": [], "adaptation": [{"name": "a"}, {"name": "b"}]}`
	}, "model.loss.zero=1e-3", "domains.a.labelled=false", "domains.b.labelled=true")
	return folder
}

func list(t testing.TB, file string, q Query) ([]Run, error) {
	t.Helper()
	var out []Run
	q.Now = time.Now()
	err := With(file, func(err error) { t.Errorf("not kept: %v", err) }, func(x *Index) (err error) { out, err = x.List(q); return err })
	return out, err
}

// names tells runs by study and label.
func names(found []Run) string {
	var out []string
	for _, r := range found {
		out = append(out, strings.NewReplacer("model.separate=", "", "seed=", "").Replace(r.Spec+" "+r.Label))
	}
	return strings.Join(out, ", ")
}

func conditions(t *testing.T, texts ...string) (out []Condition) {
	t.Helper()
	for _, s := range texts {
		c, err := ParseCondition(s)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, c)
	}
	return out
}

// What is listed was written above: six runs of which all is known.
func TestList(t *testing.T) {
	folder, file := six(t), filepath.Join(t.TempDir(), "a?b %2f", "runs.sqlite")
	for _, tt := range []struct {
		name  string
		in    map[string][]string
		where []string
		sort  []string
		want  string
	}{
		{"all", nil, nil, nil, "x 4 0, x 4 1, x 8 0, x 8 1, y 0, y 1"},
		{"a study", map[string][]string{"spec": {"y"}}, nil, nil, "y 0, y 1"},
		{"two studies", map[string][]string{"spec": {"y", "x"}, "seed": {"1"}}, nil, nil, "x 4 1, x 8 1, y 1"},
		{"a state", map[string][]string{"state": {"failed"}}, nil, nil, "y 1"},
		{"a state that none is in", map[string][]string{"state": {"queued"}}, nil, nil, ""},
		{"a task", map[string][]string{"task": {"toy-images->toy-images"}, "method": {"toy-method"}}, nil, []string{"-seed"}, "x 4 1, x 8 1, y 1, x 4 0, x 8 0, y 0"},
		{"no less", nil, []string{"accuracy>=0.75"}, nil, "x 4 1, x 8 0"},
		{"between", nil, []string{"accuracy<0.875", "accuracy>0.25"}, nil, "x 4 0, x 4 1"},
		{"equal", nil, []string{"accuracy=0.25"}, nil, "x 8 1"},
		{"unequal", nil, []string{"accuracy != 0.25"}, nil, "x 4 0, x 4 1, x 8 0"}, // a run without one is neither
		{"a part of a text", nil, []string{"cause~luck with"}, nil, "y 1"},
		{"an option", nil, []string{"model.separate=8"}, nil, "x 8 0, x 8 1"},
		{"an option written otherwise", nil, []string{"model.loss.zero=1.0e-3"}, nil, "y 0, y 1"},
		{"an option below", nil, []string{"model.loss.zero<0.0005", "model.separate<=4"}, nil, "x 4 0, x 4 1"},
		{"an option that is a word", nil, []string{"domains.b.fit=stretch", "seed=0", "spec!=x"}, nil, "y 0"},
		{"an option that is not", nil, []string{"model.separate!=8"}, nil, "x 4 0, x 4 1, y 0, y 1"},
		{"a word is no number", nil, []string{"domains.b.fit>=0"}, nil, ""},
		{"young", nil, []string{"age<1h"}, nil, "x 4 0, x 4 1, x 8 0, x 8 1, y 0, y 1"},
		{"old", nil, []string{"age>=1h"}, nil, ""},
		{"up", nil, nil, []string{"accuracy"}, "x 8 1, x 4 0, x 4 1, x 8 0, y 0, y 1"},
		{"down", nil, nil, []string{"-accuracy"}, "x 8 0, x 4 1, x 4 0, x 8 1, y 0, y 1"},
		{"by an option", nil, nil, []string{"-model.separate", "seed"}, "x 8 0, x 8 1, x 4 0, y 0, x 4 1, y 1"},
	} {
		got, err := list(t, file, Query{Paths: []string{folder}, In: tt.in, Where: conditions(t, tt.where...), Sort: tt.sort})
		if err != nil || names(got) != tt.want {
			t.Errorf("%s: %s, %v; want %s", tt.name, names(got), err, tt.want)
		}
	}
}

// Every column of a finished and of a failed run.
func TestWhatIsKnown(t *testing.T) {
	folder, file := six(t), filepath.Join(t.TempDir(), "runs.sqlite")
	found, err := list(t, file, Query{Paths: []string{folder}})
	if err != nil {
		t.Fatal(err)
	}
	infos, err := runs.FindRuns(folder)
	if err != nil || len(infos) != len(found) {
		t.Fatalf("%d runs, %d listed: %v", len(infos), len(found), err)
	}
	e := runs.ThisEnvironment()
	for _, i := range []int{1, 4, 5} {
		r := found[i]
		for _, info := range infos {
			if info.Path != r.Path {
				continue
			}
			check.Equal(t, "of the directory", []any{r.Spec, r.Job, r.Label, r.State, r.Cause, r.Evaluation, r.Steps}, []any{info.Name, info.ID, info.Label, info.State, info.Cause, info.Evaluation, 100})
		}
		check.Equal(t, "of the environment", []any{r.Version, r.Engine, r.Evaluator, r.Machine}, []any{e.Version, e.Engine, e.Evaluation, strings.TrimSpace(e.Processor + " " + e.System)})
		if age := r.Age(time.Now()); age < 0 || age > time.Minute {
			t.Errorf("age %v of a run of now", age)
		}
		if r.Bytes < 1000 {
			t.Errorf("%d bytes", r.Bytes)
		}
	}
	check.Equal(t, "accuracy", []any{*found[1].Accuracy, found[1].Of, found[1].Kernels}, "[0.75 network go]")
	check.Equal(t, "of two methods", []any{found[4].Accuracy, found[4].Of}, "[<nil> 2 methods]")
	check.Equal(t, "cause", found[5].Cause, "no luck with seed 1")
}

func TestMistakes(t *testing.T) {
	folder, file := six(t), filepath.Join(t.TempDir(), "runs.sqlite")
	for _, tt := range []struct {
		q    Query
		want string
	}{
		{Query{In: map[string][]string{"spec": {"digits"}}}, `no run here has spec "digits"; want one of x, y`},
		{Query{In: map[string][]string{"method": {"toy-metod"}}}, `no run here has method "toy-metod"; did you mean "toy-method"?`},
		{Query{Sort: []string{"-acuracy"}}, `"acuracy" is neither a column nor an option of these runs; did you mean "accuracy"?`},
		{Query{Where: []Condition{{"model.seperate", "=", "4"}}}, `"model.seperate" is neither a column nor an option of these runs; did you mean "model.separate"?`},
		{Query{Where: []Condition{{"accuracy", ">", "high"}}}, `accuracy: "high", want a number`},
		{Query{Where: []Condition{{"model.separate", ">", "high"}}}, `model.separate: "high", want a number`},
		{Query{Where: []Condition{{"age", ">", "2"}}}, `age: "2", want an age as 90s, 30m, 12h, 2d or 3w`},
	} {
		tt.q.Paths = []string{folder}
		if _, err := list(t, file, tt.q); fmt.Sprint(err) != tt.want {
			t.Errorf("%v\nwant %s", err, tt.want)
		}
	}
	if _, err := list(t, file, Query{Paths: []string{filepath.Join(folder, "z")}}); err == nil || !strings.Contains(err.Error(), "no runs at "+folder) {
		t.Errorf("a folder that is not there: %v", err)
	}
	for s, want := range map[string]string{"accuracy": "", "=4": "", "a=": "", "a=b=c": "{a = b=c}", " a >= 3 ": "{a >= 3}", "a~<": "{a ~ <}", "a<~": "{a < ~}", "": ""} {
		c, err := ParseCondition(s)
		if want == "" && err == nil || want != "" && fmt.Sprint(c) != want {
			t.Errorf("%q: %v, %v; want %s", s, c, err, want)
		}
	}
}

func TestAges(t *testing.T) {
	for s, want := range map[string]time.Duration{"90s": 90 * time.Second, "30m": 30 * time.Minute, "1.5h": 90 * time.Minute, "2d": 48 * time.Hour, "3w": 21 * 24 * time.Hour, "0s": 0} {
		if got, err := ParseAge(s); got != want || err != nil {
			t.Errorf("%s: %v, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "d", "2", "2y", "-1d", "NaNd", "Infd", "1e300w", "d2"} {
		if got, err := ParseAge(s); err == nil {
			t.Errorf("%q: %v", s, got)
		}
	}
}
