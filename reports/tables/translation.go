package tables

import (
	"slices"

	"github.com/venn-adapt/venn/reports"
)

func init() {
	reports.Tables.Add("translation", reports.TableInfo{Name: "translation", Title: "Translation against exact renders", Order: 2, Build: translationTable})
}

// translationTable has one row a direction. It exists for drawn data only, whose
// exact translations are known.
func translationTable(runs []reports.Run) (*reports.Table, string, error) {
	gs := reports.GroupsOf(runs)
	t := &reports.Table{Name: "translation", Title: "Translation against exact renders", Columns: gs.Columns("direction", "L1", "of leaving as is", "right guide nearer", "pairs")}
	for _, g := range gs {
		var directions []string
		for _, r := range g.Runs {
			for _, s := range r.Results.Translation {
				if !slices.Contains(directions, s.Direction) {
					directions = append(directions, s.Direction)
				}
			}
		}
		for _, d := range directions {
			var l1, ratio, guide []float64
			var pairs int
			direction := reports.Text("%s", d)
			for _, r := range g.Runs {
				for _, s := range r.Results.Translation {
					if s.Direction == d {
						l1, ratio, pairs = append(l1, s.L1), append(ratio, s.Ratio), s.Pairs
						if s.Unguided {
							direction.Note = t.Note(withoutGuide)
						}
						if s.Guide != nil {
							guide = append(guide, *s.Guide)
						}
					}
				}
			}
			cells := []reports.Cell{direction}
			for _, values := range [][]float64{l1, ratio, guide} {
				if len(values) == 0 {
					cells = append(cells, t.Missing("no guide takes part"))
					continue
				}
				c, err := t.OverSeeds(values, 3)
				if err != nil {
					return nil, "", err
				}
				cells = append(cells, c)
			}
			t.Rows = append(t.Rows, gs.Row(g, append(cells, reports.Count(pairs))...))
		}
	}
	if len(t.Rows) == 0 {
		return nil, "no run has exact renders to compare with", nil
	}
	t.Remark("L1 in [-1, 1] units over the pixels that should change, against the exact render; `of leaving as is` divides it by that of the untouched content image")
	t.Remark("right guide nearer: share of comparisons in which the output is nearer to the render with its own guide than with another, over the pixels in which the two differ; chance is 0.5")
	return t, "", nil
}
