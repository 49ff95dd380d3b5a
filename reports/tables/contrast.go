package tables

import (
	"slices"

	"github.com/venn-adapt/venn/reports"
)

func init() {
	reports.Tables.Add("contrast", reports.TableInfo{Name: "contrast", Title: "Subtypes in the separate and the common code", Order: 4, Build: contrastTable})
}

// contrastTable has one row a subtype and code.
func contrastTable(runs []reports.Run) (*reports.Table, string, error) {
	gs := reports.GroupsOf(runs)
	t := &reports.Table{Name: "contrast", Title: "Subtypes in the separate and the common code",
		Columns: gs.Columns("subtype", "code", "want", "probe", "accuracy", "blind", "AUC of a and b", "ARI", "NMI", "silhouette", "images")}
	type key struct{ domain, subtype, code string }
	for _, g := range gs {
		var keys []key
		rows := map[key][]reports.Contrast{}
		for _, r := range g.Runs {
			for _, c := range r.Results.Contrast {
				k := key{c.Domain, c.Subtype, c.Code}
				if !slices.Contains(keys, k) {
					keys = append(keys, k)
				}
				rows[k] = append(rows[k], c)
			}
		}
		for _, k := range keys {
			cells, err := contrastCells(t, rows[k])
			if err != nil {
				return nil, "", err
			}
			name, want := "common code", "chance"
			if k.code == reports.ContrastSeparate {
				name, want = "separate code "+k.domain, "high"
			}
			head := []reports.Cell{reports.Text("%s of %s", k.subtype, k.domain), reports.Text("%s", name), reports.Text("%s", want)}
			t.Rows = append(t.Rows, gs.Row(g, append(head, cells...)...))
		}
	}
	if len(t.Rows) == 0 {
		return nil, "no run has domains with known subtypes", nil
	}
	t.Remark("on held-out images; probe: balanced accuracy of logistic regression on standardised codes, each image told by the fit on the other folds of five, 0 at chance; accuracy: the same, not balanced; blind: the share of the largest subtype, what a guess reaches in accuracy")
	t.Remark("AUC: of a linear classifier of the domains on images that it never saw, chance 0.5; ARI and NMI: k-means against the subtypes, ARI 0 at chance, NMI a little more; silhouette: the subtypes as clusters, 0 or less where they are none")
	return t, "", nil
}

// contrastCells are the numbers of a row over seeds.
func contrastCells(t *reports.Table, of []reports.Contrast) (cells []reports.Cell, err error) {
	var probes, accuracies []*reports.Estimate
	var plain [5][]float64
	for i := range of {
		probes, accuracies = append(probes, &of[i].Probe), append(accuracies, &of[i].Accuracy)
		for j, v := range [5]float64{of[i].Largest, of[i].AUC, of[i].ARI, of[i].NMI, of[i].Silhouette} {
			plain[j] = append(plain[j], v)
		}
	}
	for _, e := range [][]*reports.Estimate{probes, accuracies} {
		c, err := estimated(t, e, 3, "")
		if err != nil {
			return nil, err
		}
		cells = append(cells, c)
	}
	for _, values := range plain {
		c, err := t.OverSeeds(values, 3)
		if err != nil {
			return nil, err
		}
		cells = append(cells, c)
	}
	return append(cells, reports.Count(of[len(of)-1].Probe.N)), nil
}
