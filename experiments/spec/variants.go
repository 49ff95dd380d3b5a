package spec

import (
	"fmt"
	"slices"
	"strings"

	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
)

// A variant is one entry of the section methods, which lists what a study trains side by
// side: a name and what stands under model for it. A study without the section has one
// variant, without a name: its section model.
type variant struct {
	name string
	root *node // of the spec, with the entry as its section model
}

// methodPath is what the label of a job calls the name of its variant.
const methodPath = "method"

// variants takes the section methods off the tree.
func variants(root *node) ([]variant, Faults) {
	f := root.field("methods")
	if f == nil {
		return []variant{{root: root}}, nil
	}
	var faults Faults
	fault := func(at Position, path, problem string) {
		faults = append(faults, Fault{At: at, Path: path, Problem: problem})
	}
	rest := root.without("methods")
	switch {
	case f.value.faulty: // parsing has said why
		return []variant{{root: rest}}, nil
	case root.field("features") != nil:
		fault(f.at, "methods", "of a study on images; the methods of a study on features stand under adapt.methods")
	case root.field("model") != nil:
		fault(f.at, "methods", "given beside model; want one of the two")
	case f.value.kind != mapNode || len(f.value.fields) == 0:
		fault(f.value.at, "methods", show(f.value)+", want a mapping of names to what stands under model for each: dann: {reversal: 0.3}")
	}
	if len(faults) > 0 {
		return nil, faults
	}
	var out []variant
	for _, e := range f.value.fields {
		if !methodName.MatchString(e.name) {
			fault(e.at, "methods."+e.name, "want a name of letters, digits, dashes and underscores")
			continue
		}
		model := e.value
		switch {
		case model.kind == scalarNode && model.scalar == nil: // dann:
			model = &node{at: e.at, kind: mapNode}
		case model.kind != mapNode:
			fault(model.at, "methods."+e.name, show(model)+", want a mapping of options")
			continue
		}
		if model.field("method") == nil {
			model = model.with(&node{at: e.at, kind: scalarNode, scalar: e.name}, "method")
		}
		out = append(out, variant{e.name, rest.with(model, "model")})
	}
	return out, faults
}

// forOracle puts the target, labelled, in the place of the source where the method is an
// oracle: from there on it is a study from the target to itself. A spec in which not just one
// domain is labelled stays as it is, and is found at fault.
func forOracle(root *node) *node {
	method, err := models.Methods.Get(named(root.find("model", "method")))
	if err != nil || !method.Oracle {
		return root
	}
	labelled := func(side string) bool {
		if l := root.find("domains", side, "labelled"); l != nil {
			return l.scalar == true
		}
		return side == "a"
	}
	source, target := "a", "b"
	if labelled("b") {
		source, target = target, source
	}
	of := root.find("domains", target)
	if labelled("a") == labelled("b") || of == nil || of.kind != mapNode {
		return root
	}
	return root.with(of.with(&node{at: of.at, kind: scalarNode, scalar: true}, "labelled"), "domains", source)
}

// otherMethod makes room for a method that stands in place of the one that the spec was
// written for: of the section model it leaves out what only the latter has, and says so.
func otherMethod(root *node, before string) (*node, string) {
	now := named(root.find("model", "method"))
	was, err := models.Methods.Get(before)
	if err != nil {
		return root, "" // not the one of the spec
	}
	method, err := models.Methods.Get(now)
	if err != nil {
		return root, ""
	}
	var left []string
	for _, o := range was.AllOptions() {
		path := strings.Split("model."+o.Name, ".")
		if root.find(path...) == nil || slices.ContainsFunc(method.AllOptions(), func(have option.Option) bool { return have.Name == o.Name }) {
			continue
		}
		left, root = append(left, o.Name), root.without(path...)
	}
	if left == nil {
		return root, ""
	}
	return root, fmt.Sprintf("model.method=%s: of the options for %s, %[1]s does not have %[3]s: left out", now, before, strings.Join(left, ", "))
}
