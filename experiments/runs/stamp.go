package runs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/gofrs/flock"

	"github.com/venn-adapt/venn/internal/atomicfile"
)

// reportStampName is the file of a report's folder that says which runs it is to show
// and which it was made of. It is written before the jobs begin and after the report's
// last file, so that a report that a kill or a full disk left half written, or that of
// an evaluation before, is known and finished.
const reportStampName = "report.json"

// A ReportStamp is the content of report.json.
type ReportStamp struct {
	Runs    []string `json:"runs"` // to be shown: below the spec's folder, with slashes
	Formats []string `json:"formats"`
	// Of holds the checksum of results.json of every run that the report was made of,
	// by its entry of Runs; nil while the report is being written.
	Of    map[string]string `json:"of,omitempty"`
	Files []string          `json:"files,omitempty"` // of the report
	Sum   string            `json:"sum"`             // of the rest
}

// ReportDir is the folder of the report of a spec's runs.
func ReportDir(spec string) string { return filepath.Join(spec, "report") }

func (s ReportStamp) sum() string {
	s.Sum = ""
	data, err := json.Marshal(s)
	if err != nil { // strings alone
		panic(err)
	}
	return lineSum(data)
}

func readStamp(spec string) (s ReportStamp, ok bool, err error) {
	data, err := os.ReadFile(filepath.Join(ReportDir(spec), reportStampName))
	if errors.Is(err, fs.ErrNotExist) {
		return s, false, nil
	}
	if err != nil {
		return s, false, fmt.Errorf("experiments: %w", err)
	}
	if json.Unmarshal(data, &s) != nil || s.Sum != s.sum() {
		return ReportStamp{}, false, nil // damaged: as if it were not there
	}
	return s, true, nil
}

func (s ReportStamp) write(spec string) error {
	dir := ReportDir(spec)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return Unwritten(err)
	}
	s.Sum = s.sum()
	if err := atomicfile.WriteJSON(filepath.Join(dir, reportStampName), s); err != nil {
		return Unwritten(err)
	}
	return nil
}

// BeginReport writes down that the report of a spec's folder is to show some runs, and
// is not written.
func BeginReport(spec string, dirs, formats []string) error {
	old, _, err := readStamp(spec)
	if err != nil {
		return err
	}
	s := ReportStamp{Formats: formats, Files: old.Files}
	for _, dir := range dirs {
		name, err := filepath.Rel(spec, dir)
		if err != nil {
			return fmt.Errorf("experiments: %w", err)
		}
		s.Runs = append(s.Runs, filepath.ToSlash(name))
	}
	return s.write(spec)
}

// DueReport says what the report of a spec's folder is to show: the finished runs of
// those that it was begun for, or, where nothing says which, of all in the folder. due is
// true where there are some and the report is not made of them as they are now.
func DueReport(spec string) (dirs, formats []string, due bool, err error) {
	s, known, err := readStamp(spec)
	if err != nil {
		return nil, nil, false, err
	}
	if !known {
		runs, err := FindRuns(spec)
		if err != nil {
			return nil, nil, false, err
		}
		for _, r := range runs {
			s.Runs = append(s.Runs, r.ID)
		}
	}
	of := map[string]string{}
	for _, name := range s.Runs {
		dir := filepath.Join(spec, filepath.FromSlash(name))
		if status, err := ReadStatus(dir); err != nil || status.State != Done {
			continue // damaged, unfinished or gone: it is for others to say so
		}
		dirs = append(dirs, dir)
		of[name] = resultsSum(dir)
	}
	due = len(of) != len(s.Of)
	for name, sum := range of {
		due = due || s.Of[name] != sum
	}
	return dirs, s.Formats, due && len(dirs) > 0, nil
}

// EndReport writes down that the report is made of what DueReport lists, as files, and
// removes those of the report before that it does not have.
func EndReport(spec string, dirs, files []string) error {
	s, _, err := readStamp(spec)
	if err != nil {
		return err
	}
	s.Of = map[string]string{}
	for _, dir := range dirs {
		name, err := filepath.Rel(spec, dir)
		if err != nil {
			return fmt.Errorf("experiments: %w", err)
		}
		s.Of[filepath.ToSlash(name)] = resultsSum(dir)
	}
	for _, old := range s.Files {
		if filepath.IsLocal(filepath.FromSlash(old)) && !slices.Contains(files, old) {
			if err := atomicfile.Remove(filepath.Join(ReportDir(spec), filepath.FromSlash(old))); err != nil {
				return fmt.Errorf("experiments: %w", err)
			}
		}
	}
	s.Files = files
	return s.write(spec)
}

func resultsSum(dir string) string {
	sum, _ := sumOf(dir, "results.json")
	return fmt.Sprintf("%x", sum.SHA256)
}

// LockReport keeps other processes from writing the same report, waiting for one that
// does, and clears what killed writers left.
func LockReport(spec string) (release func() error, err error) {
	dir := ReportDir(spec)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, Unwritten(err)
	}
	lock := flock.New(filepath.Join(dir, ".lock"), flock.SetPermissions(0o644))
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if ok, err := lock.TryLockContext(ctx, 50*time.Millisecond); !ok {
		return nil, fmt.Errorf("experiments: %s: another process writes the report: %w", dir, err)
	}
	if err := atomicfile.Sweep(dir); err != nil {
		return nil, errors.Join(fmt.Errorf("experiments: %w", err), lock.Unlock())
	}
	return lock.Unlock, nil
}
