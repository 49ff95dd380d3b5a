// Package adapt answers how well what was learnt on the labelled source serves
// the unlabelled target: classifiers on codes, their tuning on source
// validation data, and the baseline rows that a table needs. Target labels never
// reach it: its functions take source labels and target features only.
package adapt

import (
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/registry"
)

// A Classifier maps features to classes. Settings are given at construction,
// data at Fit; fitting again forgets the first fit. Same data, same bytes.
type Classifier interface {
	// Fit learns from x (n x d) and labels y in [0, classes). It fails on
	// unequal lengths, on values that are not finite and on fewer than two
	// classes present, naming what it found.
	Fit(x *mat.Dense, y []int, classes int) error
	// Probabilities returns m x classes rows that sum to one. It fails before
	// Fit and on another width than Fit saw.
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
}

// Classifiers holds every classifier by name.
var Classifiers = registry.New[ClassifierInfo]("classifier")
