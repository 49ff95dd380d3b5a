// Package features makes tasks of adaptation out of files of ready features: two domains
// with as many columns, prepared and drawn as a spec says, the labels of the target sealed.
package features

import (
	"fmt"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/domains/features"
	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/internal/zscore"
)

// A Task is a source with labels and a target whose labels are sealed, in two
// parts: the rows that adaptation sees and those that it does not.
type Task struct {
	Source  adapt.Labelled
	Target  [2]*mat.Dense // train, test (nil: none)
	Truth   [2]domains.Truth
	Samples [2][]int // where the target's rows stand in its split or file; nil: all, in order
	Name    string   // of the target
	Classes []string
}

// Load reads both domains, has what was read locked, prepares the rows and draws what the
// spec says. It fails on files that cannot be read, that are not those of an earlier lock,
// and on domains of different widths.
func Load(f *spec.FeaturesSpec, dataDir string, seed uint64, lock func(runs.DataLock) error) (*Task, error) {
	var sets [2]*features.Set
	for i, at := range []int{f.Source, f.Target} {
		d := f.Domains[at]
		var err error
		if sets[i], err = features.Load(dataDir, features.File{Path: d.Path, Features: d.Features, Labels: d.Labels}); err != nil {
			return nil, fmt.Errorf("experiments: domain %s: %w", d.Name, err)
		}
	}
	if err := lock(runs.DataLock{A: featureLock(f, f.Source, sets[0]), B: featureLock(f, f.Target, sets[1])}); err != nil {
		return nil, err
	}
	_, d := sets[0].X.Dims()
	if _, e := sets[1].X.Dims(); d != e {
		return nil, fmt.Errorf("experiments: domain %s has %d features, domain %s has %d, want as many (of LIBSVM's text, which leaves zeros out, `features: %d` gives the number of columns)", f.Domains[f.Source].Name, d, f.Domains[f.Target].Name, e, max(d, e))
	}
	t := &Task{Classes: unionOf(sets[0].Truth.Classes(), sets[1].Truth.Classes())}
	t.Source = adapt.Labelled{X: prepared(sets[0].X, nil, f.Prepare)[0], Labels: renumbered(sets[0].Truth, t.Classes), Classes: len(t.Classes)}
	if k := f.Domains[f.Source].PerClass; k > 0 {
		rows := drawPerClass(t.Source.Labels, t.Source.Classes, k, seed)
		t.Source = adapt.Labelled{X: rowsOf(t.Source.X, rows), Labels: pick(t.Source.Labels, rows), Classes: t.Source.Classes}
	}
	t.Name = f.Domains[f.Target].Name
	t.split(sets[1], f, seed)
	return t, nil
}

// split parts the target rows and prepares them by what is known of the first part.
func (t *Task) split(set *features.Set, f *spec.FeaturesSpec, seed uint64) {
	labels := renumbered(set.Truth, t.Classes)
	n, _ := set.X.Dims()
	order := stream.Permutation(stream.New(seed, "features/target-test"), n)
	held := int(f.Test * float64(n))
	parts := [2][]int{order[held:], order[:held]}
	var x [2]*mat.Dense
	for i, rows := range parts {
		if len(rows) > 0 {
			slices.Sort(rows)
			x[i], t.Samples[i] = rowsOf(set.X, rows), rows
			t.Truth[i] = domains.NewTruth(pick(labels, rows), t.Classes)
		}
	}
	t.Target = prepared(x[0], x[1], f.Prepare)
}

func featureLock(f *spec.FeaturesSpec, i int, s *features.Set) domains.Lock {
	d := f.Domains[i]
	n, width := s.X.Dims()
	return domains.Lock{Dataset: d.Name, Options: map[string]any{"path": d.Path, "features": d.Features, "labels": d.Labels},
		Files: s.Files, Transform: fmt.Sprintf("%d features; %v", width, f.Prepare),
		Splits: map[string]int{"all": n}, Samples: map[string]string{"all": s.Checksum()}}
}

// prepared applies preparations to the rows of a domain, and to further rows of it by
// what the first ones taught. A column that does not vary becomes 0 under zscore; a row
// of zeros stays one.
func prepared(x, more *mat.Dense, steps []string) [2]*mat.Dense {
	out := [2]*mat.Dense{mat.DenseCopyOf(x)}
	if more != nil {
		out[1] = mat.DenseCopyOf(more)
	}
	for _, step := range steps {
		if step == "zscore" {
			scale := zscore.Learn(out[0])
			for _, m := range out {
				standardise(m, scale)
			}
			continue
		}
		for _, m := range out {
			scaleRows(m, step)
		}
	}
	return out
}

func standardise(m *mat.Dense, s *zscore.Scale) {
	if m == nil {
		return
	}
	n, _ := m.Dims()
	for i := range n {
		row := m.RawRowView(i)
		old := slices.Clone(row)
		clear(row)
		for k, j := range s.Columns {
			row[j] = (old[j] - s.Mean[k]) * s.Inverse[k]
		}
	}
}

func scaleRows(m *mat.Dense, step string) {
	if m == nil {
		return
	}
	n, _ := m.Dims()
	for i := range n {
		row := m.RawRowView(i)
		size := floats.Sum(row)
		if step == "row-length" {
			size = floats.Norm(row, 2)
		}
		if size != 0 {
			for j := range row {
				row[j] /= size // not times the inverse, which rounds otherwise
			}
		}
	}
}

// drawPerClass draws k rows of each class, or all of a class with fewer, ascending.
func drawPerClass(labels []int, classes, k int, seed uint64) []int {
	var rows []int
	for c := range classes {
		var members []int
		for i, label := range labels {
			if label == c {
				members = append(members, i)
			}
		}
		order := stream.Permutation(stream.New(seed, "features/per-class", c), len(members))
		for _, j := range order[:min(k, len(members))] {
			rows = append(rows, members[j])
		}
	}
	slices.Sort(rows)
	return rows
}

func rowsOf(x *mat.Dense, rows []int) *mat.Dense {
	_, d := x.Dims()
	out := mat.NewDense(len(rows), d, nil)
	for k, i := range rows {
		out.SetRow(k, x.RawRowView(i))
	}
	return out
}

// unionOf keeps the first list's order and adds what only the second has.
func unionOf(a, b []string) []string {
	out := slices.Clone(a)
	for _, s := range b {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// renumbered opens labels, as numbers over the union of both domains' classes.
func renumbered(t domains.Truth, classes []string) []int {
	own := t.Classes()
	out := make([]int, len(t.Reveal()))
	for i, l := range t.Reveal() {
		out[i] = slices.Index(classes, own[l])
	}
	return out
}

// pick takes some of the labels.
func pick(labels, rows []int) []int {
	out := make([]int, len(rows))
	for i, r := range rows {
		out[i] = labels[r]
	}
	return out
}
