package reports

import (
	"fmt"
	"slices"
)

func init() {
	Tables.Add("independence", TableInfo{Name: "independence", Title: "Independence of common and separate codes", Order: 3,
		Build: func(runs []Run) (*Table, string, error) {
			return statisticsTable(runs, "independence", "Independence of common and separate codes", func(r Results) []Measured { return r.Independence })
		}})
	Tables.Add("discrepancy", TableInfo{Name: "discrepancy", Title: "Discrepancy of the domains", Order: 4,
		Build: func(runs []Run) (*Table, string, error) {
			return statisticsTable(runs, "discrepancy", "Discrepancy of the domains", func(r Results) []Measured { return r.Discrepancy })
		}})
}

// statisticsTable has one row a pair of codes and measure. P-values of several
// seeds are not averaged: the largest is shown.
func statisticsTable(runs []Run, name, title string, of func(Results) []Measured) (*Table, string, error) {
	gs := groups(runs)
	t := &Table{Name: name, Title: title, Columns: leadColumns(gs, "between", "measure", "value", "p", "rows")}
	type key struct{ of, name string }
	for _, g := range gs {
		var keys []key
		found := map[key][]Measured{}
		for _, r := range g.runs {
			for _, m := range of(r.Results) {
				k := key{m.Of, m.Name}
				if !slices.Contains(keys, k) {
					keys = append(keys, k)
				}
				found[k] = append(found[k], m)
			}
		}
		for _, k := range keys {
			ms := found[k]
			cells := []Cell{text("%s", k.of), text("%s", k.name)}
			value, err := t.statistic(ms)
			if err != nil {
				return nil, "", err
			}
			cells = append(cells, value, t.pValue(ms), count(ms[0].N))
			t.Rows = append(t.Rows, lead(gs, g, cells...))
		}
	}
	if len(t.Rows) == 0 {
		return nil, "no run has " + name + " statistics", nil
	}
	return t, "", nil
}

func (t *Table) statistic(ms []Measured) (Cell, error) {
	values := make([]float64, len(ms))
	for i, m := range ms {
		if m.Degenerate {
			return Cell{Text: "collapsed", Note: t.note("collapsed: a block of codes is constant, which proves neither independence nor alignment")}, nil
		}
		values[i] = m.Value
	}
	c, err := t.overSeeds(values, 4)
	if len(ms) == 1 && len(ms[0].Interval) == 2 {
		c.Low, c.High = ms[0].Interval[0], ms[0].Interval[1]
		c.Text = fmt.Sprintf("%.4f [%.4f, %.4f]", c.Value, c.Low, c.High)
		c.Note = t.note("in brackets: 95% interval over rows")
	}
	return c, err
}

func (t *Table) pValue(ms []Measured) Cell {
	largest := -1.0
	var from Measured
	for _, m := range ms {
		if m.P != nil && *m.P > largest {
			largest, from = *m.P, m
		}
	}
	if largest < 0 {
		return text("")
	}
	c := number(largest, 3)
	if largest < 0.0005 {
		c.Text = "< 0.001"
	}
	if smallest := 1 / float64(from.Resamples+1); from.Resamples > 0 && largest <= smallest*(1+1e-9) {
		c.Text = fmt.Sprintf("≤ %.3g", smallest)
	}
	note := fmt.Sprintf("p by %s", from.Method)
	if from.Resamples > 0 {
		note += fmt.Sprintf(", %d resamples", from.Resamples)
	}
	if from.Method == "" {
		return c
	}
	if len(ms) > 1 {
		note += ", the largest of the seeds"
	}
	c.Note = t.note(note)
	return c
}
