package reports

import (
	"bytes"
	"encoding/csv"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares got with testdata/name, or rewrites it.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; run with -update to make it, and read it", err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs from what a person read and kept; got:\n%s", path, got)
	}
}

// The walk over every table: several labels and seeds, one run, no run, a gap.
func TestTables(t *testing.T) {
	six := fixture(t, []string{"model.separate=4", "model.separate=8"}, 0, 1, 2)
	one := fixture(t, []string{""}, 0)
	gap := fixture(t, []string{""}, 0, 1)
	gap[1].Results.Accuracy[0].Target = nil
	gap[1].Results.Translation, gap[1].Results.Independence = nil, nil
	for _, tt := range []struct {
		name string
		runs []Run
	}{{"six", six}, {"one", one}, {"gap", gap}} {
		var md, tex, csvs, term bytes.Buffer
		for _, info := range Tables.All() {
			table, skip, err := info.Build(tt.runs)
			if info.Name == "adaptation-tests" && strings.Contains(skip, "1 tasks, fewer than the 6") {
				continue // these runs have one task; TestAdaptationOverTasks has more
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
			md.Write(table.Markdown())
			tex.Write(table.LaTeX())
			c, err := table.CSV()
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
		golden(t, tt.name+".md", md.Bytes())
		golden(t, tt.name+".tex", tex.Bytes())
		golden(t, tt.name+".csv", csvs.Bytes())
		golden(t, tt.name+".txt", term.Bytes())
	}
}

func TestNoRunsNoTables(t *testing.T) {
	tables, skipped, err := build(nil)
	if err != nil || len(tables) != 0 || len(skipped) != len(Tables.All()) {
		t.Errorf("%d tables, skipped %v, %v", len(tables), skipped, err)
	}
}

// Mean and t-interval over three seeds, by hand: 0.90, 0.91, 0.92 have the
// standard deviation 0.01 and the half-width 4.302653·0.01/sqrt(3).
func TestAccuracyOverSeeds(t *testing.T) {
	table, _, err := accuracyTable(fixture(t, []string{""}, 0, 1, 2))
	if err != nil {
		t.Fatal(err)
	}
	c := table.Rows[0][3]
	half := 4.302652729696 * 0.01 / math.Sqrt(3)
	if math.Abs(c.Value-0.91) > 1e-12 || math.Abs(c.High-0.91-half) > 1e-9 || c.N != 3 || c.Text != "0.910 ± 0.025" {
		t.Errorf("cell %+v, want 0.91 ± %v", c, half)
	}
	if joined := strings.Join(table.Notes, "\n"); !strings.Contains(joined, "3 values, fewer than 5") {
		t.Errorf("no warning of few seeds in %q", joined)
	}
}

func TestLaTeXIsEscaped(t *testing.T) {
	table := &Table{Name: "x", Title: `50% of_a & b #1 {c} ~ ^ \ $`, Columns: []string{"a_b"}, Rows: [][]Cell{{text("%s", `\input{x}`)}}}
	got := string(table.LaTeX())
	for _, want := range []string{`50\% of\_a \& b \#1 \{c\} \textasciitilde{} \textasciicircum{} \textbackslash{} \$`, `\textbackslash{}input\{x\}`} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
}

func ExampleTable_Markdown() {
	t := &Table{Title: "Two rows", Columns: []string{"name", "value"}}
	t.Rows = [][]Cell{{text("a|b"), number(0.5, 2)}, {text("c"), t.missing("not run")}}
	fmt.Print(string(t.Markdown()))
	// Output:
	// **Two rows**
	//
	// | name | value |
	// | --- | ---: |
	// | a\|b | 0.50 |
	// | c | — <sup>a</sup> |
	//
	// <sup>a</sup> not run
}
