package spec

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/registry"
)

// A SearchSpec says which trial of a search a job is and what is to be known of the search, so
// that the job's resolved spec can stand alone. None of it is part of the job's identity: a
// search of more trials goes on where one of fewer ended.
type SearchSpec struct {
	Trial  int      // from 1
	Trials int      // of each method and point of the grid
	By     string   // the validator that chooses among them
	Of     string   // what the trials are of: the job's label without trial and seed
	Over   []string // the paths that they vary
	// First is the step of the first rung of successive halving, 0 where there is none; each of
	// the next is Eta times as far, and one of Eta trials goes on. Rivals are the job IDs of all
	// trials of the search with the job's seed, by number, where there are rungs.
	First, Eta int
	Rivals     []string
}

// trialPath is what the label of a job calls the number of its trial.
const trialPath = "trial"

// A search is the section that a spec gives. The values of trial n of a path are drawn by the
// search's seed, the path and n alone: they are the same however many trials and paths there
// are, for every method, and whoever runs them.
type search struct {
	at       Position
	trials   int
	trialsAt Position
	seed     uint64
	by       *node
	halving  [2]int // the first rung and eta
	shared   []dimension
	methods  map[string][]dimension // in the place of shared
	lacks    bool                   // a method does not have a path
}

// A dimension is a path with what its values are drawn from.
type dimension struct {
	path string
	at   Position
	span span
}

// resolvedSearch are the keys of the section as a trial's own spec has it.
func resolvedSearch() key {
	return key{name: "search", keys: append(settings(
		option.Option{Name: "trial", Kind: option.Int, Min: 1, Max: maxJobs},
		option.Option{Name: "trials", Kind: option.Int, Min: 1, Max: maxJobs},
		option.Option{Name: "of", Kind: option.String},
		option.Option{Name: "over", Kind: option.Names},
		option.Option{Name: "first", Kind: option.Int, Default: 0, Min: 0, Max: 1e8},
		option.Option{Name: "eta", Kind: option.Int, Default: 2, Min: 2, Max: 1000},
		option.Option{Name: "rivals", Kind: option.Names, Default: []string{}},
	), byKey())}
}

func newSearchSpec(v option.Values) *SearchSpec {
	if _, ok := v["search.trial"]; !ok {
		return nil
	}
	return &SearchSpec{Trial: v.Int("search.trial"), Trials: v.Int("search.trials"), By: v.String("search.by"), Of: v.String("search.of"), Over: v.Names("search.over"),
		First: v.Int("search.first"), Eta: v.Int("search.eta"), Rivals: v.Names("search.rivals")}
}

func byKey() key {
	return registered("by", adapt.Validators.Names, func(name string) error { _, err := adapt.Validators.Get(name); return err })
}

// searchOf takes the section search off the tree; nil where there is none, or that of one trial,
// which stays.
func searchOf(root *node, choices []choice) (*node, *search, Faults) {
	f := root.field("search")
	if f == nil || f.value.field("of") != nil {
		return root, nil, nil
	}
	r := searchReader{root: root, grid: choices, decoder: decoder{positions: map[string]Position{}}}
	anything := func(name string) key {
		return key{name: name, check: func(*decoder, string, *node) (any, bool) { return nil, true }}
	}
	if root.field("features") != nil {
		r.fault(f.at, "search", "of a study on features; validators choose settings of its methods, below adapt.methods")
	} else if !f.value.faulty {
		r.walk(f.value, f.at, "search", append(settings(
			option.Option{Name: "trials", Kind: option.Int, Min: 1, Max: maxJobs},
			option.Option{Name: "seed", Kind: option.Int, Default: 0, Min: 0, Max: math.MaxInt32},
			option.Option{Name: "halving.first", Kind: option.Int, Default: 0, Min: 0, Max: 1e8},
			option.Option{Name: "halving.eta", Kind: option.Int, Default: 2, Min: 2, Max: 1000},
		), byKey(), anything("over"), anything("methods")), false)
	}
	if len(r.faults) > 0 || f.value.faulty || r.skipped {
		return root.without("search"), nil, r.faults
	}
	values := option.Values{}
	for _, p := range r.parameters {
		values[p.Path] = p.Value
	}
	s := &search{at: f.at, trials: values.Int("search.trials"), trialsAt: r.positions["search.trials"], seed: uint64(values.Int("search.seed")), by: f.value.find("by"),
		halving: [2]int{values.Int("search.halving.first"), values.Int("search.halving.eta")}, methods: map[string][]dimension{}}
	if over := f.value.field("over"); over != nil {
		s.shared = r.dimensions(over.value, over.at, "search.over")
	}
	r.ofMethods(s, f.value.field("methods"))
	jobs := s.trials * max(1, len(fieldNames(root.find("methods"))))
	for _, c := range choices {
		jobs = min(jobs, maxJobs+1) * len(c.values)
	}
	if jobs > maxJobs {
		r.fault(s.trialsAt, "search.trials", fmt.Sprintf("%d of each method and point of the grid are more than %d jobs", s.trials, maxJobs))
	}
	if len(s.shared) == 0 && len(s.methods) == 0 && len(r.faults) == 0 {
		r.fault(f.at, "search.over", "missing; want a mapping of paths to what their values are drawn from: model.train.learning_rate: log 1e-4..1e-2")
	}
	if len(r.faults) > 0 {
		return root.without("search"), nil, r.faults
	}
	return root.without("search"), s, nil
}

type searchReader struct {
	decoder
	root *node
	grid []choice
}

// ofMethods reads the searches of methods that have their own.
func (r *searchReader) ofMethods(s *search, f *field) {
	if f == nil {
		return
	}
	listed := r.root.field("methods")
	if listed == nil || f.value.kind != mapNode {
		r.fault(f.at, "search.methods", show(f.value)+", want a mapping of names below methods to what each varies in the place of search.over")
		return
	}
	for _, e := range f.value.fields {
		here := join("search.methods", e.name)
		if listed.value.field(e.name) == nil {
			r.fault(e.at, here, fmt.Sprintf("%q is not below methods%s", e.name, registry.DidYouMean(e.name, fieldNames(listed.value))))
			continue
		}
		s.methods[e.name] = r.dimensions(e.value, e.at, here)
	}
}

func fieldNames(n *node) (names []string) {
	if n == nil {
		return nil
	}
	for _, f := range n.fields {
		names = append(names, f.name)
	}
	return names
}

// dimensions goes down the mappings to what is drawn from. An override of a path replaces
// what the file says.
func (r *searchReader) dimensions(n *node, at Position, where string) (out []dimension) {
	var visit func(n *node, at Position, path string)
	visit = func(n *node, at Position, path string) {
		section, _, _ := strings.Cut(path, ".")
		fault := func(problem string) { r.fault(at, strings.TrimSuffix(where+"."+path, "."), problem) }
		i := slices.IndexFunc(out, func(d dimension) bool { return d.path == path })
		switch {
		case n.faulty: // parsing has said why
		case path != "" && (!contains([]string{"domains", "image", "model"}, section) || path == "model.method"):
			fault("want a path under model, image or domains, and not the method")
		case n.kind == mapNode:
			for _, f := range n.fields {
				visit(f.value, f.at, join(path, f.name))
			}
		case path == "":
			fault(show(n) + ", want a mapping of paths to what their values are drawn from")
		case !dottedPath.MatchString(path):
			fault("want a path of names with dots between them")
		case slices.ContainsFunc(r.grid, func(c choice) bool { return c.path == path }):
			fault("the grid varies this key as well; want one of the two")
		case i >= 0 && n.at.Line > 0:
			fault(fmt.Sprintf("given twice, first at line %d; want it once", out[i].at.Line))
		default:
			s, problem := spanOf(n)
			if problem != "" {
				r.fault(n.at, join(where, path), problem)
				return
			}
			if i >= 0 {
				out[i] = dimension{path, n.at, s}
				return
			}
			out = append(out, dimension{path, n.at, s})
		}
	}
	visit(n, at, "")
	return out
}

// of are the dimensions of what the values of a point name as their method.
func (s *search) of(values []Parameter) []dimension {
	name := ""
	for _, p := range values {
		if p.Path == methodPath {
			name, _ = p.Value.(string)
		}
	}
	if own, ok := s.methods[name]; ok {
		return own
	}
	return s.shared
}
