package experiments

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// The keys of both kinds of spec with their defaults, as a person has read them: a default
// that changes by mistake changes what everybody's spec means.
func TestKeysOfASpec(t *testing.T) {
	var b strings.Builder
	var walk func(path string, keys []key)
	walk = func(path string, keys []key) {
		for _, k := range keys {
			here := join(path, k.name)
			expected, _, _ := strings.Cut(k.expected, ", ") // lists of registered names have tests of their own
			switch {
			case k.check == nil:
				fmt.Fprintf(&b, "%s: required %t, open %t\n", here, k.required, k.open)
				walk(here, k.keys)
			case k.required:
				fmt.Fprintf(&b, "%s: required; %s\n", here, expected)
			default:
				fmt.Fprintf(&b, "%s: %v; %s\n", here, k.initial, expected)
			}
		}
	}
	for _, text := range []string{"domains: {a: {dataset: known}, b: {dataset: nobody-knows}}\nmodel: {method: known}\nadapt: {methods: {m: {adapter: none, classifier: knn}, n: {adapter: what}}}\n",
		"features: {domains: {S: {path: s}}}\n"} {
		root, faults := parse("", []byte(text))
		if len(faults) > 0 {
			t.Fatal(faults)
		}
		walk("", schema(root))
		b.WriteString("\n")
	}
	const path = "testdata/keys.txt"
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != b.String() {
		t.Errorf("the keys are not those of %s; got\n%s", path, b.String())
	}
}
