package render

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"

	"github.com/venn-adapt/venn/reports"
)

// Mark is how a footnote is referred to: a, b, c, ... then aa.
func Mark(note int) string {
	if note > 26 {
		return Mark((note-1)/26) + Mark((note-1)%26+1)
	}
	return string(rune('a' + note - 1))
}

// Markdown lays the table out as a pipe table with its footnotes below.
func Markdown(t *reports.Table) []byte {
	var b bytes.Buffer
	line := func(cells []string) {
		for i, c := range cells {
			cells[i] = strings.NewReplacer("|", `\|`, "\n", " ").Replace(c)
		}
		fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | "))
	}
	fmt.Fprintf(&b, "**%s**\n\n", t.Title)
	line(append([]string{}, t.Columns...))
	rule := make([]string, len(t.Columns))
	for i := range rule {
		rule[i] = "---"
		if t.Numeric(i) {
			rule[i] = "---:"
		}
	}
	line(rule)
	for _, row := range t.Rows {
		cells := make([]string, len(row))
		for i, c := range row {
			cells[i] = c.Text
			if c.Note > 0 {
				cells[i] += " <sup>" + Mark(c.Note) + "</sup>"
			}
		}
		line(cells)
	}
	for i, n := range t.Notes {
		fmt.Fprintf(&b, "\n<sup>%s</sup> %s  ", Mark(i+1), n)
	}
	for _, r := range t.Remarks {
		fmt.Fprintf(&b, "\n%s  ", r)
	}
	b.WriteString("\n")
	return b.Bytes()
}

// CSV writes the table with full precision: a column of numbers becomes four,
// value, low, high and n; what is not known stays empty. Footnotes are left to the
// other forms.
func CSV(t *reports.Table) ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	var header []string
	for i, c := range t.Columns {
		if c == "" {
			c = "verdict"
		}
		header = append(header, c)
		if t.Measured(i) {
			header = append(header, c+" low", c+" high", c+" n")
		}
	}
	if err := w.Write(header); err != nil {
		return nil, fmt.Errorf("reports: %s: %w", t.Name, err)
	}
	for _, row := range t.Rows {
		var line []string
		for i, c := range row {
			switch {
			case !t.Measured(i):
				line = append(line, c.Text)
			case !c.Number:
				line = append(line, "", "", "", "")
			default:
				line = append(line, reports.Exact(c.Value), reports.Exact(c.Low), reports.Exact(c.High), strconv.Itoa(c.N))
			}
		}
		if err := w.Write(line); err != nil {
			return nil, fmt.Errorf("reports: %s: %w", t.Name, err)
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

var texEscapes = strings.NewReplacer(
	`\`, `\textbackslash{}`, "{", `\{`, "}", `\}`, "$", `\$`, "&", `\&`, "#", `\#`, "%", `\%`, "_", `\_`,
	"~", `\textasciitilde{}`, "^", `\textasciicircum{}`, "±", `$\pm$`, "≤", `$\le$`, "−", `$-$`, "—", "---", "->", `$\to$`, "`", "'")

// LaTeX writes a table environment in the style of booktabs, everything escaped.
func LaTeX(t *reports.Table) []byte {
	var b bytes.Buffer
	columns := ""
	for i := range t.Columns {
		columns += map[bool]string{true: "r", false: "l"}[t.Numeric(i)]
	}
	line := func(cells []string) { fmt.Fprintf(&b, "    %s \\\\\n", strings.Join(cells, " & ")) }
	fmt.Fprintf(&b, "%% needs \\usepackage{booktabs}\n\\begin{table}\n  \\centering\n  \\caption{%s}\n  \\label{tab:%s}\n  \\begin{tabular}{%s}\n    \\toprule\n",
		texEscapes.Replace(t.Title), t.Name, columns)
	head := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		head[i] = texEscapes.Replace(c)
	}
	line(head)
	b.WriteString("    \\midrule\n")
	for _, row := range t.Rows {
		cells := make([]string, len(row))
		for i, c := range row {
			cells[i] = texEscapes.Replace(c.Text)
			if c.Note > 0 {
				cells[i] += "\\textsuperscript{" + Mark(c.Note) + "}"
			}
		}
		line(cells)
	}
	b.WriteString("    \\bottomrule\n  \\end{tabular}\n")
	for i, n := range t.Notes {
		fmt.Fprintf(&b, "  \\par\\footnotesize\\textsuperscript{%s} %s\n", Mark(i+1), texEscapes.Replace(n))
	}
	for _, r := range t.Remarks {
		fmt.Fprintf(&b, "  \\par\\footnotesize %s\n", texEscapes.Replace(r))
	}
	b.WriteString("\\end{table}\n")
	return b.Bytes()
}
