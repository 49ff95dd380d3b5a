package spec

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A Position says where a value of a spec was written. Line and Column count from
// one and are zero for what is not a line of a file: an override, an environment
// variable, a default.
type Position struct {
	Source       string // file name, or `override "model.separate=4"`, or `$VENN_...`
	Line, Column int
}

// String is "file:line:column", or the source alone.
func (p Position) String() string {
	if p.Line == 0 {
		return p.Source
	}
	return fmt.Sprintf("%s:%d:%d", p.Source, p.Line, p.Column)
}

// A Fault is one thing wrong with a spec.
type Fault struct {
	At      Position
	Path    string // dotted path of the key; empty for the whole file
	Problem string // what was found and what was wanted
	instead string // path of the key that a misspelt one was meant to be
}

// Error is one line: position, path, problem.
func (f Fault) Error() string {
	if f.Path == "" {
		return f.At.String() + ": " + f.Problem
	}
	return f.At.String() + ": " + f.Path + ": " + f.Problem
}

// Faults are all faults of a spec, in the order of the file.
type Faults []Fault

// Error is one line a fault.
func (fs Faults) Error() string {
	lines := make([]string, len(fs))
	for i, f := range fs {
		lines[i] = f.Error()
	}
	return strings.Join(lines, "\n")
}

// ordered sorts the faults by where they are, files before overrides, and drops
// repetitions: the points of a grid share most of their lines. What is missing or wrong
// below a key for want of its name, which another fault says is misspelt, goes too.
func (fs Faults) ordered() Faults {
	fs = slices.DeleteFunc(slices.Clone(fs), func(f Fault) bool {
		return slices.ContainsFunc(fs, func(other Fault) bool {
			return other.instead != "" && (f.Path == other.instead || strings.HasPrefix(f.Path, other.instead+"."))
		})
	})
	slices.SortStableFunc(fs, func(a, b Fault) int {
		return cmp.Or(
			cmp.Compare(min(1, b.At.Line), min(1, a.At.Line)),
			cmp.Compare(a.At.Source, b.At.Source),
			cmp.Compare(a.At.Line, b.At.Line),
			cmp.Compare(a.At.Column, b.At.Column),
			cmp.Compare(a.Path, b.Path),
			cmp.Compare(a.Problem, b.Problem))
	})
	return slices.Compact(fs)
}
