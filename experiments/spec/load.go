package spec

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

// tree parses the text and lays the other sources over and under it. A notice says what an
// override made of the text; it is empty where there is nothing to say.
func (r Request) tree() (root *node, notice string, faults Faults) {
	root, faults = parse(r.Source, r.Text)
	if root == nil {
		return nil, "", faults
	}
	if root.kind != mapNode {
		return nil, "", append(faults, Fault{At: root.at, Problem: show(root) + ", want a mapping"})
	}
	method := named(root.find("model", "method"))
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
			faults = append(faults, Fault{At: at, Problem: "want key.sub=value"})
			continue
		}
		lay(path, value, at, true)
	}
	root, notice = otherMethod(root, method)
	return root, notice, faults
}

var dottedPath = regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$`)

// parseValue reads the YAML of an override; nothing is null.
func parseValue(at Position, text string) (*node, Faults) {
	if strings.TrimSpace(text) == "" {
		return &node{at: at}, nil
	}
	if first := strings.TrimSpace(text)[:1]; strings.Contains("!&*@`%|>", first) {
		return nil, Faults{{At: at, Problem: fmt.Sprintf("a text that begins with %s needs quotes of YAML's, as in 'key=\"%stext\"'", first, first)}}
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

// ParseValue reads one value in YAML under the bounds and rules of a spec. The error is
// Faults; source names the text in them.
func ParseValue(source, text string) (any, error) {
	n, faults := parse(source, []byte(text))
	if len(faults) > 0 {
		return nil, faults
	}
	return n.plain(), nil
}
