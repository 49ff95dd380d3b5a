// Package registry holds the typed tables of things that can be added to Venn:
// datasets, methods, classifiers, metrics, figures. One table a kind, filled by
// package initialisation, read-only afterwards.
package registry

import (
	"fmt"
	"runtime"
	"slices"
	"sort"

	"github.com/agnivade/levenshtein"
)

// A Registry maps names to descriptors of one kind.
type Registry[T any] struct {
	kind  string
	items map[string]T
	where map[string]string
}

// New makes an empty table; kind ("dataset") is used in errors.
func New[T any](kind string) *Registry[T] {
	return &Registry[T]{kind: kind, items: map[string]T{}, where: map[string]string{}}
}

// Add registers item under name. A name used twice is a mistake of ours and
// stops the program, naming both files.
func (r *Registry[T]) Add(name string, item T) {
	_, file, line, _ := runtime.Caller(1)
	here := fmt.Sprintf("%s:%d", file, line)
	if prev, ok := r.where[name]; ok {
		panic(fmt.Sprintf("registry: %s %q is registered at %s and again at %s", r.kind, name, prev, here))
	}
	r.items[name], r.where[name] = item, here
}

// Get finds name, or says which names exist and which is nearest.
func (r *Registry[T]) Get(name string) (T, error) {
	if item, ok := r.items[name]; ok {
		return item, nil
	}
	var zero T
	return zero, fmt.Errorf("unknown %s %q%s", r.kind, name, DidYouMean(name, r.Names()))
}

// Names lists the names in alphabetical order.
func (r *Registry[T]) Names() []string {
	names := make([]string, 0, len(r.items))
	for name := range r.items {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// All lists the items in the order of Names.
func (r *Registry[T]) All() []T {
	items := make([]T, 0, len(r.items))
	for _, name := range r.Names() {
		items = append(items, r.items[name])
	}
	return items
}

// Nearest is the candidate that a misspelt name means: the first within the fewest
// edits, at most a third of the length or two.
func Nearest(name string, candidates []string) (string, bool) {
	best, distance := "", len(name)+1
	for _, c := range candidates {
		if d := levenshtein.ComputeDistance(name, c); d < distance {
			best, distance = c, d
		}
	}
	return best, best != "" && distance <= max(2, len(name)/3)
}

// DidYouMean formats a hint for a misspelt name: `; did you mean "mnist"?` where one is
// Nearest, else `; want one of a, b, c`. It is empty when there are no candidates.
func DidYouMean(name string, candidates []string) string {
	if len(candidates) == 0 {
		return ""
	}
	if best, ok := Nearest(name, candidates); ok {
		return fmt.Sprintf("; did you mean %q?", best)
	}
	sorted := slices.Sorted(slices.Values(candidates))
	list := ""
	for i, c := range sorted {
		if i > 0 {
			list += ", "
		}
		list += c
	}
	return "; want one of " + list
}
