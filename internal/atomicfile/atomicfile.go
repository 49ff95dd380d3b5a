// Package atomicfile writes files that are either wholly there or not at all.
package atomicfile

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/renameio/v2"
)

// Write calls fill with a writer to a temporary file in path's folder, syncs it
// and renames it to path. On any error the temporary file is removed and what
// stood at path before stays.
func Write(path string, fill func(io.Writer) error) error { return write(path, fill) }

// WriteLarge writes as Write does, with the temporary file beside path: the system's
// folder for those may be small. The caller holds a lock on path, so what a killed
// writer left there is nobody's and is removed.
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
	return write(path, fill, renameio.WithTempDir(filepath.Clean(dir)))
}

func write(path string, fill func(io.Writer) error, options ...renameio.Option) error {
	f, err := renameio.NewPendingFile(path, append(options, renameio.WithPermissions(0o644))...)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	defer f.Cleanup()
	if err := fill(f); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if err := f.CloseAtomicallyReplace(); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// WriteBytes writes data to path as Write does.
func WriteBytes(path string, data []byte) error {
	return Write(path, func(w io.Writer) error { _, err := w.Write(data); return err })
}

// WriteJSON writes v to path as indented JSON with a final newline.
func WriteJSON(path string, v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return WriteBytes(path, append(data, '\n'))
}
