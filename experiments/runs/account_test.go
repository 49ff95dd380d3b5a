package runs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/venn-adapt/venn/internal/atomicfile"
)

// newAccount is one of an empty folder, with a manifest on the disk.
func newAccount(t *testing.T) *account {
	t.Helper()
	a := &account{dir: t.TempDir(), m: newManifest()}
	if err := a.flush(); err != nil {
		t.Fatal(err)
	}
	return a
}

// sealsOf are the seals in the manifest on the disk.
func sealsOf(t *testing.T, a *account) string {
	t.Helper()
	m, err := readManifest(a.dir)
	if err != nil || len(m.faults) > 0 {
		t.Fatal(m, err)
	}
	var out []string
	for step, s := range m.seals {
		out = append(out, fmt.Sprintf("%d:%d", step, s.Size))
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// Seals reach the disk with the next writing, those beyond a step go at once, and a manifest
// that is not behind is not written again.
func TestSeals(t *testing.T) {
	a := newAccount(t)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	written := func() os.FileInfo {
		t.Helper()
		info, err := os.Stat(filepath.Join(a.dir, manifestName))
		must(err)
		return info
	}
	for step := 10; step <= 30; step += 10 {
		a.seal(step, atomicfile.Sum{Size: int64(step) * 2})
	}
	equal(t, "before it is written", sealsOf(t, a), "")
	must(a.sync())
	equal(t, "written", sealsOf(t, a), "10:20 20:40 30:60")
	must(a.unseal(10))
	equal(t, "unsealed beyond 10", sealsOf(t, a), "10:20")
	was := written()
	must(a.sync())
	must(a.unseal(10))
	if !os.SameFile(was, written()) {
		t.Error("a manifest that is not behind was written again")
	}
	a.m.files["checkpoints/step-000000010.safetensors"] = sealed{}
	must(a.Removing(filepath.Join(a.dir, "checkpoints", "step-000000010.safetensors")))
	equal(t, "after the checkpoint went", sealsOf(t, a), "")
	was = written()
	must(a.Removing(filepath.Join(a.dir, "log.txt")))
	must(a.Ahead(filepath.Join(a.dir, "progress", "x.png"), atomicfile.Sum{}))
	a.Written(filepath.Join(a.dir, "progress", "x.png"))
	if !os.SameFile(was, written()) || a.dirty || len(a.m.files) != 0 {
		t.Errorf("what is not listed was written down: %v", a.m.files)
	}
}

// Files are announced beside what they held, and nothing changes for one that holds the same.
func TestAhead(t *testing.T) {
	a := newAccount(t)
	old, next := atomicfile.Sum{Size: 1}, atomicfile.Sum{Size: 2}
	state := func() string {
		m, err := readManifest(a.dir)
		if err != nil {
			t.Fatal(err)
		}
		e := m.files["f"]
		if e.before != nil {
			return fmt.Sprintf("%d then %d", e.before.Size, e.now.Size)
		}
		return fmt.Sprint(e.absent, e.now.Size)
	}
	path := filepath.Join(a.dir, "f")
	for _, step := range []struct {
		sum      atomicfile.Sum
		ahead    string
		verified string
	}{{old, "true 1", "false 1"}, {old, "false 1", "false 1"}, {next, "1 then 2", "false 2"}} {
		if err := a.Ahead(path, step.sum); err != nil {
			t.Fatal(err)
		}
		equal(t, "ahead", state(), step.ahead)
		a.Written(path)
		if err := a.sync(); err != nil {
			t.Fatal(err)
		}
		equal(t, "written", state(), step.verified)
	}
	// A path below a relative folder is found whether it is absolute or not.
	t.Chdir(a.dir)
	relative := &account{dir: ".", m: newManifest()}
	for _, p := range []string{"grids/x", path[:len(path)-1] + "grids/x"} {
		if name, err := relative.name(p); err != nil || name != "grids/x" {
			t.Errorf("%s is named %q, %v", p, name, err)
		}
	}
}

// A manifest of the same size and time in another file, of another size, or of another time,
// is not the one that was written.
func TestGone(t *testing.T) {
	for name, change := range map[string]func(path string, was os.FileInfo) error{
		"another file": func(path string, was os.FileInfo) error {
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			if err := os.WriteFile(path+".new", data, 0o644); err != nil {
				return err
			}
			if err := os.Chtimes(path+".new", was.ModTime(), was.ModTime()); err != nil {
				return err
			}
			return os.Rename(path+".new", path)
		},
		"another size": func(path string, was os.FileInfo) error {
			if err := os.Truncate(path, was.Size()-1); err != nil {
				return err
			}
			return os.Chtimes(path, was.ModTime(), was.ModTime())
		},
		"another time": func(path string, was os.FileInfo) error {
			return os.Chtimes(path, was.ModTime(), was.ModTime().Add(time.Hour))
		},
		"removed": func(path string, _ os.FileInfo) error { return os.Remove(path) },
	} {
		a := newAccount(t)
		if a.gone() {
			t.Errorf("%s: gone before", name)
		}
		if err := change(filepath.Join(a.dir, manifestName), a.mine); err != nil {
			t.Fatal(err)
		}
		if !a.gone() {
			t.Errorf("%s: not gone", name)
		}
	}
	if (&account{dir: t.TempDir()}).gone() {
		t.Error("an account that wrote nothing is gone")
	}
}

// What was announced is decided, and only that.
func TestSettle(t *testing.T) {
	a := newAccount(t)
	sum := sumBytes([]byte("x"))
	other := atomicfile.Sum{Size: 9}
	for _, name := range []string{"plain", "new", "old"} {
		if err := os.WriteFile(filepath.Join(a.dir, name), []byte("x"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	a.m.files["plain"] = sealed{now: other}
	if err := a.settle(); err != nil || a.dirty {
		t.Errorf("nothing to settle: %v, dirty %v", err, a.dirty)
	}
	a.m.files["new"], a.m.files["old"] = sealed{now: sum, before: &other}, sealed{now: other, before: &sum}
	a.m.files["gone"], a.m.files["never"] = sealed{now: other, before: &sum}, sealed{now: other, absent: true}
	if err := a.settle(); err != nil || !a.dirty {
		t.Errorf("settled: %v, dirty %v", err, a.dirty)
	}
	for name, want := range map[string]sealed{"plain": {now: other}, "new": {now: sum}, "old": {now: sum}, "gone": {now: other}} {
		if got := a.m.files[name]; got != want {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
	if _, listed := a.m.files["never"]; listed {
		t.Error("a file that never came is listed")
	}
}

// What an earlier version left is listed but for what no later step reads, with a seal of the
// records for every checkpoint that has some.
func TestAdopted(t *testing.T) {
	a := &account{dir: t.TempDir(), m: newManifest()}
	if n, err := a.adopt(); n != 0 || err != nil || a.dirty {
		t.Errorf("an empty folder: %d files, %v, dirty %v", n, err, a.dirty)
	}
	line := func(step int) string { return fmt.Sprintf(`{"step":%d,"values":[]}`, step) + "\n" }
	for name, text := range map[string]string{
		"results.json": "{}", "log.txt": "x", ".hidden": "x", "grids/g.npy": "g", "codes/c.npy": "c", "judges/j": "j", "progress/p.png": "p", "deep/x": "x",
		"checkpoints/step-000000002.safetensors": "2", "checkpoints/step-000000010.safetensors": "10", "checkpoints/step-000000011.safetensors": "11",
		"checkpoints/notes": "n", "metrics.jsonl": line(4) + line(8) + line(11) + line(12),
	} {
		path := filepath.Join(a.dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	n, err := a.adopt()
	if err != nil || n != 8 || len(a.m.files) != 8 || !a.dirty {
		t.Errorf("%d files, %d listed, dirty %v, %v", n, len(a.m.files), a.dirty, err)
	}
	for _, name := range []string{"results.json", "grids/g.npy", "codes/c.npy", "judges/j", "checkpoints/notes"} {
		if e, listed := a.m.files[name]; !listed || e.now.Size == 0 {
			t.Errorf("%s: %+v, %v", name, e, listed)
		}
	}
	size := int64(len(line(4)) + len(line(8)))
	equal(t, "seals", fmt.Sprint(len(a.m.seals), a.m.seals[10].Size, a.m.seals[11].Size), fmt.Sprint(2, size, size+int64(len(line(11)))))
	if a.m.seals[10] != sumBytes([]byte(line(4)+line(8))) {
		t.Error("the seal of step 10 is not of the records up to step 8")
	}
	b := &account{dir: a.dir, m: newManifest()}
	if err := os.WriteFile(filepath.Join(a.dir, recordsName), []byte("no record\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if n, err := b.adopt(); n != 8 || err != nil || len(b.m.seals) != 0 {
		t.Errorf("damaged records: %d files, %v, seals %v", n, err, b.m.seals)
	}
}

// A file that could not be written comes with advice where there is some.
func TestUnwritten(t *testing.T) {
	gone := removed("x")
	for _, tt := range []struct {
		err  error
		want string
	}{
		{errors.New("no luck"), "experiments: no luck"},
		{&fs.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}, "experiments: write x: no space left on device; " + atomicfile.Advice(syscall.ENOSPC) + " and run `venn resume`"},
		{gone, gone.Error()},
	} {
		if got := Unwritten(tt.err); got.Error() != tt.want || !errors.Is(got, tt.err) {
			t.Errorf("%v: %v, want %s", tt.err, got, tt.want)
		}
		if again := Unwritten(fmt.Errorf("a job: %w", Unwritten(tt.err))); tt.err != gone && strings.Count(again.Error(), "venn resume") > 1 {
			t.Errorf("twice it is %v", again)
		}
	}
	if atomicfile.Advice(syscall.ENOSPC) == "" {
		t.Error("no advice on a full disk")
	}
	full, denied := fmt.Errorf("codes: %w", syscall.ENOSPC), fmt.Errorf("state: %w", syscall.EACCES)
	for want, second := range map[string]error{
		"codes: no space left on device; nor is its state written down":                               syscall.ENOSPC,
		"codes: no space left on device; and its state is not written down: state: permission denied": denied,
	} {
		if got := also(full, second); got.Error() != want || !errors.Is(got, syscall.ENOSPC) {
			t.Errorf("%v, want %s", got, want)
		}
	}
	if got := also(nil, denied); got != denied {
		t.Errorf("alone it is %v", got)
	}
	if got, want := also(errors.New("NaN"), errors.New("gone")).Error(), "NaN; and its state is not written down: gone"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
