package models

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"github.com/venn-adapt/venn/internal/kernels"
)

// A pupil is a model of one weight with an optimiser.
type pupil struct {
	Model
	ps *Parameters
	o  *Optimiser
}

func newPupil() *pupil {
	ps := NewParameters()
	ps.Add("weight", false, 2)
	return &pupil{ps: ps, o: NewOptimiser("adam", kernels.Adam{}, 0, ps.All())}
}

func (p *pupil) Parameters() *Parameters  { return p.ps }
func (p *pupil) Optimisers() []*Optimiser { return []*Optimiser{p.o} }

// A checkpoint of any step, the first included, gives back the weights, the moments and the
// steps of the optimisers.
func TestCheckpoint(t *testing.T) {
	for _, step := range []int{0, 12} {
		dir, from, to := filepath.Join(t.TempDir(), "new", "folder"), newPupil(), newPupil()
		copy(from.ps.Get("weight").Data, []float32{1, 2})
		copy(from.o.m[0], []float32{3, 4})
		copy(from.o.v[0], []float32{5, 6})
		from.o.Steps = 7
		if err := SaveCheckpoint(dir, "job", step, from); err != nil {
			t.Fatal(err)
		}
		paths, err := Checkpoints(dir)
		if err != nil || len(paths) != 1 || filepath.Base(paths[0]) != fmt.Sprintf("step-%09d.safetensors", step) {
			t.Fatalf("step %d: %q, %v", step, paths, err)
		}
		got, err := LoadCheckpoint(paths[0], "job", to)
		if err != nil || got != step || to.o.Steps != 7 {
			t.Errorf("step %d is %d of %d updates, %v", step, got, to.o.Steps, err)
		}
		if all := fmt.Sprint(to.ps.Get("weight").Data, to.o.m, to.o.v); all != "[1 2] [[3 4]] [[5 6]]" {
			t.Errorf("step %d gives back %s", step, all)
		}
	}
}

// A folder of checkpoints can be entered by all and written to by its owner, as far as the
// process's mask allows.
func TestCheckpointFolder(t *testing.T) {
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, "open"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := SaveCheckpoint(filepath.Join(root, "kept"), "job", 1, newPupil()); err != nil {
		t.Fatal(err)
	}
	mode := func(name string) os.FileMode {
		info, err := os.Stat(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		return info.Mode().Perm()
	}
	if got, want := mode("kept"), mode("open")&0o755; got != want {
		t.Errorf("the folder is %v, want %v", got, want)
	}
}

// The newest two checkpoints stay, and whatever else lies in the folder.
func TestPrune(t *testing.T) {
	dir := t.TempDir()
	if paths, err := Checkpoints(filepath.Join(dir, "absent")); paths != nil || err != nil {
		t.Errorf("of a folder that is not there: %q, %v", paths, err)
	}
	others := []string{"best.safetensors", "step-000000001.json"}
	for _, name := range others {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []int{9, 100, 20} {
		if err := SaveCheckpoint(dir, "job", step, newPupil()); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if want := []string{"best.safetensors", "step-000000001.json", "step-000000020.safetensors", "step-000000100.safetensors"}; !slices.Equal(names, want) {
		t.Errorf("%q are left, want %q", names, want)
	}
	paths, err := Checkpoints(dir)
	if want := []string{filepath.Join(dir, names[2]), filepath.Join(dir, names[3])}; err != nil || !slices.Equal(paths, want) {
		t.Errorf("%q, %v, want %q", paths, err, want)
	}
	if _, err := Checkpoints(filepath.Join(dir, names[0])); err == nil {
		t.Error("a file is listed as a folder")
	}
}

// What cannot be used is said with the file, the fault and what to do, and changes nothing.
func TestUnusableCheckpoint(t *testing.T) {
	whole := func() map[string]string {
		return map[string]string{"format": "venn-1", "job": "job", "step": "3", "optimiser/adam/steps": "3"}
	}
	path := filepath.Join(t.TempDir(), "c.safetensors")
	for _, tt := range []struct{ key, value, want string }{
		{"format", "venn-0", `format "venn-0", want "venn-1"`},
		{"job", "other", `made by job "other", want "job"`},
		{"step", "-1", `step "-1", want a number`},
		{"step", "three", `step "three", want a number`},
		{"step", "", `step "", want a number`},
		{"optimiser/adam/steps", "", "no steps of optimiser adam"},
	} {
		info := whole()
		info[tt.key] = tt.value
		from, to := newPupil(), newPupil()
		from.ps.Get("weight").Fill(1)
		if err := writeTensors(path, info, each(from)); err != nil {
			t.Fatal(err)
		}
		step, err := LoadCheckpoint(path, "job", to)
		want := "models: " + path + ": unusable checkpoint: " + tt.want + "; remove it to go back to the one before, or train anew"
		if step != 0 || !errors.Is(err, ErrCheckpoint) || err.Error() != want {
			t.Errorf("%s %q: step %d, %v, want %s", tt.key, tt.value, step, err, want)
		}
		if to.ps.Get("weight").Data[0] != 0 || to.o.Steps != 0 {
			t.Errorf("%s %q: the model changed", tt.key, tt.value)
		}
	}
	other := newPupil()
	other.ps.Add("bias", false, 1)
	if err := writeTensors(path, whole(), each(newPupil())); err != nil {
		t.Fatal(err)
	}
	if step, err := LoadCheckpoint(path, "job", other); step != 0 || !errors.Is(err, ErrCheckpoint) || other.o.Steps != 0 {
		t.Errorf("another model: step %d, %v, %d updates", step, err, other.o.Steps)
	}
	if step, err := LoadCheckpoint(path+"x", "job", other); step != 0 || !errors.Is(err, os.ErrNotExist) || !errors.Is(err, ErrCheckpoint) {
		t.Errorf("no file: step %d, %v", step, err)
	}
	if step, err := LoadCheckpoint(path, "job", newPupil()); step != 3 || err != nil {
		t.Errorf("the whole file: step %d, %v", step, err)
	}
}

// Where the disk is full the way on is to free space and to resume.
func TestUnsaved(t *testing.T) {
	for cause, want := range map[error]string{
		syscall.ENOSPC:       "models: checkpoint: no space left on device; free some space and run `venn resume`",
		errors.New("broken"): "models: checkpoint: broken; run `venn resume`",
	} {
		if err := unsaved(cause); err.Error() != want || !errors.Is(err, cause) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
