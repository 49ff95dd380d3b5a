package runs

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/experiments/toy"
	"github.com/venn-adapt/venn/internal/atomicfile"
)

// The lock of the data is written anew where the data are proven to be the same.
func TestRelock(t *testing.T) {
	a := domains.Lock{Dataset: "toy", Samples: map[string]string{"train": "aa"}}
	b := domains.Lock{Dataset: "toy", Samples: map[string]string{"train": "bb"}}
	dir, _, _ := openToy(t)
	if err := dir.LockData(DataLock{A: a, B: b}); err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(dir.File("data.lock.json"))
	if err != nil {
		t.Fatal(err)
	}
	bend(t, dir.File("data.lock.json"), 30)
	if err := dir.LockData(DataLock{A: b, B: a}); !IsDamaged(err) || !strings.Contains(err.Error(), "/data.lock.json: was changed since it was written") || !strings.Contains(err.Error(), "the data of now are not those") {
		t.Errorf("other data: %v", err)
	}
	if err := dir.LockData(DataLock{A: a, B: b}); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(dir.File("data.lock.json")); string(got) != string(want) || len(dir.Notices) != 1 {
		t.Errorf("written anew as\n%s, said %q", got, dir.Notices)
	}
	delete(dir.account.m.files, "data.lock.json") // its line of the manifest is lost
	if err := dir.LockData(DataLock{A: b, B: a}); !IsDamaged(err) {
		t.Errorf("other data, without a line: %v", err)
	}
	if err := dir.LockData(DataLock{A: a, B: b}); err != nil {
		t.Errorf("the same data, without a line: %v", err)
	}
}

// A spec that is damaged where none is given comes from another run of it, or goes.
func TestDamagedSpec(t *testing.T) {
	dir, job, runs := openToy(t)
	if err := dir.Close(); err != nil {
		t.Fatal(err)
	}
	bend(t, dir.File("spec.yaml"), 0)
	sibling := filepath.Join(runs, "toy", "other")
	if err := os.MkdirAll(sibling, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(sibling, "spec.yaml"), []byte(toy.Spec), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ text, says string }{{toy.Spec, ": written anew"}, {"", ": left out; `venn run` with the spec puts it back"}} {
		dir, err := OpenRun(runs, job, nil)
		if err != nil {
			t.Fatal(err)
		}
		got, _ := os.ReadFile(dir.File("spec.yaml"))
		if string(got) != tt.text || len(dir.Notices) != 1 || !strings.HasSuffix(dir.Notices[0], tt.says) {
			t.Errorf("%q, said %q", got, dir.Notices)
		}
		if err := dir.Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.RemoveAll(sibling); err != nil {
			t.Fatal(err)
		}
		if tt.text != "" {
			bend(t, dir.File("spec.yaml"), 3)
		}
	}
}

// A folder that is removed while its run is at work ends the run failed, with one clear
// line, and is not made again.
func TestFolderRemoved(t *testing.T) {
	plan := mustPlan(t, toyRequest(toy.Spec, "seeds=[0]"))
	for _, then := range []string{"", "results.json"} { // the job writes nothing more, or does
		out := Run(context.Background(), plan, RunOptions{Runs: t.TempDir(), Job: func(_ context.Context, _ spec.Job, dir *RunDir, _ Progress) error {
			if err := os.RemoveAll(dir.Path); err != nil {
				return err
			}
			if then == "" {
				return nil
			}
			if err := os.MkdirAll(dir.Path, 0o755); err != nil { // as SaveCheckpoint would
				return err
			}
			return fmt.Errorf("while writing: %w", atomicfile.WriteBytes(dir.File(then), nil))
		}})[0]
		if want := "experiments: " + out.Dir + ": the folder was removed or replaced while the run was at work; nothing more is written there, begin anew with venn run"; out.State != Failed || out.Err == nil || out.Err.Error() != want {
			t.Errorf("%q: %s: %v", then, out.State, out.Err)
		}
		if left, _ := filepath.Glob(filepath.Join(out.Dir, "*")); len(left) > 0 {
			t.Errorf("%q: left %v", then, left)
		}
	}
}
