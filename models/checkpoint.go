package models

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/venn-adapt/venn/internal/atomicfile"
)

// ErrCheckpoint is wrapped by every error about a checkpoint that cannot be used:
// damaged, of another job, or of another program version.
var ErrCheckpoint = errors.New("unusable checkpoint")

// checkpointFormat is raised when the meaning of a checkpoint changes.
const checkpointFormat = "venn-1"

// kept is the number of checkpoints of a run that stay on disk.
const kept = 2

// SaveCheckpoint writes parameters, state and moments of m after step steps to
// dir/step-<step>.safetensors, atomically, then removes all but the newest two.
// job names what was trained; loading compares it. Random streams are keyed by
// (seed, purpose, step), so the step is the position of every stream.
func SaveCheckpoint(dir, job string, step int, m Model) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("models: %w", err)
	}
	info := map[string]string{"format": checkpointFormat, "job": job, "step": strconv.Itoa(step)}
	for _, o := range m.Optimisers() {
		info["optimiser/"+o.Name+"/steps"] = strconv.Itoa(o.Steps)
	}
	path := filepath.Join(dir, fmt.Sprintf("step-%09d.safetensors", step))
	if err := writeTensors(path, info, each(m)); err != nil {
		return unsaved(err)
	}
	return Prune(dir)
}

// unsaved says what to do about a checkpoint that could not be written.
func unsaved(err error) error {
	advice := atomicfile.Advice(err)
	if advice != "" {
		advice += " and "
	}
	return fmt.Errorf("models: checkpoint: %w; %srun `venn resume`", err, advice)
}

// each visits everything a checkpoint holds, in a fixed order.
func each(m Model) tensorWalk {
	return func(visit func(name string, p *Parameter)) {
		eachParameter(m.Parameters())(visit)
		for _, o := range m.Optimisers() {
			for i, p := range o.params {
				visit("optimiser/"+o.Name+"/m/"+p.Name, &Parameter{Shape: p.Shape, Data: o.m[i]})
				visit("optimiser/"+o.Name+"/v/"+p.Name, &Parameter{Shape: p.Shape, Data: o.v[i]})
			}
		}
	}
}

// Checkpoints lists the checkpoints of dir, oldest first; none if dir is absent.
func Checkpoints(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("models: %w", err)
	}
	var out []string
	for _, e := range entries { // ReadDir sorts by name, and names are zero-padded
		if strings.HasPrefix(e.Name(), "step-") && strings.HasSuffix(e.Name(), ".safetensors") {
			out = append(out, filepath.Join(dir, e.Name()))
		}
	}
	return out, nil
}

// Prune removes all checkpoints of dir but the newest two. SaveCheckpoint does it, and a
// resumed training does it first, in case that a kill came in between.
func Prune(dir string) error {
	paths, err := Checkpoints(dir)
	if err != nil {
		return err
	}
	for _, p := range paths[:max(0, len(paths)-kept)] {
		if err := atomicfile.Remove(p); err != nil {
			return fmt.Errorf("models: %w", err)
		}
	}
	return nil
}

// LoadCheckpoint restores m from path and returns the number of steps made. It
// fails, wrapping ErrCheckpoint and leaving m as it was, when the file is
// truncated or damaged, is of another job, or holds other tensors than m.
func LoadCheckpoint(path, job string, m Model) (step int, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("models: %s: %w: %w; remove it to go back to the one before, or train anew", path, ErrCheckpoint, err)
		}
	}()
	info, tensors, err := readTensors(path)
	if err != nil {
		return 0, err
	}
	if info["format"] != checkpointFormat {
		return 0, fmt.Errorf("format %q, want %q", info["format"], checkpointFormat)
	}
	if info["job"] != job {
		return 0, fmt.Errorf("made by job %q, want %q", info["job"], job)
	}
	if step, err = strconv.Atoi(info["step"]); err != nil || step < 0 {
		return 0, fmt.Errorf("step %q, want a number", info["step"])
	}
	steps := make([]int, len(m.Optimisers()))
	for i, o := range m.Optimisers() {
		if steps[i], err = strconv.Atoi(info["optimiser/"+o.Name+"/steps"]); err != nil {
			return 0, fmt.Errorf("no steps of optimiser %s", o.Name)
		}
	}
	if err := restore(each(m), tensors); err != nil {
		return 0, err
	}
	for i, o := range m.Optimisers() {
		o.Steps = steps[i]
	}
	return step, nil
}
