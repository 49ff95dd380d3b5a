package runs

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/experiments/toy"
)

// Runs are found in the folder of all runs, in one spec's and as one, each once, whatever
// characters their names have.
func TestFindRuns(t *testing.T) {
	runs := filepath.Join(t.TempDir(), "all [of] them*?")
	plan, err := spec.NewPlan(toyRequest(toy.Spec))
	if err != nil {
		t.Fatal(err)
	}
	var dirs []string
	for _, job := range plan.Jobs {
		dir, err := OpenRun(runs, job, plan.Text)
		if err != nil {
			t.Fatal(err)
		}
		dirs = append(dirs, dir.Path)
		dir.Close()
	}
	for _, paths := range [][]string{{runs}, {filepath.Join(runs, "toy")}, dirs, {runs, dirs[0]}} {
		found, err := FindRuns(paths...)
		if err != nil || len(found) != 2 {
			t.Fatalf("%v: %d runs, %v", paths, len(found), err)
		}
		for _, f := range found {
			equal(t, "name", f.Name+"/"+f.ID, "toy/"+filepath.Base(f.Path))
		}
	}
	if _, err := FindRuns(filepath.Join(runs, "other")); err == nil || !strings.Contains(err.Error(), "experiments: no runs at ") {
		t.Errorf("%v", err)
	}
}

// Speeds and times left by a clock of the test.
func TestPace(t *testing.T) {
	now := time.Unix(0, 0)
	p := newPace("train", 100, 400, func() time.Time { return now })
	if got := p.speed(150); got != nil {
		t.Errorf("in no time: %v", got)
	}
	now = now.Add(10 * time.Second)
	equal(t, "nothing made", p.speed(100), "[]")
	equal(t, "ten a second", p.speed(200), "[10 steps/s 20s left]")
	p.first, p.steps = 0, 100000
	equal(t, "a thousand a second", p.speed(10000), "[1000 steps/s 1m30s left]")
	equal(t, "many", p.speed(20000), "[2000 steps/s 40s left]")
	equal(t, "999 a second", p.speed(9990), "[999 steps/s 1m30s left]")
	p.steps = 1
	equal(t, "one step", p.speed(1), "[]")
}

// A line when a stage begins and ends and every few seconds between.
func TestLinesByTheClock(t *testing.T) {
	var b bytes.Buffer
	now := time.Unix(0, 0)
	l := &lines{w: &b, prefix: "p: ", every: 5 * time.Second, now: func() time.Time { return now }}
	l.Stage("train", 0, 200)
	for step := 10; step <= 200; step += 10 {
		now = now.Add(time.Second)
		l.Step(step, []Value{{"zero", 0.0123456}})
	}
	want := "p: train: 0/200\n"
	for _, step := range []int{50, 100, 150, 200} {
		want += fmt.Sprintf("p: train: %d/200, 10 steps/s, %ds left, zero 0.0123\n", step, 20-step/10)
	}
	equal(t, "lines", b.String(), want)
	b.Reset()
	l.Stage("judge", 0, 50)
	l.Step(1, nil)
	l.Step(2, nil)
	if n := strings.Count(b.String(), "\n"); n != 3 {
		t.Errorf("a stage of fifty steps has %d lines after two:\n%s", n, b.String())
	}
	b.Reset()
	l.Stage("judge", 0, 51)
	l.Step(1, nil)
	l.Step(2, nil)
	if n := strings.Count(b.String(), "\n"); n != 1 {
		t.Errorf("a stage of fifty-one steps has %d lines at once:\n%s", n, b.String())
	}
}

// The bounds of the parser hold where a run's spec is looked at in passing, too.
func TestStatusIsBounded(t *testing.T) {
	dir := t.TempDir()
	for text, want := range map[string]int{
		strings.Repeat("[", 60000):                         0,
		"model: {train: {iterations: 30}}\n":               30,
		"\ufeffmodel: {train: {iterations: 31}}\n":         31,
		"model: {train: {iterations: 99999999999999}}\n":   0,
		"model: {train: {iterations: thirty}}\n":           0,
		"model: &a {train: *a}\n":                          0,
		"model: {train: {iterations: 1, iterations: 2}}\n": 1,
	} {
		if err := os.WriteFile(filepath.Join(dir, "resolved.yaml"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if _, steps, err := trained(dir); steps != want || err != nil || time.Since(start) > 10*time.Second {
			t.Errorf("%.40q: %d steps, %v, after %v, want %d", text, steps, err, time.Since(start), want)
		}
	}
}
