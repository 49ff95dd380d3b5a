package index

import (
	"reflect"
	"strings"
)

// A kind says how a column is compared.
type kind int

const (
	text   kind = iota
	number      // compared as a number
	loose       // a text that may be a number: a seed, an option
	age         // a time, of which is asked how long ago it was
)

// A column is one thing that is known of a run: what is listed, filtered, grouped and
// sorted by.
type column struct {
	name  string
	kind  kind
	field func(*Run) any // where it is read to
}

// columns are in the order in which they are kept.
var columns = []column{
	{"path", text, func(r *Run) any { return &r.Path }},
	{"spec", text, func(r *Run) any { return &r.Spec }},
	{"job", text, func(r *Run) any { return &r.Job }},
	{"label", text, func(r *Run) any { return &r.Label }},
	{"method", text, func(r *Run) any { return &r.Method }},
	{"task", text, func(r *Run) any { return &r.Task }},
	{"seed", loose, func(r *Run) any { return &r.Seed }},
	{"state", text, func(r *Run) any { return (*string)(&r.State) }},
	{"cause", text, func(r *Run) any { return &r.Cause }},
	{"process", text, func(r *Run) any { return &r.Process }},
	{"step", number, func(r *Run) any { return &r.Step }},
	{"steps", number, func(r *Run) any { return &r.Steps }},
	{"accuracy", number, func(r *Run) any { return &r.Accuracy }},
	{"of", text, func(r *Run) any { return &r.Of }},
	{"evaluation", text, func(r *Run) any { return &r.Evaluation }},
	{"version", text, func(r *Run) any { return &r.Version }},
	{"engine_version", number, func(r *Run) any { return &r.Engine }},
	{"evaluation_version", number, func(r *Run) any { return &r.Evaluator }},
	{"machine", text, func(r *Run) any { return &r.Machine }},
	{"kernels", text, func(r *Run) any { return &r.Kernels }},
	{"bytes", number, func(r *Run) any { return &r.Bytes }},
	{"age", age, func(r *Run) any { return &r.Changed }},
}

// Columns are the names of what is known of every run.
func Columns() []string {
	out := make([]string, len(columns))
	for i, c := range columns {
		out[i] = c.name
	}
	return out
}

// joined are the names of the columns in a statement, without the quotes at both ends.
var joined = strings.Join(Columns(), `", "`)

// Value is what a run has in a column; false where there is no such column. Age is the time
// since which it counts, in seconds.
func (r *Run) Value(name string) (any, bool) {
	for _, c := range columns {
		if c.name == name {
			return reflect.ValueOf(c.field(r)).Elem().Interface(), true
		}
	}
	return nil, false
}
