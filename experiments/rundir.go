package experiments

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/gofrs/flock"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/atomicfile"
)

// A RunDir is the directory of one job, held by this process alone:
//
//	spec.yaml resolved.yaml   as given; with every default, for this job alone
//	env.json                  program, Go, processor: as the training began
//	data.lock.json            what was read, by checksum
//	status.json               how far the run is; written last
//	metrics.jsonl             a record a logged step, without times
//	log.txt                   what happened when
//	lock                      the process at work
//
// and what the job itself keeps: checkpoints/, codes/, progress/, judges/, grids/,
// results.json. The directory is named by Job.ID, so that evaluations of one training
// share its codes; status.json says which evaluation results.json holds.
type RunDir struct {
	Path string
	Log  *slog.Logger // of log.txt

	lock *flock.Flock
	log  io.Closer
}

// OpenRun makes or reopens the run directory of a job below the folder of all
// runs and locks it. text is the spec as given, nil to keep the one that is there.
// It fails with *InUseError when another process holds the directory.
func OpenRun(runs string, job Job, text []byte) (*RunDir, error) {
	path := job.Dir(runs)
	if err := os.MkdirAll(path, 0o755); err != nil {
		return nil, fmt.Errorf("experiments: %w", err)
	}
	lock, err := lockDir(path)
	if err != nil {
		return nil, err
	}
	r := &RunDir{Path: path, lock: lock}
	if err := r.begin(job, text); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

func (r *RunDir) begin(job Job, text []byte) error {
	log, err := os.OpenFile(r.File("log.txt"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("experiments: %w", err)
	}
	r.log, r.Log = log, slog.New(slog.NewTextHandler(log, nil))
	resolved, err := job.ResolvedYAML()
	if err != nil {
		return err
	}
	if err := r.keep("resolved.yaml", resolved); err != nil {
		return err
	}
	if text != nil {
		if err := r.keep("spec.yaml", text); err != nil {
			return err
		}
	}
	return r.keepEnvironment(ThisEnvironment())
}

// File is the path of a file of the run.
func (r *RunDir) File(name ...string) string {
	return filepath.Join(append([]string{r.Path}, name...)...)
}

// Close releases the directory.
func (r *RunDir) Close() error {
	var first error
	if r.log != nil {
		first = r.log.Close()
	}
	return errors.Join(first, r.lock.Unlock())
}

// keep writes data unless the file holds it already.
func (r *RunDir) keep(name string, data []byte) error {
	old, err := os.ReadFile(r.File(name))
	if err == nil && bytes.Equal(old, data) {
		return nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("experiments: %w", err)
	}
	if err := atomicfile.WriteBytes(r.File(name), data); err != nil {
		return fmt.Errorf("experiments: %w", err)
	}
	return nil
}

// keepEnvironment records where the run began; a continuation elsewhere is noted
// in the log, since the first environment is what most of the training saw.
func (r *RunDir) keepEnvironment(e Environment) error {
	data, err := os.ReadFile(r.File("env.json"))
	var began Environment
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := atomicfile.WriteJSON(r.File("env.json"), e); err != nil {
			return fmt.Errorf("experiments: %w", err)
		}
		return nil
	case err != nil:
		return fmt.Errorf("experiments: %w", err)
	}
	if err := json.Unmarshal(data, &began); err != nil {
		return &DamagedError{r.File("env.json"), "not the JSON of an environment"}
	}
	for _, d := range began.Differences(e) {
		r.Log.Warn("continued in another environment", "difference", d)
	}
	return nil
}

// A DamagedError says that a file of a run is not what the program wrote.
type DamagedError struct{ File, Found string }

func (e *DamagedError) Error() string { return "experiments: " + e.File + ": " + e.Found }

// Damaged marks the error for the exit code of damaged data.
func (e *DamagedError) Damaged() bool { return true }

// A DataLock states the data of both domains.
type DataLock struct {
	A domains.Lock `json:"a"`
	B domains.Lock `json:"b"`
}

// LockData writes data.lock.json, or compares it with what the run began with:
// samples that changed in between are an error that says which, because one run
// must not mix two states of the data.
func (r *RunDir) LockData(a, b domains.Lock) error {
	path := r.File("data.lock.json")
	now := DataLock{a, b}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := atomicfile.WriteJSON(path, now); err != nil {
			return fmt.Errorf("experiments: %w", err)
		}
		return nil
	}
	if err != nil {
		return fmt.Errorf("experiments: %w", err)
	}
	var began DataLock
	if err := json.Unmarshal(data, &began); err != nil {
		return &DamagedError{path, "not the JSON of a data lock"}
	}
	for i, pair := range [][2]domains.Lock{{began.A, now.A}, {began.B, now.B}} {
		for _, split := range slices.Sorted(maps.Keys(pair[0].Samples)) {
			if was, is := pair[0].Samples[split], pair[1].Samples[split]; was != is {
				return &DamagedError{path, fmt.Sprintf("domain %s: the %s samples changed since the run began (SHA-256 %.12s then, %.12s now); restore the data, or delete the run to begin anew",
					domains.Side(i), split, was, is)}
			}
		}
	}
	return nil
}
