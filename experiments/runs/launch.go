package runs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/venn-adapt/venn/experiments/spec"
)

// A JobFunc does one job in its directory: train or resume, encode, evaluate,
// write the results. When ctx is cancelled it makes a checkpoint and returns an
// error that wraps ctx.Err(). It leaves status.json to the launcher.
type JobFunc func(ctx context.Context, job spec.Job, dir *RunDir, progress Progress) error

// RunOptions say where and how a plan runs.
type RunOptions struct {
	Runs     string    // the folder of all runs
	Data     string    // where data files lie
	Job      JobFunc   // RunJob outside tests
	Parallel int       // jobs at a time; 0 means 1
	Limits   Limits    // of each job
	Drop     []Leaving // of each job that is done
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
	// Another says that another process ended the job, well or not, since the plan was queued.
	Another bool
}

// Run does the jobs of a plan in this process, RunOptions.Parallel at a time, and returns
// one outcome a job in the plan's order. Every job gets its directory and the state
// queued before the first begins, so that `venn resume` can finish a plan of which
// nothing but the beginning was seen. A job that fails or panics fails alone; a
// cancelled context lets the jobs at work make their checkpoint and begins no more. Trials that
// wait for others are begun again until all are ended, or wait for what no job of the plan does.
//
// Several processes may run one plan: a job that another holds is left for later, and
// then done only if the other did not end it.
func Run(ctx context.Context, plan *spec.Plan, o RunOptions) []Outcome {
	tasks := Queue(plan, o)
	out := make([]Outcome, len(tasks))
	Schedule(ctx, tasks, o.Parallel, o.Notice,
		func(ctx context.Context, t Task) Outcome { return Attempt(ctx, t, plan.Text, o) },
		func(t Task, ended Outcome) {
			out[t.Index] = ended
			o.Tell(t.Index, ended)
		})
	return out
}

// A Task is a job of a plan whose directory is queued.
type Task struct {
	Index int // in the plan
	Job   spec.Job
	Dir   string
	// Began is the state of the job when the plan was queued: one that has failed since
	// then was tried by another process and is not tried again.
	Began State
	Err   error // why its directory could not be queued
}

// outcome begins the outcome of a task that nobody has begun.
func (t Task) outcome() Outcome { return Outcome{Job: t.Job, Dir: t.Dir, State: Queued} }

// Ended is the outcome of a task in a state.
func (t Task) Ended(state State, err error) Outcome {
	out := t.outcome()
	out.State, out.Err = state, err
	return out
}

// Queue makes the directories of a plan's jobs, each with the state queued unless the job
// is further.
func Queue(plan *spec.Plan, o RunOptions) []Task {
	tasks := make([]Task, len(plan.Jobs))
	for i, job := range plan.Jobs {
		job.DataDir = o.Data
		tasks[i] = Task{Index: i, Job: job, Dir: job.Dir(o.Runs)}
		tasks[i].Began, tasks[i].Err = queue(i, job, plan.Text, o)
		if errors.As(tasks[i].Err, new(*InUseError)) {
			tasks[i].Began, tasks[i].Err = Running, nil
		}
	}
	return tasks
}

// queue makes the directory of a job and marks it queued, unless it is further in
// this very evaluation. It returns the state found there.
func queue(i int, job spec.Job, text []byte, o RunOptions) (State, error) {
	dir, err := OpenRun(o.Runs, job, text)
	if err != nil {
		return "", err
	}
	defer o.tell(i, job, dir)
	s, err := ReadStatus(dir.Path)
	if IsDamaged(err) { // Attempt mends it
		return Queued, dir.Close()
	}
	if err == nil && (s.Evaluation != job.Evaluation || s.State == Queued) {
		s = statusOf(job, Queued, "")
		err = dir.SetStatus(s)
	}
	return s.State, errors.Join(err, dir.Close())
}

// Tell passes on an outcome.
func (o RunOptions) Tell(i int, out Outcome) {
	if o.Ended != nil {
		o.Ended(i, out)
	}
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

// Attempt does one task here and now unless the job is done, and writes its state last.
// Where another process holds the directory the error is an *InUseError.
func Attempt(ctx context.Context, t Task, text []byte, o RunOptions) Outcome {
	out := t.outcome()
	fail := func(err error) Outcome {
		out.State, out.Err = Failed, err
		return out
	}
	if t.Err != nil {
		return fail(t.Err)
	}
	dir, err := OpenRun(o.Runs, out.Job, text)
	if err != nil {
		return fail(err)
	}
	defer dir.Close()
	anew, err := dir.mend(out.Job)
	o.tell(t.Index, out.Job, dir)
	if err != nil {
		return fail(err)
	}
	s, err := ReadStatus(dir.Path)
	if err != nil {
		return fail(err)
	}
	if s.Evaluation == out.Job.Evaluation && !anew {
		switch {
		case s.State == Done:
			out.State, out.Reused, out.Another = Done, true, t.Began != Done
			if err := dir.drop(o.Drop); err != nil {
				return fail(err)
			}
			return out
		case s.State == Failed && t.Began != Failed:
			out.Another = true
			return fail(errors.New(s.Cause))
		}
	}
	if err := dir.SetStatus(statusOf(out.Job, Running, "")); err != nil {
		return fail(err)
	}
	var progress Progress = silent{}
	if o.Progress != nil {
		progress = o.Progress(t.Index, out.Job)
	}
	within, cancel := o.Limits.timed(ctx)
	defer cancel()
	err = guarded(within, out.Job, dir, progress, o.Job)
	progress.End()
	o.tell(t.Index, out.Job, dir)
	var halt *HaltError
	switch {
	case err == nil:
		out.State = Done
	case errors.As(err, &halt):
		out.State, out.Where = halt.State, halt.Why
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		out.State = Interrupted
	case within.Err() != nil && errors.Is(err, within.Err()):
		out.State, out.Err = Failed, context.Cause(within)
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
		return fail(also(out.Err, err))
	}
	if out.State == Done {
		if err := dir.drop(o.Drop); err != nil {
			return fail(err)
		}
	}
	return out
}

// Requeue marks a task queued that had failed, unless another process is at it.
func Requeue(t Task, runs string) error {
	dir, err := OpenRun(runs, t.Job, nil)
	if errors.As(err, new(*InUseError)) {
		return nil
	}
	if err != nil {
		return err
	}
	return errors.Join(dir.SetStatus(statusOf(t.Job, Queued, "")), dir.Close())
}

// Fail writes down that a task failed of which its own process cannot tell any more: words
// are the last that it said, for the log. Where that process came to write that the job is
// done, it is; where another took the job up, the error is an *InUseError.
func Fail(t Task, runs string, cause error, words string) Outcome {
	dir, err := OpenRun(runs, t.Job, nil)
	if err != nil {
		if errors.As(err, new(*InUseError)) {
			return t.Ended(Failed, err)
		}
		return t.Ended(Failed, also(cause, err))
	}
	defer dir.Close()
	if s, err := ReadStatus(dir.Path); err == nil && s.State == Done && s.Evaluation == t.Job.Evaluation {
		return t.Ended(Done, nil)
	}
	dir.Log.Error("failed", "cause", cause, "words", words)
	if err := dir.SetStatus(statusOf(t.Job, Failed, oneLine(cause))); err != nil {
		cause = also(cause, err)
	}
	return t.Ended(Failed, cause)
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
