package runs

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/reports/tidy"
)

// A Difference is one thing that two runs do not share; "" is what one of them has not.
type Difference struct {
	Kind string `json:"kind"` // "option", "data", "environment" or "result"
	Name string `json:"name"`
	A    string `json:"a"`
	B    string `json:"b"`
}

// Diff lists what differs between two run directories: options of their specs, data by
// checksum, program and machine, and results where both are done. shared counts the results
// that are the same; unfinished says of which there are none to compare.
func Diff(a, b string) (out []Difference, shared int, unfinished []string, err error) {
	dirs := [2]string{a, b}
	for _, part := range []struct{ kind, file string }{{"option", "resolved.yaml"}, {"data", "data.lock.json"}, {"environment", "env.json"}} {
		var has [2]entries
		for i, dir := range dirs {
			s, err := OpenSealed(dir)
			if err != nil {
				return nil, 0, nil, err
			}
			if _, listed := s.m.files[part.file]; !listed && part.kind == "data" {
				continue // none was read yet
			}
			text, err := s.Read(part.file)
			if err != nil {
				return nil, 0, nil, err
			}
			for _, p := range spec.Flat(text) { // JSON is YAML
				has[i].add(p.Path, p.Text)
			}
		}
		more, _ := compare(part.kind, has)
		out = append(out, more...)
	}
	var has [2]entries
	for i, dir := range dirs {
		runs, missing, err := Collect([]string{dir})
		if err != nil {
			return nil, 0, nil, err
		}
		unfinished = append(unfinished, missing...)
		for _, r := range tidy.Rows(runs) {
			name := strings.Join(strings.Fields(strings.Join([]string{r.Part, r.Row, r.Classifier, r.Selector, r.Settings, r.Scope, r.Metric}, " ")), " ")
			value := ""
			if r.Value != nil {
				value = strconv.FormatFloat(*r.Value, 'g', -1, 64)
			}
			has[i].add(name, value)
		}
	}
	if len(unfinished) > 0 {
		return out, 0, unfinished, nil
	}
	more, shared := compare("result", has)
	return append(out, more...), shared, nil, nil
}

// entries are values by name, in order; a name that comes again is numbered.
type entries struct {
	names []string
	text  map[string]string
}

func (e *entries) add(name, text string) {
	if e.text == nil {
		e.text = map[string]string{}
	}
	key := name
	for n := 2; ; n++ {
		if _, there := e.text[key]; !there {
			break
		}
		key = fmt.Sprintf("%s (%d)", name, n)
	}
	e.names, e.text[key] = append(e.names, key), text
}

// compare lists what differs, in the order of the first, then what only the second has.
func compare(kind string, has [2]entries) (out []Difference, shared int) {
	a, b := has[0], has[1]
	for _, name := range a.names {
		other, both := b.text[name]
		if both && other == a.text[name] {
			shared++
			continue
		}
		out = append(out, Difference{kind, name, a.text[name], other})
	}
	for _, name := range b.names {
		if _, both := a.text[name]; !both {
			out = append(out, Difference{kind, name, "", b.text[name]})
		}
	}
	return out, shared
}
