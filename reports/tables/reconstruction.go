package tables

import "github.com/venn-adapt/venn/reports"

func init() {
	reports.Tables.Add("reconstruction", reports.TableInfo{Name: "reconstruction", Title: "Reconstruction of held-out images", Order: 2, Build: reconstructionTable})
}

// reconstructionTable has one row a domain.
func reconstructionTable(runs []reports.Run) (*reports.Table, string, error) {
	gs := reports.GroupsOf(runs)
	t := &reports.Table{Name: "reconstruction", Title: "Reconstruction of held-out images", Columns: gs.Columns("domain", "L1", "PSNR", "SSIM", "images")}
	for _, g := range gs {
		for _, domain := range []string{"a", "b"} {
			var l1, psnr, ssim []*reports.Estimate
			var n int
			for _, r := range g.Runs {
				for _, c := range r.Results.Reconstruction {
					if c.Domain == domain {
						l1, psnr, ssim, n = append(l1, &c.L1), append(psnr, &c.PSNR), append(ssim, c.SSIM), c.L1.N
					}
				}
			}
			if len(l1) == 0 {
				continue
			}
			cells := []reports.Cell{reports.Text("%s", domain)}
			for _, part := range []struct {
				of       []*reports.Estimate
				decimals int
			}{{l1, 3}, {psnr, 2}, {ssim, 3}} {
				c, err := estimated(t, part.of, part.decimals, "the images are smaller than the window of the structural similarity")
				if err != nil {
					return nil, "", err
				}
				cells = append(cells, c)
			}
			t.Rows = append(t.Rows, gs.Row(g, append(cells, reports.Count(n))...))
		}
	}
	if len(t.Rows) == 0 {
		return nil, "no run has reconstructions", nil
	}
	t.Remark("L1 in [-1, 1] units, PSNR in dB and SSIM are means over held-out images, each decoded from its own codes")
	return t, "", nil
}
