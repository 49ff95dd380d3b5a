package adapttest

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/stream"
)

// ClassifierOptions are allowances; the zero value grants none.
type ClassifierOptions struct {
	// Settings that are not the defaults.
	Settings option.Values
	// Tolerance of probabilities that should be equal but come of other sums: of queries
	// in another company. 0: 1e-9.
	Tolerance float64
}

// Classifier checks that a classifier learns separable classes and gives probabilities,
// none to a class without rows; that it leaves its data as they are, forgets an earlier
// fit and computes the same bytes whatever the number of threads; that the answer to a
// query depends on neither the others nor their order; that only ratios of weights count;
// and that it refuses what the contract of adapt.Classifier says, and predicts nothing
// after that.
func Classifier(info adapt.ClassifierInfo, o ClassifierOptions) error {
	r := &report{what: "classifier " + info.Name}
	r.descriptor(info.Name, info.Doc, info.Options, info.Grid)
	if info.New == nil {
		r.addf("no New")
		return r.err()
	}
	if o.Tolerance == 0 {
		o.Tolerance = 1e-9
	}
	w := classifierWalk{r, info, o}
	r.guard("learning", w.learns)
	r.guard("predicting in another company", w.queries)
	r.guard("weighing", w.weights)
	r.guard("refusing", w.refuses)
	return r.err()
}

type classifierWalk struct {
	*report
	info adapt.ClassifierInfo
	o    ClassifierOptions
}

func (w classifierWalk) fresh() adapt.Classifier {
	settings := option.Defaults(w.info.Options)
	for k, v := range w.o.Settings {
		settings[k] = v
	}
	return w.info.New(settings)
}

// after fits a new classifier and predicts; nil where one of it fails, which is noted.
func (w classifierWalk) after(what string, c adapt.Classifier, train adapt.Labelled, x *mat.Dense) *mat.Dense {
	if err := c.Fit(train); err != nil {
		w.addf("%s: fitting fails: %v", what, err)
		return nil
	}
	p, err := c.Probabilities(x)
	if err != nil {
		w.addf("%s: predicting fails: %v", what, err)
		return nil
	}
	if p == nil {
		w.addf("%s: no probabilities and no error", what)
	}
	return p
}

func (w classifierWalk) learns() {
	train, test := blobs(1, 120, 5, 3, 0.7), blobs(2, 60, 5, 3, 0.7)
	train.Classes = 4 // class 3 has no rows
	kept, asked := clone(train), mat.DenseCopyOf(test.X)
	c := w.fresh()
	p := w.after("separable classes", c, train, test.X)
	if p == nil || !w.distributions("separable classes", p, 60, 4) {
		return
	}
	if acc := accuracy(p, test.Labels); acc < 0.95 {
		w.addf("accuracy %v on separable classes, want 0.95", acc)
	}
	if absent := mat.Sum(p.ColView(3)); absent != 0 {
		w.addf("a class without rows has probability %v in all, want 0", absent)
	}
	if !same(kept, train) {
		w.addf("fitting changes the training rows, their labels or weights")
	}
	if !mat.Equal(asked, test.X) {
		w.addf("predicting changes the queries")
	}
	threads(func(n int) {
		if q := w.after("again", w.fresh(), train, test.X); q != nil && !mat.Equal(p, q) {
			w.addf("%d threads, or a second time, give other bits", n)
		}
	})
	other := blobs(5, 90, 5, 3, 1.5)
	again, anew := w.after("a second fit", c, other, test.X), w.after("other data", w.fresh(), other, test.X)
	if again != nil && anew != nil && !mat.Equal(again, anew) {
		w.addf("a second fit remembers the first")
	}
}

func (w classifierWalk) queries() {
	train, test := blobs(1, 60, 5, 3, 1.5), blobs(2, 30, 5, 3, 1.5)
	c := w.fresh()
	p := w.after("overlapping classes", c, train, test.X)
	if p == nil {
		return
	}
	order := stream.Permutation(stream.New(3, "order"), 30)
	for what, rows := range map[string][]int{"in another order": order, "alone": {7}, "twice": {4, 4, 9}} {
		q, err := c.Probabilities(pick(test.X, rows))
		if err != nil {
			w.addf("queries %s: %v", what, err)
			continue
		}
		if !mat.EqualApprox(q, pick(p, rows), w.o.Tolerance) {
			w.addf("queries %s have other probabilities", what)
		}
	}
}

func (w classifierWalk) weights() {
	train, test := blobs(1, 60, 5, 3, 1.5), blobs(2, 30, 5, 3, 1.5)
	plain := w.after("without weights", w.fresh(), train, test.X)
	train.Weights = make([]float64, 60)
	for i := range train.Weights {
		train.Weights[i] = 4 // a power of two, which no sum rounds
	}
	even := w.after("equal weights", w.fresh(), train, test.X)
	if plain != nil && even != nil && !mat.EqualApprox(plain, even, 1e-4) {
		w.addf("rows that all weigh 4 are fitted otherwise than rows without weights")
	}
}

func (w classifierWalk) refuses() {
	good := blobs(1, 30, 4, 3, 1)
	for _, tt := range []struct {
		name   string
		change func(l *adapt.Labelled)
		want   string
	}{
		{"NaN", func(l *adapt.Labelled) { l.X.Set(7, 2, math.NaN()) }, "row 7"},
		{"infinity", func(l *adapt.Labelled) { l.X.Set(3, 0, math.Inf(-1)) }, "row 3"},
		{"one class", func(l *adapt.Labelled) { clear(l.Labels) }, "1 of 3 classes"},
		{"a label beyond the classes", func(l *adapt.Labelled) { l.Labels[0] = 5 }, "label 5 of row 0"},
		{"fewer labels than rows", func(l *adapt.Labelled) { l.Labels = l.Labels[1:] }, "29 labels for 30 rows"},
		{"weights of zero", func(l *adapt.Labelled) { l.Weights = make([]float64, 30) }, "weights"},
		{"a negative weight", func(l *adapt.Labelled) { l.Weights = make([]float64, 30); l.Weights[4] = -1; l.Weights[5] = 1 }, "weight"},
	} {
		l := clone(good)
		tt.change(&l)
		c := w.fresh()
		w.refused(c.Fit(l), tt.name, tt.want)
		if _, err := c.Probabilities(good.X); err == nil {
			w.addf("%s: predicts after a failed fit", tt.name)
		}
	}
	if _, err := w.fresh().Probabilities(good.X); err == nil {
		w.addf("predicts before any fit")
	}
	c := w.fresh()
	if err := c.Fit(good); err != nil {
		w.addf("fitting 30 rows fails: %v", err)
		return
	}
	_, err := c.Probabilities(mat.NewDense(2, 3, nil))
	w.refused(err, "queries of 3 columns where 4 were fitted", "3")
	bad := mat.DenseCopyOf(good.X)
	bad.Set(5, 1, math.NaN())
	_, err = c.Probabilities(bad)
	w.refused(err, "NaN in a query", "row 5")
}
