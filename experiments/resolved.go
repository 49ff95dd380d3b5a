package experiments

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
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
	text, err := yaml.Marshal(root)
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
