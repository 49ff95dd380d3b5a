package validators

import (
	"fmt"

	"github.com/venn-adapt/venn/adapt"
)

// circular fits the method backwards, from target rows with predicted labels to the
// source, and is the balanced accuracy there. Where one class is predicted alone,
// the backward classifier predicts it too.
func circular(e adapt.Evidence) (float64, error) {
	labels := predictedTarget(e)
	back := make([]int, len(e.Task.Source.Labels))
	constant := true
	for _, c := range labels {
		constant = constant && c == labels[0]
	}
	if constant {
		for i := range back {
			back[i] = labels[0]
		}
	} else {
		t := adapt.Task{Source: adapt.Labelled{X: e.Task.Target, Labels: labels, Classes: e.Task.Source.Classes}, Target: e.Task.Source.X, Seed: e.Task.Seed}
		if e.Method.Adapter.Adapt == nil {
			return 0, fmt.Errorf("what was fitted cannot be fitted again")
		}
		fit, err := e.Method.Fit(t)
		if err != nil {
			return 0, err
		}
		back = adapt.Predict(fit.Probabilities)
	}
	return balancedAccuracy(back, e.Task.Source.Labels, e.Task.Source.Classes), nil
}

// balancedAccuracy is the mean recall of the classes that have rows.
func balancedAccuracy(predicted, labels []int, classes int) float64 {
	hits, sizes := make([]float64, classes), adapt.Counts(labels, classes)
	for i, c := range labels {
		if predicted[i] == c {
			hits[c]++
		}
	}
	sum, present := 0.0, 0.0
	for c, n := range sizes {
		if n > 0 {
			sum, present = sum+hits[c]/float64(n), present+1
		}
	}
	return sum / present
}

func init() {
	adapt.Validators.Add("circular", adapt.ValidatorInfo{
		Name:     "circular",
		Doc:      "balanced accuracy on the source of the same method fitted backwards from predicted target labels; blind to swapped classes",
		Citation: "Bruzzone and Marconcini, Domain adaptation problems: a DASVM classification technique and a circular validation strategy, 2010",
		Score:    circular,
	})
}
