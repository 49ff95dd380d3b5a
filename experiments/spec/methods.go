package spec

import (
	"maps"
	"regexp"
	"strings"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/option"
)

// A MethodSpec is an adaptation method that a spec names under adapt.methods: an
// adapter with its options and, unless it classifies by itself, a classifier with
// its own.
type MethodSpec struct {
	Name       string
	Adapter    string
	Settings   option.Values
	Classifier string // empty: the adapter's own
	Head       option.Values
}

// DefaultHead is the classifier of a method that names none.
const DefaultHead = "knn"

var methodName = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// methodsKey describes the section adapt.methods: a mapping of names, given by the
// spec, to adapters with their options.
func methodsKey(root *node) key {
	k := key{name: "methods"}
	section := root.find("adapt", "methods")
	if section == nil {
		return k
	}
	for _, f := range section.fields {
		if methodName.MatchString(f.name) {
			k.keys = append(k.keys, methodKey(f))
		}
	}
	return k
}

func methodKey(f field) key {
	adapters := func(name string) error { _, err := adapt.Adapters.Get(name); return err }
	classifiers := func(name string) error { _, err := adapt.Classifiers.Get(name); return err }
	k := key{name: f.name, open: true, keys: []key{registered("adapter", adapt.Adapters.Names, adapters)}}
	info, err := adapt.Adapters.Get(named(f.value.find("adapter")))
	if err != nil {
		return k
	}
	k.open = false
	if !info.Own {
		name := DefaultHead
		if given := named(f.value.find("classifier")); given != "" {
			name = given
		}
		choice := registered("classifier", adapt.Classifiers.Names, classifiers)
		choice.required, choice.initial = false, DefaultHead
		head := key{name: "head", open: true}
		if c, err := adapt.Classifiers.Get(name); err == nil {
			head.keys, head.open = settings(c.Options...), false
		}
		k.keys = append(k.keys, choice, head)
	}
	k.keys = append(k.keys, settings(info.Options...)...)
	return k
}

// methodsOf reads the methods out of resolved parameters, in the spec's order.
func methodsOf(parameters []Parameter) []MethodSpec {
	var out []MethodSpec
	for _, p := range parameters {
		rest, ok := strings.CutPrefix(p.Path, "adapt.methods.")
		if !ok {
			continue
		}
		name, option, _ := strings.Cut(rest, ".")
		if len(out) == 0 || out[len(out)-1].Name != name {
			out = append(out, newMethodSpec(name))
		}
		out[len(out)-1].set(option, p.Value)
	}
	return out
}

func newMethodSpec(name string) MethodSpec {
	return MethodSpec{Name: name, Settings: option.Values{}, Head: option.Values{}}
}

func (m *MethodSpec) set(name string, value any) {
	switch head, ok := strings.CutPrefix(name, "head."); {
	case ok:
		m.Head[head] = value
	case name == "adapter":
		m.Adapter = value.(string)
	case name == "classifier":
		m.Classifier = value.(string)
	default:
		m.Settings[name] = value
	}
}

// Resolve resolves the names.
func (m MethodSpec) Resolve() (adapt.Method, error) {
	info, err := adapt.Adapters.Get(m.Adapter)
	if err != nil {
		return adapt.Method{}, err
	}
	out := adapt.Method{Adapter: info, Settings: maps.Clone(m.Settings)}
	if m.Classifier != "" {
		if out.Head.Info, err = adapt.Classifiers.Get(m.Classifier); err != nil {
			return adapt.Method{}, err
		}
		out.Head.Settings = m.Head
	}
	return out, nil
}
