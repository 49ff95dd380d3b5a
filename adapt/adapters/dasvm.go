package adapters

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/internal/svm"
)

// domainMachines runs DASVM for each class against the others: a linear machine of the
// source trades source rows far from its border for target rows inside its margin,
// round by round, and ends on the target's pseudo-labels alone.
func domainMachines(t adapt.Task, s option.Values, _ adapt.Head) (*adapt.Adapted, error) {
	r := &exchange{source: t.Source, target: t.Target, cost: s.Float("c"), step: s.Int("step"), rounds: s.Int("rounds")}
	sizes := adapt.Counts(t.Source.Labels, t.Source.Classes)
	planes, errs, notes := make([]*svm.Linear, t.Source.Classes), make([]error, t.Source.Classes), make([]string, t.Source.Classes)
	parallel.For(t.Source.Classes, func(c int) {
		if sizes[c] > 0 {
			planes[c], notes[c], errs[c] = r.class(c)
		}
	})
	out := &adapt.Adapted{Source: t.Source, Target: t.Target, MapSource: identity, Map: identity}
	for c := range planes {
		if errs[c] != nil {
			return nil, fmt.Errorf("class %d: %w", c, errs[c])
		}
		if notes[c] != "" {
			out.Warnings = append(out.Warnings, fmt.Sprintf("class %d: %s", c, notes[c]))
		}
	}
	out.Predict = func(x *mat.Dense) (*mat.Dense, error) {
		n, _ := x.Dims()
		f := mat.NewDense(n, len(planes), nil)
		for i := range n {
			for c, p := range planes {
				if p != nil {
					f.Set(i, c, p.Decision(x.RawRowView(i)))
				}
			}
		}
		return softmaxRows(f, sizes), nil
	}
	var err error
	out.Probabilities, err = out.Predict(t.Target)
	return out, err
}

// An exchange holds what the machines of all classes share.
type exchange struct {
	source       adapt.Labelled
	target       *mat.Dense
	cost         float64
	step, rounds int
}

// class runs one class against the others.
func (e *exchange) class(c int) (plane *svm.Linear, note string, err error) {
	n, _ := e.source.X.Dims()
	m, _ := e.target.Dims()
	sign := func(i int) float64 {
		if e.source.Labels[i] == c {
			return 1
		}
		return -1
	}
	source := make([]int, n)
	for i := range source {
		source[i] = i
	}
	given := make([]float64, m) // 0: without a pseudo-label
	f := make([]float64, m)
	for range e.rounds {
		next, err := e.fit(source, given, sign)
		if err != nil {
			return nil, "", err
		}
		if next == nil {
			break // one side is empty: the machine before stays
		}
		plane = next
		for j := range m {
			f[j] = plane.Decision(e.target.RawRowView(j))
			if given[j] == -math.Copysign(1, f[j]) {
				given[j] = 0 // it changed sides
			}
		}
		if !e.admit(f, given) || len(source) == 0 {
			break
		}
		source = e.dismiss(source, plane, sign)
	}
	// The last machine is of the target alone, as the exchange left its labels.
	for j := range m {
		given[j] = math.Copysign(1, f[j])
	}
	last, err := e.fit(nil, given, sign)
	if err != nil {
		return nil, "", err
	}
	if last == nil {
		return plane, "the target is predicted to be all on one side; the machine before stays", nil
	}
	return last, "", nil
}

// fit trains on the given source rows and the target rows with a pseudo-label; nil
// where one side has none.
func (e *exchange) fit(source []int, given []float64, sign func(int) float64) (*svm.Linear, error) {
	_, d := e.target.Dims()
	var y, cost, data []float64
	var sides [2]bool
	add := func(row []float64, s, weight float64) {
		data, y, cost = append(data, row...), append(y, s), append(cost, e.cost*weight)
		sides[int(s+1)/2] = true
	}
	for _, i := range source {
		weight := 1.0
		if e.source.Weights != nil {
			weight = e.source.Weights[i]
		}
		if weight > 0 {
			add(e.source.X.RawRowView(i), sign(i), weight)
		}
	}
	for j, s := range given {
		if s != 0 {
			add(e.target.RawRowView(j), s, 1)
		}
	}
	if !sides[0] || !sides[1] {
		return nil, nil
	}
	return svm.FitLinear(mat.NewDense(len(y), d, data), y, cost)
}

// admit labels, on each side, the rows inside the margin that are nearest to its edge,
// and says whether there was one.
func (e *exchange) admit(f, given []float64) bool {
	any := false
	for _, side := range []float64{1, -1} {
		var inside []int
		for j, v := range f {
			if given[j] == 0 && math.Copysign(1, v) == side && math.Abs(v) < 1 {
				inside = append(inside, j)
			}
		}
		slices.SortStableFunc(inside, func(a, b int) int { return descending(math.Abs(f[a]), math.Abs(f[b])) })
		for _, j := range inside[:min(len(inside), e.step)] {
			given[j], any = side, true
		}
	}
	return any
}

// dismiss drops, on each side, the source rows farthest from the border.
func (e *exchange) dismiss(source []int, plane *svm.Linear, sign func(int) float64) []int {
	gone := map[int]bool{}
	for _, side := range []float64{1, -1} {
		var rows []int
		distance := map[int]float64{}
		for _, i := range source {
			if sign(i) == side {
				rows = append(rows, i)
				distance[i] = math.Abs(plane.Decision(e.source.X.RawRowView(i)))
			}
		}
		slices.SortStableFunc(rows, func(a, b int) int { return descending(distance[a], distance[b]) })
		for _, i := range rows[:min(len(rows), e.step)] {
			gone[i] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(source), func(i int) bool { return gone[i] })
}

func descending(a, b float64) int {
	switch {
	case a > b:
		return -1
	case a < b:
		return 1
	}
	return 0
}

func init() {
	adapt.Adapters.Add("dasvm", adapt.AdapterInfo{
		Name:     "dasvm",
		Doc:      "linear machines that trade source rows for target rows inside their margin, one class against the others",
		Citation: "Bruzzone and Marconcini, Domain adaptation problems: a DASVM classification technique and a circular validation strategy, 2010",
		Options: []option.Option{
			{Name: "c", Doc: "cost of a row's loss beside half the squared length of the weights", Kind: option.Float, Default: 0.01, Min: 1e-6, Max: 1e6},
			{Name: "step", Doc: "rows of each side and domain that a round exchanges at most", Kind: option.Int, Default: 10, Min: 1, Max: 100000},
			{Name: "rounds", Doc: "at most", Kind: option.Int, Default: 200, Min: 1, Max: 100000}},
		Grid:  []option.Values{{"c": 0.001}, {"c": 0.01}, {"c": 0.1}},
		Own:   true,
		Adapt: domainMachines,
	})
}
