package runs

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/venn-adapt/venn/internal/atomicfile"
)

// sumFile hashes a file.
func sumFile(path string) (atomicfile.Sum, error) {
	f, err := os.Open(path)
	if err != nil {
		return atomicfile.Sum{}, err
	}
	defer f.Close()
	return sumReader(f)
}

func sumReader(r io.Reader) (s atomicfile.Sum, err error) {
	h := sha256.New()
	if s.Size, err = io.Copy(h, r); err != nil {
		return s, err
	}
	h.Sum(s.SHA256[:0])
	return s, nil
}

func sumBytes(data []byte) atomicfile.Sum {
	return atomicfile.Sum{Size: int64(len(data)), SHA256: sha256.Sum256(data)}
}

// sumHead hashes the first bytes of a file; a file that is shorter is hashed whole.
func sumHead(path string, bytes int64) (atomicfile.Sum, error) {
	f, err := os.Open(path)
	if err != nil {
		return atomicfile.Sum{}, err
	}
	defer f.Close()
	return sumReader(io.LimitReader(f, bytes))
}

// A Sealed is a run directory with its manifest, as those that only read it see it.
type Sealed struct {
	dir string
	m   *manifest
}

// OpenSealed reads the manifest of a run directory. A run without one is refused: what
// it holds cannot be told from damage.
func OpenSealed(dir string) (Sealed, error) {
	m, err := readManifest(dir)
	if err != nil {
		return Sealed{}, err
	}
	if m == nil {
		return Sealed{}, &DamagedError{filepath.Join(dir, manifestName),
			fmt.Sprintf("is missing: an earlier version of the program made the run, or it was removed; `venn resume %s` takes the files as they are and seals them", dir)}
	}
	return Sealed{dir, m}, nil
}

// Read returns the content of a file that is as it was written.
func (s Sealed) Read(name string) ([]byte, error) {
	path := filepath.Join(s.dir, filepath.FromSlash(name))
	data, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return nil, s.damaged(name, "is missing")
	}
	if err != nil {
		return nil, fmt.Errorf("experiments: %w", err)
	}
	if found := s.m.verdict(name, sumBytes(data)); found != "" {
		return nil, s.damaged(name, found)
	}
	return data, nil
}

// Check fails unless a file is there and is as it was written.
func (s Sealed) Check(name string) error {
	found, err := s.m.fault(s.dir, name)
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(s.dir, filepath.FromSlash(name))); found == "" && err != nil {
		found = "is missing"
	}
	if found != "" {
		return s.damaged(name, found)
	}
	return nil
}

// records reads metrics.jsonl of a finished training; none where nothing was trained.
func (s Sealed) records() ([]Record, error) {
	path := filepath.Join(s.dir, recordsName)
	last, whole := s.m.lastSeal()
	sum, err := sumFile(path)
	switch {
	case os.IsNotExist(err) && !whole:
		return nil, nil
	case os.IsNotExist(err):
		return nil, s.damaged(recordsName, "is missing")
	case err != nil:
		return nil, fmt.Errorf("experiments: %w", err)
	case !whole:
		return nil, s.damaged(recordsName, "is not in "+manifestName)
	case sum != s.m.seals[last]:
		return nil, s.damaged(recordsName, differs(s.m.seals[last], sum))
	}
	return ReadRecords(path)
}

// differs says how a file that should hold want is another one.
func differs(want, sum atomicfile.Sum) string {
	return (&manifest{files: map[string]sealed{"": {now: want}}}).verdict("", sum)
}

// lastSeal is the highest step with a seal.
func (m *manifest) lastSeal() (step int, ok bool) {
	for s := range m.seals {
		step, ok = max(step, s), true
	}
	return step, ok
}

// Checkpoints are the checkpoints that the manifest names, oldest first.
func (s Sealed) Checkpoints() []string { return s.m.below("checkpoints") }

// Classes are those of the labelled domain that the run was trained on.
func (s Sealed) Classes() ([]string, error) {
	const name = "data.lock.json"
	data, err := s.Read(name)
	if err != nil {
		return nil, err
	}
	var lock DataLock
	if err := json.Unmarshal(data, &lock); err != nil || len(lock.Classes) == 0 {
		return nil, s.damaged(name, "names no classes")
	}
	return lock.Classes, nil
}

func (s Sealed) damaged(name, found string) error {
	return &DamagedError{filepath.Join(s.dir, filepath.FromSlash(name)), fmt.Sprintf("%s; `venn resume %s` makes it anew", found, s.dir)}
}

// Bytes is the size of all files that the manifest names.
func (s Sealed) Bytes() int64 {
	total := int64(0)
	for _, entry := range s.m.files {
		total += entry.now.Size
	}
	return total
}
