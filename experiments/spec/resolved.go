package spec

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/venn-adapt/venn/internal/option"
)

// ResolvedYAML writes the job as a spec in which every default is filled in and
// which expands to this job alone.
func (j *Job) ResolvedYAML() ([]byte, error) {
	var root yaml.MapSlice
	for _, p := range j.Spec.Parameters {
		value := p.Value
		if p.Path == "seeds" {
			value = []uint64{j.Seed}
		}
		root = insert(root, strings.Split(p.Path, "."), value)
	}
	text, err := yaml.MarshalWithOptions(root, yaml.CustomMarshaler[string](quoted))
	if err != nil {
		return nil, fmt.Errorf("experiments: job %s: %w", j.ID, err)
	}
	return text, nil
}

// insert adds value at path, keeping the order in which keys first appear.
func insert(m yaml.MapSlice, path []string, value any) yaml.MapSlice {
	i := 0
	for i < len(m) && m[i].Key != path[0] {
		i++
	}
	if i == len(m) {
		m = append(m, yaml.MapItem{Key: path[0]})
	}
	if len(path) == 1 {
		m[i].Value = value
		return m
	}
	below, _ := m[i].Value.(yaml.MapSlice)
	m[i].Value = insert(below, path[1:], value)
	return m
}

var plainText = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9._/-]*$`)

// quoted writes words bare and all other text as JSON, which YAML reads as it is:
// block scalars lose line ends at the end of a text.
func quoted(s string) ([]byte, error) {
	if n, faults := parse("", []byte(s)); plainText.MatchString(s) && len(faults) == 0 && n.scalar == s {
		return []byte(s), nil
	}
	return json.Marshal(s)
}

// TrialOf is what a resolved spec says of the search that it is a trial of, with what the trial
// drew; nil where it is of none or no spec, of which nothing is said.
func TrialOf(text []byte) (*SearchSpec, []Parameter) {
	if !bytes.Contains(text, []byte("\nsearch:")) { // most are of none, and need no parsing
		return nil, nil
	}
	root, _ := parse("", text)
	if root.find("search", "of") == nil {
		return nil, nil
	}
	d := &decoder{positions: map[string]Position{}}
	d.walk(root.find("search"), Position{}, "search", resolvedSearch().keys, false)
	if len(d.faults) > 0 || d.skipped {
		return nil, nil
	}
	v := option.Values{}
	for _, p := range d.parameters {
		v[p.Path] = p.Value
	}
	s := newSearchSpec(v)
	var drawn []Parameter
	for _, path := range s.Over {
		if n := root.find(strings.Split(path, ".")...); n != nil {
			drawn = append(drawn, Parameter{Path: path, Value: n.plain()})
		}
	}
	return s, drawn
}

// Iterations is what a resolved spec gives as model.train.iterations; 0 where it gives none
// or is no spec, of which nothing is said.
func Iterations(text []byte) int {
	root, _ := parse("", text)
	if n := root.find("model", "train", "iterations"); n != nil {
		if count, ok := wholeNumber(n.scalar); ok && count <= math.MaxInt32 {
			return int(count)
		}
	}
	return 0
}
