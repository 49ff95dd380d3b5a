package atomicfile

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// A Sum is the SHA-256 of a file and its size in bytes.
type Sum struct {
	Size   int64
	SHA256 [sha256.Size]byte
}

// A Ledger keeps account of the files below a folder. It is told of a file before
// the file appears, so that what a kill leaves can be told from damage: the account
// then names the content that stands there or the one that was about to.
type Ledger interface {
	// Ahead is told what path is about to hold. An error stops the writing.
	Ahead(path string, s Sum) error
	// Written is told that path holds it.
	Written(path string)
	// Removing is told that path is about to go. An error stops that.
	Removing(path string) error
}

var ledgers struct {
	sync.Mutex
	of map[string]Ledger // by the absolute path of the folder
}

// Keep tells a ledger of every file that this process writes or removes below dir,
// whichever package does it, so that none can be forgotten. A folder has one ledger
// at a time; release ends it.
func Keep(dir string, l Ledger) (release func(), err error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	ledgers.Lock()
	defer ledgers.Unlock()
	if ledgers.of == nil {
		ledgers.of = map[string]Ledger{}
	}
	if ledgers.of[abs] != nil {
		return nil, fmt.Errorf("%s: has a ledger in this process already", dir)
	}
	ledgers.of[abs] = l
	return func() {
		ledgers.Lock()
		defer ledgers.Unlock()
		delete(ledgers.of, abs)
	}, nil
}

// ledgerOf finds the ledger of the nearest folder above path, nil where none is kept.
func ledgerOf(path string) (Ledger, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	ledgers.Lock()
	defer ledgers.Unlock()
	for dir := filepath.Dir(abs); ; dir = filepath.Dir(dir) {
		if l := ledgers.of[dir]; l != nil {
			return l, nil
		}
		if dir == filepath.Dir(dir) {
			return nil, nil
		}
	}
}

// Remove removes a file, after telling its ledger. A file that is not there is gone.
func Remove(path string) error {
	l, err := ledgerOf(path)
	if err != nil {
		return err
	}
	if l != nil {
		if err := l.Removing(path); err != nil {
			return err
		}
	}
	if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
		return err
	}
	return nil
}

// temporary says whether a file's name is one that Write gives what it has not
// finished: ".results.json123456".
func temporary(name string) bool {
	bare := strings.TrimRight(name, "0123456789")
	return strings.HasPrefix(name, ".") && len(bare) > 1 && len(bare) < len(name)
}

// Sweep removes what killed writers left in dir and the folders directly in it. The
// caller holds a lock that every writer to dir takes.
func Sweep(dir string) error {
	left, err := Unfinished(dir)
	if err != nil {
		return err
	}
	for _, path := range left {
		if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	return nil
}

// Unfinished lists the files that Sweep removes.
func Unfinished(dir string) ([]string, error) {
	var out []string
	for _, pattern := range []string{".*", filepath.Join("*", ".*")} {
		found, err := filepath.Glob(filepath.Join(escape(dir), pattern))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", dir, err)
		}
		for _, path := range found {
			if info, err := os.Lstat(path); err == nil && info.Mode().IsRegular() && temporary(filepath.Base(path)) {
				out = append(out, path)
			}
		}
	}
	return out, nil
}

// escape quotes what filepath.Glob would take for a pattern.
func escape(path string) string {
	return strings.NewReplacer(`*`, `\*`, `?`, `\?`, `[`, `\[`, `\`, `\\`).Replace(path)
}
