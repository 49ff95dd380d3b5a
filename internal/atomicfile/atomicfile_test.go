package atomicfile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFailedWriteKeepsTheOldFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.json")
	if err := WriteBytes(path, []byte("old")); err != nil {
		t.Fatal(err)
	}
	full := errors.New("no space left on device")
	err := Write(path, func(w io.Writer) error {
		if _, err := w.Write([]byte("half of the n")); err != nil {
			return err
		}
		return full
	})
	if !errors.Is(err, full) {
		t.Errorf("error %v does not wrap the cause", err)
	}
	if got, _ := os.ReadFile(path); string(got) != "old" {
		t.Errorf("file holds %q after a failed write, want the old content", got)
	}
	entries, _ := os.ReadDir(dir)
	if len(entries) != 1 {
		t.Errorf("%d files left, want 1", len(entries))
	}
}

// An error about the temporary file is told of the file that was to be written, and of no other.
func TestFailedWriteNamesTheFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.json")
	err := Write(path, func(io.Writer) error {
		temporary, err := filepath.Glob(filepath.Join(dir, ".a.json*"))
		if err != nil || len(temporary) != 1 {
			t.Fatalf("%q, %v", temporary, err)
		}
		return &fs.PathError{Op: "write", Path: temporary[0], Err: fs.ErrPermission}
	})
	if err == nil || err.Error() != path+": permission denied" || !errors.Is(err, fs.ErrPermission) {
		t.Errorf("%v", err)
	}
	other := &fs.PathError{Op: "read", Path: "b.json", Err: fs.ErrNotExist}
	if err := Write(path, func(io.Writer) error { return other }); err == nil || err.Error() != path+": read b.json: file does not exist" {
		t.Errorf("%v", err)
	}
}

// What killed writers left of this file goes, what stands for others stays, and a
// failure leaves what was there.
func TestWriteLarge(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.bin")
	for _, name := range []string{".x.bin123", ".x.bin.keep", ".y.bin123", "x.bin123"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("old"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := WriteLarge(path, func(w io.Writer) error { _, err := w.Write([]byte("new")); return err }); err != nil {
		t.Fatal(err)
	}
	if err := WriteLarge(path, func(w io.Writer) error { w.Write([]byte("half")); return errors.New("no") }); err == nil {
		t.Error("a failure was not told")
	}
	if data, err := os.ReadFile(path); err != nil || string(data) != "new" {
		t.Errorf("%q, %v", data, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if got, want := strings.Join(names, " "), ".x.bin.keep .y.bin123 x.bin x.bin123"; got != want {
		t.Errorf("left %s, want %s", got, want)
	}
}
