package launch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/experiments/toy"
)

// TestMain lets the test binary be a worker whose job does as its seed says.
func TestMain(m *testing.M) {
	switch os.Getenv("LAUNCH_TEST") {
	case "launcher":
		os.Exit(launchAll())
	case "worker":
		if err := Work(os.Stdin, os.Stdout, toyJob); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// The seeds of jobs that do not simply end well.
const (
	fails = 100 + iota
	damaged
	exits
	killed
	panics
	hangs
	grows
	computes
	waits
	follows // waits until leads has been done
	leads
	lost // waits for nobody
	stops
)

func toyJob(ctx context.Context, j spec.Job, dir *runs.RunDir, p runs.Progress) error {
	p.Stage("train", 0, 2)
	note(j, "begun")
	switch j.Seed {
	case fails:
		return errors.New("models: toy: loss is NaN")
	case damaged:
		return &runs.DamagedError{File: "step.safetensors", Found: "truncated"}
	case exits:
		fmt.Fprint(os.Stderr, "the first line\nno luck\n")
		os.Exit(3)
	case killed:
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	case panics:
		go func() { panic("a goroutine's") }()
		<-ctx.Done()
	case hangs:
		time.Sleep(time.Hour)
	case grows:
		var all [][]byte
		for range 64 {
			b := bytes.Repeat([]byte{1}, 8<<20)
			all = append(all, b)
			time.Sleep(30 * time.Millisecond)
		}
		return fmt.Errorf("%d blocks and nobody minded", len(all))
	case computes: // shows no progress for a while
		for begun := time.Now(); time.Since(begun) < 4*time.Second; {
		}
	case follows:
		if _, err := os.Stat(dir.File("..", "led")); err != nil {
			return &runs.HaltError{State: runs.Waiting, Why: "for the one that leads"}
		}
	case leads:
		if err := os.WriteFile(dir.File("..", "led"), nil, 0o644); err != nil {
			return err
		}
	case lost:
		return &runs.HaltError{State: runs.Waiting, Why: "for nobody"}
	case stops:
		return &runs.HaltError{State: runs.Stopped, Why: "half way"}
	case waits:
		<-ctx.Done()
		if err := os.WriteFile(dir.File("log.txt"), []byte("checkpoint"), 0o644); err != nil {
			return err
		}
		return ctx.Err()
	}
	if j.Seed >= 200 { // long enough to be killed in the middle
		time.Sleep(50 * time.Millisecond)
	}
	p.Step(1, []runs.Value{{Name: "loss", Value: 0.5}})
	p.Step(2, nil)
	note(j, "ended")
	return nil
}

// note writes a line of the journal of all jobs, where there is one.
func note(j spec.Job, what string) {
	path := os.Getenv("LAUNCH_JOURNAL")
	if path == "" {
		return
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err == nil {
		_, err = fmt.Fprintf(f, "%s %s %d\n", j.ID, what, os.Getpid())
	}
	if err != nil {
		panic(err)
	}
	f.Close()
}

// planOf is a plan of the toy things with these seeds.
func planOf(t *testing.T, seeds ...int) *spec.Plan {
	t.Helper()
	list := strings.ReplaceAll(fmt.Sprint(seeds), " ", ", ")
	plan, err := spec.NewPlan(spec.Request{Source: "toy.yaml", Text: []byte(toy.Spec), Overrides: []string{"seeds=" + list}})
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// local is a launcher of workers that are this test binary.
func local(t *testing.T, o runs.RunOptions) *Local {
	t.Helper()
	t.Setenv("LAUNCH_TEST", "worker")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if o.Parallel == 0 {
		o.Parallel = 2
	}
	return &Local{Command: []string{self}, Options: o}
}

// below reads every file of a folder of runs but logs and locks.
func below(t *testing.T, dir string) map[string]string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "*", "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, path := range found {
		if name := filepath.Base(path); name == "log.txt" || name == "lock" {
			continue
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		name, _ := filepath.Rel(dir, path)
		out[name] = string(data)
	}
	return out
}
