package tables

import (
	"fmt"
	"slices"

	"github.com/venn-adapt/venn/reports"
)

func init() {
	reports.Tables.Add("independence", reports.TableInfo{Name: "independence", Title: "Independence of common and separate codes", Order: 3,
		Build: func(runs []reports.Run) (*reports.Table, string, error) {
			return statisticsTable(runs, "independence", "Independence of common and separate codes", func(r reports.Results) []reports.Measured { return r.Independence })
		}})
	reports.Tables.Add("discrepancy", reports.TableInfo{Name: "discrepancy", Title: "Discrepancy of the domains", Order: 4,
		Build: func(runs []reports.Run) (*reports.Table, string, error) {
			return statisticsTable(runs, "discrepancy", "Discrepancy of the domains", func(r reports.Results) []reports.Measured { return r.Discrepancy })
		}})
}

// statisticsTable has one row a pair of codes and measure. P-values of several
// seeds are not averaged: the largest is shown.
func statisticsTable(runs []reports.Run, name, title string, of func(reports.Results) []reports.Measured) (*reports.Table, string, error) {
	gs := reports.GroupsOf(runs)
	t := &reports.Table{Name: name, Title: title, Columns: gs.Columns("between", "measure", "value", "p", "rows")}
	type key struct {
		between [2]reports.Sample
		of      string // of records that do not say what they are between
		name    string
	}
	for _, g := range gs {
		var keys []key
		found := map[key][]reports.Measured{}
		for _, r := range g.Runs {
			for _, m := range of(r.Results) {
				k := key{between: m.Between, name: m.Name}
				if m.Between == ([2]reports.Sample{}) {
					k.of = m.Of
				}
				if !slices.Contains(keys, k) {
					keys = append(keys, k)
				}
				found[k] = append(found[k], m)
			}
		}
		for _, k := range keys {
			ms := found[k]
			cells := []reports.Cell{reports.Text("%s", ms[0].Of), reports.Text("%s", k.name)}
			value, err := statistic(t, ms)
			if err != nil {
				return nil, "", err
			}
			cells = append(cells, value, pValue(t, ms), reports.Count(ms[0].N))
			t.Rows = append(t.Rows, gs.Row(g, cells...))
		}
	}
	if len(t.Rows) == 0 {
		return nil, "no run has " + name + " statistics", nil
	}
	return t, "", nil
}

func statistic(t *reports.Table, ms []reports.Measured) (reports.Cell, error) {
	values := make([]float64, len(ms))
	for i, m := range ms {
		if m.Degenerate {
			return reports.Cell{Text: "collapsed", Note: t.Note("collapsed: a block of codes is constant, which proves neither independence nor alignment")}, nil
		}
		values[i] = m.Value
	}
	c, err := t.OverSeeds(values, 4)
	if len(ms) == 1 && len(ms[0].Interval) == 2 {
		c = c.Bracketed(ms[0].Interval[0], ms[0].Interval[1], ms[0].N, 4)
		c.Note = t.Note("in brackets: 95% interval over rows")
	}
	return c, err
}

func pValue(t *reports.Table, ms []reports.Measured) reports.Cell {
	largest := -1.0
	var from reports.Measured
	for _, m := range ms {
		if m.P != nil && *m.P > largest {
			largest, from = *m.P, m
		}
	}
	if largest < 0 {
		return reports.Text("")
	}
	c := reports.Number(largest, 3)
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
	c.Note = t.Note(note)
	return c
}
