package tables

import (
	"testing"

	"github.com/venn-adapt/venn/reports"
	"github.com/venn-adapt/venn/reports/reportstest"
)

func says(v, w float64) map[string]float64 { return map[string]float64{"v": v, "w": w} }

const searchHead = "search | chosen by | accuracy | loss to oracle | mean trial | rank correlation | chosen | trials | training seconds"

var searchRemarks = []string{
	"- accuracy on the target's test images in percent, of the trial that is chosen for each seed, at its last step, by the network's own classifier; of equal scores the earlier trial",
	"- * the validator that the spec names; no validator sees a label of the target. Target labels are the oracle: a bound, not a method",
	"- mean trial: what a trial taken at random is worth; rank correlation: Spearman's, of scores with accuracies over the trials of a seed",
	"- training seconds: of all trials of a seed together, as the machines that ran them took, without evaluation"}

// One seed: v chooses the second of 25, 75, 50 and 90 percent, w the third; w ranks them 2, 3, 4,
// 1 where 1, 3, 2, 4 would be right: 1 - 6·(1+0+4+9)/(4·15) = -0.4; v: 2, 4, 3, 1, so
// 1 - 6·(1+1+1+9)/60 = -0.2. Of y one trial is missing and one has no score of w.
func TestSearchTableByHand(t *testing.T) {
	runs := []reports.Run{
		reportstest.Trial("x", 0, 1, 4, says(2, 2), 0.25, 10), reportstest.Trial("x", 0, 2, 4, says(4, 3), 0.75, 20),
		reportstest.Trial("x", 0, 3, 4, says(3, 4), 0.5, 30.4), reportstest.Trial("x", 0, 4, 4, says(1, 1), 0.9, 40),
		reportstest.Trial("y", 0, 2, 3, map[string]float64{"v": 1}, 0.5, 0), reportstest.Trial("y", 0, 1, 3, says(1, 1), 0.25, 0),
	}
	wantTable(t, "search", runs, append([]string{searchHead,
		"x | v * | 75.00 | 15.00 | 60.00 | -0.20 | 2: train.learning_rate=0.2, image.size=8 | 4 | 100",
		"x | w | 50.00 | 40.00 | 60.00 | -0.40 | 3: train.learning_rate=0.3, image.size=8 | 4 | 100",
		"x | target labels | 90.00 | 0.00 | 60.00 |  | 4: train.learning_rate=0.4, image.size=8 | 4 | 100",
		"y | v * | 25.00 | 25.00 | 37.50 | —^a | 1: train.learning_rate=0.1, image.size=8 | 2 of 3^b | —^c",
		"y | w | 25.00 | 25.00 | 37.50 | —^a | 1: train.learning_rate=0.1, image.size=8 | 2 of 3^b | —^c",
		"y | target labels | 50.00 | 0.00 | 37.50 |  | 2: train.learning_rate=0.2, image.size=8 | 2 of 3^b | —^c",
		"a: fewer than three trials, or equal scores", "b: trials that failed or are not done yet take no part", "c: the training time of a trial is not on record",
	}, searchRemarks...)...)
	// Of x, two more were stopped: their time counts.
	for i := range runs[:2] {
		runs[i].Trial.Trials, runs[i].Trial.Stopped = 4, []reports.StoppedTrial{{Number: 3, Seconds: 7}, {Number: 4, Seconds: 0.5}}
	}
	wantTable(t, "search", runs[:2], append([]string{searchHead,
		"x | v * | 75.00 | 0.00 | 50.00 | —^a | 2: train.learning_rate=0.2, image.size=8 | 2 of 4^b | 38",
		"x | w | 75.00 | 0.00 | 50.00 | —^a | 2: train.learning_rate=0.2, image.size=8 | 2 of 4^b | 38",
		"x | target labels | 75.00 | 0.00 | 50.00 |  | 2: train.learning_rate=0.2, image.size=8 | 2 of 4^b | 38",
		"a: fewer than three trials, or equal scores", "b: 2 stopped early by successive halving: they cost, and all else is of the others"}, searchRemarks...)...)
	skips(t, "search", "no run is a trial of a search")
	skips(t, "search", "no run is a trial of a search", trained("s", "x", 0, "m", "u", 0.5, 0))
}

// Three seeds each choose for themselves: 50, 60 and 70 percent, 60 ± 4.3027·10/√3; a target
// without labels leaves gaps, and the choice stands.
func TestSearchTableOverSeeds(t *testing.T) {
	var runs []reports.Run
	for seed, accuracy := range []float64{0.5, 0.6, 0.7} {
		second := 0.3
		if seed == 2 {
			second = 0.8
		}
		runs = append(runs, reportstest.Trial("x", uint64(seed), 1, 2, says(float64(2-seed), 1), second, 3), reportstest.Trial("x", uint64(seed), 2, 2, says(1.5, 1), accuracy, 5))
	}
	runs[0].Results.Selection[0].Candidates[1].Scores["v"] = 1 // trial 2 for seeds 0, 1 and 2
	hidden := reportstest.Trial("z", 0, 1, 1, map[string]float64{"v": 1}, 0.5, 3)
	hidden.Results.Selection[0].Candidates[1].Oracle = nil
	wantTable(t, "search", append(runs, hidden), append([]string{searchHead,
		"x | v * | 60.00 ± 24.84^a | 3.33 ± 14.34^a | 53.33 ± 47.02^a | —^b | 2, 2, 2 | 2 | 8 ± 0^c",
		"x | w | 46.67 ± 71.71^a | 16.67 ± 37.95^a | 53.33 ± 47.02^a | —^b | 1, 1, 1 | 2 | 8 ± 0^c",
		"x | target labels | 63.33 ± 37.95^a | 0.00 ± 0.00^c | 53.33 ± 47.02^a |  | 2, 2, 1 | 2 | 8 ± 0^c",
		"z | v * | —^d | —^d | —^d | —^b | 1: train.learning_rate=0.1, image.size=8 | 1 | 3",
		"z | target labels | —^d | —^d | —^d |  |  | 1 | 3",
		"a: 3 values, fewer than 5", "b: fewer than three trials, or equal scores", "c: 3 values, fewer than 5; all values are equal",
		"d: no trial has a score, or the target's labels are not known",
		"- mean over seeds ± half of the 95% t-interval, 3 seeds"}, searchRemarks...)...)
}
