package house

import (
	"path"
	"slices"
	"strings"
	"testing"
)

// rooms lists, for the folders that are divided into rooms, which folder of the same house
// a room imports; the code of one that is not named here imports none of them.
var rooms = map[string][]string{
	"adapt":             {},
	"adapt/classifiers": {"adapt"},
	"adapt/adapters":    {"adapt", "adapt/classifiers"}, // EasyTL is the nearest class mean
	"adapt/validators":  {"adapt"},
	"adapt/adapttest":   {"adapt", "adapt/adapters", "adapt/classifiers"},

	"domains":             {},
	"domains/drawn":       {"domains"},
	"domains/digits":      {"domains"},
	"domains/attributes":  {"domains"},
	"domains/folder":      {"domains"},
	"domains/shapes":      {"domains"},
	"domains/features":    {"domains"},
	"domains/domainstest": {},

	// The spec knows none, the runs know what was asked for, evaluations know both; only the
	// folder itself, which does jobs, knows all.
	"experiments":                  {"experiments/spec", "experiments/runs", "experiments/features", "experiments/evaluate", "experiments/search"},
	"experiments/search":           {},
	"experiments/spec":             {},
	"experiments/toy":              {},
	"experiments/runs":             {"experiments/spec"},
	"experiments/index":            {"experiments/spec", "experiments/runs"},
	"experiments/features":         {"experiments/spec", "experiments/runs"},
	"experiments/evaluate/factors": {},
	"experiments/evaluate":         {"experiments/spec", "experiments/runs", "experiments/features", "experiments/evaluate/factors"},
	"experiments/launch":           {"experiments/spec", "experiments/runs"},

	"reports":             {},
	"reports/tables":      {"reports"},
	"reports/figures":     {"reports"},
	"reports/render":      {"reports"},
	"reports/published":   {"reports", "reports/render"},
	"reports/tidy":        {"reports"},
	"reports/pages":       {"reports", "reports/tables", "reports/figures", "reports/render", "reports/tidy"},
	"reports/references":  {"reports", "reports/render"},
	"reports/reportstest": {"reports"},
}

// TestRooms holds rooms to their directions. Tests may look into any room.
func TestRooms(t *testing.T) {
	for _, f := range sources(t) {
		room := path.Dir(f.path)
		house, _, _ := strings.Cut(room, "/")
		allowed, listed := rooms[room]
		if _, divided := rooms[house]; divided && !listed {
			t.Errorf("%s: the room %s is not in the list of rooms", f.path, room)
		}
		if !listed || strings.HasSuffix(f.path, "_test.go") {
			continue
		}
		for _, spec := range f.ast.Imports {
			below, ours := strings.CutPrefix(strings.Trim(spec.Path.Value, `"`), module+"/")
			if ours && (below == house || strings.HasPrefix(below, house+"/")) && !slices.Contains(allowed, below) {
				t.Errorf("%s imports %s: %s may import %q of its house", f.path, below, room, allowed)
			}
		}
	}
}
