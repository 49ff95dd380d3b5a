package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// On a Slurm that keeps accounts squeue forgets tasks after two seconds and sacct tells of them: the study gives the
// bytes of this machine, tasks that were cancelled before they began are told as queued, and an unknown account is one
// clear line.
func TestSlurmAccounts(t *testing.T) {
	t.Setenv("PATH", os.Getenv("PATH")+":/usr/sbin")
	for _, program := range []string{"slurmctld", "slurmdbd", "mariadbd", "sbatch"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("no %s here: a Slurm with accounts needs Debian's slurm-wlm, munge, slurmdbd and mariadb-server", program)
		}
	}
	c := startLoopback(t, "accounts")
	smallSandbox(t)
	work, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	c.env = append(c.env, "VENN_SLURM_ACCOUNT=venn")
	finish(t, work, nil, exitOK, "run", "small.yaml", dozen, "-j", "2", "--runs", "here")

	// Four tasks run side by side when the whole array is cancelled: sacct tells of the others in one line.
	cmd, said := program(work, append([]string{"VENN_TEST_STEP=1s"}, c.env...), "run", "small.yaml", dozen, "--wait", "--runs", "there")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	job := c.job(t, "there")
	c.await(t, "there", job, 0, 1, 2, 3)
	c.slurm(t, "scancel", job)
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != exitInterrupted || strings.Count(said.String(), ": queued\n") != 8 || strings.Count(said.String(), ": interrupted\n") != 4 {
		t.Errorf("exit %d, want %d; want 8 queued and 4 interrupted:\n%s", code, exitInterrupted, said)
	}
	if scripts, err := filepath.Glob("there/small/slurm/*.sh"); err != nil || len(scripts) != 1 {
		t.Errorf("scripts %q, %v", scripts, err)
	} else if text, err := os.ReadFile(scripts[0]); err != nil || !strings.Contains(string(text), "#SBATCH --account=venn\n") {
		t.Errorf("%v: the script names no account:\n%s", err, text)
	}
	out := finish(t, work, c.env, exitOK, "run", "small.yaml", dozen, "--wait", "--runs", "there")
	if strings.Count(out, ": done\n") != 12 {
		t.Errorf("the rest:\n%s", out)
	}
	sameResults(t, "here/small", "there/small")
	c.remembers(t, job)

	out = finish(t, work, append(c.env, "VENN_SLURM_ACCOUNT=nobody"), exitUsage, "run", "small.yaml", "--runs", "other")
	if want := "venn: launch: sbatch: Batch job submission failed: Invalid account or account/partition combination specified; see slurm.* in the settings file\n"; out != want {
		t.Errorf("an unknown account: got %swant %s", out, want)
	}
}

// remembers waits until sacct alone knows of a job.
func (c *cluster) remembers(t *testing.T, job string) {
	t.Helper()
	for range 300 {
		cmd := exec.Command("squeue", "--noheader", "--states=all", "--jobs="+job)
		cmd.Env = append(os.Environ(), c.env...)
		if out, err := cmd.CombinedOutput(); err != nil && strings.Contains(string(out), "Invalid job id") {
			// On a busy machine the list may still name those that began.
			text := c.slurm(t, "sacct", "--noheader", "--parsable2", "--allocations", "--jobs="+job, "--format=JobID,State")
			if !strings.Contains(text, job+"_0|CANCELLED") || !regexp.MustCompile(job+`_\[[0-4]-11\]\|CANCELLED`).MatchString(text) {
				t.Errorf("sacct says\n%s", text)
			}
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Errorf("squeue does not forget job %s", job)
}
