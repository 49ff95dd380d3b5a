package spec

import (
	"fmt"
	"slices"
	"strings"

	"github.com/venn-adapt/venn/internal/option"
)

// A FeaturesSpec is a study on ready-made features: no network is trained. It stands
// in a spec where domains, image and model stand otherwise.
type FeaturesSpec struct {
	Domains []FeatureDomain // in the spec's order
	Source  int             // of Domains, with labels
	Target  int             // without
	Prepare []string        // of Preparations, in order
	// Benchmark names the published figures that a comparison reads; empty: none.
	Benchmark string
	// Test is the share of target rows, drawn with the seed, that adaptation does not
	// see; inductive methods are scored on them too. 0: none.
	Test float64
}

// A FeatureDomain is a file of features.
type FeatureDomain struct {
	Name             string
	Path             string // below the data folder
	Features, Labels string // names of arrays; empty: the usual ones
	// PerClass labelled rows of each class, drawn with the seed, make the source; 0:
	// all rows.
	PerClass int
}

// Task is "A->B".
func (f *FeaturesSpec) Task() string {
	return f.Domains[f.Source].Name + TaskArrow + f.Domains[f.Target].Name
}

const TaskArrow = "->"

// Preparations of features that a spec may list.
var Preparations = []string{"row-sum", "row-length", "zscore"}

// featuresSchema is the table of keys of a study on features.
func featuresSchema(root *node) []key {
	return []key{
		{name: "name", required: true, expected: "a name of letters, digits, dots, dashes and underscores", check: checkName},
		text("title"), text("question"), text("source"), text("expected"),
		{name: "seeds", initial: []uint64{0}, expected: "a list of integers from 0", check: checkSeeds},
		featuresKey(root),
		{name: "adapt", keys: append([]key{methodsKey(root)}, validatorsKeys()...)},
		{name: "report", keys: []key{
			names("formats", "format", Formats, 0, func() []string { return Formats }),
		}},
	}
}

func featuresKey(root *node) key {
	files := key{name: "domains", required: true, expected: "a mapping of names to files"}
	var known []string
	if section := root.find("features", "domains"); section != nil {
		for _, f := range section.fields {
			if !methodName.MatchString(f.name) {
				continue
			}
			known = append(known, f.name)
			files.keys = append(files.keys, key{name: f.name, keys: settings(
				option.Option{Name: "path", Kind: option.String, Doc: "file below the data folder"},
				option.Option{Name: "features", Kind: option.String, Default: ""},
				option.Option{Name: "labels", Kind: option.String, Default: ""},
				option.Option{Name: "per_class", Kind: option.Int, Default: 0, Min: 0, Max: 1e6},
			)})
		}
	}
	task := key{name: "task", required: true, expected: "a source and a target, as in A" + TaskArrow + "B",
		check: func(d *decoder, path string, n *node) (any, bool) {
			s, _ := n.scalar.(string)
			from, to, ok := strings.Cut(s, TaskArrow)
			if !ok || from == to || !contains(known, from) || !contains(known, to) {
				d.fault(n.at, path, fmt.Sprintf("%s, want two different domains of %s, as in A%sB", show(n), strings.Join(known, ", "), TaskArrow))
				return nil, false
			}
			return s, true
		}}
	return key{name: "features", required: true, expected: "a mapping with domains and a task", keys: append([]key{files, task,
		names("prepare", "preparation", []string{"zscore"}, 0, func() []string { return Preparations })},
		settings(option.Option{Name: "benchmark", Kind: option.String, Default: ""},
			option.Option{Name: "test", Kind: option.Float, Default: 0.0, Min: 0, Max: 0.9})...)}
}

// newFeaturesSpec reads resolved parameters of a study on features.
func newFeaturesSpec(v option.Values, parameters []Parameter) *Spec {
	f := &FeaturesSpec{Prepare: v["features.prepare"].([]string), Test: v.Float("features.test"), Benchmark: v.String("features.benchmark")}
	for _, p := range parameters {
		name, ok := strings.CutPrefix(p.Path, "features.domains.")
		if name, isPath := strings.CutSuffix(name, ".path"); ok && isPath {
			at := "features.domains." + name
			f.Domains = append(f.Domains, FeatureDomain{name, v.String(at + ".path"), v.String(at + ".features"), v.String(at + ".labels"), v.Int(at + ".per_class")})
		}
	}
	from, to, _ := strings.Cut(v.String("features.task"), TaskArrow)
	find := func(name string) int {
		return slices.IndexFunc(f.Domains, func(d FeatureDomain) bool { return d.Name == name })
	}
	f.Source, f.Target = find(from), find(to)
	return &Spec{
		Name: v.String("name"), Title: v.String("title"), Question: v.String("question"),
		Source: v.String("source"), Expected: v.String("expected"),
		Seeds: v["seeds"].([]uint64), Features: f,
		Adapt:      AdaptSpec{Methods: methodsOf(parameters), Validators: v["adapt.validators"].([]string)},
		Report:     ReportSpec{Formats: v["report.formats"].([]string)},
		Parameters: parameters,
	}
}

// Protocol says how the task was made, as published figures say it.
func (f *FeaturesSpec) Protocol() map[string]string {
	split := "full source"
	if k := f.Domains[f.Source].PerClass; k > 0 {
		split = fmt.Sprintf("%d source rows a class", k)
	}
	return map[string]string{"split": split, "prepare": fmt.Sprint(f.Prepare), "benchmark": f.Benchmark}
}
