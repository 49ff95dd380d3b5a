package runs

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	states "github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/experiments/toy"
	"github.com/venn-adapt/venn/internal/check"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func there(dir string) bool {
	_, err := os.Stat(dir)
	return err == nil
}

// Of seven runs two may go: one that failed, and one that another version did again. One that
// failed a minute ago, one at work, one that differs in an option, and those that are done
// stay.
func TestGC(t *testing.T) {
	d := newDesk(t)
	out := d.study(d.folder, "seeds=[0, 1, 9]")
	// The job of seed 0, as another version named it: the same files under another name.
	other := filepath.Join(d.folder, "toy", "000000000000")
	must(t, os.CopyFS(other, os.DirFS(out[0].Dir)))
	// The same study once more, with an option that makes it another job under the same label.
	d.study(d.folder, "seeds=[1]", "model.separate=8")
	young := d.study(d.folder, "name=young", "seeds=[9]")
	plan, err := spec.NewPlan(spec.Request{Text: []byte(toy.Spec), Overrides: []string{"name=held", "seeds=[5]"}})
	must(t, err)
	held, err := states.OpenRun(d.folder, plan.Jobs[0], plan.Text)
	must(t, err)
	defer held.Close()
	must(t, held.SetStatus(states.Status{State: states.Failed, Label: "seed=5"}))
	before := time.Now().Add(-48 * time.Hour)
	for _, dir := range []string{out[0].Dir, other, out[1].Dir, out[2].Dir, held.Path} {
		must(t, os.Chtimes(filepath.Join(dir, "status.json"), before, before))
	}
	same := func(args, want string) {
		t.Helper()
		text, err := d.say(strings.Fields("gc " + args)...)
		lines := strings.Split(text, "\n")
		if len(lines) > 2 { // sizes are not known by hand
			for i, l := range lines[1 : len(lines)-2] {
				fields := strings.Split(l, " | ")
				lines[i+1] = strings.Join(append(fields[1:4:4], fields[5:]...), " | ")
			}
			lines = lines[1 : len(lines)-1]
			last := lines[len(lines)-1]
			lines[len(lines)-1] = last[:strings.Index(last, ",")]
		}
		if got := strings.Join(lines, "\n"); err != nil || got != want {
			t.Errorf("gc %s: %v\n got %s\nwant %s", args, err, got, want)
		}
	}
	superseded := "000000000000 | seed=0 | 2d | superseded | done again as " + filepath.Base(out[0].Dir) + " by version " + states.Version()
	failed := filepath.Base(out[2].Dir) + " | seed=9 | 2d | incomplete | failed: no luck"
	same("", superseded+"\n"+failed+"\n2 runs")
	same("toy --only superseded", superseded+"\n1 runs")
	same("--older 3d", "0 runs, 0 B: nothing to remove\n")
	for args, want := range map[string]string{
		"gc --only done":  `runs gc: --only: unknown kind "done"`,
		"gc --older long": `runs gc: --older: "long", want an age as 90s, 30m, 12h, 2d or 3w`,
	} {
		if _, err := d.say(strings.Fields(args)...); !errors.Is(err, errUsage) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", args, err)
		}
	}
	check.Equal(t, "shown only", []bool{there(other), there(out[2].Dir)}, "[true true]")
	// What a removal that was killed has left goes too.
	left := filepath.Join(d.folder, "toy", ".removed-123")
	must(t, os.CopyFS(left, os.DirFS(other)))
	same("--yes", superseded+"\n"+failed+"\n2 runs")
	check.Equal(t, "removed", []bool{there(other), there(out[2].Dir), there(left)}, "[false false false]")
	check.Equal(t, "kept", []bool{there(out[0].Dir), there(out[1].Dir), there(young[0].Dir), there(held.Path)}, "[true true true true]")
	same("--yes", "0 runs, 0 B: nothing to remove\n")
}

// A trial that waits may go; one that its search stopped is at its end and stays, and runs of either
// state can be asked for.
func TestGCOfTrials(t *testing.T) {
	d := newDesk(t)
	plan, err := spec.NewPlan(spec.Request{Text: []byte(toy.Spec), Overrides: []string{"seeds=[5, 6]"}})
	must(t, err)
	before := time.Now().Add(-48 * time.Hour)
	for i, state := range []states.State{states.Waiting, states.Stopped} {
		dir, err := states.OpenRun(d.folder, plan.Jobs[i], plan.Text)
		must(t, err)
		must(t, dir.SetStatus(states.Status{State: state, Label: plan.Jobs[i].Label(), Cause: "at rung 1 of 2"}))
		must(t, dir.Close())
		must(t, os.Chtimes(filepath.Join(dir.Path, "status.json"), before, before))
	}
	text, err := d.say("gc")
	if err != nil || !strings.Contains(text, "waiting: at rung 1 of 2") || !strings.Contains(text, "1 runs") || strings.Contains(text, "stopped") {
		t.Errorf("gc: %v\n%s", err, text)
	}
	for _, state := range []string{"waiting", "stopped"} {
		if text, err := d.say("--state", state); err != nil || strings.Count(text, "seed=") != 1 || !strings.Contains(text, state) {
			t.Errorf("runs that are %s: %v\n%s", state, err, text)
		}
	}
}

// A run that was taken up between being shown and being removed stays.
func TestRemoveLooksAgain(t *testing.T) {
	d := newDesk(t)
	out := d.study(d.folder, "seeds=[9]")
	status, err := states.ReadStatus(out[0].Dir)
	must(t, err)
	judged := status
	judged.State = states.Queued
	if err := states.Remove(out[0].Dir, judged); err == nil || !strings.HasSuffix(err.Error(), "is failed by now, was queued; not removed") {
		t.Error(err)
	}
	plan, err := spec.NewPlan(spec.Request{Text: []byte(toy.Spec), Overrides: []string{"seeds=[9]"}})
	must(t, err)
	held, err := states.OpenRun(d.folder, plan.Jobs[0], nil)
	must(t, err)
	if err := states.Remove(out[0].Dir, status); !errors.As(err, new(*states.InUseError)) {
		t.Error(err)
	}
	must(t, held.Close())
	must(t, states.Remove(out[0].Dir, status))
	check.Equal(t, "there", there(out[0].Dir), false)
	if err := states.Remove(out[0].Dir, status); err == nil || there(out[0].Dir) {
		t.Errorf("a run that is gone: %v", err)
	}
}
