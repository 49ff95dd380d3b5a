package runs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/experiments/toy"
	"github.com/venn-adapt/venn/internal/atomicfile"
)

// A job that fails of itself while its context is cancelled failed; one that ended for the
// context was interrupted; a cancelled plan begins nothing, and says what is queued.
func TestCancelledOutcomes(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want State
	}{{errors.New("no luck"), Failed}, {fmt.Errorf("step 3: %w", context.Canceled), Interrupted}, {nil, Done}} {
		ctx, cancel := context.WithCancel(context.Background())
		out := Run(ctx, mustPlan(t, toyRequest(toy.Spec, "seeds=[0]")), RunOptions{Runs: t.TempDir(), Job: func(context.Context, spec.Job, *RunDir, Progress) error {
			cancel()
			return tt.err
		}})[0]
		if out.State != tt.want || (out.Err != nil) != (tt.want == Failed) {
			t.Errorf("%v: %s, %v", tt.err, out.State, out.Err)
		}
		cancel()
	}
	out := Run(context.Background(), mustPlan(t, toyRequest(toy.Spec, "seeds=[0]")), RunOptions{Runs: t.TempDir(), Job: func(context.Context, spec.Job, *RunDir, Progress) error {
		return context.Canceled // of a context of its own
	}})[0]
	equal(t, "another context", out.State, Failed)
	// Another evaluation of a finished run is queued, the same one stays finished.
	runs := t.TempDir()
	do := func(context.Context, spec.Job, *RunDir, Progress) error { return nil }
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	plan := mustPlan(t, toyRequest(toy.Spec, "seeds=[0]"))
	first := Run(context.Background(), plan, RunOptions{Runs: runs, Job: do})[0]
	for _, tt := range []struct {
		override string
		want     State
	}{{"report.formats=[md]", Done}, {"adapt.classifiers=[toy-neighbours]", Queued}} {
		p := mustPlan(t, toyRequest(toy.Spec, "seeds=[0]", tt.override))
		out := Run(cancelled, p, RunOptions{Runs: runs, Job: do})[0]
		s, err := ReadStatus(first.Dir)
		if err != nil || out.State != Queued || s.State != tt.want || s.Evaluation != p.Jobs[0].Evaluation || s.Label != "seed=0" {
			t.Errorf("%s: outcome %s, status %+v, %v; want %s", tt.override, out.State, s, err, tt.want)
		}
	}
}

// What is damaged is told once, with the job that it is of, and what a job says of its
// folder is told too.
func TestNotices(t *testing.T) {
	runs := t.TempDir()
	plan := mustPlan(t, toyRequest(toy.Spec))
	said := map[string]int{}
	options := RunOptions{Runs: runs, Job: func(_ context.Context, j spec.Job, dir *RunDir, _ Progress) error {
		dir.notice("of the job %d", j.Seed)
		return atomicfile.WriteBytes(dir.File("results.json"), []byte("{}"))
	}, Notice: func(i int, j spec.Job, text string) { said[fmt.Sprintf("%d %d %.24s", i, j.Seed, text)]++ }}
	out := Run(context.Background(), plan, options)
	equal(t, "said at first", said, "map[0 0 of the job 0:1 1 1 of the job 1:1]")
	clear(said)
	bend(t, filepath.Join(out[1].Dir, "results.json"), -1)
	again := Run(context.Background(), plan, options)
	equal(t, "said of the second", said, "map[1 1 of the job 1:1 1 1 results.json is missing::1]")
	equal(t, "done again", fmt.Sprint(again[0].Reused, again[1].Reused), "true false")
	options.Notice = nil
	bend(t, filepath.Join(out[1].Dir, "results.json"), -1)
	if out := Run(context.Background(), plan, options); out[1].State != Done {
		t.Errorf("without anybody to tell: %v", out[1].Err)
	}
}

// The status of a folder: what the process wrote, queued where it wrote none, damaged where
// it wrote another.
func TestStatusOfAFolder(t *testing.T) {
	dir, job, runs := openToy(t)
	s, err := ReadStatus(dir.Path)
	equal(t, "none", fmt.Sprint(s.State, err), fmt.Sprint(Queued, error(nil)))
	for _, state := range []State{Queued, Running, Done, Failed, Interrupted} {
		if err := dir.SetStatus(statusOf(job, state, "a cause")); err != nil {
			t.Fatal(err)
		}
		s, err := ReadStatus(dir.Path)
		equal(t, "written", fmt.Sprint(s, err), fmt.Sprint(Status{state, "a cause", job.Label(), job.Evaluation}, error(nil)))
	}
	equal(t, "label", dir.account.m.label, job.Label())
	bend(t, dir.File("status.json"), -1)
	if _, err := ReadStatus(dir.Path); !IsDamaged(err) || !strings.Contains(err.Error(), "status.json: is missing; `venn resume") {
		t.Errorf("removed: %v", err)
	}
	if m, _ := readManifest(dir.Path); m.label != job.Label() {
		t.Errorf("the manifest calls the run %q", m.label)
	}
	dir.account.m.files["status.json"] = sealed{now: atomicfile.Sum{Size: 1}, absent: true}
	if err := os.WriteFile(dir.File(manifestName), dir.account.m.encode(), 0o644); err != nil {
		t.Fatal(err)
	}
	m, err := readManifest(dir.Path)
	equal(t, "label by the manifest", fmt.Sprint(labelOf(dir.Path, m), err), fmt.Sprint(job.Label(), error(nil)))
	equal(t, "label by nothing", labelOf(dir.Path, nil), "")
	s, err = ReadStatus(dir.Path)
	equal(t, "announced", fmt.Sprint(s.State, err), fmt.Sprint(Queued, error(nil)))
	// Runs are found below folders of any name.
	odd := filepath.Join(t.TempDir(), `a*b?[c]\d`)
	if err := os.Rename(runs, odd); err != nil {
		t.Fatal(err)
	}
	infos, err := FindRuns(odd)
	if err != nil || len(infos) != 1 || infos[0].Name != "toy" || infos[0].ID != job.ID {
		t.Errorf("%+v, %v", infos, err)
	}
	// One whose status cannot be read is damaged, and no obstacle to finding the others.
	if err := os.WriteFile(filepath.Join(infos[0].Path, "status.json"), []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	infos, err = FindRuns(odd)
	if err != nil || len(infos) != 1 || infos[0].State != Damaged || !strings.Contains(infos[0].Cause, "status.json: ") {
		t.Errorf("without a status that can be read: %+v, %v", infos, err)
	}
	for name, want := range map[string]string{"a*b": `a\*b`, "a?b": `a\?b`, "a[b": `a\[b`, `a\b`: `a\\b`, "a]b": "a]b"} {
		equal(t, name, globEscape(name), want)
	}
}

// A run whose process is gone is interrupted, and one at work is of its process; how far it
// is stands beside.
func TestRunInfo(t *testing.T) {
	dir, job := trainedToy(t)
	info, err := Look(dir.Path)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "at work", fmt.Sprint(info.Name, info.ID, info.Process, info.State, info.Step, info.Steps, info.Label), fmt.Sprint("toy", job.ID, fmt.Sprint("process ", os.Getpid()), Running, 25, 100, job.Label()))
	if err := dir.Close(); err != nil {
		t.Fatal(err)
	}
	info, err = Look(dir.Path)
	equal(t, "killed", fmt.Sprint(info.Process, info.State, info.Cause, err), fmt.Sprint("", Interrupted, "the process ended without a word", error(nil)))
	setState(t, dir.Path, Failed)
	info, err = Look(dir.Path)
	equal(t, "failed", fmt.Sprint(info.Process, info.State, info.Cause, err), fmt.Sprint("", Failed, "", error(nil)))
	if _, held := inUse(t.TempDir()); held {
		t.Error("a folder without a lock is in use")
	}
	for text, want := range map[string]string{"17\n": "process 17", "17 " + hostName() + "\n": "process 17", "17 node-3\n": "process 17 on node-3", " ": "another process"} {
		path := filepath.Join(t.TempDir(), "lock")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		equal(t, "holder", holder(path), want)
	}
}
