package reports

import (
	"bytes"
	"fmt"
	"io"
	"slices"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/tw"
)

// Terminal prints every table that the runs allow, in the order of a bundle, for a
// person at a terminal.
func Terminal(w io.Writer, runs []Run) error {
	tables, _, err := build(runs)
	if err != nil {
		return err
	}
	for _, t := range tables {
		if err := t.Terminal(w); err != nil {
			return fmt.Errorf("reports: %s: %w", t.Name, err)
		}
	}
	return nil
}

// Terminal prints the table for a person at a terminal, in one write.
func (t *Table) Terminal(w io.Writer) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "\n%s\n", t.Title)
	align := make(tw.Alignment, len(t.Columns))
	for i := range align {
		align[i] = tw.AlignLeft
		if t.Numeric(i) {
			align[i] = tw.AlignRight
		}
	}
	out := tablewriter.NewTable(&b, tablewriter.WithHeaderAutoFormat(tw.Off), tablewriter.WithAlignment(align))
	out.Header(t.Columns)
	for _, row := range t.Rows {
		cells := make([]string, len(row))
		for i, c := range row {
			cells[i] = c.Text
			if c.Note > 0 {
				cells[i] += " " + mark(c.Note)
			}
		}
		if err := out.Append(cells); err != nil {
			return err
		}
	}
	if err := out.Render(); err != nil {
		return err
	}
	for i, n := range t.Notes {
		fmt.Fprintf(&b, "%s  %s\n", mark(i+1), n)
	}
	for _, r := range t.Remarks {
		fmt.Fprintf(&b, "%s\n", r)
	}
	_, err := w.Write(b.Bytes())
	return err
}

// build makes every table, and says of those that cannot be made why.
func build(runs []Run) (tables []*Table, skipped []string, err error) {
	infos := Tables.All()
	slices.SortStableFunc(infos, func(x, y TableInfo) int { return x.Order - y.Order })
	for _, info := range infos {
		t, skip, err := info.Build(runs)
		if err != nil {
			return nil, nil, err
		}
		if t == nil {
			skipped = append(skipped, fmt.Sprintf("table %s: %s", info.Name, skip))
			continue
		}
		tables = append(tables, t)
	}
	return tables, skipped, nil
}
