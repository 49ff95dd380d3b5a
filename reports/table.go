package reports

import (
	"fmt"
	"math"
	"slices"
	"strconv"
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
	// Trials says that it shows searches: it is made of every trial, others of the chosen ones.
	Trials bool
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

// Text makes a text cell.
func Text(format string, args ...any) Cell { return Cell{Text: fmt.Sprintf(format, args...)} }

// Count makes the cell of a number of things.
func Count(n int) Cell { return Cell{Text: fmt.Sprint(n), Count: true} }

// Remark adds a remark on the whole table, once.
func (t *Table) Remark(text string) {
	if !slices.Contains(t.Remarks, text) {
		t.Remarks = append(t.Remarks, text)
	}
}

// Missing is the cell of a number that is not reported, with its reason.
func (t *Table) Missing(reason string) Cell { return Cell{Text: "—", Note: t.Note(reason)} }

// Number makes a cell of one value without interval, with so many decimals.
func Number(v float64, decimals int) Cell {
	return Cell{Text: fmt.Sprintf("%.*f", decimals, v), Number: true, Value: v, Low: math.NaN(), High: math.NaN(), N: 1}
}

// Note adds a footnote, once, and returns its mark.
func (t *Table) Note(text string) int {
	if i := slices.Index(t.Notes, text); i >= 0 {
		return i + 1
	}
	t.Notes = append(t.Notes, text)
	return len(t.Notes)
}

// OverSeeds folds values of several seeds into a mean with its t-interval; one
// value falls back on no interval, which the caller's footnote says. A cell has one
// footnote: what else is to be said of it joins the interval's warnings.
func (t *Table) OverSeeds(values []float64, decimals int, also ...string) (Cell, error) {
	i, err := inference.OverSeeds(values, 0.95)
	if err != nil {
		return Cell{}, fmt.Errorf("reports: %s: %w", t.Name, err)
	}
	return t.Mean(i, decimals, also...), nil
}

// Mean is the cell of a mean over seeds.
func (t *Table) Mean(i inference.Interval, decimals int, also ...string) Cell {
	c := Cell{Text: fmt.Sprintf("%.*f", decimals, i.Estimate), Number: true, Value: i.Estimate, Low: i.Low, High: i.High, N: i.N}
	if !math.IsNaN(i.Low) {
		c.Text += fmt.Sprintf(" ± %.*f", decimals, (i.High-i.Low)/2)
	}
	if i.N > 1 {
		t.Remark(fmt.Sprintf("mean over seeds ± half of the 95%% t-interval, %d seeds", i.N))
		also = append(i.Warnings, also...)
	}
	if len(also) > 0 {
		c.Note = t.Note(strings.Join(also, "; "))
	}
	return c
}

// Bracketed prints a number cell with the interval over n rows or images that one seed has.
func (c Cell) Bracketed(low, high float64, n, decimals int) Cell {
	c.Low, c.High, c.N = low, high, n
	c.Text = fmt.Sprintf("%.*f [%.*f, %.*f]", decimals, c.Value, decimals, low, decimals, high)
	return c
}

// Numeric says whether a column is set like numbers: to the right.
func (t *Table) Numeric(column int) bool {
	return t.has(column, func(c Cell) bool { return c.Number || c.Count })
}

// Measured says whether a column holds numbers that may have intervals.
func (t *Table) Measured(column int) bool {
	return t.has(column, func(c Cell) bool { return c.Number })
}

func (t *Table) has(column int, kind func(Cell) bool) bool {
	return slices.ContainsFunc(t.Rows, func(row []Cell) bool { return kind(row[column]) })
}

// Exact prints a number with all its digits; one that is not known is empty.
func Exact(v float64) string {
	if math.IsNaN(v) {
		return ""
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}
