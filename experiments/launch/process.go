package launch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"syscall"
	"time"

	"github.com/venn-adapt/venn/experiments/runs"
)

// A process is a worker process as its launcher sees it.
type process struct {
	cmd      *exec.Cmd
	in       io.WriteCloser
	messages chan message // closed when the worker writes no more: it has ended
	words    *words       // what it writes to stderr
	killed   error        // why the launcher killed it
}

func start(command []string) (*process, error) {
	p := &process{cmd: exec.Command(command[0], command[1:]...), messages: make(chan message), words: &words{}}
	p.cmd.Stderr, p.cmd.SysProcAttr = p.words, apart()
	var err error
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("launch: worker: %w", err)
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("launch: worker: %w", err)
	}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("launch: worker: %w", err)
	}
	go func() {
		defer close(p.messages)
		for from := json.NewDecoder(out); ; {
			var m message
			if from.Decode(&m) != nil {
				_, _ = io.Copy(io.Discard, out) // what is no message is told by the worker's end
				return
			}
			p.messages <- m
		}
	}()
	return p, nil
}

// alive says whether an idle worker can take an order.
func (p *process) alive() bool {
	select {
	case _, ok := <-p.messages:
		return ok // never: an idle worker says nothing
	default:
		return true
	}
}

// end closes the orders of an idle worker and waits for its end.
func (p *process) end() {
	_ = p.in.Close()
	last := time.AfterFunc(5*time.Second, func() { _ = p.cmd.Process.Kill() })
	defer last.Stop()
	for range p.messages {
	}
	_ = p.cmd.Wait() // its tasks have ended
}

// spare is what a job has beyond its bound of time for its checkpoint, before it is killed.
var spare = time.Minute

// do gives an order and follows it. death is why there is no outcome: the worker is no more.
func (p *process) do(ctx context.Context, t runs.Task, o runs.RunOptions, progress func() runs.Progress) (out runs.Outcome, death error) {
	orders := json.NewEncoder(p.in)
	if err := orders.Encode(order{Dir: t.Dir, Data: o.Data, Began: t.Began, Limits: o.Limits, Drop: o.Drop}); err != nil {
		_ = p.cmd.Process.Kill()
	}
	w := &watch{limits: o.Limits, heard: time.Now(), begun: time.Now()}
	tick := time.NewTicker(pulse)
	defer tick.Stop()
	stop := ctx.Done()
	for {
		select {
		case m, ok := <-p.messages:
			if !ok {
				return out, p.dead()
			}
			if m.End != nil {
				return m.End.outcome(t), nil
			}
			p.kill(w.hear(m))
			if m.Notice != "" && o.Notice != nil {
				o.Notice(t.Index, t.Job, m.Notice)
			}
			show(m, progress)
		case <-stop:
			stop = nil
			_ = orders.Encode(order{Stop: true}) // a worker that is gone is found above
		case now := <-tick.C:
			p.kill(w.look(now))
		}
	}
}

func show(m message, progress func() runs.Progress) {
	if m.Stage == nil && m.Step == nil {
		return
	}
	switch to := progress(); {
	case to == nil:
	case m.Stage != nil:
		to.Stage(m.Stage.Name, m.Stage.Done, m.Stage.Steps)
	default:
		to.Step(m.Step.Done, m.Step.Values)
	}
}

// kill ends the worker for a reason, once.
func (p *process) kill(why error) {
	if why != nil && p.killed == nil {
		p.killed = why
		_ = p.cmd.Process.Kill()
	}
}

// dead says how the worker ended.
func (p *process) dead() error {
	err := p.cmd.Wait()
	if p.killed != nil {
		return p.killed
	}
	how := "ended in the middle of its job"
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		how = fmt.Sprintf("ended with exit code %d", exit.ExitCode())
		if s, ok := exit.Sys().(syscall.WaitStatus); ok && s.Signaled() {
			how = fmt.Sprintf("was ended by signal %d (%s)", s.Signal(), s.Signal())
			if s.Signal() == syscall.SIGKILL {
				how += ", which the kernel sends where memory runs out"
			}
		}
	}
	if last := p.words.last(); last != "" {
		how += "; its last words: " + last
	}
	return fmt.Errorf("launch: worker process %d %s", p.cmd.Process.Pid, how)
}

// A watch looks after a job's bounds.
type watch struct {
	limits       runs.Limits
	begun, heard time.Time // heard: the last sign of life
	beats        beat      // at that sign
}

// dozing is how much of a processor a worker takes at most that only beats; one that
// computes gets more even on a crowded machine.
const dozing = 0.002

// hear takes a message and returns the bound that it breaks.
func (w *watch) hear(m message) error {
	now := time.Now()
	b := m.Beat
	if b == nil {
		w.heard = now
		return nil
	}
	if b.Seconds-w.beats.Seconds > dozing*now.Sub(w.heard).Seconds()+0.002 {
		w.heard, w.beats = now, *b
	}
	if bound := w.limits.Memory; bound > 0 && b.Memory > bound {
		return &runs.LimitError{Limit: "limits.memory", Text: fmt.Sprintf("the job took %s, the bound is %s; raise it and run `venn resume`", Bytes(b.Memory), Bytes(bound))}
	}
	return nil
}

// look returns the bound that the time now breaks.
func (w *watch) look(now time.Time) error {
	if bound := w.limits.Silence; bound > 0 && now.Sub(w.heard) > bound {
		return &runs.LimitError{Limit: "limits.silence", Text: fmt.Sprintf("no progress and no computing for %s: the job hangs", bound)}
	}
	if bound := w.limits.Time; bound > 0 && now.Sub(w.begun) > bound+spare {
		return w.limits.TooLong()
	}
	return nil
}
