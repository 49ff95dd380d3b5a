// Package atomicfile writes files that are either wholly there or not at all.
package atomicfile

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/renameio/v2"
)

// Write calls fill with a writer to a temporary file beside path, syncs it and renames
// it to path. On any error the temporary file is removed and what stood at path before
// stays. Where a Ledger is kept it is told before and after.
func Write(path string, fill func(io.Writer) error) error {
	l, err := ledgerOf(path)
	if err != nil {
		return err
	}
	// Never in the system's folder for temporary files: it may be small, and what a
	// kill leaves there nobody would clear.
	f, err := renameio.NewPendingFile(path, renameio.WithTempDir(filepath.Dir(path)), renameio.WithPermissions(0o644))
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	defer f.Cleanup()
	sum := &summing{to: f}
	if l != nil {
		sum.hash = sha256.New()
	}
	if err := fill(sum); err != nil {
		return fmt.Errorf("%s: %w", path, plain(err, f.Name()))
	}
	if l != nil {
		if err := l.Ahead(path, sum.sum()); err != nil {
			return err
		}
	}
	if err := f.CloseAtomicallyReplace(); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if l != nil {
		l.Written(path)
	}
	return nil
}

// plain is an error about a temporary file without its name, which says nothing to anybody.
func plain(err error, temporary string) error {
	if of, ok := err.(*fs.PathError); ok && of.Path == temporary {
		return of.Err
	}
	return err
}

// summing hashes what goes through it.
type summing struct {
	to   io.Writer
	hash hash.Hash // nil where nobody asks
	size int64
}

func (s *summing) Write(p []byte) (int, error) {
	n, err := s.to.Write(p)
	if s.hash != nil {
		s.hash.Write(p[:n])
	}
	s.size += int64(n)
	return n, err
}

func (s *summing) sum() Sum {
	out := Sum{Size: s.size}
	s.hash.Sum(out.SHA256[:0])
	return out
}

// WriteLarge writes as Write does, after removing what killed writers of path left
// beside it. The caller holds a lock on path, so that it is nobody's.
func WriteLarge(path string, fill func(io.Writer) error) error {
	dir, base := filepath.Split(path)
	entries, err := os.ReadDir(filepath.Clean(dir))
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for _, e := range entries {
		if name := e.Name(); strings.HasPrefix(name, "."+base) && strings.Trim(name[1+len(base):], "0123456789") == "" {
			if err := os.Remove(filepath.Join(dir, name)); err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
		}
	}
	return Write(path, fill)
}

// WriteBytes writes data to path as Write does.
func WriteBytes(path string, data []byte) error {
	return Write(path, func(w io.Writer) error { _, err := w.Write(data); return err })
}

// WriteJSON writes v to path as JSON gives it.
func WriteJSON(path string, v any) error {
	data, err := JSON(v)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return WriteBytes(path, data)
}

// JSON is v as indented JSON with a final newline.
func JSON(v any) ([]byte, error) {
	data, err := json.MarshalIndent(v, "", "  ")
	return append(data, '\n'), err
}
