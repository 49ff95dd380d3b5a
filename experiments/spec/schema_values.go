package spec

import (
	"fmt"
	"math"
	"regexp"
	"strings"

	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/registry"
)

// setting is the key of an option; one without a default must be given.
func setting(o option.Option) key {
	return key{name: o.Name, required: o.Default == nil, initial: o.Default, expected: o.Expected(),
		check: func(d *decoder, path string, n *node) (any, bool) {
			v, err := o.Check(n.plain())
			if err != nil {
				d.fault(n.at, path, err.Error())
			}
			return v, err == nil
		}}
}

func text(name string) key {
	return setting(option.Option{Name: name, Kind: option.String, Default: ""})
}

// registered is a required name out of a registry.
func registered(name string, known func() []string, get func(string) error) key {
	return key{name: name, required: true, expected: "one of " + strings.Join(known(), ", "),
		check: func(d *decoder, path string, n *node) (any, bool) {
			s, ok := n.scalar.(string)
			if !ok || n.kind != scalarNode {
				d.fault(n.at, path, fmt.Sprintf("%s, want a name%s", show(n), registry.DidYouMean("", known())))
				return nil, false
			}
			if err := get(s); err != nil {
				d.fault(n.at, path, err.Error())
				return nil, false
			}
			return s, true
		}}
}

// names is a list of distinct names out of the candidates, at least so many.
func names(name, kind string, initial []string, least int, candidates func() []string) key {
	return key{name: name, initial: initial, expected: "a list of names",
		check: func(d *decoder, path string, n *node) (any, bool) {
			if n.kind != listNode || len(n.list) < least {
				d.fault(n.at, path, fmt.Sprintf("%s, want a list of names", show(n)))
				return nil, false
			}
			out, good, seen := []string{}, true, map[string]bool{}
			for i, e := range n.list {
				s, ok := e.scalar.(string)
				problem := ""
				switch {
				case !ok:
					problem = show(e) + ", want a name"
				case !contains(candidates(), s):
					problem = fmt.Sprintf("unknown %s %q%s", kind, s, registry.DidYouMean(s, candidates()))
				case seen[s]:
					problem = fmt.Sprintf("%q is listed twice", s)
				default:
					seen[s], out = true, append(out, s)
					continue
				}
				good = false
				d.fault(e.at, fmt.Sprintf("%s[%d]", path, i), problem)
			}
			return out, good
		}}
}

func contains(list []string, s string) bool {
	for _, e := range list {
		if e == s {
			return true
		}
	}
	return false
}

var specName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

// checkName keeps the name fit for a folder.
func checkName(d *decoder, path string, n *node) (any, bool) {
	s, ok := n.scalar.(string)
	if !ok || !specName.MatchString(s) || len(s) > 100 {
		d.fault(n.at, path, show(n)+", want a name of letters, digits, dots, dashes and underscores")
		return nil, false
	}
	return s, true
}

func checkSeeds(d *decoder, path string, n *node) (any, bool) {
	if n.kind != listNode || len(n.list) == 0 {
		d.fault(n.at, path, show(n)+", want a list of integers from 0")
		return nil, false
	}
	out, good, seen := []uint64{}, true, map[uint64]bool{}
	for i, e := range n.list {
		seed, ok := wholeNumber(e.scalar)
		switch {
		case !ok || e.kind != scalarNode:
			d.fault(e.at, fmt.Sprintf("%s[%d]", path, i), show(e)+", want an integer from 0")
		case seen[seed]:
			d.fault(e.at, fmt.Sprintf("%s[%d]", path, i), fmt.Sprintf("seed %d is listed twice", seed))
		default:
			seen[seed], out = true, append(out, seed)
			continue
		}
		good = false
	}
	return out, good
}

func wholeNumber(v any) (uint64, bool) {
	switch n := v.(type) {
	case uint64:
		return n, true
	case int64:
		return uint64(n), n >= 0
	case float64:
		return uint64(n), n >= 0 && n < 1<<53 && n == math.Trunc(n)
	}
	return 0, false
}

// longestShown runes of a wrong text are quoted: one line of error stays one.
const longestShown = 60

// show prints a found value as an error does.
func show(n *node) string {
	switch v := n.scalar.(type) {
	case string:
		if runes := []rune(v); len(runes) > longestShown {
			v = string(runes[:longestShown]) + "..."
		}
		return fmt.Sprintf("%q", v)
	case nil:
		switch {
		case n.kind == mapNode:
			return "a mapping"
		case n.kind == listNode:
			return fmt.Sprintf("a list of %d", len(n.list))
		}
		return "nothing"
	}
	return fmt.Sprint(n.scalar)
}
