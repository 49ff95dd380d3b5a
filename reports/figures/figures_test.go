package figures

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"gonum.org/v1/plot"

	"github.com/venn-adapt/venn/reports"
	"github.com/venn-adapt/venn/reports/render"
	"github.com/venn-adapt/venn/reports/reportstest"
)

// The walk over every figure: several runs, one, none, a gap; the same bytes twice.
func TestFigures(t *testing.T) {
	six := reportstest.Fixture(t, []string{"model.separate=4", "model.separate=8"}, 0, 1, 2)
	one := reportstest.Fixture(t, []string{""}, 0)
	keep := os.Getenv("VENN_KEEP_FIGURES") // a folder: leaves the pictures for a person
	for _, info := range reports.Figures.All() {
		if info.Name == "ranks" || info.Name == "methods" || info.Name == "search-curve" {
			continue // these take several tasks, networks or trials: TestRanksAndLeakage, TestMethodsFigureDrawsTheRecords, TestSearchCurveDrawsTheRecords
		}
		if f, skip, err := info.Build(nil); f != nil || skip == "" || err != nil {
			t.Errorf("%s of no run: %v, %q, %v", info.Name, f, skip, err)
		}
		for name, runs := range map[string][]reports.Run{"six": six, "one": one} {
			f, skip, err := info.Build(runs)
			if err != nil || f == nil {
				if name == "one" && err == nil && (info.Name == "split" && strings.HasPrefix(skip, "1 jobs have codes") || info.Name == "systems-cost" && strings.HasPrefix(skip, "1 systems ")) {
					continue // there is nothing to compare
				}
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
			for form, picture := range map[string]func(render.Drawing) ([]byte, error){"png": render.Drawing.PNG, "svg": render.Drawing.SVG, "pdf": render.Drawing.PDF} {
				if (name == "six" || form == "png" && info.Name != "scatter") && form != "svg" && keep == "" {
					continue // the others are slow: one run, of a PNG one figure, shows them
				}
				first, err := picture(render.Draw(f))
				if err != nil {
					t.Fatal(err)
				}
				second, err := picture(render.Draw(again))
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

// Labels of neighbouring ticks differ and say what their ticks are, without the noise of
// 0.1 + 0.2.
func TestTicksSayWhatTheyAre(t *testing.T) {
	for _, tt := range []struct {
		ticks     plot.Ticker
		low, high float64
		want      string
	}{
		{roundTicks{}, 1.24, 1.41, "1.25 1.30 1.35 1.40"},
		{roundTicks{}, 0.1, 0.7, "0.2 0.4 0.6"},
		{roundTicks{}, 0, 0.6, "0 0.2 0.4 0.6"},     // 0.6/0.2 is a little less than 3
		{roundTicks{}, -0.6, 0, "-0.6 -0.4 -0.2 0"}, // and -0.6/0.2 a little more than -3
		{roundTicks{whole: true}, 0, 5000, "0 2000 4000"},
		{roundTicks{whole: true}, 0, 3, "0 1 2 3"},
		{decadeTicks{}, 1.2e-6, 0.5, "1e-05 0.0001 0.001 0.01 0.1"},
		{decadeTicks{}, 0.9, 120, "1 10 100"},
		{decadeTicks{}, 1e-12, 1, "1e-12 1e-09 1e-06 0.001 1"},
		{decadeTicks{}, 0.001, 0.2, "0.001 0.01 0.1"},
	} {
		var labels []string
		for _, tick := range tt.ticks.Ticks(tt.low, tt.high) {
			if tick.IsMinor() {
				continue
			}
			labels = append(labels, tick.Label)
			v, err := strconv.ParseFloat(tick.Label, 64)
			if err != nil || !(math.Abs(v-tick.Value) <= 1e-12*math.Abs(v)) || v < tt.low || v > tt.high {
				t.Errorf("a tick at %v is labelled %s", tick.Value, tick.Label)
			}
		}
		if got := strings.Join(labels, " "); got != tt.want {
			t.Errorf("from %v to %v: %s, want %s", tt.low, tt.high, got, tt.want)
		}
	}
	var minor []float64
	for _, tick := range (decadeTicks{}).Ticks(0.4, 3) {
		minor = append(minor, tick.Value)
	}
	if got := fmt.Sprintf("%.3g", minor); got != "[0.4 0.5 0.6 0.7 0.8 0.9 1 2 3]" {
		t.Errorf("ticks %s", got)
	}
}
