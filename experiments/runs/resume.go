package runs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/venn-adapt/venn/experiments/spec"
)

// ResumePlan reads the job of a run directory back from its resolved.yaml, or, where
// that is damaged, from the spec beside it. It fails when this version of the program
// would make another job of it.
func ResumePlan(dir string) (*spec.Plan, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("experiments: %w", err)
	}
	m, err := readManifest(dir)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "resolved.yaml")
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("experiments: %w", err)
	}
	found := ""
	if m != nil {
		if found, err = m.fault(dir, "resolved.yaml"); err != nil {
			return nil, err
		}
	}
	if found == "" && text == nil {
		found = "is missing"
	}
	if found != "" {
		return planOfSpec(dir, filepath.Base(abs), found, m)
	}
	plan, err := spec.NewPlan(spec.Request{Source: path, Text: text})
	if err != nil {
		return nil, err
	}
	if len(plan.Jobs) != 1 {
		return nil, fmt.Errorf("experiments: %s: makes %d jobs, want the one of its run: it was changed; begin anew with venn run", path, len(plan.Jobs))
	}
	want, here := filepath.Join(plan.Name, plan.Jobs[0].ID), filepath.Join(filepath.Base(filepath.Dir(abs)), filepath.Base(abs))
	if here != want {
		return nil, fmt.Errorf("experiments: %s: belongs to run %s, found in %s: it was moved, changed or written by another version of the program; begin anew with venn run", path, want, here)
	}
	plan.Text = nil
	plan.Jobs[0].Rename(labelOf(dir, m))
	return plan, nil
}

// planOfSpec finds the job of a run whose resolved.yaml is damaged among those of the
// spec as it was given: the one of its directory and of its evaluation.
func planOfSpec(dir, id, found string, m *manifest) (*spec.Plan, error) {
	lost := &DamagedError{filepath.Join(dir, "resolved.yaml"),
		found + ", and spec.yaml beside it does not make this run; `venn run` with the spec and the changes that the run was given writes it anew"}
	if m == nil {
		return nil, lost
	}
	text, err := Sealed{dir, m}.Read("spec.yaml")
	if IsDamaged(err) {
		return nil, lost
	}
	if err != nil {
		return nil, err
	}
	status, err := ReadStatus(dir)
	if err != nil && !IsDamaged(err) {
		return nil, err
	}
	plan, faults := spec.NewPlan(spec.Request{Text: text})
	if faults != nil {
		return nil, lost
	}
	for _, j := range plan.Jobs {
		if j.ID == id && j.Evaluation == status.Evaluation {
			j.Rename(labelOf(dir, m))
			return &spec.Plan{Name: plan.Name, Jobs: []spec.Job{j}}, nil
		}
	}
	return nil, lost
}

// labelOf is what a run is called, which its resolved spec does not tell.
func labelOf(dir string, m *manifest) string {
	if s, err := ReadStatus(dir); err == nil && s.Label != "" {
		return s.Label
	}
	if m != nil {
		return m.label
	}
	return ""
}
