package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"text/tabwriter"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/arrays"
	"github.com/venn-adapt/venn/metrics"
	"github.com/venn-adapt/venn/metrics/disentanglement"
	"github.com/venn-adapt/venn/metrics/inference"
)

func holm(results []metrics.Result) ([]*float64, error) {
	p := make([]float64, len(results))
	for i, r := range results {
		p[i] = math.NaN()
		if r.P != nil {
			p[i] = *r.P
		}
	}
	adjusted, err := inference.Holm(p)
	out := make([]*float64, len(p))
	for i := range out {
		if results[i].P != nil && err == nil {
			out[i] = &adjusted[i]
		}
	}
	return out, err
}

func (a *app) printMeasured(m measured) error {
	rows := [][]string{{"measure", "value", "95% interval", "p", "p (Holm)", "test", "rows"}}
	parts := [][]string{}
	var notes []string
	for i, r := range m.Results {
		value, interval, p, adjusted := digits(r.Value), "", "", ""
		if r.Degenerate {
			value = "collapsed"
		}
		if r.Interval != nil {
			interval = digits(r.Interval[0]) + " to " + digits(r.Interval[1])
		}
		if r.P != nil {
			p, adjusted = pText(*r.P, r.Resamples), digits(*m.Holm[i])
		}
		test := r.Method
		if r.Resamples > 0 {
			test = fmt.Sprintf("%s, %d", test, r.Resamples)
		}
		rows = append(rows, []string{r.Name, value, interval, p, adjusted, test, strconv.Itoa(r.N)})
		for _, part := range r.Parts {
			parts = append(parts, []string{r.Name, part.Name, digits(part.Value)})
		}
		for _, w := range r.Warnings {
			notes = append(notes, r.Name+": "+w)
		}
	}
	if err := a.printRows(rows); err != nil {
		return err
	}
	if len(parts) > 0 {
		if err := a.printRows(append([][]string{{}, {"of", "part", "value"}}, parts...)); err != nil {
			return err
		}
	}
	if m.Leakage != nil {
		more, err := a.printLeakage(m.Leakage)
		if err != nil {
			return err
		}
		notes = append(notes, more...)
	}
	for _, n := range notes {
		fmt.Fprintln(a.err, "warning: "+n)
	}
	return nil
}

func digits(v float64) string { return strconv.FormatFloat(v, 'g', 4, 64) }

// pText prints the smallest p that a number of resamples can give as such.
func pText(p float64, resamples int) string {
	if resamples > 0 && p <= 1/float64(resamples+1) {
		return "<= " + digits(p)
	}
	return digits(p)
}

// printRows writes rows as aligned columns to stdout, two spaces apart.
func (a *app) printRows(rows [][]string) error {
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	for _, r := range rows {
		fmt.Fprintln(w, strings.TrimRight(strings.Join(r, "\t"), "\t"))
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("stdout: %w", err)
	}
	return nil
}

// A leakageTable is the leakage matrix of blocks of code.
type leakageTable struct {
	Cells   []disentanglement.Cell         `json:"cells"`
	Summary disentanglement.LeakageSummary `json:"summary"`
}

// leakage probes every factor in every block; nil where the code is one block.
func (m *measureCall) leakage(parts []arrays.Matrix, factors arrays.Matrix, keep func(*mat.Dense) *mat.Dense) (*leakageTable, error) {
	blocks, err := m.split(parts)
	if err != nil || len(blocks) < 2 {
		return nil, err
	}
	table := keep(factors.Dense)
	_, k := table.Dims()
	list := make([]disentanglement.Factor, k)
	for j := range list {
		list[j] = factorOf(mat.Col(nil, j, table))
		if list[j].Name = fmt.Sprintf("factor %d", j+1); factors.Columns != nil {
			list[j].Name = factors.Columns[j]
		}
	}
	var entries []disentanglement.Entry
	for _, b := range blocks {
		entries = append(entries, disentanglement.Entry{Block: b.Name, On: "all", Codes: keep(b.Codes), Factors: list, Wishes: make([]disentanglement.Wish, k)})
	}
	cells, err := disentanglement.Leakage(entries, m.settings(), nil)
	if err != nil {
		return nil, err
	}
	return &leakageTable{cells, disentanglement.Summarise(cells)}, nil
}

// factorOf takes whole numbers from 0 as levels.
func factorOf(values []float64) disentanglement.Factor {
	levels := make([]int, len(values))
	for i, v := range values {
		levels[i] = int(v)
		if float64(levels[i]) != v || v < 0 || v > 1e6 {
			return disentanglement.Factor{Values: values}
		}
	}
	return disentanglement.Factor{Levels: levels}
}

// split cuts the code as --blocks says, or at the arrays of the file.
func (m *measureCall) split(parts []arrays.Matrix) ([]disentanglement.Block, error) {
	var out []disentanglement.Block
	if len(m.blocks) == 0 {
		for _, p := range parts {
			out = append(out, disentanglement.Block{Name: p.Name, Codes: p.Dense})
		}
		return out, nil
	}
	x, err := m.whole("", parts)
	if err != nil {
		return nil, err
	}
	n, d := x.Dims()
	for _, text := range m.blocks {
		name, span, _ := strings.Cut(text, "=")
		from, to, _ := strings.Cut(span, ":")
		lo, err1 := strconv.Atoi(from)
		hi, err2 := strconv.Atoi(to)
		if name == "" || err1 != nil || err2 != nil || lo < 0 || hi <= lo || hi > d {
			return nil, usage("--blocks: %q, want name=first:last+1 within the %d columns", text, d)
		}
		out = append(out, disentanglement.Block{Name: name, Codes: mat.DenseCopyOf(x.Slice(0, n, lo, hi))})
	}
	return out, nil
}

// printLeakage prints a line a block and factor, and returns notes.
func (a *app) printLeakage(t *leakageTable) ([]string, error) {
	rows := [][]string{{}, {"block", "factor", "score", "95% interval", "linear", "nearest", "network", "p", "p (Holm)"}}
	var notes []string
	for _, c := range t.Cells {
		if c.Absent {
			rows = append(rows, []string{c.Block, c.Factor, "does not vary"})
			continue
		}
		rows = append(rows, []string{c.Block, c.Factor, digits(c.Score), digits(c.Low) + " to " + digits(c.High), digits(c.Linear), digits(c.Nearest), digits(c.Network), digits(c.P), digits(c.Holm)})
		if c.Note != "" {
			notes = append(notes, c.Block+", "+c.Factor+": "+c.Note)
		}
	}
	return notes, a.printRows(rows)
}
