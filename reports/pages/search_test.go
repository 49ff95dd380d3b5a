package pages

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/reports"
	"github.com/venn-adapt/venn/reports/reportstest"
)

// A bundle shows of each search the chosen trial, and says so, but for the table and the figure
// of searches, which are of all trials; without a search nothing is said of it.
func TestBundleOfASearch(t *testing.T) {
	var runs []reports.Run
	for i, method := range []string{"x", "y", "z"} {
		for seed := range uint64(2) {
			a := reportstest.Trial(method, seed, 1, 2, map[string]float64{"v": 1}, 0.5, 10)
			b := reportstest.Trial(method, seed, 2, 2, map[string]float64{"v": 2}, 0.625+0.125*float64(i), 10)
			runs = append(runs, a, b)
		}
	}
	dir := t.TempDir()
	if _, err := Write(dir, runs, []string{"csv", "md", "html"}); err != nil {
		t.Fatal(err)
	}
	read := func(name string) string {
		data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	reportstest.Equal(t, "methods", read("figures/methods.csv"), "method,task,accuracy,low,high,seeds,oracle\nz,m->u,0.875,0.875,0.875,0.875 0.875,false\ny,m->u,0.75,0.75,0.75,0.75 0.75,false\nx,m->u,0.625,0.625,0.625,0.625 0.625,false\n")
	_, caption, _ := strings.Cut(read("index.html"), "of each network&#39;s own classifier, or where")
	if caption, _, _ = strings.Cut(caption, "</figcaption>"); !strings.HasSuffix(strings.TrimSpace(caption), " Shown: "+reports.OnlyChosen+".") {
		t.Errorf("the caption of the methods ends %q", caption)
	}
	reportstest.Equal(t, "lines of the curve", strings.Count(read("figures/search-curve.csv"), "\n"), 1+3*2*2)
	if table := read("tables/accuracy.md"); !strings.Contains(table, reports.OnlyChosen) || strings.Contains(table, "trial=") {
		t.Errorf("accuracy:\n%s", table)
	}
	if table := read("tables/search.md"); strings.Contains(table, reports.OnlyChosen) || strings.Count(table, "\n| ") < 6 {
		t.Errorf("search:\n%s", table)
	}
	tables, _, err := build(reportstest.Fixture(t, []string{""}, 0))
	if err != nil || strings.Contains(strings.Join(tables[0].Remarks, ""), "search") {
		t.Errorf("%v, %v", tables[0].Remarks, err)
	}
}
