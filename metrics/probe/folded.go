package probe

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/logistic"
	"github.com/venn-adapt/venn/internal/rows"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/internal/zscore"
)

// FoldRows is the fewest rows of a class that every fold then has one of.
const FoldRows = folds

// Folded is the class probabilities of each row of x (n x d, finite, labels in [0, classes)) by
// logistic regression on the other folds of five: columns z-scored with figures of the training
// rows, constant ones dropped, the penalty that of scikit-learn's C = 1. Folds are stratified: the
// rows of each class, in an order of the stream (seed, probe/folds, class), are dealt out in turn.
// Where no column varies every row gets the training shares. It fails on fewer than 10 rows and
// where a fit does not converge. Time five fits of 4n/5 rows.
func Folded(x *mat.Dense, labels []int, classes int, seed uint64) ([][]float64, error) {
	if len(labels) < 2*folds {
		return nil, fmt.Errorf("metrics: probe: %d rows, want at least %d", len(labels), 2*folds)
	}
	return foldedBy(x, labels, classes, dealt(labels, classes, seed))
}

// dealt is the fold of each row.
func dealt(labels []int, classes int, seed uint64) []int {
	out, next := make([]int, len(labels)), 0
	for class := range classes {
		var members []int
		for i, c := range labels {
			if c == class {
				members = append(members, i)
			}
		}
		for _, k := range stream.Permutation(stream.New(seed, "probe/folds", class), len(members)) {
			out[members[k]] = next % folds
			next++
		}
	}
	return out
}

func foldedBy(x *mat.Dense, labels []int, classes int, fold []int) ([][]float64, error) {
	out := make([][]float64, len(labels))
	for f := range folds {
		var in, held []int
		for i, of := range fold {
			if of == f {
				held = append(held, i)
			} else {
				in = append(in, i)
			}
		}
		train, y := rows.Take(x, in), Pick(labels, in)
		scale := zscore.Learn(train)
		if len(scale.Columns) == 0 {
			shares := make([]float64, classes)
			for _, c := range y {
				shares[c] += 1 / float64(len(y))
			}
			for _, i := range held {
				out[i] = shares
			}
			continue
		}
		model, err := logistic.Fit(scale.Apply(train), y, classes, logistic.Settings{Lambda: unitPenalty(len(y), classes), Tolerance: fitTolerance})
		if err != nil {
			return nil, fmt.Errorf("metrics: probe: fold %d: %w", f+1, err)
		}
		p := model.Probabilities(scale.Apply(rows.Take(x, held)))
		for k, i := range held {
			out[i] = p.RawRowView(k)
		}
	}
	return out, nil
}

// unitPenalty is that of scikit-learn's C = 1, which for two classes has one row of weights.
func unitPenalty(n, classes int) float64 {
	if classes == 2 {
		return 2 / float64(n)
	}
	return 1 / float64(n)
}
