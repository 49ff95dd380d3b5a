package pages

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/reports"
	"github.com/venn-adapt/venn/reports/reportstest"
)

func TestBundle(t *testing.T) {
	runs := reportstest.Fixture(t, []string{"model.separate=4", "model.separate=8"}, 0, 1, 2)
	dir := t.TempDir()
	formats := []string{"html", "md", "csv", "tex", "svg", "pdf"} // PNGs are slow: TestBundleByFormat writes them once
	b, err := Write(dir, runs, formats)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(b.Skipped, "\n"); len(b.Skipped) != 7 || !strings.Contains(got, "table contrast: ") || !strings.Contains(got, "table networks: trained networks on 0 tasks") || !strings.Contains(got, "adaptation-tests") || !strings.Contains(got, "table search: no run is a trial") || !strings.Contains(got, "figure search-curve: no run is a trial") || !strings.Contains(got, "figure methods: 0 methods") || !strings.Contains(got, "figure ranks: 4 methods on 1 tasks") {
		t.Errorf("skipped %q, want the ranks and the tests over tasks, of which there is one, and networks and searches, of which there is none", got)
	}
	first := map[string][]byte{}
	for _, name := range b.Files {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || len(data) == 0 {
			t.Fatalf("%s: %d bytes, %v", name, len(data), err)
		}
		first[name] = data
	}
	for _, name := range []string{"index.html", "tables/accuracy.tex", "figures/curves.pdf", "figures/curves.csv", "figures/translate-a-b.svg", "figures/translate-a-b.pdf", "figures/translate-a-b-2.svg"} {
		if first[name] == nil {
			t.Errorf("%s is missing", name)
		}
	}
	html := string(first["index.html"])
	for _, want := range []string{"A title with 100% &amp; &lt;tags&gt;", "data:image/svg&#43;xml;base64,", "data:image/png;base64,", "two_moons &amp; more", "something looks odd", "0.910 ± 0.025"} {
		if !strings.Contains(html, want) {
			t.Errorf("index.html lacks %q", want)
		}
	}
	for _, bad := range []string{`src="figures`, `href="http`, "<script"} {
		if strings.Contains(html, bad) {
			t.Errorf("index.html is not self-contained: %q", bad)
		}
	}
	if _, err := Write(dir, runs, formats); err != nil {
		t.Fatal(err)
	}
	for name, want := range first {
		if got, _ := os.ReadFile(filepath.Join(dir, name)); !bytes.Equal(got, want) {
			t.Errorf("%s differs when written again", name)
		}
	}
}

// A bundle of nothing says so and does not fail.
func TestEmptyBundle(t *testing.T) {
	b, err := Write(t.TempDir(), nil, []string{"html"})
	if err != nil || b.Index == "" || len(b.Skipped) != len(reports.Tables.All())+len(reports.Figures.All()) {
		t.Errorf("%+v, %v", b, err)
	}
}
