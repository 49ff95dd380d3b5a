package launch

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/experiments/toy"
)

// Two launchers of one study share its jobs: none is done twice, a failed one neither, and
// each knows in the end what became of all.
func TestTwoLaunchersShare(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("LAUNCH_JOURNAL", filepath.Join(dir, "journal"))
	seeds := []int{fails}
	for i := range 16 {
		seeds = append(seeds, i)
	}
	plan := planOf(t, seeds...)
	o := runs.RunOptions{Runs: filepath.Join(dir, "runs")}
	launchers := []*Local{local(t, o), local(t, o)}
	var both [2][]runs.Outcome
	// Both queue the plan before either begins: a job that had failed before is tried again.
	var todo [2][]runs.Task
	for i := range both {
		both[i], todo[i] = Begin(plan, o)
	}
	for i, l := range launchers {
		if err := l.Submit(todo[i]); err != nil {
			t.Fatal(err)
		}
	}
	for i, l := range launchers {
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		states, err := l.States()
		if err != nil {
			t.Fatal(err)
		}
		for k, s := range states {
			if s.Phase != Ended {
				t.Fatalf("launcher %d, task %d: phase %d after the end", i, k, s.Phase)
			}
			both[i][todo[i][k].Index] = s.Outcome
		}
	}
	begun := map[string]int{}
	for _, line := range journal(t) {
		if line.what == "begun" {
			begun[line.id]++
		}
	}
	for k := range plan.Jobs {
		a, b := both[0][k], both[1][k]
		want := runs.Done
		if plan.Jobs[k].Seed == fails {
			want = runs.Failed
		}
		if a.State != want || b.State != want || a.Another == b.Another || begun[plan.Jobs[k].ID] != 1 {
			t.Errorf("job %d: %s (another: %v) and %s (another: %v), begun %d times", k, a.State, a.Another, b.State, b.Another, begun[plan.Jobs[k].ID])
		}
	}
}

type journalLine struct {
	id, what string
	pid      int
}

func journal(t *testing.T) (out []journalLine) {
	t.Helper()
	text, err := os.ReadFile(os.Getenv("LAUNCH_JOURNAL"))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(text), "\n") {
		var l journalLine
		if n, _ := fmt.Sscan(line, &l.id, &l.what, &l.pid); n == 3 {
			out = append(out, l)
		}
	}
	return out
}

// manySeeds are those of n jobs that end well.
func manySeeds(n int) string {
	out := make([]string, n)
	for i := range out {
		out[i] = strconv.Itoa(200 + i)
	}
	return "seeds=[" + strings.Join(out, ", ") + "]"
}

// launchAll is a process that launches the jobs of the test below.
func launchAll() int {
	os.Setenv("LAUNCH_TEST", "worker")
	plan, err := spec.NewPlan(spec.Request{Text: []byte(toy.Spec), Overrides: []string{os.Getenv("LAUNCH_SEEDS")}})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	o := runs.RunOptions{Runs: os.Getenv("LAUNCH_RUNS"), Parallel: 2}
	out, _, err := Run(context.Background(), plan, &Local{Command: os.Args[:1], Options: o}, o)
	for _, o := range out {
		if o.State != runs.Done || err != nil {
			return 3
		}
	}
	return 0
}

// number is an environment variable, or another value.
func number(t *testing.T, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Workers and launchers that are killed at random leave no process behind and lose no job,
// and no job that is done is done again. VENN_JOBS and VENN_KILLS make it 1,000 jobs and
// 20 kills.
func TestKillsLoseNothing(t *testing.T) {
	jobs, kills := number(t, "VENN_JOBS", 16), number(t, "VENN_KILLS", 3)
	dir := t.TempDir()
	for name, value := range map[string]string{"LAUNCH_JOURNAL": filepath.Join(dir, "journal"), "LAUNCH_RUNS": filepath.Join(dir, "runs"), "LAUNCH_SEEDS": manySeeds(jobs)} {
		t.Setenv(name, value)
	}
	t.Setenv("LAUNCH_TEST", "launcher")
	r := rand.New(rand.NewPCG(18, 1))
	killed := 0
	for attempt := 0; ; attempt++ {
		if attempt > 2*kills+5 { // a worker that is killed fails its job, which the next launch does
			t.Fatalf("not done after %d launches", attempt)
		}
		cmd := exec.Command(os.Args[0])
		cmd.Stderr = os.Stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		over, before := make(chan error, 1), len(journal(t))
		go func() { over <- cmd.Wait() }()
		var err error
		for running := true; running; {
			var pause <-chan time.Time
			if killed < kills {
				pause = time.After(time.Duration(20+r.IntN(25*max(jobs/kills, 1))) * time.Millisecond)
			}
			select {
			case err = <-over:
				running = false
			case <-pause:
				at := journal(t)
				if len(at) == before && r.IntN(100) > 0 { // mostly where jobs are at work
					continue
				}
				switch victim := r.IntN(2); {
				case victim == 0:
					killed++
					_ = cmd.Process.Kill() // it may have ended
				case len(at) > 0:
					if last := at[len(at)-1-r.IntN(min(2, len(at)))].pid; alive(last) {
						killed++
						_ = syscall.Kill(last, syscall.SIGKILL)
					}
				}
			}
		}
		for _, l := range journal(t) {
			for until := time.Now().Add(lastWish + 10*time.Second); alive(l.pid); time.Sleep(10 * time.Millisecond) {
				if time.Now().After(until) {
					t.Fatalf("worker %d outlives its launcher", l.pid)
				}
			}
		}
		if err == nil {
			break
		}
	}
	begun, ended := map[string]int{}, map[string]int{}
	lines := journal(t)
	for _, l := range lines {
		map[string]map[string]int{"begun": begun, "ended": ended}[l.what][l.id]++
	}
	extra := 0
	for id, n := range ended {
		extra += n - 1
		if n > begun[id] {
			t.Errorf("%s ended %d times, begun %d", id, n, begun[id])
		}
	}
	if killed < kills/2 {
		t.Errorf("%d kills, want about %d", killed, kills)
	}
	// A kill may meet two jobs between their last act and the word that they are done.
	if len(ended) != jobs || extra > 2*kills || len(lines) > 2*jobs+4*kills {
		t.Errorf("%d of %d jobs ended, %d of them again, %d lines of the journal", len(ended), jobs, extra, len(lines))
	}
	t.Logf("%d jobs, %d kills: %d begun again, %d ended again", jobs, killed, len(lines)-jobs-len(ended)-extra, extra)
	cmd := exec.Command(os.Args[0])
	if err := cmd.Run(); err != nil || len(journal(t)) != len(lines) {
		t.Errorf("done jobs were begun again: %v, %d lines, %d before", err, len(journal(t)), len(lines))
	}
}

// alive says whether a process is there and not a zombie.
func alive(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if os.IsNotExist(err) {
		return runtime.GOOS != "linux" && syscall.Kill(pid, 0) == nil
	}
	_, after, _ := strings.Cut(string(stat), ") ")
	return err == nil && !strings.HasPrefix(after, "Z")
}
