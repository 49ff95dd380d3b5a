package launch

import (
	"context"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/experiments/spec"
)

// A shown notes what a display is told.
type shown struct{ told []string }

func (s *shown) Stage(name string, done, steps int) {
	s.told = append(s.told, fmt.Sprint(name, " ", done, "/", steps))
}
func (s *shown) Step(done int, values []runs.Value) {
	s.told = append(s.told, fmt.Sprint(done, values))
}
func (s *shown) End() { s.told = append(s.told, "end") }

// Jobs that wait for others come again once these are done, in workers as in this process; one
// that waits for nobody is told to wait, and one that stopped is not begun again.
func TestLocalWaits(t *testing.T) {
	plan := planOf(t, follows, lost, stops, leads)
	here, there := t.TempDir(), t.TempDir()
	want := runs.Run(context.Background(), plan, runs.RunOptions{Runs: here, Job: toyJob})
	o := runs.RunOptions{Runs: there}
	got, _, err := Run(context.Background(), plan, local(t, o), o)
	if err != nil {
		t.Fatal(err)
	}
	for name, list := range map[string][]runs.Outcome{"here": want, "in workers": got} {
		var text []string
		for _, out := range list {
			text = append(text, strings.TrimSpace(fmt.Sprint(out.State, " ", out.Where)))
		}
		if all := strings.Join(text, ", "); all != "done, waiting for nobody, stopped half way, done" {
			t.Errorf("%s: %s", name, all)
		}
	}
	if a, b := below(t, here), below(t, there); !maps.Equal(a, b) || len(a) == 0 {
		t.Errorf("%d and %d files differ:\n%v\n%v", len(a), len(b), a, b)
	}
}

// Workers leave the bytes that this process leaves, show the same progress, and a second
// launch finds every job done.
func TestLocalIsLikeInProcess(t *testing.T) {
	plan := planOf(t, 0, 1, fails, damaged, 2)
	here, there := t.TempDir(), t.TempDir()
	want := runs.Run(context.Background(), plan, runs.RunOptions{Runs: here, Job: toyJob})
	display := &shown{}
	o := runs.RunOptions{Runs: there, Progress: func(i int, _ spec.Job) runs.Progress {
		if i == 0 {
			return display
		}
		return &shown{}
	}}
	ended := []int{}
	o.Ended = func(i int, _ runs.Outcome) { ended = append(ended, i) }
	got, word, err := Run(context.Background(), plan, local(t, o), o)
	if err != nil || word != "" {
		t.Fatal(word, err)
	}
	for i := range want {
		if got[i].State != want[i].State || got[i].Reused || fmt.Sprint(got[i].Err) != fmt.Sprint(want[i].Err) || runs.IsDamaged(got[i].Err) != runs.IsDamaged(want[i].Err) {
			t.Errorf("job %d: %+v, want %+v", i, got[i], want[i])
		}
	}
	if slices.Sort(ended); fmt.Sprint(ended) != "[0 1 2 3 4]" {
		t.Errorf("told of %v", ended)
	}
	if a, b := below(t, here), below(t, there); !maps.Equal(a, b) || len(a) < 5*4 {
		t.Errorf("%d and %d files differ:\n%v\n%v", len(a), len(b), a, b)
	}
	if text := strings.Join(display.told, ", "); text != "train 0/2, 1 [{loss 0.5}], 2 [], end" {
		t.Errorf("the display was told %s", text)
	}
	again, _, err := Run(context.Background(), planOf(t, 0, 1, 2), local(t, o), o)
	for _, out := range again {
		if err != nil || out.State != runs.Done || !out.Reused || out.Another {
			t.Errorf("again: %+v, %v", out, err)
		}
	}
}

// Whatever ends a worker costs its job alone; the cause has its last words, and so has
// status.json.
func TestDeathsOfWorkers(t *testing.T) {
	plan := planOf(t, exits, 0, killed, 1, panics, hangs, grows, computes, 2)
	o := runs.RunOptions{Runs: t.TempDir(), Limits: runs.Limits{Silence: 3 * time.Second, Memory: 256 << 20}}
	got, _, err := Run(context.Background(), plan, local(t, o), o)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{
		`launch: worker process \d+ ended with exit code 3; its last words: no luck`,
		"",
		`launch: worker process \d+ was ended by signal 9 \(killed\), which the kernel sends where memory runs out`,
		"",
		`launch: worker process \d+ ended with exit code 2; its last words: panic: a goroutine's`,
		`experiments: limits.silence: no progress and no computing for 3s: the job hangs`,
		"experiments: limits.memory: the job took 0.2[5-9]\\d? GiB, the bound is 0.25 GiB; raise it and run `venn resume`",
		"",
		"",
	} {
		if want == "" {
			if got[i].State != runs.Done || got[i].Err != nil {
				t.Errorf("job %d: %s, %v", i, got[i].State, got[i].Err)
			}
			continue
		}
		s, err := runs.ReadStatus(got[i].Dir)
		if pattern := regexp.MustCompile("^" + want + "$"); got[i].State != runs.Failed || !pattern.MatchString(fmt.Sprint(got[i].Err)) || err != nil || s.State != runs.Failed || !pattern.MatchString(s.Cause) {
			t.Errorf("job %d: %s, %v, status %+v, %v; want %s", i, got[i].State, got[i].Err, s, err, want)
		}
	}
	log, err := os.ReadFile(got[0].Dir + "/log.txt")
	if err != nil || !strings.Contains(string(log), ` words="the first line\nno luck\n"`) {
		t.Errorf("the log has no last words: %v\n%s", err, log)
	}
}

// A job that runs out of its time makes its checkpoint and fails; one that does not hear
// of it is killed.
func TestTimeLimit(t *testing.T) {
	old := spare
	spare = time.Second
	defer func() { spare = old }()
	o := runs.RunOptions{Runs: t.TempDir(), Limits: runs.Limits{Time: 2 * time.Second}}
	got, _, err := Run(context.Background(), planOf(t, waits, hangs, 0), local(t, o), o)
	if err != nil {
		t.Fatal(err)
	}
	for i, out := range got[:2] {
		if out.State != runs.Failed || fmt.Sprint(out.Err) != "experiments: limits.time: not done after 2s; raise it and run `venn resume`" {
			t.Errorf("job %d: %s, %v", i, out.State, out.Err)
		}
	}
	if log, err := os.ReadFile(got[0].Dir + "/log.txt"); err != nil || !strings.HasPrefix(string(log), "checkpoint") {
		t.Errorf("no checkpoint: %v %s", err, log)
	}
	if got[2].State != runs.Done {
		t.Errorf("the study did not go on: %s, %v", got[2].State, got[2].Err)
	}
	// In this process the bound is the same.
	here := runs.Run(context.Background(), planOf(t, waits), runs.RunOptions{Runs: t.TempDir(), Job: toyJob, Limits: o.Limits})
	if here[0].State != runs.Failed || here[0].Err.Error() != got[0].Err.Error() {
		t.Errorf("in process: %+v", here[0])
	}
}

// Leaving a local launcher stops its jobs after their checkpoint, and begins no more.
func TestLeaveLocal(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	o := runs.RunOptions{Runs: t.TempDir(), Parallel: 1, Progress: func(int, spec.Job) runs.Progress { cancel(); return &shown{} }}
	got, word, err := Run(ctx, planOf(t, waits, 0), local(t, o), o)
	if err != nil || word != "" || got[0].State != runs.Interrupted || got[0].Err != nil || got[1].State != runs.Queued {
		t.Errorf("%+v, %q, %v", got, word, err)
	}
	if log, err := os.ReadFile(got[0].Dir + "/log.txt"); err != nil || !strings.HasPrefix(string(log), "checkpoint") {
		t.Errorf("no checkpoint: %v %s", err, log)
	}
}

// Scheduling a job costs at most 50 milliseconds on a quiet machine, its directory
// included; the test allows ten times that, since others may be at work.
func TestCostOfScheduling(t *testing.T) {
	seeds := make([]int, 40)
	for i := range seeds {
		seeds[i] = i
	}
	o := runs.RunOptions{Runs: t.TempDir(), Parallel: 2}
	begun := time.Now()
	got, _, err := Run(context.Background(), planOf(t, seeds...), local(t, o), o)
	each := time.Since(begun) / time.Duration(len(seeds))
	t.Logf("%s a job", each)
	if err != nil || got[39].State != runs.Done || each > 500*time.Millisecond {
		t.Errorf("%s a job, %s, %v", each, got[39].State, err)
	}
}

// No worker is found: one clear line a job, which is written down.
func TestNoWorker(t *testing.T) {
	o := runs.RunOptions{Runs: t.TempDir()}
	got, _, err := Run(context.Background(), planOf(t, 0), &Local{Command: []string{"/nowhere/venn"}, Options: o}, o)
	if err != nil || got[0].State != runs.Failed || got[0].Err.Error() != "launch: worker: fork/exec /nowhere/venn: no such file or directory" {
		t.Errorf("%+v, %v", got, err)
	}
}
