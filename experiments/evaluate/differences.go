package evaluate

import (
	"fmt"
	"math"
	"slices"

	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/metrics/classification"
	"github.com/venn-adapt/venn/metrics/inference"
	"github.com/venn-adapt/venn/reports"
	"gonum.org/v1/gonum/stat/distuv"
)

func init() {
	addEvaluation(evaluation{name: "paired", doc: "does the code beat raw pixels on the same test rows: McNemar's test for every classifier",
		order: 46, version: 1, wants: wants(wantsSource, wantsCodes, wantsTargetLabels, wantsSourceOnly), do: (*Subject).paired})
}

func wantsSourceOnly(w *Subject, _ *Codes) string {
	if !slices.Contains(w.Spec.Adapt.Baselines, rowSourceOnly) {
		return "adapt.baselines leaves out " + rowSourceOnly
	}
	return ""
}

// paired compares, with the same classifier on the same test images of the target, the code
// that stands for an image with raw pixels: the difference of the accuracies, and the mid-p
// value of McNemar's test, adjusted by Holm for the number of classifiers.
func (w *Subject) paired(c *Codes) error {
	shared := sharedNames[c[0][testSplit].Shared().Role].row
	hits := func(row, classifier string) []bool {
		for _, a := range w.Results.Accuracy {
			if a.Row == row && a.Classifier == classifier {
				return a.Target.Hits
			}
		}
		return nil
	}
	var p []float64
	for _, classifier := range w.Spec.Adapt.Classifiers {
		code, pixels := hits(shared, classifier), hits(rowSourceOnly, classifier)
		first, second := discordant(code, pixels)
		t, err := inference.McNemar(first, second, len(code))
		if err != nil {
			return fmt.Errorf("experiments: %s against %s: %w", shared, rowSourceOnly, err)
		}
		p = append(p, t.MidP)
		w.value("paired", pairedName(shared, classifier)+", accuracy", t.Difference, len(code))
	}
	adjusted, err := inference.Holm(p)
	if err != nil {
		return fmt.Errorf("experiments: %s against %s: %w", shared, rowSourceOnly, err)
	}
	for i, classifier := range w.Spec.Adapt.Classifiers {
		w.value("paired", pairedName(shared, classifier)+", p", adjusted[i], len(hits(shared, classifier)))
	}
	return nil
}

func pairedName(row, classifier string) string {
	return fmt.Sprintf("%s less %s, %s", row, rowSourceOnly, classifier)
}

// discordant counts the rows that only the first and only the second has right.
func discordant(first, second []bool) (onlyFirst, onlySecond int) {
	for i := range first {
		switch {
		case first[i] && !second[i]:
			onlyFirst++
		case second[i] && !first[i]:
			onlySecond++
		}
	}
	return onlyFirst, onlySecond
}

// gaps fills in the share of the gap from source-only to oracle that each row
// closes, with the same classifier. Where the oracle is not clearly above
// source-only there is no gap to close, and the reason stands in its place.
func (w *Subject) gaps() error {
	target := func(row, classifier string) *reports.Score {
		for _, a := range w.Results.Accuracy {
			if a.Row == row && a.Classifier == classifier {
				return a.Target
			}
		}
		return nil
	}
	for i := range w.Results.Accuracy {
		a := &w.Results.Accuracy[i]
		low, high := target(rowSourceOnly, a.Classifier), target(rowOracle, a.Classifier)
		if a.Row == rowSourceOnly || a.Row == rowOracle || a.Target == nil || low == nil || high == nil {
			continue
		}
		share, ok, reason, err := classification.GapClosed(a.Target.Accuracy, low.Accuracy, high.Accuracy)
		if err != nil {
			return fmt.Errorf("experiments: %w", err)
		}
		if from, to := differenceInterval(high.Hits, low.Hits); ok && from <= 0 {
			ok, reason = false, fmt.Sprintf("the oracle is %.4f [%.4f, %.4f] above source-only on these %d test images: not clearly above",
				high.Accuracy-low.Accuracy, from, to, high.N)
		}
		if !ok {
			a.Notes = map[string]string{"gap_closed": reason}
			continue
		}
		interval := gapInterval(w.Seed, a.Row+"/"+a.Classifier, a.Target.Hits, low.Hits, high.Hits)
		a.GapClosed, a.GapInterval = &share, &interval
	}
	return nil
}

// differenceInterval is the 95% interval of the difference of two accuracies on the
// same n rows: (b-c)/n ± 1.96 sqrt(b+c-(b-c)²/n)/n, b rows that only the first has
// right and c that only the second has (McNemar's counts).
func differenceInterval(first, second []bool) (low, high float64) {
	onlyFirst, onlySecond := discordant(first, second)
	b, c, n := float64(onlyFirst), float64(onlySecond), float64(len(first))
	half := 1.959963984540054 * math.Sqrt(b+c-(b-c)*(b-c)/n) / n
	return (b-c)/n - half, (b-c)/n + half
}

// gapResamples bootstrap samples make the interval of a gap closed.
const gapResamples = 2000

// gapInterval is the 95% percentile interval of (method - source)/(oracle - source)
// under a bootstrap of test rows that resamples all three together. Only which of
// the three have a row right matters, so a resample is a multinomial draw over the
// eight patterns. A resample without a gap counts as infinitely far.
func gapInterval(seed uint64, name string, method, source, oracle []bool) [2]float64 {
	var counts [8]float64
	for i := range method {
		pattern := 0
		for bit, hits := range [][]bool{method, source, oracle} {
			if hits[i] {
				pattern |= 1 << bit
			}
		}
		counts[pattern]++
	}
	r := stream.New(seed, "bootstrap/gap-closed", name)
	shares := make([]float64, gapResamples)
	for k := range shares {
		left, rest := float64(len(method)), float64(len(method))
		var hits [3]float64
		for pattern, count := range counts {
			if count == 0 || left == 0 {
				continue
			}
			drawn := left
			if count < rest {
				drawn = distuv.Binomial{N: left, P: count / rest, Src: r}.Rand()
			}
			left, rest = left-drawn, rest-count
			for bit := range hits {
				if pattern>>bit&1 == 1 {
					hits[bit] += drawn
				}
			}
		}
		shares[k] = (hits[0] - hits[1]) / (hits[2] - hits[1])
		if hits[2] <= hits[1] {
			shares[k] = math.Copysign(math.MaxFloat64, hits[0]-hits[1])
		}
	}
	slices.Sort(shares)
	return [2]float64{inference.Quantile(shares, 0.025), inference.Quantile(shares, 0.975)}
}
