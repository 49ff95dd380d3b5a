package reports

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/venn-adapt/venn/metrics/correctness"
	"github.com/venn-adapt/venn/metrics/disentanglement"
	"github.com/venn-adapt/venn/metrics/inference"
)

// A SystemRow is one system: the runs, at least one, of a model that makes images, which differ by
// seed alone.
type SystemRow struct {
	Name string
	Runs []Run
}

// SystemRows are the systems of runs in the order of their first run, called as TrainedNames says,
// with the study before the name where two studies have it on other datasets. skip says why there
// are not two to compare.
func SystemRows(runs []Run) (rows []SystemRow, skip string) {
	called := TrainedNames(runs)
	task := func(r SystemRow) string { return r.Runs[0].Results.DatasetPair() }
	for _, r := range runs {
		if r.Results.System == nil {
			continue
		}
		name := called(r.Results)
		i := slices.IndexFunc(rows, func(o SystemRow) bool { return o.Name == name && task(o) == r.Results.DatasetPair() })
		if i < 0 {
			i = len(rows)
			rows = append(rows, SystemRow{Name: name})
		}
		rows[i].Runs = append(rows[i].Runs, r)
	}
	times := map[string]int{}
	for _, r := range rows {
		times[r.Name]++
	}
	for i, r := range rows {
		if times[r.Name] > 1 {
			rows[i].Name = r.Runs[0].Results.Name + " " + r.Name
		}
	}
	if len(rows) < 2 {
		return nil, fmt.Sprintf("%d systems that make images, want 2 to compare", len(rows))
	}
	return rows, ""
}

// A SystemScore is one of the numbers by which systems are compared.
type SystemScore struct {
	Name   string
	Higher bool // is better
	Doc    string
	// Of finds it in a run's results, or says why there is none.
	Of func(r Results) (value float64, why string)
	// Note is what is to be said of a run's value; nil where that is nothing.
	Note func(r Results) string
}

// SystemScores are those of what a system makes, and after them those of its codes.
var SystemScores = slices.Concat([]SystemScore{
	{"D", true, "mean of content and manipulation", correct(correctness.D), nil},
	{"content", true, "share of shared factors that stay the content's where the guide's differ", correct(correctness.Content), nil},
	{"manipulation", true, "share of factors that only the guide's domain has that become the guide's", correct(correctness.Manipulation), nil},
	{"right guide nearer", true, "share of comparisons in which the output is nearer to the exact render with its own guide than with another, mean of both directions, 0.5 by chance", guided, Results.Unguided},
	{"diversity", true, "how much translations of one content differ from guide to guide, as a share of how much exact renders do", diversity, nil},
	{"translation", false, "L1 to exact renders over the pixels that should change, as a share of leaving the content as it is, mean of a->b and b->a", rendered("a->b", "b->a"), nil},
	{"removal", false, "L1 of removals as a share of leaving the content as it is, mean of both domains", rendered("removal-a", "removal-b"), nil},
	{"union", false, "L1 of unions as a share of leaving the content as it is", rendered("union"), nil},
	{"reconstruction", false, "L1 in [-1, 1] units, mean of both domains", reconstructed, nil},
}, judgedScores, []SystemScore{
	{"domain probe", false, "accuracy with which logistic regression tells the domains apart by the common code, 0.5 by chance", domainProbe, nil},
	{"leakage", false, "how well the common code tells of the factor of one domain alone that it tells best, 0 by chance", ownInCommon, nil},
})

// ScoresOf are those of SystemScores that some row has.
func ScoresOf(rows []SystemRow) (out []SystemScore) {
	for _, s := range SystemScores {
		if slices.ContainsFunc(rows, func(r SystemRow) bool { values, _ := r.Values(s); return len(values) > 0 }) {
			out = append(out, s)
		}
	}
	return out
}

// Values are those of a score in the runs that have it; why says of another why it does not.
func (s SystemRow) Values(score SystemScore) (values []float64, why string) {
	for _, r := range s.Runs {
		if v, reason := score.Of(r.Results); reason == "" {
			values = append(values, v)
		} else {
			why = reason
		}
	}
	return values, why
}

// BestSystem is the place of the row with the best mean of a score over seeds, the first of equal ones;
// -1 where none has it.
func BestSystem(rows []SystemRow, score SystemScore) int {
	best, highest := -1, math.Inf(-1)
	for i, r := range rows {
		values, _ := r.Values(score)
		if len(values) == 0 {
			continue
		}
		mean := 0.0
		for _, v := range values {
			mean += v / float64(len(values))
		}
		if !score.Higher {
			mean = -mean
		}
		if mean > highest {
			best, highest = i, mean
		}
	}
	return best
}

// Ahead is by how much a system's score is above that of another, for each seed of which both have it.
func (s SystemRow) Ahead(of SystemRow, score SystemScore) (out []float64) {
	for _, r := range s.Runs {
		for _, o := range of.Runs {
			mine, why := score.Of(r.Results)
			other, also := score.Of(o.Results)
			if r.Results.Seed == o.Results.Seed && why == "" && also == "" {
				out = append(out, mine-other)
			}
		}
	}
	return out
}

// Seconds are those of the trainings that say how long they took.
func (s SystemRow) Seconds() (out []float64) {
	for _, r := range s.Runs {
		if r.Seconds > 0 {
			out = append(out, r.Seconds)
		}
	}
	return out
}

// SystemRanks are the mean ranks of rows over scores, by means over seeds, 1 the best and ties at
// their mean rank; rows without a score share its last ranks.
func SystemRanks(rows []SystemRow, scores []SystemScore) []float64 {
	out := make([]float64, len(rows))
	for _, s := range scores {
		worse, last := make([]float64, len(rows)), math.Inf(-1)
		for i, r := range rows {
			values, _ := r.Values(s)
			worse[i] = math.NaN()
			for _, v := range values {
				if s.Higher {
					v = -v
				}
				if math.IsNaN(worse[i]) {
					worse[i] = 0
				}
				worse[i] += v / float64(len(values))
			}
			if len(values) > 0 {
				last = max(last, worse[i])
			}
		}
		for i, v := range worse {
			if math.IsNaN(v) {
				worse[i] = last + 1
			}
		}
		ranks, _ := inference.MidRanks(inference.Settle(worse))
		for i, rank := range ranks {
			out[i] += rank / float64(len(scores))
		}
	}
	return out
}

// whyNot is the reason for which one of evaluations was skipped.
func whyNot(r Results, evaluations ...string) string {
	for _, s := range r.Skipped {
		if slices.Contains(evaluations, s.Evaluation) {
			return s.Reason
		}
	}
	return "not scored"
}

// correct is a mean over factors and both directions.
func correct(name string) func(Results) (float64, string) {
	return func(r Results) (float64, string) {
		switch s := r.CorrectnessScore(name, "", ""); {
		case s == nil:
			return 0, whyNot(r, "correctness", "correctness a->b", "correctness b->a")
		case s.Value == nil:
			return 0, "no pair counts"
		default:
			return *s.Value, ""
		}
	}
}

// directions are those of guided translations.
var directions = []string{"a->b", "b->a"}

func (r Results) translation(direction string) *Translation {
	for i := range r.Translation {
		if r.Translation[i].Direction == direction {
			return &r.Translation[i]
		}
	}
	return nil
}

func guided(r Results) (mean float64, why string) {
	for _, d := range directions {
		switch t := r.translation(d); {
		case t == nil:
			return 0, unrendered(r, d)
		case t.Guide == nil:
			return 0, "guides do not differ"
		default:
			mean += *t.Guide / float64(len(directions))
		}
	}
	return mean, ""
}

// Unguided says which guided translations of a run were made without a look at their guides; empty where none was.
func (r Results) Unguided() string {
	return withoutGuide(func(d string) bool { t := r.translation(d); return t != nil && t.Unguided })
}

// withoutGuide says which directions are made without a guide; empty where none is.
func withoutGuide(is func(direction string) bool) string {
	var of []string
	for _, d := range directions {
		if is(d) {
			of = append(of, d)
		}
	}
	if of == nil {
		return ""
	}
	return strings.Join(of, " and ") + " without a guide: what it makes of the content alone is compared with one"
}

func reconstructed(r Results) (mean float64, why string) {
	for _, c := range r.Reconstruction {
		mean += c.L1.Value / float64(len(r.Reconstruction))
	}
	if len(r.Reconstruction) == 0 {
		return 0, whyNot(r, "reconstruction")
	}
	return mean, ""
}

// probeMeasure tells domains apart.
const probeMeasure = "domain-probe"

func domainProbe(r Results) (float64, string) {
	for _, m := range r.Discrepancy {
		if m.Name != probeMeasure || m.Between[0].Block != disentanglement.CommonBlock {
			continue
		}
		if m.Degenerate {
			return 0, "collapsed: the common code is constant"
		}
		return m.Value, ""
	}
	if len(r.Discrepancy) == 0 {
		return 0, whyNot(r, "discrepancy")
	}
	if !slices.ContainsFunc(r.Discrepancy, func(m Measured) bool { return m.Name == probeMeasure }) {
		return 0, probeMeasure + " is not among metrics.discrepancy.tests"
	}
	return 0, "it has no common code"
}

func ownInCommon(r Results) (largest float64, why string) {
	largest, why = math.Inf(-1), "no factor of one domain alone was probed"
	if len(r.Leakage) == 0 {
		why = whyNot(r, "leakage")
	}
	for _, c := range r.Leakage {
		if c.Block == disentanglement.CommonBlock && c.Factor != disentanglement.DomainFactor && c.Wish == disentanglement.Empty && !c.Absent {
			largest, why = max(largest, c.Score), ""
		}
	}
	return largest, why
}
