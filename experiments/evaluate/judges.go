package evaluate

import (
	"fmt"
	"slices"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments/spec"
)

// judgeFormat is raised when the same settings train another judge.
const judgeFormat = "3"

// judgeSeed is that of every judge: they are instruments, and no job has its own.
const judgeSeed = 0

// An attribute is content when this share of images has it, at least, and lacks it.
const frequent = 0.05

// regressedImages at most say which pixels belong to an attribute.
const regressedImages = 20000

// A Judging says what judges are to read, of which population.
type Judging struct {
	Population domains.Population
	Own        [2]string // what only a and only b have
	Is         [2]domains.Condition
	Read       []int // attributes in the expressions of Own
	Named      []int // and in those of the domains, ascending
}

// NewJudging finds out, before any training, what is to be judged: nil where nothing is,
// because the spec wants none or the domains were not chosen by attributes out of one
// dataset. It fails when what a domain has of its own is neither given nor plain from
// the expressions.
func NewJudging(s *spec.Spec, sides [2]*domains.Domain) (*Judging, error) {
	translate := s.Translate
	if translate.Pairs == 0 || translate.Judge.Steps == 0 {
		return nil, nil
	}
	j := &Judging{Population: domains.SamePopulation(sides[0], sides[1])}
	if j.Population == nil {
		if translate.Judge.Own != [2]string{} {
			return nil, fmt.Errorf("experiments: translate.judge: the domains are not chosen by attributes out of one dataset, so nothing can be judged; leave out a and b")
		}
		return nil, nil
	}
	j.Own = j.Population.Own(sides[1].Population)
	for side, d := range sides {
		key := "translate.judge." + domains.Side(side).String()
		if given := translate.Judge.Own[side]; given != "" {
			j.Own[side] = given
		}
		if j.Own[side] == "" {
			return nil, fmt.Errorf("experiments: %s: the expression of %s asks for nothing that that of %s negates; say there what only %[2]s has, or judge nothing with translate.judge.steps: 0",
				key, domains.Side(side), domains.Side(1-side))
		}
		is, read, err := j.Population.Condition(j.Own[side])
		if err != nil {
			return nil, fmt.Errorf("experiments: %s: %.100q: %w", key, j.Own[side], err)
		}
		_, where, err := j.Population.Condition(d.Population.Where())
		if err != nil {
			return nil, fmt.Errorf("experiments: %w", err)
		}
		j.Is[side] = is
		j.Read, j.Named = append(j.Read, read...), append(append(j.Named, read...), where...)
	}
	slices.Sort(j.Named)
	j.Named = slices.Compact(j.Named)
	return j, nil
}

// Has says whether each of the images has what a domain has of its own.
func (j *Judging) Has(side domains.Side, a domains.Attributes) []bool {
	out := make([]bool, len(a.Reveal()))
	for i, row := range a.Reveal() {
		out[i] = j.Is[side](func(k int) bool { return row[k] })
	}
	return out
}

// Split picks the attributes that the attribute judges read, those in the expressions of
// Own and those in the domains' that vary among the images, and of the ones that no
// expression names those that are frequent enough to tell people by.
func (j *Judging) Split(a domains.Attributes) (named, content []int) {
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
		case slices.Contains(j.Named, k):
			if slices.Contains(j.Read, k) || with > 0 && with < len(rows) {
				named = append(named, k)
			}
		case share >= frequent && share <= 1-frequent:
			content = append(content, k)
		}
	}
	return named, content
}
