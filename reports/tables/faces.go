package tables

import (
	"fmt"
	"strings"

	"github.com/venn-adapt/venn/reports"
)

func init() {
	reports.Tables.Add("faces", reports.TableInfo{Name: "faces", Title: "What judges see in translations", Order: 2, Build: facesTable})
	reports.Tables.Add("faces-fidelity", reports.TableInfo{Name: "faces-fidelity", Title: "What translations keep and take over", Order: 2, Build: fidelityTable})
}

// A faceColumn is one score of a row.
type faceColumn struct {
	name     string
	decimals int
	of       func(reports.Face) *reports.Estimate
	why      string // there may be none
}

// facesTable has one row a direction and system: the real images of each domain and their
// reconstructions, the model, and the trivial rivals on the same pairs. It says what is seen.
func facesTable(runs []reports.Run) (*reports.Table, string, error) {
	t := &reports.Table{Name: "faces", Title: "What judges see in translations"}
	skip, err := faces(t, runs, func(reports.Face) bool { return true }, []faceColumn{
		{"target seen", 3, func(f reports.Face) *reports.Estimate { return f.Target }, ""},
		{"source seen", 3, func(f reports.Face) *reports.Estimate { return f.Source }, ""},
		{"as wanted", 3, func(f reports.Face) *reports.Estimate { return f.Wanted }, "untranslated images are of no direction"},
		{"judges agree", 3, func(f reports.Face) *reports.Estimate { return f.Agreement }, ""},
	})
	if err != nil || skip != "" {
		return nil, skip, err
	}
	t.Remark("target: what only the guide's domain has; source: what only the content's has; seen: share of images in which the judge sees it. " +
		"a->b and b->a want the target and not the source, removal neither, union both; as wanted: share with both right. " +
		"Source seen after a->b or b->a, and target seen after removal, are leakage. What is seen in reconstructions, decoded from an image's own codes, says what is lost without any translation. Intervals of shares are Wilson's")
	t.Remark(pairsRemark(runs))
	for _, r := range runs {
		if f := r.Results.Faces; f != nil {
			t.Remark(fmt.Sprintf("only a has %s, only b has %s", f.Own[0], f.Own[1]))
			t.Remark(judgesRemark(r.Results.JobName(), f))
		}
	}
	return t, "", nil
}

// fidelityTable has the same rows, less the untranslated images: what stays of the content, what
// comes of the guide and how far outputs are from real images.
func fidelityTable(runs []reports.Run) (*reports.Table, string, error) {
	noContent, few := "no attribute but the domains' own is frequent enough to tell people by", "fewer than 10 outputs or real images of the wanted kind"
	t := &reports.Table{Name: "faces-fidelity", Title: "What translations keep and take over"}
	skip, err := faces(t, runs, func(f reports.Face) bool {
		return f.System != reports.RealImages && f.System != reports.Reconstructions
	}, []faceColumn{
		{"content cosine", 3, func(f reports.Face) *reports.Estimate { return f.Content }, noContent},
		{"content changed", 3, func(f reports.Face) *reports.Estimate { return f.Preservation }, noContent},
		{"L1 elsewhere", 3, func(f reports.Face) *reports.Estimate { return f.Outside }, "what the domains have of their own shows on every pixel"},
		{"guide rank", 3, func(f reports.Face) *reports.Estimate { return f.Guide }, "no guide takes part"},
		{"Frechet", 1, func(f reports.Face) *reports.Estimate { return f.Frechet }, few},
		{"KID", 3, func(f reports.Face) *reports.Estimate { return f.KID }, few},
	})
	if err != nil || skip != "" {
		return nil, skip, err
	}
	t.Remark("content cosine: of the content judge's embedding, about its mean over real images, with the content image's; content changed: share of that judge's attributes read otherwise than in the content image")
	for _, r := range runs {
		if f := r.Results.Faces; f != nil {
			t.Remark(fmt.Sprintf("L1 elsewhere: to the content image, in [-1, 1] units, over the %.0f%% of pixels on which in real images neither %s nor %s shows (effects below 0.2 deviations, other attributes held fixed)", 100*(1-f.Changed), f.Own[0], f.Own[1]))
		}
	}
	t.Remark("guide rank: share of the other held-out guides that are less like the output, in the attribute judge's embedding, than its own; chance is 0.5")
	t.Remark("Frechet and KID: to real held-out images of the wanted kind, in the attribute judge's embedding: comparable only within one study, and at equal numbers of images; their intervals come of halves of the images, the others of a bootstrap over pairs")
	return t, "", nil
}

// withoutGuide is said of a model that takes no guide where what it makes is held against one.
const withoutGuide = "without a guide: what it makes of the content alone is compared with one"

// faces fills in one row a direction and system of the runs, in the order of their first
// appearance.
func faces(t *reports.Table, runs []reports.Run, keep func(reports.Face) bool, columns []faceColumn) (skip string, err error) {
	gs := reports.GroupsOf(runs)
	names := []string{"direction", "system"}
	for _, c := range columns {
		names = append(names, c.name)
	}
	t.Columns = gs.Columns(append(names, "images")...)
	for _, g := range gs {
		var order [][2]string
		rows := map[[2]string][]reports.Face{}
		for _, r := range g.Runs {
			if r.Results.Faces == nil {
				continue
			}
			for _, f := range r.Results.Faces.Rows {
				key := [2]string{f.Direction, f.System}
				if !keep(f) {
					continue
				}
				if rows[key] == nil {
					order = append(order, key)
				}
				rows[key] = append(rows[key], f)
			}
		}
		for _, key := range order {
			system := reports.Text("%s", key[1])
			if rows[key][0].Unguided {
				system.Note = t.Note(withoutGuide)
			}
			cells := []reports.Cell{reports.Text("%s", key[0]), system}
			for _, column := range columns {
				var values []*reports.Estimate
				for _, f := range rows[key] {
					values = append(values, column.of(f))
				}
				c, err := estimated(t, values, column.decimals, column.why)
				if err != nil {
					return "", err
				}
				cells = append(cells, c)
			}
			t.Rows = append(t.Rows, gs.Row(g, append(cells, reports.Count(rows[key][0].Images))...))
		}
	}
	if len(t.Rows) == 0 {
		return "no run has judged translations, which need domains chosen by attributes", nil
	}
	return "", nil
}

// estimated folds estimates of several seeds into a mean with its t-interval; a single
// one keeps the interval over images or pairs that it has. why says why there is none.
func estimated(t *reports.Table, values []*reports.Estimate, decimals int, why string) (reports.Cell, error) {
	var have []float64
	var last reports.Estimate
	for _, v := range values {
		if v != nil {
			have, last = append(have, v.Value), *v
		}
	}
	if len(have) == 0 {
		return t.Missing(why), nil
	}
	c, err := t.OverSeeds(have, decimals)
	if err != nil || len(have) > 1 {
		return c, err
	}
	c = c.Bracketed(last.Interval[0], last.Interval[1], last.N, decimals)
	t.Remark("one seed: 95% intervals over images or pairs; another seed may fall outside")
	return c, nil
}

// pairsRemark says of how many images the model's pairs of each direction are made.
func pairsRemark(runs []reports.Run) string {
	var parts []string
	for _, r := range runs {
		if r.Results.Faces == nil {
			continue
		}
		for _, f := range r.Results.Faces.Rows {
			if f.System == r.Results.Method {
				part := fmt.Sprintf("%s %d", f.Direction, f.Contents)
				if f.Guides > 0 {
					part += fmt.Sprintf(" and %d", f.Guides)
				}
				parts = append(parts, part)
			}
		}
		break
	}
	return "pairs are drawn with repetition from the held-out images, so images recur; distinct contents (and guides): " + strings.Join(parts, ", ")
}

// judgesRemark says how well the judges of a run read held-out real images.
func judgesRemark(job string, f *reports.Faces) string {
	var parts []string
	var content []reports.JudgedAttribute
	for _, j := range f.Judged {
		if j.Judge == "content" {
			content = append(content, j)
		} else {
			parts = append(parts, fmt.Sprintf("%s (%s judge) %.3f, balanced %.3f", j.Attribute, j.Judge, j.Accuracy.Value, j.Balanced))
		}
	}
	if len(content) > 0 {
		var accuracy, balanced float64
		for _, j := range content {
			accuracy, balanced = accuracy+j.Accuracy.Value/float64(len(content)), balanced+j.Balanced/float64(len(content))
		}
		parts = append(parts, fmt.Sprintf("%d other attributes (content judge) %.3f on average, balanced %.3f", len(content), accuracy, balanced))
	}
	return fmt.Sprintf("judges of %s, on %d held-out real images: accuracy of %s; the two attribute judges, of two seeds, agree on %.3f of these",
		job, f.Agreement.N, strings.Join(parts, "; "), f.Agreement.Value)
}
