package reports

import (
	"fmt"
	"slices"
	"strings"
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

// SeveralVariants says whether the names of methods must tell variants apart.
func SeveralVariants(runs []Run) bool {
	return slices.ContainsFunc(runs, func(r Run) bool { return r.Results.Variant() != runs[0].Results.Variant() })
}

// MethodName is that of a method's row: with its variant, where there are several.
func (r Results) MethodName(a Adaptation, several bool) string {
	if several {
		return r.Variant() + " " + a.Name
	}
	return a.Name
}
