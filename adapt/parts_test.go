package adapt

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/logistic"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/pairwise"
	"github.com/venn-adapt/venn/internal/perceptron"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/internal/trees"
)

// Decisions of s for the own class in right rows and for the other in wrong ones: the mean cross-entropy of
// softmax(b f) is least where the chance of being right is its share, so b = log(right/wrong)/s.
func TestSteepness(t *testing.T) {
	for _, tt := range []struct {
		wrong, scale float64
		want         float64 // nan: by the share
	}{{0.25, 1, math.NaN()}, {0.4, 3, math.NaN()}, {0, 0.05, 100}, {1, 1, 0.01}} {
		n := 100
		r := &rows{x: mat.NewDense(n, 1, nil), labels: make([]int, n)}
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
		got, err := steepness(r, 2, func(part *rows) (func(x *mat.Dense) *mat.Dense, error) {
			if !mat.Equal(part.x, takeRows(r.x, kept)) {
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
	single := &rows{x: column(1, 2), labels: []int{0, 1}}
	if got, err := steepness(single, 2, nil); got != 1 || err != nil {
		t.Errorf("no class of two rows: %v, %v", got, err)
	}
	two := &rows{x: column(1, 2, 3), labels: []int{0, 1, 1}, weights: []float64{1, 2, 3}}
	if got, err := steepness(two, 2, func(*rows) (func(x *mat.Dense) *mat.Dense, error) { return nil, fmt.Errorf("no") }); got != 0 || err == nil {
		t.Errorf("a fit that fails: %v, %v", got, err)
	}
	part := two.take([]int{2, 0})
	if !slices.Equal(part.labels, []int{1, 0}) || !slices.Equal(part.weights, []float64{3, 1}) || part.x.At(0, 0) != 3 {
		t.Errorf("taken: %+v", part)
	}
	p := softmaxOf(mat.NewDense(1, 2, []float64{1, 3}), 0.5)
	closeTo(t, "softmax", p.RawRowView(0), []float64{1 / (1 + math.E), math.E / (1 + math.E)}, 1e-12)
}

// Weights by hand: rows of weight zero are gone, the mean is 1.
func TestWeighted(t *testing.T) {
	l := Labelled{X: column(1, 2, 3, 4), Labels: []int{0, 1, 0, 1}, Classes: 2, Weights: []float64{0, 1, 3, 0}}.weighted()
	if !mat.Equal(l.X, column(2, 3)) || !slices.Equal(l.Labels, []int{1, 0}) || l.Classes != 2 {
		t.Errorf("%+v", l)
	}
	closeTo(t, "weights", l.Weights, []float64{0.5, 1.5}, 0)
	x := column(1, 2, 3)
	if l = (Labelled{X: x, Labels: []int{0, 1, 0}, Classes: 2, Weights: []float64{2, 2, 8}}.weighted()); l.X != x {
		t.Error("no row of weight zero, and yet a copy")
	}
	closeTo(t, "weights", l.Weights, []float64{0.5, 0.5, 2}, 1e-15)
	taken := Labelled{X: column(1, 2, 3), Labels: []int{0, 1, 0}, Classes: 2, Weights: []float64{2, 4, 8}}.take([]int{2, 1})
	if !mat.Equal(taken.X, column(3, 2)) || !slices.Equal(taken.Labels, []int{0, 1}) || !slices.Equal(taken.Weights, []float64{8, 4}) {
		t.Errorf("taken %+v", taken)
	}
}

// Classes 1 and 3 of five have rows: the classifier knows them as 0 and 1, and its answers come
// back at 1 and 3.
func TestNewFit(t *testing.T) {
	train := Labelled{X: mat.NewDense(4, 2, []float64{1, 7, 3, 7, 1, 7, 3, 7}), Labels: []int{3, 1, 3, 1}, Classes: 5}
	f, r, err := newFit("x", train, "source")
	if err != nil || !slices.Equal(f.Present, []int{1, 3}) || !slices.Equal(r.labels, []int{1, 0, 1, 0}) || !mat.EqualApprox(r.x, column(-1, 1, -1, 1), 1e-12) {
		t.Errorf("%+v, %+v, %v", f, r, err)
	}
	if got := f.spread(mat.NewDense(1, 2, []float64{0.25, 0.75})); !mat.Equal(got, mat.NewDense(1, 5, []float64{0, 0.25, 0, 0.75, 0})) {
		t.Errorf("spread to %v", mat.Formatted(got))
	}
	if r.weight(2) != 1 || (&rows{weights: []float64{0.5, 1.5}}).weight(1) != 1.5 {
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
		train Labelled
		want  string
	}{
		{Labelled{x, []int{0, 1}, 3, nil}, "adapt: x: 2 labels for 3 rows"},
		{Labelled{x, y, 3, []float64{1}}, "adapt: x: 1 weights for 3 rows"},
		{Labelled{with(1, 0, math.NaN()), y, 3, nil}, "adapt: x: row 1, column 0 is NaN, want a finite number"},
		{Labelled{with(2, 1, math.Inf(-1)), y, 3, nil}, "adapt: x: row 2, column 1 is -Inf, want a finite number"},
		{Labelled{x, y, 2, nil}, "adapt: x: label 2 of row 2, want 0 to 1"},
		{Labelled{x, []int{0, -1, 1}, 3, nil}, "adapt: x: label -1 of row 1, want 0 to 2"},
		{Labelled{x, y, 3, []float64{1, -1, 1}}, "adapt: x: weight -1 of row 1, want a finite number from 0"},
		{Labelled{x, y, 3, []float64{1, 1, math.NaN()}}, "adapt: x: weight NaN of row 2, want a finite number from 0"},
		{Labelled{x, y, 3, []float64{math.Inf(1), 1, 1}}, "adapt: x: weight +Inf of row 0, want a finite number from 0"},
		{Labelled{x, y, 3, []float64{0, 0, 0}}, "adapt: x: the weights of all 3 rows are zero"},
		{Labelled{x, []int{1, 1, 1}, 3, nil}, "adapt: x: 1 of 3 classes present in 3 rows, want at least 2"},
		{Labelled{x, y, 3, []float64{0, 2, 0}}, "adapt: x: 1 of 3 classes present in 1 rows, want at least 2"},
		{Labelled{mat.NewDense(3, 2, nil), y, 3, nil}, "adapt: x: none of 2 columns varies over 3 rows"},
		{Labelled{&mat.Dense{}, nil, 3, nil}, "adapt: x: 0 rows and 0 columns, want at least one of each"},
	} {
		if _, _, err := newFit("x", tt.train, "source"); err == nil || err.Error() != tt.want {
			t.Errorf("error %v, want %q", err, tt.want)
		}
	}
	f, _, err := newFit("x", Labelled{x, y, 3, []float64{0, 1, 1e-300}}, "source")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		x    *mat.Dense
		want string
	}{{column(1), "adapt: x: 1 columns, the fit saw 2"}, {with(0, 1, math.NaN()), "adapt: x: row 0, column 1 is NaN, want a finite number"}} {
		if _, err := f.query(tt.x); err == nil || err.Error() != tt.want {
			t.Errorf("query: %v, want %q", err, tt.want)
		}
	}
	if _, err := (&fit{}).query(x); err == nil || err.Error() != "adapt: probabilities asked for before a fit" {
		t.Errorf("before a fit: %v", err)
	}
}

// A task's bounds, and what a method without a map answers.
func TestRefusedTasks(t *testing.T) {
	m := Method{Adapter: AdapterInfo{Name: "x", Own: true, Adapt: func(t Task, _ option.Values, _ Head) (*Adapted, error) {
		n, _ := t.Target.Dims()
		return &Adapted{Source: t.Source, Target: t.Target, Probabilities: mat.NewDense(n, 2, nil)}, nil
	}}}
	two := Labelled{X: column(1, 2), Labels: []int{0, 1}, Classes: 2}
	for _, tt := range []struct {
		task Task
		want string
	}{
		{Task{Source: two, Target: column(1, 2)}, ""},
		{Task{Source: two, Target: column(1)}, "adapt: x: 2 source and 1 target rows, want at least 2 of each"},
		{Task{Source: Labelled{X: column(1), Labels: []int{0}, Classes: 2}, Target: column(1, 2)}, "adapt: x: 1 source and 2 target rows, want at least 2 of each"},
		{Task{Source: two, Target: mat.NewDense(2, 2, nil)}, "adapt: x: the source has 1 columns, the target 2"},
		{Task{Source: two, Target: column(1, math.NaN())}, "adapt: x: target: row 1, column 0 is NaN, want a finite number"},
		{Task{Source: Labelled{X: column(1, 2), Labels: []int{0, 2}, Classes: 2}, Target: column(1, 2)}, "adapt: x: source: label 2 of row 1, want 0 to 1"},
		{Task{Source: Labelled{X: column(1, 2), Labels: []int{1, 1}, Classes: 2}, Target: column(1, 2)}, "adapt: x: 1 of 2 classes present in the source, want at least 2"},
	} {
		_, err := m.Fit(tt.task)
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || err.Error() != tt.want) {
			t.Errorf("error %v, want %q", err, tt.want)
		}
	}
	a := adaptTo(t, m, Task{Source: two, Target: column(1, 2)})
	if a.Inductive() {
		t.Error("without a map")
	}
	if _, err := a.PredictTarget(column(1)); err == nil || err.Error() != "adapt: x has no map for target rows that it did not see: use it transductively" {
		t.Errorf("target: %v", err)
	}
	if _, err := a.PredictSource(column(1)); err == nil || err.Error() != "adapt: x has no map for source rows that it did not see: use it transductively" {
		t.Errorf("source: %v", err)
	}
	if _, err := a.PredictMapped(column(1)); err == nil || err.Error() != "adapt: x predicts only the rows that it was given" {
		t.Errorf("mapped: %v", err)
	}
	a.Map = identity
	if a.Inductive() {
		t.Error("with a map alone")
	}
	a.Predict = func(z *mat.Dense) (*mat.Dense, error) { return z, nil }
	if p, err := a.PredictTarget(column(4, 5)); err != nil || p.At(1, 0) != 5 || !a.Inductive() {
		t.Errorf("with both: %v, %v", p, err)
	}
	if _, err := a.PredictTarget(column(math.Inf(1))); err == nil || err.Error() != "adapt: x: row 0, column 0 is +Inf, want a finite number" {
		t.Errorf("infinite rows: %v", err)
	}
	a.Map = func(*mat.Dense) (*mat.Dense, error) { return nil, fmt.Errorf("no") }
	if _, err := a.PredictTarget(column(1)); err == nil || err.Error() != "adapt: x: no" {
		t.Errorf("a map that fails: %v", err)
	}
}

// Classes of one repeated row have no variance: the nearest mean has all.
func TestCentroidWithoutVariance(t *testing.T) {
	info, _ := Classifiers.Get("centroid")
	c := fitted(t, info, Labelled{X: column(2, 2, 6), Labels: []int{0, 0, 2}, Classes: 3}, 3, option.Values{"standardise": "none"})
	if p := probabilities(t, c, column(3, 4, 5)); !mat.Equal(p, mat.NewDense(3, 3, []float64{1, 0, 0, 1, 0, 0, 0, 0, 1})) {
		t.Errorf("%v", mat.Formatted(p))
	}
	// Weights 1 and 3 of the first class's rows 0 and 4: mean 3, variance 3 of it alone; shares 4/5 and 1/5.
	r := &rows{x: column(0, 4, 10), labels: []int{0, 0, 1}, weights: []float64{0.6, 1.8, 0.6}}
	means, shares := classMeans(r, 2)
	closeTo(t, "means", means.RawMatrix().Data, []float64{3, 10}, 1e-12)
	closeTo(t, "shares", shares, []float64{0.8, 0.2}, 1e-12)
	c = fitted(t, info, Labelled{X: column(0, 4, 10), Labels: []int{0, 0, 1}, Classes: 2, Weights: []float64{1, 3, 1}}, 2, option.Values{"standardise": "none"})
	if v := c.(*centroid).Variance; !(math.Abs(v-(0.6*9+1.8*1)/3) <= 1e-12) {
		t.Errorf("variance %v", v)
	}
}

// Votes by hand: of equally near rows the first, weights as votes, and a path of which one k is
// usable.
func TestNeighboursByHand(t *testing.T) {
	info, _ := Classifiers.Get("knn")
	train := Labelled{X: column(-1, 1, 4), Labels: []int{2, 0, 1}, Classes: 3, Weights: []float64{1, 3, 4}}
	for k, want := range map[int][]float64{1: {0, 0, 1}, 2: {0.75, 0, 0.25}, 3: {3. / 8, 0.5, 1. / 8}} {
		closeTo(t, fmt.Sprint(k), probabilities(t, fitted(t, info, train, 3, option.Values{"k": k}), column(0)).RawRowView(0), want, 1e-12)
	}
	settings := []option.Values{{"k": 4, "standardise": "none"}, {"k": 2, "standardise": "none"}}
	got := neighboursPath(settings, train, column(0))
	if got[0].Err == nil || got[0].Err.Error() != "adapt: knn: k is 4, there are 3 training rows" || got[0].Probabilities != nil {
		t.Errorf("k 4: %v", got[0].Err)
	}
	if got[1].Err != nil || !mat.EqualApprox(got[1].Probabilities, mat.NewDense(1, 3, []float64{0.75, 0, 0.25}), 1e-12) {
		t.Errorf("k 2: %+v", got[1])
	}
	if got = neighboursPath(settings[:1], train, column(0)); got[0].Err == nil {
		t.Error("no usable k")
	}
	if got = neighboursPath(settings, train, mat.NewDense(1, 2, nil)); got[1].Err == nil || got[1].Err.Error() != "adapt: knn: 2 columns, the fit saw 1" {
		t.Errorf("other columns: %v", got[1].Err)
	}
	if got = neighboursPath(settings, Labelled{X: column(1), Labels: []int{0}, Classes: 1}, column(0)); got[1].Err == nil || got[1].Classifier == nil {
		t.Errorf("one class: %+v", got[1])
	}
	x := column(0, 1)
	c := fitted(t, info, Labelled{X: x, Labels: []int{0, 1}, Classes: 2}, 2)
	shared := neighboursPath([]option.Values{{"k": 1, "standardise": "none"}}, Labelled{X: x, Labels: []int{0, 1}, Classes: 2}, column(0))[0].Classifier
	x.Set(0, 0, 50)
	if probabilities(t, c, column(0)).At(0, 0) != 1 || probabilities(t, shared, column(0)).At(0, 0) != 1 {
		t.Error("the caller's rows were not copied")
	}
}

// The forest grown tree by tree: rows drawn with their repeats from the tree's stream, the root
// of the number of features, rounded up.
func TestForestByTrees(t *testing.T) {
	info, _ := Classifiers.Get("forest")
	train, queries := blobs(1, 40, 5, 3, 2), blobs(2, 10, 5, 3, 2)
	train.Weights = make([]float64, 40)
	for i := range train.Weights {
		train.Weights[i] = 0.5 + float64(i%2) // mean 1
	}
	got := probabilities(t, fitted(t, info, train, 3, option.Values{"trees": 7, "leaf": 1.5, "seed": 3}), queries.X)
	want := mat.NewDense(10, 3, nil)
	for k := range 7 {
		r := stream.New(3, "forest", k)
		times := make([]int, 40)
		for range 40 {
			times[r.IntN(40)]++
		}
		g := &trees.Grower{Bins: trees.NewBins(train.X), Targets: mat.NewDense(40, 3, nil), Weights: make([]float64, 40), Depth: 1000, MinLeaf: 1.5, Features: 3, Random: r}
		var rows []int
		for i, k := range times {
			if k > 0 {
				rows = append(rows, i)
			}
			g.Weights[i] = float64(k) * train.Weights[i]
			g.Targets.Set(i, train.Labels[i], g.Weights[i])
		}
		tree := g.Grow(rows)
		for i := range 10 {
			for c, v := range tree.Leaf(queries.X.RawRowView(i)) {
				want.Set(i, c, want.At(i, c)+v)
			}
		}
	}
	for i := range 10 {
		sum := want.At(i, 0) + want.At(i, 1) + want.At(i, 2)
		for c := range 3 {
			want.Set(i, c, want.At(i, c)/sum)
		}
	}
	if !mat.EqualApprox(got, want, 1e-12) {
		t.Errorf("%v\nwant\n%v", mat.Formatted(got), mat.Formatted(want))
	}
}

// The boosted trees take each setting to where it belongs, and their probabilities are the softmax
// of the summed steps.
func TestBoostingBySettings(t *testing.T) {
	info, _ := Classifiers.Get("boosting")
	train, queries := blobs(1, 40, 5, 3, 2), blobs(2, 10, 5, 3, 2)
	s := option.Values{"rounds": 6, "rate": 0.3, "depth": 2, "leaf": 0.2, "subsample": 0.6, "seed": 5}
	b := trees.Boost(train.X, train.Labels, nil, 3, trees.Settings{Rounds: 6, Rate: 0.3, Depth: 2, Leaf: 0.2, Subsample: 0.6, Seed: 5})
	want := mat.NewDense(10, 3, nil)
	for i := range 10 {
		row := want.RawRowView(i)
		for _, round := range b.Trees {
			for c, tree := range round {
				row[c] += 0.3 * tree.Leaf(queries.X.RawRowView(i))[0]
			}
		}
		logistic.Softmax(row)
	}
	if got := probabilities(t, fitted(t, info, train, 3, s), queries.X); !mat.EqualApprox(got, want, 1e-12) {
		t.Errorf("%v\nwant\n%v", mat.Formatted(got), mat.Formatted(want))
	}
}

// A tenth of the rows, by the seed, choose the network's epoch; of single rows all do.
func TestNetworkHoldsOutATenth(t *testing.T) {
	info, _ := Classifiers.Get("mlp")
	train, queries := blobs(1, 60, 3, 3, 1.5), blobs(2, 10, 3, 3, 1.5)
	s := option.Values{"hidden": 5, "rate": 0.02, "decay": 0.01, "dropout": 0.1, "epochs": 12, "seed": 4, "standardise": "none"}
	of := func(l Labelled) perceptron.Rows { return perceptron.Rows{X: l.X, Labels: l.Labels} }
	net := func(part, held perceptron.Rows, epochs int) *perceptron.Network {
		n, err := perceptron.Fit(part, held, 3, perceptron.Settings{Hidden: []int{5}, Rate: 0.02, Decay: 0.01, Dropout: 0.1, Batch: 128, Epochs: epochs, Seed: 4})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	kept, held, err := domains.HoldOut(train.Labels, 3, 0.1, 4)
	if err != nil || len(held) != 6 {
		t.Fatal(err)
	}
	got := probabilities(t, fitted(t, info, train, 3, s), queries.X)
	if want := net(of(train.take(kept)), of(train.take(held)), 12).Probabilities(queries.X); !mat.EqualApprox(got, want, 1e-12) {
		t.Errorf("%v\nwant\n%v", mat.Formatted(got), mat.Formatted(want))
	}
	single := train.take([]int{0, 1, 2})
	got = probabilities(t, fitted(t, info, single, 3, s), queries.X)
	if want := net(of(single), of(single), 12).Probabilities(queries.X); !mat.EqualApprox(got, want, 1e-12) {
		t.Errorf("single rows: %v\nwant\n%v", mat.Formatted(got), mat.Formatted(want))
	}
	big := blobs(1, 200, 3, 3, 1.5) // more rows than a batch
	kept, held, _ = domains.HoldOut(big.Labels, 3, 0.1, 4)
	got = probabilities(t, fitted(t, info, big, 3, s, option.Values{"epochs": 3}), queries.X)
	if want := net(of(big.take(kept)), of(big.take(held)), 3).Probabilities(queries.X); !mat.EqualApprox(got, want, 1e-12) {
		t.Errorf("batches: %v\nwant\n%v", mat.Formatted(got), mat.Formatted(want))
	}
}

// Three rows at 0, 1 and 3, one neighbour each: edges 0-1 (both ways) and 1-3; 0.5 weighs 1/2 of the squared
// distance: 1 and 1/4. Degrees 1, 5/4, 1/4.
func TestNeighbourGraph(t *testing.T) {
	x := column(0, 1, 3)
	weight := func(squared float64) float64 { return 1 / squared }
	g := neighbourGraph(pairwise.Nearest(x, x, 2), 1, weight)
	want := [][]edge{{{1, 1 / math.Sqrt(1.25)}}, {{0, 1 / math.Sqrt(1.25)}, {2, 0.25 / math.Sqrt(1.25*0.25)}}, {{1, 0.25 / math.Sqrt(1.25*0.25)}}}
	for i, row := range want {
		if len(g[i]) != len(row) {
			t.Fatalf("row %d: %v, want %v", i, g[i], row)
		}
		for k, e := range row {
			if g[i][k].column != e.column || !(math.Abs(g[i][k].weight-e.weight) <= 1e-12) {
				t.Errorf("row %d: %v, want %v", i, g[i], row)
			}
		}
	}
	g = neighbourGraph(pairwise.Nearest(x, x, 3), 2, func(squared float64) float64 {
		if squared < 2 {
			return 1
		}
		return 0
	})
	if len(g[0]) != 1 || len(g[2]) != 0 || g[0][0] != (edge{1, 1}) {
		t.Errorf("a row without weight: %v", g)
	}
}

// A path over rows that nobody can learn from says so for each setting, with a classifier that is not fitted.
func TestPathsOfRefusedRows(t *testing.T) {
	one := Labelled{X: column(1, 2), Labels: []int{1, 1}, Classes: 2}
	for _, info := range Classifiers.All() {
		if info.Path == nil {
			continue
		}
		want := fmt.Sprintf("adapt: %s: 1 of 2 classes present in 2 rows, want at least 2", info.Name)
		for i, f := range info.Path([]option.Values{option.Defaults(info.Options), option.Defaults(info.Options)}, one, column(1)) {
			if f.Err == nil || f.Err.Error() != want || f.Classifier == nil || f.Probabilities != nil {
				t.Errorf("%s, setting %d: %v, want %s", info.Name, i, f.Err, want)
			}
		}
	}
}

// A path of one setting is the fit of it.
func TestPathsOfOneSetting(t *testing.T) {
	train := blobs(1, 30, 2, 3, 1)
	for _, info := range Classifiers.All() {
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

// Of three equal rows the third has the first two before itself in its list: one neighbour counts.
func TestNeighbourGraphOfEqualRows(t *testing.T) {
	x := column(5, 5, 5)
	g := neighbourGraph(pairwise.Nearest(x, x, 2), 1, func(float64) float64 { return 1 })
	if len(g[0]) != 2 || len(g[1]) != 1 || len(g[2]) != 1 || g[1][0].column != 0 || g[2][0].column != 0 {
		t.Errorf("%v", g)
	}
}

// Tune without a path, its errors, and the accuracies of its trials.
func TestTuneWithoutPath(t *testing.T) {
	info, _ := Classifiers.Get("centroid")
	train := Labelled{X: mat.NewDense(4, 2, []float64{0, 0, 0, 100, 1, 0, 1, 100}), Labels: []int{0, 0, 1, 1}, Classes: 2}
	// Unscaled, the first column tells; scaled it does as well, and the earlier setting is kept.
	val := Labelled{X: mat.NewDense(4, 2, []float64{0, 50, 1, 50, 0, 50, 0.9, 50}), Labels: []int{0, 1, 1, 1}, Classes: 2}
	got, err := Tune(info, train, val)
	if err != nil || got.Accuracy != 0.75 || got.Settings.String("standardise") != "none" || len(got.Trials) != 2 || got.Trials[1].Accuracy != 0.75 || got.Trials[1].Settings.String("standardise") != "source" {
		t.Errorf("%+v, %v", got, err)
	}
	calls := 0
	flaky := ClassifierInfo{Name: "flaky", Options: []option.Option{{Name: "k", Kind: option.Int, Default: 9}}, New: func(s option.Values) Classifier {
		calls++
		return &neighbours{settings: s}
	}}
	for _, tt := range []struct {
		train, val Labelled
		want       string
	}{
		{train, Labelled{X: column(1), Labels: []int{0}, Classes: 2}, "adapt: flaky: 1 validation columns, 2 training columns"},
		{train, Labelled{X: val.X, Labels: []int{0}, Classes: 2}, "adapt: flaky: 1 validation labels for 4 rows"},
		{train, Labelled{X: val.X, Labels: val.Labels, Classes: 3}, "adapt: flaky: 2 classes in training, 3 in validation"},
	} {
		if _, err := Tune(flaky, tt.train, tt.val); err == nil || err.Error() != tt.want || calls > 0 {
			t.Errorf("error %v, want %q", err, tt.want)
		}
	}
	flaky.Options[0] = option.Option{Name: "k", Kind: option.Int, Default: 9}
	if _, err := Tune(ClassifierInfo{Name: "knn", Options: []option.Option{{Name: "k", Kind: option.Int, Default: 9}, standardise("none")}, New: flaky.New}, train, val); err == nil || err.Error() != "adapt: knn: k is 9, there are 4 training rows" {
		t.Errorf("nothing fits: %v", err)
	}
	calls = 0
	some := ClassifierInfo{Name: "knn", Options: []option.Option{{Name: "k", Kind: option.Int, Default: 1}, standardise("none")}, Grid: []option.Values{{"k": 9}, {"k": 1}, {"k": 3}}, New: flaky.New}
	got, err = Tune(some, train, val)
	if err != nil || calls != 3 || got.Settings.Int("k") != 1 || got.Trials[0].Err == nil || got.Trials[0].Accuracy != 0 || !strings.Contains(got.Trials[0].Err.Error(), "k is 9") {
		t.Errorf("%+v, %v", got, err)
	}
	wrong := Labelled{X: train.X, Labels: []int{1, 1, 0, 0}, Classes: 2}
	if got, err := Tune(info, train, wrong); err != nil || got.Classifier == nil || got.Accuracy != 0 || len(got.Trials) != 2 {
		t.Errorf("every row wrong is still a trial: %+v, %v", got, err)
	}
	if got := Predict(mat.NewDense(3, 3, []float64{0.2, 0.4, 0.4, 0, 0, 1, 0.5, 0.5, 0})); !slices.Equal(got, []int{1, 2, 0}) {
		t.Errorf("predictions %v", got)
	}
}
