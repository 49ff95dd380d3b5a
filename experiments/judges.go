package experiments

import (
	"fmt"
	"slices"

	"github.com/venn-adapt/venn/domains"
)

// judgeFormat is raised when the same settings train another judge.
const judgeFormat = "3"

// An attribute is content when this share of images has it, at least, and lacks it.
const frequent = 0.05

// regressedImages at most say which pixels belong to an attribute.
const regressedImages = 20000

// A judging says what judges are to read, of which population.
type judging struct {
	population domains.Population
	own        [2]string // what only a and only b have
	is         [2]domains.Condition
	read       []int // attributes in the expressions of own
	named      []int // and in those of the domains, ascending
}

// newJudging finds out, before any training, what is to be judged: nil where nothing is,
// because the spec wants none or the domains were not chosen by attributes out of one
// dataset. It fails when what a domain has of its own is neither given nor plain from
// the expressions.
func (w *job) newJudging() (*judging, error) {
	spec := w.Spec.Translate
	if spec.Pairs == 0 || spec.Judge.Steps == 0 {
		return nil, nil
	}
	j := &judging{population: domains.SamePopulation(w.domains[0], w.domains[1])}
	if j.population == nil {
		if spec.Judge.Own != [2]string{} {
			return nil, fmt.Errorf("experiments: translate.judge: the domains are not chosen by attributes out of one dataset, so nothing can be judged; leave out a and b")
		}
		return nil, nil
	}
	j.own = j.population.Own(w.domains[1].Population)
	for side, d := range w.domains {
		key := "translate.judge." + domains.Side(side).String()
		if given := spec.Judge.Own[side]; given != "" {
			j.own[side] = given
		}
		if j.own[side] == "" {
			return nil, fmt.Errorf("experiments: %s: the expression of %s asks for nothing that that of %s negates; say there what only %[2]s has, or judge nothing with translate.judge.steps: 0",
				key, domains.Side(side), domains.Side(1-side))
		}
		is, read, err := j.population.Condition(j.own[side])
		if err != nil {
			return nil, fmt.Errorf("experiments: %s: %.100q: %w", key, j.own[side], err)
		}
		_, where, err := j.population.Condition(d.Population.Where())
		if err != nil {
			return nil, fmt.Errorf("experiments: %w", err)
		}
		j.is[side] = is
		j.read, j.named = append(j.read, read...), append(append(j.named, read...), where...)
	}
	slices.Sort(j.named)
	j.named = slices.Compact(j.named)
	return j, nil
}

// has says whether each of the images has what a domain has of its own.
func (j *judging) has(side domains.Side, a domains.Attributes) []bool {
	out := make([]bool, len(a.Reveal()))
	for i, row := range a.Reveal() {
		out[i] = j.is[side](func(k int) bool { return row[k] })
	}
	return out
}

// split picks the attributes that the attribute judges read, those in the expressions of
// own and those in the domains' that vary among the images, and of the ones that no
// expression names those that are frequent enough to tell people by.
func (j *judging) split(a domains.Attributes) (named, content []int) {
	rows := a.Reveal()
	for k := range a.Names() {
		with := 0
		for _, row := range rows {
			if row[k] {
				with++
			}
		}
		share := float64(with) / float64(len(rows))
		switch {
		case slices.Contains(j.named, k):
			if slices.Contains(j.read, k) || with > 0 && with < len(rows) {
				named = append(named, k)
			}
		case share >= frequent && share <= 1-frequent:
			content = append(content, k)
		}
	}
	return named, content
}
