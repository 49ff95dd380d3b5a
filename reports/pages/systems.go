package pages

import (
	"fmt"
	"slices"
	"strings"

	"github.com/venn-adapt/venn/reports"
	"github.com/venn-adapt/venn/reports/render"
)

// The rows of a strip.
const (
	stripContents = iota
	stripGuides
	stripTranslations
	stripRows
)

// systems draws the strips of each name in one picture: the contents, their guides, and below them a
// row a system.
func (b *bundle) systems(runs []reports.Run, p *page) error {
	rows, skip := reports.SystemRows(runs)
	for _, strip := range stripNames(runs) {
		picture := "systems-" + strings.TrimPrefix(strip, reports.StripPrefix)
		if skip != "" {
			b.Skipped = append(b.Skipped, fmt.Sprintf("picture %s: %s", picture, skip))
			continue
		}
		s := stacked{grid: reports.Grid{Name: picture}}
		for _, row := range rows {
			why, err := s.add(row, strip)
			if err != nil {
				return err
			}
			if why != "" {
				b.Skipped = append(b.Skipped, fmt.Sprintf("picture %s: without %s: %s", picture, row.Name, why))
			}
		}
		if len(s.jobs) < 2 {
			b.Skipped = append(b.Skipped, fmt.Sprintf("picture %s: %d systems have translations of the same pairs, want 2", picture, len(s.jobs)))
			continue
		}
		drawn, err := render.DrawImages(s.grid, s.shape[0], s.shape[1], s.shape[2], s.images)
		if err != nil {
			return err
		}
		data, err := b.renderings(picture, "png", drawn)
		if err != nil {
			return err
		}
		p.addGrid(picture, s.grid.Title, s.caption(), data)
	}
	return nil
}

// stripNames are those of the strips of runs, in their order.
func stripNames(runs []reports.Run) (out []string) {
	for _, r := range runs {
		for _, g := range r.Results.Grids {
			if strings.HasPrefix(g.Name, reports.StripPrefix) && !slices.Contains(out, g.Name) {
				out = append(out, g.Name)
			}
		}
	}
	return out
}

// stacked are strips of the same pairs, one below another.
type stacked struct {
	grid     reports.Grid
	shape    [3]int    // of an image
	images   []float32 // row by row
	jobs     []string  // of the systems
	unguided []string  // systems that have not seen the guides
}

// add puts the translations of a system's first run, which stands for it, below the others, or says
// why not.
func (s *stacked) add(row reports.SystemRow, strip string) (why string, err error) {
	run := row.Runs[0]
	i := slices.IndexFunc(run.Results.Grids, func(g reports.Grid) bool { return g.Name == strip })
	if i < 0 {
		return "it has no such translations", nil
	}
	g := run.Results.Grids[i]
	shape, images, err := render.ReadGrid(run, g)
	if err != nil {
		return "", err
	}
	if g.Rows != stripRows {
		return fmt.Sprintf("its strip has %d rows, want %d", g.Rows, stripRows), nil
	}
	pairs, made := images[:len(images)/stripRows*stripTranslations], images[len(images)/stripRows*stripTranslations:]
	if len(s.jobs) == 0 {
		s.shape, s.images = shape, slices.Clone(pairs)
		s.grid.Title, s.grid.Rows, s.grid.Columns, s.grid.RowLabels = g.Title+", by system", stripTranslations, g.Columns, []string{"content", "guide"}
	}
	if shape != s.shape || g.Columns != s.grid.Columns || len(pairs) > len(s.images) || !render.Shown(pairs, s.images[:len(pairs)]) {
		return "its contents or guides are not those of " + s.grid.RowLabels[stripTranslations], nil
	}
	s.images = append(s.images, made...)
	s.grid.Rows++
	s.grid.RowLabels = append(s.grid.RowLabels, row.Name)
	s.jobs = append(s.jobs, fmt.Sprintf("job %s, %s", run.Results.Job, run.Results.JobName()))
	direction := strings.Replace(strings.TrimPrefix(strip, reports.StripPrefix), "-", "->", 1)
	if c := run.Results.System.Capability("guided " + direction); c != nil && !c.Can {
		s.unguided = append(s.unguided, row.Name)
	}
	return "", nil
}

func (s *stacked) caption() string {
	text := "A column a pair: the content, the guide, and what each system makes of them."
	if len(s.unguided) > 0 {
		text += " Without a look at the guide: " + strings.Join(s.unguided, ", ") + "."
	}
	return text + " By row: " + strings.Join(s.jobs, "; ") + "."
}
