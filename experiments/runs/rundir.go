package runs

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
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/internal/atomicfile"
)

// A RunDir is the directory of one job, held by this process alone:
//
//	spec.yaml resolved.yaml   as given; with every default, for this job alone
//	env.json                  program, Go, processor: as the training began
//	data.lock.json            what was read, by checksum
//	status.json               how far the run is; written last
//	metrics.jsonl             a record a logged step, without times
//	manifest.txt              every file that a later step reads, by checksum
//	log.txt                   what happened when
//	times.json                how long the training took
//	lock                      the process at work
//
// and what the job itself keeps: checkpoints/, codes/, progress/, judges/, grids/,
// predictions.csv.gz, results.json. The directory is named by Job.ID, so that evaluations of one training
// share its codes; status.json says which evaluation results.json holds.
type RunDir struct {
	Path string
	Log  *slog.Logger // of log.txt
	// Notices say what was found damaged and is made anew, a line each.
	Notices []string

	lock    *flock.Flock
	log     io.Closer
	account *account
	release func() // of the account
}

// OpenRun makes or reopens the run directory of a job below the folder of all
// runs and locks it. text is the spec as given, nil to keep the one that is there.
// It fails with *InUseError when another process holds the directory.
func OpenRun(runs string, job spec.Job, text []byte) (*RunDir, error) {
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

const logName = "log.txt"

func (r *RunDir) begin(job spec.Job, text []byte) error {
	log, err := os.OpenFile(r.File(logName), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return Unwritten(err)
	}
	r.log, r.Log = log, slog.New(slog.NewTextHandler(log, nil))
	if err := r.openAccount(); err != nil {
		return err
	}
	resolved, err := job.ResolvedYAML()
	if err != nil {
		return err
	}
	if err := r.keep("resolved.yaml", resolved); err != nil {
		return err
	}
	if err := r.keepSpec(text); err != nil {
		return err
	}
	return r.keepEnvironment(ThisEnvironment())
}

// openAccount clears what killed writers left and reads the manifest, or begins one.
func (r *RunDir) openAccount() error {
	if err := atomicfile.Sweep(r.Path); err != nil {
		return fmt.Errorf("experiments: %w", err)
	}
	m, err := readManifest(r.Path)
	if err != nil {
		return err
	}
	r.account = &account{dir: r.Path, m: m}
	if m == nil {
		r.account.m = newManifest()
		files, err := r.account.adopt()
		if err != nil {
			return err
		}
		if files > 0 {
			r.notice("%s has no %s (an earlier version of the program made it, or the file was removed): its %d files are taken as they are, unchecked, and sealed now", r.Path, manifestName, files)
		}
	}
	if err := r.account.settle(); err != nil {
		return err
	}
	if r.release, err = atomicfile.Keep(r.Path, r.account); err != nil {
		return fmt.Errorf("experiments: %w", err)
	}
	return r.account.sync()
}

// notice tells a person, and the log.
func (r *RunDir) notice(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	r.Log.Warn(text)
	r.Notices = append(r.Notices, text)
}

// File is the path of a file of the run.
func (r *RunDir) File(name ...string) string {
	return filepath.Join(append([]string{r.Path}, name...)...)
}

// Close releases the directory.
func (r *RunDir) Close() error {
	var errs []error
	if r.release != nil {
		errs = append(errs, r.account.sync())
		r.release()
	}
	if r.log != nil {
		errs = append(errs, r.log.Close())
	}
	return errors.Join(append(errs, r.lock.Unlock())...)
}

// sound says what is wrong with a file that stands at the top of the directory: ""
// where nothing is or the file was never written.
func (r *RunDir) sound(name string) (string, error) { return r.account.m.fault(r.Path, name) }

// keep writes data unless the file holds it already, and says so where what it held was
// not what the program had written.
func (r *RunDir) keep(name string, data []byte) error {
	found, err := r.sound(name)
	if err != nil {
		return err
	}
	if found != "" {
		r.notice("%s %s: written anew", name, found)
	} else if old, err := os.ReadFile(r.File(name)); err == nil && bytes.Equal(old, data) {
		return nil
	}
	if err := atomicfile.WriteBytes(r.File(name), data); err != nil {
		return Unwritten(err)
	}
	return nil
}

// keepSpec keeps the text of the spec. Where none is given, since the run is resumed,
// and the one there is damaged, it is taken from another run of the spec.
func (r *RunDir) keepSpec(text []byte) error {
	const name = "spec.yaml"
	if text != nil {
		return r.keep(name, text)
	}
	found, err := r.sound(name)
	if err != nil || found == "" {
		return err
	}
	others, err := filepath.Glob(filepath.Join(globEscape(filepath.Dir(r.Path)), "*", name))
	if err != nil {
		return fmt.Errorf("experiments: %w", err)
	}
	for _, path := range others {
		if other, err := os.ReadFile(path); err == nil && sumBytes(other) == r.account.m.files[name].now {
			return r.keep(name, other)
		}
	}
	r.notice("%s %s: left out; `venn run` with the spec puts it back", name, found)
	if err := atomicfile.Remove(r.File(name)); err != nil {
		return fmt.Errorf("experiments: %w", err)
	}
	return nil
}

// keepEnvironment records where the run began; a continuation elsewhere is noted
// in the log, since the first environment is what most of the training saw.
func (r *RunDir) keepEnvironment(e Environment) error {
	found, err := r.sound("env.json")
	if err != nil {
		return err
	}
	data, err := os.ReadFile(r.File("env.json"))
	var began Environment
	switch {
	case errors.Is(err, fs.ErrNotExist), found != "":
		if found != "" {
			r.notice("env.json %s: it says from now on where the run went on", found)
		}
		if err := atomicfile.WriteJSON(r.File("env.json"), e); err != nil {
			return Unwritten(err)
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

// Name is the file without its folders.
func (e *DamagedError) Name() string { return filepath.Base(e.File) }

// Damaged marks the error for the exit code of damaged data.
func (e *DamagedError) Damaged() bool { return true }

// A DataLock states the data of both domains, and the classes of the labelled one.
type DataLock struct {
	A       domains.Lock `json:"a"`
	B       domains.Lock `json:"b"`
	Classes []string     `json:"classes,omitempty"`
}

// LockData writes data.lock.json, or compares it with what the run began with:
// samples that changed in between are an error that says which, because one run
// must not mix two states of the data.
func (r *RunDir) LockData(now DataLock) error {
	path := r.File("data.lock.json")
	found, err := r.sound("data.lock.json")
	if err != nil {
		return err
	}
	if found != "" {
		return r.relock(now, found)
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := atomicfile.WriteJSON(path, now); err != nil {
			return Unwritten(err)
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

// relock writes a damaged data.lock.json anew where the data of now are those that the
// run began with, as the manifest proves.
func (r *RunDir) relock(now DataLock, found string) error {
	data, err := atomicfile.JSON(now)
	if err != nil {
		return fmt.Errorf("experiments: %w", err)
	}
	began, sealed := r.account.m.files["data.lock.json"]
	proven := sealed && began.now == sumBytes(data)
	if !sealed { // its line of the manifest is lost: then the file vouches for the data
		there, err := os.ReadFile(r.File("data.lock.json"))
		proven = err == nil && bytes.Equal(there, data)
	}
	if !proven {
		return &DamagedError{r.File("data.lock.json"), found + ", and the data of now are not those that the run began with, or cannot be proven to be; restore the file or the data, or delete the run to begin anew"}
	}
	return r.keep("data.lock.json", data)
}
