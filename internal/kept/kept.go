// Package kept compares what a test made with a file that a person has read. VENN_UPDATE=1
// in the environment writes the files anew; the difference is then read before it is kept.
package kept

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/internal/option"
)

// Text fails the test where got is not the text of testdata/name.
func Text(t testing.TB, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv("VENN_UPDATE") != "" {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; run with VENN_UPDATE=1 to make it, and read it", err)
	}
	if string(want) != got {
		t.Errorf("%s is not what a person read and kept; got:\n%s", path, got)
	}
}

// Entries is Text for a list of entries, each a line and those below it that are indented:
// every entry of the file must be in got, which may have others, since somebody may add one.
func Entries(t testing.TB, name, got string) {
	t.Helper()
	if os.Getenv("VENN_UPDATE") != "" {
		Text(t, name, got)
		return
	}
	path := filepath.Join("testdata", name)
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; run with VENN_UPDATE=1 to make it, and read it", err)
	}
	there := entries(got)
	for _, e := range entries(string(want)) {
		if !slices.Contains(there, e) {
			head, _, _ := strings.Cut(e, "\n")
			t.Errorf("%s has an entry that is not there:\n%s\nof that name is there:\n%s", path, e, strings.Join(slices.DeleteFunc(slices.Clone(there), func(e string) bool { return !strings.HasPrefix(e, head+"\n") }), ""))
		}
	}
}

// entries cuts a text before every line that is not indented.
func entries(text string) (out []string) {
	for _, line := range strings.SplitAfter(text, "\n") {
		if len(out) == 0 || line != "" && !strings.HasPrefix(line, " ") {
			out = append(out, "")
		}
		out[len(out)-1] += line
	}
	return out
}

// Options writes a thing's name, its options with defaults and bounds, and its grid: what
// changes there changes what everybody's spec means.
func Options(name string, options []option.Option, grid []option.Values) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", name)
	for _, o := range options {
		fmt.Fprintf(&b, "  %s: %v; %s\n", o.Name, o.Default, o.Expected())
	}
	for _, g := range grid {
		fmt.Fprintf(&b, "  grid %v\n", g)
	}
	return b.String()
}
