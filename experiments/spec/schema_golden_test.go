package spec

import (
	"fmt"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/internal/kept"
)

// The keys of both kinds of spec with their defaults, as a person has read them: a default
// that changes by mistake changes what everybody's spec means.
func TestKeysOfASpec(t *testing.T) {
	var b strings.Builder
	var walk func(path string, keys []key)
	walk = func(path string, keys []key) {
		for _, k := range keys {
			here := join(path, k.name)
			expected, _, _ := strings.Cut(k.expected, ", ")
			if strings.HasPrefix(expected, "one of ") { // names that may grow have tests of their own
				expected = "one of"
			}
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
	kept.Text(t, "keys.txt", b.String())
}
