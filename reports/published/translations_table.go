package published

import (
	"fmt"
	"io"
	"math"

	"github.com/venn-adapt/venn/metrics/inference"
	"github.com/venn-adapt/venn/reports"
)

// TranslationTable lays systems out for a page: a line each with D, and its other scores before that when they are asked
// for.
func TranslationTable(rows []TranslationRow, all bool) *reports.Table {
	t := &reports.Table{Name: "compare", Title: "Published correctness of guided translation, and this program's", Columns: []string{"system", "score", "published", "here", "verdict"}}
	last := len(TranslationScores) - 1
	for _, r := range rows {
		for k, s := range TranslationScores {
			if all || k == last {
				t.Rows = append(t.Rows, r.cells(t, k, s))
			}
		}
	}
	for _, o := range Orders(rows) {
		t.Remark(o.String())
	}
	t.Remark("published: renders of 3D Shapes at 64 x 64 pixels, read by networks that the authors trained; here: read by the nearest exact render. Levels are not compared, only their order")
	t.Remark("D: mean of content and manipulation; a copy of the content has 0.5. 95% intervals here are over seeds, of one seed over pairs")
	if all {
		t.Remark("bias, lower is better, is without the domain, which nothing changes: as printed, with it, it is six sevenths of that")
	}
	return t
}

// cells are the row of a system's score k.
func (r TranslationRow) cells(t *reports.Table, k int, s TranslationScore) []reports.Cell {
	name, published, here := reports.Text("%s", r.Name), reports.Text("—"), reports.Text("—")
	if r.Claim != nil {
		name.Note = t.Note(r.Claim.Name + " of " + r.Claim.Source)
		published = reports.Number(r.Claim.Scores[k], 4)
	}
	if len(r.Here) > 0 {
		here = hereCell(t, r.Here[k])
	}
	return []reports.Cell{name, reports.Text("%s", s.label()), published, here, reports.Text("%s", string(r.Verdict))}
}

// label is the score as people know it.
func (s TranslationScore) label() string {
	if s == TranslationScores[len(TranslationScores)-1] {
		return "D"
	}
	return s.String()
}

func hereCell(t *reports.Table, i inference.Interval) reports.Cell {
	switch {
	case math.IsNaN(i.Estimate):
		return t.Missing("no translations, or no pair counts")
	case math.IsNaN(i.Low):
		return reports.Number(i.Estimate, 4)
	}
	return reports.Number(i.Estimate, 4).Bracketed(i.Low, i.High, i.N, 4)
}

// String says whether the order comes back.
func (o Order) String() string {
	last := len(TranslationScores) - 1
	out := fmt.Sprintf("published, %s is before %s in D (%.4f, %.4f); here %.4f and %.4f, %+.4f", o.First.Claim.Name, o.Second.Claim.Name,
		o.First.Claim.Scores[last], o.Second.Claim.Scores[last], o.First.d(), o.Second.d(), o.Ahead.Estimate)
	if !math.IsNaN(o.Ahead.Low) {
		out += fmt.Sprintf(" [%.4f, %.4f] over the pairs of both", o.Ahead.Low, o.Ahead.High)
	} else {
		out += " (without an interval: the pairs differ, or there are several seeds)"
	}
	switch {
	case o.Back():
		return out + ": the order comes back"
	case o.Ahead.Estimate > 0:
		return out + ": the same order, but other pairs might give the other"
	}
	return out + ": the order does not come back"
}

// TranslationTerminal prints the table within 100 columns.
func TranslationTerminal(w io.Writer, rows []TranslationRow, all bool) error {
	return terminal(w, TranslationTable(rows, all), 4)
}
