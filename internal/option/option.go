// Package option describes the settings of things that a spec can name, with
// types, defaults and bounds, so that the spec checker, `venn list` and the
// documentation all read one table.
package option

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// A Kind is the type of an option's value.
type Kind int

// The kinds and the Go types that hold them.
const (
	Int    Kind = iota // int
	Float              // float64
	Bool               // bool
	String             // string
	Choice             // string, one of Choices
	Floats             // []float64
	Ints               // []int
	Names              // []string
)

// String names the kind as an error message does.
func (k Kind) String() string {
	return [...]string{"an integer", "a number", "true or false", "a string", "a name", "a list of numbers", "a list of integers", "a list of names"}[k]
}

// An Option is one setting. Name may hold dots for a nested mapping
// ("loss.zero"). Min and Max bound Int and Float values and the elements of
// lists, inclusively; both zero means no bounds. Length, when not zero, fixes the
// length of a list.
type Option struct {
	Name     string
	Doc      string // one line: what it is, its unit, what zero does
	Kind     Kind
	Default  any
	Min, Max float64
	Choices  []string
	Length   int
	// Later says that the option came when there were runs without it: at its default a run is
	// as they are, and its identity does not name the option.
	Later bool
}

// Values holds one value per option name, in the Go type of the option's kind.
type Values map[string]any

// Defaults returns the default of every option.
func Defaults(options []Option) Values {
	v := Values{}
	for _, o := range options {
		v[o.Name] = o.Default
	}
	return v
}

// The getters return the value of a described option; asking for an option that
// was not described, or by another kind, is a mistake of ours and panics.

func (v Values) Int(name string) int          { return get[int](v, name) }
func (v Values) Float(name string) float64    { return get[float64](v, name) }
func (v Values) Bool(name string) bool        { return get[bool](v, name) }
func (v Values) String(name string) string    { return get[string](v, name) }
func (v Values) Floats(name string) []float64 { return get[[]float64](v, name) }
func (v Values) Ints(name string) []int       { return get[[]int](v, name) }
func (v Values) Names(name string) []string   { return get[[]string](v, name) }

func get[T any](v Values, name string) T {
	x, ok := v[name].(T)
	if !ok {
		var want T
		panic(fmt.Sprintf("option: %q holds %T, asked for %T", name, v[name], want))
	}
	return x
}

// Check converts a decoded YAML value (bool, string, int, int64, uint64, float64,
// []any) to the option's Go type and checks its bounds. The error says what was
// expected, for example `300, want an integer from 1 to 255`.
func (o Option) Check(value any) (any, error) {
	want := func() error { return fmt.Errorf("%s, want %s", show(value), o.Expected()) }
	switch o.Kind {
	case Bool:
		if b, ok := value.(bool); ok {
			return b, nil
		}
	case String:
		if s, ok := value.(string); ok {
			return s, nil
		}
	case Choice:
		if s, ok := value.(string); ok {
			for _, c := range o.Choices {
				if s == c {
					return s, nil
				}
			}
		}
	case Int, Float:
		if f, whole, ok := number(value); ok && o.within(f) && (o.Kind == Float || whole) {
			if o.Kind == Int {
				return int(f), nil
			}
			return f, nil
		}
	case Floats, Ints:
		return o.checkList(value, want)
	case Names:
		return o.checkNames(value, want)
	}
	return nil, want()
}

// checkNames wants strings, none empty and none twice.
func (o Option) checkNames(value any, want func() error) (any, error) {
	list, ok := value.([]any)
	if !ok || (o.Length > 0 && len(list) != o.Length) {
		return nil, want()
	}
	out := make([]string, 0, len(list))
	for _, e := range list {
		name, ok := e.(string)
		if !ok || name == "" {
			return nil, want()
		}
		if slices.Contains(out, name) {
			return nil, fmt.Errorf("%q twice, want each name once", name)
		}
		out = append(out, name)
	}
	return out, nil
}

func (o Option) checkList(value any, want func() error) (any, error) {
	list, ok := value.([]any)
	if !ok || (o.Length > 0 && len(list) != o.Length) {
		return nil, want()
	}
	fs, is := make([]float64, len(list)), make([]int, len(list))
	for i, e := range list {
		f, whole, ok := number(e)
		if !ok || !o.within(f) || (o.Kind == Ints && !whole) {
			return nil, want()
		}
		fs[i], is[i] = f, int(f)
	}
	if o.Kind == Ints {
		return is, nil
	}
	return fs, nil
}

func (o Option) within(f float64) bool {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return false
	}
	return (o.Min == 0 && o.Max == 0) || (f >= o.Min && f <= o.Max)
}

// Expected says in words what values the option takes.
func (o Option) Expected() string {
	s := o.Kind.String()
	if o.Kind == Choice {
		return "one of " + strings.Join(o.Choices, ", ")
	}
	if o.Length > 0 {
		s += fmt.Sprintf(" of length %d", o.Length)
	}
	if o.Min != 0 || o.Max != 0 {
		s += fmt.Sprintf(" from %g to %g", o.Min, o.Max)
	}
	return s
}

func number(value any) (f float64, whole, ok bool) {
	switch n := value.(type) {
	case int:
		return float64(n), true, true
	case int64:
		return float64(n), true, true
	case uint64:
		return float64(n), true, true
	case float64:
		return n, n == math.Trunc(n) && math.Abs(n) < 1<<53, true
	}
	return 0, false, false
}

func show(value any) string {
	switch v := value.(type) {
	case nil:
		return "nothing"
	case string:
		return fmt.Sprintf("%q", v)
	case []any:
		return fmt.Sprintf("a list of %d", len(v))
	case map[string]any:
		return "a mapping"
	}
	return fmt.Sprint(value)
}
