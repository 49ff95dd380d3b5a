package spec

import (
	"fmt"
	"strings"

	"github.com/venn-adapt/venn/internal/registry"
)

// A Parameter is one resolved value of a spec and where it came from.
type Parameter struct {
	Path   string `json:"path"`
	Value  any    `json:"value"`
	Origin string `json:"origin"` // "mnist.yaml:14", an override, a variable, "default"
}

// A decoder walks a tree along the schema and collects values and faults.
type decoder struct {
	parameters []Parameter
	positions  map[string]Position // of the values that were given
	faults     Faults
	skipped    bool // a value in which parsing found a fault: the parameters are not whole
}

func (d *decoder) fault(at Position, path, problem string) {
	d.faults = append(d.faults, Fault{At: at, Path: path, Problem: problem})
}

// walk checks the mapping n, which stands at the given position, against keys and
// resolves every leaf below them. n is nil where the spec leaves the section out.
func (d *decoder) walk(n *node, at Position, path string, keys []key, open bool) {
	if n != nil && n.kind != mapNode {
		d.fault(n.at, path, show(n)+", want a mapping of "+strings.Join(keyNames(keys), ", "))
		return
	}
	if n != nil && !open {
		d.unknown(n, path, keys)
	}
	for _, k := range keys {
		here := join(path, k.name)
		f := n.field(k.name)
		switch {
		case f != nil && f.value.faulty: // parsing has said why
			d.skipped = true
		case f == nil && k.required:
			d.fault(at, here, "missing; want "+k.expected)
		case k.check == nil && f == nil:
			d.walk(nil, at, here, k.keys, k.open)
		case k.check == nil:
			d.walk(f.value, f.at, here, k.keys, k.open)
		case f == nil:
			d.parameters = append(d.parameters, Parameter{here, k.initial, "default"})
		default:
			if v, ok := k.check(d, here, f.value); ok {
				d.parameters = append(d.parameters, Parameter{here, v, originOf(f.value.at)})
				d.positions[here] = f.value.at
			}
		}
	}
}

func (d *decoder) unknown(n *node, path string, keys []key) {
	known := keyNames(keys)
	for _, f := range n.fields {
		if contains(known, f.name) {
			continue
		}
		fault := Fault{At: f.at, Path: join(path, f.name), Problem: "unknown key" + registry.DidYouMean(f.name, known)}
		if meant, ok := registry.Nearest(f.name, known); ok && n.field(meant) == nil {
			fault.instead = join(path, meant)
		}
		d.faults = append(d.faults, fault)
	}
}

func keyNames(keys []key) []string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = k.name
	}
	return out
}

func originOf(p Position) string {
	if p.Line == 0 {
		return p.Source
	}
	return fmt.Sprintf("%s:%d", p.Source, p.Line)
}
