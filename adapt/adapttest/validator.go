package adapttest

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/stream"
)

// ValidatorOptions are allowances; the zero value grants none.
type ValidatorOptions struct {
	// AnyOrder is the reason why a fit on labels in disorder may score as well as one on
	// the true labels; empty: it may not.
	AnyOrder string
}

// Validator checks that a score is a finite number, or an error of one line, that it is
// the same bytes each time whatever the number of threads, that scoring changes nothing of
// the evidence, that it is not blind to what it scores, and that a fit on labels in
// disorder scores lower than one on the true labels.
func Validator(info adapt.ValidatorInfo, o ValidatorOptions) error {
	r := &report{what: "validator " + info.Name}
	r.descriptor(info.Name, info.Doc, nil, nil)
	if info.Score == nil {
		r.addf("no Score")
		return r.err()
	}
	r.guard("scoring", func() { validate(r, info, o) })
	return r.err()
}

func validate(r *report, info adapt.ValidatorInfo, o ValidatorOptions) {
	cases := []struct {
		name string
		e    adapt.Evidence
	}{
		{"a fit", evidence(r, "coral", 1, false)},
		{"a fit on other rows", evidence(r, "coral", 7, false)},
		{"a fit without adaptation", evidence(r, "none", 1, false)},
		{"a fit on labels in disorder", evidence(r, "coral", 1, true)},
	}
	scores := map[string]float64{}
	for _, c := range cases {
		if c.e.Fit == nil {
			return
		}
		held, task, target := clone(c.e.Held), clone(c.e.Task.Source), mat.DenseCopyOf(c.e.Task.Target)
		p := mat.DenseCopyOf(c.e.Fit.Probabilities)
		score, err := info.Score(c.e)
		if err != nil || math.IsNaN(score) || math.IsInf(score, 0) {
			r.addf("%s: score %v (%v), want a finite number", c.name, score, err)
			continue
		}
		scores[c.name] = score
		if !same(held, c.e.Held) || !same(task, c.e.Task.Source) || !mat.Equal(target, c.e.Task.Target) || !mat.Equal(p, c.e.Fit.Probabilities) {
			r.addf("%s: scoring changes the evidence", c.name)
		}
		threads(func(n int) {
			if again, err := info.Score(c.e); err != nil || again != score {
				r.addf("%s: with %d threads, or a second time, the score is %v (%v) after %v", c.name, n, again, err, score)
			}
		})
	}
	if len(scores) < len(cases) {
		return
	}
	first, blind := scores[cases[0].name], true
	for _, s := range scores {
		blind = blind && s == first
	}
	if blind {
		r.addf("every fit scores %v: the score is blind to what it is given", first)
	}
	if worst := scores["a fit on labels in disorder"]; o.AnyOrder == "" && !(worst < first) {
		r.addf("a fit on labels in disorder scores %v, one on the true labels %v: want higher to be better", worst, first)
	}
}

// evidence fits a registered adapter to a small task of which a fifth of the source is
// held. With disorder the fit is given the labels of other rows; those held stay true.
func evidence(r *report, adapter string, seed uint64, disorder bool) adapt.Evidence {
	task, _ := shifted(seed, 90, 80)
	var kept, held []int
	for i := range task.Source.Labels {
		if i%5 == 4 {
			held = append(held, i)
		} else {
			kept = append(kept, i)
		}
	}
	from := kept
	if disorder {
		from = pickInts(kept, stream.Permutation(stream.New(seed, "disorder"), len(kept)))
	}
	e := adapt.Evidence{Held: adapt.Labelled{X: pick(task.Source.X, held), Labels: pickInts(task.Source.Labels, held), Classes: 3}}
	task.Source = adapt.Labelled{X: pick(task.Source.X, kept), Labels: pickInts(task.Source.Labels, from), Classes: 3}
	info, err := adapt.Adapters.Get(adapter)
	if err != nil {
		panic(err) // the package that this one tests registers it
	}
	e.Task, e.Method = task, adapterWalk{report: r, info: info}.method(nil)
	if e.Fit, err = e.Method.Fit(task); err != nil {
		r.addf("the walk's own fit: %v", err)
	}
	return e
}

func pickInts(list, at []int) []int {
	out := make([]int, len(at))
	for k, i := range at {
		out[k] = list[i]
	}
	return out
}
