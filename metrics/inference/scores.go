package inference

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"
)

// A Table holds scores of methods: a row a run (a seed, a split), paired over the methods.
type Table struct {
	Methods []string
	Tasks   []string    // of each row; all the same where there is one task
	Scores  [][]float64 // [method][row]
}

// A Summary is what one method's scores say of it. Intervals are at 95%.
type Summary struct {
	Method    string
	N         int
	Mean, SD  float64
	Student   Interval // of the mean
	Bootstrap Interval // BCa, of the mean
	Middle    Interval // interquartile mean, resampled within tasks
}

// A Contrast compares a method with another one, run by run. P-values are two-sided.
type Contrast struct {
	Method, Against string
	N               int
	Mean            Interval // of the difference, by Student's law, 95%
	Effect          float64  // mean over deviation; NaN where that is 0
	Student, Flips  float64  // p of the paired t-test, corrected for overlap where asked, and of sign flips
	SignedRank      float64  // p of Wilcoxon
	Holm, FalseRate float64  // p of sign flips adjusted over the contrasts: family-wise, and false discovery rate
	Posterior       Posterior
	Equivalent      bool     // within the margin, by two one-sided tests at 5%
	Within          Interval // 90%, that which must lie within the margin
	SmallestShown   float64  // difference that so many runs show with power 0.8
	Needed          int      // runs that show this difference with power 0.8; 0 where none do
	Warnings        []string
}

// Resamples is the number of those of a Summary's intervals.
const Resamples = 9999

// Summaries describes each method's scores. It fails on no rows and on scores that are not
// finite. Time O(methods rows Resamples).
func (t Table) Summaries(seed uint64) ([]Summary, error) {
	var out []Summary
	for m, scores := range t.Scores {
		s := Summary{Method: t.Methods[m], N: len(scores), Mean: stat.Mean(scores, nil), SD: math.NaN()}
		var err error
		if s.Student, err = OverSeeds(scores, 0.95); err != nil {
			return nil, fmt.Errorf("%s: %w", s.Method, err)
		}
		if len(scores) > 1 {
			s.SD = stat.StdDev(scores, nil)
		}
		mean := func(rows []int) float64 {
			var sum float64
			for _, i := range rows {
				sum += scores[i]
			}
			return sum / float64(len(rows))
		}
		if s.Bootstrap, err = bootstrapped(scores, mean, seed); err != nil {
			return nil, fmt.Errorf("%s: %w", s.Method, err)
		}
		if s.Middle, err = InterquartileMean(t.byTask(scores), Resamples, 0.95, seed); err != nil {
			return nil, fmt.Errorf("%s: %w", s.Method, err)
		}
		out = append(out, s)
	}
	return out, nil
}

// bootstrapped is the BCa interval of a statistic; of one row there is none.
func bootstrapped(scores []float64, statistic func(rows []int) float64, seed uint64) (Interval, error) {
	if len(scores) < 2 {
		return Interval{Estimate: scores[0], N: 1, Low: math.NaN(), High: math.NaN(), Warnings: []string{"one value: no interval"}}, nil
	}
	b, err := Resample(len(scores), Resamples, seed, "scores", statistic)
	if err != nil {
		return Interval{}, err
	}
	if err := b.LeaveOut(statistic); err != nil {
		return Interval{}, err
	}
	return b.BCa(0.95)
}

// byTask gathers scores task by task, in the order in which tasks first come.
func (t Table) byTask(scores []float64) [][]float64 {
	place := map[string]int{}
	var out [][]float64
	for i, task := range t.Tasks {
		k, ok := place[task]
		if !ok {
			k = len(out)
			place[task] = k
			out = append(out, nil)
		}
		out[k] = append(out[k], scores[i])
	}
	return out
}

// Contrasts compares every other method with the given one. margin is what difference is
// practically none, in the unit of the scores; overlap is test rows over training rows
// where runs are splits of one dataset, 0 where they are not. It fails below two rows, on scores that are not
// finite, a margin that is not above 0 and an overlap below 0.
func (t Table) Contrasts(against int, margin, overlap float64, seed uint64) ([]Contrast, error) {
	var out []Contrast
	var p []float64
	for m := range t.Scores {
		if m == against {
			continue
		}
		c, err := contrast(t.Scores[m], t.Scores[against], margin, overlap, seed)
		if err != nil {
			return nil, fmt.Errorf("%s and %s: %w", t.Methods[m], t.Methods[against], err)
		}
		c.Method, c.Against = t.Methods[m], t.Methods[against]
		out, p = append(out, c), append(p, c.Flips)
	}
	holm, err := Holm(p)
	if err != nil {
		return nil, err
	}
	rate, err := BenjaminiHochberg(p)
	if err != nil {
		return nil, err
	}
	for i := range out {
		out[i].Holm, out[i].FalseRate = holm[i], rate[i]
	}
	return out, nil
}

func contrast(a, b []float64, margin, overlap float64, seed uint64) (c Contrast, err error) {
	c.N = len(a)
	student, err := PairedT(a, b)
	if overlap != 0 && err == nil {
		student, err = CorrectedT(a, b, overlap)
	}
	if err != nil {
		return c, err
	}
	flips, err := PairedPermutation(a, b, seed)
	if err != nil {
		return c, err
	}
	ranks, err := Wilcoxon(a, b)
	if err != nil {
		return c, err
	}
	if c.Posterior, err = BayesianSignedRank(a, b, margin, seed); err != nil {
		return c, err
	}
	if c.Equivalent, c.Within, err = Equivalent(a, b, margin); err != nil {
		return c, err
	}
	d, err := Differences(a, b)
	if err != nil {
		return c, err
	}
	if c.Mean, err = OverSeeds(d, 0.95); err != nil {
		return c, err
	}
	c.Student, c.Flips, c.SignedRank, c.Effect = student.P, flips.P, ranks.P, student.Effect
	c.Warnings = append(append(c.Warnings, student.Warnings...), flips.Warnings...)
	if c.SmallestShown, err = SmallestShown(len(d), deviation(d)); err != nil {
		return c, err
	}
	if !math.IsNaN(c.Effect) && c.Effect != 0 {
		if n, err := SeedsNeeded(c.Effect, 0.05, 0.8); err == nil { // else more runs than anybody makes
			c.Needed = n
		}
	}
	return c, nil
}

// Best is the place of the method with the highest mean, the first of equal ones.
func (t Table) Best() int {
	means := make([]float64, len(t.Scores))
	for m, s := range t.Scores {
		means[m] = stat.Mean(s, nil)
	}
	return floats.MaxIdx(means)
}
