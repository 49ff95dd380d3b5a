package tables

import (
	"fmt"
	"slices"
	"strings"

	"github.com/venn-adapt/venn/metrics/inference"
	"github.com/venn-adapt/venn/reports"
)

func init() {
	reports.Tables.Add("systems", reports.TableInfo{Name: "systems", Title: "Systems compared", Order: 0, Build: systemsTable})
	reports.Tables.Add("capabilities", reports.TableInfo{Name: "capabilities", Title: "What each system does", Order: 1, Build: capabilitiesTable})
}

// systemsTable has one row a system: its scores, what it cost, and its mean rank by the scores.
func systemsTable(runs []reports.Run) (*reports.Table, string, error) {
	rows, skip := reports.SystemRows(runs)
	if skip != "" {
		return nil, skip, nil
	}
	scores := reports.ScoresOf(rows)
	t := &reports.Table{Name: "systems", Title: "Systems compared", Columns: []string{"system"}}
	var docs []string
	for _, s := range scores {
		t.Columns = append(t.Columns, s.Name)
		better := "lower"
		if s.Higher {
			better = "higher"
		}
		docs = append(docs, fmt.Sprintf("%s (%s is better): %s", s.Name, better, s.Doc))
	}
	t.Columns = append(t.Columns, "behind in "+reports.SystemScores[0].Name, "parameters", "million MACs", "images", "mean rank")
	ranks, unranked := systemRanks(rows, scores)
	best, unpaired := -1, unranked
	if unranked == "" {
		best, unpaired = reports.BestSystem(rows, reports.SystemScores[0]), "no system has a "+reports.SystemScores[0].Name
	}
	for i, row := range rows {
		cells := []reports.Cell{reports.Text("%s", row.Name)}
		for _, s := range scores {
			c, err := systemCell(t, row, s)
			if err != nil {
				return nil, "", err
			}
			cells = append(cells, c)
		}
		behind := reports.Text("")
		if best < 0 {
			behind = t.Missing(unpaired)
		} else if best != i {
			var err error
			if behind, err = behindSystem(t, rows[best], row); err != nil {
				return nil, "", err
			}
		}
		first := row.Runs[0].Results
		cells = append(cells, behind, reports.Count(first.Parameters))
		if first.System.MACs == 0 {
			cells = append(cells, t.Missing("the model does not say"))
		} else {
			cells = append(cells, reports.Number(float64(first.System.MACs)/1e6, 1))
		}
		cells = append(cells, reports.Count(first.System.Images))
		if unranked != "" {
			cells = append(cells, t.Missing(unranked))
		} else {
			cells = append(cells, reports.Number(ranks[i], 2))
		}
		t.Rows = append(t.Rows, cells)
	}
	addSeconds(t, func(row int) []float64 { return rows[row].Seconds() })
	if len(docs) > 0 {
		t.Remark(strings.Join(docs, "; "))
	}
	if best >= 0 {
		t.Remark(fmt.Sprintf("behind in %s: that of %s less that of the row, paired by seed", reports.SystemScores[0].Name, rows[best].Name))
	}
	if unranked == "" {
		t.Remark("mean rank: over these scores, by means over seeds, 1 the best; a system without a score ranks last in it")
	}
	t.Remark("million MACs: multiply-accumulates of a training step for one pair of images; images: shown in training, of both domains together")
	return t, "", nil
}

// systemRanks are the mean ranks of systems, or why there are none.
func systemRanks(rows []reports.SystemRow, scores []reports.SystemScore) (ranks []float64, why string) {
	pair := func(r reports.SystemRow) string { return r.Runs[0].Results.DatasetPair() }
	if len(scores) == 0 {
		return nil, "no system has a score"
	}
	if slices.ContainsFunc(rows, func(r reports.SystemRow) bool { return pair(r) != pair(rows[0]) }) {
		return nil, "systems on different datasets are not ranked together"
	}
	return reports.SystemRanks(rows, scores), ""
}

// behindSystem is by how much a system is behind the best in the first of scores.
func behindSystem(t *reports.Table, best, row reports.SystemRow) (reports.Cell, error) {
	score := reports.SystemScores[0]
	if values, why := row.Values(score); len(values) == 0 {
		return t.Missing(why), nil
	}
	points := best.Ahead(row, score)
	if len(points) == 0 {
		return t.Missing("no seed in common"), nil
	}
	if by, ok := best.AheadByPairs(row); ok && len(points) == 1 {
		t.Remark("behind, of one seed: in brackets the 95% interval over resamples of the pairs, the same for both")
		return reports.Number(by.Estimate, 3).Bracketed(by.Low, by.High, by.N, 3), nil
	}
	return t.OverSeeds(points, 3)
}

// systemCell is a score over the seeds of a system.
func systemCell(t *reports.Table, row reports.SystemRow, s reports.SystemScore) (reports.Cell, error) {
	values, why := row.Values(s)
	if len(values) == 0 {
		return t.Missing(why), nil
	}
	var also []string
	if len(values) < len(row.Runs) {
		also = append(also, fmt.Sprintf("of %d of %d seeds; in the others: %s", len(values), len(row.Runs), why))
	}
	if s.Note != nil {
		if note := s.Note(row.Runs[0].Results); note != "" {
			also = append(also, note)
		}
	}
	return t.OverSeeds(values, 3, also...)
}

// capabilitiesTable has one row a system and one column a thing that translators do or do not.
func capabilitiesTable(runs []reports.Run) (*reports.Table, string, error) {
	rows, skip := reports.SystemRows(runs)
	if skip != "" {
		return nil, skip, nil
	}
	t := &reports.Table{Name: "capabilities", Title: "What each system does", Columns: append([]string{"system"}, reports.CapabilityNames...)}
	for _, row := range rows {
		cells := []reports.Cell{reports.Text("%s", row.Name)}
		for _, name := range reports.CapabilityNames {
			c, err := capabilityCell(t, row, name)
			if err != nil {
				return nil, "", err
			}
			cells = append(cells, c)
		}
		t.Rows = append(t.Rows, cells)
	}
	t.Remark("yes: measured, and beyond what would be seen if it were not done; no: it has such an edit, and is not beyond that; can: it has such an edit, which nothing here measures. Over seeds: the mean, yes where each seed says so")
	for _, text := range measuresOf(rows) {
		t.Remark(text)
	}
	return t, "", nil
}

// capabilityCell is what the seeds of a system say of a capability.
func capabilityCell(t *reports.Table, row reports.SystemRow, name string) (reports.Cell, error) {
	var values []float64
	can, does, why := false, 0, "not looked for"
	for _, r := range row.Runs {
		c := r.Results.System.Capability(name)
		switch {
		case c == nil:
			continue
		case !c.Can:
			why = c.Reason
			continue
		}
		can = true
		if c.Value != nil {
			values = append(values, *c.Value)
			if c.Does {
				does++
			}
		}
	}
	if !can {
		return t.Missing(why), nil
	}
	if len(values) == 0 {
		return reports.Text("can"), nil
	}
	mean, err := inference.OverSeeds(values, 0.95)
	if err != nil {
		return reports.Cell{}, fmt.Errorf("reports: capabilities: %s of %s: %w", name, row.Name, err)
	}
	verdict := "no"
	if does == len(values) {
		verdict = "yes"
	}
	cell := reports.Text("%s %.2f", verdict, mean.Estimate)
	if verdict == "no" && does > 0 {
		cell.Note = t.Note(fmt.Sprintf("yes in %d of %d seeds", does, len(values)))
	}
	return cell, nil
}

// measuresOf says what the numbers are, once for all capabilities of which it is the same.
func measuresOf(rows []reports.SystemRow) (out []string) {
	var measures []string
	names := map[string][]string{}
	for _, name := range reports.CapabilityNames {
		for _, row := range rows {
			for _, r := range row.Runs {
				c := r.Results.System.Capability(name)
				if c == nil || c.Value == nil || slices.Contains(names[c.Measure], name) {
					continue
				}
				if names[c.Measure] == nil {
					measures = append(measures, c.Measure)
				}
				names[c.Measure] = append(names[c.Measure], name)
			}
		}
	}
	for _, m := range measures {
		out = append(out, strings.Join(names[m], ", ")+": "+m)
	}
	return out
}
