package experiments

import (
	"fmt"
	"regexp"
	"strings"
)

// A Request is a spec as it was given: its text, what the command line changes and
// what the surroundings add. Precedence, highest first: overrides, environment,
// the spec itself, settings, defaults.
type Request struct {
	Source      string // file name, for messages
	Text        []byte
	Overrides   []string // "key.sub=value", values in YAML; a later one wins
	Environment []Setting
	Settings    []Setting
}

// A Setting is a value from outside the spec.
type Setting struct {
	Path   string
	Value  string // YAML
	Origin string // "$VENN_REPORT_FORMATS", "settings.yaml"
}

// tree parses the text and lays the other sources over and under it.
func (r Request) tree() (*node, Faults) {
	root, faults := parse(r.Source, r.Text)
	if root == nil {
		return nil, faults
	}
	if root.kind != mapNode {
		return nil, append(faults, Fault{root.at, "", show(root) + ", want a mapping"})
	}
	lay := func(path, value string, at Position, over bool) {
		keys := strings.Split(path, ".")
		if !over && root.find(keys...) != nil {
			return
		}
		v, fs := parseValue(at, value)
		if faults = append(faults, fs...); v != nil {
			root = root.with(v, keys...)
		}
	}
	for _, s := range r.Settings {
		lay(s.Path, s.Value, Position{Source: s.Origin}, false)
	}
	for _, s := range r.Environment {
		lay(s.Path, s.Value, Position{Source: s.Origin}, true)
	}
	for _, o := range r.Overrides {
		at := Position{Source: fmt.Sprintf("override %q", o)}
		path, value, ok := strings.Cut(o, "=")
		if !ok || !dottedPath.MatchString(path) {
			faults = append(faults, Fault{at, "", "want key.sub=value"})
			continue
		}
		lay(path, value, at, true)
	}
	return root, faults
}

var dottedPath = regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$`)

// parseValue reads the YAML of an override; nothing is null.
func parseValue(at Position, text string) (*node, Faults) {
	if strings.TrimSpace(text) == "" {
		return &node{at: at}, nil
	}
	n, faults := parse(at.Source, []byte(text))
	for i := range faults {
		faults[i].At = at
	}
	if n == nil || len(faults) > 0 {
		return nil, faults
	}
	return n.moved(at), nil
}

// maxJobs bounds a plan: beyond it a grid is a slip, not a study.
const maxJobs = 10000

// A choice is the list of values that a grid gives to one path.
type choice struct {
	path   string
	at     Position
	values []*node
}

// grid takes the grid section off the tree and lists its choices. A list of lists
// is a list of values that are lists; mappings nest as they do in the spec.
func grid(root *node) (*node, []choice, Faults) {
	f := root.field("grid")
	if f == nil {
		return root, nil, nil
	}
	var choices []choice
	var faults Faults
	var visit func(n *node, at Position, path string)
	visit = func(n *node, at Position, path string) {
		section, _, _ := strings.Cut(path, ".")
		switch {
		case path != "" && !contains(gridSections, section):
			faults = append(faults, Fault{at, "grid." + path, "want a path under domains, image or model: " +
				"seeds, classifiers and metrics are lists of their own"})
		case n.kind == mapNode:
			for _, f := range n.fields {
				visit(f.value, f.at, join(path, f.name))
			}
		case path == "":
			faults = append(faults, Fault{n.at, "grid", show(n) + ", want a mapping of paths to lists of values"})
		case n.kind != listNode || len(n.list) == 0 || !dottedPath.MatchString(path):
			faults = append(faults, Fault{n.at, "grid." + path, show(n) + ", want a list of values"})
		default:
			choices = append(choices, choice{path, at, n.list})
		}
	}
	visit(f.value, f.at, "")
	total := 1
	for _, c := range choices {
		if total *= len(c.values); total > maxJobs {
			faults = append(faults, Fault{f.at, "grid", fmt.Sprintf("more than %d combinations", maxJobs)})
			break
		}
	}
	return root.without("grid"), choices, faults
}

// gridSections are the sections that a grid may vary: what is trained. Classifiers
// and metrics are lists already, evaluated together on the codes of one training.
var gridSections = []string{"domains", "image", "model"}

// points calls do for every combination of the choices, the last varying fastest.
func points(root *node, choices []choice, do func(root *node, values []Parameter)) {
	var visit func(root *node, i int, values []Parameter)
	visit = func(root *node, i int, values []Parameter) {
		if i == len(choices) {
			do(root, values)
			return
		}
		c := choices[i]
		for _, v := range c.values {
			p := Parameter{c.path, v.plain(), originOf(v.at)}
			visit(root.with(v, strings.Split(c.path, ".")...), i+1, append(values[:i:i], p))
		}
	}
	visit(root, 0, nil)
}
