package adapt

import (
	"fmt"
	"maps"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/option"
)

// Data are features (n x d) with their classes.
type Data struct {
	X *mat.Dense
	Y []int
}

// A Tuned is a fitted classifier with the settings that were chosen for it.
type Tuned struct {
	Classifier
	Settings   option.Values
	Validation float64 // accuracy on the validation rows
}

// Selector names how Tune chooses, for records and tables.
const Selector = "source-validation accuracy"

// Tune fits the classifier with each setting of its grid on train and keeps the one
// that is most accurate on validation, the earlier among equals. It is given
// labelled data of one domain only. It fails where a fit fails, naming the setting.
func Tune(info ClassifierInfo, train, validation Data, classes int) (Tuned, error) {
	grid := info.Grid
	if len(grid) == 0 {
		grid = []option.Values{{}}
	}
	best := Tuned{Validation: -1}
	for _, point := range grid {
		settings := option.Defaults(info.Options)
		maps.Copy(settings, point)
		c := info.New(settings)
		if err := c.Fit(train.X, train.Y, classes); err != nil {
			return Tuned{}, fmt.Errorf("%w (settings %v)", err, map[string]any(settings))
		}
		p, err := c.Probabilities(validation.X)
		if err != nil {
			return Tuned{}, err
		}
		if accuracy := share(Predict(p), validation.Y); accuracy > best.Validation {
			best = Tuned{Classifier: c, Settings: settings, Validation: accuracy}
		}
	}
	return best, nil
}

// share is the share of equal entries.
func share(predicted, y []int) float64 {
	hits := 0
	for i, c := range predicted {
		if c == y[i] {
			hits++
		}
	}
	return float64(hits) / float64(len(y))
}
