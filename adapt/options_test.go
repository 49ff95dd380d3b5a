package adapt

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/internal/option"
)

var updateOptions = flag.Bool("update-options", false, "rewrite testdata/options.txt")

// The options with defaults and bounds, and the grids, as a person has read them: what
// changes here changes what everybody's spec means.
func TestOptions(t *testing.T) {
	var b strings.Builder
	say := func(name string, options []option.Option, grid []option.Values) {
		fmt.Fprintf(&b, "%s\n", name)
		for _, o := range options {
			fmt.Fprintf(&b, "  %s: %v; %s\n", o.Name, o.Default, o.Expected())
		}
		for _, g := range grid {
			fmt.Fprintf(&b, "  grid %v\n", g)
		}
	}
LISTS
	const path = "testdata/options.txt"
	if *updateOptions {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != b.String() {
		t.Errorf("the options are not those of %s; got\n%s", path, b.String())
	}
}
