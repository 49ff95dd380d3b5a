package attributes

import (
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
	_ "github.com/venn-adapt/venn/domains/digits" // its files are verified
	_ "github.com/venn-adapt/venn/domains/drawn"  // and a domain that has no population
	"github.com/venn-adapt/venn/domains/features"
)

// Each is judged by hand.
func TestImplies(t *testing.T) {
	many := make([]string, 17)
	for i := range many {
		many[i] = strings.Repeat("a", i+1)
	}
	long := strings.Join(many, " & ")
	for _, tt := range []struct {
		p, q     string
		pq, back bool
	}{
		{"A", "A", true, true},
		{"A", `("A")`, true, true},
		{"A", "B", false, false},
		{"A & B", "A", true, false},
		{"A", "A | B", true, false},
		{"!(A & B)", "!A | !B", true, true},
		{"A & !A", "B", false, false}, // selects nothing: another fault
		{"A & (", "A", false, false},
		{"A", "!A", false, false},
		{`"a b" & C`, `C & 'a b'`, true, true},
		{long, long, true, true},
		{long, "a", false, false}, // too many names to go through
	} {
		if got := implies(tt.p, tt.q); got != tt.pq {
			t.Errorf("%q implies %q: %v", tt.p, tt.q, got)
		}
		if got := implies(tt.q, tt.p); got != tt.back {
			t.Errorf("%q implies %q: %v", tt.q, tt.p, got)
		}
	}
}

// Without a folder for data, what needs none works, and what needs one says so.
func TestNoDataDir(t *testing.T) {
	if err := domains.NeedDataDir("x", "mnist"); err != nil {
		t.Error(err)
	}
	const want = "no folder for data, as this system names no cache folder; give --data or set VENN_DATA"
	_, err := features.Load("", features.File{Path: "a.csv"})
	if err == nil || err.Error() != "domains: features: "+want {
		t.Error(err)
	}
	files, err := domains.Verify("", "mnist")
	if err != nil || len(files) != 4 || files[0].State != "missing" || files[0].Path != "" {
		t.Errorf("%v, %v", files, err)
	}
	r := small(t)
	r.DataDir = ""
	if _, err := domains.Load(t.Context(), "celeba", r); err == nil || err.Error() != "domains: celeba: "+want {
		t.Error(err)
	}
}
