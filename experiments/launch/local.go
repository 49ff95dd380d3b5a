package launch

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/venn-adapt/venn/experiments/runs"
)

// Local does tasks in worker processes of this machine, each of which does one after
// another. A worker that dies, that shows no sign of life or that meets a bound costs its
// job alone. Workers end with the process that started them, however it ends.
type Local struct {
	Command []string // of a worker: the program and its arguments
	Options runs.RunOptions

	mu      sync.Mutex
	states  []Standing
	cancels []context.CancelFunc
	stop    context.CancelFunc // no task begins after it, none waits for another process
	idle    []*process
	ended   chan struct{}
}

// Submit begins the tasks.
func (l *Local) Submit(tasks []runs.Task) error {
	ctx, stop := context.WithCancel(context.Background())
	l.stop = stop
	l.ended, l.states = make(chan struct{}), make([]Standing, len(tasks))
	contexts := make([]context.Context, len(tasks))
	l.cancels = make([]context.CancelFunc, len(tasks))
	place := map[int]int{}
	for k, t := range tasks {
		contexts[k], l.cancels[k] = context.WithCancel(ctx)
		place[t.Index] = k
	}
	go func() {
		defer close(l.ended)
		runs.Schedule(ctx, tasks, l.Options.Parallel, l.Options.Notice,
			func(_ context.Context, t runs.Task) runs.Outcome {
				k := place[t.Index]
				if contexts[k].Err() != nil {
					return t.Ended(runs.Queued, nil)
				}
				l.set(k, Standing{Phase: Working})
				return l.do(contexts[k], t)
			},
			func(t runs.Task, out runs.Outcome) { l.set(place[t.Index], Standing{Ended, out}) })
	}()
	return nil
}

func (l *Local) set(place int, s Standing) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.states[place] = s
}

// States says how far the tasks are.
func (l *Local) States() ([]Standing, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.states), nil
}

// Cancel lets tasks at work make their checkpoint; others are not begun.
func (l *Local) Cancel(places ...int) error {
	for _, k := range places {
		l.cancels[k]()
	}
	return nil
}

// Leave cancels every task: none goes on without this process.
func (l *Local) Leave() (string, error) {
	l.stop()
	return "", nil
}

// Close waits for the tasks at work and ends the workers.
func (l *Local) Close() error {
	if l.ended != nil {
		<-l.ended
		l.stop()
	}
	for _, p := range l.idle {
		p.end()
	}
	l.idle = nil
	return nil
}

// Pace is short: asking costs nothing.
func (l *Local) Pace() time.Duration { return 10 * time.Millisecond }

// do has a worker do a task.
func (l *Local) do(ctx context.Context, t runs.Task) runs.Outcome {
	p, err := l.worker()
	if err != nil {
		return runs.Fail(t, l.Options.Runs, err, "")
	}
	var shown runs.Progress
	out, death := p.do(ctx, t, l.Options, func() runs.Progress {
		if shown == nil && l.Options.Progress != nil {
			shown = l.Options.Progress(t.Index, t.Job)
		}
		return shown
	})
	if shown != nil {
		shown.End()
	}
	if death != nil {
		return runs.Fail(t, l.Options.Runs, death, p.words.tail())
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.idle = append(l.idle, p)
	return out
}

// worker is an idle worker that is alive, else a new one.
func (l *Local) worker() (*process, error) {
	for {
		l.mu.Lock()
		n := len(l.idle)
		if n == 0 {
			l.mu.Unlock()
			return start(l.Command)
		}
		p := l.idle[n-1]
		l.idle = l.idle[:n-1]
		l.mu.Unlock()
		if p.alive() {
			return p, nil
		}
		p.end()
	}
}
