package arrays

import (
	"slices"
	"strings"
	"testing"
)

func TestTable(t *testing.T) {
	want := [][]string{{"a", "b c", ""}, {"1", "x;y", "3"}}
	for name, text := range map[string]string{
		"commas":      "a, b c ,\n1,x;y,3\n",
		"semicolons":  "a;b c;\n1;\"x;y\"; 3\n",
		"tabs":        "a\tb c\t\n1\tx;y\t3\n",
		"a mark":      "\ufeffa,b c,\n1,x;y,3\n",
		"quotes":      "\ufeff\"a\",\"b c\",\"\"\n1,\"x;y\",\"3\"\n",
		"line ends":   "a,b c,\r\n1,x;y,3\r\n",
		"empty lines": "\na,b c,\n\n1,x;y,3",
	} {
		table, err := ParseTable([]byte(text))
		if err != nil || !slices.EqualFunc(table.Rows, want, slices.Equal) {
			t.Errorf("%s: %v, %v", name, table, err)
		}
	}
	table, err := ParseTable([]byte("\n\"a\nb\",c\n\n1,2\n"))
	if err != nil || !slices.Equal(table.Lines, []int{2, 5}) {
		t.Errorf("rows on lines %v, %v, want 2 and 5", table.Lines, err)
	}
}

func TestTableRefuses(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"UTF-16 little endian", "\xff\xfea\x00,\x00", "a text in UTF-16 or UTF-32, by its byte order mark; save it as UTF-8"},
		{"UTF-16 big endian", "\xfe\xff\x00a", "UTF-16"},
		{"UTF-32 big endian", "\x00\x00\xfe\xff", "UTF-32"},
		{"UTF-16 without a mark", "a\x00,\x00", "line 1: a NUL byte: not UTF-8 text (UTF-16?)"},
		{"Latin-1", "a,b\n1,M\xf6bel\n", "line 2: byte 0xf6 is not UTF-8"},
		{"two separators", "1,5;2,5\n", "the first line holds 2 commas, 1 semicolons and 0 tabs, want one kind of separator"},
		{"widths", "a,b\n1,2\n3\n", "line 3: 1 fields, line 1 has 2"},
		{"quotes", "a,b\n1,\"2\n", "line 2"},
	} {
		if _, err := ParseTable([]byte(tt.text)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}

func TestHeadings(t *testing.T) {
	for _, tt := range []struct {
		text    string
		rows    int
		columns string // joined by |
		first   float64
		err     string
	}{
		{"1,2\n3,4\n", 2, "", 1, ""},
		{"\ufeff1,2\n3,4\n", 2, "", 1, ""}, // no row is lost
		{"\ufeff-1.5\n3\n4\n", 3, "", -1.5, ""},
		{"a,b\n3,4\n", 1, "a|b", 3, ""},
		{"label,0,1\n3,4,5\n", 1, "label|0|1", 3, ""},
		{",0,1\n0,4,5\n1,6,7\n", 2, "0|1", 4, ""},
		{"\"\",\"a\"\n\"1\",4\n\"2\",5\n", 2, "a", 4, ""}, // as R writes
		{"Unnamed: 0,a\n0,4\n1,5\n", 2, "a", 4, ""},
		{"a;b\n3;4\n", 1, "a|b", 3, ""},
		{",a\n5,1\n", 0, "", 0, `line 2: column 1 has no name and holds "5", want one that counts the rows`},
		{",a\n0,1\n2,1\n", 0, "", 0, `line 3: column 1 has no name and holds "2"`},
		{"1.5,x\n2,3\n", 0, "", 0, `line 1: "x" beside "1.5", want numbers alone or names`},
		{"1,,3\n1,2,3\n", 0, "", 0, `line 1, column 2: "", want a number`},
		{"a;b\n1,5;2\n", 0, "", 0, `line 2, column 1: "1,5", want a number; a decimal comma? write a point`},
		{"a b\n1 2\n", 0, "", 0, `line 2, column 1: "1 2", want a number; separated by spaces?`},
	} {
		m, err := parseCSV([]byte(tt.text))
		if tt.err != "" {
			if err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%q: %v, want %q", tt.text, err, tt.err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", tt.text, err)
			continue
		}
		if n, _ := m.Dims(); n != tt.rows || strings.Join(m.Columns, "|") != tt.columns || m.At(0, 0) != tt.first {
			t.Errorf("%q: %d rows from %v of columns %q", tt.text, n, m.At(0, 0), m.Columns)
		}
	}
}
