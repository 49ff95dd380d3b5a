package reports

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/metrics/disentanglement"
)

// studies are tasks with a score of each of several methods, some clearly better, and cells of known factors.
func studies() []Run {
	methods := []string{"source only", "PCA", "CORAL", "subspace alignment", "GFK", "TCA", "JDA", "MEDA"}
	var runs []Run
	for task := range 12 {
		r := Run{Results: Results{Name: "study", Task: string(rune('A'+task/4)) + "->" + string(rune('A'+task%4)), Seed: 0, Job: "000000000001"}}
		for j, name := range methods {
			accuracy := 0.4 + 0.02*float64(j) + 0.03*math.Sin(float64(7*task+5*j)) + 0.01*float64(task)
			r.Results.Adaptation = append(r.Results.Adaptation, Adaptation{Name: name, Transductive: &Score{Accuracy: accuracy}})
		}
		runs = append(runs, r)
	}
	blocks := [][2]string{{"common", "a"}, {"common", "b"}, {"separate a", "a"}, {"separate b", "b"}, {"separate a", "b"}, {"separate b", "a"}}
	shared := []string{"identity", "skin_tone", "tilt", "background"}
	own := map[string][]string{"a": {"glasses_shape", "glasses_colour"}, "b": {"smile_teeth", "smile_width"}}
	for _, b := range blocks {
		for j, name := range append(append([]string{}, shared...), own[b[1]]...) {
			wish, score := disentanglement.Empty, 0.03*float64(j)
			if (b[0] == "common") == (j < len(shared)) && (b[0] == "common" || strings.HasSuffix(b[0], b[1])) {
				wish, score = disentanglement.Keep, 0.9-0.07*float64(j)
			}
			runs[0].Results.Leakage = append(runs[0].Results.Leakage, disentanglement.Cell{Block: b[0], On: b[1], Factor: name, Wish: wish, Score: score, Low: score - 0.06, High: score + 0.05})
		}
	}
	return runs
}

func TestRanksAndLeakage(t *testing.T) {
	runs := studies()
	keep := os.Getenv("VENN_KEEP_FIGURES")
	for _, name := range []string{"ranks", "leakage"} {
		info, err := Figures.Get(name)
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
		for form, render := range map[string]func(*Figure) ([]byte, error){"png": (*Figure).PNG, "svg": (*Figure).SVG, "pdf": (*Figure).PDF} {
			if form == "png" && keep == "" {
				continue // slow: TestFigures draws one twice
			}
			first, err := render(f)
			if err != nil {
				t.Fatal(err)
			}
			second, err := render(again)
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
