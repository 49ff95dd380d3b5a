package adapters

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/adapt/classifiers"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/pairwise"
)

// easyTransfer gives target rows the nearest class mean of the aligned source, and
// each class at least one of them: the optimum of EasyTL's linear program, which is a
// transportation problem and so has a whole solution.
func easyTransfer(t adapt.Task, s option.Values, _ adapt.Head) (*adapt.Adapted, error) {
	out := &adapt.Adapted{Source: t.Source, Target: t.Target, MapSource: identity, Map: identity}
	if s.String("align") == "coral" {
		apply, err := coralMap(t, s.Float("lambda"))
		if err != nil {
			return nil, err
		}
		out.Source = t.Source.Moved(apply(t.Source.X))
		out.MapSource = func(x *mat.Dense) (*mat.Dense, error) { return apply(x), nil }
	}
	means := classifiers.NewCentroid("none")
	if err := means.Fit(out.Source); err != nil {
		return nil, err
	}
	p, err := means.Probabilities(t.Target)
	if err != nil {
		return nil, err
	}
	m, _ := t.Target.Dims()
	if k := len(means.Present()); m < k {
		return nil, fmt.Errorf("%d target rows for %d classes, of which each must get one", m, k)
	}
	cost := pairwise.Between(t.Target, means.Means)
	cost.Apply(func(_, _ int, v float64) float64 { return math.Sqrt(v) }, cost)
	given := nearestMeans(adapt.Predict(p), means.Present())
	for i, k := range given.feed(cost) {
		row := p.RawRowView(i)
		clear(row)
		row[means.Present()[k]] = 1
	}
	out.Probabilities, out.Predict = p, means.Probabilities
	return out, nil
}

// A assignment says which class, numbered over those present, each row has.
type assignment struct {
	of      []int
	classes int
}

func nearestMeans(predicted, present []int) assignment {
	number := map[int]int{}
	for k, c := range present {
		number[c] = k
	}
	a := assignment{make([]int, len(predicted)), len(present)}
	for i, c := range predicted {
		a.of[i] = number[c]
	}
	return a
}

// feed moves rows, at the least additional cost, until every class has one, and returns
// the new classes of the rows it moved. Each starving class is reached by a shortest
// path over classes: an edge from one to another is the cheapest row to hand over.
func (a assignment) feed(cost *mat.Dense) map[int]int {
	before := append([]int(nil), a.of...)
	moved := map[int]int{}
	sizes := adapt.Counts(a.of, a.classes)
	for c := range a.classes {
		if sizes[c] > 0 {
			continue
		}
		from, row, start := a.cheapest(cost, sizes, c)
		for k := c; k != start; k = from[k] {
			a.of[row[k]] = k
		}
		sizes[start]--
		sizes[c]++
	}
	for i, k := range a.of {
		if k != before[i] {
			moved[i] = k
		}
	}
	return moved
}

// cheapest finds the path that feeds class c from a class with rows to spare, by
// Bellman and Ford: moves may be cheaper than nothing, but no cycle is.
func (a assignment) cheapest(cost *mat.Dense, sizes []int, c int) (from, row []int, start int) {
	k := a.classes
	distance, from, row := make([]float64, k), make([]int, k), make([]int, k)
	for i := range distance {
		distance[i] = math.Inf(1)
		if sizes[i] > 1 {
			distance[i] = 0
		}
	}
	for range k {
		for i, own := range a.of {
			for to := range k {
				if d := distance[own] + cost.At(i, to) - cost.At(i, own); to != own && d < distance[to]-1e-12 {
					distance[to], from[to], row[to] = d, own, i
				}
			}
		}
	}
	// The start is where the path ends when it is walked back.
	start = c
	for seen := 0; seen < k && !(sizes[start] > 1 && distance[start] == 0); seen++ {
		start = from[start]
	}
	return from, row, start
}

func init() {
	adapt.Adapters.Add("easytl", adapt.AdapterInfo{
		Name:     "easytl",
		Doc:      "nearest class mean after CORAL (or none), every class getting at least one target row",
		Citation: "Wang et al., Easy transfer learning by exploiting intra-domain structures, 2019",
		Options: []option.Option{
			{Name: "align", Doc: "what comes before", Kind: option.Choice, Default: "coral", Choices: []string{"coral", "none"}}, coralLambda()},
		Grid:  []option.Values{{"align": "none"}, {"align": "coral"}},
		Own:   true,
		Adapt: easyTransfer,
	})
}
