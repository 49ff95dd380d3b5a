package runs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/experiments/toy"
)

type jobFunc = func(context.Context, spec.Job, *RunDir, Progress) error

func TestRunOutcomes(t *testing.T) {
	plan := mustPlan(t, toyRequest(toy.Spec, "seeds=[0, 1, 2]"))
	broken := &DamagedError{"x.safetensors", "truncated"}
	do := func(_ context.Context, j spec.Job, _ *RunDir, _ Progress) error {
		switch j.Seed {
		case 1:
			return fmt.Errorf("experiments: resume: %w", broken)
		case 2:
			var rows []int
			_ = rows[j.Seed]
		}
		return nil
	}
	for _, parallel := range []int{1, 3} {
		runs, ended := t.TempDir(), 0
		got := Run(context.Background(), plan, RunOptions{Runs: runs, Job: do, Parallel: parallel, Ended: func(int, Outcome) { ended++ }})
		states := []State{got[0].State, got[1].State, got[2].State}
		if fmt.Sprint(states) != "[done failed failed]" || ended != 3 {
			t.Errorf("states %v, %d told", states, ended)
		}
		if !IsDamaged(got[1].Err) || IsDamaged(got[2].Err) {
			t.Errorf("damage is misread: %v, %v", got[1].Err, got[2].Err)
		}
		s, err := ReadStatus(got[2].Dir)
		if err != nil || s.State != Failed || !strings.Contains(s.Cause, "index out of range [2] with length 0") || strings.Contains(s.Cause, "\n") {
			t.Errorf("status of the panic: %+v, %v", s, err)
		}
		if log, _ := os.ReadFile(got[2].Dir + "/log.txt"); !strings.Contains(string(log), "launch_test.go") {
			t.Errorf("the log has no stack:\n%s", log)
		}
	}
}

// A done job is not done again, unless its evaluation changed; a failed one is.
func TestRunAgain(t *testing.T) {
	runs := t.TempDir()
	var calls atomic.Int32
	count := func(context.Context, spec.Job, *RunDir, Progress) error { calls.Add(1); return nil }
	run := func(do jobFunc, overrides ...string) Outcome {
		p := mustPlan(t, toyRequest(toy.Spec, append(overrides, "seeds=[0]")...))
		return Run(context.Background(), p, RunOptions{Runs: runs, Job: do})[0]
	}
	fail := func(context.Context, spec.Job, *RunDir, Progress) error { return errors.New("no luck") }
	for i, step := range []struct {
		do        jobFunc
		overrides []string
		state     State
		reused    bool
		calls     int32
	}{
		{fail, nil, Failed, false, 0},
		{count, nil, Done, false, 1},
		{count, nil, Done, true, 1},
		{count, []string{"report.formats=[md]"}, Done, true, 1},
		{count, []string{"adapt.classifiers=[toy-neighbours]"}, Done, false, 2},
		{count, nil, Done, false, 3},
	} {
		o := run(step.do, step.overrides...)
		if o.State != step.state || o.Reused != step.reused || calls.Load() != step.calls {
			t.Errorf("run %d: %s, reused %v, %d calls; want %s, %v, %d", i, o.State, o.Reused, calls.Load(), step.state, step.reused, step.calls)
		}
	}
	if infos, err := FindRuns(runs); err != nil || len(infos) != 1 {
		t.Errorf("%d directories, %v; evaluations of one training want one", len(infos), err)
	}
}

func TestCancelledRun(t *testing.T) {
	runs := t.TempDir()
	plan := mustPlan(t, toyRequest(toy.Spec))
	ctx, cancel := context.WithCancel(context.Background())
	got := Run(ctx, plan, RunOptions{Runs: runs, Job: func(ctx context.Context, _ spec.Job, _ *RunDir, _ Progress) error {
		cancel()
		<-ctx.Done()
		return fmt.Errorf("training: %w", ctx.Err())
	}})
	if got[0].State != Interrupted || got[1].State != Queued || got[0].Err != nil {
		t.Errorf("outcomes %s (%v) and %s", got[0].State, got[0].Err, got[1].State)
	}
	infos, err := FindRuns(runs)
	if err != nil || len(infos) != 2 {
		t.Fatalf("%d runs, %v", len(infos), err)
	}
	for _, info := range infos {
		want := map[string]State{plan.Jobs[0].ID: Interrupted, plan.Jobs[1].ID: Queued}[info.ID]
		if info.State != want || info.Evaluation == "" {
			t.Errorf("%s is %+v, want %s", info.ID, info, want)
		}
	}
}

func TestLines(t *testing.T) {
	var out bytes.Buffer
	now := time.Unix(0, 0)
	l := NewLines(&out, "[2/3] ", 5*time.Second).(*lines)
	l.now = func() time.Time { return now }
	l.Stage("train", 100, 200) // resumed at 100: the pace counts what was made since
	for step := 101; step <= 200; step++ {
		now = now.Add(time.Second / 10)
		l.Step(step, []Value{{"zero", 0.01234}})
	}
	l.Stage("adaptation", 0, 2) // few steps, each of which may be long
	for step := 1; step <= 2; step++ {
		now = now.Add(time.Second / 10)
		l.Step(step, nil)
	}
	l.Stage("scatter", 0, 1)
	l.Step(1, nil)
	want := `[2/3] train: 100/200
[2/3] train: 150/200, 10 steps/s, 5s left, zero 0.0123
[2/3] train: 200/200, 10 steps/s, 0s left, zero 0.0123
[2/3] adaptation: 0/2
[2/3] adaptation: 1/2, 10 steps/s, 0s left
[2/3] adaptation: 2/2, 10 steps/s, 0s left
[2/3] scatter: 0/1
[2/3] scatter: 1/1
`
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
}

// At every width the bar stays on its line, cuts nothing in half and, from 60
// columns, shows the time left; from 80, the losses.
func TestBarStaysOnItsLine(t *testing.T) {
	for columns, whole := range map[int][]string{
		20: nil, 60: {"left"}, 80: {"left", "recon. 0.15", "zero 0.035"}, 120: {"left", "recon. 0.15", "zero 0.035", "discr. 1.4"},
	} {
		var out bytes.Buffer
		b := NewBar(&out, "[1/1] seed=0: ", func() int { return columns }).(*bar)
		b.Stage("train", 0, 3000)
		now := b.pace.begun
		b.pace.now = func() time.Time { return now }
		for i := 1; i <= 3000; i++ {
			now = now.Add(time.Second / 17)
			b.Step(i, []Value{{"reconstruction/a", 0.1}, {"reconstruction/b", 0.2}, {"zero", 0.0352}, {"discriminator", 1.384}})
		}
		b.End()
		b.End()
		s := out.String()
		if strings.Count(s, "\n") != 2 || !strings.HasPrefix(s, "[1/1] seed=0\n") || strings.Contains(s, "\x1b") {
			t.Errorf("%d columns: the bar wrote %q", columns, s)
		}
		last := ""
		for _, part := range strings.Split(strings.TrimSpace(s), "\r") {
			if trimmed := strings.TrimRight(part, " "); trimmed != "" {
				last = trimmed
			}
			if n := len([]rune(strings.TrimRight(part, " "))); n >= max(columns, 50) {
				t.Errorf("%d of %d columns: %q", n, columns, part)
			}
		}
		for _, want := range whole {
			if !strings.Contains(last, want) {
				t.Errorf("%d columns: %q lacks %q", columns, last, want)
			}
		}
	}
}
