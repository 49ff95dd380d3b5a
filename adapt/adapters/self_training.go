package adapters

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/rows"
)

// selfTraining adds target rows with predicted labels to the source, the most certain
// share of each predicted class, a larger share each round; all labels are predicted
// anew each round. Equally certain rows come in order.
func selfTraining(t adapt.Task, s option.Values, h adapt.Head) (*adapt.Adapted, error) {
	source := t.Source
	var labels []int
	for round := range s.Int("rounds") {
		c, err := h.Fit(source)
		if err != nil {
			return nil, err
		}
		p, err := c.Probabilities(t.Target)
		if err != nil {
			return nil, err
		}
		labels = adapt.Predict(p)
		share := math.Min(1, s.Float("first")+float64(round)*s.Float("more"))
		source = withPseudo(t, labels, mostCertain(p, labels, t.Source.Classes, share), s.Float("weight"))
	}
	out := &adapt.Adapted{Source: source, Target: t.Target, MapSource: identity, Map: identity}
	if k := len(distinct(labels)); k < 2 {
		out.Warnings = []string{fmt.Sprintf("the target is predicted to hold %d class", k)}
	}
	return out, nil
}

// mostCertain lists the rows of highest probability of each predicted class.
func mostCertain(p *mat.Dense, labels []int, classes int, share float64) []int {
	var out []int
	for c := range classes {
		var members []int
		for i, label := range labels {
			if label == c {
				members = append(members, i)
			}
		}
		slices.SortStableFunc(members, func(a, b int) int {
			switch x, y := p.At(a, c), p.At(b, c); {
			case x > y:
				return -1
			case x < y:
				return 1
			}
			return 0
		})
		out = append(out, members[:int(math.Ceil(share*float64(len(members))))]...)
	}
	slices.Sort(out)
	return out
}

// withPseudo is the source with the given target rows below it.
func withPseudo(t adapt.Task, labels, given []int, weight float64) adapt.Labelled {
	n, _ := t.Source.X.Dims()
	var x mat.Dense
	x.Stack(t.Source.X, rows.Take(t.Target, given))
	out := adapt.Labelled{X: &x, Labels: slices.Clone(t.Source.Labels), Classes: t.Source.Classes, Weights: make([]float64, n, n+len(given))}
	for i := range n {
		out.Weights[i] = 1
		if t.Source.Weights != nil {
			out.Weights[i] = t.Source.Weights[i]
		}
	}
	for _, r := range given {
		out.Labels, out.Weights = append(out.Labels, labels[r]), append(out.Weights, weight)
	}
	return out
}

func distinct(labels []int) map[int]bool {
	out := map[int]bool{}
	for _, c := range labels {
		out[c] = true
	}
	return out
}

func init() {
	adapt.Adapters.Add("self-training", adapt.AdapterInfo{
		Name:     "self-training",
		Doc:      "the classifier's most certain target rows of every class join its training set, round by round",
		Citation: "Zou et al., Unsupervised domain adaptation for semantic segmentation via class-balanced self-training, 2018",
		Options: []option.Option{
			{Name: "rounds", Doc: "of predicting and fitting", Kind: option.Int, Default: 8, Min: 1, Max: 1000},
			{Name: "first", Doc: "share of each predicted class that the first round adds", Kind: option.Float, Default: 0.2, Min: 0, Max: 1},
			{Name: "more", Doc: "what each further round adds to the share", Kind: option.Float, Default: 0.1, Min: 0, Max: 1},
			{Name: "weight", Doc: "of an added row beside a source row", Kind: option.Float, Default: 1.0, Min: 1e-6, Max: 1e6}},
		Grid:  []option.Values{{"weight": 0.5}, {"weight": 1.0}, {"weight": 2.0}},
		Adapt: selfTraining,
	})
}
