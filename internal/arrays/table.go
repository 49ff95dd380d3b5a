package arrays

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// A Table is a text table: rows of equally many fields, without the spaces about them.
type Table struct {
	Rows  [][]string
	Lines []int // on which each row begins, from 1
}

// ParseTable reads rows of fields, separated all by commas, all by semicolons or all by
// tabs: which, the first line says, where a quoted field counts as none. It fails on a
// first line with two of them, on rows of different lengths and on what Text refuses.
func ParseTable(data []byte) (*Table, error) {
	data, err := Text(data)
	if err != nil {
		return nil, err
	}
	comma, err := separator(data)
	if err != nil {
		return nil, err
	}
	r := csv.NewReader(bytes.NewReader(data))
	r.Comma, r.FieldsPerRecord = comma, -1
	r.TrimLeadingSpace = comma != '\t' // where it would take empty fields for space
	t := &Table{}
	for {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			return t, nil
		}
		if err != nil {
			return nil, err // it names line and column
		}
		line, _ := r.FieldPos(0)
		if len(t.Rows) > 0 && len(fields) != len(t.Rows[0]) {
			return nil, fmt.Errorf("line %d: %d fields, line %d has %d", line, len(fields), t.Lines[0], len(t.Rows[0]))
		}
		for i, f := range fields {
			fields[i] = strings.TrimSpace(f)
		}
		t.Rows, t.Lines = append(t.Rows, fields), append(t.Lines, line)
	}
}

// separator is the one of comma, semicolon and tab that the first line uses; a comma
// where it uses none.
func separator(data []byte) (rune, error) {
	seen := map[rune]int{}
	quoted := false
	for _, r := range string(bytes.TrimLeft(data, "\r\n")) {
		if r == '\n' && !quoted {
			break
		}
		switch {
		case r == '"':
			quoted = !quoted
		case !quoted:
			seen[r]++
		}
	}
	if kinds := min(1, seen[',']) + min(1, seen[';']) + min(1, seen['\t']); kinds > 1 {
		return 0, fmt.Errorf("the first line holds %d commas, %d semicolons and %d tabs, want one kind of separator; quote names that hold another, and write 1.5 for 1,5", seen[','], seen[';'], seen['\t'])
	}
	for _, r := range ";\t" {
		if seen[r] > 0 {
			return r, nil
		}
	}
	return ',', nil
}

// Number reads a field; the error quotes it, says what was wanted, and guesses.
func Number(field string) (float64, error) {
	v, err := strconv.ParseFloat(field, 64)
	if err == nil {
		return v, nil
	}
	hint := ""
	if _, err := strconv.ParseFloat(strings.Replace(field, ",", ".", 1), 64); err == nil {
		hint = "; a decimal comma? write a point"
	} else if words := strings.Fields(field); len(words) > 1 {
		hint = "; separated by spaces? want commas, semicolons or tabs"
	}
	return math.NaN(), fmt.Errorf("%.60q, want a number%s", field, hint)
}

// Headed says whether the first row names the columns: one of its fields is a word, or
// the first is empty, as that of row numbers is. A name may be a whole number, as pandas
// numbers columns. It fails on words among other numbers, which are a row gone wrong.
func (t *Table) Headed() (bool, error) {
	if len(t.Rows) == 0 {
		return false, nil
	}
	word, number := -1, -1
	for i, f := range t.Rows[0] {
		_, err := strconv.ParseFloat(f, 64)
		switch {
		case err != nil && (f != "" || i == 0):
			word = i
		case err == nil && strings.Trim(f, "0123456789") != "":
			number = i
		}
	}
	if word >= 0 && number >= 0 {
		return false, fmt.Errorf("line %d: %.60q beside %.60q, want numbers alone or names of the columns alone", t.Lines[0], t.Rows[0][word], t.Rows[0][number])
	}
	return word >= 0, nil
}

// unnamed says whether the heading leaves the first of several columns without a name.
func (t *Table) unnamed() bool {
	return len(t.Rows) > 1 && len(t.Rows[0]) > 1 && (t.Rows[0][0] == "" || t.Rows[0][0] == "Unnamed: 0")
}

// miscounted is the first row in which the first column does not count the rows from 0
// or from 1; 0 where it counts all of them.
func (t *Table) miscounted() int {
	from := 1
	if t.Rows[1][0] == "0" {
		from = 0
	}
	for i, row := range t.Rows[1:] {
		if row[0] != strconv.Itoa(i+from) {
			return i + 1
		}
	}
	return 0
}

// Counts says whether the first column has no name and counts the rows from 0 or 1, as
// pandas and R write.
func (t *Table) Counts() bool { return t.unnamed() && t.miscounted() == 0 }

// DropIndex takes off a first column that Counts. It fails on one without a name that
// does not.
func (t *Table) DropIndex() error {
	if !t.unnamed() {
		return nil
	}
	if i := t.miscounted(); i > 0 {
		return fmt.Errorf("line %d: column 1 has no name and holds %.60q, want one that counts the rows, which is left out, or a name", t.Lines[i], t.Rows[i][0])
	}
	for i := range t.Rows {
		t.Rows[i] = t.Rows[i][1:]
	}
	return nil
}
