package classifiers

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/rows"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/internal/toy"
)

// Decisions of s for the own class in right rows and for the other in wrong ones: the mean cross-entropy of
// softmax(b f) is least where the chance of being right is its share, so b = log(right/wrong)/s.
func TestSteepness(t *testing.T) {
	for _, tt := range []struct {
		wrong, scale float64
		want         float64 // nan: by the share
	}{{0.25, 1, math.NaN()}, {0.4, 3, math.NaN()}, {0, 0.05, 100}, {1, 1, 0.01}} {
		n := 100
		r := &training{x: mat.NewDense(n, 1, nil), labels: make([]int, n)}
		draw := stream.New(1, "steep")
		for i := range n {
			r.labels[i] = i % 2
			r.x.Set(i, 0, tt.scale)
			if draw.Float64() < tt.wrong {
				r.x.Set(i, 0, -tt.scale)
			}
			if i%2 == 1 {
				r.x.Set(i, 0, -r.x.At(i, 0))
			}
		}
		kept, held, err := domains.HoldOut(r.labels, 2, 0.2, 0)
		if err != nil || len(held) != 20 {
			t.Fatal(err)
		}
		var right, wrong float64
		for _, i := range held {
			if r.x.At(i, 0) > 0 == (r.labels[i] == 0) {
				right++
			} else {
				wrong++
			}
		}
		got, err := steepness(r, 2, func(part *training) (func(x *mat.Dense) *mat.Dense, error) {
			if !mat.Equal(part.x, rows.Take(r.x, kept)) {
				t.Error("the first fit is on the kept rows")
			}
			return func(x *mat.Dense) *mat.Dense {
				f := mat.NewDense(len(held), 2, nil)
				f.SetCol(0, mat.Col(nil, 0, x))
				return f
			}, nil
		})
		want := tt.want
		if math.IsNaN(want) {
			want = math.Log(right/wrong) / tt.scale
		}
		if err != nil || !(math.Abs(got/want-1) <= 1e-6) {
			t.Errorf("%+v: %v, want %v (%v)", tt, got, want, err)
		}
	}
	single := &training{x: toy.Column(1, 2), labels: []int{0, 1}}
	if got, err := steepness(single, 2, nil); got != 1 || err != nil {
		t.Errorf("no class of two rows: %v, %v", got, err)
	}
	two := &training{x: toy.Column(1, 2, 3), labels: []int{0, 1, 1}, weights: []float64{1, 2, 3}}
	if got, err := steepness(two, 2, func(*training) (func(x *mat.Dense) *mat.Dense, error) { return nil, fmt.Errorf("no") }); got != 0 || err == nil {
		t.Errorf("a fit that fails: %v, %v", got, err)
	}
	part := two.take([]int{2, 0})
	if !slices.Equal(part.labels, []int{1, 0}) || !slices.Equal(part.weights, []float64{3, 1}) || part.x.At(0, 0) != 3 {
		t.Errorf("taken: %+v", part)
	}
	p := softmaxOf(mat.NewDense(1, 2, []float64{1, 3}), 0.5)
	toy.Close(t, "softmax", p.RawRowView(0), []float64{1 / (1 + math.E), math.E / (1 + math.E)}, 1e-12)
}

// Classes 1 and 3 of five have rows: the classifier knows them as 0 and 1, and its answers come
// back at 1 and 3.
func TestNewFit(t *testing.T) {
	train := adapt.Labelled{X: mat.NewDense(4, 2, []float64{1, 7, 3, 7, 1, 7, 3, 7}), Labels: []int{3, 1, 3, 1}, Classes: 5}
	f, r, err := newFit("x", train, "source")
	if err != nil || !slices.Equal(f.present, []int{1, 3}) || !slices.Equal(r.labels, []int{1, 0, 1, 0}) || !mat.EqualApprox(r.x, toy.Column(-1, 1, -1, 1), 1e-12) {
		t.Errorf("%+v, %+v, %v", f, r, err)
	}
	if got := f.spread(mat.NewDense(1, 2, []float64{0.25, 0.75})); !mat.Equal(got, mat.NewDense(1, 5, []float64{0, 0.25, 0, 0.75, 0})) {
		t.Errorf("spread to %v", mat.Formatted(got))
	}
	if r.weight(2) != 1 || (&training{weights: []float64{0.5, 1.5}}).weight(1) != 1.5 {
		t.Error("weights of rows")
	}
	if _, r, err = newFit("x", train, "none"); err != nil || r.x != train.X {
		t.Error("unscaled rows are the caller's own")
	}
}

// What nobody can learn from, each with its line.
func TestRefusedRows(t *testing.T) {
	x := mat.NewDense(3, 2, []float64{1, 2, 3, 4, 5, 6})
	with := func(i, j int, v float64) *mat.Dense {
		out := mat.DenseCopyOf(x)
		out.Set(i, j, v)
		return out
	}
	y := []int{0, 1, 2}
	for _, tt := range []struct {
		train adapt.Labelled
		want  string
	}{
		{adapt.Labelled{X: x, Labels: []int{0, 1}, Classes: 3}, "adapt: x: 2 labels for 3 rows"},
		{adapt.Labelled{X: x, Labels: y, Classes: 3, Weights: []float64{1}}, "adapt: x: 1 weights for 3 rows"},
		{adapt.Labelled{X: with(1, 0, math.NaN()), Labels: y, Classes: 3}, "adapt: x: row 1, column 0 is NaN, want a finite number"},
		{adapt.Labelled{X: with(2, 1, math.Inf(-1)), Labels: y, Classes: 3}, "adapt: x: row 2, column 1 is -Inf, want a finite number"},
		{adapt.Labelled{X: x, Labels: y, Classes: 2}, "adapt: x: label 2 of row 2, want 0 to 1"},
		{adapt.Labelled{X: x, Labels: []int{0, -1, 1}, Classes: 3}, "adapt: x: label -1 of row 1, want 0 to 2"},
		{adapt.Labelled{X: x, Labels: y, Classes: 3, Weights: []float64{1, -1, 1}}, "adapt: x: weight -1 of row 1, want a finite number from 0"},
		{adapt.Labelled{X: x, Labels: y, Classes: 3, Weights: []float64{1, 1, math.NaN()}}, "adapt: x: weight NaN of row 2, want a finite number from 0"},
		{adapt.Labelled{X: x, Labels: y, Classes: 3, Weights: []float64{math.Inf(1), 1, 1}}, "adapt: x: weight +Inf of row 0, want a finite number from 0"},
		{adapt.Labelled{X: x, Labels: y, Classes: 3, Weights: []float64{0, 0, 0}}, "adapt: x: the weights of all 3 rows are zero"},
		{adapt.Labelled{X: x, Labels: []int{1, 1, 1}, Classes: 3}, "adapt: x: 1 of 3 classes present in 3 rows, want at least 2"},
		{adapt.Labelled{X: x, Labels: y, Classes: 3, Weights: []float64{0, 2, 0}}, "adapt: x: 1 of 3 classes present in 1 rows, want at least 2"},
		{adapt.Labelled{X: mat.NewDense(3, 2, nil), Labels: y, Classes: 3}, "adapt: x: none of 2 columns varies over 3 rows"},
		{adapt.Labelled{X: &mat.Dense{}, Labels: nil, Classes: 3}, "adapt: x: no rows"},
	} {
		if _, _, err := newFit("x", tt.train, "source"); err == nil || err.Error() != tt.want {
			t.Errorf("error %v, want %q", err, tt.want)
		}
	}
	f, _, err := newFit("x", adapt.Labelled{X: x, Labels: y, Classes: 3, Weights: []float64{0, 1, 1e-300}}, "source")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		x    *mat.Dense
		want string
	}{{toy.Column(1), "adapt: x: 1 columns, the fit saw 2"}, {with(0, 1, math.NaN()), "adapt: x: row 0, column 1 is NaN, want a finite number"}} {
		if _, err := f.query(tt.x); err == nil || err.Error() != tt.want {
			t.Errorf("query: %v, want %q", err, tt.want)
		}
	}
	if _, err := (&fit{}).query(x); err == nil || err.Error() != "adapt: probabilities asked for before a fit" {
		t.Errorf("before a fit: %v", err)
	}
}

// Classes of one repeated row have no variance: the nearest mean has all.
func TestCentroidWithoutVariance(t *testing.T) {
	info, _ := adapt.Classifiers.Get("centroid")
	c := fitted(t, info, adapt.Labelled{X: toy.Column(2, 2, 6), Labels: []int{0, 0, 2}, Classes: 3}, 3, option.Values{"standardise": "none"})
	if p := probabilities(t, c, toy.Column(3, 4, 5)); !mat.Equal(p, mat.NewDense(3, 3, []float64{1, 0, 0, 1, 0, 0, 0, 0, 1})) {
		t.Errorf("%v", mat.Formatted(p))
	}
	// Weights 1 and 3 of the first class's rows 0 and 4: mean 3, variance 3 of it alone; shares 4/5 and 1/5.
	r := &training{x: toy.Column(0, 4, 10), labels: []int{0, 0, 1}, weights: []float64{0.6, 1.8, 0.6}}
	means, shares := classMeans(r, 2)
	toy.Close(t, "means", means.RawMatrix().Data, []float64{3, 10}, 1e-12)
	toy.Close(t, "shares", shares, []float64{0.8, 0.2}, 1e-12)
	c = fitted(t, info, adapt.Labelled{X: toy.Column(0, 4, 10), Labels: []int{0, 0, 1}, Classes: 2, Weights: []float64{1, 3, 1}}, 2, option.Values{"standardise": "none"})
	if v := c.(*Centroid).variance; !(math.Abs(v-(0.6*9+1.8*1)/3) <= 1e-12) {
		t.Errorf("variance %v", v)
	}
}

// Votes by hand: of equally near rows the first, weights as votes, and a path of which one k is
// usable.
func TestNeighboursByHand(t *testing.T) {
	info, _ := adapt.Classifiers.Get("knn")
	train := adapt.Labelled{X: toy.Column(-1, 1, 4), Labels: []int{2, 0, 1}, Classes: 3, Weights: []float64{1, 3, 4}}
	for k, want := range map[int][]float64{1: {0, 0, 1}, 2: {0.75, 0, 0.25}, 3: {3. / 8, 0.5, 1. / 8}} {
		toy.Close(t, fmt.Sprint(k), probabilities(t, fitted(t, info, train, 3, option.Values{"k": k}), toy.Column(0)).RawRowView(0), want, 1e-12)
	}
	settings := []option.Values{{"k": 4, "standardise": "none"}, {"k": 2, "standardise": "none"}}
	got := neighboursPath(settings, train, toy.Column(0))
	if got[0].Err == nil || got[0].Err.Error() != "adapt: knn: k is 4, there are 3 training rows" || got[0].Probabilities != nil {
		t.Errorf("k 4: %v", got[0].Err)
	}
	if got[1].Err != nil || !mat.EqualApprox(got[1].Probabilities, mat.NewDense(1, 3, []float64{0.75, 0, 0.25}), 1e-12) {
		t.Errorf("k 2: %+v", got[1])
	}
	if got = neighboursPath(settings[:1], train, toy.Column(0)); got[0].Err == nil {
		t.Error("no usable k")
	}
	if got = neighboursPath(settings, train, mat.NewDense(1, 2, nil)); got[1].Err == nil || got[1].Err.Error() != "adapt: knn: 2 columns, the fit saw 1" {
		t.Errorf("other columns: %v", got[1].Err)
	}
	if got = neighboursPath(settings, adapt.Labelled{X: toy.Column(1), Labels: []int{0}, Classes: 1}, toy.Column(0)); got[1].Err == nil || got[1].Classifier == nil {
		t.Errorf("one class: %+v", got[1])
	}
	x := toy.Column(0, 1)
	c := fitted(t, info, adapt.Labelled{X: x, Labels: []int{0, 1}, Classes: 2}, 2)
	shared := neighboursPath([]option.Values{{"k": 1, "standardise": "none"}}, adapt.Labelled{X: x, Labels: []int{0, 1}, Classes: 2}, toy.Column(0))[0].Classifier
	x.Set(0, 0, 50)
	if probabilities(t, c, toy.Column(0)).At(0, 0) != 1 || probabilities(t, shared, toy.Column(0)).At(0, 0) != 1 {
		t.Error("the caller's rows were not copied")
	}
}
