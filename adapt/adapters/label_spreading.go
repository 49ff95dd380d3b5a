package adapters

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/pairwise"
)

// spreading lets source labels spread over a graph of all rows: F = (I - alpha S)^-1 Y,
// S = D^(-1/2) W D^(-1/2) of the symmetric nearest-neighbour graph with weights
// exp(-gamma |x-y|^2), by conjugate gradients. A target row that no label reaches has
// equal probabilities.
func spreading(t adapt.Task, s option.Values, _ adapt.Head) (*adapt.Adapted, error) {
	x := t.Stacked()
	total, _ := x.Dims()
	n, _ := t.Source.X.Dims()
	graph := affinity(x, s.Int("neighbours"), s.Float("gamma"))
	scores := mat.NewDense(total, t.Source.Classes, nil)
	for c := range t.Source.Classes {
		b := make([]float64, total)
		for i, label := range t.Source.Labels {
			if label == c {
				b[i] = 1
			}
		}
		f, err := conjugateGradients(graph, s.Float("alpha"), b)
		if err != nil {
			return nil, err
		}
		scores.SetCol(c, f)
	}
	out := &adapt.Adapted{Source: t.Source, Target: t.Target}
	m := total - n
	out.Probabilities = mat.NewDense(m, t.Source.Classes, nil)
	present := adapt.Counts(t.Source.Labels, t.Source.Classes)
	if s.String("mass") == "source" {
		sourceMass(scores, n, present)
	}
	unreached := 0
	for i := range m {
		row := out.Probabilities.RawRowView(i)
		for c, v := range scores.RawRowView(n + i) {
			row[c] = math.Max(0, v)
		}
		if sum := floats.Sum(row); sum > unreachedMass {
			floats.Scale(1/sum, row)
			continue
		}
		unreached++
		for c, k := range present {
			if k > 0 {
				row[c] = 1
			}
		}
		floats.Scale(1/floats.Sum(row), row)
	}
	if unreached > 0 {
		out.Warnings = []string{fmt.Sprintf("%d of %d target rows are in a part of the graph without labels", unreached, m)}
	}
	return out, nil
}

// sourceMass scales each class so that the target rows' scores add up to its share of
// the source (Zhu, Ghahramani and Lafferty, 2003): a class of well-connected rows would
// take most of the target otherwise.
func sourceMass(scores *mat.Dense, n int, present []int) {
	total, classes := scores.Dims()
	for c := range classes {
		var sum float64
		for i := n; i < total; i++ {
			sum += math.Max(0, scores.At(i, c))
		}
		if sum <= unreachedMass {
			continue
		}
		for i := n; i < total; i++ {
			scores.Set(i, c, scores.At(i, c)*float64(present[c])/sum)
		}
	}
}

// unreachedMass is what rounding leaves where no label comes.
const unreachedMass = 1e-12

// affinity is the normalised symmetric graph, a list of neighbours a row.
func affinity(x *mat.Dense, k int, gamma float64) [][]pairwise.Edge {
	n, _ := x.Dims()
	lists := pairwise.Nearest(x, x, min(n, k+1))
	if gamma == 0 { // 1/(2 s^2) with s the median distance of neighbours
		var squares []float64
		for i, list := range lists {
			for _, nb := range list {
				if nb.Row != i {
					squares = append(squares, nb.Squared)
				}
			}
		}
		if median := medianOf(squares); median > 0 {
			gamma = 1 / (2 * median)
		} else {
			gamma = 1
		}
	}
	return pairwise.Graph(lists, k, func(squared float64) float64 { return math.Exp(-gamma * squared) })
}

func medianOf(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// conjugateGradients solves (I - alpha S) f = b; the matrix is positive definite, since
// S has eigenvalues of at most 1.
func conjugateGradients(s [][]pairwise.Edge, alpha float64, b []float64) ([]float64, error) {
	const tolerance, most = 1e-10, 10000
	f, r := make([]float64, len(b)), slices.Clone(b)
	p, ap := slices.Clone(b), make([]float64, len(b))
	square := floats.Dot(r, r)
	goal := tolerance * tolerance * square
	for range most {
		if square <= goal {
			return f, nil
		}
		for i, row := range s {
			ap[i] = p[i]
			for _, e := range row {
				ap[i] -= alpha * e.Weight * p[e.Column]
			}
		}
		step := square / floats.Dot(p, ap)
		floats.AddScaled(f, step, p)
		floats.AddScaled(r, -step, ap)
		next := floats.Dot(r, r)
		floats.Scale(next/square, p)
		floats.Add(p, r)
		square = next
	}
	return nil, fmt.Errorf("%d conjugate gradients did not solve for %d rows at alpha %g: lower alpha", most, len(b), alpha)
}

func init() {
	adapt.Adapters.Add("label-spreading", adapt.AdapterInfo{
		Name:     "label-spreading",
		Doc:      "source labels spread over the nearest-neighbour graph of both domains",
		Citation: "Zhou et al., Learning with local and global consistency, 2004",
		Options: []option.Option{
			{Name: "alpha", Doc: "share of its neighbours in a row's label", Kind: option.Float, Default: 0.99, Min: 0, Max: 0.9999},
			{Name: "neighbours", Doc: "of a row in the graph", Kind: option.Int, Default: 10, Min: 1, Max: 1000},
			{Name: "mass", Doc: "source: scale classes to their shares of the source; none: as they come", Kind: option.Choice, Default: "source", Choices: []string{"source", "none"}},
			{Name: "gamma", Doc: "of the weights exp(-gamma |x-y|^2); 0: 1/(2 s^2) with s^2 the median squared distance of neighbours", Kind: option.Float, Default: 0.0, Min: 0, Max: 1e9}},
		Grid:         []option.Values{{"neighbours": 5}, {"neighbours": 10}, {"neighbours": 20}},
		Own:          true,
		Transductive: true,
		Adapt:        spreading,
	})
}
