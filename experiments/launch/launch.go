// Package launch answers where the jobs of a plan are done: in worker processes of this
// machine, or on a cluster. A run directory holds all that its job needs, so that a
// launcher hands over directories, and whoever does one gives the bytes that
// runs.Run gives in this process.
package launch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/experiments/spec"
)

// A Launcher has tasks done somewhere else. What became of a job stands in its run
// directory; a launcher knows who is at it.
type Launcher interface {
	// Submit hands over tasks, once, in order, and returns without waiting for them.
	Submit(tasks []runs.Task) error
	// States says how far each submitted task is.
	States() ([]Standing, error)
	// Cancel stops submitted tasks, by their place; those at work make a checkpoint first.
	Cancel(places ...int) error
	// Leave is called when a person stops waiting. A launcher whose tasks go on says how to
	// follow and to cancel them; one whose tasks end with this process cancels them and
	// says nothing.
	Leave() (word string, err error)
	// Close frees what the launcher holds, when every task has ended or is left.
	Close() error
	// Pace is how often States may be asked.
	Pace() time.Duration
}

// A Phase is how far a launcher is with a task.
type Phase int

// The phases of a task.
const (
	Waiting Phase = iota
	Working
	Ended
)

// A Standing is what a launcher says of a task.
type Standing struct {
	Phase Phase
	// Outcome of a task that ended.
	Outcome runs.Outcome
}

// Run has the jobs of a plan done by a launcher, waits for them and returns one outcome a
// job in the plan's order, as runs.Run does. When ctx is cancelled the launcher is left:
// word is what it says of tasks that go on.
func Run(ctx context.Context, plan *spec.Plan, l Launcher, o runs.RunOptions) (out []runs.Outcome, word string, err error) {
	out, todo := Begin(plan, o)
	if len(todo) == 0 {
		return out, "", nil
	}
	if err := l.Submit(todo); err != nil {
		return out, "", err
	}
	left, ended := ctx.Done(), make([]bool, len(todo))
	tick := time.NewTicker(l.Pace())
	defer tick.Stop()
	for count := 0; count < len(todo); {
		select {
		case <-left:
			left = nil
			if word, err = l.Leave(); err != nil || word != "" {
				return out, word, errors.Join(err, l.Close())
			}
		case <-tick.C:
		}
		states, err := l.States()
		if err != nil {
			return out, "", errors.Join(err, l.Close())
		}
		for k, s := range states {
			if s.Phase != Ended || ended[k] {
				continue
			}
			ended[k], count = true, count+1
			out[todo[k].Index] = s.Outcome
			o.Tell(todo[k].Index, s.Outcome)
		}
	}
	return out, "", l.Close()
}

// Begin queues the jobs of a plan and returns the outcomes of those that need no launcher,
// since they are done and sound or cannot be queued, and the tasks that do. The outcome of
// a task is, until it has ended, that it is queued.
func Begin(plan *spec.Plan, o runs.RunOptions) (out []runs.Outcome, todo []runs.Task) {
	for _, t := range runs.Queue(plan, o) {
		switch {
		case t.Err != nil:
			out = append(out, t.Ended(runs.Failed, t.Err))
		case t.Began == runs.Done && sound(t):
			done := t.Ended(runs.Done, nil)
			done.Reused = true
			out = append(out, done)
		default:
			out, todo = append(out, t.Ended(runs.Queued, nil)), append(todo, t)
			continue
		}
		o.Tell(t.Index, out[len(out)-1])
	}
	return out, todo
}

// sound says whether every file of a run is as the program wrote it.
func sound(t runs.Task) bool {
	v, err := runs.Verify(runs.RunInfo{Path: t.Dir})
	return err == nil && len(v.Flaws) == 0 && !v.Unsettled
}

// Bytes prints an amount of memory as the settings take it.
func Bytes(n int64) string { return fmt.Sprintf("%.3g GiB", float64(n)/(1<<30)) }
