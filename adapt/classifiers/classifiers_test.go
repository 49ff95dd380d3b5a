package classifiers

import (
	"encoding/json"
	"maps"
	"os"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/toy"
)

func fitted(t *testing.T, info adapt.ClassifierInfo, data adapt.Labelled, classes int, changes ...option.Values) adapt.Classifier {
	t.Helper()
	settings := option.Defaults(info.Options)
	for _, c := range changes {
		maps.Copy(settings, c)
	}
	c := info.New(settings)
	if err := c.Fit(adapt.Labelled{X: data.X, Labels: data.Labels, Classes: classes, Weights: data.Weights}); err != nil {
		t.Fatalf("%s: %v", info.Name, err)
	}
	return c
}

func probabilities(t *testing.T, c adapt.Classifier, x *mat.Dense) *mat.Dense {
	t.Helper()
	p, err := c.Probabilities(x)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// scikitLearn is what testdata/golden.py wrote.
type scikitLearn struct {
	X, Q, Overlapping       [][]float64
	Y                       []int
	Weights                 []float64
	Probabilities, Weighted map[string][][]float64
	Decisions               map[string][][]float64
}

func openScikitLearn(t *testing.T) (g scikitLearn) {
	t.Helper()
	raw, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &g); err != nil {
		t.Fatal(err)
	}
	return g
}

func matrix(rows [][]float64) *mat.Dense {
	m := mat.NewDense(len(rows), len(rows[0]), nil)
	for i, r := range rows {
		m.SetRow(i, r)
	}
	return m
}

func TestAgainstScikitLearn(t *testing.T) {
	g := openScikitLearn(t)
	settings := map[string]option.Values{
		"logistic":    {"lambda": 0.01, "standardise": "source"},
		"logistic-l1": {"lambda": 0.02, "standardise": "source"},
		"knn":         {"k": 5, "standardise": "none"},
		"lda":         {"shrinkage": "fixed", "amount": 0.1, "standardise": "none"},
		"centroid":    {"standardise": "none"},
		"svm-linear":  {"c": 0.5, "standardise": "source"},
		"svm":         {"c": 2.0, "gamma": 0.3, "standardise": "source"},
	}
	plain := adapt.Labelled{X: matrix(g.X), Labels: g.Y, Classes: 3}
	weighted := adapt.Labelled{X: matrix(g.Overlapping), Labels: g.Y, Classes: 3, Weights: g.Weights}
	for _, part := range []struct {
		train adapt.Labelled
		want  map[string][][]float64
	}{{plain, g.Probabilities}, {weighted, g.Weighted}} {
		for name, want := range part.want {
			info, err := adapt.Classifiers.Get(name)
			if err != nil {
				t.Fatal(err)
			}
			got := probabilities(t, fitted(t, info, part.train, 3, settings[name]), matrix(g.Q))
			if !mat.EqualApprox(got, matrix(want), 2e-4) { // two optimisers' stopping rules
				t.Errorf("%s:\n%v\nwant\n%v", name, mat.Formatted(got), want)
			}
		}
	}
	settings["svm/linear"] = option.Values{"c": 2.0, "kernel": "linear", "standardise": "source"}
	for name, want := range g.Decisions {
		kind, _, _ := strings.Cut(name, "/")
		info, _ := adapt.Classifiers.Get(kind)
		var got *mat.Dense
		switch c := fitted(t, info, weighted, 3, settings[name]).(type) {
		case *linearMachine:
			q, _ := c.base.query(matrix(g.Q))
			got = decisions(c.fitted, q)
		case *kernelMachine:
			q, _ := c.base.query(matrix(g.Q))
			got = c.fitted.decisions(q)
		}
		if !mat.EqualApprox(got, matrix(want), 2e-3) {
			t.Errorf("%s: decisions\n%v\nwant\n%v", name, mat.Formatted(got), want)
		}
	}
}

// A row of weight 2 is two rows, and one of weight 0 none, for every classifier that
// does not draw at random or split its rows.
func TestWeightsCountRows(t *testing.T) {
	train, queries := blobs(1, 60, 5, 3, 1.5), blobs(2, 40, 5, 3, 1.5)
	twice := adapt.Labelled{X: mat.NewDense(60, 5, nil), Classes: 3}
	weights := make([]float64, 60)
	k := 0
	for i := range 60 { // every third row twice, every other third not at all
		weights[i] = float64(i % 3)
	}
	rows := train
	rows.Labels = make([]int, 60)
	for i := range rows.Labels {
		rows.Labels[i] = i / 3 % 3
		for range i % 3 {
			twice.X.SetRow(k, rows.X.RawRowView(i))
			twice.Labels = append(twice.Labels, rows.Labels[i])
			k++
		}
	}
	rows.Weights = weights
	for _, name := range []string{"centroid", "lda", "logistic", "logistic-l1"} {
		info, _ := adapt.Classifiers.Get(name)
		a := probabilities(t, fitted(t, info, rows, 3, option.Values{"standardise": "none"}), queries.X)
		b := probabilities(t, fitted(t, info, twice, 3, option.Values{"standardise": "none"}), queries.X)
		if name == "lda" { // Ledoit and Wolf's intensity counts rows, not weight
			fixed := option.Values{"standardise": "none", "shrinkage": "fixed"}
			a = probabilities(t, fitted(t, info, rows, 3, fixed), queries.X)
			b = probabilities(t, fitted(t, info, twice, 3, fixed), queries.X)
		}
		if !mat.EqualApprox(a, b, 1e-4) {
			t.Errorf("%s: weights differ from repeated rows", name)
		}
	}
	for _, info := range adapt.Classifiers.All() { // and weights reach every classifier
		one := probabilities(t, fitted(t, info, train, 3, neighboursMany(info)), queries.X)
		heavy := train
		heavy.Weights = make([]float64, 60)
		for i := range heavy.Weights {
			heavy.Weights[i] = 0.05
			if train.Labels[i] == 2 {
				heavy.Weights[i] = 1
			}
		}
		other := probabilities(t, fitted(t, info, heavy, 3, neighboursMany(info)), queries.X)
		if mat.Equal(one, other) {
			t.Errorf("%s: weights change nothing", info.Name)
		}
	}
}

// neighboursMany makes weights matter to knn, whose one neighbour has all votes.
func neighboursMany(info adapt.ClassifierInfo) option.Values {
	if info.Name == "knn" {
		return option.Values{"k": 7}
	}
	return nil
}

// blobs are toy.Blobs with their labels.
func blobs(seed uint64, n, d, classes int, spread float64) adapt.Labelled {
	x, labels := toy.Blobs(seed, n, d, classes, spread)
	return adapt.Labelled{X: x, Labels: labels, Classes: classes}
}
