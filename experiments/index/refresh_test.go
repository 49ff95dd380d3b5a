package index

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/experiments/toy"
	"github.com/venn-adapt/venn/internal/check"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// No file of a run is opened again unless it was written: results changed behind the back of
// the file system's times are not seen, and are once the time moves.
func TestReadsWhatChanged(t *testing.T) {
	folder, file := t.TempDir(), filepath.Join(t.TempDir(), "runs.sqlite")
	out := study(t, folder, "x", func(spec.Job) string { return scored(0.5) })
	find := func() []Run {
		t.Helper()
		found, err := list(t, file, Query{Paths: []string{folder}, Sort: []string{"seed"}})
		must(t, err)
		return found
	}
	check.Equal(t, "runs", names(find()), "x 0, x 1")
	results := filepath.Join(out[0].Dir, "results.json")
	info, err := os.Stat(results)
	must(t, err)
	text, err := os.ReadFile(results)
	must(t, err)
	must(t, os.WriteFile(results, bytes.Replace(text, []byte("0.5"), []byte("0.6"), 1), 0o644))
	must(t, os.Chtimes(results, info.ModTime(), info.ModTime()))
	check.Equal(t, "accuracy, time put back", *find()[0].Accuracy, 0.5)
	must(t, os.Chtimes(results, info.ModTime(), info.ModTime().Add(time.Millisecond)))
	r := find()[0]
	check.Equal(t, "changed by hand", []any{r.State, r.Accuracy}, "[damaged <nil>]")
	if want := "results.json: was changed since it was written"; !bytes.Contains([]byte(r.Cause), []byte(want)) {
		t.Errorf("cause %q, want in it %q", r.Cause, want)
	}
	// As the program does it again.
	must(t, os.Remove(results))
	study(t, folder, "x", func(spec.Job) string { return scored(0.75) })
	r = find()[0]
	check.Equal(t, "evaluated anew", []any{r.State, *r.Accuracy}, "[done 0.75]")
	// Another folder is another folder, and what is gone is forgotten.
	other := t.TempDir()
	study(t, other, "y", func(spec.Job) string { return scored(0.5) }, "seeds=[7]")
	both, err := list(t, file, Query{Paths: []string{other, folder}})
	must(t, err)
	check.Equal(t, "both", names(both), "x 0, x 1, y 7")
	must(t, os.RemoveAll(out[1].Dir))
	check.Equal(t, "one removed", names(find()), "x 0")
	must(t, With(file, nil, func(x *Index) error {
		have, err := x.known()
		check.Equal(t, "kept", len(have), 2)
		return err
	}))
	// A folder whose name begins as the other's does is not below it.
	check.Equal(t, "below", []bool{below("/a/b", []string{"/a"}), below("/ab", []string{"/a"}), below("/a", []string{"/a"}), below("/a/b", []string{"/"})}, "[true false true true]")
}

// A run that says running is asked each time whether a process still holds it.
func TestRunsAtWork(t *testing.T) {
	folder, file := t.TempDir(), filepath.Join(t.TempDir(), "runs.sqlite")
	plan, err := spec.NewPlan(spec.Request{Source: "toy.yaml", Text: []byte(toy.Spec), Overrides: []string{"seeds=[0]"}})
	must(t, err)
	dir, err := runs.OpenRun(folder, plan.Jobs[0], plan.Text)
	must(t, err)
	must(t, dir.SetStatus(runs.Status{State: runs.Running, Label: "seed=0"}))
	state := func(where ...string) []any {
		found, err := list(t, file, Query{Paths: []string{folder}, Where: conditions(t, where...)})
		must(t, err)
		if len(found) == 0 {
			return nil
		}
		return []any{found[0].State, found[0].Process != "", found[0].Step}
	}
	check.Equal(t, "at work", state("state=running"), "[running true 0]")
	w, err := dir.Recorder(0)
	must(t, err)
	must(t, w.Append(runs.Record{Step: 3}))
	check.Equal(t, "further", state("step=3"), "[running true 3]")
	must(t, w.Close())
	must(t, dir.Close())
	check.Equal(t, "killed", state("state=interrupted"), "[interrupted false 3]")
	check.Equal(t, "killed, again", state(), "[interrupted false 3]")
}

// Whatever lies where the index should be, the answer is the same.
func TestIndexIsMadeAnew(t *testing.T) {
	folder, file := six(t), filepath.Join(t.TempDir(), "runs.sqlite")
	want, err := list(t, file, Query{Paths: []string{folder}, Sort: []string{"accuracy"}})
	must(t, err)
	whole, err := os.ReadFile(file)
	must(t, err)
	seal, err := os.ReadFile(file + ".sum")
	must(t, err)
	same := func(what string) {
		t.Helper()
		got, err := list(t, file, Query{Paths: []string{folder}, Sort: []string{"accuracy"}})
		a, _ := json.Marshal(got)
		b, _ := json.Marshal(want)
		if err != nil || !bytes.Equal(a, b) {
			t.Errorf("%s: %v\n got %s\nwant %s", what, err, a, b)
		}
	}
	put := func(data []byte) { must(t, os.WriteFile(file, data, 0o644)) }
	put([]byte("no database at all, but longer than the head of one, which has a hundred bytes: ............"))
	same("garbage")
	put(whole[:len(whole)/2])
	same("half")
	put(nil)
	same("nothing")
	for at := 18; at < len(whole); at += len(whole) / 7 {
		bent := bytes.Clone(whole)
		bent[at] ^= 0x55
		put(bent)
		same("bent")
	}
	put(whole)
	must(t, os.WriteFile(file+".sum", bytes.Replace(seal, []byte("index 1 "), []byte("index 0 "), 1), 0o644))
	same("another version")
	must(t, os.Remove(file+".sum"))
	same("no checksum")
	must(t, Remove(file))
	same("removed")
	if err := Remove(filepath.Join(t.TempDir(), "none")); err != nil {
		t.Error(err)
	}
}

// Several processes make the index at once: here several connections.
func TestIndexIsShared(t *testing.T) {
	folder, file := six(t), filepath.Join(t.TempDir(), "runs.sqlite")
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			got, err := list(t, file, Query{Paths: []string{folder}})
			if err != nil || len(got) != 6 {
				t.Errorf("%d runs, %v", len(got), err)
			}
		})
	}
	all.Wait()
}

// Where no index can be kept, it is told, and the answer is the same.
func TestIndexThatCannotBeKept(t *testing.T) {
	folder, at := six(t), filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(at, nil, 0o644))
	for _, file := range []string{filepath.Join(at, "runs.sqlite"), t.TempDir()} { // below a file; a folder
		told, found := 0, []Run(nil)
		err := With(file, func(error) { told++ }, func(x *Index) (err error) {
			found, err = x.List(Query{Paths: []string{folder}, Now: time.Now()})
			return err
		})
		if err != nil || told != 1 || len(found) != 6 {
			t.Errorf("%s: %d runs, told %d times, %v", file, len(found), told, err)
		}
	}
}
