package adapt_test

import (
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/toy"
)

// Tune without a path, its errors, and the accuracies of its trials.
func TestTuneWithoutPath(t *testing.T) {
	info, _ := adapt.Classifiers.Get("centroid")
	train := adapt.Labelled{X: mat.NewDense(4, 2, []float64{0, 0, 0, 100, 1, 0, 1, 100}), Labels: []int{0, 0, 1, 1}, Classes: 2}
	// Unscaled, the first column tells; scaled it does as well, and the earlier setting is kept.
	val := adapt.Labelled{X: mat.NewDense(4, 2, []float64{0, 50, 1, 50, 0, 50, 0.9, 50}), Labels: []int{0, 1, 1, 1}, Classes: 2}
	got, err := adapt.Tune(info, train, val)
	if err != nil || got.Accuracy != 0.75 || got.Settings.String("standardise") != "none" || len(got.Trials) != 2 || got.Trials[1].Accuracy != 0.75 || got.Trials[1].Settings.String("standardise") != "source" {
		t.Errorf("%+v, %v", got, err)
	}
	knn, _ := adapt.Classifiers.Get("knn")
	calls := 0
	flaky := adapt.ClassifierInfo{Name: "flaky", Options: []option.Option{{Name: "k", Kind: option.Int, Default: 9}}, New: func(s option.Values) adapt.Classifier {
		calls++
		return knn.New(s)
	}}
	for _, tt := range []struct {
		train, val adapt.Labelled
		want       string
	}{
		{train, adapt.Labelled{X: toy.Column(1), Labels: []int{0}, Classes: 2}, "adapt: flaky: 1 validation columns, 2 training columns"},
		{train, adapt.Labelled{X: val.X, Labels: []int{0}, Classes: 2}, "adapt: flaky: 1 validation labels for 4 rows"},
		{train, adapt.Labelled{X: val.X, Labels: val.Labels, Classes: 3}, "adapt: flaky: 2 classes in training, 3 in validation"},
	} {
		if _, err := adapt.Tune(flaky, tt.train, tt.val); err == nil || err.Error() != tt.want || calls > 0 {
			t.Errorf("error %v, want %q", err, tt.want)
		}
	}
	flaky.Options[0] = option.Option{Name: "k", Kind: option.Int, Default: 9}
	if _, err := adapt.Tune(adapt.ClassifierInfo{Name: "knn", Options: []option.Option{{Name: "k", Kind: option.Int, Default: 9}, knn.Options[1]}, New: flaky.New}, train, val); err == nil || err.Error() != "adapt: knn: k is 9, there are 4 training rows" {
		t.Errorf("nothing fits: %v", err)
	}
	calls = 0
	some := adapt.ClassifierInfo{Name: "knn", Options: []option.Option{{Name: "k", Kind: option.Int, Default: 1}, knn.Options[1]}, Grid: []option.Values{{"k": 9}, {"k": 1}, {"k": 3}}, New: flaky.New}
	got, err = adapt.Tune(some, train, val)
	if err != nil || calls != 3 || got.Settings.Int("k") != 1 || got.Trials[0].Err == nil || got.Trials[0].Accuracy != 0 || !strings.Contains(got.Trials[0].Err.Error(), "k is 9") {
		t.Errorf("%+v, %v", got, err)
	}
	some.Grid = some.Grid[2:] // of one entry
	if got, err = adapt.Tune(some, train, val); err != nil || got.Settings.Int("k") != 3 || len(got.Trials) != 1 {
		t.Errorf("a grid of one setting: %+v, %v", got, err)
	}
	wrong := adapt.Labelled{X: train.X, Labels: []int{1, 1, 0, 0}, Classes: 2}
	if got, err := adapt.Tune(info, train, wrong); err != nil || got.Classifier == nil || got.Accuracy != 0 || len(got.Trials) != 2 {
		t.Errorf("every row wrong is still a trial: %+v, %v", got, err)
	}
	if got := adapt.Predict(mat.NewDense(3, 3, []float64{0.2, 0.4, 0.4, 0, 0, 1, 0.5, 0.5, 0})); !slices.Equal(got, []int{1, 2, 0}) {
		t.Errorf("predictions %v", got)
	}
}

// Tune keeps the setting that is best on validation, the earlier among equals.
// blobs are toy.Blobs with their labels.
func blobs(seed uint64, n, d, classes int, spread float64) adapt.Labelled {
	x, labels := toy.Blobs(seed, n, d, classes, spread)
	return adapt.Labelled{X: x, Labels: labels, Classes: classes}
}

func TestTune(t *testing.T) {
	info, _ := adapt.Classifiers.Get("knn")
	train := blobs(1, 60, 3, 3, 0.5)
	easy, err := adapt.Tune(info, train, blobs(2, 30, 3, 3, 0.5))
	if err != nil || easy.Settings.Int("k") != info.Grid[0].Int("k") || easy.Accuracy != 1 {
		t.Errorf("separable: %v, %v", easy.Settings, err)
	}
	// One row in five carries another label: more neighbours outvote it.
	noisy := adapt.Labelled{X: train.X, Labels: append([]int(nil), train.Labels...), Classes: 3}
	for i := 0; i < 60; i += 5 {
		noisy.Labels[i] = (noisy.Labels[i] + 1) % 3
	}
	hard, err := adapt.Tune(info, noisy, blobs(3, 60, 3, 3, 0.5))
	if err != nil || hard.Settings.Int("k") == 1 {
		t.Errorf("noisy labels: %v, %v", hard.Settings, err)
	}
}
