package runs

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/venn-adapt/venn/experiments/spec"
)

// again is how long a job that another process holds is left alone before it is looked
// at again.
const again = 100 * time.Millisecond

// Schedule does tasks in order, so many at a time, and tells how each ended, by one
// goroutine at a time. do returns an outcome with an *InUseError where another process
// holds the job: such a task is told to notice, comes again when no other is left, and is
// done when the other process lets go of it. Tasks that wait for others, as trials do, come
// again once the others have been tried, until none of them moves. A cancelled context
// begins no more.
func Schedule(ctx context.Context, tasks []Task, parallel int, notice func(i int, job spec.Job, text string), do func(context.Context, Task) Outcome, ended func(Task, Outcome)) {
	last := map[int]Outcome{} // of tasks that wait
	for len(tasks) > 0 {
		var waiting []Task
		moved := false
		round(ctx, tasks, parallel, notice, do, func(t Task, out Outcome) {
			before, waited := last[t.Index]
			if waited && out.State == Queued { // cancelled before it was tried again
				out = before
			}
			if out.State != Waiting {
				moved = true
				ended(t, out)
				return
			}
			moved = moved || !waited || before.Where != out.Where
			last[t.Index], waiting = out, append(waiting, t)
		})
		slices.SortFunc(waiting, func(x, y Task) int { return cmp.Compare(x.Index, y.Index) })
		if !moved || ctx.Err() != nil {
			for _, t := range waiting {
				ended(t, last[t.Index])
			}
			return
		}
		tasks = waiting
	}
}

// round does every task once, to its end or until it waits.
func round(ctx context.Context, tasks []Task, parallel int, notice func(i int, job spec.Job, text string), do func(context.Context, Task) Outcome, ended func(Task, Outcome)) {
	d := &desk{fresh: slices.Clone(tasks)}
	results := make(chan func(), len(tasks))
	var workers errgroup.Group
	for range max(1, parallel) {
		workers.Go(func() error {
			for t, held, ok := d.next(); ok; t, held, ok = d.next() {
				if held {
					wait(ctx, again)
				}
				out := t.outcome()
				var busy *InUseError
				if ctx.Err() == nil {
					if busy = glance(t, held); busy == nil {
						out = do(ctx, t)
						errors.As(out.Err, &busy)
					}
				}
				if busy == nil {
					results <- func() { ended(t, out) }
					continue
				}
				if !held && notice != nil {
					results <- func() { notice(t.Index, t.Job, "in use by "+busy.Process+": waits for what becomes of it") }
				}
				d.hold(t)
			}
			return nil
		})
	}
	go func() { _ = workers.Wait(); close(results) }() // they return no errors
	for tell := range results {
		tell()
	}
}

// glance says whether a process still holds a task that one held before.
func glance(t Task, held bool) *InUseError {
	if held {
		if process, still := inUse(t.Dir); still {
			return &InUseError{t.Dir, process}
		}
	}
	return nil
}

// A desk hands out tasks: those that nobody has tried, then, over and over, those that
// another process holds.
type desk struct {
	mu          sync.Mutex
	fresh, held []Task
}

func (d *desk) next() (t Task, held, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	from := &d.fresh
	if len(*from) == 0 {
		from, held = &d.held, true
	}
	if len(*from) == 0 {
		return t, held, false
	}
	t, *from = (*from)[0], (*from)[1:]
	return t, held, true
}

func (d *desk) hold(t Task) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.held = append(d.held, t)
}

// wait returns after a time, or when the context is cancelled.
func wait(ctx context.Context, pause time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(pause):
	}
}
