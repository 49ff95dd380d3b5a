package experiments

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
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/reports"
)

// Five classes are named, of six the sixth is counted.
func TestBrief(t *testing.T) {
	equal(t, "five", brief([]string{"a", "b", "c", "d", "e"}), "a, b, c, d, e")
	equal(t, "six", brief([]string{"a", "b", "c", "d", "e", "f"}), "a, b, c, d, e and 1 more")
}

// A name may have a hundred letters; a job is named by twelve hexadecimal digits.
func TestNames(t *testing.T) {
	for n, good := range map[int]bool{100: true, 101: false} {
		plan, err := spec.NewPlan(toyRequest(strings.Replace(toy.Spec, "name: toy", "name: "+strings.Repeat("x", n), 1)))
		if (err == nil) != good {
			t.Errorf("%d letters: %v", n, err)
		}
		if good && (len(plan.Jobs[0].ID) != 12 || strings.Trim(plan.Jobs[0].ID, "0123456789abcdef") != "") {
			t.Errorf("job %s", plan.Jobs[0].ID)
		}
	}
}

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

// Reports get the texts of the run directory each in its place, and runs in the order of
// their specs' names.
func TestCollectedTexts(t *testing.T) {
	run := runUndrawn(t).runs[0]
	for name, got := range map[string]string{"resolved.yaml": run.Spec, "env.json": run.Environment, "data.lock.json": run.Lock} {
		want, err := os.ReadFile(filepath.Join(run.Dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) || got == "" {
			t.Errorf("%s is %.40q", name, got)
		}
	}
	named := func(name, label string, seed uint64) reports.Run {
		return reports.Run{Dir: "nowhere", Results: reports.Results{Name: name, Label: label, Seed: seed}}
	}
	list := []reports.Run{named("b", "x", 1), named("b", "x", 0), named("a", "y", 0), named("a", "x", 5), named("b", "a", 9), named("b", "x", 1), named("b", "x", 1)}
	list[0].Dir, list[6].Dir = "there", "elsewhere"
	arrange(list)
	var order []string
	for _, r := range list {
		order = append(order, fmt.Sprint(r.Results.Name, r.Results.Label, r.Results.Seed, r.Dir[0:1]))
	}
	equal(t, "order", order, "[ax5n ay0n ba9n bx0n bx1e bx1n bx1t]")
}

// The second block stands right of the first, row by row; a mixture is row by row and place
// by place.
func TestBesideAndMix(t *testing.T) {
	x := &models.Block{Role: models.SeparateA, N: 2, D: 2, Channels: 1, Data: []float32{1, 2, 3, 4}}
	y := &models.Block{N: 2, D: 1, Channels: 1, Data: []float32{5, 6}}
	equal(t, "beside", *beside(x, y), "{ 2 3 2 [1 2 5 3 4 6]}")
	z := &models.Block{N: 2, D: 2, Channels: 1, Data: []float32{5, 6, 7, 0}}
	equal(t, "mix", *mix(x, z, 0.25), "{separate-a 2 2 1 [2 3 4 3]}")
}

func TestTurnedAndDistinct(t *testing.T) {
	closeTo(t, "turned", turned([]float32{0.9, 0.5, 0.2, 0.6}, []float32{0.6, 0.51, 0.1, 0.4}), 0.5, 0)
	equal(t, "distinct", distinct([]int{3, 1, 3, 3, 2}), 3)
}

// A pixel differs by more than the bound, in either direction; the L1 is over the mask.
func TestDifferent(t *testing.T) {
	equal(t, "different", different([]float32{0, 0, 0.5, 0.5}, []float32{0.25, 0.5, 0, 0.25}, 0.25), "[false true true false]")
	closeTo(t, "masked", maskedL1([]float32{0, 1, 5}, []float32{0.5, 0, 0}, []bool{true, true, false}), 0.75, 0)
	closeTo(t, "nothing", maskedL1([]float32{1}, []float32{0}, []bool{false}), 0, 0)
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

func weightOfOne() *models.Parameters {
	ps := models.NewParameters()
	ps.Add("trained", false, 1)
	return ps
}
