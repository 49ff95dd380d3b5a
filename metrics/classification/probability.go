package classification

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"

	"github.com/venn-adapt/venn/internal/rows"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/metrics"
	"github.com/venn-adapt/venn/metrics/inference"
)

// leastProbability is where a probability of the truth is cut for the log loss.
const leastProbability = 1e-15

// LogLoss is the mean of -ln p of the true class in nats, p cut to [1e-15, 1] and normalised anew. It
// fails unless each row of p (rows x classes) are probabilities and each label one of its classes.
func LogLoss(truth []int, p [][]float64) (metrics.Result, error) {
	if err := checkProbabilities("log-loss", truth, p); err != nil {
		return metrics.Result{}, err
	}
	r := metrics.Result{Name: "log-loss", N: len(truth)}
	for i, row := range p {
		var sum float64
		for _, v := range row {
			sum += math.Max(v, leastProbability)
		}
		r.Value -= math.Log(math.Max(row[truth[i]], leastProbability)/sum) / float64(len(p))
	}
	return r, nil
}

// Brier is the mean over rows of the squared error summed over classes, in [0, 2]; the convention of
// one column for two classes is half of it. Errors as LogLoss. G. W. Brier (1950).
func Brier(truth []int, p [][]float64) (metrics.Result, error) {
	if err := checkProbabilities("brier", truth, p); err != nil {
		return metrics.Result{}, err
	}
	r := metrics.Result{Name: "brier", N: len(truth)}
	for i, row := range p {
		for c, v := range row {
			if c == truth[i] {
				v--
			}
			r.Value += v * v / float64(len(p))
		}
	}
	return r, nil
}

// AUROC is the area under the curve of each class against the rest, its mean over classes that have both
// positive and negative rows, and that mean weighted by their positives. Ties count half. Classes without both
// are NaN and counted in a warning; Degenerate where none has. Errors as LogLoss but that
// scores may be any finite numbers. J. A. Hanley and B. J. McNeil (1982).
func AUROC(truth []int, scores [][]float64) (r metrics.Result, classes []float64, weighted float64, err error) {
	r = metrics.Result{Name: "auroc", N: len(truth)}
	if len(truth) == 0 || len(truth) != len(scores) {
		return r, nil, 0, fmt.Errorf("metrics: auroc: %d rows of scores for %d labels, want as many and at least one", len(scores), len(truth))
	}
	var total float64
	left := 0
	for c := range scores[0] {
		column := make([]float64, len(truth))
		var positive float64
		for i, row := range scores {
			if len(row) != len(scores[0]) || truth[i] < 0 || truth[i] >= len(row) || math.IsNaN(row[c]) || math.IsInf(row[c], 0) {
				return r, nil, 0, fmt.Errorf("metrics: auroc: row %d: %d scores, label %d: want %d finite ones and a label of theirs", i, len(row), truth[i], len(scores[0]))
			}
			column[i] = row[c]
			if truth[i] == c {
				positive++
			}
		}
		negative := float64(len(truth)) - positive
		if positive == 0 || negative == 0 {
			classes = append(classes, math.NaN())
			left++
			continue
		}
		ranks, _ := inference.MidRanks(column)
		var sum float64
		for i, t := range truth {
			if t == c {
				sum += ranks[i]
			}
		}
		area := (sum - positive*(positive+1)/2) / (positive * negative)
		classes = append(classes, area)
		r.Value += area
		weighted += area * positive
		total += positive
	}
	if left > 0 {
		r.Warnings = append(r.Warnings, fmt.Sprintf("%d classes left out: all rows or none are of them", left))
	}
	if left == len(classes) {
		return r.Collapse("no class has both kinds of rows", false), classes, 0, nil
	}
	r.Value /= float64(len(classes) - left)
	return r, classes, weighted / total, nil
}

// Calibration is how far confidences are from the shares of hits.
type Calibration struct {
	Error   float64 // expected calibration error of the top label
	Largest float64 // over bins
	// Floor is the mean error of the same confidences under labels drawn from them: what a perfectly
	// calibrated classifier of this size shows. Never compare errors across sizes.
	Floor float64
	Bins  []Bin
}

// A Bin is one group of confidences.
type Bin struct {
	N                int
	Confidence, Hits float64 // means
	Low, High        float64 // the Wilson interval of the hits
}

// calibrationBins is the number of bins of the registered measure.
const calibrationBins = 15

const floorDraws = 100

// ECE is the expected calibration error of the top label over bins of equal width (lo, hi]: the mean
// over rows of |mean confidence - share of hits| of their bin. Labels for the floor come from the stream
// (seed, calibration). Errors as LogLoss, and fewer than 1 bin. M. P. Naeini et al. (2015); C. Guo
// et al. (2017).
func ECE(truth []int, p [][]float64, bins int, seed uint64) (Calibration, error) {
	if err := checkProbabilities("ece", truth, p); err != nil {
		return Calibration{}, err
	}
	if bins < 1 {
		return Calibration{}, fmt.Errorf("metrics: ece: %d bins, want at least 1", bins)
	}
	confidence, hit := topLabels(truth, p)
	group := make([]int, len(p))
	for i, c := range confidence {
		group[i] = widthBin(c, bins)
	}
	var k Calibration
	k.Bins = binned(confidence, hit, group, bins)
	k.Error, k.Largest = gaps(k.Bins, len(p))
	r := stream.New(seed, "calibration")
	drawn := make([]float64, len(p))
	for range floorDraws {
		for i, c := range confidence {
			drawn[i] = 0
			if r.Float64() < c {
				drawn[i] = 1
			}
		}
		e, _ := gaps(binned(confidence, drawn, group, bins), len(p))
		k.Floor += e / floorDraws
	}
	return k, nil
}

// EqualCountECE is ECE over groups of as many rows by confidence, larger groups first. Errors as ECE.
func EqualCountECE(truth []int, p [][]float64, bins int) (float64, error) {
	if err := checkProbabilities("ece", truth, p); err != nil {
		return 0, err
	}
	if bins < 1 || bins > len(p) {
		return 0, fmt.Errorf("metrics: ece: %d bins of %d rows", bins, len(p))
	}
	confidence, hit := topLabels(truth, p)
	order := rows.Ascending(confidence)
	group := make([]int, len(p))
	at := 0
	for b := range bins {
		size := len(p) / bins
		if b < len(p)%bins {
			size++
		}
		for _, i := range order[at : at+size] {
			group[i] = b
		}
		at += size
	}
	e, _ := gaps(binned(confidence, hit, group, bins), len(p))
	return e, nil
}

// ClasswiseECE is the mean over classes of the error of each class's probability. Errors as ECE.
func ClasswiseECE(truth []int, p [][]float64, bins int) (float64, error) {
	if err := checkProbabilities("ece", truth, p); err != nil {
		return 0, err
	}
	if bins < 1 {
		return 0, fmt.Errorf("metrics: ece: %d bins, want at least 1", bins)
	}
	var mean float64
	for c := range p[0] {
		confidence, hit, group := make([]float64, len(p)), make([]float64, len(p)), make([]int, len(p))
		for i, row := range p {
			confidence[i], group[i] = row[c], widthBin(row[c], bins)
			if truth[i] == c {
				hit[i] = 1
			}
		}
		e, _ := gaps(binned(confidence, hit, group, bins), len(p))
		mean += e / float64(len(p[0]))
	}
	return mean, nil
}

// topLabels is the largest probability of each row and whether its first class is the true one.
func topLabels(truth []int, p [][]float64) (confidence, hit []float64) {
	confidence, hit = make([]float64, len(p)), make([]float64, len(p))
	for i, row := range p {
		best := floats.MaxIdx(row) // the first among equals
		confidence[i] = row[best]
		if best == truth[i] {
			hit[i] = 1
		}
	}
	return confidence, hit
}

// widthBin puts an edge, up to rounding, into the lower bin.
func widthBin(c float64, bins int) int {
	return min(bins-1, max(0, int(math.Ceil(c*float64(bins)-1e-12))-1))
}

func binned(confidence, hit []float64, group []int, bins int) []Bin {
	out := make([]Bin, bins)
	for i, g := range group {
		out[g].N++
		out[g].Confidence += confidence[i]
		out[g].Hits += hit[i]
	}
	for b := range out {
		if n := out[b].N; n > 0 {
			w, _ := inference.Wilson(int(out[b].Hits), n) // hits are whole and at most n
			out[b].Confidence, out[b].Hits, out[b].Low, out[b].High = out[b].Confidence/float64(n), w.Estimate, w.Low, w.High
		}
	}
	return out
}

func gaps(bins []Bin, n int) (mean, largest float64) {
	for _, b := range bins {
		gap := math.Abs(b.Confidence - b.Hits)
		mean += float64(b.N) / float64(n) * gap
		largest = math.Max(largest, gap)
	}
	return mean, largest
}

func init() {
	for _, d := range []metrics.Descriptor{
		{Name: "auroc", Doc: "area under the ROC curve of each class against the rest, their mean", Range: [2]float64{0, 1}, Better: metrics.HigherIsBetter, Unit: "1", Citation: "Hanley and McNeil, The meaning and use of the area under a ROC curve, 1982"},
		{Name: "log-loss", Doc: "mean of minus the logarithm of the true class's probability", Range: [2]float64{0, math.Inf(1)}, Better: metrics.LowerIsBetter, Unit: "nats"},
		{Name: "brier", Doc: "mean squared error of the probabilities, summed over classes", Range: [2]float64{0, 2}, Better: metrics.LowerIsBetter, Unit: "1", Citation: "Brier, Verification of forecasts expressed in terms of probability, 1950"},
		{Name: "ece", Doc: fmt.Sprintf("expected calibration error of the top label, %d bins of equal width", calibrationBins), Range: [2]float64{0, 1}, Better: metrics.LowerIsBetter, Unit: "1", Citation: "Guo et al., On calibration of modern neural networks, ICML 2017"},
	} {
		d.Kind, d.Invariant, d.Cost, d.MinRows = metrics.Classification, []string{"row order"}, "time n classes", 1
		metrics.Measures.Add(d.Name, d)
	}
}
