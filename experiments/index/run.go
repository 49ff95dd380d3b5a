package index

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/reports"
)

// A Run is what the index knows of one run directory.
type Run struct {
	Path       string     `json:"path"` // absolute
	Spec       string     `json:"spec"`
	Job        string     `json:"job"`
	Label      string     `json:"label"`
	Method     string     `json:"method"`
	Task       string     `json:"task"` // "usps->mnist"; "a, b" where no domain is labelled
	Seed       string     `json:"seed"` // as written: seeds go beyond what SQLite counts to
	State      runs.State `json:"state"`
	Cause      string     `json:"cause,omitempty"`
	Process    string     `json:"process,omitempty"`
	Step       int        `json:"step"`
	Steps      int        `json:"steps"`
	Accuracy   *float64   `json:"accuracy"` // on the target's test images; null where there is none
	Of         string     `json:"of"`       // row and classifier that the accuracy is of
	Evaluation string     `json:"evaluation"`
	Version    string     `json:"version"` // of the program that began the run
	Engine     int        `json:"engine_version"`
	Evaluator  int        `json:"evaluation_version"`
	Machine    string     `json:"machine"` // processor and system
	Kernels    string     `json:"kernels"`
	Bytes      int64      `json:"bytes"`
	Changed    int64      `json:"changed_unix"` // when status.json was written, in seconds
}

// Age is how long ago the state of the run changed.
func (r *Run) Age(now time.Time) time.Duration {
	return now.Sub(time.Unix(r.Changed, 0)).Truncate(time.Second)
}

// read looks at a run directory. What cannot be read is said in Cause, as of one that is
// damaged: the others are still to be listed.
func read(dir string) (*Run, []spec.Pair, error) {
	info, err := runs.Look(dir)
	if err != nil {
		return nil, nil, err
	}
	r := &Run{Path: dir, Spec: info.Name, Job: info.ID, Label: info.Label, Evaluation: info.Evaluation,
		State: info.State, Cause: info.Cause, Process: info.Process, Step: info.Step, Steps: info.Steps}
	if r.Changed, err = changed(dir); err != nil {
		return nil, nil, err
	}
	sealed, err := runs.OpenSealed(dir)
	if err != nil {
		if !runs.IsDamaged(err) {
			return nil, nil, err
		}
		r.remark(err) // of an earlier version, or it has just begun
		return r, nil, nil
	}
	r.Bytes = sealed.Bytes()
	var pairs []spec.Pair
	for _, part := range []struct {
		name string
		take func([]byte) error
	}{
		{"resolved.yaml", func(text []byte) error { pairs = spec.Flat(text); r.options(pairs); return nil }},
		{"env.json", r.environment},
		{"results.json", r.results},
	} {
		if part.name == "results.json" && r.State != runs.Done {
			continue
		}
		data, err := sealed.Read(part.name)
		if err == nil {
			if err = part.take(data); err != nil {
				err = &runs.DamagedError{File: filepath.Join(dir, part.name), Found: err.Error()}
			}
		}
		if err != nil {
			if !runs.IsDamaged(err) {
				return nil, nil, err
			}
			if info.Process == "" { // else it is being written
				r.State = runs.Damaged
			}
			r.remark(err)
		}
	}
	return r, pairs, nil
}

func (r *Run) remark(err error) {
	if r.Cause == "" {
		r.Cause = strings.Join(strings.Fields(err.Error()), " ")
	}
}

// options takes what a resolved spec says of method, seed and task.
func (r *Run) options(pairs []spec.Pair) {
	of := map[string]string{}
	for _, p := range pairs {
		of[p.Path] = p.Text
	}
	r.Method = of["model.method"]
	for _, word := range strings.Fields(r.Label) { // a study may train one method in several ways, and names them
		if name, ok := strings.CutPrefix(word, "method="); ok {
			r.Method = name
		}
	}
	r.Seed = strings.Trim(of["seeds"], "[]")
	a, b := of["domains.a.dataset"], of["domains.b.dataset"]
	switch {
	case of["features.task"] != "":
		r.Task = of["features.task"]
	case of["domains.a.labelled"] == "true":
		r.Task = a + spec.TaskArrow + b
	case of["domains.b.labelled"] == "true":
		r.Task = b + spec.TaskArrow + a
	case a != "":
		r.Task = a + ", " + b
	}
}

// environment takes what env.json says of the program and the machine.
func (r *Run) environment(data []byte) error {
	var e runs.Environment
	if err := json.Unmarshal(data, &e); err != nil {
		return fmt.Errorf("is not the JSON of an environment")
	}
	r.Version, r.Engine, r.Evaluator = e.Version, e.Engine, e.Evaluation
	r.Machine = strings.TrimSpace(e.Processor + " " + e.System)
	return nil
}

// results takes the accuracy of a finished run: that of the first row of its table of
// accuracy, or of its one method of adaptation. Several methods have no one accuracy, and
// the best of them would be chosen by target labels.
func (r *Run) results(data []byte) error {
	var found struct {
		Format   int
		Kernels  string
		Accuracy []struct {
			Row, Classifier string
			Oracle          bool
			Target          *struct{ Accuracy float64 }
		}
		Adaptation []struct {
			Name                    string
			Transductive, Inductive *struct{ Accuracy float64 }
		}
	}
	if err := json.Unmarshal(data, &found); err != nil {
		return fmt.Errorf("is not the JSON of results")
	}
	if found.Format != runs.ResultsFormat {
		return fmt.Errorf("format %d, want %d; evaluate the run anew", found.Format, runs.ResultsFormat)
	}
	r.Kernels = found.Kernels
	for _, a := range found.Accuracy {
		if a.Target != nil {
			r.Accuracy, r.Of = &a.Target.Accuracy, a.Row+" "+a.Classifier
			if a.Row == reports.NetworkRow {
				r.Of = a.Row
			}
			if a.Oracle {
				r.Of += " (oracle)"
			}
			return nil
		}
	}
	switch n := len(found.Adaptation); {
	case n > 1:
		r.Of = strconv.Itoa(n) + " methods"
	case n == 1 && found.Adaptation[0].Transductive != nil:
		r.Accuracy, r.Of = &found.Adaptation[0].Transductive.Accuracy, found.Adaptation[0].Name
	case n == 1 && found.Adaptation[0].Inductive != nil:
		r.Accuracy, r.Of = &found.Adaptation[0].Inductive.Accuracy, found.Adaptation[0].Name
	}
	return nil
}
