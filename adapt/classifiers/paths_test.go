package classifiers

import (
	"fmt"
	"maps"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/toy"
)

// A path over rows that nobody can learn from says so for each setting, with a classifier that is not fitted.
func TestPathsOfRefusedRows(t *testing.T) {
	one := adapt.Labelled{X: toy.Column(1, 2), Labels: []int{1, 1}, Classes: 2}
	for _, info := range adapt.Classifiers.All() {
		if info.Path == nil {
			continue
		}
		want := fmt.Sprintf("adapt: %s: 1 of 2 classes present in 2 rows, want at least 2", info.Name)
		for i, f := range info.Path([]option.Values{option.Defaults(info.Options), option.Defaults(info.Options)}, one, toy.Column(1)) {
			if f.Err == nil || f.Err.Error() != want || f.Classifier == nil || f.Probabilities != nil {
				t.Errorf("%s, setting %d: %v, want %s", info.Name, i, f.Err, want)
			}
		}
	}
}

// A path of one setting is the fit of it.
func TestPathsOfOneSetting(t *testing.T) {
	train := blobs(1, 30, 2, 3, 1)
	for _, info := range adapt.Classifiers.All() {
		if info.Path == nil {
			continue
		}
		s := option.Defaults(info.Options)
		c := info.New(s)
		if err := c.Fit(train); err != nil {
			t.Fatal(err)
		}
		want, err := c.Probabilities(train.X)
		got := info.Path([]option.Values{s}, train, train.X)
		if err != nil || len(got) != 1 || got[0].Err != nil || !mat.EqualApprox(got[0].Probabilities, want, 1e-9) {
			t.Errorf("%s: %v, %v", info.Name, got, err)
		}
	}
}

// A path gives the same answers as fitting one by one.
func TestPathsAgree(t *testing.T) {
	train, queries := blobs(1, 90, 5, 3, 1.5), blobs(2, 40, 5, 3, 1.5)
	for _, info := range adapt.Classifiers.All() {
		if info.Path == nil {
			continue
		}
		var grid []option.Values
		for _, g := range info.Grid {
			s := option.Defaults(info.Options)
			maps.Copy(s, g)
			grid = append(grid, s)
		}
		shared := info.Path(grid, train, queries.X)
		for i, s := range grid {
			one := probabilities(t, fitted(t, info, train, 3, s), queries.X)
			if shared[i].Err != nil || !mat.EqualApprox(shared[i].Probabilities, one, 1e-3) { // what regressionTolerance leaves
				t.Errorf("%s with %v: the path differs (%v)", info.Name, s, shared[i].Err)
			}
		}
	}
}
