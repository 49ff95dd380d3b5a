package runs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/venn-adapt/venn/experiments/spec"
	"golang.org/x/sync/errgroup"
)

// A JobFunc does one job in its directory: train or resume, encode, evaluate,
// write the results. When ctx is cancelled it makes a checkpoint and returns an
// error that wraps ctx.Err(). It leaves status.json to the launcher.
type JobFunc func(ctx context.Context, job spec.Job, dir *RunDir, progress Progress) error

// RunOptions say where and how a plan runs.
type RunOptions struct {
	Runs     string  // the folder of all runs
	Data     string  // where data files lie
	Job      JobFunc // RunJob outside tests
	Parallel int     // jobs at a time; 0 means 1
	// Progress makes the display of one job, number i of the plan; nil shows none.
	Progress func(i int, job spec.Job) Progress
	// Notice is told what was found damaged in the directory of a job and how it is made
	// anew, a line each, by several goroutines; may be nil.
	Notice func(i int, job spec.Job, text string)
	// Ended is told each outcome as it comes, by one goroutine at a time; may be nil.
	Ended func(i int, o Outcome)
}

// An Outcome is how one job ended. Err is nil when State is Done, Queued (not
// begun, because the context was cancelled), Interrupted, Waiting or Stopped.
type Outcome struct {
	Job    spec.Job
	Dir    string
	State  State
	Err    error
	Reused bool   // it was done before; nothing was computed
	Where  string // it waits or was stopped: "at rung 1 of 3 (step 250)"
}

// Run does the jobs of a plan, RunOptions.Parallel at a time, and returns one
// outcome a job in the plan's order. Every job gets its directory and the state
// queued before the first begins, so that `venn resume` can finish a plan of which
// nothing but the beginning was seen. A job that fails or panics fails alone; a
// cancelled context lets the jobs at work make their checkpoint and begins no more. Trials that
// wait for others are begun again until all are ended, or wait for what no job of the plan does.
func Run(ctx context.Context, plan *spec.Plan, o RunOptions) []Outcome {
	out := make([]Outcome, len(plan.Jobs))
	for i, job := range plan.Jobs {
		job.DataDir = o.Data
		out[i] = Outcome{Job: job, Dir: job.Dir(o.Runs), State: Queued}
		out[i].Err = queue(i, job, plan.Text, o)
	}
	todo := make([]int, len(out))
	for i := range todo {
		todo[i] = i
	}
	for len(todo) > 0 {
		waiting, moved := pass(ctx, out, todo, plan.Text, o)
		if moved && ctx.Err() == nil {
			todo = waiting
			continue
		}
		for _, i := range waiting {
			o.ended(i, out[i])
		}
		break
	}
	return out
}

// pass does jobs once, each to its end or until it waits. waiting are those that wait; moved says
// whether any job did not wait for the same as before.
func pass(ctx context.Context, out []Outcome, todo []int, text []byte, o RunOptions) (waiting []int, moved bool) {
	var workers errgroup.Group
	workers.SetLimit(max(1, o.Parallel))
	ended := make(chan int, len(todo))
	before := slices.Clone(out)
	for _, i := range todo {
		workers.Go(func() error {
			if ctx.Err() == nil {
				out[i] = runOne(ctx, out[i], text, i, o)
			}
			ended <- i
			return nil
		})
	}
	go func() { workers.Wait(); close(ended) }()
	for i := range ended {
		moved = moved || out[i].State != before[i].State || out[i].Where != before[i].Where
		if out[i].State == Waiting {
			waiting = append(waiting, i)
			continue
		}
		o.ended(i, out[i])
	}
	slices.Sort(waiting)
	return waiting, moved
}

// ended passes on an outcome.
func (o RunOptions) ended(i int, out Outcome) {
	if o.Ended != nil {
		o.Ended(i, out)
	}
}

// queue makes the directory of a job and marks it queued, unless it is further in
// this very evaluation.
func queue(i int, job spec.Job, text []byte, o RunOptions) error {
	dir, err := OpenRun(o.Runs, job, text)
	if err != nil {
		return err
	}
	defer o.tell(i, job, dir)
	s, err := ReadStatus(dir.Path)
	if IsDamaged(err) { // runOne mends it
		return dir.Close()
	}
	if err == nil && (s.Evaluation != job.Evaluation || s.State == Queued) {
		err = dir.SetStatus(statusOf(job, Queued, ""))
	}
	return errors.Join(err, dir.Close())
}

// tell passes on what a directory has to say.
func (o RunOptions) tell(i int, job spec.Job, dir *RunDir) {
	for _, text := range dir.Notices {
		if o.Notice != nil {
			o.Notice(i, job, text)
		}
	}
	dir.Notices = nil
}

func statusOf(job spec.Job, state State, cause string) Status {
	return Status{State: state, Cause: cause, Label: job.Label(), Evaluation: job.Evaluation}
}

// runOne does one job unless it is done, and writes its state last.
func runOne(ctx context.Context, out Outcome, text []byte, i int, o RunOptions) Outcome {
	out.Where = ""
	fail := func(err error) Outcome {
		out.State, out.Err = Failed, err
		return out
	}
	if out.Err != nil {
		return fail(out.Err)
	}
	dir, err := OpenRun(o.Runs, out.Job, text)
	if err != nil {
		return fail(err)
	}
	defer dir.Close()
	anew, err := dir.mend(out.Job)
	o.tell(i, out.Job, dir)
	if err != nil {
		return fail(err)
	}
	s, err := ReadStatus(dir.Path)
	if err != nil {
		return fail(err)
	}
	if s.State == Done && s.Evaluation == out.Job.Evaluation && !anew {
		out.State, out.Reused = Done, true
		return out
	}
	if err := dir.SetStatus(statusOf(out.Job, Running, "")); err != nil {
		return fail(err)
	}
	var progress Progress = silent{}
	if o.Progress != nil {
		progress = o.Progress(i, out.Job)
	}
	err = guarded(ctx, out.Job, dir, progress, o.Job)
	progress.End()
	o.tell(i, out.Job, dir)
	var halt *HaltError
	switch {
	case err == nil:
		out.State = Done
	case errors.As(err, &halt):
		out.State, out.Where = halt.State, halt.Why
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		out.State = Interrupted
	default:
		out.State, out.Err = Failed, err
	}
	if dir.account.gone() {
		return fail(removed(dir.Path)) // whatever else went wrong; there is no folder to say so in
	}
	if out.Err != nil {
		dir.Log.Error("failed", "cause", out.Err)
	}
	if err := dir.SetStatus(statusOf(out.Job, out.State, cmp.Or(oneLine(out.Err), out.Where))); err != nil {
		return fail(errors.Join(out.Err, err))
	}
	return out
}

// guarded turns a panic of the job into its error; the stack goes to the log.
func guarded(ctx context.Context, job spec.Job, dir *RunDir, progress Progress, do JobFunc) (err error) {
	defer func() {
		if r := recover(); r != nil {
			dir.Log.Error("panic", "value", fmt.Sprint(r), "stack", string(debug.Stack()))
			err = fmt.Errorf("experiments: job %s: a mistake of the program: %v (stack in %s)", job.ID, r, dir.File("log.txt"))
		}
	}()
	dir.Log.Info("begun", "job", job.ID, "label", job.Label())
	err = do(ctx, job, dir, progress)
	var halt *HaltError
	switch {
	case err == nil:
		dir.Log.Info("done")
	case errors.As(err, &halt):
		dir.Log.Info(string(halt.State), "where", halt.Why)
	}
	return err
}

func oneLine(err error) string {
	if err == nil {
		return ""
	}
	return strings.Join(strings.Fields(err.Error()), " ")
}

// IsDamaged says whether an error is about data or a checkpoint that is not what
// it should be: an error in its tree has a method Damaged that says so.
func IsDamaged(err error) bool {
	var d interface{ Damaged() bool }
	return errors.As(err, &d) && d.Damaged()
}
