package spec

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/venn-adapt/venn/internal/registry"
	"github.com/venn-adapt/venn/models"
)

// missing finds paths that methods do not have, a line a path.
func (s *search) missing(methods []variant) (faults Faults) {
	if s == nil {
		return nil
	}
	find := func(d dimension, where string, of []variant) {
		var lack, known []string
		have := 0
		option, ofModel := strings.CutPrefix(d.path, "model.")
		for _, v := range of {
			method, err := models.Methods.Get(named(v.root.find("model", "method")))
			switch {
			case err != nil || !ofModel || contains(optionNames(method), option):
				have++
			default:
				lack, known = append(lack, cmp.Or(v.name, method.Name)), append(known, optionNames(method)...)
			}
		}
		if len(lack) == 0 {
			return
		}
		if n := len(lack); n > 4 {
			lack = append(lack[:3], fmt.Sprintf("%d more", n-3))
		}
		problem := "no option of " + strings.Join(lack, ", ")
		if have > 0 {
			problem += "; methods without it have a search of their own, or {} for none, below search.methods"
		} else {
			slices.Sort(known)
			problem += registry.DidYouMean(option, slices.Compact(known))
		}
		faults = append(faults, Fault{At: d.at, Path: where + "." + d.path, Problem: problem})
	}
	shared := slices.DeleteFunc(slices.Clone(methods), func(v variant) bool { _, own := s.methods[v.name]; return own })
	for _, d := range s.shared {
		find(d, "search.over", shared)
	}
	for _, v := range methods {
		for _, d := range s.methods[v.name] {
			find(d, "search.methods."+v.name, []variant{v})
		}
	}
	s.lacks = len(faults) > 0
	return faults
}

// check finds before the trials what would be wrong in many of them: an override that would be
// lost, an end of a range that the path does not take, fewer different trials than are asked for.
func (s *search) check(root *node, over []dimension, top Position) (faults Faults) {
	for _, d := range over {
		keys := strings.Split(d.path, ".")
		if base := root.find(keys...); base != nil && base.at.Line == 0 {
			faults = append(faults, Fault{At: base.at, Path: d.path, Problem: "the search varies this key; want an override of search.over." + d.path})
		}
		for _, end := range d.span.ends() {
			_, fs := resolve(forOracle(root.with(end.moved(d.at), keys...)), top)
			for _, f := range fs {
				if f.Path == d.path || strings.HasPrefix(f.Path, d.path+"[") {
					faults = append(faults, f)
				}
			}
		}
	}
	all := 1.0
	for _, d := range over {
		all *= d.span.different()
	}
	if len(over) > 0 && float64(s.trials) > all {
		faults = append(faults, Fault{At: s.trialsAt, Path: "search.trials", Problem: fmt.Sprintf("%d, but there are %.0f different ones; want at most as many, or a grid", s.trials, all)})
	}
	return faults
}

func optionNames(m models.Method) (names []string) {
	for _, o := range m.AllOptions() {
		names = append(names, o.Name)
	}
	return names
}
