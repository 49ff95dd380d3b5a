package spec

// A Pair is a key of a resolved spec and its value: Text is a word as it stands, and any other
// value as JSON, which is one fixed text for each.
type Pair struct {
	Path string `json:"path"`
	Text string `json:"text"`
}

// Flat lists the keys of a resolved spec, in its order; nil of a text that is no spec. It
// asks no schema, so that a spec of another version can be read.
func Flat(text []byte) []Pair {
	root, faults := parse("", text)
	if root == nil || len(faults) > 0 || root.kind != mapNode {
		return nil
	}
	var out []Pair
	var visit func(n *node, path string)
	visit = func(n *node, path string) {
		if n.kind == mapNode && len(n.fields) > 0 {
			for _, f := range n.fields {
				visit(f.value, join(path, f.name))
			}
			return
		}
		value, word := n.scalar.(string)
		if !word {
			value = compact(n.plain())
		}
		out = append(out, Pair{path, value})
	}
	if len(root.fields) > 0 {
		visit(root, "")
	}
	return out
}
