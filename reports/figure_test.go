package reports

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// The walk over every figure: several runs, one, none, a gap; the same bytes twice.
func TestFigures(t *testing.T) {
	six := fixture(t, []string{"model.separate=4", "model.separate=8"}, 0, 1, 2)
	one := fixture(t, []string{""}, 0)
	keep := os.Getenv("VENN_KEEP_FIGURES") // a folder: leaves the pictures for a person
	for _, info := range Figures.All() {
		if info.Name == "ranks" {
			continue // it takes several tasks: TestRanksAndLeakage
		}
		if f, skip, err := info.Build(nil); f != nil || skip == "" || err != nil {
			t.Errorf("%s of no run: %v, %q, %v", info.Name, f, skip, err)
		}
		for name, runs := range map[string][]Run{"six": six, "one": one} {
			f, skip, err := info.Build(runs)
			if err != nil || f == nil {
				t.Fatalf("%s: %q, %v", info.Name, skip, err)
			}
			if len(f.Data) == 0 || f.Caption == "" {
				t.Errorf("%s has no data or no caption", info.Name)
			}
			for _, row := range f.Data {
				if len(row) != len(f.Header) {
					t.Fatalf("%s: a line of %d under %d columns", info.Name, len(row), len(f.Header))
				}
			}
			again, _, _ := info.Build(runs)
			for form, render := range map[string]func(*Figure) ([]byte, error){"png": (*Figure).PNG, "svg": (*Figure).SVG, "pdf": (*Figure).PDF} {
				if (name == "six" || form == "png" && info.Name != "scatter") && form != "svg" && keep == "" {
					continue // the others are slow: one run, of a PNG one figure, shows them
				}
				first, err := render(f)
				if err != nil {
					t.Fatal(err)
				}
				second, err := render(again)
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(first, second) {
					t.Errorf("%s.%s differs between two drawings", info.Name, form)
				}
				if keep != "" {
					if err := os.WriteFile(filepath.Join(keep, name+"-"+info.Name+"."+form), first, 0o644); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
	}
}

// Labels of neighbouring ticks differ, where the default rounds both to 1.3, and say what
// their ticks are, without the noise of 0.1 + 0.2.
func TestExactTicks(t *testing.T) {
	for _, ends := range [][2]float64{{1.24, 1.41}, {1234567, 1234571}, {0.1, 0.7}} {
		seen := map[string]bool{}
		for _, tick := range (exactTicks{}).Ticks(ends[0], ends[1]) {
			if tick.IsMinor() {
				continue
			}
			v, err := strconv.ParseFloat(tick.Label, 64)
			if seen[tick.Label] || err != nil || math.Abs(v-tick.Value) > 1e-9*v || len(tick.Label) > 11 {
				t.Errorf("a tick at %v is labelled %s", tick.Value, tick.Label)
			}
			seen[tick.Label] = true
		}
		if len(seen) < 2 {
			t.Errorf("%d labelled ticks", len(seen))
		}
	}
}

// Figures stand in this order in a bundle.
func TestOrderOfFigures(t *testing.T) {
	for i, name := range []string{"curves", "accuracy", "confusion", "scatter", "independence", "leakage", "ranks"} {
		info, err := Figures.Get(name)
		if err != nil || info.Order != i+1 || info.Name != name {
			t.Errorf("%s: %+v, %v; want place %d", name, info, err, i+1)
		}
	}
}
