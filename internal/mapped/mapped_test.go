package mapped

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

func TestOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	want := bytes.Repeat([]byte("0123456789"), 5000)
	if err := os.WriteFile(path, want, 0o644); err != nil {
		t.Fatal(err)
	}
	m, err := Open(path)
	if err != nil || !bytes.Equal(m.Data, want) {
		t.Fatalf("%d bytes, %v", len(m.Data), err)
	}
	// The mapping keeps the old content when the file is replaced by renaming.
	other := path + ".new"
	if err := os.WriteFile(other, []byte("new"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(other, path); err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	if !bytes.Equal(m.Data, want) {
		t.Error("the mapped content changed")
	}
	runtime.KeepAlive(m)
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if m, err = Open(path); err != nil || len(m.Data) != 0 {
		t.Errorf("empty: %d bytes, %v", len(m.Data), err)
	}
	if _, err = Open(path + ".absent"); !os.IsNotExist(err) {
		t.Errorf("absent: %v", err)
	}
}
