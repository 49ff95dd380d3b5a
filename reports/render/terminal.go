package render

import (
	"bytes"
	"fmt"
	"io"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/tw"

	"github.com/venn-adapt/venn/reports"
)

// Terminal prints a table for a person at a terminal, in one write.
func Terminal(w io.Writer, t *reports.Table) error {
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
				cells[i] += " " + Mark(c.Note)
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
		fmt.Fprintf(&b, "%s  %s\n", Mark(i+1), n)
	}
	for _, r := range t.Remarks {
		fmt.Fprintf(&b, "%s\n", r)
	}
	_, err := w.Write(b.Bytes())
	return err
}
