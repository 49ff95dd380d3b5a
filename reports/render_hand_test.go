package reports

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"
)

// sample has what a layout can hold: texts, numbers with and without intervals, counts,
// gaps, marks and everything that must be escaped.
func sampleTable() *Table {
	t := &Table{Name: "sample", Title: "A & B", Columns: []string{"who", "value", "n", ""}}
	t.Rows = [][]Cell{
		{text("a|b"), {Text: "0.500 ± 0.250", Number: true, Value: 0.5, Low: 0.25, High: 0.75, N: 3, Note: t.note("first")}, count(12), text("ok")},
		{text("line\nbreak"), t.missing("second_one"), count(7), text("look")},
		{{Text: "marked", Note: t.note("first")}, number(1.0/3, 2), count(0), text("")},
	}
	t.remark("said once")
	t.remark("said once")
	t.remark("50%")
	return t
}

func TestMarkdownByHand(t *testing.T) {
	want := `**A & B**

| who | value | n |  |
| --- | ---: | ---: | --- |
| a\|b | 0.500 ± 0.250 <sup>a</sup> | 12 | ok |
| line break | — <sup>b</sup> | 7 | look |
| marked <sup>a</sup> | 0.33 | 0 |  |

<sup>a</sup> first  
<sup>b</sup> second_one  
said once  
50%  
`
	if got := string(sampleTable().Markdown()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestCSVByHand(t *testing.T) {
	want := "who,value,value low,value high,value n,n,verdict\n" +
		"a|b,0.5,0.25,0.75,3,12,ok\n" +
		"\"line\nbreak\",,,,,7,look\n" +
		"marked,0.3333333333333333,,,1,0,\n"
	got, err := sampleTable().CSV()
	if err != nil || string(got) != want {
		t.Errorf("%v, got\n%s\nwant\n%s", err, got, want)
	}
}

func TestLaTeXByHand(t *testing.T) {
	want := `% needs \usepackage{booktabs}
\begin{table}
  \centering
  \caption{A \& B}
  \label{tab:sample}
  \begin{tabular}{lrrl}
    \toprule
    who & value & n &  \\
    \midrule
    a|b & 0.500 $\pm$ 0.250\textsuperscript{a} & 12 & ok \\
    line
break & ---\textsuperscript{b} & 7 & look \\
    marked\textsuperscript{a} & 0.33 & 0 &  \\
    \bottomrule
  \end{tabular}
  \par\footnotesize\textsuperscript{a} first
  \par\footnotesize\textsuperscript{b} second\_one
  \par\footnotesize said once
  \par\footnotesize 50\%
\end{table}
`
	if got := string(sampleTable().LaTeX()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	wantEqual(t, "escapes", texEscapes.Replace("a->b ≤ − `c`"), `a$\to$b $\le$ $-$ 'c'`)
}

// On a terminal numbers and their columns stand to the right, texts to the left.
func TestTerminalByHand(t *testing.T) {
	var b bytes.Buffer
	if err := sampleTable().Terminal(&b); err != nil {
		t.Fatal(err)
	}
	want := `
A & B
┌──────────┬─────────────────┬────┬──────┐
│ who      │           value │  n │      │
├──────────┼─────────────────┼────┼──────┤
│ a|b      │ 0.500 ± 0.250 a │ 12 │ ok   │
│ line     │             — b │  7 │ look │
│ break    │                 │    │      │
│ marked a │            0.33 │  0 │      │
└──────────┴─────────────────┴────┴──────┘
a  first
b  second_one
said once
50%
`
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
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

// Marks run from a to z and on with aa, ab, ..., ba.
func TestMarks(t *testing.T) {
	for note, want := range map[int]string{1: "a", 2: "b", 26: "z", 27: "aa", 28: "ab", 52: "az", 53: "ba", 78: "bz", 79: "ca", 702: "zz", 703: "aaa"} {
		wantEqual(t, fmt.Sprint("mark ", note), mark(note), want)
	}
}

func TestCells(t *testing.T) {
	if c := number(1.005, 1); c.Text != "1.0" || !c.Number || c.Count || c.Value != 1.005 || !math.IsNaN(c.Low) || !math.IsNaN(c.High) || c.N != 1 || c.Note != 0 {
		t.Errorf("%+v", c)
	}
	if c := count(3); c.Text != "3" || !c.Count || c.Number {
		t.Errorf("%+v", c)
	}
	table := &Table{}
	if a, b, c := table.note("x"), table.note("y"), table.note("x"); a != 1 || b != 2 || c != 1 || len(table.Notes) != 2 {
		t.Errorf("marks %d, %d, %d of %q", a, b, c, table.Notes)
	}
	if c := table.missing("y"); c.Text != "—" || c.Number || c.Note != 2 {
		t.Errorf("%+v", c)
	}
	for v, want := range map[float64]string{0.1: "0.1", math.Inf(1): "+Inf", 1e-20: "1e-20", -2: "-2"} {
		wantEqual(t, "in full", full(v), want)
	}
	wantEqual(t, "not a number", full(math.NaN()), "")
	if _, err := table.overSeeds(nil, 2); err == nil {
		t.Error("a mean of nothing")
	}
	if _, err := table.overSeeds([]float64{1, math.NaN()}, 2); err == nil || !strings.HasPrefix(err.Error(), "reports: ") {
		t.Errorf("a mean of what is not a number: %v", err)
	}
}

// A table of a record with a value that is not finite is an error that says so, and so is
// what is made of it.
func TestTablesOfNoNumbers(t *testing.T) {
	nan := math.NaN()
	bad := func(v float64) *Score { return &Score{Accuracy: v} }
	for name, r := range map[string]Results{
		"accuracy":       {Accuracy: []Accuracy{{Row: "common", Source: bad(nan)}}},
		"translation":    {Translation: []Translation{{Direction: "a->b", L1: nan}}},
		"reconstruction": {Reconstruction: []Reconstruction{{Domain: "a", L1: Estimate{Value: nan}}}},
		"faces":          {Faces: &Faces{Rows: []Face{{Direction: "a->b", Target: &Estimate{Value: nan}}}}},
		"faces-fidelity": {Faces: &Faces{Rows: []Face{{Direction: "a->b", Content: &Estimate{Value: nan}}}}},
		"independence":   {Independence: []Measured{{Of: "x"}}},
		"adaptation":     {Adaptation: []Adaptation{{Name: "m", Transductive: bad(nan)}}},
	} {
		if name == "independence" {
			r.Independence[0].Value = nan
		}
		info, err := Tables.Get(name)
		if err != nil {
			t.Fatal(err)
		}
		if table, _, err := info.Build([]Run{{Results: r}}); err == nil || table != nil || !strings.Contains(err.Error(), "reports: ") {
			t.Errorf("%s: %v, %v", name, table, err)
		}
		if err := Terminal(&bytes.Buffer{}, []Run{{Results: r}}); err == nil {
			t.Errorf("%s: printed", name)
		}
		if _, err := Write(t.TempDir(), []Run{{Results: r}}, []string{"md"}); err == nil {
			t.Errorf("%s: written", name)
		}
	}
	r := Results{Accuracy: []Accuracy{{Row: "common", Source: bad(0.5), Target: bad(0.5), GapClosed: &nan}}}
	if table, _, err := accuracyTable([]Run{{Results: r}}); err == nil {
		t.Errorf("a gap that is not a number: %v", table)
	}
	if f, _, err := accuracyFigure([]Run{{Results: r}}); err == nil {
		t.Errorf("figure %v", f)
	}
	// Tables of several tasks fail on ranks too, and a figure of them.
	var runs []Run
	for _, task := range []string{"a", "b", "c", "d", "e", "f"} {
		runs = append(runs, Run{Results: Results{Task: task, Adaptation: []Adaptation{{Name: "x", Adapter: "none", Transductive: bad(0.5)}, {Name: "y", Transductive: bad(nan)}, {Name: "z", Transductive: bad(0.25)}}}})
	}
	for _, name := range []string{"adaptation", "adaptation-tests"} {
		info, _ := Tables.Get(name)
		if table, _, err := info.Build(runs); err == nil {
			t.Errorf("%s: %v", name, table)
		}
	}
	if f, _, err := ranksFigure(runs); err == nil {
		t.Errorf("ranks: %v", f)
	}
	// A writer that fails ends the printing with its error.
	for n := range 3 {
		if err := Terminal(&broken{n}, fixture(t, []string{""}, 0)); err == nil || !strings.HasPrefix(err.Error(), "reports: ") || !strings.HasSuffix(err.Error(), "disk full") {
			t.Errorf("on a full disk after %d tables: %v", n, err)
		}
	}
}

// Tables come in the order of the bundle, those that cannot be made are named with the reason.
func TestOrderOfTables(t *testing.T) {
	tables, skipped, err := build(fixture(t, []string{""}, 0))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, table := range tables {
		names = append(names, table.Name)
	}
	wantEqual(t, "order", strings.Join(names, " "), "accuracy class-scores faces faces-fidelity reconstruction translation independence discrepancy diagnosis adaptation selectors values")
	wantEqual(t, "skipped", strings.Join(skipped, "\n"), "table adaptation-tests: 1 tasks, fewer than the 6 that a test over tasks needs")
	for name, order := range map[string]int{"accuracy": 1, "translation": 2, "independence": 3, "discrepancy": 4, "diagnosis": 5, "adaptation": 6, "adaptation-tests": 7, "selectors": 8} {
		info, err := Tables.Get(name)
		if err != nil {
			t.Fatal(err)
		}
		wantEqual(t, "order of "+name, info.Order, order)
	}
	var b bytes.Buffer
	if err := Terminal(&b, fixture(t, []string{""}, 0)); err != nil {
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
