package attributes

import (
	"slices"
	"strings"
	"testing"
)

func TestParseCelebA(t *testing.T) {
	table, err := parseCelebA([]byte("\ufeff2\nSmiling Male \n1.jpg -1  1\r\n2.jpg  1 -1\n"))
	if err != nil || !slices.Equal(table.images, []string{"1.jpg", "2.jpg"}) || !slices.Equal(table.has[0], []bool{false, true}) || !slices.Equal(table.has[1], []bool{true, false}) {
		t.Fatalf("%+v, %v", table, err)
	}
	for text, want := range map[string]string{
		"":                       "line 1 promises 0 images, 0 follow",
		"x\nA\n1.jpg 1\n":        `line 1: "x", want the number of images`,
		"2":                      "line 1 promises 2 images, 0 follow",
		"2\nA\n1.jpg 1\n":        "line 1 promises 2 images, 1 follow",
		"1\nA\n1.jpg 1\n2.jpg 1": "line 1 promises 1 images, 2 follow",
		"1\nA B\n1.jpg 1\n":      "line 3: 1 values for 2 attributes",
		"1\nA B\n1.jpg 1 1 1\n":  "line 3: 3 values for 2 attributes",
		"1\nA\n1.jpg 0\n":        `line 3: attribute A is "0", want 1 or -1`,
		"1\nA\n\n":               "line 3: 0 values for 1 attributes",
		"2\nA\n1.jpg 1\n1.jpg 1": "1.jpg is listed twice",
		"1\nA A\n1.jpg 1 1":      "A is listed twice",
		"1\n\n1.jpg\n":           "line 2: no attributes",
	} {
		if _, err := parseCelebA([]byte(text)); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

func TestParseAttributeCSV(t *testing.T) {
	table, err := parseAttributeCSV([]byte("\ufefffile,Happy,Old\n\"a, b.png\",yes,0\nc/d.png, -1,TRUE\n"))
	if err != nil || !slices.Equal(table.images, []string{"a, b.png", "c/d.png"}) || !slices.Equal(table.has[0], []bool{true, false}) || !slices.Equal(table.has[1], []bool{false, true}) {
		t.Fatalf("%+v, %v", table, err)
	}
	for text, want := range map[string]string{
		"":                         "no images are listed",
		"file,A\n":                 "no images are listed",
		"file\na\n":                "line 1: 1 columns, want the file name and at least one attribute",
		"file,A\na,maybe\n":        `line 2: attribute A is "maybe", want 1 or 0, yes or no`,
		"file,A\na,1,1\n":          "line 2: 3 fields, line 1 has 2",
		"file,A\n\"a,1\n":          `parse error on line 2, column 6: extraneous or missing " in quoted-field`,
		"file,A\na,1\nb,0\na,1\n":  "a is listed twice",
		"file,A,A\na,1,1\n":        "A is listed twice",
		"file,A\n./a,1\na,0\n":     "a is listed twice",
		"file,A\na,2\n":            `line 2: attribute A is "2", want 1 or 0, yes or no`,
		"file,A\na,0.5\n":          `line 2: attribute A is "0.5", want 1 or 0, yes or no`,
		"file,A\n,1\n":             "line 2: no file name",
		"file,A;B\na,1,0\n":        "the first line holds 1 commas, 1 semicolons and 0 tabs, want one kind of separator; quote names that hold another, and write 1.5 for 1,5",
		"\xff\xfef\x00":            "a text in UTF-16 or UTF-32, by its byte order mark; save it as UTF-8",
		",A\n0,1\n1,0\n":           "line 1: 1 columns, want the file name and at least one attribute",
		"file,A\na,1\n\n\nb,null ": `line 5: attribute A is "null", want 1 or 0, yes or no`,
	} {
		if _, err := parseAttributeCSV([]byte(text)); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

// One table as pandas, R, spreadsheets and people write it.
func TestAttributeCSVForms(t *testing.T) {
	for name, text := range map[string]string{
		"numbers":      "file,Wavy Hair,Old\nx/a.png,1,0\nb.png,-1,1\n",
		"floats":       "file,Wavy Hair,Old\nx/a.png,1.0,0.0\nb.png,-1.0,1.0\n",
		"pandas":       ",file,Wavy Hair,Old\n0,x/a.png,True,False\n1,b.png,False,True\n",
		"read back":    "Unnamed: 0,file,Wavy Hair,Old\n0,x/a.png,True,False\n1,b.png,False,True\n",
		"R":            "\"\",\"file\",\"Wavy Hair\",\"Old\"\n\"1\",\"x/a.png\",TRUE,FALSE\n\"2\",\"b.png\",FALSE,TRUE\n",
		"names index":  ",Wavy Hair,Old\nx/a.png,t,f\nb.png,f,T\n",
		"spaces":       "file , Wavy Hair ,Old \n x/a.png , yes ,no\nb.png,n, y\n",
		"semicolons":   "\ufefffile;Wavy Hair;Old\nx/a.png;1;0\nb.png;0;1\n",
		"paths":        "file,Wavy Hair,Old\n./x/a.png,1,0\nx/../b.png,0,1\n",
		"of Windows":   "file,Wavy Hair,Old\r\nx\\a.png,1,0\r\n.\\b.png,0,1\r\n",
		"double slash": "file,Wavy Hair,Old\nx//a.png,1,0\nb.png,0,1\n",
	} {
		table, err := parseAttributeCSV([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !slices.Equal(table.images, []string{"x/a.png", "b.png"}) || !slices.Equal(table.attributes, []string{"Wavy Hair", "Old"}) ||
			!slices.Equal(table.has[0], []bool{true, false}) || !slices.Equal(table.has[1], []bool{false, true}) {
			t.Errorf("%s: %+v", name, table)
		}
	}
}

func TestParsePartition(t *testing.T) {
	got, err := parsePartition([]byte("\ufeffa.jpg 0\nb.jpg 1\nc.jpg 2\n"))
	if err != nil || got["a.jpg"] != 0 || got["b.jpg"] != 1 || got["c.jpg"] != 2 {
		t.Errorf("%v, %v", got, err)
	}
	for text, want := range map[string]string{
		"a.jpg 3\n":          `line 1: "a.jpg 3", want a file name and 0, 1 or 2`,
		"a.jpg 1\na.jpg 1\n": "line 2: a.jpg is listed twice",
		"\n":                 `line 1: "", want a file name and 0, 1 or 2`,
	} {
		if _, err := parsePartition([]byte(text)); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

// Whatever the bytes, the readers return a table in which every row is whole, or an
// error of one line.
func FuzzAttributeTables(f *testing.F) {
	for _, s := range []string{"2\nSmiling Male\n1.jpg -1 1\n2.jpg 1 -1\n", "file,A,B\na,1,0\nb,no,yes\n", "1\n", "a 0\nb 2\n", "\xef\xbb\xbff,A\nx,1"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, parse := range []func([]byte) (*attributeTable, error){parseCelebA, parseAttributeCSV} {
			table, err := parse(text)
			if err != nil {
				if strings.Contains(err.Error(), "\n") {
					t.Errorf("an error of several lines: %q", err)
				}
				continue
			}
			if len(table.images) != len(table.has) || len(table.images) == 0 {
				t.Fatalf("%d names, %d rows", len(table.images), len(table.has))
			}
			for _, row := range table.has {
				if len(row) != len(table.attributes) {
					t.Fatalf("a row of %d for %d attributes", len(row), len(table.attributes))
				}
			}
		}
		if _, err := parsePartition(text); err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("an error of several lines: %q", err)
		}
	})
}
