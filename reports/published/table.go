package published

import (
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/venn-adapt/venn/reports"
	"github.com/venn-adapt/venn/reports/render"
)

// CompareTable lays comparisons out for a page: a row each published row, and its tasks when they
// are asked for. Sources, reasons and what is missing are footnotes; the counts stand at the end.
func CompareTable(compared []ComparedTable, tasks bool) *reports.Table {
	t := &reports.Table{Name: "compare", Title: fmt.Sprintf("Published figures (table %d) and this program's", ClaimsVersion),
		Columns: []string{"method", "task", "paper", "here", "diff.", "noise", "tol.", "verdict"}}
	for _, c := range compared {
		if tasks {
			for _, one := range c.Tasks {
				addCompared(t, c.Method, one)
			}
		}
		addCompared(t, c.Method, c.Average)
	}
	t.Remark("accuracy in percent on the target rows that adaptation saw, of trained networks on test images; noise: rounding of the printed digits, seeds and test rows at 95%; tol.: the tolerance, in points")
	t.Remark("reproduced: within the noise and the tolerance; near: within the tolerance; better, worse: beyond; not comparable: made otherwise; not run: no such figure here")
	t.Remark("the sources chose settings on the target or do not say how; here they are fixed by the spec")
	counts := Count(compared)
	t.Remark("averages, " + counted(counts.Averages))
	t.Remark("single tasks, " + counted(counts.Tasks))
	return t
}

func addCompared(t *reports.Table, method string, c Comparison) {
	figure := func(format string, v float64) reports.Cell {
		return reports.Cell{Text: fmt.Sprintf(format, v), Count: true}
	}
	if c.Name != "" && c.Name != method {
		method += " (here " + c.Name + ")"
	}
	name := reports.Text("%s", method)
	name.Note = t.Note(c.Claim.cited())
	published := reports.Text("—")
	if !math.IsNaN(c.Claim.Percent) {
		published = reports.Number(c.Claim.Percent, 2)
	}
	var here, difference, noise reports.Cell
	if math.IsNaN(c.Here) {
		here = t.Missing(c.Remark)
	} else {
		here, difference, noise = reports.Number(c.Here, 2), figure("%+.2f", c.Difference()), figure("%.2f", c.Noise.Points())
		if r := c.remark(); r != "" {
			here.Note = t.Note(r)
		}
	}
	tolerance := reports.Text("")
	if !math.IsNaN(c.Tolerance) {
		tolerance = figure("%g", c.Tolerance)
		tolerance.Note = t.Note(c.Reason)
	}
	t.Rows = append(t.Rows, []reports.Cell{name, reports.Text("%s", c.Claim.Task), published, here, difference, noise, tolerance, reports.Text("%s", string(c.Verdict))})
}

// cited is the source of a claim and how sure its figures are.
func (c Claim) cited() string {
	source, _, _ := strings.Cut(c.Source, ", table as copied")
	return fmt.Sprintf("%s (%s)", source, c.Certainty)
}

// CompareWhole is all that is known of comparisons, every task and average a row, for a CSV.
func CompareWhole(compared []ComparedTable) *reports.Table {
	t := &reports.Table{Name: "compare", Columns: []string{"benchmark", "published as", "task", "method here", "published", "here", "difference",
		"noise", "rounding", "seeds", "test rows", "tolerance", "reason", "verdict", "remark", "source", "certainty",
		"published source only", "source only here", "published gain", "gain here"}}
	points := func(v float64) reports.Cell {
		return reports.Cell{Number: !math.IsNaN(v), Value: v, Low: math.NaN(), High: math.NaN(), N: 1}
	}
	for _, table := range compared {
		for _, c := range append(append([]Comparison{}, table.Tasks...), table.Average) {
			noise := []reports.Cell{reports.Text(""), reports.Text(""), reports.Text(""), reports.Text("")}
			if !math.IsNaN(c.Here) {
				noise = []reports.Cell{points(c.Noise.Points()), points(c.Noise.Rounding), points(c.Noise.Seeds), points(c.Noise.Interval)}
			}
			row := []reports.Cell{reports.Text("%s", c.Claim.Benchmark), reports.Text("%s", table.Method), reports.Text("%s", c.Claim.Task), reports.Text("%s", c.Name), points(c.Claim.Percent), points(c.Here), points(c.Difference())}
			row = append(row, noise...)
			row = append(row, points(c.Tolerance), reports.Text("%s", c.Reason), reports.Text("%s", string(c.Verdict)), reports.Text("%s", c.Remark), reports.Text("%s", table.Source), reports.Text("%s", c.Claim.Certainty))
			for _, v := range c.Gain.values() {
				row = append(row, points(v))
			}
			t.Rows = append(t.Rows, row)
		}
	}
	return t
}

// The widths that keep a comparison within 100 columns, whatever a spec calls its methods.
const (
	pageColumns   = 100
	methodColumns = 19 // and a mark of two letters beside it
	verdictWidth  = 10
)

// CompareTerminal prints a comparison within 100 columns.
func CompareTerminal(w io.Writer, compared []ComparedTable, tasks bool) error {
	return terminal(w, CompareTable(compared, tasks), 7)
}

// terminal prints a table whose first column is a method and whose given one is a verdict.
func terminal(w io.Writer, t *reports.Table, verdict int) error {
	for _, row := range t.Rows {
		row[0].Text = strings.Join(wrapped(row[0].Text, methodColumns), "\n")
		row[verdict].Text = strings.Join(wrapped(row[verdict].Text, verdictWidth), "\n")
	}
	for _, lines := range [][]string{t.Notes, t.Remarks} {
		for i, l := range lines {
			lines[i] = strings.Join(wrapped(l, pageColumns-4), "\n    ")
		}
	}
	return render.Terminal(w, t)
}

// wrapped breaks a text at its spaces into lines of at most so many letters; a longer word is cut.
func wrapped(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		for {
			letters := []rune(word)
			switch room := width - len([]rune(line)); {
			case line == "" && len(letters) <= width:
				line = word
			case line == "":
				lines, word = append(lines, string(letters[:width])), string(letters[width:])
				continue
			case 1+len(letters) <= room:
				line += " " + word
			default:
				lines, line = append(lines, line), ""
				continue
			}
			break
		}
	}
	return append(lines, line)
}
