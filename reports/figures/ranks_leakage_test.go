package figures

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/reports"
	"github.com/venn-adapt/venn/reports/render"
	"github.com/venn-adapt/venn/reports/reportstest"
)

func TestRanksAndLeakage(t *testing.T) {
	runs := reportstest.Studies()
	keep := os.Getenv("VENN_KEEP_FIGURES")
	for _, name := range []string{"ranks", "leakage"} {
		info, err := reports.Figures.Get(name)
		if err != nil {
			t.Fatal(err)
		}
		if f, skip, err := info.Build(nil); f != nil || skip == "" || err != nil {
			t.Errorf("%s of no run: %v, %q, %v", name, f, skip, err)
		}
		f, skip, err := info.Build(runs)
		if err != nil || f == nil {
			t.Fatalf("%s: %q, %v", name, skip, err)
		}
		again, _, _ := info.Build(runs)
		for form, picture := range map[string]func(render.Drawing) ([]byte, error){"png": render.Drawing.PNG, "svg": render.Drawing.SVG, "pdf": render.Drawing.PDF} {
			if form == "png" && keep == "" {
				continue // slow: TestFigures draws one twice
			}
			first, err := picture(render.Draw(f))
			if err != nil {
				t.Fatal(err)
			}
			second, err := picture(render.Draw(again))
			if err != nil || !bytes.Equal(first, second) {
				t.Errorf("%s.%s differs between two drawings (%v)", name, form, err)
			}
			if keep != "" {
				if err := os.WriteFile(filepath.Join(keep, name+"."+form), first, 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
		for _, row := range f.Data {
			if len(row) != len(f.Header) {
				t.Fatalf("%s: a line of %d under %d columns", name, len(row), len(f.Header))
			}
		}
	}
	// A method that is missing on a task takes the task out, and the caption says so.
	runs[3].Results.Adaptation = runs[3].Results.Adaptation[1:]
	f, _, err := ranksFigure(runs)
	if err != nil || !strings.Contains(f.Caption, "over 11 tasks") || !strings.Contains(f.Caption, "1 tasks are left out") {
		t.Errorf("caption %q, %v", f.Caption, err)
	}
	if _, skip, _ := ranksFigure(runs[:1]); skip == "" {
		t.Error("ranks of one task: drawn")
	}
}
