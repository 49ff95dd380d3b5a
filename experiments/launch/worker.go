package launch

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"syscall"
	"time"

	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/experiments/spec"
)

const (
	pulse = 200 * time.Millisecond // between two beats
	// lastWish is how long a job may take to its checkpoint once nobody is left to hear of it.
	lastWish = 30 * time.Second
)

// Work is a worker process: it does the orders that come on in, one after another, and
// says on out how far they are, until in ends: then the launcher has no more of them or
// is no more, and a job at work makes its checkpoint and stops.
func Work(in io.Reader, out io.Writer, job runs.JobFunc) error {
	// The launcher hears of a Ctrl-C or of a closed terminal and says what to do; where it
	// is gone, what is written to it must not end the process before its checkpoint.
	signal.Ignore(os.Interrupt, syscall.SIGHUP, syscall.SIGPIPE, syscall.SIGUSR1)
	w := &worker{to: json.NewEncoder(out), job: job}
	terms := make(chan os.Signal, 1)
	signal.Notify(terms, syscall.SIGTERM) // of a cluster, to every process of a task
	defer signal.Stop(terms)
	go func() {
		for range terms {
			w.stop()
		}
	}()
	type errand struct {
		context.Context
		order
	}
	orders, failed := make(chan errand), make(chan error, 1)
	over := make(chan struct{})
	defer close(over)
	go func() {
		for from := json.NewDecoder(in); ; {
			var o order
			if err := from.Decode(&o); err != nil {
				if err != io.EOF {
					failed <- fmt.Errorf("launch: an order that is none: %w", err)
				}
				w.stop()
				close(orders)
				select {
				case <-over:
				case <-time.After(lastWish):
					os.Exit(1)
				}
				return
			}
			if o.Stop {
				w.stop()
				continue
			}
			orders <- errand{w.begin(), o}
		}
	}()
	for o := range orders {
		w.do(o.Context, o.order)
	}
	select {
	case err := <-failed:
		return err
	default:
		return nil
	}
}

type worker struct {
	job runs.JobFunc

	writing sync.Mutex
	to      *json.Encoder

	mu     sync.Mutex
	cancel context.CancelFunc // of the job at work
}

// begin makes the context of the next job.
func (w *worker) begin() context.Context {
	w.mu.Lock()
	defer w.mu.Unlock()
	ctx, cancel := context.WithCancel(context.Background())
	w.cancel = cancel
	return ctx
}

func (w *worker) stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cancel != nil {
		w.cancel()
	}
}

// say writes a message. Where the launcher is gone nobody hears it, which is found by
// the end of the orders.
func (w *worker) say(m message) {
	w.writing.Lock()
	defer w.writing.Unlock()
	_ = w.to.Encode(m)
}

func (w *worker) do(ctx context.Context, o order) {
	if o.Limits.Memory > 0 { // collect garbage rather than meet the bound
		debug.SetMemoryLimit(o.Limits.Memory / 10 * 9)
	}
	ended := make(chan struct{})
	var beats sync.WaitGroup
	beats.Go(func() {
		for tick := time.NewTicker(pulse); ; {
			select {
			case <-ended:
				tick.Stop()
				return
			case <-tick.C:
				w.say(message{Beat: &beat{memoryNow(), processorSeconds()}})
			}
		}
	})
	out := w.attempt(ctx, o)
	close(ended)
	beats.Wait()
	w.say(message{End: endingOf(out)})
	if memoryNow() > 1<<28 { // what the job leaves is not the next one's
		debug.FreeOSMemory()
	}
}

func (w *worker) attempt(ctx context.Context, o order) runs.Outcome {
	plan, err := runs.ResumePlan(o.Dir)
	if err != nil {
		return runs.Outcome{State: runs.Failed, Err: err}
	}
	job := plan.Jobs[0]
	job.DataDir = o.Data
	return runs.Attempt(ctx, runs.Task{Job: job, Dir: o.Dir, Began: o.Began}, nil, runs.RunOptions{
		Runs: filepath.Dir(filepath.Dir(o.Dir)), Data: o.Data, Job: w.job, Limits: o.Limits, Drop: o.Drop,
		Progress: func(int, spec.Job) runs.Progress { return &teller{w: w} },
		Notice:   func(_ int, _ spec.Job, text string) { w.say(message{Notice: text}) },
	})
}

// A teller passes progress on, in a stage of many steps no more often than a person
// could look at it.
type teller struct {
	w     *worker
	steps int
	last  time.Time
}

func (t *teller) Stage(name string, done, steps int) {
	t.steps, t.last = steps, time.Time{}
	t.w.say(message{Stage: &stage{name, done, steps}})
}

func (t *teller) Step(done int, values []runs.Value) {
	if now := time.Now(); now.Sub(t.last) >= pulse || done == t.steps || t.steps <= 50 {
		t.last = now
		t.w.say(message{Step: &step{done, values}})
	}
}

func (t *teller) End() {}

// memoryNow is what the program has of the system's memory, but for files that are mapped.
func memoryNow() int64 {
	s := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(s)
	return int64(s[0].Value.Uint64() - s[1].Value.Uint64())
}

// processorSeconds is what the program has computed so far.
func processorSeconds() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0 // never: both arguments are right
	}
	seconds := func(t syscall.Timeval) float64 { return time.Duration(t.Nano()).Seconds() }
	return seconds(u.Utime) + seconds(u.Stime)
}
