package tables

import (
	"testing"

	"github.com/venn-adapt/venn/reports"
)

// trained is a run of a study of networks: the accuracy of its own classifier, 0 where it has
// none, and of one on its common code.
func trained(study, method string, seed uint64, from, to string, own, common float64) reports.Run {
	r := reports.Run{Results: reports.Results{Name: study, Label: "method=" + method, Method: method, Seed: seed,
		Domains: [2]reports.Domain{{Dataset: from, Labelled: true}, {Dataset: to}}}}
	if own > 0 {
		r.Results.Accuracy = append(r.Results.Accuracy, reports.Accuracy{Row: reports.NetworkRow, Classifier: reports.OwnClassifier, Oracle: from == to, Target: &reports.Score{Accuracy: own}})
	}
	if common > 0 {
		r.Results.Accuracy = append(r.Results.Accuracy, reports.Accuracy{Row: "common", Classifier: "knn", Target: &reports.Score{Accuracy: common}})
	}
	return r
}

const (
	lastStep = "- accuracy on the target's test images in percent, at the last step: by the network's own classifier, or where it has none by one fitted on its common code"
	rankedOn = "- mean rank among methods that have every task, by means over seeds, 1 the best; tasks that share a domain are not independent"
)

// Two studies of two tasks: x is best on the first, y, of two seeds there, on the second; d has
// no classifier of its own, and e has one, which stands for its code; the oracle, trained on the
// target, is on the task of its study and is not ranked; z misses a task.
func TestNetworksTableByHand(t *testing.T) {
	back := trained("um", "x", 0, "m", "u", 0.5, 0)
	d := back.Results.Domains
	back.Results.Domains = [2]reports.Domain{d[0], d[1]}
	back.Results.Domains[0].Labelled, back.Results.Domains[1].Labelled = false, true // from b to a
	runs := []reports.Run{
		trained("mu", "o", 0, "u", "u", 0.95, 0), trained("mu", "x", 0, "m", "u", 0.9, 0), trained("mu", "y", 0, "m", "u", 0.8, 0), trained("mu", "y", 1, "m", "u", 0.7, 0),
		trained("mu", "z", 0, "m", "u", 0.6, 0), trained("mu", "d", 0, "m", "u", 0, 0.5), trained("mu", "e", 0, "m", "u", 0.4, 0.99),
		trained("um", "o", 0, "m", "m", 0.97, 0), back, trained("um", "y", 0, "u", "m", 0.6, 0), trained("um", "d", 0, "u", "m", 0, 0.55), trained("um", "e", 0, "u", "m", 0.1, 0),
	}
	wantTable(t, "networks", runs,
		"method | m->u | u->m | average | mean rank | behind the best",
		"o^a | 95.00 | 97.00 | 96.00 |  | ",
		"x | 90.00 | 50.00 | 70.00 | 2.00 | ",
		"y | 75.00 ± 63.53^b | 60.00 | 67.50 | 1.50 | 0.00",
		"z | 60.00 | —^c | —^d | —^d | —^d",
		"d, common, knn | 50.00 | 55.00 | 52.50 | 2.50 | 17.50",
		"e | 40.00 | 10.00 | 25.00 | 4.00 | 45.00",
		"a: used target labels: it takes no part in ranks", "b: 2 values, fewer than 5", "c: not trained on this task", "d: not trained on every task",
		"- mean over seeds ± half of the 95% t-interval, 2 seeds", lastStep, "- behind the best: the average of x less that of the row, paired by seed", rankedOn)
	skips(t, "networks", "trained networks on 1 tasks, want two", runs[:7]...)
	skips(t, "networks", "trained networks on 0 tasks, want two", trained("mu", "d", 0, "m", "u", 0, 0.5), trained("um", "d", 0, "u", "m", 0, 0.5))
	// One method alone has no rank; a job without a label is called by its method.
	plain := trained("um", "x", 0, "u", "m", 0.5, 0)
	plain.Results.Label = ""
	wantTable(t, "networks", []reports.Run{runs[1], plain}, "method | m->u | u->m | average | mean rank | behind the best", "x | 90.00 | 50.00 | 70.00 |  | ", lastStep,
		"- behind the best: the average of x less that of the row, paired by seed", rankedOn)
}

// In a study of several tasks an oracle is on the task to its target.
func TestOracleOfSeveralTasks(t *testing.T) {
	runs := []reports.Run{trained("m", "x", 0, "m", "u", 0.5, 0), trained("m", "o", 0, "v", "v", 0.75, 0), trained("m", "x", 0, "m", "v", 0.25, 0), trained("m", "o", 0, "u", "u", 1, 0)}
	wantTable(t, "networks", runs, "method | m->u | m->v | average | mean rank | behind the best",
		"x | 50.00 | 25.00 | 37.50 |  | ", "o^a | 100.00 | 75.00 | 87.50 |  | ", "a: used target labels: it takes no part in ranks",
		lastStep, "- behind the best: the average of x less that of the row, paired by seed", rankedOn)
}

// Trainings that say how long they took are averaged, method by method; where none says there is no
// column, as above.
func TestSecondsOfNetworks(t *testing.T) {
	runs := []reports.Run{trained("mu", "x", 0, "m", "u", 0.5, 0), trained("um", "x", 0, "u", "m", 0.5, 0), trained("um", "x", 1, "u", "m", 0.5, 0), trained("mu", "y", 0, "m", "u", 0.25, 0), trained("um", "y", 0, "u", "m", 0.25, 0)}
	runs[0].Seconds, runs[2].Seconds = 10, 21
	wantTable(t, "networks", runs, "method | m->u | u->m | average | mean rank | behind the best | training s",
		"x | 50.00 | 50.00 ± 0.00^a | 50.00 | 1.00 |  | 16", "y | 25.00 | 25.00 | 25.00 | 2.00 | 25.00 | —^b",
		"a: 2 values, fewer than 5; all values are equal", "b: its runs do not say", "- mean over seeds ± half of the 95% t-interval, 2 seeds",
		"- training s: mean seconds of a training by the clock on the wall, whatever else the machine did; machine and threads are in the runs' env.json",
		lastStep, "- behind the best: the average of x less that of the row, paired by seed", rankedOn)
}

// Where every row says, nothing is noted.
func TestSecondsOfAllNetworks(t *testing.T) {
	runs := []reports.Run{trained("mu", "x", 0, "m", "u", 0.5, 0), trained("um", "x", 0, "u", "m", 0.5, 0)}
	runs[0].Seconds, runs[1].Seconds = 10, 20.6
	wantTable(t, "networks", runs, "method | m->u | u->m | average | mean rank | behind the best | training s",
		"x | 50.00 | 50.00 | 50.00 |  |  | 15",
		"- training s: mean seconds of a training by the clock on the wall, whatever else the machine did; machine and threads are in the runs' env.json",
		lastStep, "- behind the best: the average of x less that of the row, paired by seed", rankedOn)
}

// Three seeds, in another order on the second task, and of w one that nobody else has: y is behind
// by 1, 2 and 3 points in the mean over tasks, so 2 ± 4.3027·1/√3; w has no seed in common.
func TestNetworksPaired(t *testing.T) {
	var runs []reports.Run
	for seed, behind := range []float64{0.01, 0.02, 0.03} {
		runs = append(runs, trained("mu", "x", uint64(seed), "m", "u", 0.75, 0), trained("um", "x", uint64(2-seed), "u", "m", 0.75, 0),
			trained("mu", "y", uint64(seed), "m", "u", 0.5, 0), trained("um", "y", uint64(seed), "u", "m", 1-2*behind, 0))
	}
	runs = append(runs, trained("mu", "w", 7, "m", "u", 0.5, 0), trained("um", "w", 7, "u", "m", 0.5, 0), trained("mu", "v", 0, "m", "u", 0.5, 0), trained("um", "v", 0, "u", "m", 0.25, 0), trained("um", "v", 5, "u", "m", 0.75, 0))
	wantTable(t, "networks", runs, "method | m->u | u->m | average | mean rank | behind the best",
		"x | 75.00 ± 0.00^a | 75.00 ± 0.00^a | 75.00 | 1.50 | ",
		"y | 50.00 ± 0.00^a | 96.00 ± 4.97^b | 73.00 | 2.00 | 2.00 ± 2.48^b",
		"w | 50.00 | 50.00 | 50.00 | 3.25 | —^c",
		"v | 50.00 | 50.00 ± 317.66^d | 50.00 | 3.25 | 37.50",
		"a: 3 values, fewer than 5; all values are equal", "b: 3 values, fewer than 5", "c: no seed in common", "d: 2 values, fewer than 5",
		"- mean over seeds ± half of the 95% t-interval, 3 seeds", "- mean over seeds ± half of the 95% t-interval, 2 seeds", lastStep, "- behind the best: the average of x less that of the row, paired by seed", rankedOn)
}

// Steps of a training are selected under the name of the job, so that two jobs of one method keep
// apart and its seeds and tasks do not; of two studies of one task the rows name the study.
func TestSelectorsOfNetworks(t *testing.T) {
	steps := func(study, method string, seed uint64, to string, early, late float64) reports.Run {
		r := trained(study, method, seed, "m", to, late, 0)
		r.Results.Method = "x"
		r.Results.Selection = []reports.Selection{{Name: "x", Candidates: []reports.Candidate{
			{Step: 1, Oracle: &early, Scores: map[string]float64{"v": 2}}, {Step: 2, Oracle: &late, Scores: map[string]float64{"v": 1}}}}}
		return r
	}
	about := []string{
		"- of a network each pick is among steps of its training, by its own classifier on images: validators see the target's training images and labels of the source, the truth is accuracy on the target's test images, in percent",
		"- the oracle picks by target labels and is a bound, not a method; a collapse loses more than 20 points to it",
		"- rank correlation: Spearman's, of scores with true accuracy over the settings of one task, averaged; weighted: of dense ranks, by the square of the larger (Musgrave et al. 2022)"}
	head := "method | selector | accuracy of picks | loss to oracle | collapses | rank correlation | weighted | picks"
	wantTable(t, "selectors", []reports.Run{steps("mu", "x", 0, "u", 0.5, 0.75), steps("mu", "x", 1, "u", 0.25, 0.75), steps("mv", "x", 0, "v", 0.75, 1), steps("mu", "x-bn", 0, "u", 0.125, 0.25)}, append([]string{head,
		"x | v | 50.00 | 33.33 | 3 | —^a | —^a | 3", "x | oracle | 83.33 | 0.00 | 0 |  |  | 3", "x-bn | v | 12.50 | 12.50 | 0 | —^a | —^a | 1", "x-bn | oracle | 25.00 | 0.00 | 0 |  |  | 1",
		"a: fewer than three settings, or equal scores"}, about...)...)
	twice := []reports.Run{steps("mine", "x", 0, "u", 0.5, 0.75), steps("theirs", "x", 0, "u", 0.25, 0.5), steps("theirs", "y", 0, "u", 0, 0.5)}
	wantTable(t, "selectors", twice, append([]string{head,
		"mine x | v | 50.00 | 25.00 | 1 | —^a | —^a | 1", "mine x | oracle | 75.00 | 0.00 | 0 |  |  | 1", "theirs x | v | 25.00 | 25.00 | 1 | —^a | —^a | 1", "theirs x | oracle | 50.00 | 0.00 | 0 |  |  | 1",
		"y | v | 0.00 | 50.00 | 1 | —^a | —^a | 1", "y | oracle | 50.00 | 0.00 | 0 |  |  | 1",
		"a: fewer than three settings, or equal scores"}, about...)...)
	_, methods := reports.NetworksOver(twice)
	var names string
	for _, m := range methods {
		names += m.Name + ";"
	}
	if names != "mine x;theirs x;y;" {
		t.Errorf("networks of two studies: %s", names)
	}
}
