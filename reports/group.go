package reports

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// A Group holds the runs that differ by seed alone.
type Group struct {
	Label string // the point of the grid, with the study and the method where the runs have several
	Runs  []Run  // at least one
}

// groups are all groups of a report's runs.
type groups []Group

// GroupsOf folds runs by spec and label, in the order of their first run.
func GroupsOf(runs []Run) groups {
	var out groups
	for _, r := range runs {
		label := groupLabel(r.Results, runs)
		i := slices.IndexFunc(out, func(g Group) bool { return g.Label == label })
		if i < 0 {
			out = append(out, Group{Label: label})
			i = len(out) - 1
		}
		out[i].Runs = append(out[i].Runs, r)
	}
	return out
}

// groupLabel is the job's point, with the study and the method where the runs have several
// and it does not name them: runs that another method trained are no further seeds.
func groupLabel(r Results, runs []Run) string {
	label := r.Label
	others := func(differs func(o Results) bool) bool {
		return slices.ContainsFunc(runs, func(o Run) bool { return differs(o.Results) })
	}
	if !strings.HasPrefix(label, "method=") && others(func(o Results) bool { return o.Method != r.Method && o.Name == r.Name }) {
		label = strings.TrimSpace("method=" + r.Method + " " + label)
	}
	if others(func(o Results) bool { return o.Name != r.Name }) {
		label = r.Name + " " + label
	}
	return label
}

// Several says whether a table needs a column for the groups' labels.
func (gs groups) Several() bool { return len(gs) > 1 }

// Row starts the cells of a table's row with the group's label, where there is more than one.
func (gs groups) Row(g Group, cells ...Cell) []Cell {
	if gs.Several() {
		return append([]Cell{Text("%s", g.Label)}, cells...)
	}
	return cells
}

// Columns are the headings of such rows.
func (gs groups) Columns(columns ...string) []string {
	if gs.Several() {
		return append([]string{"job"}, columns...)
	}
	return columns
}

// Told copies runs so that the names of their jobs say of which study they are, where there are
// several.
func Told(runs []Run) []Run {
	if !slices.ContainsFunc(runs, func(r Run) bool { return r.Results.Name != runs[0].Results.Name }) {
		return runs
	}
	out := slices.Clone(runs)
	for i := range out {
		out[i].Results.study = out[i].Results.Name + " "
	}
	return out
}

// JobName names a run for people.
func (r Results) JobName() string {
	name := fmt.Sprintf("seed %d", r.Seed)
	if r.Label != "" {
		name = r.Label + " " + name
	}
	return r.study + name
}

// Variant is what of a run's label is not its task or seed: other points of the grid
// are other methods.
func (r Results) Variant() string {
	words := slices.DeleteFunc(strings.Fields(r.Label), func(w string) bool { return strings.HasPrefix(w, "features.task=") })
	return strings.Join(words, " ")
}

// MethodNames says what the row of an adaptation method of each run is called: with its variant, where there are
// several, and the study before it where two studies have one of that name on the same task.
func MethodNames(runs []Run) func(r Results, method string) string {
	several := slices.ContainsFunc(runs, func(r Run) bool { return r.Results.Variant() != runs[0].Results.Variant() })
	plain := func(r Results, method string) string {
		if several {
			return r.Variant() + " " + method
		}
		return method
	}
	shared := sharedNames{}
	for _, r := range runs {
		for _, a := range r.Results.Adaptation {
			shared.put(plain(r.Results, a.Name), r.Results.Task, r.Results.Name)
		}
	}
	return func(r Results, method string) string { return shared.told(plain(r, method), r.Name) }
}

// sharedNames are the studies that have a name on a task, by name and task.
type sharedNames map[string]map[string][]string

func (s sharedNames) put(name, task, study string) {
	if s[name] == nil {
		s[name] = map[string][]string{}
	}
	if !slices.Contains(s[name][task], study) {
		s[name][task] = append(s[name][task], study)
	}
}

// told is a name, with its study before it where two studies have it on one task.
func (s sharedNames) told(name, study string) string {
	for _, studies := range s[name] {
		if len(studies) > 1 {
			return study + " " + name
		}
	}
	return name
}

// settingsFrom are the sections of a resolved spec that results depend on.
var settingsFrom = []string{"domains", "image", "model", "features", "adapt", "metrics", "translate"}

// onlyLogged are settings of the training that change nothing in what is trained.
var onlyLogged = []string{"model.train.log_every", "model.train.checkpoint_every"}

// Apart copies runs so that those of one study that have a label in common but not their settings, as overrides
// make them, say in their labels what differs: they are no further seeds of one job, nor trials of one search. Runs of
// one seed that their specs do not tell apart are of several versions of the program, and are called by their jobs. A
// setting of which some specs say nothing, since their version did not have it, tells nothing.
func Apart(runs []Run) []Run {
	type key struct {
		study, label, method string
		trial                bool
	}
	of := map[key][]int{}
	for i, r := range runs {
		k := key{r.Results.Name, r.Results.Label, r.Results.Method, r.Trial != nil}
		if k.trial {
			k.label = r.Trial.Of
		}
		of[k] = append(of[k], i)
	}
	out := slices.Clone(runs)
	for _, same := range of {
		bySettings(out, same)
		byJob(out, same)
	}
	return out
}

// bySettings adds to the labels of some runs the settings that not all of them have.
func bySettings(runs []Run, same []int) {
	if len(same) < 2 {
		return
	}
	settings, values := make([]map[string]string, len(same)), map[string]string{}
	differ := map[string]bool{}
	for k, i := range same {
		settings[k] = runs[i].settings()
		for path, v := range settings[k] {
			first, there := values[path]
			differ[path] = differ[path] || there && v != first
			if !there {
				values[path] = v
			}
		}
	}
	for _, path := range slices.Sorted(maps.Keys(differ)) {
		for k, i := range same {
			if v, there := settings[k][path]; differ[path] && there {
				runs[i].tell(path + "=" + v)
			}
		}
	}
}

// byJob adds the jobs to the labels under which a seed of these runs comes more than once.
func byJob(runs []Run, same []int) {
	type place struct {
		label string
		seed  uint64
	}
	jobs, again := map[place]string{}, map[string]bool{}
	for _, i := range same {
		r := runs[i].Results
		at := place{r.Label, r.Seed}
		if job, there := jobs[at]; there && job != r.Job {
			again[r.Label] = true
		}
		jobs[at] = r.Job
	}
	for _, i := range same {
		if r := &runs[i]; again[r.Results.Label] && r.Trial == nil {
			r.tell("job=" + r.Results.Job)
		}
	}
}

// tell adds to a run's label, and to what its search is called.
func (r *Run) tell(text string) {
	r.Results.Label = strings.TrimSpace(r.Results.Label + " " + text)
	if r.Trial != nil {
		t := *r.Trial
		t.Of = strings.TrimSpace(t.Of + " " + text)
		r.Trial = &t
	}
}

// settings are those of a run by path, as texts.
func (r Run) settings() map[string]string {
	out := map[string]string{}
	var sections map[string]any
	if err := yaml.Unmarshal([]byte(r.Spec), &sections); err != nil {
		return out // a record by hand has none
	}
	for _, name := range settingsFrom {
		flat(name, sections[name], out)
	}
	for _, path := range onlyLogged {
		delete(out, path)
	}
	if r.Trial != nil { // what it drew is its own
		for _, v := range r.Trial.Values {
			delete(out, v.Path)
		}
	}
	return out
}

func flat(path string, v any, out map[string]string) {
	if section, is := v.(map[string]any); is {
		for name, v := range section {
			flat(path+"."+name, v, out)
		}
	} else if v != nil {
		text, _ := json.Marshal(v) // of YAML: it can be JSON
		out[path] = strings.Trim(string(text), `"`)
	}
}
