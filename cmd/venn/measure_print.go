package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/venn-adapt/venn/metrics"
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
