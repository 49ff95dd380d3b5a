package reports

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/venn-adapt/venn/internal/registry"
	"github.com/venn-adapt/venn/metrics/inference"
)

// A TableInfo describes a kind of table. Each is one file that registers itself in
// Tables.
type TableInfo struct {
	Name  string
	Title string
	Order int // place in a bundle
	// Build makes the table of runs, or says in skip why it cannot.
	Build func(runs []Run) (t *Table, skip string, err error)
}

// Tables holds every table by name.
var Tables = registry.New[TableInfo]("table")

// A Table is a result as rows of cells, before any layout.
type Table struct {
	Name    string
	Title   string
	Columns []string
	Rows    [][]Cell
	Notes   []string // footnotes, in the order of their marks
	Remarks []string // on the whole table, without marks
}

// A Cell is a text or a number with its interval. Number cells carry what a CSV
// needs in full precision.
type Cell struct {
	Text   string // of a text cell, or how the number is printed
	Number bool
	Count  bool // of things: a text that is set like a number, without interval
	Value  float64
	Low    float64 // NaN where there is no interval
	High   float64
	N      int
	Note   int // index of a footnote + 1; 0: none
}

// text makes a text cell.
func text(format string, args ...any) Cell { return Cell{Text: fmt.Sprintf(format, args...)} }

// count makes the cell of a number of things.
func count(n int) Cell { return Cell{Text: fmt.Sprint(n), Count: true} }

// remark adds a remark on the whole table, once.
func (t *Table) remark(text string) {
	if !slices.Contains(t.Remarks, text) {
		t.Remarks = append(t.Remarks, text)
	}
}

// missing is the cell of a number that is not reported, with its reason.
func (t *Table) missing(reason string) Cell { return Cell{Text: "—", Note: t.note(reason)} }

// number makes a cell of one value without interval, with so many decimals.
func number(v float64, decimals int) Cell {
	return Cell{Text: fmt.Sprintf("%.*f", decimals, v), Number: true, Value: v, Low: math.NaN(), High: math.NaN(), N: 1}
}

// note adds a footnote, once, and returns its mark.
func (t *Table) note(text string) int {
	if i := slices.Index(t.Notes, text); i >= 0 {
		return i + 1
	}
	t.Notes = append(t.Notes, text)
	return len(t.Notes)
}

// overSeeds folds values of several seeds into a mean with its t-interval; one
// value falls back on no interval, which the caller's footnote says. A cell has one
// footnote: what else is to be said of it joins the interval's warnings.
func (t *Table) overSeeds(values []float64, decimals int, also ...string) (Cell, error) {
	i, err := inference.OverSeeds(values, 0.95)
	if err != nil {
		return Cell{}, fmt.Errorf("reports: %s: %w", t.Name, err)
	}
	c := Cell{Text: fmt.Sprintf("%.*f", decimals, i.Estimate), Number: true, Value: i.Estimate, Low: i.Low, High: i.High, N: i.N}
	if !math.IsNaN(i.Low) {
		c.Text += fmt.Sprintf(" ± %.*f", decimals, (i.High-i.Low)/2)
	}
	if i.N > 1 {
		t.remark(fmt.Sprintf("mean over seeds ± half of the 95%% t-interval, %d seeds", i.N))
		also = append(i.Warnings, also...)
	}
	if len(also) > 0 {
		c.Note = t.note(strings.Join(also, "; "))
	}
	return c, nil
}

// A group holds the runs that differ by seed alone.
type group struct {
	label string
	runs  []Run
}

// groups folds runs by spec and label, in the order of their first run.
func groups(runs []Run) []group {
	var out []group
	for _, r := range runs {
		label := groupLabel(r.Results, runs)
		i := slices.IndexFunc(out, func(g group) bool { return g.label == label })
		if i < 0 {
			out = append(out, group{label: label})
			i = len(out) - 1
		}
		out[i].runs = append(out[i].runs, r)
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

// labelled says whether a table needs a column for the groups' labels.
func labelled(gs []group) bool { return len(gs) > 1 }

// lead starts a row with the group's label, where there is more than one.
func lead(gs []group, g group, cells ...Cell) []Cell {
	if labelled(gs) {
		return append([]Cell{text("%s", g.label)}, cells...)
	}
	return cells
}

func leadColumns(gs []group, columns ...string) []string {
	if labelled(gs) {
		return append([]string{"job"}, columns...)
	}
	return columns
}
