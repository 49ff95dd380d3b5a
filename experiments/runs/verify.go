package runs

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/venn-adapt/venn/internal/atomicfile"
)

// A Flaw is a file of a run that is not what the program wrote.
type Flaw struct {
	File  string `json:"file"` // below the run directory
	Found string `json:"found"`
}

func (f Flaw) String() string { return f.File + " " + f.Found }

// A Verified is what the checksums of a run say of its files.
type Verified struct {
	RunInfo
	Files int    `json:"files"` // checked
	Bytes int64  `json:"bytes"`
	Flaws []Flaw `json:"flaws"`
	// Unsettled says that a process was killed while it wrote here: nothing is damaged,
	// and the next one that opens the run clears what was left.
	Unsettled bool `json:"unsettled,omitempty"`
}

// Verify compares every file of a run that a later step reads with the checksum that
// was written with it. A run that a process works in is not read, since its files
// change: the result says which process. It fails where a file cannot be read, and with
// a DamagedError where the run has no manifest.
func Verify(run RunInfo) (Verified, error) {
	v := Verified{RunInfo: run, Flaws: []Flaw{}}
	if run.Process != "" {
		return v, nil
	}
	s, err := OpenSealed(run.Path)
	if err != nil {
		return v, err
	}
	status, err := ReadStatus(run.Path)
	if err != nil && !IsDamaged(err) {
		return v, err
	}
	if v.Flaws, err = s.examine(status.State == Done); err != nil {
		return v, err
	}
	left, err := atomicfile.Unfinished(run.Path)
	if err != nil {
		return v, fmt.Errorf("experiments: %w", err)
	}
	v.Unsettled = len(left) > 0
	for _, entry := range s.m.files {
		v.Files++
		v.Bytes += entry.now.Size
		v.Unsettled = v.Unsettled || entry.absent || entry.before != nil
	}
	if step, ok := s.m.lastSeal(); ok {
		v.Files++
		v.Bytes += s.m.seals[step].Size
	}
	if process, held := inUse(run.Path); held { // it began in between
		v.Process, v.Flaws = process, []Flaw{}
	}
	return v, nil
}

// always are the files at the top that a later step reads where they are there.
var always = []string{"spec.yaml", "resolved.yaml", "env.json", "data.lock.json", "status.json", "results.json"}

// examine lists what is not as it was written, the manifest itself first. done says that
// the run is finished, so that its records must be whole.
func (s Sealed) examine(done bool) ([]Flaw, error) {
	flaws := []Flaw{}
	for _, fault := range s.m.faults {
		flaws = append(flaws, Flaw{manifestName, fault})
	}
	names := slices.Sorted(maps.Keys(s.m.files))
	if len(s.m.faults) > 0 { // a lost line may be that of a file that is there
		lost, err := strays(s.dir, s.m)
		if err != nil {
			return nil, err
		}
		names = append(names, lost...)
	}
	for _, name := range always {
		if _, listed := s.m.files[name]; !listed {
			names = append(names, name)
		}
	}
	for _, name := range names {
		found, err := s.m.fault(s.dir, name)
		if err != nil {
			return nil, err
		}
		if found != "" {
			flaws = append(flaws, Flaw{name, found})
		}
	}
	records, err := s.examineRecords(done)
	if records != "" {
		flaws = append(flaws, Flaw{recordsName, records})
	}
	return flaws, err
}

// examineRecords compares the head of metrics.jsonl with the seal of every checkpoint.
func (s Sealed) examineRecords(done bool) (string, error) {
	steps := slices.Sorted(maps.Keys(s.m.seals))
	for _, name := range s.m.below("checkpoints") {
		if step, ok := checkpointStep(name); ok && !slices.Contains(steps, step) {
			return fmt.Sprintf("has no seal of step %d in %s", step, manifestName), nil
		}
	}
	for _, step := range steps {
		found, err := s.headFault(step)
		if found != "" || err != nil {
			return found, err
		}
	}
	info, err := os.Stat(filepath.Join(s.dir, recordsName))
	switch {
	case errors.Is(err, os.ErrNotExist):
		return "", nil
	case err != nil:
		return "", fmt.Errorf("experiments: %w", err)
	}
	size := int64(0)
	if len(steps) > 0 {
		size = s.m.seals[steps[len(steps)-1]].Size
	}
	if done && info.Size() != size {
		return fmt.Sprintf("holds %d bytes where %d were written", info.Size(), size), nil
	}
	return "", nil
}

// headFault says what is wrong with the records on which the checkpoint of a step
// relies.
func (s Sealed) headFault(step int) (string, error) {
	want, ok := s.m.seals[step]
	if !ok {
		return fmt.Sprintf("has no seal of step %d in %s", step, manifestName), nil
	}
	sum, err := sumHead(filepath.Join(s.dir, recordsName), want.Size)
	if errors.Is(err, os.ErrNotExist) {
		return "is missing", nil
	}
	if err != nil {
		return "", fmt.Errorf("experiments: %w", err)
	}
	if sum == want {
		return "", nil
	}
	return differs(want, sum), nil
}

// sumOf is the checksum that the manifest of a run has of a file.
func sumOf(dir, name string) (s atomicfile.Sum, ok bool) {
	m, err := readManifest(dir)
	if err != nil || m == nil {
		return s, false
	}
	entry, ok := m.files[name]
	return entry.now, ok
}
