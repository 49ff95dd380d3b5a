package attributes

import (
	"bytes"
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/venn-adapt/venn/internal/arrays"
)

// An attributeTable says which named attributes each image has.
type attributeTable struct {
	attributes []string
	images     []string // file names, in the table's order
	has        [][]bool // [image][attribute]
}

// parseCelebA reads list_attr_celeba.txt: a line with the number of images, a line of
// attribute names, then a line an image: its file name and 1 or -1 an attribute.
func parseCelebA(text []byte) (*attributeTable, error) {
	text, err := arrays.Text(text)
	if err != nil {
		return nil, err
	}
	t := &attributeTable{}
	number, promised := 0, 0
	for line := range bytes.Lines(text) {
		number++
		fields := strings.Fields(string(line))
		switch {
		case number == 1:
			var err error
			if len(fields) == 1 {
				promised, err = strconv.Atoi(fields[0])
			}
			if len(fields) != 1 || err != nil || promised < 1 {
				return nil, fmt.Errorf("line 1: %.40q, want the number of images", strings.TrimSpace(string(line)))
			}
		case number == 2:
			if len(fields) == 0 {
				return nil, fmt.Errorf("line 2: no attributes")
			}
			t.attributes = fields
		default:
			if err := t.add(fields, "1", "-1"); err != nil {
				return nil, fmt.Errorf("line %d: %w", number, err)
			}
		}
	}
	if len(t.images) != promised || number < 2 {
		return nil, fmt.Errorf("line 1 promises %d images, %d follow", promised, len(t.images))
	}
	return t, t.distinct()
}

// add appends a line: a name and a value an attribute, each yes or no.
func (t *attributeTable) add(fields []string, yes, no string) error {
	if len(fields) != len(t.attributes)+1 {
		return fmt.Errorf("%d values for %d attributes", max(0, len(fields)-1), len(t.attributes))
	}
	row := make([]bool, len(t.attributes))
	for i, v := range fields[1:] {
		if v != yes && v != no {
			return fmt.Errorf("attribute %s is %.20q, want %s or %s", t.attributes[i], v, yes, no)
		}
		row[i] = v == yes
	}
	t.images, t.has = append(t.images, fields[0]), append(t.has, row)
	return nil
}

func (t *attributeTable) distinct() error {
	for _, names := range [][]string{t.attributes, t.images} {
		seen := make(map[string]bool, len(names))
		for _, name := range names {
			if seen[name] {
				return fmt.Errorf("%s is listed twice", name)
			}
			seen[name] = true
		}
	}
	return nil
}

// truths are the ways in which a CSV says that an image has an attribute, or not, beside
// the numbers 1, and 0 or -1.
var truths = map[string]bool{
	"true": true, "yes": true, "y": true, "t": true,
	"false": false, "no": false, "n": false, "f": false,
}

// truth reads a value of an attribute.
func truth(word string) (is, ok bool) {
	if v, err := strconv.ParseFloat(word, 64); err == nil {
		return v == 1, v == 1 || v == 0 || v == -1
	}
	is, ok = truths[strings.ToLower(word)]
	return is, ok
}

// parseAttributeCSV reads a CSV with a heading: the file name in the first column,
// an attribute in each other, whose values are 1 or 0 (or -1), yes or no, true or
// false. A column before the file names that has no name and counts the rows is left
// out. In a file name \ separates folders as / does, and ./ says nothing.
func parseAttributeCSV(text []byte) (*attributeTable, error) {
	table, err := arrays.ParseTable(text)
	if err != nil {
		return nil, err
	}
	if len(table.Rows) < 2 {
		return nil, fmt.Errorf("no images are listed")
	}
	if table.Counts() {
		if err := table.DropIndex(); err != nil {
			return nil, err
		}
	}
	t := &attributeTable{attributes: table.Rows[0][1:]}
	if len(t.attributes) == 0 {
		return nil, fmt.Errorf("line %d: 1 columns, want the file name and at least one attribute", table.Lines[0])
	}
	for i, fields := range table.Rows[1:] {
		line := table.Lines[i+1]
		if fields[0] == "" {
			return nil, fmt.Errorf("line %d: no file name", line)
		}
		row := make([]bool, len(t.attributes))
		for k, v := range fields[1:] {
			var ok bool
			if row[k], ok = truth(v); !ok {
				return nil, fmt.Errorf("line %d: attribute %s is %.20q, want 1 or 0, yes or no", line, t.attributes[k], v)
			}
		}
		t.images, t.has = append(t.images, slashed(fields[0])), append(t.has, row)
	}
	return t, t.distinct()
}

// slashed is a path below a folder as Go's packages write it.
func slashed(name string) string { return path.Clean(strings.ReplaceAll(name, `\`, "/")) }

// selected lists the images that an expression selects, in the table's order.
func (t *attributeTable) selected(where expression) []int {
	var out []int
	for i, row := range t.has {
		if where(func(a int) bool { return row[a] }) {
			out = append(out, i)
		}
	}
	return out
}

// parsePartition reads list_eval_partition.txt: a file name and 0 (train), 1
// (validation) or 2 (test) a line.
func parsePartition(text []byte) (map[string]int, error) {
	text, err := arrays.Text(text)
	if err != nil {
		return nil, err
	}
	out := map[string]int{}
	number := 0
	for line := range bytes.Lines(text) {
		number++
		fields := strings.Fields(string(line))
		if len(fields) != 2 || len(fields[1]) != 1 || fields[1][0] < '0' || fields[1][0] > '2' {
			return nil, fmt.Errorf("line %d: %.40q, want a file name and 0, 1 or 2", number, strings.TrimSpace(string(line)))
		}
		if _, ok := out[fields[0]]; ok {
			return nil, fmt.Errorf("line %d: %s is listed twice", number, fields[0])
		}
		out[fields[0]] = int(fields[1][0] - '0')
	}
	return out, nil
}
