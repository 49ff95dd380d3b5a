package render

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/reports"
	"github.com/venn-adapt/venn/reports/reportstest"
)

// sample has what a layout can hold: texts, numbers with and without intervals, counts,
// gaps, marks and everything that must be escaped.
func sampleTable() *reports.Table {
	t := &reports.Table{Name: "sample", Title: "A & B", Columns: []string{"who", "value", "n", ""}}
	t.Rows = [][]reports.Cell{
		{reports.Text("a|b"), {Text: "0.500 ± 0.250", Number: true, Value: 0.5, Low: 0.25, High: 0.75, N: 3, Note: t.Note("first")}, reports.Count(12), reports.Text("ok")},
		{reports.Text("line\nbreak"), t.Missing("second_one"), reports.Count(7), reports.Text("look")},
		{{Text: "marked", Note: t.Note("first")}, reports.Number(1.0/3, 2), reports.Count(0), reports.Text("")},
	}
	t.Remark("said once")
	t.Remark("said once")
	t.Remark("50%")
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
	if got := string(Markdown(sampleTable())); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestCSVByHand(t *testing.T) {
	want := "who,value,value low,value high,value n,n,verdict\n" +
		"a|b,0.5,0.25,0.75,3,12,ok\n" +
		"\"line\nbreak\",,,,,7,look\n" +
		"marked,0.3333333333333333,,,1,0,\n"
	got, err := CSV(sampleTable())
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
	if got := string(LaTeX(sampleTable())); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	reportstest.Equal(t, "escapes", texEscapes.Replace("a->b ≤ − `c`"), `a$\to$b $\le$ $-$ 'c'`)
}

// On a terminal numbers and their columns stand to the right, texts to the left.
func TestTerminalByHand(t *testing.T) {
	var b bytes.Buffer
	if err := Terminal(&b, sampleTable()); err != nil {
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

// Marks run from a to z and on with aa, ab, ..., ba.
func TestMarks(t *testing.T) {
	for note, want := range map[int]string{1: "a", 2: "b", 26: "z", 27: "aa", 28: "ab", 52: "az", 53: "ba", 78: "bz", 79: "ca", 702: "zz", 703: "aaa"} {
		reportstest.Equal(t, fmt.Sprint("mark ", note), Mark(note), want)
	}
}

func TestLaTeXIsEscaped(t *testing.T) {
	table := &reports.Table{Name: "x", Title: `50% of_a & b #1 {c} ~ ^ \ $`, Columns: []string{"a_b"}, Rows: [][]reports.Cell{{reports.Text("%s", `\input{x}`)}}}
	got := string(LaTeX(table))
	for _, want := range []string{`50\% of\_a \& b \#1 \{c\} \textasciitilde{} \textasciicircum{} \textbackslash{} \$`, `\textbackslash{}input\{x\}`} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
}

func ExampleMarkdown() {
	t := &reports.Table{Title: "Two rows", Columns: []string{"name", "value"}}
	t.Rows = [][]reports.Cell{{reports.Text("a|b"), reports.Number(0.5, 2)}, {reports.Text("c"), t.Missing("not run")}}
	fmt.Print(string(Markdown(t)))
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
