package pages

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"github.com/venn-adapt/venn/internal/atomicfile"
	"github.com/venn-adapt/venn/reports"
	"github.com/venn-adapt/venn/reports/render"
	"github.com/venn-adapt/venn/reports/tidy"
)

// Formats are the forms in which a bundle can be written.
var Formats = []string{"html", "md", "csv", "tex", "png", "svg", "pdf"}

// A Bundle says what was written.
type Bundle struct {
	Dir     string
	Index   string   // path of index.html; empty when html was not asked for
	Files   []string // below Dir, sorted
	Skipped []string // tables and figures that the runs do not allow, with the reason
}

// Write writes the tables, figures and image grids of runs, and the page that ties
// them together, into dir: tables/<name>.{md,csv,tex}, figures/<name>.{png,svg,pdf,csv},
// tidy.{csv,parquet} with all results, index.html. Each file is replaced atomically; the same runs give the same bytes.
func Write(dir string, runs []reports.Run, formats []string) (Bundle, error) {
	b := &bundle{Bundle: Bundle{Dir: dir}, wanted: formats}
	for _, d := range []string{"tables", "figures"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			return b.Bundle, fmt.Errorf("reports: %w", err)
		}
	}
	runs = reports.Told(runs)
	p := newPage(runs)
	for _, step := range []func([]reports.Run, *page) error{b.tables, b.figures, b.tidy} {
		if err := step(runs, p); err != nil {
			return b.Bundle, err
		}
	}
	for _, step := range []func([]reports.Run, *page) error{b.systems, b.grids} {
		if err := step(reports.Chosen(runs), p); err != nil {
			return b.Bundle, err
		}
	}
	p.Skipped = b.Skipped
	if b.wants("html") {
		data, err := p.render()
		if err != nil {
			return b.Bundle, err
		}
		if err := b.put("index.html", data); err != nil {
			return b.Bundle, err
		}
		b.Index = filepath.Join(dir, "index.html")
	}
	sort.Strings(b.Files)
	return b.Bundle, nil
}

type bundle struct {
	Bundle
	wanted []string
}

func (b *bundle) wants(format string) bool { return slices.Contains(b.wanted, format) }

func (b *bundle) put(name string, data []byte) error {
	if err := atomicfile.WriteBytes(filepath.Join(b.Dir, filepath.FromSlash(name)), data); err != nil {
		return fmt.Errorf("reports: %w", err)
	}
	b.Files = append(b.Files, name)
	return nil
}

func (b *bundle) tables(runs []reports.Run, p *page) error {
	tables, skipped, err := build(runs)
	if err != nil {
		return err
	}
	b.Skipped = append(b.Skipped, skipped...)
	for _, t := range tables {
		p.Tables = append(p.Tables, t)
		for _, f := range []struct {
			format string
			make   func() ([]byte, error)
		}{
			{"md", func() ([]byte, error) { return render.Markdown(t), nil }},
			{"tex", func() ([]byte, error) { return render.LaTeX(t), nil }},
			{"csv", func() ([]byte, error) { return render.CSV(t) }},
		} {
			if !b.wants(f.format) {
				continue
			}
			data, err := f.make()
			if err != nil {
				return err
			}
			if err := b.put("tables/"+t.Name+"."+f.format, data); err != nil {
				return err
			}
		}
	}
	return nil
}

// tidy writes all results as one table, for other programs.
func (b *bundle) tidy(runs []reports.Run, _ *page) error {
	rows := tidy.Rows(runs)
	for _, f := range []struct {
		name string
		make func([]tidy.Row) ([]byte, error)
	}{{"tidy.csv", tidy.CSV}, {"tidy.parquet", tidy.Parquet}} {
		data, err := f.make(rows)
		if err != nil {
			return err
		}
		if err := b.put(f.name, data); err != nil {
			return err
		}
	}
	return nil
}

func (b *bundle) figures(runs []reports.Run, p *page) error {
	infos := reports.Figures.All()
	slices.SortStableFunc(infos, func(x, y reports.FigureInfo) int { return x.Order - y.Order })
	chosen := reports.Chosen(runs)
	for _, info := range infos {
		of := runs
		if !info.Trials {
			of = chosen
		}
		f, skip, err := info.Build(of)
		if err != nil {
			return err
		}
		if f == nil {
			b.Skipped = append(b.Skipped, fmt.Sprintf("figure %s: %s", info.Name, skip))
			continue
		}
		if !info.Trials && len(chosen) < len(runs) {
			f.Caption += " Shown: " + reports.OnlyChosen + "."
		}
		svg, err := b.renderings(f.Name, "svg", render.Draw(f))
		if err != nil {
			return err
		}
		p.addFigure(f.Name, f.Title, f.Caption, "image/svg+xml", svg)
		data, err := render.Numbers(f)
		if err != nil {
			return err
		}
		if err := b.put("figures/"+f.Name+".csv", data); err != nil {
			return err
		}
	}
	return nil
}

// A picture that can be written in every graphic format.
type rendered interface {
	PNG() ([]byte, error)
	SVG() ([]byte, error)
	PDF() ([]byte, error)
}

// renderings writes a picture in the formats that were asked for and returns it in
// the format that the page shows, nil where no page is wanted.
func (b *bundle) renderings(name, shown string, r rendered) (forPage []byte, err error) {
	for _, form := range []struct {
		format string
		render func() ([]byte, error)
	}{{"png", r.PNG}, {"svg", r.SVG}, {"pdf", r.PDF}} {
		onPage := form.format == shown && b.wants("html")
		if !b.wants(form.format) && !onPage {
			continue
		}
		data, err := form.render()
		if err != nil {
			return nil, err
		}
		if onPage {
			forPage = data
		}
		if b.wants(form.format) {
			if err := b.put("figures/"+name+"."+form.format, data); err != nil {
				return nil, err
			}
		}
	}
	return forPage, nil
}

// grids draws the image grids of the first run of each group: one seed stands for
// its job, and the caption says which. Strips are shown by systems.
func (b *bundle) grids(runs []reports.Run, p *page) error {
	for k, g := range reports.GroupsOf(runs) {
		run := g.Runs[0]
		for _, grid := range run.Results.Grids {
			if strings.HasPrefix(grid.Name, reports.StripPrefix) {
				continue
			}
			drawn, err := render.DrawGrid(run, grid)
			if err != nil {
				return err
			}
			name := grid.Name
			if k > 0 {
				name = fmt.Sprintf("%s-%d", name, k+1)
			}
			data, err := b.renderings(name, "png", drawn)
			if err != nil {
				return err
			}
			p.addGrid(name, grid.Title, fmt.Sprintf("%s Job %s, %s.", grid.Caption, run.Results.Job, run.Results.JobName()), data)
		}
	}
	return nil
}
