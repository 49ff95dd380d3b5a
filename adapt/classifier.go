// Package adapt answers how well what was learnt on the labelled source serves
// the unlabelled target. It holds what classifiers, adapters and validators are, the tables
// in which they register, the tuning of classifiers on source validation data and the
// selection of an adapter's settings; the things themselves are in the rooms classifiers,
// adapters and validators. Target labels never reach it: its functions take source labels
// and target features only.
package adapt

import (
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/registry"
)

// A Classifier maps features to classes. Settings are given at construction,
// data at Fit; fitting again forgets the first fit. Same data, same bytes.
type Classifier interface {
	// Fit learns from labelled rows and leaves them unchanged. It fails on unequal
	// lengths, on values that are not finite, on weights that are negative or all
	// zero and on fewer than two classes present, naming what it found. A class
	// without rows gets probability zero.
	Fit(train Labelled) error
	// Probabilities returns m x classes rows that sum to one. It fails before
	// Fit, on another width than Fit saw and on values that are not finite.
	Probabilities(x *mat.Dense) (*mat.Dense, error)
}

// A ClassifierInfo describes a kind of classifier. Each is one file that
// registers itself in Classifiers.
type ClassifierInfo struct {
	Name     string
	Doc      string
	Citation string
	Options  []option.Option
	// Grid lists the settings among which Tune chooses on source validation data,
	// in order of preference on ties; each overrides the defaults.
	Grid []option.Values
	New  func(settings option.Values) Classifier
	// Path fits every setting of a grid on one training set and predicts one set of
	// queries, sharing what the fits have in common: distances, covariances, a
	// start. The settings are complete and differ in what Grid varies. nil: Tune
	// fits them one by one, with the same answers up to a solver's tolerance.
	Path func(settings []option.Values, train Labelled, queries *mat.Dense) []Fitted
}

// A Fitted is one setting's classifier after Fit, with the probabilities of the
// queries, or why there is none.
type Fitted struct {
	Classifier    Classifier
	Probabilities *mat.Dense
	Err           error
}

// Labelled is features with their classes: x is n x d, labels lie in [0, Classes).
// A row of weight 2 counts as two rows, one of weight 0 as none; only ratios of
// weights matter. Columns are standardised by the rows without their weights.
type Labelled struct {
	X       *mat.Dense
	Labels  []int
	Classes int
	Weights []float64 // nil: all equal
}

// Classifiers holds every classifier by name.
var Classifiers = registry.New[ClassifierInfo]("classifier")
