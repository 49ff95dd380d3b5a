package runs

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/experiments/toy"
	"github.com/venn-adapt/venn/internal/atomicfile"
)

// A finished job drops what the settings say and stays sound; what is done before drops it
// when the settings change.
func TestDrop(t *testing.T) {
	do := func(_ context.Context, _ spec.Job, dir *RunDir, _ Progress) error {
		r, err := dir.Recorder(0)
		if err != nil {
			return err
		}
		for step := 1; step <= 2; step++ {
			if err := r.Append(Record{step, []Value{{"loss", 1}}}); err != nil {
				return err
			}
			if err := r.Seal(step); err != nil {
				return err
			}
			if err := writeBelow(dir, fmt.Sprintf("checkpoints/step-%09d.safetensors", step)); err != nil {
				return err
			}
		}
		for _, name := range []string{"codes/a-test-common.npy", "codes/" + CodesStamp, "judges/a.npy"} {
			if err := writeBelow(dir, name); err != nil {
				return err
			}
		}
		if err := atomicfile.WriteBytes(dir.File("results.json"), []byte("{}")); err != nil {
			return err
		}
		return r.Close()
	}
	plan := mustPlan(t, toyRequest(toy.Spec, "seeds=[0]"))
	folder := t.TempDir()
	for _, tt := range []struct {
		drop []Leaving
		want string
	}{
		{nil, "[checkpoints/step-000000001.safetensors checkpoints/step-000000002.safetensors codes/a-test-common.npy codes/codes.json judges/a.npy]"},
		{[]Leaving{OldCheckpoints}, "[checkpoints/step-000000002.safetensors codes/a-test-common.npy codes/codes.json judges/a.npy]"},
		{[]Leaving{Codes}, "[checkpoints/step-000000002.safetensors judges/a.npy]"},
		{[]Leaving{Checkpoints}, "[judges/a.npy]"},
	} {
		out := Run(context.Background(), plan, RunOptions{Runs: folder, Job: do, Drop: tt.drop})[0]
		var left []string
		for _, sub := range []string{"checkpoints", "codes", "judges"} {
			found, _ := filepath.Glob(filepath.Join(out.Dir, sub, "*"))
			for _, path := range found {
				left = append(left, sub+"/"+filepath.Base(path))
			}
		}
		if out.State != Done || fmt.Sprint(left) != tt.want {
			t.Errorf("%v: %s (%v), left %v, want %s", tt.drop, out.State, out.Err, left, tt.want)
		}
		v, err := Verify(RunInfo{Path: out.Dir})
		if err != nil || len(v.Flaws) > 0 || v.Unsettled {
			t.Errorf("%v: %+v, %v", tt.drop, v, err)
		}
	}
	// All at once, of a job that was not done before.
	out := Run(context.Background(), plan, RunOptions{Runs: t.TempDir(), Job: do, Drop: []Leaving{Checkpoints, Codes}})[0]
	if v, err := Verify(RunInfo{Path: out.Dir}); out.State != Done || out.Reused || err != nil || len(v.Flaws) > 0 {
		t.Errorf("%s (%v): %+v, %v", out.State, out.Err, v, err)
	}
}

// writeBelow writes a file of a run, and the folder it is in.
func writeBelow(dir *RunDir, name string) error {
	if err := os.MkdirAll(filepath.Dir(dir.File(name)), 0o755); err != nil {
		return err
	}
	return atomicfile.WriteBytes(dir.File(name), []byte(name))
}
