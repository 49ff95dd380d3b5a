package runs

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/venn-adapt/venn/internal/atomicfile"
)

// errRemoved is wrapped by every error about a run whose folder went away under it.
var errRemoved = errors.New("the folder was removed or replaced while the run was at work; nothing more is written there, begin anew with venn run")

// An account keeps the manifest of a run directory that this process holds. It is the
// atomicfile.Ledger of the directory, so every file that the program writes there is
// listed, by whatever part of it.
type account struct {
	mu    sync.Mutex
	dir   string
	m     *manifest
	mine  os.FileInfo // of manifest.txt, as this process wrote it; nil before
	dirty bool        // m is ahead of the file
	// sealed says that the records of checkpoints that are removed stay as they are.
	sealed bool
}

// unlisted says whether a file is kept out of the manifest: what no later step reads.
func unlisted(name string) bool {
	switch name {
	case manifestName, lockName, logName, recordsName:
		return true
	}
	folder, _, _ := strings.Cut(name, "/")
	return folder == "progress"
}

func (a *account) name(path string) (string, error) {
	rel, err := filepath.Rel(a.dir, path)
	if err != nil { // one is absolute and the other is not
		abs, e := filepath.Abs(a.dir)
		if e != nil {
			return "", e
		}
		rel, err = filepath.Rel(abs, path)
	}
	return filepath.ToSlash(rel), err
}

// Ahead writes down what a file is about to hold, beside what it holds.
func (a *account) Ahead(path string, s atomicfile.Sum) error {
	name, err := a.name(path)
	if err != nil || unlisted(name) {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	old, listed := a.m.files[name]
	next := sealed{now: s, absent: !listed}
	if listed {
		next.before = &old.now
	}
	if old.now == s && listed {
		next = old
	}
	a.m.files[name] = next
	return a.flush()
}

// Written drops what the file held before.
func (a *account) Written(path string) {
	name, err := a.name(path)
	if err != nil || unlisted(name) {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.m.files[name] = sealed{now: a.m.files[name].now}
	a.dirty = true
}

// Removing takes a file, and the seal that goes with a checkpoint, off the manifest.
func (a *account) Removing(path string) error {
	name, err := a.name(path)
	if err != nil || unlisted(name) {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.m.files, name)
	if step, ok := checkpointStep(name); ok && !a.sealed {
		delete(a.m.seals, step)
	}
	return a.flush()
}

// seal writes down the head of metrics.jsonl on which the checkpoint of a step will
// rely; the manifest is written with the checkpoint.
func (a *account) seal(step int, s atomicfile.Sum) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.m.seals[step], a.dirty = s, true
}

// unseal drops the seals of steps beyond one, before the records there are cut off.
func (a *account) unseal(after int) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	for step := range a.m.seals {
		if step > after {
			delete(a.m.seals, step)
			a.dirty = true
		}
	}
	if !a.dirty {
		return nil
	}
	return a.flush()
}

// flush writes the manifest. It fails when the file there is not the one that this
// process wrote: then the folder is another one, or none.
func (a *account) flush() error {
	path := filepath.Join(a.dir, manifestName)
	if a.gone() {
		return removed(a.dir)
	}
	if err := atomicfile.WriteBytes(path, a.m.encode()); err != nil {
		return Unwritten(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("experiments: %w", err)
	}
	a.mine, a.dirty = info, false
	return nil
}

// gone says whether the manifest is not the one that this process wrote any more. The
// number of a removed file is given to the next one, so size and time are asked for too.
func (a *account) gone() bool {
	if a.mine == nil {
		return false
	}
	info, err := os.Stat(filepath.Join(a.dir, manifestName))
	return err != nil || !os.SameFile(info, a.mine) || info.Size() != a.mine.Size() || !info.ModTime().Equal(a.mine.ModTime())
}

func removed(dir string) error { return fmt.Errorf("experiments: %s: %w", dir, errRemoved) }

// sync writes the manifest where it is behind.
func (a *account) sync() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.dirty {
		return nil
	}
	return a.flush()
}

// adviced is an error that says what to do about it.
type adviced struct{ error }

func (a adviced) Unwrap() error { return a.error }

// Unwritten says, once, what to do about a file that could not be written.
func Unwritten(err error) error {
	if errors.Is(err, errRemoved) || errors.As(err, new(adviced)) {
		return err
	}
	if advice := atomicfile.Advice(err); advice != "" {
		return adviced{fmt.Errorf("experiments: %w; %s and run `venn resume`", err, advice)}
	}
	return fmt.Errorf("experiments: %w", err)
}

// settle decides every entry whose file was announced: a process was killed before or
// after it came into its place, or the file is neither and damaged.
func (a *account) settle() error {
	for name, entry := range a.m.files {
		if !entry.absent && entry.before == nil {
			continue
		}
		a.dirty = true
		sum, err := sumFile(filepath.Join(a.dir, filepath.FromSlash(name)))
		switch {
		case errors.Is(err, os.ErrNotExist) && entry.absent:
			delete(a.m.files, name)
		case err != nil && !errors.Is(err, os.ErrNotExist):
			return fmt.Errorf("experiments: %w", err)
		case entry.before != nil && sum == *entry.before:
			a.m.files[name] = sealed{now: sum}
		default:
			a.m.files[name] = sealed{now: entry.now}
		}
	}
	return nil
}

// sealedFolders hold files that a later step takes because they are there.
var sealedFolders = []string{"along", "checkpoints", "codes", "judges"} // in order

// strays lists the files of sealed folders that the manifest does not name, in order.
func strays(dir string, m *manifest) ([]string, error) {
	var out []string
	for _, folder := range sealedFolders {
		entries, err := os.ReadDir(filepath.Join(dir, folder))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("experiments: %w", err)
		}
		for _, e := range entries {
			name := folder + "/" + e.Name()
			if _, listed := m.files[name]; !listed && e.Type().IsRegular() {
				out = append(out, name)
			}
		}
	}
	return out, nil
}

// adopt lists what an earlier version of the program left in a directory.
func (a *account) adopt() (files int, err error) {
	folders := append([]string{".", "grids"}, sealedFolders...)
	for _, folder := range folders {
		entries, err := os.ReadDir(filepath.Join(a.dir, folder))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return 0, fmt.Errorf("experiments: %w", err)
		}
		for _, e := range entries {
			name := filepath.ToSlash(filepath.Join(folder, e.Name()))
			if !e.Type().IsRegular() || unlisted(name) || strings.HasPrefix(e.Name(), ".") {
				continue
			}
			sum, err := sumFile(filepath.Join(a.dir, filepath.FromSlash(name)))
			if err != nil {
				return 0, fmt.Errorf("experiments: %w", err)
			}
			a.m.files[name] = sealed{now: sum}
			files++
		}
	}
	if files == 0 {
		return 0, nil
	}
	a.dirty = true
	records, ends, err := scanRecords(filepath.Join(a.dir, recordsName))
	if err != nil && !IsDamaged(err) { // damaged records seal nothing, which is found next
		return 0, err
	}
	for _, name := range a.m.below("checkpoints") {
		step, ok := checkpointStep(name)
		if !ok {
			continue
		}
		size := int64(0)
		for i, r := range records {
			if r.Step <= step {
				size = ends[i]
			}
		}
		if size == 0 {
			continue
		}
		if a.m.seals[step], err = sumHead(filepath.Join(a.dir, recordsName), size); err != nil {
			return 0, fmt.Errorf("experiments: %w", err)
		}
	}
	return files, nil
}

// checkpointStep is the step in the name of a checkpoint's file.
func checkpointStep(name string) (step int, ok bool) {
	var end string
	n, err := fmt.Sscanf(name, "checkpoints/step-%d.%s", &step, &end)
	return step, err == nil && n == 2 && end == "safetensors"
}

// also is an error and, on its line, a second one that came of it.
func also(err, second error) error {
	if err == nil {
		return second
	}
	if advice := atomicfile.Advice(err); advice != "" && advice == atomicfile.Advice(second) {
		return fmt.Errorf("%w; nor is its state written down", err)
	}
	return fmt.Errorf("%w; and its state is not written down: %v", err, second)
}
