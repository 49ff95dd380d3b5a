package tables

import (
	"fmt"
	"strings"

	"github.com/venn-adapt/venn/metrics/inference"
	"github.com/venn-adapt/venn/reports"
)

func init() {
	reports.Tables.Add("split", reports.TableInfo{Name: "split", Title: "What each job's split is worth", Order: 0, Build: splitTable})
}

// splitTable has one row a job and one column a quantity of the split, below a row of what the
// theory wants.
func splitTable(runs []reports.Run) (*reports.Table, string, error) {
	rows, skip, err := reports.SplitRows(runs)
	if skip != "" || err != nil {
		return nil, skip, err
	}
	t := &reports.Table{Name: "split", Title: "What each job's split is worth", Columns: []string{"job"}}
	wanted := []reports.Cell{reports.Text("wanted")}
	var docs []string
	for _, q := range reports.SplitQuantities {
		t.Columns = append(t.Columns, q.Name)
		wanted = append(wanted, reports.Number(q.Want, 0))
		docs = append(docs, q.Name+": "+q.Doc)
	}
	t.Rows = append(t.Rows, wanted)
	worse := fmt.Sprintf("farther from what is wanted than %s (%s)", rows[0].Label, reports.WorseTest)
	for _, row := range rows {
		cells := []reports.Cell{reports.Text("%s", row.Label)}
		for k, v := range row.Values {
			if len(v.Values) == 0 {
				cells = append(cells, t.Missing(v.Why))
				continue
			}
			var also []string
			if v.Why != "" {
				also = append(also, fmt.Sprintf("of %d of %d seeds; in the others: %s", len(v.Values), row.Seeds, v.Why))
			}
			if v.Worse {
				also = append(also, worse)
			}
			i := v.Interval
			if i.N > 1 && i.N < inference.FewSeeds { // of every cell: a remark, not a note
				t.Remark(i.Warnings[0])
				i.Warnings = i.Warnings[1:]
			}
			cells = append(cells, t.Mean(i, reports.SplitQuantities[k].Decimals, also...))
		}
		t.Rows = append(t.Rows, cells)
	}
	t.Remark("scores are of the best of several probes on held-out images, 0 at chance and 1 without a fault, cut at these, means over factors; a separate code is looked at on images of its own domain")
	t.Remark("errors are L1 over the pixels that should change, against exact renders, as a share of leaving the image as it is")
	t.Remark(strings.Join(docs, "; "))
	return t, "", nil
}
