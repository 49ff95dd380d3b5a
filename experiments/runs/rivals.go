package runs

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/venn-adapt/venn/reports"
)

// A HaltError is how a job ends for now that neither is done nor failed: a trial that waits for
// the scores of its rivals, or one that was stopped.
type HaltError struct {
	State State  // Waiting or Stopped
	Why   string // "at rung 1 of 3 (step 250)"
}

func (e *HaltError) Error() string { return "experiments: " + string(e.State) + " " + e.Why }

// ScoresName is the file of a run in which a network is scored at a step of its training.
func ScoresName(step int) string { return fmt.Sprintf("along/%09d.json", step) }

// ScoresAt reads what validators said of a run's network at a step; ok is false where it was not
// scored there yet. The run may be one that another process is at work on.
func ScoresAt(dir string, step int) (c reports.Candidate, ok bool, err error) {
	name := ScoresName(step)
	data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	if errors.Is(err, fs.ErrNotExist) {
		return c, false, nil
	}
	if err != nil {
		return c, false, fmt.Errorf("experiments: %w", err)
	}
	m, err := readManifest(dir)
	if err != nil {
		return c, false, err
	}
	if m != nil {
		if found := m.verdict(name, sumBytes(data)); found != "" {
			return c, false, Sealed{dir, m}.damaged(name, found)
		}
	}
	if err := json.Unmarshal(data, &c); err != nil {
		return c, false, &DamagedError{filepath.Join(dir, filepath.FromSlash(name)), "no scores of a step: " + err.Error()}
	}
	return c, true, nil
}

// Rival is the directory of another job of the same study.
func (r *RunDir) Rival(id string) string { return filepath.Join(filepath.Dir(r.Path), id) }

// timesAt are the times of a run that is not to be read further; none where they cannot be read.
func timesAt(dir string) Times {
	t, err := (&RunDir{Path: dir}).Times()
	if err != nil {
		return Times{}
	}
	return t
}

// stoppedRivals are those trials of a run's search that were stopped, as their directories say.
func stoppedRivals(dir string, rivals []string) (out []reports.StoppedTrial, err error) {
	for i, id := range rivals {
		rival := filepath.Join(filepath.Dir(dir), id)
		s, err := ReadStatus(rival)
		if IsDamaged(err) || errors.Is(err, fs.ErrNotExist) {
			continue // it is for others to say so
		}
		if err != nil {
			return nil, err
		}
		if s.State == Stopped {
			out = append(out, reports.StoppedTrial{Number: i + 1, Where: s.Cause, Seconds: timesAt(rival).Training})
		}
	}
	return out, nil
}
