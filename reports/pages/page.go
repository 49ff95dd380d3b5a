package pages

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"github.com/venn-adapt/venn/reports"
	"github.com/venn-adapt/venn/reports/render"
)

//go:embed page.html
var pageText string

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{"mark": render.Mark, "inc": func(i int) int { return i + 1 }}).Parse(pageText))

// A page is what index.html shows.
type page struct {
	Title, Question, Source string
	Runs                    []pageRun
	Warnings                []string
	Tables                  []*reports.Table
	Figures, Grids          []picture
	Spec, Environment, Lock string
	Skipped                 []string // tables and figures
	Unevaluated             []string
}

// A pageRun is the provenance of a job's numbers.
type pageRun struct {
	reports.Results
	Name, Dir string
}

type picture struct {
	Name, Title, Caption string
	URL                  template.URL // a data URL: the page needs no other file
}

func newPage(runs []reports.Run) *page {
	p := &page{Title: "No finished runs"}
	for i, r := range runs {
		if i == 0 {
			p.Title, p.Question, p.Source = r.Results.Title, r.Results.Question, r.Results.Source
			if p.Title == "" {
				p.Title = r.Results.Name
			}
			p.Spec, p.Lock = r.Spec, r.Lock
		}
		p.addEnvironment(r)
		// Not r.Dir, which is as the command line had it: equal runs make equal pages.
		p.Runs = append(p.Runs, pageRun{r.Results, r.Results.JobName(), r.Results.Name + "/" + r.Results.Job})
		for _, w := range r.Results.Warnings {
			p.Warnings = append(p.Warnings, r.Results.JobName()+": "+w)
		}
	}
	p.Unevaluated = unevaluated(runs)
	return p
}

// addEnvironment shows where a run was made, once for all runs that were made there.
func (p *page) addEnvironment(r reports.Run) {
	if strings.Contains(p.Environment, r.Environment) {
		return
	}
	if p.Environment != "" {
		p.Environment += "\n" + r.Results.JobName() + " and others:\n"
	}
	p.Environment += r.Environment
}

// unevaluated says what was not evaluated and why, once for all jobs of which it is true;
// the jobs are named where these are not all.
func unevaluated(runs []reports.Run) []string {
	var texts []string
	jobs := map[string][]string{}
	for _, r := range runs {
		for _, s := range r.Results.Skipped {
			text := fmt.Sprintf("%s: %s", s.Evaluation, s.Reason)
			if !slices.Contains(texts, text) {
				texts = append(texts, text)
			}
			jobs[text] = append(jobs[text], r.Results.JobName())
		}
	}
	for i, text := range texts {
		if len(jobs[text]) < len(runs) {
			texts[i] = fmt.Sprintf("%s (%s)", text, strings.Join(jobs[text], ", "))
		}
	}
	return texts
}

func (p *page) addFigure(name, title, caption, kind string, data []byte) {
	p.Figures = append(p.Figures, picture{name, title, caption, dataURL(kind, data)})
}

func (p *page) addGrid(name, title, caption string, data []byte) {
	p.Grids = append(p.Grids, picture{name, title, caption, dataURL("image/png", data)})
}

func dataURL(kind string, data []byte) template.URL {
	return template.URL("data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(data))
}

func (p *page) render() ([]byte, error) {
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, p); err != nil {
		return nil, fmt.Errorf("reports: index.html: %w", err)
	}
	return []byte(strings.TrimLeft(b.String(), "\n")), nil
}
