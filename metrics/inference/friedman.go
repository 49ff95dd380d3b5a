package inference

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/integrate/quad"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/venn-adapt/venn/internal/rows"
	"github.com/venn-adapt/venn/internal/stream"
)

// A FriedmanTest ranks k methods over N tasks, rank 1 the best.
type FriedmanTest struct {
	Tasks, Methods int
	Ranks          []float64 // mean rank of each method
	ChiSquare      float64   // corrected for ties, k - 1 degrees
	PChiSquare     float64
	// F is Iman and Davenport's (N-1) chi2/(N(k-1) - chi2), of k-1 and (k-1)(N-1) degrees:
	// +Inf where all tasks agree.
	F, PF float64
	// P is the p-value to report and Method what it is: "Iman-Davenport F", or for fewer than
	// 10 tasks or 4 methods "permutation" of the ranks within tasks.
	P        float64
	Method   string
	Warnings []string
}

const (
	smallTasks, smallMethods = 10, 4
	rankShuffles             = 9999
)

// Friedman compares methods over tasks: scores has one task a row and one method a column,
// each cell the mean over seeds. Equal scores, up to rounding, get mid-ranks; all tied gives p = 1. Tasks that
// share a domain are not independent: N is then overstated. Permutations come from the
// stream (seed, friedman). It fails on fewer than 2 tasks or methods and on values that are
// not finite: leave a task with a missing cell out and say so. M. Friedman (1937); R. L.
// Iman and J. M. Davenport (1980).
func Friedman(scores *mat.Dense, higherIsBetter bool, seed uint64) (FriedmanTest, error) {
	n, k := scores.Dims()
	if n < 2 || k < 2 {
		return FriedmanTest{}, fmt.Errorf("metrics: friedman: %d tasks and %d methods, want at least two of each", n, k)
	}
	t := FriedmanTest{Tasks: n, Methods: k, Ranks: make([]float64, k), PChiSquare: 1, PF: 1, P: 1, Method: "Iman-Davenport F"}
	ranks := make([][]float64, n)
	var ties float64
	for i := range n {
		row := slices.Clone(scores.RawRowView(i))
		if err := check(fmt.Sprintf("friedman: task %d", i), row, 0.5); err != nil {
			return FriedmanTest{}, err
		}
		if higherIsBetter {
			for j := range row {
				row[j] = -row[j]
			}
		}
		r, tied := MidRanks(Settle(row))
		ranks[i], ties = r, ties+tied
		for j, v := range r {
			t.Ranks[j] += v // half-integers: equal sums are equal
		}
	}
	for j := range t.Ranks {
		t.Ranks[j] /= float64(n)
	}
	nf, kf := float64(n), float64(k)
	correction := 1 - ties/(nf*kf*(kf*kf-1))
	if correction <= 0 {
		t.Warnings = append(t.Warnings, "all methods are tied on every task")
		return t, nil
	}
	t.ChiSquare = math.Max(0, rankChiSquare(t.Ranks, n)/correction)
	t.PChiSquare = distuv.ChiSquared{K: kf - 1}.Survival(t.ChiSquare)
	if rest := nf*(kf-1) - t.ChiSquare; rest > 1e-9 {
		t.F = (nf - 1) * t.ChiSquare / rest
		t.PF = fSurvival(t.F, kf-1, (kf-1)*(nf-1))
	} else {
		t.F, t.PF = math.Inf(1), 0
	}
	t.P = t.PF
	if n < smallTasks || k < smallMethods {
		t.P, t.Method = shuffledRanks(ranks, rankChiSquare(t.Ranks, n), seed), "permutation"
	}
	return t, nil
}

// rankChiSquare is the statistic without the correction for ties.
func rankChiSquare(means []float64, tasks int) float64 {
	n, k := float64(tasks), float64(len(means))
	var sum float64
	for _, r := range means {
		sum += (r - (k+1)/2) * (r - (k+1)/2)
	}
	return 12 * n / (k * (k + 1)) * sum
}

// fSurvival is P(F > f), accurate in the tail.
func fSurvival(f, d1, d2 float64) float64 {
	return mathext.RegIncBeta(d2/2, d1/2, d2/(d2+d1*f))
}

func shuffledRanks(ranks [][]float64, observed float64, seed uint64) float64 {
	k := len(ranks[0])
	above := 1
	r := stream.New(seed, "friedman")
	means := make([]float64, k)
	for range rankShuffles {
		clear(means)
		for _, row := range ranks {
			for j, from := range stream.Permutation(r, k) {
				means[j] += row[from] / float64(len(ranks))
			}
		}
		if rankChiSquare(means, len(ranks)) >= observed-1e-9 {
			above++
		}
	}
	return float64(above) / (rankShuffles + 1)
}

// NemenyiQuantile is q_alpha of k methods: the upper alpha quantile of the range of k
// standard normal values over sqrt 2, to about 1e-10. It fails on fewer than 2 methods and
// alpha outside (0, 1).
func NemenyiQuantile(k int, alpha float64) (float64, error) {
	if k < 2 || !(alpha > 0 && alpha < 1) {
		return 0, fmt.Errorf("metrics: nemenyi: %d methods at level %v, want at least 2 and a level between 0 and 1", k, alpha)
	}
	low, high := 0.0, 60.0
	for range 100 {
		middle := (low + high) / 2
		if rangeCDF(middle, k) < 1-alpha {
			low = middle
		} else {
			high = middle
		}
	}
	return (low + high) / 2 / math.Sqrt2, nil
}

// rangeCDF is P(range of k standard normal values <= q): k times the integral of phi(z)
// (Phi(z) - Phi(z - q))^(k-1), z the largest value.
func rangeCDF(q float64, k int) float64 {
	f := func(z float64) float64 {
		return distuv.UnitNormal.Prob(z) * math.Pow(distuv.UnitNormal.CDF(z)-distuv.UnitNormal.CDF(z-q), float64(k-1))
	}
	var sum float64
	for panel := -9.0; panel < 9; panel++ { // the density is below 1e-18 outside
		sum += quad.Fixed(f, panel, panel+1, 16, quad.Legendre{}, 0)
	}
	return float64(k) * sum
}

// CriticalDifference is Nemenyi's q sqrt(k(k+1)/(6N)): methods whose mean ranks over
// N tasks differ by at least this differ at the level alpha. It fails as NemenyiQuantile, and
// without tasks. P. B. Nemenyi (1963); J. Demsar, "Statistical comparisons of
// classifiers over multiple data sets" (2006).
func CriticalDifference(methods, tasks int, alpha float64) (float64, error) {
	if tasks < 1 {
		return 0, fmt.Errorf("metrics: nemenyi: %d tasks, want at least 1", tasks)
	}
	q, err := NemenyiQuantile(methods, alpha)
	k := float64(methods)
	return q * math.Sqrt(k*(k+1)/(6*float64(tasks))), err
}

// Cliques returns the largest groups of methods, by index in the order of their mean
// ranks, whose ranks differ by less than the critical difference: the bars of a
// critical-difference diagram. Groups of one are left out.
func Cliques(ranks []float64, critical float64) [][]int {
	order := rows.Ascending(ranks)
	var out [][]int
	end := 0
	for lo := range order {
		hi := lo + 1
		for hi < len(order) && ranks[order[hi]]-ranks[order[lo]] < critical {
			hi++
		}
		if hi > end && hi-lo > 1 {
			out = append(out, slices.Clone(order[lo:hi]))
			end = hi
		}
	}
	return out
}

// A Comparison is one pair of methods over the tasks.
type Comparison struct {
	First, Second int // columns of the scores
	Wilcoxon      WilcoxonTest
	Adjusted      float64 // Holm's p over all comparisons returned
}

// PairwiseHolm tests methods over tasks by Wilcoxon's signed ranks with Holm's
// correction: all k(k-1)/2 pairs, or with against >= 0 that column against every other. It
// fails as Friedman, and on a column that is not there.
func PairwiseHolm(scores *mat.Dense, against int) ([]Comparison, error) {
	_, k := scores.Dims()
	if k < 2 || against >= k {
		return nil, fmt.Errorf("metrics: pairwise tests: method %d of %d, want at least two and one of them", against, k)
	}
	var out []Comparison
	var p []float64
	for i := range k {
		for j := range k {
			if (against < 0 && j <= i) || (against >= 0 && (i != against || j == i)) {
				continue
			}
			w, err := Wilcoxon(mat.Col(nil, i, scores), mat.Col(nil, j, scores))
			if err != nil {
				return nil, err
			}
			out, p = append(out, Comparison{First: i, Second: j, Wilcoxon: w}), append(p, w.P)
		}
	}
	adjusted, err := Holm(p)
	for i := range out {
		out[i].Adjusted = adjusted[i]
	}
	return out, err
}
