package reports

import "slices"

func init() {
	Tables.Add("values", TableInfo{Name: "values", Title: "Further values", Order: 20, Build: valuesTable})
}

// valuesTable has one row a number of an evaluation that has no table of its own.
func valuesTable(runs []Run) (*Table, string, error) {
	gs := groups(runs)
	t := &Table{Name: "values", Title: "Further values", Columns: leadColumns(gs, "evaluation", "quantity", "value", "of")}
	for _, g := range gs {
		var keys [][2]string
		values, of := map[[2]string][]float64{}, map[[2]string]int{}
		for _, r := range g.runs {
			for _, v := range r.Results.Values {
				k := [2]string{v.Evaluation, v.Name}
				if !slices.Contains(keys, k) {
					keys = append(keys, k)
				}
				values[k], of[k] = append(values[k], v.Value), v.N
			}
		}
		for _, k := range keys {
			c, err := t.overSeeds(values[k], 4)
			if err != nil {
				return nil, "", err
			}
			t.Rows = append(t.Rows, lead(gs, g, text("%s", k[0]), text("%s", k[1]), c, count(of[k])))
		}
	}
	if len(t.Rows) == 0 {
		return nil, "no run has further values", nil
	}
	return t, "", nil
}
