package tables

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/venn-adapt/venn/reports"
)

func init() {
	reports.Tables.Add("values", reports.TableInfo{Name: "values", Title: "Further values", Order: 20, Build: valuesTable})
}

// valuesTable has one row a number of an evaluation that has no table of its own.
func valuesTable(runs []reports.Run) (*reports.Table, string, error) {
	gs := reports.GroupsOf(runs)
	t := &reports.Table{Name: "values", Title: "Further values", Columns: gs.Columns("evaluation", "quantity", "value", "of")}
	for _, g := range gs {
		var keys [][2]string
		values, of := map[[2]string][]float64{}, map[[2]string]int{}
		for _, r := range g.Runs {
			for _, v := range r.Results.Values {
				k := [2]string{v.Evaluation, v.Name}
				if !slices.Contains(keys, k) {
					keys = append(keys, k)
				}
				values[k], of[k] = append(values[k], v.Value), v.N
			}
		}
		for _, k := range keys {
			c, err := valueCell(t, k[1], values[k])
			if err != nil {
				return nil, "", err
			}
			if len(values[k]) == 1 && c.Value != 0 && math.Abs(c.Value) < 5e-5 { // a p-value, say
				c.Text = fmt.Sprintf("%.1e", c.Value)
			}
			t.Rows = append(t.Rows, gs.Row(g, reports.Text("%s", k[0]), reports.Text("%s", k[1]), c, reports.Count(of[k])))
		}
	}
	if len(t.Rows) == 0 {
		return nil, "no run has further values", nil
	}
	return t, "", nil
}

// valueCell is the mean over seeds, of p-values the largest, as in the tables of statistics.
func valueCell(t *reports.Table, name string, values []float64) (reports.Cell, error) {
	if len(values) == 1 || !strings.HasSuffix(name, ", p") && !strings.HasPrefix(name, "p of ") { // as evaluations name them
		return t.OverSeeds(values, 4)
	}
	c := reports.Number(slices.Max(values), 4)
	c.Note = t.Note("p, the largest of the seeds")
	return c, nil
}
