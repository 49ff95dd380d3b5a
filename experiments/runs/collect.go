package runs

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/reports"
)

// ResultsFormat is raised when the meaning of results.json changes.
const ResultsFormat = 1

// Collect reads the finished runs among the given run directories for a report: by the
// name of their spec, then as its plan lists them, whatever the order of dirs. A
// directory whose run is not done is left out and named in missing; trials that were stopped are
// told of by those that were not. Jobs that differ by more than their seed have labels that differ. A job that
// lies in several folders is read once; it fails where their results are not the same.
func Collect(dirs []string) (runs []reports.Run, missing []string, err error) {
	for _, dir := range dirs {
		info, err := Look(dir) // a killed run is interrupted, whatever it last said
		if err != nil {
			return nil, nil, err
		}
		if info.State == Damaged {
			_, err := ReadStatus(dir)
			return nil, nil, err
		}
		if info.State == Stopped {
			continue // its rivals tell of it
		}
		if info.State != Done {
			missing = append(missing, fmt.Sprintf("%s is %s", dir, info.State))
			continue
		}
		run, err := collect(dir)
		if err != nil {
			return nil, nil, err
		}
		runs = append(runs, run)
	}
	if runs, err = merge(runs); err != nil {
		return nil, nil, err
	}
	arrange(runs)
	return reports.Apart(runs), missing, nil
}

// arrange sorts runs as Collect says. Runs that the plan of their spec does not list,
// since overrides or another version of the spec made them, come last, by label and
// seed.
func arrange(runs []reports.Run) {
	slices.SortFunc(runs, func(x, y reports.Run) int {
		a, b := &x.Results, &y.Results
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Label, b.Label), cmp.Compare(a.Seed, b.Seed), cmp.Compare(x.Dir, y.Dir))
	})
	type key struct {
		name, label string
		seed        uint64
	}
	place := map[key]int{}
	planned := map[string]bool{}
	for _, run := range runs {
		name := run.Results.Name
		if planned[name] {
			continue
		}
		text, err := os.ReadFile(filepath.Join(run.Dir, "spec.yaml"))
		plan, faults := spec.NewPlan(spec.Request{Text: text})
		if err != nil || faults != nil {
			continue // another run of this name may have kept one that this version reads
		}
		planned[name] = true
		for i, j := range plan.Jobs {
			place[key{name, j.PointLabel(), j.Seed}] = i - len(plan.Jobs)
		}
	}
	slices.SortStableFunc(runs, func(x, y reports.Run) int {
		a, b := &x.Results, &y.Results
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(place[key{a.Name, a.Label, a.Seed}], place[key{b.Name, b.Label, b.Seed}]))
	})
}

func collect(dir string) (reports.Run, error) {
	run := reports.Run{Dir: dir}
	sound, err := OpenSealed(dir)
	if err != nil {
		return run, err
	}
	data, err := sound.Read("results.json")
	if err != nil {
		return run, err
	}
	path := filepath.Join(dir, "results.json")
	if err := json.Unmarshal(data, &run.Results); err != nil {
		return run, &DamagedError{path, "not the JSON of results: " + err.Error()}
	}
	if run.Results.Format != ResultsFormat {
		return run, &DamagedError{path, fmt.Sprintf("format %d, want %d; evaluate the run anew", run.Results.Format, ResultsFormat)}
	}
	for name, text := range map[string]*string{"resolved.yaml": &run.Spec, "env.json": &run.Environment, "data.lock.json": &run.Lock} {
		b, err := sound.Read(name)
		if err != nil {
			return run, err
		}
		*text = string(b)
	}
	if _, kept := sound.m.files[timesName]; kept { // earlier versions kept none
		data, err := sound.Read(timesName)
		if err != nil {
			return run, err
		}
		spent, err := parseTimes(filepath.Join(dir, timesName), data)
		if err != nil {
			return run, err
		}
		run.Seconds = spent.Training
	}
	const given = "spec.yaml" // arrange reads it where it is there
	if found, err := sound.m.fault(dir, given); err != nil {
		return run, err
	} else if found != "" {
		return run, sound.damaged(given, found)
	}
	if run.Trial, err = trialOf(dir, run.Spec); err != nil {
		return run, err
	}
	for _, g := range run.Results.Grids {
		if err := sound.Check(g.File); err != nil {
			return run, err
		}
	}
	records, err := sound.records()
	run.Curves = Curves(records)
	return run, err
}

// trialOf is which trial of a search a run is, by its resolved spec; nil where of none.
func trialOf(dir, resolved string) (*reports.Trial, error) {
	s, drawn := spec.TrialOf([]byte(resolved))
	if s == nil {
		return nil, nil
	}
	t := &reports.Trial{Number: s.Trial, Trials: s.Trials, Of: s.Of, By: s.By}
	for _, p := range drawn {
		t.Values = append(t.Values, reports.TrialValue{Path: p.Path, Value: fmt.Sprint(p.Value)})
	}
	var err error
	t.Stopped, err = stoppedRivals(dir, s.Rivals)
	return t, err
}

// Curves turns records into one curve a quantity, in the order of the first record.
func Curves(records []Record) []reports.Curve {
	var out []reports.Curve
	index := map[string]int{}
	for _, r := range records {
		for _, v := range r.Values {
			i, ok := index[v.Name]
			if !ok {
				i = len(out)
				index[v.Name] = i
				out = append(out, reports.Curve{Name: v.Name})
			}
			out[i].Steps, out[i].Values = append(out[i].Steps, r.Step), append(out[i].Values, v.Value)
		}
	}
	return out
}
