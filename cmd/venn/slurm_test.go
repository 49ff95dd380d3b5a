package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/experiments/spec"
)

// slowDown lets every step of a real job take VENN_TEST_STEP longer, without computing.
func slowDown(a *app) {
	pause, err := time.ParseDuration(os.Getenv("VENN_TEST_STEP"))
	if err != nil {
		return
	}
	do := a.job
	a.job = func(ctx context.Context, j spec.Job, dir *runs.RunDir, p runs.Progress) error {
		return do(ctx, j, dir, dawdling{p, pause})
	}
}

type dawdling struct {
	runs.Progress
	pause time.Duration
}

func (d dawdling) Step(done int, values []runs.Value) {
	d.Progress.Step(done, values)
	if len(values) > 0 { // of the training
		time.Sleep(d.pause)
	}
}

// A cluster is a real Slurm of one host.
type cluster struct {
	env    []string
	script string
	dir    string
}

// loopback starts a Slurm, or skips the test where none is installed.
func loopback(t *testing.T) *cluster {
	t.Helper()
	t.Setenv("PATH", os.Getenv("PATH")+":/usr/sbin")
	for _, program := range []string{"slurmctld", "slurmd", "munged", "sbatch"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("no %s here: a real Slurm needs Debian's slurm-wlm and munge, which .ci/run installs", program)
		}
	}
	return startLoopback(t, "start")
}

func startLoopback(t *testing.T, act string) *cluster {
	t.Helper()
	script, err := filepath.Abs("../../bench/slurm/loopback")
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("/tmp", "slurm") // sockets want a short path
	if err != nil {
		t.Fatal(err)
	}
	c := &cluster{script: script, dir: dir, env: []string{"SLURM_CONF=" + dir + "/slurm.conf", "VENN_SLURM_EVERY=500ms", "VENN_LAUNCHER=slurm"}}
	t.Cleanup(func() {
		c.loopback(t, "stop")
		os.RemoveAll(dir)
	})
	c.loopback(t, act)
	return c
}

func (c *cluster) loopback(t *testing.T, act string) {
	t.Helper()
	if out, err := exec.Command(c.script, act, c.dir).CombinedOutput(); err != nil {
		t.Fatalf("loopback %s: %v\n%s", act, err, out)
	}
}

// slurm runs one of Slurm's own commands.
func (c *cluster) slurm(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), c.env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v\n%s", args, err, out)
	}
	return string(out)
}

// jobs are the arrays of jobs that were submitted below a folder of runs, in order.
func (c *cluster) jobs(t *testing.T, runs string) (out []string) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(runs, "small", "slurm", "*.sh"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range found {
		out = append(out, strings.TrimSuffix(filepath.Base(path), ".sh"))
	}
	return out
}

// job waits for the submission of a study and returns the name of its array of jobs.
func (c *cluster) job(t *testing.T, runs string) string {
	t.Helper()
	for range 600 {
		if found := c.jobs(t, runs); len(found) > 0 {
			return found[len(found)-1]
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatal("nothing was submitted")
	return ""
}

// await waits until that many tasks of a job train: they have logged a step.
func (c *cluster) await(t *testing.T, runs, job string, tasks ...int) {
	t.Helper()
	for _, k := range tasks {
		log := filepath.Join(runs, "small", "slurm", fmt.Sprintf("%s_%d.log", job, k))
		for n := 0; ; n++ {
			if text, _ := os.ReadFile(log); strings.Contains(string(text), ": train: 1/") {
				break
			} else if n > 600 {
				t.Fatalf("task %d does not train: %s\n%s", k, text, c.slurm(t, "squeue", "--array"))
			}
			time.Sleep(100 * time.Millisecond)
		}
	}
}

const dozen = "seeds=[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]"

// sameResults compares results and codes of every job, and the report.
func sameResults(t *testing.T, want, got string) {
	t.Helper()
	a, b := contents(t, want), contents(t, got)
	compared := 0
	for name, text := range a {
		folder, file := filepath.Base(filepath.Dir(name)), filepath.Base(name)
		if file != "results.json" && folder != "codes" && folder != "tables" {
			continue
		}
		compared++
		if b[name] != text {
			t.Errorf("%s of %s has other bytes", name, got)
		}
	}
	if compared < 12*8 {
		t.Errorf("only %d files compared", compared)
	}
}

// A study on a real Slurm gives the bytes of this machine: undisturbed, and where tasks are
// cancelled, told that their time is up, and the node's daemon is started anew.
func TestSlurm(t *testing.T) {
	c := loopback(t)
	smallSandbox(t)
	work, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	finish(t, work, nil, exitOK, "run", "small.yaml", dozen, "-j", "2", "--runs", "here")

	out := finish(t, work, c.env, exitOK, "run", "small.yaml", dozen, "--wait", "--runs", "calm")
	if n := strings.Count(out, ": done\n"); n != 12 {
		t.Errorf("%d of 12 jobs are told as done:\n%s", n, out)
	}
	sameResults(t, "here/small", "calm/small")
	if out := finish(t, work, c.env, exitOK, "run", "small.yaml", dozen, "--wait", "--runs", "calm"); strings.Count(out, ": done before\n") != 12 {
		t.Errorf("again:\n%s", out)
	}

	c.preempted(t, work)
	slow := append([]string{"VENN_TEST_STEP=1s"}, c.env...)
	cmd, said := program(work, slow, "run", "small.yaml", dozen, "--wait", "--runs", "storm")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	job := c.job(t, "storm")
	c.await(t, "storm", job, 0, 1, 2, 3)
	// At once: Slurm may take its time to answer, while it delivers.
	var signals sync.WaitGroup
	for _, args := range [][]string{
		{"scancel", job + "_0", job + "_1", job + "_11"},
		{"scancel", "--batch", "--signal=USR1", job + "_2"}, // as when its time is nearly up
		{"scancel", "--batch", "--signal=USR1", job + "_3"},
	} {
		signals.Go(func() {
			cmd := exec.Command(args[0], args[1:]...)
			cmd.Env = append(os.Environ(), c.env...)
			_ = cmd.Run() // what it did is seen below
		})
	}
	signals.Wait()
	c.loopback(t, "restart")
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != exitInterrupted || strings.Count(said.String(), ": interrupted\n") != 2 || strings.Count(said.String(), ": queued\n") != 1 || strings.Count(said.String(), ": done\n") != 9 {
		t.Errorf("exit %d, want %d; want 2 interrupted, 1 queued and 9 done:\n%s", code, exitInterrupted, said)
	}
	for k := range 12 {
		text, _ := os.ReadFile(fmt.Sprintf("storm/small/slurm/%s_%d.log", job, k))
		if again := strings.Contains(string(text), "is queued again"); again != (k == 2 || k == 3) {
			t.Errorf("task %d, queued again: %v:\n%s", k, again, text)
		}
	}
	finish(t, work, c.env, exitOK, "run", "small.yaml", dozen, "--wait", "--runs", "storm")
	sameResults(t, "here/small", "storm/small")
	c.badInput(t, work)
}

// preempted has Slurm queue a task again while it trains: it goes on from its checkpoint, to the same bytes.
func (c *cluster) preempted(t *testing.T, work string) {
	cmd, said := program(work, append([]string{"VENN_TEST_STEP=1s"}, c.env...), "run", "small.yaml", "seeds=[0]", "--wait", "--runs", "back")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	job := c.job(t, "back")
	c.await(t, "back", job, 0)
	c.slurm(t, "scontrol", "requeue", job+"_0")
	_ = cmd.Wait()
	log, _ := os.ReadFile(fmt.Sprintf("back/small/slurm/%s_0.log", job))
	_, after, stopped := strings.Cut(string(log), ": interrupted\n")
	if cmd.ProcessState.ExitCode() != exitOK || !stopped || strings.Contains(after, ": train: 0/") || !strings.Contains(after, ": train: ") {
		t.Errorf("the preempted task has not gone on from its checkpoint: exit %d\n%s\n%s", cmd.ProcessState.ExitCode(), said, log)
	}
	found, err := filepath.Glob("back/small/*/results.json")
	if err != nil || len(found) != 1 {
		t.Fatalf("results %q, %v", found, err)
	}
	want, err := os.ReadFile(strings.Replace(found[0], "back", "here", 1))
	if got, also := os.ReadFile(found[0]); err != nil || also != nil || !bytes.Equal(got, want) {
		t.Errorf("%s has other bytes (%v, %v)", found[0], err, also)
	}
}

// badInput is one clear line each, and the right exit code.
func (c *cluster) badInput(t *testing.T, work string) {
	out := finish(t, work, append([]string{"VENN_SLURM_PARTITION=nowhere"}, c.env...), exitUsage, "run", "small.yaml", "--runs", "other")
	if want := "venn: launch: sbatch: invalid partition specified: nowhere; Batch job submission failed: Invalid partition name specified; see slurm.* in the settings file\n"; out != want {
		t.Errorf("an unknown partition: got %swant %s", out, want)
	}
	out = finish(t, work, c.env, exitOK, "run", "small.yaml", "seeds=[50]", "--runs", "left")
	if !strings.Contains(out, "of Slurm goes on without this process: `squeue --jobs=") {
		t.Errorf("without --wait:\n%s", out)
	}
	// Ctrl-C of one that waits leaves the cluster's job alone.
	cmd, said := program(work, append([]string{"VENN_TEST_STEP=1s"}, c.env...), "run", "small.yaml", "seeds=[51]", "--wait", "--runs", "left")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for len(c.jobs(t, "left")) < 2 {
		time.Sleep(50 * time.Millisecond)
	}
	_ = cmd.Process.Signal(os.Interrupt)
	_ = cmd.Wait()
	job := c.jobs(t, "left")[1]
	if want := "`squeue --jobs=" + job + "` and `venn status small` follow it, `scancel " + job + "` cancels it\n"; cmd.ProcessState.ExitCode() != exitInterrupted || !strings.Contains(said.String(), want) {
		t.Errorf("Ctrl-C: exit %d\n%swant in it %s", cmd.ProcessState.ExitCode(), said, want)
	}
	if text := c.slurm(t, "squeue", "--noheader", "--array", "--format=%F %T", "--jobs="+job); !strings.Contains(text, "PENDING") && !strings.Contains(text, "RUNNING") {
		t.Errorf("after Ctrl-C the job is %s", text)
	}
	if os.Getuid() != 0 || exec.Command("unshare", "-m", "true").Run() != nil {
		t.Log("a folder that the node does not see is tried as root only")
		return
	}
	if err := os.Mkdir("hidden", 0o755); err != nil {
		t.Fatal(err)
	}
	cmd, said = program(work, c.env, "run", "small.yaml", "--wait", "--runs", "hidden")
	cmd.Args = append([]string{"unshare", "-m", "sh", "-c", `mount -t tmpfs none hidden && exec "$0" "$@"`}, cmd.Args...)
	cmd.Path, _ = exec.LookPath("unshare")
	_ = cmd.Run()
	if code := cmd.ProcessState.ExitCode(); code != exitFailed || !strings.Contains(said.String(), "its node does not see this folder; the folder of runs must lie on a file system that all nodes share (--runs)\n") {
		t.Errorf("a hidden folder: exit %d\n%s", code, said)
	}
}

// A task that meets the time of its partition is queued again and goes on from its
// checkpoint. Slurm counts in minutes, so that this takes three; VENN_SLURM=1 asks for it.
func TestSlurmTimeLimit(t *testing.T) {
	if os.Getenv("VENN_SLURM") == "" {
		t.Skip("takes three minutes; set VENN_SLURM=1")
	}
	c := loopback(t)
	smallSandbox(t)
	work, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	two := "seeds=[0, 1]"
	finish(t, work, nil, exitOK, "run", "small.yaml", two, "--runs", "here")
	env := append([]string{"VENN_TEST_STEP=7s", "VENN_SLURM_TIME=1", "VENN_SLURM_GRACE=5s"}, c.env...)
	out := finish(t, work, env, exitOK, "run", "small.yaml", two, "--wait", "--runs", "there")
	if strings.Count(out, ": done\n") != 2 {
		t.Errorf("%s", out)
	}
	for k := range 2 {
		text, err := os.ReadFile(fmt.Sprintf("there/small/slurm/%s_%d.log", c.job(t, "there"), k))
		if err != nil || !strings.Contains(string(text), "is queued again") || !strings.Contains(string(text), "the time of this task is nearly up") {
			t.Errorf("task %d was not queued again: %v\n%s", k, err, text)
		}
	}
	a, b := contents(t, "here/small"), contents(t, "there/small")
	for name, text := range a {
		if strings.HasSuffix(name, "results.json") && b[name] != text {
			t.Errorf("%s has other bytes", name)
		}
	}
}

// Where there is no Slurm the launcher says so before it makes anything.
func TestNoSlurm(t *testing.T) {
	sandbox(t)
	t.Setenv("PATH", t.TempDir())
	code, _, stderr := venn("run", "toy.yaml", "--launcher", "slurm")
	if want := "venn: launch: no sbatch on this machine: run on a login node of a Slurm cluster, or give --launcher local\n"; code != exitUsage || stderr != want {
		t.Errorf("exit %d, got %swant %s", code, stderr, want)
	}
	if _, err := os.Stat("runs"); err == nil {
		t.Error("a folder of runs was made")
	}
}
