package runs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/experiments/toy"
	"github.com/venn-adapt/venn/internal/atomicfile"
)

// finishedToys are the folder of a spec, with two finished runs in the order of their names.
func finishedToys(t *testing.T) (study string, dirs []string) {
	t.Helper()
	runs := t.TempDir()
	for _, o := range Run(context.Background(), mustPlan(t, toyRequest(toy.Spec)), RunOptions{Runs: runs, Job: func(_ context.Context, j spec.Job, dir *RunDir, _ Progress) error {
		return atomicfile.WriteBytes(dir.File("results.json"), []byte("results of "+j.ID))
	}}) {
		if o.State != Done {
			t.Fatal(o.Err)
		}
	}
	study = filepath.Join(runs, "toy")
	found, err := FindRuns(study)
	if err != nil || len(found) != 2 {
		t.Fatal(found, err)
	}
	return study, []string{found[0].Path, found[1].Path}
}

// setState writes another state of a run.
func setState(t *testing.T, dir string, state State) {
	t.Helper()
	plan, err := ResumePlan(dir)
	if err != nil {
		t.Fatal(err)
	}
	r, err := OpenRun(filepath.Dir(filepath.Dir(dir)), plan.Jobs[0], nil)
	if err == nil {
		err = errors.Join(r.SetStatus(statusOf(plan.Jobs[0], state, "")), r.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
}

// A report is due until it is made of all runs that it is to show, as they are now.
func TestReportStamp(t *testing.T) {
	spec, dirs := finishedToys(t)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	due := func(what, runs, formats string, want bool) {
		t.Helper()
		got, as, due, err := DueReport(spec)
		must(err)
		var names []string
		for _, dir := range got {
			names = append(names, map[string]string{dirs[0]: "0", dirs[1]: "1"}[dir])
		}
		equal(t, what, fmt.Sprintf("%s %v %v", strings.Join(names, ""), as, due), fmt.Sprintf("%s %s %v", runs, formats, want))
	}
	files := func() string {
		s, ok, err := readStamp(spec)
		must(err)
		return fmt.Sprintf("%v %v", ok, s.Files)
	}
	due("nothing says which", "01", "[]", true)
	equal(t, "no stamp", files(), "false []")
	must(BeginReport(spec, dirs[:1], []string{"md", "csv"}))
	due("begun for the first", "0", "[md csv]", true)
	for _, name := range []string{"a.md", "b.md"} {
		must(os.WriteFile(filepath.Join(ReportDir(spec), name), nil, 0o644))
	}
	must(EndReport(spec, dirs[:1], []string{"a.md", "b.md"}))
	due("made", "0", "[md csv]", false)
	setState(t, dirs[0], Interrupted)
	due("made of a run that is at work again", "", "[md csv]", false)
	setState(t, dirs[0], Done)
	must(BeginReport(spec, dirs[1:], nil))
	equal(t, "files of the report before", files(), "true [a.md b.md]")
	due("begun for the other", "1", "[]", true)
	must(EndReport(spec, dirs[:1], []string{"b.md"}))
	due("made of another", "1", "[]", true)
	for name, there := range map[string]bool{"a.md": false, "b.md": true} {
		if _, err := os.Stat(filepath.Join(ReportDir(spec), name)); (err == nil) != there {
			t.Errorf("%s: %v", name, err)
		}
	}
	must(EndReport(spec, dirs[1:], []string{"b.md"}))
	due("made of the other", "1", "[]", false)
	must(os.WriteFile(filepath.Join(dirs[1], "results.json"), []byte("new results"), 0o644))
	must(os.Remove(filepath.Join(dirs[1], manifestName)))
	setState(t, dirs[1], Done) // takes the files as they are
	due("evaluated again", "1", "[]", true)
	must(BeginReport(spec, dirs, nil))
	must(EndReport(spec, dirs, nil))
	due("made of both", "01", "[]", false)
	setState(t, dirs[0], Interrupted)
	due("made of both, of which one is at work again", "1", "[]", true)
	setState(t, dirs[0], Done)
	due("made of both again", "01", "[]", false)
	path := filepath.Join(ReportDir(spec), reportStampName)
	data, err := os.ReadFile(path)
	must(err)
	must(os.WriteFile(path, []byte(strings.Replace(string(data), filepath.Base(dirs[0]), "other", 1)), 0o644))
	due("a damaged stamp", "01", "[]", true)
	// Files outside of the report are not the report's to remove.
	must(os.WriteFile(filepath.Join(spec, "mine"), nil, 0o644))
	must(ReportStamp{Files: []string{"../mine"}}.write(spec))
	must(EndReport(spec, dirs, nil))
	if _, err := os.Stat(filepath.Join(spec, "mine")); err != nil {
		t.Error(err)
	}
}

// One process writes a report at a time: the next one waits, and clears what a killed one
// left half written.
func TestLockReport(t *testing.T) {
	spec := t.TempDir()
	release, err := LockReport(spec)
	if err != nil {
		t.Fatal(err)
	}
	left := filepath.Join(ReportDir(spec), ".index.html123456")
	if err := os.WriteFile(left, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	got := make(chan error)
	go func() {
		again, err := LockReport(spec)
		if err == nil {
			err = again()
		}
		got <- err
	}()
	select {
	case err := <-got:
		t.Errorf("a second process writes at the same time: %v", err)
	case <-time.After(20 * time.Millisecond):
	}
	begun := time.Now()
	if err := release(); err != nil {
		t.Fatal(err)
	}
	if err := <-got; err != nil || time.Since(begun) > 5*time.Second {
		t.Errorf("after %s: %v", time.Since(begun), err)
	}
	if _, err := os.Stat(left); err == nil {
		t.Error("what a killed writer left is still there")
	}
}
