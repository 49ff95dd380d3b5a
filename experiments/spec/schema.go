package spec

import (
	"slices"
	"strings"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/registry"
	"github.com/venn-adapt/venn/metrics"
	"github.com/venn-adapt/venn/models"

	"github.com/venn-adapt/venn/adapt"
)

// A key is one key of the spec: a mapping of further keys, or a leaf with the
// check of its value.
type key struct {
	name     string
	required bool
	initial  any // of a leaf that is not required
	expected string
	check    func(d *decoder, path string, n *node) (any, bool) // nil: a mapping
	keys     []key
	// open leaves keys that are not listed unchecked: what they should be is not
	// known, because the name that decides it is wrong.
	open bool
}

// schema is the spec's table of keys. The sections domains.a, domains.b and model
// hold the options of the dataset and the method that the tree names; a tree with
// a section features is of a study without them.
func schema(root *node) []key {
	if root.find("features") != nil || root.misspelt("features") {
		return featuresSchema(root)
	}
	keys := []key{
		{name: "name", required: true, expected: "a name of letters, digits, dots, dashes and underscores", check: checkName},
		text("title"), text("question"), text("source"), text("expected"),
		{name: "seeds", initial: []uint64{0}, expected: "a list of integers from 0", check: checkSeeds},
		{name: "domains", required: true, expected: "a mapping of a and b", keys: []key{domainKey(root, "a"), domainKey(root, "b")}},
		{name: "image", keys: settings(
			option.Option{Name: "size", Kind: option.Int, Default: 32, Min: 8, Max: 512},
			option.Option{Name: "channels", Kind: option.Int, Default: 3, Min: 1, Max: 3},
			option.Option{Name: "augment.crop", Kind: option.Int, Default: 0, Min: 0, Max: 64},
			option.Option{Name: "augment.shift", Kind: option.Float, Default: 0.0, Min: 0, Max: 64},
			option.Option{Name: "augment.rotate", Kind: option.Float, Default: 0.0, Min: 0, Max: 180},
			option.Option{Name: "augment.affine", Kind: option.Float, Default: 0.0, Min: 0, Max: 1},
			option.Option{Name: "augment.noise", Kind: option.Float, Default: 0.0, Min: 0, Max: 1},
		)},
		modelKey(root),
		{name: "adapt", keys: append([]key{
			names("classifiers", "classifier", DefaultClassifiers, 1, adapt.Classifiers.Names),
			names("baselines", "baseline", Baselines, 0, func() []string { return Baselines }),
			methodsKey(root)},
			append(validatorsKeys(), settings(
				option.Option{Name: "validation", Kind: option.Float, Default: 0.1, Min: 0.01, Max: 0.5},
				option.Option{Name: "rows", Kind: option.Int, Default: 2000, Min: 10, Max: 1e6},
				option.Option{Name: "along", Kind: option.Int, Default: 0, Min: 0, Max: 1e8},
			)...)...)},
		{name: "metrics", keys: []key{
			testsKey("independence", metrics.Independence, DefaultIndependence),
			testsKey("discrepancy", metrics.Discrepancy, DefaultDiscrepancy),
		}},
		{name: "translate", keys: append(settings(
			option.Option{Name: "pairs", Kind: option.Int, Default: 256, Min: 0, Max: 1e6},
			option.Option{Name: "grid", Kind: option.Int, Default: 6, Min: 1, Max: 32},
			option.Option{Name: "steps", Kind: option.Int, Default: 7, Min: 2, Max: 32},
		), settings(judgeOptions...)...)},
		{name: "report", keys: append(settings(option.Option{Name: "watch", Kind: option.Int, Default: 0, Min: 0, Max: 1e8}),
			names("formats", "format", Formats, 0, func() []string { return Formats }))},
	}
	if root.field("search") != nil { // of one trial, that says of what; that of many is off the tree
		keys = append(keys, resolvedSearch())
	}
	return keys
}

// sections are the names that a spec of either kind may have.
var sections = []string{"name", "title", "question", "source", "expected", "seeds", "domains", "image", "model", "methods", "features", "adapt", "metrics", "translate", "report", "grid", "search"}

// misspelt says whether the tree lacks a section and has a key that is nearest to it.
func (n *node) misspelt(section string) bool {
	return n.field(section) == nil && slices.ContainsFunc(n.fields, func(f field) bool {
		meant, ok := registry.Nearest(f.name, sections)
		return ok && meant == section && !contains(sections, f.name)
	})
}

// Names that a spec may list and that no registry holds, and the defaults of
// lists of registered names.
var (
	// Baselines are the rows beside the codes: what a classifier makes of raw
	// pixels, of an untrained network's code, and of target labels.
	Baselines = []string{"source-only", "untrained", "target-oracle"}
	// Formats are the forms in which tables and figures are written.
	Formats = []string{"html", "md", "csv", "tex", "png", "svg", "pdf"}

	DefaultClassifiers  = []string{"logistic", "knn", "lda", "centroid"}
	DefaultIndependence = []string{"hsic", "dcor-u"}
	DefaultDiscrepancy  = []string{"mmd2", "a-distance", "domain-probe"}
)

// domainKey describes one domain: the fixed keys and the dataset's own options.
func domainKey(root *node, side string) key {
	fixed := []key{
		registered("dataset", domains.Datasets.Names, func(name string) error { _, err := domains.Datasets.Get(name); return err }),
		setting(option.Option{Name: "labelled", Kind: option.Bool, Default: side == "a"}),
		setting(option.Option{Name: "limit", Kind: option.Int, Default: 0, Min: 0, Max: 1e9}),
	}
	k := key{name: side, required: true, expected: "a mapping with a dataset", keys: fixed, open: true}
	if dataset, err := domains.Datasets.Get(named(root.find("domains", side, "dataset"))); err == nil {
		k.keys, k.open = append(fixed, settings(dataset.Options...)...), false
	}
	return k
}

// modelKey describes the model: the method and its own options.
func modelKey(root *node) key {
	fixed := []key{registered("method", models.Methods.Names, func(name string) error { _, err := models.Methods.Get(name); return err })}
	k := key{name: "model", required: true, expected: "a mapping with a method", keys: fixed, open: true}
	if method, err := models.Methods.Get(named(root.find("model", "method"))); err == nil {
		k.keys, k.open = append(fixed, settings(method.AllOptions()...)...), false
	}
	return k
}

func named(n *node) string {
	if n == nil {
		return ""
	}
	s, _ := n.scalar.(string)
	return s
}

func testsKey(name string, kind metrics.Kind, defaults []string) key {
	candidates := func() []string {
		var out []string
		for _, d := range metrics.Measures.All() {
			if d.Kind == kind && d.Compute != nil && !d.Labels { // codes hold no labels
				out = append(out, d.Name)
			}
		}
		return out
	}
	return key{name: name, keys: append([]key{names("tests", name+" metric", defaults, 0, candidates)}, settings(
		option.Option{Name: "permutations", Kind: option.Int, Default: 199, Min: 0, Max: 1e6},
		option.Option{Name: "rows", Kind: option.Int, Default: 1000, Min: 10, Max: 1e6},
	)...)}
}

// settings turns options into keys; dotted names nest.
func settings(options ...option.Option) []key {
	var out []key
	for _, o := range options {
		head, rest, nested := strings.Cut(o.Name, ".")
		if !nested {
			out = append(out, setting(o))
			continue
		}
		i := 0
		for i < len(out) && out[i].name != head {
			i++
		}
		if i == len(out) {
			out = append(out, key{name: head})
		}
		o.Name = rest
		out[i].keys = merge(out[i].keys, settings(o))
	}
	return out
}

// merge adds keys to keys, joining mappings of one name.
func merge(keys, more []key) []key {
	for _, m := range more {
		i := 0
		for i < len(keys) && keys[i].name != m.name {
			i++
		}
		if i == len(keys) {
			keys = append(keys, m)
			continue
		}
		keys[i].keys = merge(keys[i].keys, m.keys)
	}
	return keys
}

// validatorsKeys are the keys of adapt that say how settings are chosen.
func validatorsKeys() []key {
	return []key{names("validators", "validator", []string{}, 0, adapt.Validators.Names)}
}
