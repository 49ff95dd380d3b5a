package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"sync/atomic"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/venn-adapt/venn/experiments/launch"
	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/reports/pages"
)

func newResume(a *app) *cobra.Command {
	var o launchOptions
	cmd := &cobra.Command{
		Use: "resume [NAME|PATH ...]", Short: "go on with every run that is queued, interrupted or failed, and make damaged files anew", Example: "  venn resume quickstart",
		RunE: func(cmd *cobra.Command, args []string) error {
			found, err := a.findRuns(args)
			if err != nil {
				return err
			}
			todo, err := a.unfinished(found)
			if err != nil {
				return err
			}
			if len(todo.plan.Jobs) > 0 {
				err = a.launch(cmd.Context(), o, todo.root, todo.plan)
			}
			reported := false
			if err == nil && !o.json {
				reported, err = a.finishReports(found)
			}
			switch {
			case err != nil:
				return err
			case todo.lost > 0:
				return exitError(exitDamaged)
			case len(todo.plan.Jobs) == 0 && !reported:
				fmt.Fprintln(a.err, "venn: nothing to resume")
			}
			return nil
		},
	}
	o.flags(cmd)
	return cmd
}

// newWork is a worker process of a launcher, or, with a run directory, a task of a cluster.
// Launchers alone call it.
func newWork(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "work [DIR]", Short: "do the jobs that a launcher orders on stdin, or one run directory", Example: "  venn work", Hidden: true,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return launch.Work(a.in, a.out, a.job)
			}
			return a.task(cmd.Context(), args[0])
		},
	}
}

// task does one run directory as a task of a cluster. Told that its time is nearly up, or
// stopped for another job, it makes its checkpoint and has itself begun again.
func (a *app) task(ctx context.Context, dir string) error {
	ctx, stop := a.interruptible(ctx, "stopping after a checkpoint")
	defer stop()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	last := make(chan os.Signal, 1)
	signal.Notify(last, syscall.SIGUSR1)
	defer signal.Stop(last)
	var nearly atomic.Bool
	go func() {
		select {
		case <-ctx.Done():
		case <-last:
			nearly.Store(true)
			fmt.Fprintln(a.err, "venn: the time of this task is nearly up: stopping after a checkpoint")
			cancel()
		}
	}()
	l, err := a.local(runs.RunOptions{
		Data: a.settings.Data, Limits: a.settings.Limits, Drop: a.settings.Drop,
		Progress: func(_ int, job spec.Job) runs.Progress { return a.display(job.Label()+": ", true) },
		Notice:   func(_ int, job spec.Job, text string) { fmt.Fprintf(a.err, "%s: %s\n", job.Label(), text) },
	})
	if err != nil {
		return err
	}
	out, err := launch.Alone(ctx, dir, l)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.err, "%s: %s\n", out.Job.Label(), describe(out))
	name := launch.OfSlurm()
	again := nearly.Load()
	if out.State == runs.Interrupted && name != "" && !again {
		if again, err = launch.Unfinished(name); err != nil {
			fmt.Fprintf(a.err, "venn: why Slurm ended task %s is not known, so it is not queued again: %v\n", name, err)
		}
	}
	if out.State == runs.Interrupted && name != "" && again {
		fmt.Fprintf(a.err, "venn: task %s of Slurm is queued again\n", name)
		if err := launch.RequeueTask(name); err != nil { // Slurm may have done so itself
			fmt.Fprintf(a.err, "venn: %v\n", err)
		}
	}
	if code := codeOf([]runs.Outcome{out}); code != exitOK {
		return exitError(code)
	}
	return nil
}

// An unfinishedPlan is what there is to go on with.
type unfinishedPlan struct {
	plan *spec.Plan
	root string // folder that all runs of the plan are below
	lost int    // runs that only a person can bring back, each told on stderr
}

// unfinished makes one plan of the runs that are not done or stopped, or have damaged files,
// and that no process holds.
func (a *app) unfinished(found []runs.RunInfo) (unfinishedPlan, error) {
	todo := unfinishedPlan{plan: &spec.Plan{}}
	for _, r := range found {
		if r.Process != "" {
			fmt.Fprintf(a.err, "venn: %s: left alone, in use by %s\n", r.Path, r.Process)
			continue
		}
		if r.State == runs.Done || r.State == runs.Stopped {
			v, err := runs.Verify(r)
			if err != nil && !runs.IsDamaged(err) {
				return todo, err
			}
			if err == nil && len(v.Flaws) == 0 && !v.Unsettled {
				continue
			}
		}
		one, err := runs.ResumePlan(r.Path)
		if runs.IsDamaged(err) {
			fmt.Fprintf(a.err, "venn: %v\n", err)
			todo.lost++
			continue
		}
		if err != nil {
			return todo, err
		}
		path, err := filepath.Abs(r.Path)
		if err != nil {
			return todo, err
		}
		switch here := filepath.Dir(filepath.Dir(path)); todo.root {
		case "", here:
			todo.root = here
		default:
			return todo, usage("resume: %s and %s are two folders of runs; want one at a time", todo.root, here)
		}
		todo.plan.Name, todo.plan.Jobs = one.Name, append(todo.plan.Jobs, one.Jobs...)
	}
	return todo, nil
}

// finishReports writes the reports of the folders of some runs that are not made of
// their results as they are now.
func (a *app) finishReports(found []runs.RunInfo) (any bool, err error) {
	if a.conclude == nil {
		return false, nil
	}
	var seen []string
	for _, r := range found {
		spec := filepath.Dir(filepath.Clean(r.Path))
		if slices.Contains(seen, spec) {
			continue
		}
		seen = append(seen, spec)
		_, _, due, err := runs.DueReport(spec)
		if err != nil {
			return any, err
		}
		if due {
			any = true
			if err := a.finishReport(spec, pages.Formats); err != nil {
				return any, err
			}
		}
	}
	return any, nil
}
