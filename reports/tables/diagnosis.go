package tables

import "github.com/venn-adapt/venn/reports"

func init() {
	reports.Tables.Add("diagnosis", reports.TableInfo{Name: "diagnosis", Title: "Diagnosis of the codes", Order: 5, Build: diagnosisTable})
}

// diagnosisTable lists each check of each run: a check that fails in one seed must
// not vanish in a mean.
func diagnosisTable(runs []reports.Run) (*reports.Table, string, error) {
	t := &reports.Table{Name: "diagnosis", Title: "Diagnosis of the codes", Columns: []string{"check", "value", "want", ""}}
	several := len(runs) > 1
	if several {
		t.Columns = append([]string{"job"}, t.Columns...)
	}
	for _, r := range runs {
		for _, c := range r.Results.Diagnosis {
			verdict := reports.Text("ok")
			if !c.OK {
				verdict = reports.Cell{Text: "look", Note: t.Note(c.Note)}
			}
			row := []reports.Cell{reports.Text("%s", c.Name), reports.Number(c.Value, 4), reports.Text("%s", c.Want), verdict}
			if several {
				row = append([]reports.Cell{reports.Text("%s", r.Results.JobName())}, row...)
			}
			t.Rows = append(t.Rows, row)
		}
	}
	if len(t.Rows) == 0 {
		return nil, "no run has a diagnosis", nil
	}
	return t, "", nil
}
