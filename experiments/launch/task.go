package launch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/venn-adapt/venn/experiments/runs"
)

// Alone does one run directory in a worker process, as a task of a cluster does: what ends
// the worker is then written down by one that outlives it. A cancelled context lets the
// job make its checkpoint.
func Alone(ctx context.Context, dir string, l *Local) (runs.Outcome, error) {
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		host, _ := os.Hostname()
		return runs.Outcome{}, fmt.Errorf("launch: no %s on %s: the folder of runs must lie on a file system that all nodes share (--runs), and jobs are queued there by `venn run`", dir, host)
	}
	plan, err := runs.ResumePlan(dir)
	if err != nil {
		return runs.Outcome{}, err
	}
	job := plan.Jobs[0]
	job.DataDir = l.Options.Data
	l.Options.Runs = filepath.Dir(filepath.Dir(dir))
	if err := l.Submit([]runs.Task{{Job: job, Dir: dir, Began: runs.Queued}}); err != nil {
		return runs.Outcome{}, err
	}
	select {
	case <-ctx.Done():
		if _, err := l.Leave(); err != nil {
			return runs.Outcome{}, err
		}
	case <-l.ended:
	}
	if err := l.Close(); err != nil {
		return runs.Outcome{}, err
	}
	states, err := l.States()
	if err != nil {
		return runs.Outcome{}, err
	}
	return states[0].Outcome, nil
}

// OfSlurm is the name of the task of Slurm that this process is: "12_3"; empty where it is none.
func OfSlurm() string {
	array, task := os.Getenv("SLURM_ARRAY_JOB_ID"), os.Getenv("SLURM_ARRAY_TASK_ID")
	if array == "" {
		return os.Getenv("SLURM_JOB_ID")
	}
	return array + "_" + task
}

// Unfinished says whether Slurm ended a task that it did not mean to cancel: for a more
// urgent job, or because its time was up.
func Unfinished(name string) (bool, error) {
	text, err := slurm("", "scontrol", "--oneliner", "show", "job", name)
	if err != nil {
		return false, err
	}
	for _, state := range []string{"PREEMPTED", "TIMEOUT", "NODE_FAIL"} {
		if strings.Contains(text, "JobState="+state) {
			return true, nil
		}
	}
	return false, nil
}

// RequeueTask has Slurm begin a task again, later, which goes on from its checkpoint.
func RequeueTask(name string) error {
	_, err := slurm("", "scontrol", "requeue", name)
	return err
}
