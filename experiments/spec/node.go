package spec

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// A node is a value of a YAML document with the place where it was written. Nodes
// are not changed after parsing: with builds new ones.
type node struct {
	at     Position
	kind   nodeKind
	scalar any // nil, bool, string, int64, uint64 or float64
	list   []*node
	fields []field
	// faulty says that parsing has found a fault here, so that no other is looked for.
	faulty bool
}

type nodeKind int

const (
	scalarNode nodeKind = iota
	listNode
	mapNode
)

type field struct {
	name  string
	at    Position // of the key
	value *node
}

// Specs are short texts. The bounds keep a hostile file from costing more than
// its rejection: the parser's time grows with the square of the nesting.
const (
	maxSpecBytes = 64 << 10
	maxNesting   = 64
)

// parse reads one YAML document. It keeps keys given twice out of the tree and
// reports them, as it does anchors, aliases, merges and tags: a spec says what it
// means where it stands. A text that is not YAML is one fault.
func parse(source string, text []byte) (root *node, faults Faults) {
	top := Position{Source: source, Line: 1, Column: 1}
	// The parser is not ours: a text that makes it panic is a text it cannot read.
	defer func() {
		if r := recover(); r != nil {
			root, faults = nil, Faults{{At: top, Problem: "not YAML that can be read"}}
		}
	}()
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if at, problem := unreadable(text); problem != "" {
		return nil, Faults{{At: at.in(source), Problem: problem}}
	}
	if len(text) > maxSpecBytes {
		return nil, Faults{{At: top, Problem: fmt.Sprintf("%d bytes, want at most %d", len(text), maxSpecBytes)}}
	}
	if nesting(text) > maxNesting {
		return nil, Faults{{At: top, Problem: fmt.Sprintf("nested more than %d deep", maxNesting)}}
	}
	file, err := parser.ParseBytes(text, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return nil, Faults{syntaxFault(top, err)}
	}
	p := treeBuilder{source: source}
	switch {
	case len(file.Docs) > 1:
		return nil, Faults{{At: top, Problem: fmt.Sprintf("%d YAML documents, want one", len(file.Docs))}}
	case len(file.Docs) == 0 || file.Docs[0].Body == nil:
		return nil, Faults{{At: top, Problem: "empty, want a mapping"}}
	}
	root = p.build(file.Docs[0].Body, "")
	return root, p.faults
}

// nesting is an upper bound of how deep brackets and dashes nest; brackets inside
// strings count too, which no sensible spec notices.
func nesting(text []byte) int {
	depth, deepest, indent := 0, 0, 0
	start := true
	for _, c := range text {
		switch c {
		case '\n':
			start, indent = true, 0
			continue
		case '[', '{':
			depth++
		case ']', '}':
			depth = max(0, depth-1)
		}
		if start = start && (c == ' ' || c == '-' || c == '?'); start && c != ' ' {
			indent++
		}
		deepest = max(deepest, depth+indent)
	}
	return deepest
}

func syntaxFault(top Position, err error) Fault {
	var e yaml.Error
	if errors.As(err, &e) && e.GetToken() != nil && e.GetToken().Position != nil {
		p := e.GetToken().Position
		return Fault{At: Position{top.Source, p.Line, p.Column}, Problem: "not YAML: " + e.GetMessage()}
	}
	return Fault{At: top, Problem: "not YAML"}
}

type treeBuilder struct {
	source string
	faults Faults
}

func (b *treeBuilder) fault(at Position, path, problem string) {
	b.faults = append(b.faults, Fault{At: at, Path: path, Problem: problem})
}

func (b *treeBuilder) position(t *token.Token) Position {
	return Position{b.source, t.Position.Line, t.Position.Column}
}

func (b *treeBuilder) build(n ast.Node, path string) *node {
	at := b.position(n.GetToken())
	switch v := n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return b.mapping(v.(ast.MapNode), path)
	case *ast.SequenceNode:
		out := &node{at: at, kind: listNode}
		for i, e := range v.Values {
			value := b.build(e, fmt.Sprintf("%s[%d]", path, i))
			out.list, out.faulty = append(out.list, value), out.faulty || value.faulty
		}
		return out
	case *ast.StringNode:
		return b.text(at, path, v.Value, plainNumber(v))
	case *ast.LiteralNode:
		return b.text(at, path, v.Value.Value, v.Value.Value)
	case *ast.IntegerNode, *ast.FloatNode:
		return b.number(at, path, n.GetToken().Value, v.(ast.ScalarNode).GetValue())
	case *ast.BoolNode, *ast.NullNode, *ast.InfinityNode, *ast.NanNode:
		return &node{at: at, scalar: v.(ast.ScalarNode).GetValue()}
	}
	b.fault(at, path, "anchors, aliases and tags are not used in specs; want the value itself")
	switch v := n.(type) { // what they hold is checked all the same
	case *ast.AnchorNode:
		return b.build(v.Value, path)
	case *ast.TagNode:
		return b.build(v.Value, path)
	}
	return &node{at: at, faulty: true}
}

func (b *treeBuilder) mapping(m ast.MapNode, path string) *node {
	out := &node{kind: mapNode}
	for it := m.MapRange(); it.Next(); {
		at := b.position(it.Key().GetToken())
		if out.at.Line == 0 {
			out.at = at
		}
		name, ok := keyName(it.Key())
		switch {
		case !ok:
			b.fault(at, path, "a key that is not plain text; want a name")
		case out.field(name) != nil:
			b.fault(at, join(path, name), fmt.Sprintf("given twice, first at line %d; want it once", out.field(name).at.Line))
		default:
			value := b.build(it.Value(), join(path, name))
			if value.at.Line == 0 {
				value.at = at
			}
			out.fields = append(out.fields, field{name, at, value})
		}
	}
	return out
}

func keyName(k ast.MapKeyNode) (string, bool) {
	switch v := k.(type) {
	case *ast.StringNode:
		_, hidden := control(v.Value)
		return v.Value, !hidden
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NullNode:
		return k.GetToken().Value, true
	}
	return "", false
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// field finds a key of a mapping; nil when it is not there or n is no mapping.
func (n *node) field(name string) *field {
	if n == nil {
		return nil
	}
	i := slices.IndexFunc(n.fields, func(f field) bool { return f.name == name })
	if i < 0 {
		return nil
	}
	return &n.fields[i]
}

// find follows a path of keys; nil when it leads nowhere.
func (n *node) find(path ...string) *node {
	for _, name := range path {
		f := n.field(name)
		if f == nil {
			return nil
		}
		n = f.value
	}
	return n
}

// with returns a copy of the tree in which path leads to value; mappings on the
// way are made where they are missing, at the value's position.
func (n *node) with(value *node, path ...string) *node {
	if len(path) == 0 {
		return value
	}
	out := &node{at: value.at, kind: mapNode}
	if n != nil && n.kind == mapNode {
		out.at, out.fields = n.at, slices.Clone(n.fields)
	}
	if f := out.field(path[0]); f != nil {
		f.value = f.value.with(value, path[1:]...)
		if len(path) == 1 {
			f.at = value.at
		}
		return out
	}
	var none *node
	out.fields = append(out.fields, field{path[0], value.at, none.with(value, path[1:]...)})
	return out
}

// without returns a copy of the tree that lacks what the path leads to, which is there, and
// the mappings on the way that held nothing else.
func (n *node) without(path ...string) *node {
	out := *n
	if len(path) > 1 {
		if below := n.find(path[0]).without(path[1:]...); len(below.fields) > 0 {
			return n.with(below, path[0])
		}
	}
	out.fields = slices.DeleteFunc(slices.Clone(n.fields), func(f field) bool { return f.name == path[0] })
	return &out
}

// plain is the node as option.Check takes it.
func (n *node) plain() any {
	switch n.kind {
	case listNode:
		out := make([]any, len(n.list))
		for i, e := range n.list {
			out[i] = e.plain()
		}
		return out
	case mapNode:
		out := map[string]any{}
		for _, f := range n.fields {
			out[f.name] = f.value.plain()
		}
		return out
	}
	return n.scalar
}

// moved returns the tree with every position replaced: the text of an override or
// of a variable has no lines worth naming.
func (n *node) moved(at Position) *node {
	out := &node{at: at, kind: n.kind, scalar: n.scalar, faulty: n.faulty}
	for _, e := range n.list {
		out.list = append(out.list, e.moved(at))
	}
	for _, f := range n.fields {
		out.fields = append(out.fields, field{f.name, at, f.value.moved(at)})
	}
	return out
}
