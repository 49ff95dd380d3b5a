package models

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/nlpodyssey/safetensors"

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
	views := map[string]safetensors.TensorView{}
	info := map[string]string{"format": checkpointFormat, "job": job, "step": strconv.Itoa(step)}
	var err error
	each(m, func(name string, shape []int, data []float32) {
		dims := make([]uint64, len(shape))
		for i, d := range shape {
			dims[i] = uint64(d)
		}
		raw := make([]byte, 4*len(data))
		for i, v := range data {
			binary.LittleEndian.PutUint32(raw[4*i:], math.Float32bits(v))
		}
		view, e := safetensors.NewTensorView(safetensors.F32, dims, raw)
		if e != nil && err == nil {
			err = fmt.Errorf("models: checkpoint: %s: %w", name, e)
		}
		views[name] = view
	})
	if err != nil {
		return err
	}
	for _, o := range m.Optimisers() {
		info["optimiser/"+o.Name+"/steps"] = strconv.Itoa(o.Steps)
	}
	path := filepath.Join(dir, fmt.Sprintf("step-%09d.safetensors", step))
	// The library orders tensors by type and name, so equal models give equal bytes.
	if err := atomicfile.Write(path, func(w io.Writer) error {
		return safetensors.SerializeToWriter(views, info, w)
	}); err != nil {
		return fmt.Errorf("models: checkpoint: %w; free some space and run `venn resume`", err)
	}
	return prune(dir)
}

// each visits everything a checkpoint holds, in a fixed order.
func each(m Model, visit func(name string, shape []int, data []float32)) {
	for _, p := range m.Parameters().All() {
		visit("parameter/"+p.Name, p.Shape, p.Data)
	}
	for _, o := range m.Optimisers() {
		for i, p := range o.params {
			visit("optimiser/"+o.Name+"/m/"+p.Name, p.Shape, o.m[i])
			visit("optimiser/"+o.Name+"/v/"+p.Name, p.Shape, o.v[i])
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

func prune(dir string) error {
	paths, err := Checkpoints(dir)
	if err != nil {
		return err
	}
	for _, p := range paths[:max(0, len(paths)-kept)] {
		if err := os.Remove(p); err != nil {
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
	raw, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	info, tensors, err := parseCheckpoint(raw)
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
	if err := matches(m, tensors); err != nil {
		return 0, err
	}
	each(m, func(name string, _ []int, data []float32) {
		view, _ := tensors.Tensor(name)
		for i := range data {
			data[i] = math.Float32frombits(binary.LittleEndian.Uint32(view.Data()[4*i:]))
		}
	})
	for i, o := range m.Optimisers() {
		o.Steps = steps[i]
	}
	return step, nil
}

// parseCheckpoint reads the safetensors container; the library is kept from
// panicking on damaged headers.
func parseCheckpoint(raw []byte) (info map[string]string, tensors safetensors.SafeTensors, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("damaged header: %v", r)
		}
	}()
	_, meta, err := safetensors.ReadMetadata(raw)
	if err != nil {
		return nil, tensors, err
	}
	tensors, err = safetensors.Deserialize(raw)
	return meta.Metadata(), tensors, err
}

// matches checks that the file holds exactly the tensors of m.
func matches(m Model, tensors safetensors.SafeTensors) error {
	var fault error
	count := 0
	each(m, func(name string, shape []int, data []float32) {
		count++
		view, ok := tensors.Tensor(name)
		switch {
		case fault != nil:
		case !ok:
			fault = fmt.Errorf("tensor %s is missing", name)
		case view.DType() != safetensors.F32 || len(view.Data()) != 4*len(data) || !slices.EqualFunc(view.Shape(), shape, func(a uint64, b int) bool { return a == uint64(b) }):
			fault = fmt.Errorf("tensor %s is %v of %v, want F32 of %v", name, view.Shape(), view.DType(), shape)
		}
	})
	if fault == nil && tensors.Len() != count {
		fault = fmt.Errorf("%d tensors, want %d", tensors.Len(), count)
	}
	return fault
}
