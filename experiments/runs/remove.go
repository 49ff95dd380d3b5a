package runs

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// removedPrefix begins the name of a run directory on its way out: it is renamed first, so
// that a kill in between leaves no half a run.
const removedPrefix = ".removed-"

// Remove takes a run directory away unless a process works in it or its state is no longer
// the one that it was judged by.
func Remove(dir string, judged Status) error {
	if _, err := os.Stat(dir); err != nil {
		return fmt.Errorf("experiments: %w", err)
	}
	lock, err := lockDir(dir)
	if err != nil {
		return err
	}
	defer lock.Unlock()
	now, err := ReadStatus(dir)
	if err != nil {
		return err
	}
	if now.State == Running && judged.State == Interrupted { // as it is called without a process
		now.State, now.Cause = judged.State, judged.Cause
	}
	if now != judged {
		return fmt.Errorf("experiments: %s: is %s by now, was %s; not removed", dir, now.State, judged.State)
	}
	away := filepath.Join(filepath.Dir(dir), removedPrefix+filepath.Base(dir))
	if err := os.Rename(dir, away); err != nil {
		return fmt.Errorf("experiments: %w", err)
	}
	if err := os.RemoveAll(away); err != nil {
		return fmt.Errorf("experiments: %w", err)
	}
	return nil
}

// SweepRemoved ends the removals beside run directories that were killed.
func SweepRemoved(dirs []string) error {
	swept := map[string]bool{}
	for _, dir := range dirs {
		folder := filepath.Dir(dir)
		if swept[folder] {
			continue
		}
		swept[folder] = true
		left, err := filepath.Glob(filepath.Join(globEscape(folder), removedPrefix+"*"))
		if err != nil {
			return fmt.Errorf("experiments: %w", err)
		}
		for _, path := range left {
			if err := os.RemoveAll(path); err != nil {
				return fmt.Errorf("experiments: %w", err)
			}
		}
	}
	return nil
}

// leaving says whether a directory is on its way out.
func leaving(dir string) bool { return strings.HasPrefix(filepath.Base(dir), removedPrefix) }

// SizeOf is what the files of a run directory hold, whatever they are.
func SizeOf(dir string) (bytes int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			bytes += info.Size()
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("experiments: %w", err)
	}
	return bytes, nil
}
