package runs

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/venn-adapt/venn/experiments/index"
	states "github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/experiments/toy"
	"github.com/venn-adapt/venn/internal/atomicfile"
	"github.com/venn-adapt/venn/internal/check"
)

// A desk is a folder of runs and what a command says of it.
type desk struct {
	t        *testing.T
	folder   string
	out, err bytes.Buffer
}

var errUsage = errors.New("usage")

func newDesk(t *testing.T) *desk {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	return &desk{t: t, folder: t.TempDir()}
}

// study does the two seeds of the toy spec, whose accuracy is 0.5 and 0.75; that of seed 9
// fails.
func (d *desk) study(folder string, overrides ...string) []states.Outcome {
	d.t.Helper()
	plan, err := spec.NewPlan(spec.Request{Source: "toy.yaml", Text: []byte(toy.Spec), Overrides: overrides})
	if err != nil {
		d.t.Fatal(err)
	}
	return states.Run(context.Background(), plan, states.RunOptions{Runs: folder, Job: func(_ context.Context, j spec.Job, dir *states.RunDir, _ states.Progress) error {
		if j.Seed == 9 {
			return errors.New("no luck")
		}
		if err := atomicfile.WriteBytes(dir.File("data.lock.json"), []byte("{}")); err != nil {
			return err
		}
		return atomicfile.WriteBytes(dir.File("results.json"), fmt.Appendf(nil, `{"format": 1, "name": %q, "job": %q, "evaluation": %q, "label": %q, "seed": %d, "kernels": "go",
			"accuracy": [{"row": "network", "classifier": "own", "selector": "last step", "target": {"accuracy": %v, "interval": [0.25, 0.875], "n": 8}}]}`,
			j.Spec.Name, j.ID, j.Evaluation, j.PointLabel(), j.Seed, 0.5+0.25*float64(j.Seed)))
	}})
}

// say runs a command line and returns what it prints: fields of a table parted by one space.
func (d *desk) say(args ...string) (string, error) {
	d.out.Reset()
	d.err.Reset()
	cmd := New(Console{Out: &d.out, Err: &d.err, Folder: func() string { return d.folder },
		Paths: func(args []string) []string {
			paths := []string{}
			for _, a := range args {
				if !filepath.IsAbs(a) {
					a = filepath.Join(d.folder, a)
				}
				paths = append(paths, a)
			}
			if len(paths) == 0 {
				paths = append(paths, d.folder)
			}
			return paths
		},
		Usage: func(format string, args ...any) error { return errors.Join(errUsage, fmt.Errorf(format, args...)) },
		Rows: func(rows [][]string) error {
			for _, r := range rows {
				fmt.Fprintln(&d.out, strings.TrimRight(strings.Join(r, " | "), " |"))
			}
			return nil
		},
		JSON: func(v any) error { return json.NewEncoder(&d.out).Encode(v) },
	})
	cmd.SetArgs(args)
	cmd.SetOut(&d.out)
	cmd.SetErr(&d.err)
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	err := cmd.Execute()
	return d.out.String(), err
}

// The rows of these tables were worked out by hand.
func TestRunsPrints(t *testing.T) {
	d := newDesk(t)
	d.study(d.folder, "seeds=[0, 1, 9]")
	d.study(d.folder, "name=other", "seeds=[1]", "model.separate=8")
	for _, tt := range []struct{ args, want string }{
		{"--columns spec,seed,state,accuracy,cause", "spec | seed | state | accuracy | cause\nother | 1 | done | 0.7500\ntoy | 0 | done | 0.5000\ntoy | 1 | done | 0.7500\ntoy | 9 | failed |  | no luck\n"},
		{"toy --state done,queued --sort -accuracy --columns seed,of,steps,model.separate", "seed | of | steps | model.separate\n1 | network | 100 | 4\n0 | network | 100 | 4\n"},
		{"--where accuracy>0.5 --where model.separate=8 --columns spec", "spec\nother\n"},
		{"--group spec,model.loss.zero", "spec | model.loss.zero | runs | done | accuracy | deviation | min | max\nother | 0.0002 | 1 | 1 | 0.7500 |  | 0.7500 | 0.7500\ntoy | 0.0002 | 3 | 2 | 0.6250 | 0.1768 | 0.5000 | 0.7500\n"},
		{"--seed 9 --group state", "state | runs | done | accuracy | deviation | min | max\nfailed | 1 | 0\n"},
		{"--seed 9 --group state --json", `[{"by":{"state":"failed"},"runs":1,"done":0,"scored":0,"accuracy_mean":null,"accuracy_deviation":null,"accuracy_min":null,"accuracy_max":null}]` + "\n"},
	} {
		got, err := d.say(strings.Fields(tt.args)...)
		if err != nil || got != tt.want || d.err.Len() > 0 {
			t.Errorf("runs %s: %v %s\n got %s\nwant %s", tt.args, err, d.err.String(), got, tt.want)
		}
	}
	text, err := d.say("--rebuild", "--json", "--seed", "1", "--sort", "spec")
	var found []index.Run
	if err := errors.Join(err, json.Unmarshal([]byte(text), &found)); err != nil || len(found) != 2 || found[1].Spec != "toy" || *found[1].Accuracy != 0.75 {
		t.Errorf("--json: %v\n%s", err, text)
	}
	for args, want := range map[string]string{
		"--state dun":             `runs: --state: unknown state "dun"; did you mean "done"?`,
		"--where accuracy":        `runs: --where: "accuracy", want a column or an option, one of <= >= != = < > ~ and a value, as in accuracy>=0.9`,
		"--where accuracy=high":   `runs: accuracy: "high", want a number`,
		"--columns label,acuracy": `runs: "acuracy" is neither a column nor an option of these runs; did you mean "accuracy"?`,
		"--group methd":           `runs: "methd" is neither a column nor an option of these runs; did you mean "method"?`,
		"--spec toi":              `runs: no run here has spec "toi"; did you mean "toy"?`,
	} {
		if _, err := d.say(strings.Fields(args)...); !errors.Is(err, errUsage) || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("runs %s: %v\nwant %s", args, err, want)
		}
	}
	if _, err := d.say("nowhere"); err == nil || errors.Is(err, errUsage) || !strings.Contains(err.Error(), "no runs at") {
		t.Errorf("runs nowhere: %v", err)
	}
}

func TestTexts(t *testing.T) {
	for d, want := range map[time.Duration]string{0: "0s", -time.Hour: "0s", 59 * time.Second: "59s", time.Minute: "1m", 119 * time.Minute: "1h", 24 * time.Hour: "1d", 400 * 24 * time.Hour: "400d"} {
		check.Equal(t, "age", ageText(d), want)
	}
	for n, want := range map[int64]string{0: "0 B", 999: "999 B", 1000: "1.0 kB", 999_949: "999.9 kB", 999_951: "1.0 MB", 1_500_000_000: "1.5 GB", 2_000_000_000_000_000: "2000.0 TB"} {
		check.Equal(t, "bytes", bytesText(n), want)
	}
	r := index.Run{Version: "v0.0.0-20261126083736-894bdfd23b73", Path: "/p"}
	check.Equal(t, "revision", cell(&r, "version", nil, time.Now()), "894bdfd23b73")
	r.Version = "v1.2.3"
	check.Equal(t, "release", cell(&r, "version", nil, time.Now()), "v1.2.3")
}
