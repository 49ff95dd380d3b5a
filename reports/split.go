package reports

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/venn-adapt/venn/metrics/disentanglement"
	"github.com/venn-adapt/venn/metrics/inference"
)

// A SplitQuantity is one of the numbers by which jobs whose codes are taken apart are compared.
type SplitQuantity struct {
	Name     string
	Detail   string  // of which factors or of what, in a word or two
	Want     float64 // what the theory wants
	Reach    float64 // of an axis, at least
	Decimals int
	Doc      string
	of       func(r Results) (value float64, why string) // why there is none
}

// SplitQuantities are those of the codes, and after them those of what is made with them.
var SplitQuantities = []SplitQuantity{
	{"common keeps", "common factors", 1, 1, 2, "how well the common code tells of the factors that both domains have", ofSplit(func(s disentanglement.Split) float64 { return s.CommonKeeps })},
	{"common free", "of separate factors", 1, 1, 2, "1 less how well it tells of the factors that one domain has alone", ofSplit(func(s disentanglement.Split) float64 { return s.CommonFree })},
	{"domain hidden", "in the common code", 1, 1, 2, "1 less how well it tells which domain an image is of", ofSplit(func(s disentanglement.Split) float64 { return s.DomainHidden })},
	{"separate keeps", "separate factors", 1, 1, 2, "how well a domain's separate code tells of the factors that this domain has alone", ofSplit(func(s disentanglement.Split) float64 { return s.SeparateKeeps })},
	{"separate free", "of common factors", 1, 1, 2, "1 less how well it tells of the factors that both have", ofSplit(func(s disentanglement.Split) float64 { return s.SeparateFree })},
	{"dependence", "of the two codes", 0, 1, 2, "bias-corrected squared distance correlation of common and own separate code, mean of both domains", dependence},
	{"zero loss", "of held-out images", 0, 0.1, 3, "mean absolute separate code of the other domain's held-out images, sum of both", zeroLoss},
	{"translation", "error, 1: as it was", 0, 1, 2, "error of guided translations, mean of both directions", rendered("a->b", "b->a")},
	{"intersection", "error, 1: as it was", 0, 1, 2, "of removals, mean of both domains", rendered("removal-a", "removal-b")},
	{"union", "error, 1: as it was", 0, 1, 2, "of unions", rendered("union")},
	{"accuracy", "on the target", 1, 1, 2, "on the target's test images, of the classifier on the common code that source validation chose", commonAccuracy},
}

// worseLevel is that of the tests against the first row; a mean difference below leastWorse is
// too small to matter, however alike the seeds are.
const worseLevel, leastWorse = 0.05, 0.05

// WorseTest says by what a value is told to be worse.
const WorseTest = "by 0.05 at least and by a one-sided t-test of the differences, seed by seed, at 0.05, corrected by Holm for the rows of a quantity"

// CodeQuantities is how many of SplitQuantities are of the codes.
const CodeQuantities = 6

// A SplitRow has the quantities of the jobs that differ by seed alone.
type SplitRow struct {
	Label  string
	Seeds  int          // jobs
	Values []SplitValue // one a quantity
}

// A SplitValue is a quantity of a row.
type SplitValue struct {
	Seeds    []uint64 // that have it
	Values   []float64
	Interval inference.Interval // over them, where there are any
	Why      string             // some seed, or each, does not have it
	// Worse says that it is farther from what is wanted than the first row's, by leastWorse at
	// least and by a one-sided t-test of the differences, seed by seed, corrected by Holm for the
	// rows of the quantity.
	Worse bool
}

// SplitRows are the jobs whose codes were probed for known factors, where there are several to
// compare, the first one the others' measure; skip says why there are none.
func SplitRows(runs []Run) (rows []SplitRow, skip string, err error) {
	for _, g := range GroupsOf(runs) {
		row := SplitRow{Label: strings.Replace(g.Label, "method=", "", 1), Seeds: len(g.Runs)}
		probed := false
		for _, q := range SplitQuantities {
			var v SplitValue
			for _, r := range g.Runs {
				probed = probed || len(r.Results.Leakage) > 0
				value, why := q.of(r.Results)
				if why != "" {
					v.Why = why
					continue
				}
				v.Seeds, v.Values = append(v.Seeds, r.Results.Seed), append(v.Values, value)
			}
			if len(v.Values) > 0 {
				if v.Interval, err = inference.OverSeeds(v.Values, 0.95); err != nil {
					return nil, "", fmt.Errorf("reports: %s of %s: %w", q.Name, row.Label, err)
				}
			}
			row.Values = append(row.Values, v)
		}
		if probed {
			rows = append(rows, row)
		}
	}
	if len(rows) < 2 {
		return nil, fmt.Sprintf("%d jobs have codes that were probed for known factors, want 2 to compare", len(rows)), nil
	}
	for k := range SplitQuantities {
		if err := compare(rows, k); err != nil {
			return nil, "", fmt.Errorf("reports: %s: %w", SplitQuantities[k].Name, err)
		}
	}
	return rows, "", nil
}

// compare says which rows are worse than the first in a quantity.
func compare(rows []SplitRow, k int) error {
	large := make([]bool, len(rows))
	p := make([]float64, len(rows)) // that a row is no farther from what is wanted; NaN where it is not tested
	for i, row := range rows {
		p[i] = math.NaN()
		far, measure := distances(row.Values[k], rows[0].Values[k], SplitQuantities[k].Want)
		if i == 0 || len(far) < 2 {
			continue
		}
		test, err := inference.PairedT(far, measure)
		if err != nil {
			return err
		}
		p[i], large[i] = test.Better, test.Mean >= leastWorse
	}
	adjusted, err := inference.Holm(p)
	for i := range rows {
		rows[i].Values[k].Worse = adjusted != nil && large[i] && adjusted[i] < worseLevel
	}
	return err
}

// distances are those of two rows' values from what is wanted, seed by seed that both have.
func distances(v, measure SplitValue, want float64) (far, of []float64) {
	for i, seed := range v.Seeds {
		if j := slices.Index(measure.Seeds, seed); j >= 0 {
			far, of = append(far, math.Abs(v.Values[i]-want)), append(of, math.Abs(measure.Values[j]-want))
		}
	}
	return far, of
}

func ofSplit(part func(disentanglement.Split) float64) func(Results) (float64, string) {
	return func(r Results) (float64, string) {
		v := part(disentanglement.SplitOf(r.Leakage))
		if math.IsNaN(v) {
			return 0, "no factor of this kind was probed"
		}
		return v, ""
	}
}

// dependenceMeasure is the measure of independence that rows are compared by.
const dependenceMeasure = "dcor-u"

func dependence(r Results) (sum float64, why string) {
	n := 0.0
	for _, m := range r.Independence {
		if m.Name != dependenceMeasure {
			continue
		}
		if m.Degenerate {
			return 0, "collapsed: a code is constant, which proves no independence"
		}
		sum, n = sum+m.Value, n+1
	}
	if n == 0 {
		return 0, dependenceMeasure + " is not among metrics.independence.tests"
	}
	return sum / n, ""
}

// ZeroLossCheck starts the names of the diagnoses of the zero loss on held-out images.
const ZeroLossCheck = "zero loss of separate code "

func zeroLoss(r Results) (sum float64, why string) {
	why = "not diagnosed"
	for _, c := range r.Diagnosis {
		if strings.HasPrefix(c.Name, ZeroLossCheck) {
			sum, why = sum+c.Value, ""
		}
	}
	return sum, why
}

// rendered is the mean error of directions against exact renders, as a share of leaving images
// as they are.
func rendered(directions ...string) func(Results) (float64, string) {
	return func(r Results) (sum float64, why string) {
		for _, d := range directions {
			t := r.translation(d)
			if t == nil {
				return 0, unrendered(r, d)
			}
			sum += t.Ratio / float64(len(directions))
		}
		return sum, ""
	}
}

// unrendered is why a direction has no error.
func unrendered(r Results, direction string) string {
	return whyNot(r, "translation "+direction, "renders")
}

func commonAccuracy(r Results) (value float64, why string) {
	best := math.Inf(-1)
	why = "no classifier on the common code was scored on the target"
	for _, a := range r.Accuracy {
		if a.Row != "common" || a.Oracle || a.Target == nil {
			continue
		}
		chosen := 0.0 // by nothing: the first stays
		if a.Validation != nil {
			chosen = *a.Validation
		}
		if chosen > best {
			best, value, why = chosen, a.Target.Accuracy, ""
		}
	}
	return value, why
}
