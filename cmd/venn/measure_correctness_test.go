package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

// A shared hue, a hat that varies in a, a scarf that varies in b, a column that takes no part and the domain.
const (
	dressedFactors  = "hue=shared,hat=a:0,scarf=b:5,age=other,noise=unused,domain=domain:1"
	dressedOriginal = "x1.png 1 3 5 7 99 1\nx2.png 2 4 5 8 98 1\ny1.png 1 0 6 7 97 0\ny2.png 3 0 7 9 96 0\n"
	// x1 -> y2: all right; x2 -> y1: scarf kept; y1 -> x1: nothing differs but hat and scarf, both right, hue changed.
	dressedTranslated = "x1_y2_.png 1 0 7 7 0 2\nx2_y1_.png 2 0 5 8 0 2\ny1_x1_.png 2 3 5 7 0 2\n"
)

// Each cell by hand, plain and packed.
func TestMeasureCorrectness(t *testing.T) {
	sandbox(t)
	write(t, "o.txt", "\ufeff"+dressedOriginal)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write([]byte(dressedTranslated)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	write(t, "t.txt.gz", packed.String())
	code, text, stderr := venn("measure", "correctness", "o.txt", "t.txt.gz", "--factors", dressedFactors, "--resamples", "0")
	const want = `score         direction  value   95% interval  pairs
content       both       1                     3
manipulation  a->b       0.5                   2
manipulation  b->a       1                     1
manipulation  both       0.75                  3
translation   a->b       1                     2
translation   b->a       1                     1
translation   both       1                     3
bias          both       0.3333                3
d             both       0.875                 3

score         direction  factor  kind    value           95% interval       hits  of
content       both       hue     shared  1               0.3424 to 1        2     2
manipulation  b->a       hat     of a    1               0.2065 to 1        1     1
manipulation  a->b       scarf   of b    0.5             0.09453 to 0.9055  1     2
translation   a->b       hat     of a    1               0.3424 to 1        2     2
translation   b->a       scarf   of b    1               0.2065 to 1        1     1
bias          both       hue     shared  1               0.2065 to 1        1     1
bias          both       hat     of a    no pair counts                     0     0
bias          both       scarf   of b    no pair counts                     0     0
bias          both       age     other   0               0 to 0.7935        0     1
bias          both       domain  domain  0                                  0     0
`
	if code != exitOK || stderr != "" || text != want {
		t.Errorf("exit %d, %q,\n%s\nwant\n%s", code, stderr, text, want)
	}
	code, text, stderr = venn("measure", "correctness", "o.txt", "t.txt.gz", "--factors", strings.Replace(dressedFactors, "scarf=b:5", "scarf=b:4", 1), "--json")
	var out struct {
		Pairs  [2]int
		Scores []struct {
			Score, Direction, Factor string
			Value                    *float64
			Interval                 *[2]float64
			Hits, N                  int
		}
		Warnings []string
	}
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Fatal(err)
	}
	if code != exitOK || stderr != "" || out.Pairs != [2]int{2, 1} || len(out.Scores) != 19 || out.Scores[0].Score != "content" || *out.Scores[0].Value != 1 || *out.Scores[0].Interval != [2]float64{1, 1} || out.Scores[0].N != 3 {
		t.Errorf("exit %d, %q, %+v", code, stderr, out)
	}
	if len(out.Warnings) != 7 || out.Warnings[0] != "scarf is 4 in a by its declaration, and another value in 3 of 3 pairs" || !strings.HasPrefix(out.Warnings[1], "content: in ") || !strings.HasPrefix(out.Warnings[2], "manipulation a->b: in ") {
		t.Errorf("warnings %q", out.Warnings)
	}
	_, _, stderr = venn("measure", "correctness", "o.txt", "t.txt.gz", "--factors", strings.Replace(dressedFactors, "scarf=b:5", "scarf=b:4", 1), "--resamples", "0")
	if stderr != "warning: scarf is 4 in a by its declaration, and another value in 3 of 3 pairs\n" {
		t.Errorf("%q", stderr)
	}
}

// The factors of the 3D-Shapes split need not be declared: MUNIT's published figures.
func TestMeasureCorrectnessPublished(t *testing.T) {
	files := func(name string) string {
		return filepath.Join("..", "..", "metrics", "correctness", "testdata", "shapes_"+name+".txt.gz")
	}
	_, text, _ := venn("measure", "correctness", files("original_attributes"), files("munit_attrs"), "--resamples", "0")
	for _, want := range []string{"content       both       0.4817 ", "manipulation  both       0.8806 ", "translation   both       0.9493 ", "bias          both       0.05116 ", "d             both       0.6811 ", "object_hue   shared  0.0008373 "} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
}

// Refusals in one line, with what and where.
func TestMeasureCorrectnessRefuses(t *testing.T) {
	sandbox(t)
	write(t, "o.txt", dressedOriginal)
	write(t, "t.txt", dressedTranslated)
	write(t, "cut.gz", "\x1f\x8b\x08")
	write(t, "wide.txt", "\xff\xfex\x00")
	write(t, "word.txt", "x1_y2_.png 1 0 7 7 0 2\nx2_y1_.png 2 0 five 8 0 2\n")
	write(t, "unknown.txt", "x1_y3_.png 1 0 7 7 0 2\n")
	for _, tt := range []struct{ original, translated, factors, want string }{
		{"none.txt", "t.txt", dressedFactors, "open none.txt: no such file or directory"},
		{"o.txt", "none.txt", dressedFactors, "open none.txt: no such file or directory"},
		{"o.txt", "cut.gz", dressedFactors, "cut.gz: a damaged gzip file: unexpected EOF"},
		{"wide.txt", "t.txt", dressedFactors, "wide.txt: a text in UTF-16 or UTF-32, by its byte order mark; save it as UTF-8"},
		{"o.txt", "word.txt", dressedFactors, `word.txt:2: column 4 is "five", want a whole number`},
		{"o.txt", "unknown.txt", dressedFactors, `unknown.txt:1: "x1_y3_" is the name of 0 pairs of images of o.txt, want one, as CONTENT_GUIDE_`},
		{"o.txt", "t.txt", "hue=shared,domain=domain:1", "o.txt:1: 7 fields, want a name and 2 whole numbers with spaces between"},
		{"o.txt", "t.txt", "hue=shared", "--factors: no column says the domain, want one as domain=domain:1, with a's value"},
		{"o.txt", "t.txt", "p=domain:1,q=domain:0", `--factors: both "p" and "q" say the domain, want one`},
		{"o.txt", "t.txt", "p=shared,p=domain:0", `--factors: "p" comes twice`},
		{"o.txt", "t.txt", "p=unused,p=domain:0", `--factors: "p" comes twice`},
		{"o.txt", "t.txt", "hue", `--factors: "hue", want NAME=shared, NAME=a:VALUE`},
		{"o.txt", "t.txt", "=shared", `--factors: "=shared", want NAME=shared`},
		{"o.txt", "t.txt", "hue=blue", `--factors: "hue=blue", want NAME=shared`},
		{"o.txt", "t.txt", "hue=a", `--factors: "hue=a", want NAME=shared`},
		{"o.txt", "t.txt", "hue=b:x", `--factors: "hue=b:x", want NAME=shared`},
		{"o.txt", "t.txt", "hue=domain:", `--factors: "hue=domain:", want NAME=shared`},
		{"o.txt", "t.txt", "hue=shared:1", `--factors: "hue=shared:1", want NAME=shared`},
		{"o.txt", "t.txt", "hue=other:1", `--factors: "hue=other:1", want NAME=shared`},
	} {
		code, text, stderr := venn("measure", "correctness", tt.original, tt.translated, "--factors", tt.factors)
		if code != exitUsage || text != "" || !strings.HasPrefix(stderr, "venn: "+tt.want) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%s %s %s: exit %d, %q, want %q", tt.original, tt.translated, tt.factors, code, stderr, tt.want)
		}
	}
	for _, n := range []string{"39", "-1"} {
		if code, _, stderr := venn("measure", "correctness", "o.txt", "t.txt", "--resamples", n, "--factors", dressedFactors); code != exitUsage || stderr != "venn: measure correctness: --resamples "+n+", want 0 or at least 40\n" {
			t.Errorf("exit %d, %q", code, stderr)
		}
	}
}
