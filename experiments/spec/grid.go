package spec

import (
	"fmt"
	"slices"
	"strings"
)

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
	g := gridReader{root: root}
	if !f.value.faulty {
		g.visit(f.value, f.at, "")
	}
	total := 1
	for _, c := range g.choices {
		if total *= len(c.values); total > maxJobs {
			g.faults = append(g.faults, Fault{At: f.at, Path: "grid", Problem: fmt.Sprintf("more than %d combinations", maxJobs)})
			break
		}
	}
	return root.without("grid"), g.choices, g.faults
}

type gridReader struct {
	root    *node
	choices []choice
	faults  Faults
}

func (g *gridReader) fault(at Position, path, problem string) {
	g.faults = append(g.faults, Fault{At: at, Path: path, Problem: problem})
}

// visit goes down the mappings of the grid to the lists.
func (g *gridReader) visit(n *node, at Position, path string) {
	section, _, _ := strings.Cut(path, ".")
	switch {
	case n.faulty: // parsing has said why
	case path != "" && g.root.misspelt(section): // as decoding says
	case path != "" && !contains(gridSections, section):
		g.fault(at, "grid."+path, "want a path under domains, image, model or features: seeds, classifiers and metrics are lists of their own")
	case n.kind == mapNode:
		for _, f := range n.fields {
			g.visit(f.value, f.at, join(path, f.name))
		}
	case path == "":
		g.fault(n.at, "grid", show(n)+", want a mapping of paths to lists of values")
	case n.kind != listNode || len(n.list) == 0 || !dottedPath.MatchString(path):
		g.fault(n.at, "grid."+path, show(n)+", want a list of values")
	default:
		g.choose(n, at, path)
	}
}

// choose adds the values of one path. An override of the grid replaces what the
// file says; an override of the key that the grid varies would be lost in silence
// and is a fault.
func (g *gridReader) choose(n *node, at Position, path string) {
	i := slices.IndexFunc(g.choices, func(c choice) bool { return c.path == path })
	switch base := g.root.find(strings.Split(path, ".")...); {
	case base != nil && base.at.Line == 0:
		g.fault(base.at, path, "the grid varies this key; want the override grid."+path+"=[...]")
	case i < 0:
		g.choices = append(g.choices, choice{path, at, g.distinct(n.list, path)})
	case n.at.Line == 0:
		g.choices[i] = choice{path, at, g.distinct(n.list, path)}
	default:
		g.fault(at, "grid."+path, fmt.Sprintf("given twice, first at line %d; want it once", g.choices[i].at.Line))
	}
}

// distinct lists values once each; one that is listed twice is a fault where it stands.
func (g *gridReader) distinct(values []*node, path string) []*node {
	seen := map[string]bool{}
	var out []*node
	for i, v := range values {
		text := compact(v.plain())
		if seen[text] {
			g.fault(v.at, fmt.Sprintf("grid.%s[%d]", path, i), fmt.Sprintf("%s is listed twice", text))
			continue
		}
		seen[text], out = true, append(out, v)
	}
	return out
}

// gridSections are the sections that a grid may vary: what is trained. Classifiers
// and metrics are lists already, evaluated together on the codes of one training.
var gridSections = []string{"domains", "image", "model", "features"}

// points calls do for every combination of variant and choices, the last varying fastest.
func points(methods []variant, choices []choice, do func(root *node, values []Parameter)) {
	var visit func(root *node, i int, values []Parameter)
	visit = func(root *node, i int, values []Parameter) {
		if i == len(choices) {
			do(root, values)
			return
		}
		c := choices[i]
		for _, v := range c.values {
			p := Parameter{c.path, v.plain(), originOf(v.at)}
			visit(root.with(v, strings.Split(c.path, ".")...), i+1, append(slices.Clip(values), p))
		}
	}
	for _, m := range methods {
		var values []Parameter
		if m.name != "" {
			values = []Parameter{{methodPath, m.name, originOf(m.root.find("model").at)}}
		}
		visit(m.root, 0, values)
	}
}
