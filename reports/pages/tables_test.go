package pages

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/metrics/correctness"
	"github.com/venn-adapt/venn/reports"
	"github.com/venn-adapt/venn/reports/render"
	"github.com/venn-adapt/venn/reports/reportstest"
)

// The walk over every table: several labels and seeds, one run, no run, a gap.
func TestTables(t *testing.T) {
	six := reportstest.Fixture(t, []string{"model.separate=4", "model.separate=8"}, 0, 1, 2)
	one := reportstest.Fixture(t, []string{""}, 0)
	gap := reportstest.Fixture(t, []string{""}, 0, 1)
	gap[1].Results.Accuracy[0].Target = nil
	gap[1].Results.Translation, gap[1].Results.Independence = nil, nil
	for _, tt := range []struct {
		name string
		runs []reports.Run
	}{{"six", six}, {"one", one}, {"gap", gap}} {
		var md, tex, csvs, term bytes.Buffer
		for _, info := range reports.Tables.All() {
			table, skip, err := info.Build(tt.runs)
			if info.Name == "adaptation-tests" && strings.Contains(skip, "1 tasks, fewer than the 6") {
				continue // these runs have one task; TestAdaptationOverTasks has more
			}
			if info.Name == "networks" && strings.HasPrefix(skip, "trained networks on 0 tasks") {
				continue // none has a classifier of its own; TestNetworksTableByHand has more
			}
			if info.Name == "search" && skip == "no run is a trial of a search" {
				continue // TestSearchTableByHand has some
			}
			if info.Name == "contrast" && skip == "no run has domains with known subtypes" {
				continue // TestContrastTable has some
			}
			if info.Name == "split" && strings.HasPrefix(skip, "1 jobs have codes") && tt.name != "six" {
				continue // there is nothing to compare; TestSplitTable has more
			}
			if slices.Contains([]string{"systems", "capabilities"}, info.Name) && strings.HasPrefix(skip, "1 systems that make images") && tt.name != "six" {
				continue // as much; TestSystemsTableByHand and TestCapabilitiesTableByHand have more
			}
			if err != nil || table == nil {
				t.Fatalf("%s: %s: %q, %v", tt.name, info.Name, skip, err)
			}
			for _, row := range table.Rows {
				if len(row) != len(table.Columns) {
					t.Errorf("%s: %s: a row of %d cells under %d columns", tt.name, info.Name, len(row), len(table.Columns))
				}
				for _, c := range row {
					if c.Note > len(table.Notes) {
						t.Errorf("%s: %s: mark of a footnote that is not there", tt.name, info.Name)
					}
				}
			}
			md.Write(render.Markdown(table))
			tex.Write(render.LaTeX(table))
			c, err := render.CSV(table)
			if err != nil {
				t.Fatal(err)
			}
			csvs.Write(c)
			if _, err := csv.NewReader(bytes.NewReader(c)).ReadAll(); err != nil {
				t.Errorf("%s: %s: %v", tt.name, info.Name, err)
			}
		}
		if err := Terminal(&term, tt.runs); err != nil {
			t.Fatal(err)
		}
		reportstest.Golden(t, tt.name+".md", md.Bytes())
		reportstest.Golden(t, tt.name+".tex", tex.Bytes())
		reportstest.Golden(t, tt.name+".csv", csvs.Bytes())
		reportstest.Golden(t, tt.name+".txt", term.Bytes())
	}
}

func TestNoRunsNoTables(t *testing.T) {
	tables, skipped, err := build(nil)
	if err != nil || len(tables) != 0 || len(skipped) != len(reports.Tables.All()) {
		t.Errorf("%d tables, skipped %v, %v", len(tables), skipped, err)
	}
}

// broken fails at its n-th write.
type broken struct{ left int }

func (b *broken) Write(p []byte) (int, error) {
	if b.left--; b.left < 0 {
		return 0, fmt.Errorf("disk full")
	}
	return len(p), nil
}

// A table of a record with a value that is not finite is an error that says so, and so is
// what is made of it.
func TestTablesOfNoNumbers(t *testing.T) {
	nan := math.NaN()
	bad := func(v float64) *reports.Score { return &reports.Score{Accuracy: v} }
	for name, r := range map[string]reports.Results{
		"accuracy":            {Accuracy: []reports.Accuracy{{Row: "common", Source: bad(nan)}}},
		"translation":         {Translation: []reports.Translation{{Direction: "a->b", L1: nan}}},
		"correctness":         {Correctness: []correctness.Score{{Name: "content", Value: &nan}}},
		"correctness-factors": {Correctness: []correctness.Score{{Name: "bias", Factor: "x", Value: &nan}}},
		"reconstruction":      {Reconstruction: []reports.Reconstruction{{Domain: "a", L1: reports.Estimate{Value: nan}}}},
		"faces":               {Faces: &reports.Faces{Rows: []reports.Face{{Direction: "a->b", Target: &reports.Estimate{Value: nan}}}}},
		"faces-fidelity":      {Faces: &reports.Faces{Rows: []reports.Face{{Direction: "a->b", Content: &reports.Estimate{Value: nan}}}}},
		"independence":        {Independence: []reports.Measured{{Of: "x"}}},
		"adaptation":          {Adaptation: []reports.Adaptation{{Name: "m", Transductive: bad(nan)}}},
	} {
		if name == "independence" {
			r.Independence[0].Value = nan
		}
		info, err := reports.Tables.Get(name)
		if err != nil {
			t.Fatal(err)
		}
		if table, _, err := info.Build([]reports.Run{{Results: r}}); err == nil || table != nil || !strings.Contains(err.Error(), "reports: ") {
			t.Errorf("%s: %v, %v", name, table, err)
		}
		if err := Terminal(&bytes.Buffer{}, []reports.Run{{Results: r}}); err == nil {
			t.Errorf("%s: printed", name)
		}
		if _, err := Write(t.TempDir(), []reports.Run{{Results: r}}, []string{"md"}); err == nil {
			t.Errorf("%s: written", name)
		}
	}
	build := func(kind, name string, runs ...reports.Run) error {
		if kind == "table" {
			info, err := reports.Tables.Get(name)
			if err != nil {
				t.Fatal(err)
			}
			_, _, err = info.Build(runs)
			return err
		}
		_, _, err := mustFigure(t, name).Build(runs)
		return err
	}
	gap := reports.Results{Accuracy: []reports.Accuracy{{Row: "common", Source: bad(0.5), Target: bad(0.5), GapClosed: &nan}}}
	if err := build("table", "accuracy", reports.Run{Results: gap}); err == nil {
		t.Error("a gap that is not a number")
	}
	if err := build("figure", "accuracy", reports.Run{Results: gap}); err != nil {
		t.Errorf("the figure shows no gap: %v", err)
	}
	target := reports.Run{Results: reports.Results{Accuracy: []reports.Accuracy{{Row: "common", Target: bad(nan)}}}}
	for _, kind := range []string{"table", "figure"} {
		if err := build(kind, "accuracy", target); err == nil || !strings.Contains(err.Error(), "accuracy of common by ") {
			t.Errorf("%s of an accuracy that is not a number: %v", kind, err)
		}
	}
	// Tables of several tasks fail on ranks too, and a figure of them.
	var runs []reports.Run
	for _, task := range []string{"a", "b", "c", "d", "e", "f"} {
		runs = append(runs, reports.Run{Results: reports.Results{Task: task, Adaptation: []reports.Adaptation{{Name: "x", Adapter: "none", Transductive: bad(0.5)}, {Name: "y", Transductive: bad(nan)}, {Name: "z", Transductive: bad(0.25)}}}})
	}
	for name, kind := range map[string]string{"adaptation": "table", "adaptation-tests": "table", "ranks": "figure"} {
		if err := build(kind, name, runs...); err == nil {
			t.Errorf("%s %s was made", kind, name)
		}
	}
	// A writer that fails ends the printing with its error.
	for n := range 3 {
		if err := Terminal(&broken{n}, reportstest.Fixture(t, []string{""}, 0)); err == nil || !strings.HasPrefix(err.Error(), "reports: ") || !strings.HasSuffix(err.Error(), "disk full") {
			t.Errorf("on a full disk after %d tables: %v", n, err)
		}
	}
}

// Tables come in the order of the bundle, those that cannot be made are named with the reason.
func TestOrderOfTables(t *testing.T) {
	tables, skipped, err := build(reportstest.Fixture(t, []string{""}, 0))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, table := range tables {
		names = append(names, table.Name)
	}
	reportstest.Equal(t, "order", strings.Join(names, " "), "accuracy class-scores correctness correctness-factors faces faces-fidelity reconstruction translation independence discrepancy diagnosis adaptation selectors values")
	reportstest.Equal(t, "skipped", strings.Join(skipped, "\n"), "table split: 1 jobs have codes that were probed for known factors, want 2 to compare\ntable systems: 1 systems that make images, want 2 to compare\ntable capabilities: 1 systems that make images, want 2 to compare\ntable contrast: no run has domains with known subtypes\ntable networks: trained networks on 0 tasks, want two\ntable adaptation-tests: 1 tasks, fewer than the 6 that a test over tasks needs\ntable search: no run is a trial of a search")
	for name, order := range map[string]int{"split": 0, "systems": 0, "capabilities": 1, "accuracy": 1, "translation": 2, "independence": 3, "discrepancy": 4, "contrast": 4, "diagnosis": 5, "adaptation": 6, "adaptation-tests": 7, "selectors": 8, "search": 9} {
		info, err := reports.Tables.Get(name)
		if err != nil {
			t.Fatal(err)
		}
		reportstest.Equal(t, "order of "+name, info.Order, order)
	}
	var b bytes.Buffer
	if err := Terminal(&b, reportstest.Fixture(t, []string{""}, 0)); err != nil {
		t.Fatal(err)
	}
	at := -1
	for _, table := range tables {
		next := strings.Index(b.String(), "\n"+table.Title+"\n")
		if next <= at {
			t.Errorf("%q is printed at %d, what comes before it at %d", table.Title, next, at)
		}
		at = next
	}
}
