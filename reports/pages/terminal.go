package pages

import (
	"fmt"
	"io"
	"slices"

	"github.com/venn-adapt/venn/reports"
	"github.com/venn-adapt/venn/reports/render"
)

// Terminal prints every table that the runs allow, in the order of a bundle, for a
// person at a terminal.
func Terminal(w io.Writer, runs []reports.Run) error {
	tables, _, err := build(reports.Told(runs))
	if err != nil {
		return err
	}
	for _, t := range tables {
		if err := render.Terminal(w, t); err != nil {
			return fmt.Errorf("reports: %s: %w", t.Name, err)
		}
	}
	return nil
}

// build makes every table, and says of those that cannot be made why.
func build(runs []reports.Run) (tables []*reports.Table, skipped []string, err error) {
	infos := reports.Tables.All()
	slices.SortStableFunc(infos, func(x, y reports.TableInfo) int { return x.Order - y.Order })
	chosen := reports.Chosen(runs)
	for _, info := range infos {
		of := runs
		if !info.Trials {
			of = chosen
		}
		t, skip, err := info.Build(of)
		if err != nil {
			return nil, nil, err
		}
		if t == nil {
			skipped = append(skipped, fmt.Sprintf("table %s: %s", info.Name, skip))
			continue
		}
		if !info.Trials && len(chosen) < len(runs) {
			t.Remark(reports.OnlyChosen)
		}
		tables = append(tables, t)
	}
	return tables, skipped, nil
}
