package pages

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/internal/npy"
	"github.com/venn-adapt/venn/reports"
	"github.com/venn-adapt/venn/reports/render"
	"github.com/venn-adapt/venn/reports/reportstest"
)

// Of every format that is asked for, and no other, a bundle holds each table, figure and grid.
func TestBundleByFormat(t *testing.T) {
	runs := reportstest.Fixture(t, []string{""}, 0)
	tables := []string{"accuracy", "adaptation", "class-scores", "correctness", "correctness-factors", "diagnosis", "discrepancy", "faces", "faces-fidelity", "independence", "reconstruction", "selectors", "translation", "values"}
	figures := []string{"accuracy", "along", "confusion", "curves", "independence", "leakage", "scatter"}
	data := []string{"tidy.csv", "tidy.parquet"}
	for _, f := range figures {
		data = append(data, "figures/"+f+".csv") // with every bundle
	}
	for _, format := range Formats {
		want := slices.Clone(data)
		switch format {
		case "html":
			want = append(want, "index.html")
		case "md", "tex", "csv":
			for _, name := range tables {
				want = append(want, "tables/"+name+"."+format)
			}
		default:
			for _, name := range append(slices.Clone(figures), "translate-a-b") {
				want = append(want, "figures/"+name+"."+format)
			}
		}
		slices.Sort(want)
		dir := t.TempDir()
		b, err := Write(dir, runs, []string{format})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(b.Files, want) {
			t.Errorf("%s: %q, want %q", format, b.Files, want)
		}
		index := ""
		if format == "html" {
			index = filepath.Join(dir, "index.html")
		}
		if b.Index != index || b.Dir != dir {
			t.Errorf("%s: index %q in %q", format, b.Index, b.Dir)
		}
		plain := t.TempDir()
		if err := os.Mkdir(filepath.Join(plain, "as usual"), 0o755); err != nil {
			t.Fatal(err)
		}
		for _, folder := range []string{"tables", "figures"} {
			usual, err := os.Stat(filepath.Join(plain, "as usual"))
			if err != nil {
				t.Fatal(err)
			}
			got, err := os.Stat(filepath.Join(dir, folder))
			if err != nil || got.Mode() != usual.Mode() {
				t.Errorf("%s: %v, %v", folder, got, err)
			}
		}
		for _, name := range b.Files {
			got, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			begins := map[string]string{".html": "<!DOCTYPE html>", ".md": "**", ".tex": "% needs", ".png": "\x89PNG", ".svg": "<?xml", ".pdf": "%PDF-"}[filepath.Ext(name)]
			if !strings.HasPrefix(string(got), begins) || len(got) < 20 {
				t.Errorf("%s begins with %.20q", name, got)
			}
		}
		if !slices.Equal(b.Skipped, []string{"table split: 1 jobs have codes that were probed for known factors, want 2 to compare", "table systems: 1 systems that make images, want 2 to compare", "table capabilities: 1 systems that make images, want 2 to compare", "table contrast: no run has domains with known subtypes", "table networks: trained networks on 0 tasks, want two", "table adaptation-tests: 1 tasks, fewer than the 6 that a test over tasks needs", "table search: no run is a trial of a search", "figure split: 1 jobs have codes that were probed for known factors, want 2 to compare", "figure methods: 0 methods have a classifier of their own, want 3", "figure systems-cost: 1 systems that make images, want 2 to compare", "figure search-curve: no run is a trial of a search", "figure ranks: 2 methods on 1 tasks: ranks want three methods and two tasks"}) {
			t.Errorf("%s: skipped %q", format, b.Skipped)
		}
		if format == "csv" {
			got, _ := os.ReadFile(filepath.Join(dir, "figures", "accuracy.csv"))
			if !strings.HasPrefix(string(got), "job,features,classifier,accuracy,low,high\n,common,logistic,0.9,0.81,0.98\n") {
				t.Errorf("figures/accuracy.csv is %s", got)
			}
		}
	}
}

// between is what stands in a page after one text and before the next.
func between(t *testing.T, page, from, to string) string {
	t.Helper()
	_, rest, ok := strings.Cut(page, from)
	if !ok {
		t.Fatalf("the page lacks %q", from)
	}
	inner, _, ok := strings.Cut(rest, to)
	if !ok {
		t.Fatalf("nothing ends with %q after %q", to, from)
	}
	return inner
}

// The page shows each part at its place: title, question and source of the first run, all
// tables, figures in their order, each picture as it is written alone, every run with
// where its numbers come from, warnings and what was left out.
func TestPageByHand(t *testing.T) {
	runs := reportstest.Fixture(t, []string{"x=1", "x=2"}, 0)
	second := &runs[1].Results
	second.Title, second.Question, second.Source, second.Job, second.Warnings = "Another title", "Why?", "else", "000000000009", []string{"w1", "w2"}
	runs[1].Spec, runs[1].Environment, runs[1].Lock = "second spec", "second environment", "second lock"
	if err := npy.Write(filepath.Join(runs[1].Dir, "grid.npy"), []int{3, 2, 3, 8, 8}, make([]float32, 3*2*3*8*8)); err != nil {
		t.Fatal(err)
	}
	runs[0].Environment, runs[0].Lock = "first environment", "first lock"
	dir := t.TempDir()
	if _, err := Write(dir, runs, []string{"html", "svg"}); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(dir, "index.html"))
	if err != nil {
		t.Fatal(err)
	}
	page := string(data)
	for what, want := range map[string][3]string{
		"title": {"<h1>", "</h1>", "A title with 100% &amp; &lt;tags&gt;"}, "question": {`<p class="question">`, "</p>", "Does it work?"}, "source": {`<p class="source">`, "</p>", "Source: nobody, 2019"},
		"warnings":    {`<ul class="warnings">`, "</ul>", "<li>x=1 seed 0: something looks odd</li><li>x=2 seed 0: w1</li><li>x=2 seed 0: w2</li>"},
		"left out":    {"<p>Left out: ", "</p>", "table contrast: no run has domains with known subtypes; table networks: trained networks on 0 tasks, want two; table adaptation-tests: 1 tasks, fewer than the 6 that a test over tasks needs; table search: no run is a trial of a search; figure methods: 0 methods have a classifier of their own, want 3; figure search-curve: no run is a trial of a search; figure ranks: 4 methods on 1 tasks: ranks want three methods and two tasks."},
		"environment": {"<h3>Environment</h3><pre>", "</pre>", "first environment\nx=2 seed 0 and others:\nsecond environment"}, "lock": {"<h3>Data lock</h3><pre>", "</pre>", "first lock"},
		"spec": {"filled in</h3><pre>", "</pre>", "name: two_moons &amp; more\n"},
		"runs": {`<th scope="col">directory</th></tr></thead>` + "\n<tbody>", "\n</tbody>",
			`<tr><td>x=1 seed 0</td><td><code>000000000000</code></td><td><code>e</code></td><td>didd</td><td class="number">100</td><td class="number">1234</td><td>go</td><td><code>fixture/000000000000</code></td></tr>` + "\n" +
				`<tr><td>x=2 seed 0</td><td><code>000000000009</code></td><td><code>e</code></td><td>didd</td><td class="number">100</td><td class="number">1234</td><td>go</td><td><code>fixture/000000000009</code></td></tr>`},
		"data": {"<h3>Data</h3>\n<ul>", "</ul>", "<li>a: faces-schematic, labelled source, 100 training and 200 test images; drawn</li><li>b: faces-schematic, unlabelled, 100 training and 200 test images; drawn</li>"},
		"row":  {`<h3 id="table-diagnosis">Diagnosis of the codes</h3>` + "\n" + `<div class="scroll"><table>` + "\n<thead>", "</thead>", `<tr><th scope="col">job</th><th scope="col">check</th><th scope="col" class="number">value</th><th scope="col">want</th><th scope="col"></th></tr>`},
	} {
		reportstest.Equal(t, what, between(t, page, want[0], want[1]), want[2])
	}
	if !strings.Contains(page, `<td>discriminator accuracy</td><td class="number">0.9900</td><td>below 0.95</td><td>look<sup>a</sup></td>`) || !strings.Contains(page, "<li><sup>a</sup> raise it</li>") {
		t.Error("a failed check or its footnote is not on the page")
	}
	at := 0
	for _, name := range []string{"curves", "accuracy", "systems-cost", "along", "confusion", "scatter", "independence", "leakage"} {
		next := strings.Index(page, `<figure id="figure-`+name+`">`)
		if next <= at {
			t.Errorf("figure %s stands at %d, the one before at %d", name, next, at)
		}
		at = next
		svg, err := os.ReadFile(filepath.Join(dir, "figures", name+".svg"))
		if err != nil {
			t.Fatal(err)
		}
		wantPicture(t, page[next:], svg, "image/svg&#43;xml")
		f, _, err := mustFigure(t, name).Build(runs)
		if err != nil || !strings.Contains(between(t, page[next:], "<h3>", "</h3>"), f.Title) || between(t, page[next:], "<figcaption>", "</figcaption>") == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	// One grid of each job; the second has a number.
	for i, name := range []string{"translate-a-b", "translate-a-b-2"} {
		job := []string{"000000000000, x=1 seed 0", "000000000009, x=2 seed 0"}[i]
		next := strings.Index(page, `<figure id="grid-`+name+`">`)
		if next < 0 {
			t.Fatalf("no grid %s", name)
		}
		grid, err := render.DrawGrid(runs[i], runs[i].Results.Grids[0])
		if err != nil {
			t.Fatal(err)
		}
		picture, err := grid.PNG()
		if err != nil {
			t.Fatal(err)
		}
		wantPicture(t, page[next:], picture, "image/png")
		reportstest.Equal(t, "caption", between(t, page[next:], "<figcaption>", "</figcaption>"), "First row contents. Job "+job+".")
		reportstest.Equal(t, "title", between(t, page[next:], "<h3>", "</h3>"), "Guided translation a to b")
	}
}

func mustFigure(t *testing.T, name string) reports.FigureInfo {
	t.Helper()
	info, err := reports.Figures.Get(name)
	if err != nil {
		t.Fatal(err)
	}
	return info
}

// wantPicture asserts that the next picture of a page is this one.
func wantPicture(t *testing.T, page string, want []byte, kind string) {
	t.Helper()
	coded := strings.ReplaceAll(between(t, page, `<img src="data:`+kind+";base64,", `"`), "&#43;", "+")
	got, err := base64.StdEncoding.DecodeString(coded)
	if err != nil || string(got) != string(want) {
		t.Errorf("a picture on the page is another (%v)", err)
	}
}

// A run without a title is called by its spec; no run is no page's worth.
func TestPageTitles(t *testing.T) {
	reportstest.Equal(t, "title", newPage([]reports.Run{{Results: reports.Results{Name: "spec"}}}).Title, "spec")
	reportstest.Equal(t, "title", newPage(nil).Title, "No finished runs")
	reportstest.Equal(t, "title", newPage([]reports.Run{{Results: reports.Results{Name: "spec", Title: "A title"}}, {Results: reports.Results{Title: "B"}}}).Title, "A title")
	data, err := newPage(nil).render()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<p>No tables: no run is done.</p>", "<p>No image grids.</p>", "<p>No figures.</p>", "<p>None.</p>", "<title>No finished runs</title>"} {
		if !strings.Contains(string(data), want) {
			t.Errorf("the empty page lacks %q", want)
		}
	}
}

// Damage and a folder that cannot be written end with their error.
func TestBundleFails(t *testing.T) {
	runs := reportstest.Fixture(t, []string{""}, 0)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Write(file, runs, []string{"md"}); err == nil || !strings.HasPrefix(err.Error(), "reports: ") {
		t.Errorf("a file for a folder: %v", err)
	}
	for _, blocked := range []string{"tables/accuracy.md", "figures/curves.svg", "figures/curves.csv", "index.html"} {
		dir := t.TempDir()
		if err := os.MkdirAll(filepath.Join(dir, blocked, "in the way"), 0o755); err != nil {
			t.Fatal(err)
		}
		if b, err := Write(dir, runs, []string{"html", "md", "svg"}); err == nil || !strings.HasPrefix(err.Error(), "reports: ") || b.Index != "" {
			t.Errorf("%s is blocked: %v, %+v", blocked, err, b)
		}
	}
	runs[0].Results.Grids[0].File = "missing.npy"
	if _, err := Write(t.TempDir(), runs, []string{"md"}); err == nil || !strings.Contains(err.Error(), "grid translate-a-b") {
		t.Errorf("a missing grid: %v", err)
	}
}

// What was not evaluated is said once, with the jobs where it is not true of all.
func TestUnevaluated(t *testing.T) {
	run := func(label string, skipped ...reports.Skipped) reports.Run {
		return reports.Run{Results: reports.Results{Label: label, Seed: 1, Skipped: skipped}}
	}
	got := unevaluated([]reports.Run{run("x=1", reports.Skipped{Evaluation: "leakage", Reason: "no factors"}, reports.Skipped{Evaluation: "network", Reason: "none"}), run("x=2", reports.Skipped{Evaluation: "leakage", Reason: "no factors"})})
	if !slices.Equal(got, []string{"leakage: no factors", "network: none (x=1 seed 1)"}) {
		t.Errorf("%q", got)
	}
	page, err := newPage([]reports.Run{run("", reports.Skipped{Evaluation: "leakage", Reason: "no <factors>"})}).render()
	if err != nil || !strings.Contains(string(page), "<p>Not evaluated: leakage: no &lt;factors&gt;.</p>") {
		t.Errorf("%v: %s", err, page)
	}
}
