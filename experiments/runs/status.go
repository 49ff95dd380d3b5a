package runs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/internal/atomicfile"
)

// A State is how far a run is.
type State string

// The states of a run.
const (
	Queued      State = "queued"
	Running     State = "running"
	Done        State = "done"
	Failed      State = "failed"
	Interrupted State = "interrupted"
	// Waiting is a trial of a search at a rung, until its rivals are scored there; Stopped is one
	// that did not go on from a rung, and stays there.
	Waiting State = "waiting"
	Stopped State = "stopped"
	// Damaged is what a run is called whose status.json cannot be read; it is
	// never written.
	Damaged State = "damaged"
)

// A Status is the content of status.json. It holds no times: two runs of one job
// leave equal files.
type Status struct {
	State      State  `json:"state"`
	Cause      string `json:"cause,omitempty"` // of a failed run, one line; of a waiting or stopped one, where
	Label      string `json:"label"`           // seed and grid values, for people
	Evaluation string `json:"evaluation"`      // that the state is about
}

// SetStatus writes status.json.
func (r *RunDir) SetStatus(s Status) error {
	r.account.m.label = s.Label // survives a damaged status.json
	if err := atomicfile.WriteJSON(r.File("status.json"), s); err != nil {
		return Unwritten(err)
	}
	return r.account.sync()
}

// ReadStatus reads the status of a run directory; a directory without one is
// queued. A status that is not what the program wrote is damage.
func ReadStatus(dir string) (Status, error) {
	var s Status
	var err error
	for range 3 { // the process at work may write between two readings
		if s, err = readStatus(dir); !IsDamaged(err) {
			return s, err
		}
		time.Sleep(5 * time.Millisecond)
	}
	return s, err
}

func readStatus(dir string) (Status, error) {
	const name = "status.json"
	m, err := readManifest(dir)
	if err != nil {
		return Status{}, err
	}
	path := filepath.Join(dir, name)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if m != nil && !m.files[name].absent && m.files[name] != (sealed{}) {
			return Status{}, Sealed{dir, m}.damaged(name, "is missing")
		}
		return Status{State: Queued}, nil
	}
	if err != nil {
		return Status{}, fmt.Errorf("experiments: %w", err)
	}
	if m != nil {
		if found := m.verdict(name, sumBytes(data)); found != "" {
			return Status{}, Sealed{dir, m}.damaged(name, found)
		}
	}
	var s Status
	known := []State{Queued, Running, Done, Failed, Interrupted, Waiting, Stopped}
	if err := json.Unmarshal(data, &s); err != nil || !slices.Contains(known, s.State) {
		return Status{}, Sealed{dir, m}.damaged(name, "is not the JSON of a status")
	}
	return s, nil
}

// A RunInfo is a run directory as seen from outside.
type RunInfo struct {
	Name    string `json:"name"` // of the spec
	ID      string `json:"id"`
	Path    string `json:"path"`
	Process string `json:"process,omitempty"` // at work now
	Step    int    `json:"step"`              // last step on record
	Steps   int    `json:"steps"`             // that the training has
	Status
}

// FindRuns lists the runs at or below each path, as Dirs finds them. A run that says
// running while no process holds it was killed: it is reported interrupted. A run whose
// status cannot be read is listed as damaged. It fails when a path does not exist.
func FindRuns(paths ...string) ([]RunInfo, error) {
	dirs, err := Dirs(paths...)
	if err != nil {
		return nil, err
	}
	var out []RunInfo
	for _, dir := range dirs {
		info, err := Look(dir)
		if err != nil {
			return nil, err
		}
		out = append(out, info)
	}
	return out, nil
}

// Dirs lists the run directories at or below each path, which may be the folder of all
// runs, one spec's folder or one run: in the order of their paths. It fails when a path
// does not exist.
func Dirs(paths ...string) ([]string, error) {
	var out []string
	seen := map[string]bool{}
	for _, path := range paths {
		if _, err := os.Stat(path); err != nil {
			return nil, fmt.Errorf("experiments: no runs at %s", path)
		}
		for _, pattern := range []string{".", "*", "*/*"} {
			var found []string
			for _, file := range []string{"resolved.yaml", "status.json"} { // either may be lost
				more, err := filepath.Glob(filepath.Join(globEscape(path), pattern, file))
				if err != nil {
					return nil, fmt.Errorf("experiments: %s: %w", path, err)
				}
				found = append(found, more...)
			}
			slices.Sort(found)
			for _, file := range found {
				if dir := filepath.Dir(file); !seen[dir] && !leaving(dir) {
					seen[dir] = true
					out = append(out, dir)
				}
			}
		}
	}
	return out, nil
}

func globEscape(path string) string {
	var out []rune
	for _, r := range path {
		if r == '*' || r == '?' || r == '[' || r == '\\' {
			out = append(out, '\\')
		}
		out = append(out, r)
	}
	return string(out)
}

// Look is what can be seen of a run directory from outside.
func Look(dir string) (RunInfo, error) {
	s, err := ReadStatus(dir)
	if IsDamaged(err) { // says so among the others
		s, err = Status{State: Damaged, Cause: err.Error()}, nil
	}
	if err != nil {
		return RunInfo{}, err
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return RunInfo{}, fmt.Errorf("experiments: %w", err)
	}
	info := RunInfo{Name: filepath.Base(filepath.Dir(abs)), ID: filepath.Base(abs), Path: dir, Status: s}
	if info.Step, info.Steps, err = trained(dir); err != nil {
		return RunInfo{}, err
	}
	if process, held := inUse(dir); held {
		info.Process = process
	} else if s.State == Running {
		info.State, info.Cause = Interrupted, "the process ended without a word"
	}
	return info, nil
}

// trained says how far the training of a run is, at a glance: by the last whole line
// of its records and by its resolved spec. A line that is no record counts as none;
// reading the records says what is wrong with it.
func trained(dir string) (step, steps int, err error) {
	text, err := os.ReadFile(filepath.Join(dir, "resolved.yaml"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, 0, fmt.Errorf("experiments: %w", err)
	}
	steps = spec.Iterations(text) // resuming says what is wrong with the text
	records, err := tail(filepath.Join(dir, recordsName), 1<<14)
	if err != nil {
		return 0, 0, err
	}
	lines := bytes.Split(records, []byte{'\n'})
	var last Record
	if len(lines) > 1 && json.Unmarshal(lines[len(lines)-2], &last) != nil {
		last.Step = 0
	}
	return last.Step, steps, nil
}

// tail reads at most n bytes at the end of a file; none of a file that is not there.
func tail(path string, n int64) ([]byte, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("experiments: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("experiments: %w", err)
	}
	data, err := io.ReadAll(io.NewSectionReader(f, max(0, info.Size()-n), n))
	if err != nil {
		return nil, fmt.Errorf("experiments: %w", err)
	}
	return data, nil
}
