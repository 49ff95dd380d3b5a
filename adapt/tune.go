package adapt

import (
	"fmt"
	"maps"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/option"
)

// A Tuned is a classifier fitted with the settings that did best on source validation.
type Tuned struct {
	Classifier Classifier
	Settings   option.Values // complete
	Accuracy   float64       // on source validation, in [0, 1]
	Trials     []Trial       // every setting of the grid, in its order
}

// A Trial is one setting that Tune tried, with its source validation accuracy or what
// kept it from being fitted.
type Trial struct {
	Settings option.Values
	Accuracy float64
	Err      error
}

// Tune fits every setting of the classifier's grid on source training rows and keeps the one of
// highest accuracy on source validation rows, the earlier one on a tie; nothing of the
// target takes part. Columns are scaled by the training rows as the classifier's
// `standardise` option says. The fit is not repeated on training and validation together.
// A setting that cannot be fitted is a trial with an error; Tune fails when none can, or
// when the two sets differ in width or classes.
func Tune(info ClassifierInfo, train, validation Labelled) (Tuned, error) {
	n, d := validation.X.Dims()
	_, e := train.X.Dims()
	switch {
	case d != e:
		return Tuned{}, fmt.Errorf("adapt: %s: %d validation columns, %d training columns", info.Name, d, e)
	case n != len(validation.Labels):
		return Tuned{}, fmt.Errorf("adapt: %s: %d validation labels for %d rows", info.Name, len(validation.Labels), n)
	case train.Classes != validation.Classes:
		return Tuned{}, fmt.Errorf("adapt: %s: %d classes in training, %d in validation", info.Name, train.Classes, validation.Classes)
	}
	grid := make([]option.Values, max(1, len(info.Grid)))
	for i := range grid {
		grid[i] = option.Defaults(info.Options)
		if len(info.Grid) > 0 {
			maps.Copy(grid[i], info.Grid[i])
		}
	}
	best := Tuned{Accuracy: -1}
	for i, f := range fitAll(info, grid, train, validation.X) {
		trial := Trial{Settings: grid[i], Err: f.Err}
		if f.Err == nil {
			trial.Accuracy = Accuracy(Predict(f.Probabilities), validation.Labels)
			if trial.Accuracy > best.Accuracy {
				best.Classifier, best.Settings, best.Accuracy = f.Classifier, grid[i], trial.Accuracy
			}
		}
		best.Trials = append(best.Trials, trial)
	}
	if best.Classifier == nil {
		return Tuned{}, best.Trials[0].Err
	}
	return best, nil
}

// fitAll fits each setting and predicts the queries, by the classifier's path if it has one.
func fitAll(info ClassifierInfo, grid []option.Values, train Labelled, queries *mat.Dense) []Fitted {
	if info.Path != nil {
		return info.Path(grid, train, queries)
	}
	out := make([]Fitted, len(grid))
	for i, s := range grid {
		out[i].Classifier = info.New(s)
		if out[i].Err = out[i].Classifier.Fit(train); out[i].Err == nil {
			out[i].Probabilities, out[i].Err = out[i].Classifier.Probabilities(queries)
		}
	}
	return out
}

// Predict returns the most probable class of each row, the lowest on a tie.
func Predict(probabilities *mat.Dense) []int {
	n, _ := probabilities.Dims()
	out := make([]int, n)
	for i := range out {
		row := probabilities.RawRowView(i)
		for k, p := range row {
			if p > row[out[i]] {
				out[i] = k
			}
		}
	}
	return out
}

// Accuracy is the share of predictions that are the labels, in [0, 1].
func Accuracy(predicted, labels []int) float64 {
	hits := 0
	for i, c := range predicted {
		if c == labels[i] {
			hits++
		}
	}
	return float64(hits) / float64(len(labels))
}
