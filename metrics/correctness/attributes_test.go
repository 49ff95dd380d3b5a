package correctness

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

var few = []Factor{{"hue", Shared, 0}, {"domain", Domain, 1}}

func TestAttributes(t *testing.T) {
	original, err := ParseAttributes("o.txt", []byte("a.png 3 1 \r\n\n\tb_c.jpg\t-4  0\nimg.1 5 0\nimg.2 6 1"), 2)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(original.Names, original.Values, original.Lines); got != "[a b_c img.1 img.2] [[3 1] [-4 0] [5 0] [6 1]] [1 3 4 5]" {
		t.Error(got)
	}
	translated, err := ParseAttributes("t.txt", []byte("a_b_c_.png 1 2\nb_c_a.png 2 2\nimg.1_img.2_.png 3 2\n"), 2)
	if err != nil {
		t.Fatal(err)
	}
	pairs, err := PairsOf(original, translated, few)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(pairs); got != "[{a->b [3 1] [-4 0] [1 2]} {b->a [-4 0] [3 1] [2 2]} {b->a [5 0] [6 1] [3 2]}]" {
		t.Error(got)
	}
}

func TestAttributesRefused(t *testing.T) {
	long := strings.Repeat("x", longestName)
	for _, tt := range []struct{ original, translated, want string }{
		{"a.png 1\n", "", "o.txt:1: 2 fields, want a name and 2 whole numbers with spaces between"},
		{"\na.png 1 2 3\n", "", "o.txt:2: 4 fields, want a name and 2 whole numbers with spaces between"},
		{"a.png,1,2\n", "", "o.txt:1: 1 fields, want a name and 2 whole numbers with spaces between"},
		{"a 1 2\nb 1 x2\n", "", `o.txt:2: column 3 is "x2", want a whole number`},
		{"a 1.5 2\n", "", `o.txt:1: column 2 is "1.5", want a whole number`},
		{"a 1 99999999999999999999\n", "", `o.txt:1: column 3 is "99999999999999999999", want a whole number`},
		{"a.png 1 0\nb 2 0\na.jpg 3 0\n", "", `o.txt:3: "a" comes a second time, first on line 1`},
		{long + "x 1 2\n", "", "o.txt:1: a name of 1025 bytes, want at most 1024"},
		{" \n", "", "o.txt: no line, want a name and 2 whole numbers a line"},
		{strings.Repeat("x", 1<<20+1), "", "o.txt:1: bufio.Scanner: token too long"},
		{"a 1 1\nb 2 0\nc 2 2\n", "", "o.txt:3: domain is 2, but a is 1 and b, on line 2, 0"},
		{long + " 1 1\nb 2 0\n", "b_" + strings.Repeat("x", longestName-2) + " 2 2", `t.txt:1: "b_xxxx`},
		{"a 1 1\nb 2 0\n", "a_b_ 1 2\nb_a_ 1", "t.txt:2: 2 fields, want a name and 2 whole numbers with spaces between"},
		{"a 1 1\nb 2 0\n", "a_b 1 2\na_c_.png 1 2\n", `t.txt:2: "a_c_" is the name of 0 pairs of images of o.txt, want one, as CONTENT_GUIDE_`},
		{"a 1 1\nb 2 0\n", "ab 1 2\n", `t.txt:1: "ab" is the name of 0 pairs of images of o.txt, want one, as CONTENT_GUIDE_`},
		{"a 1 1\nb_c 2 0\na_b 1 1\nc 2 0\n", "\na_b_c_ 1 2\n", `t.txt:2: "a_b_c_" is the name of 2 pairs of images of o.txt, want one, as CONTENT_GUIDE_`},
		{"a 1 1\nb 2 0\nc 3 1\n", "a_b 1 2\na_c_ 1 2\n", `t.txt:2: content "a" and guide "c" are of one domain, domain 1`},
		{"a 1 1\nb 2 0\nc 3 0\n", "b_c_ 1 2\n", `t.txt:1: content "b" and guide "c" are of one domain, domain 0`},
	} {
		original, err := ParseAttributes("o.txt", []byte(tt.original), len(few))
		if err == nil {
			if tt.translated == "" {
				tt.translated = "a_b_ 1 2"
			}
			var translated *Attributes
			if translated, err = ParseAttributes("t.txt", []byte(tt.translated), len(few)); err == nil {
				_, err = PairsOf(original, translated, few)
			}
		}
		if !strings.HasPrefix(fmt.Sprint(err), tt.want) {
			t.Errorf("%.40q and %.40q: %v, want %s", tt.original, tt.translated, err, tt.want)
		}
	}
	one, err := ParseAttributes("o.txt", []byte("a 1"), 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := PairsOf(one, one, few[:1]); fmt.Sprint(err) != "no factor says which domain an image is of" {
		t.Error(err)
	}
}

// Whatever the bytes, they are refused in one line or make pairs of two domains that are scored.
func FuzzAttributes(f *testing.F) {
	f.Add("a.png 3 1\nb.png 4 0\n", "a_b_.png 3 2\nb_a_.png 4 2\n")
	f.Add("a_ 3 1\n_ 4 0\n", "a___ 3 2\n")
	f.Add("a 3 1\n", "")
	f.Fuzz(func(t *testing.T, first, second string) {
		original, err := ParseAttributes("o.txt", []byte(first), len(few))
		if err == nil {
			var translated *Attributes
			if translated, err = ParseAttributes("t.txt", []byte(second), len(few)); err == nil {
				var pairs []Pair
				if pairs, err = PairsOf(original, translated, few); err == nil {
					for i, p := range pairs {
						if (p.Content[1] == 1) == (p.Guide[1] == 1) || (p.Content[1] == 1) != (p.Direction == AToB) {
							t.Fatalf("pair %d: %+v", i, p)
						}
						if x, y := slices.IndexFunc(original.Values, same(p.Content)), slices.IndexFunc(original.Values, same(p.Guide)); x < 0 || y < 0 {
							t.Fatalf("pair %d: %+v of no images", i, p)
						}
					}
					_, err = Scores(few, pairs, 0, 0)
				}
			}
		}
		if err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("several lines: %q", err)
		}
	})
}

func same(values []int) func([]int) bool {
	return func(other []int) bool { return slices.Equal(values, other) }
}
