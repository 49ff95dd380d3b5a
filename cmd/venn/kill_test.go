package main

import (
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// kills is how many runs are killed: VENN_KILLS, else a few.
func kills(t *testing.T) int {
	text := os.Getenv("VENN_KILLS")
	if text == "" {
		return 6
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// A run that is killed at any moment, while its report is written too, is not taken for
// damaged, and resumed it ends with the same bytes in every file, those of the report
// among them, and leaves nothing else.
func TestKilledAnywhere(t *testing.T) {
	smallSandbox(t)
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	write(t, "small.yaml", strings.Replace(smallSpec, "[csv]", "[csv, html]", 1))
	begun := time.Now()
	finish(t, here, nil, exitOK, "run", "small.yaml", "--runs", "whole")
	whole := time.Since(begun)
	want := contents(t, "whole/small")
	r := rand.New(rand.NewPCG(17, 3))
	for i := range kills(t) {
		if err := os.RemoveAll("work"); err != nil {
			t.Fatal(err)
		}
		for range 1 + r.IntN(2) { // once or twice
			args := []string{"run", "small.yaml", "--runs", "work"}
			if _, err := os.Stat("work/small"); err == nil && r.IntN(2) == 0 {
				args = []string{"resume", "--runs", "work"}
			}
			cmd, _ := program(here, nil, args...)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Duration(r.Int64N(int64(whole))))
			_ = cmd.Process.Kill() // it may have ended, which the comparison allows
			_ = cmd.Wait()
			if found, _ := filepath.Glob("work/small/*/status.json"); len(found) > 0 {
				if code, out, err := command(0, "verify", "--runs", "work"); code != exitOK {
					t.Errorf("kill %d: verify: exit %d\n%s%s", i, code, out, err)
				}
			}
		}
		again := []string{"resume", "small"}
		if found, _ := filepath.Glob("work/small/*/status.json"); len(found) == 0 {
			again = []string{"run", "small.yaml"}
		}
		finish(t, here, nil, exitOK, append(again, "--runs", "work")...)
		got := contents(t, "work/small")
		for name, text := range want {
			if got[name] != text {
				t.Errorf("kill %d, %s: %s has other bytes", i, again[0], name)
			}
		}
		for name := range got {
			if _, ok := want[name]; !ok {
				t.Errorf("kill %d, %s: left %s", i, again[0], name)
			}
		}
	}
}

// A closed terminal stops a run as Ctrl-C does: it saves a checkpoint, even when what
// read its output is gone, and the terminal's second signal does not hurry it.
func TestHangup(t *testing.T) {
	if signal.Ignored(syscall.SIGHUP) {
		t.Skip("the test runs where hangups are ignored, as nohup has it, and so does the program then")
	}
	sandbox(t)
	cmd, stderr := start(t, "run", "toy.yaml", "seeds=[9]")
	awaitLine(t, stderr, "[1/1] seed=9: train: 0/100")
	cmd.Process.Signal(syscall.SIGHUP)
	cmd.Process.Signal(syscall.SIGHUP)
	awaitLine(t, stderr, "venn: stopping after a checkpoint; once more stops now")
	awaitLine(t, stderr, "[1/1] seed=9: interrupted")
	cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != exitInterrupted {
		t.Errorf("exit %d, want %d", code, exitInterrupted)
	}
	if _, stdout, _ := venn("status"); !strings.Contains(stdout, "interrupted") {
		t.Errorf("status:\n%s", stdout)
	}
}

// A run whose reader of stderr is gone goes on.
func TestUnreadOutput(t *testing.T) {
	sandbox(t)
	read, wrote, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd, _ := program(".", nil, "run", "toy.yaml", "seeds=[0]")
	cmd.Env = append(cmd.Env, "VENN_TEST_MAIN=toy")
	cmd.Stderr = wrote
	read.Close()
	if err := cmd.Run(); err != nil {
		t.Errorf("%v: %s", err, cmd.ProcessState)
	}
}
