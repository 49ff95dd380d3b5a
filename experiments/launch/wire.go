package launch

import (
	"errors"

	"github.com/venn-adapt/venn/experiments/runs"
)

// An order is what a launcher writes to a worker, a line of JSON each.
type order struct {
	Dir    string         `json:"dir,omitempty"`
	Data   string         `json:"data,omitempty"`
	Began  runs.State     `json:"began,omitempty"`
	Limits runs.Limits    `json:"limits"`
	Drop   []runs.Leaving `json:"drop,omitempty"`
	Stop   bool           `json:"stop,omitempty"` // the job at work, after its checkpoint
}

// A message is what a worker writes back, a line of JSON each: one of its fields.
type message struct {
	Stage  *stage  `json:"stage,omitempty"`
	Step   *step   `json:"step,omitempty"`
	Notice string  `json:"notice,omitempty"`
	Beat   *beat   `json:"beat,omitempty"`
	End    *ending `json:"end,omitempty"`
}

type stage struct {
	Name  string `json:"name"`
	Done  int    `json:"done"`
	Steps int    `json:"steps"`
}

type step struct {
	Done   int          `json:"done"`
	Values []runs.Value `json:"values,omitempty"`
}

// A beat says what the worker has used so far.
type beat struct {
	Memory  int64   `json:"memory"`  // bytes now
	Seconds float64 `json:"seconds"` // of processors, since it was started
}

// An ending is an outcome.
type ending struct {
	State   runs.State `json:"state"`
	Reused  bool       `json:"reused,omitempty"`
	Another bool       `json:"another,omitempty"`
	Where   string     `json:"where,omitempty"`
	Cause   string     `json:"cause,omitempty"`
	Damaged bool       `json:"damaged,omitempty"`
	Holder  string     `json:"holder,omitempty"` // the process that holds the run directory
}

func endingOf(o runs.Outcome) *ending {
	e := &ending{State: o.State, Reused: o.Reused, Another: o.Another, Where: o.Where}
	if o.Err != nil {
		e.Cause, e.Damaged = o.Err.Error(), runs.IsDamaged(o.Err)
	}
	var busy *runs.InUseError
	if errors.As(o.Err, &busy) {
		e.Holder = busy.Process
	}
	return e
}

// outcome is what a worker said became of a task.
func (e *ending) outcome(t runs.Task) runs.Outcome {
	out := t.Ended(e.State, nil)
	out.Reused, out.Another, out.Where = e.Reused, e.Another, e.Where
	switch {
	case e.Holder != "":
		out.Err = &runs.InUseError{Dir: t.Dir, Process: e.Holder}
	case e.Cause != "":
		out.Err = told{e.Cause, e.Damaged}
	}
	return out
}

// told is an error of another process.
type told struct {
	text    string
	damaged bool
}

func (t told) Error() string { return t.text }
func (t told) Damaged() bool { return t.damaged }
