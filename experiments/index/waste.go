package index

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/venn-adapt/venn/experiments/runs"
)

// A Waste is a run that may go, and why.
type Waste struct {
	Run
	Kind  string `json:"kind"` // one of WasteKinds
	Why   string `json:"why"`
	Files int64  `json:"files_bytes"` // of all its files
}

// The kinds of waste.
const (
	Incomplete = "incomplete" // failed, interrupted or queued: begun and not brought to its end
	Superseded = "superseded" // another version of the program did the same job since
)

// WasteKinds are the kinds by name.
var WasteKinds = []string{Incomplete, Superseded}

// Wasted lists the runs at or below some paths that may go: of one of the kinds, and in their
// state for longer than an age. A run that a process works in is none, nor is one that is
// damaged, which `venn resume` mends.
func (x *Index) Wasted(paths, kinds []string, older time.Duration, now time.Time) ([]Waste, error) {
	all, err := x.List(Query{Paths: paths, Now: now})
	if err != nil {
		return nil, err
	}
	by, err := x.superseded(all)
	if err != nil {
		return nil, err
	}
	out := []Waste{}
	for _, r := range all {
		w := Waste{Run: r}
		switch newer := by[r.Path]; {
		case r.Process != "" || r.Age(now) < older:
			continue
		case newer != nil:
			w.Kind, w.Why = Superseded, fmt.Sprintf("done again as %s by version %s", newer.Job, newer.Version)
		case slices.Contains(unfinished, r.State):
			w.Kind, w.Why = Incomplete, strings.TrimSuffix(fmt.Sprintf("%s: %s", r.State, r.Cause), ": ")
		}
		if !slices.Contains(kinds, w.Kind) {
			continue
		}
		if w.Files, err = runs.SizeOf(r.Path); err != nil {
			return nil, err
		}
		out = append(out, w)
	}
	return out, nil
}

// unfinished are the states of runs that nobody is at and that are not at their end; a trial that its
// search stopped is.
var unfinished = []runs.State{runs.Failed, runs.Interrupted, runs.Queued, runs.Waiting}

// superseded says, by path, which finished run did the job of another one again: of one
// study, label and seed, with the same options, as another version of the program names it.
// The one that this version would make stands; where none is, the one of the highest
// version, and of these the youngest.
func (x *Index) superseded(all []Run) (map[string]*Run, error) {
	jobs := map[string][]*Run{}
	for i := range all {
		r := &all[i]
		if r.State == runs.Done || r.State == runs.Stopped || slices.Contains(unfinished, r.State) {
			key := strings.Join([]string{r.Spec, r.Label, r.Seed}, "\x00")
			jobs[key] = append(jobs[key], r)
		}
	}
	out := map[string]*Run{}
	for _, key := range slices.Sorted(maps.Keys(jobs)) {
		same := jobs[key]
		if len(same) < 2 {
			continue
		}
		stands := standing(same)
		if stands == nil {
			continue
		}
		of, err := x.training(stands.Path)
		if err != nil {
			return nil, err
		}
		for _, r := range same {
			if r == stands || r.Job == stands.Job { // a copy is no other version
				continue
			}
			other, err := x.training(r.Path)
			if err != nil {
				return nil, err
			}
			if agree(of, other) {
				out[r.Path] = stands
			}
		}
	}
	return out, nil
}

// standing is the finished run among several of one job that stands; nil where none is
// finished.
func standing(same []*Run) *Run {
	done := slices.DeleteFunc(slices.Clone(same), func(r *Run) bool { return r.State != runs.Done })
	if len(done) == 0 {
		return nil
	}
	return slices.MaxFunc(done, func(a, b *Run) int {
		return cmp.Or(cmp.Compare(ours(a), ours(b)), cmp.Compare(a.Engine, b.Engine), cmp.Compare(a.Evaluator, b.Evaluator), cmp.Compare(a.Changed, b.Changed), cmp.Compare(a.Path, b.Path))
	})
}

// ours is 1 where this version of the program makes this very job and evaluation.
func ours(r *Run) int {
	plan, err := runs.ResumePlan(r.Path)
	if err == nil && plan.Jobs[0].Evaluation == r.Evaluation {
		return 1
	}
	return 0
}

// training are the options of a run on which its results depend.
func (x *Index) training(path string) (map[string]string, error) {
	rows, err := x.db.Query("SELECT o.path, o.value FROM options o JOIN runs ON o.run = runs.id WHERE runs.path = ?", path)
	if err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	defer rows.Close()
	out := map[string]string{}
	for rows.Next() {
		var name, value string
		if err := rows.Scan(&name, &value); err != nil {
			return nil, fmt.Errorf("index: %w", err)
		}
		section, _, _ := strings.Cut(name, ".")
		switch {
		case name == "model.train.log_every", name == "model.train.checkpoint_every":
		case slices.Contains([]string{"domains", "image", "model", "features", "adapt", "metrics", "translate"}, section):
			out[name] = value
		}
	}
	return out, rows.Err()
}

// agree says whether options that both have are the same; versions add and drop others.
func agree(a, b map[string]string) bool {
	if len(a) == 0 || len(b) == 0 {
		return false // nothing is known of one
	}
	for name, value := range a {
		if other, both := b[name]; both && other != value {
			return false
		}
	}
	return true
}
