package reports

import "fmt"

func init() {
	Tables.Add("diagnosis", TableInfo{Name: "diagnosis", Title: "Diagnosis of the codes", Order: 5, Build: diagnosisTable})
}

// diagnosisTable lists each check of each run: a check that fails in one seed must
// not vanish in a mean.
func diagnosisTable(runs []Run) (*Table, string, error) {
	t := &Table{Name: "diagnosis", Title: "Diagnosis of the codes", Columns: []string{"check", "value", "want", ""}}
	several := len(runs) > 1
	if several {
		t.Columns = append([]string{"job"}, t.Columns...)
	}
	for _, r := range runs {
		for _, c := range r.Results.Diagnosis {
			verdict := text("ok")
			if !c.OK {
				verdict = Cell{Text: "look", Note: t.note(c.Note)}
			}
			row := []Cell{text("%s", c.Name), number(c.Value, 4), text("%s", c.Want), verdict}
			if several {
				row = append([]Cell{text("%s", jobName(r.Results))}, row...)
			}
			t.Rows = append(t.Rows, row)
		}
	}
	if len(t.Rows) == 0 {
		return nil, "no run has a diagnosis", nil
	}
	return t, "", nil
}

// jobName names a run for people.
func jobName(r Results) string {
	name := fmt.Sprintf("seed %d", r.Seed)
	if r.Label != "" {
		name = r.Label + " " + name
	}
	return name
}
