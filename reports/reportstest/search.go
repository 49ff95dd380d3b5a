package reportstest

import (
	"fmt"

	"github.com/venn-adapt/venn/reports"
)

// Trial writes a run that is trial number of so many of a method's search by the validator v:
// what validators say of it, its accuracy on the target at its last step, 20, and its seconds.
// Twice that accuracy was had at step 10, which counts for nothing.
func Trial(method string, seed uint64, number, trials int, scores map[string]float64, accuracy, seconds float64) reports.Run {
	scores["last step"] = 20
	early := 2 * accuracy
	of := "method=" + method
	return reports.Run{
		Results: reports.Results{Name: "study", Label: fmt.Sprintf("%s trial=%d model.train.learning_rate=0.%d", of, number, number), Method: method, Seed: seed, Steps: 20,
			Domains:  [2]reports.Domain{{Dataset: "m", Labelled: true}, {Dataset: "u"}},
			Accuracy: []reports.Accuracy{{Row: reports.NetworkRow, Classifier: reports.OwnClassifier, Target: &reports.Score{Accuracy: accuracy, Interval: [2]float64{accuracy - 0.1, accuracy + 0.1}, N: 100}}},
			Selection: []reports.Selection{{Name: method, Candidates: []reports.Candidate{
				{Step: 10, Scores: map[string]float64{"v": 99 - float64(number)}, Oracle: &early}, {Step: 20, Scores: scores, Oracle: &accuracy}}}}},
		Trial: &reports.Trial{Number: number, Trials: trials, Of: of, By: "v",
			Values: []reports.TrialValue{{Path: "model.train.learning_rate", Value: fmt.Sprint("0.", number)}, {Path: "image.size", Value: "8"}}},
		Seconds: seconds,
	}
}
