package reports

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// mark is how a footnote is referred to: a, b, c, ... then aa.
func mark(note int) string {
	if note > 26 {
		return mark((note-1)/26) + mark((note-1)%26+1)
	}
	return string(rune('a' + note - 1))
}

// Markdown lays the table out as a pipe table with its footnotes below.
func (t *Table) Markdown() []byte {
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
				cells[i] += " <sup>" + mark(c.Note) + "</sup>"
			}
		}
		line(cells)
	}
	for i, n := range t.Notes {
		fmt.Fprintf(&b, "\n<sup>%s</sup> %s  ", mark(i+1), n)
	}
	for _, r := range t.Remarks {
		fmt.Fprintf(&b, "\n%s  ", r)
	}
	b.WriteString("\n")
	return b.Bytes()
}

// Numeric says whether a column is set like numbers: to the right.
func (t *Table) Numeric(column int) bool {
	return t.has(column, func(c Cell) bool { return c.Number || c.Count })
}

// measured says whether a column holds numbers that may have intervals.
func (t *Table) measured(column int) bool {
	return t.has(column, func(c Cell) bool { return c.Number })
}

func (t *Table) has(column int, kind func(Cell) bool) bool {
	return slices.ContainsFunc(t.Rows, func(row []Cell) bool { return kind(row[column]) })
}

// CSV writes the table with full precision: a column of numbers becomes four,
// value, low, high and n; what is not known stays empty. Footnotes are left to the
// other forms.
func (t *Table) CSV() ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	var header []string
	for i, c := range t.Columns {
		if c == "" {
			c = "verdict"
		}
		header = append(header, c)
		if t.measured(i) {
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
			case !t.measured(i):
				line = append(line, c.Text)
			case !c.Number:
				line = append(line, "", "", "", "")
			default:
				line = append(line, full(c.Value), full(c.Low), full(c.High), strconv.Itoa(c.N))
			}
		}
		if err := w.Write(line); err != nil {
			return nil, fmt.Errorf("reports: %s: %w", t.Name, err)
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

func full(v float64) string {
	if math.IsNaN(v) {
		return ""
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

var texEscapes = strings.NewReplacer(
	`\`, `\textbackslash{}`, "{", `\{`, "}", `\}`, "$", `\$`, "&", `\&`, "#", `\#`, "%", `\%`, "_", `\_`,
	"~", `\textasciitilde{}`, "^", `\textasciicircum{}`, "±", `$\pm$`, "≤", `$\le$`, "−", `$-$`, "—", "---", "->", `$\to$`, "`", "'")

// LaTeX writes a table environment in the style of booktabs, everything escaped.
func (t *Table) LaTeX() []byte {
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
				cells[i] += "\\textsuperscript{" + mark(c.Note) + "}"
			}
		}
		line(cells)
	}
	b.WriteString("    \\bottomrule\n  \\end{tabular}\n")
	for i, n := range t.Notes {
		fmt.Fprintf(&b, "  \\par\\footnotesize\\textsuperscript{%s} %s\n", mark(i+1), texEscapes.Replace(n))
	}
	for _, r := range t.Remarks {
		fmt.Fprintf(&b, "  \\par\\footnotesize %s\n", texEscapes.Replace(r))
	}
	b.WriteString("\\end{table}\n")
	return b.Bytes()
}
