package atomicfile

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A notebook writes down what it is told, with what stands in the file by then.
type notebook struct {
	said   []string
	refuse error
}

func (n *notebook) note(what, path, more string) {
	data, err := os.ReadFile(path)
	text := string(data)
	if err != nil {
		text = "nothing"
	}
	n.said = append(n.said, fmt.Sprintf("%s %s over %s%s", what, filepath.Base(path), text, more))
}

func (n *notebook) Ahead(path string, s Sum) error {
	n.note("ahead", path, fmt.Sprintf(": %d bytes, %x", s.Size, s.SHA256))
	return n.refuse
}
func (n *notebook) Written(path string) { n.note("written", path, "") }
func (n *notebook) Removing(path string) error {
	n.note("removing", path, "")
	return n.refuse
}

func TestLedger(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "below"), 0o755); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "below", "a")
	n := &notebook{}
	release, err := Keep(dir, n)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Keep(dir+"/.", n); err == nil {
		t.Error("a second ledger of the folder was taken")
	}
	if err := WriteBytes(path, []byte("abc")); err != nil {
		t.Fatal(err)
	}
	if err := Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := WriteBytes(filepath.Join(t.TempDir(), "elsewhere"), nil); err != nil {
		t.Fatal(err)
	}
	// The SHA-256 of "abc" is that of FIPS 180-4.
	want := []string{"ahead a over nothing: 3 bytes, ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "written a over abc", "removing a over abc"}
	if got := strings.Join(n.said, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("told\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
	// A ledger that refuses stops both, and nothing is left.
	n.refuse = errors.New("no")
	if err := WriteBytes(path, nil); !errors.Is(err, n.refuse) {
		t.Errorf("a refused file: %v", err)
	}
	if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) > 0 {
		t.Errorf("left %v", entries)
	}
	if err := os.WriteFile(path, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Remove(path); !errors.Is(err, n.refuse) {
		t.Errorf("a refused removal: %v", err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Error("the file of a refused removal went")
	}
	release()
	told := len(n.said)
	if err := Remove(path); err != nil || len(n.said) != told {
		t.Errorf("after release: %v, told %v", err, n.said[told:])
	}
	if err := Remove(path); err != nil {
		t.Errorf("a file that is gone: %v", err)
	}
}

// The temporary file stands beside the file, not in the system's folder, and Sweep
// removes those of dead writers and nothing else.
func TestSweep(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", t.TempDir())
	path := filepath.Join(dir, "a.json")
	if err := Write(path, func(io.Writer) error {
		found, err := Unfinished(dir)
		if err != nil || len(found) != 1 || !strings.HasPrefix(filepath.Base(found[0]), ".a.json") {
			t.Errorf("while writing: %v, %v", found, err)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{".b.npy12", "c/.d1", ".keep", ".1", "e12", "c/d/.f1"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := Sweep(dir); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{"a.json": true, ".b.npy12": false, "c/.d1": false, ".keep": true, ".1": true, "e12": true, "c/d/.f1": true} {
		if _, err := os.Stat(filepath.Join(dir, name)); (err == nil) != want {
			t.Errorf("%s is there: %v, want %v", name, err == nil, want)
		}
	}
}

func TestAdvice(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want string
	}{
		{syscall.ENOSPC, "free some space"}, {syscall.EDQUOT, "free some space"}, {syscall.EFBIG, "free some space"},
		{syscall.EMFILE, "raise the limit of open files (ulimit -n) or close other programs"}, {syscall.ENFILE, "raise the limit of open files (ulimit -n) or close other programs"},
		{syscall.EACCES, "make the folder writable"}, {syscall.EROFS, "write elsewhere: the file system is read-only"}, {syscall.EIO, "look after the disk"},
		{errors.New("other"), ""},
	} {
		if got := Advice(fmt.Errorf("x: %w", &os.PathError{Op: "open", Path: "y", Err: tt.err})); got != tt.want {
			t.Errorf("%v: %q, want %q", tt.err, got, tt.want)
		}
	}
}
