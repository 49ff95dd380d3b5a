// Package metrics answers how good, how far apart and how dependent: numbers from
// arrays, and nothing else. Its subpackages hold the measures, one file each;
// this package holds what they return and the table that lists them.
//
// Matrices are n x d, one sample a row, float64.
package metrics

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/registry"
)

// A Result is one measured quantity.
type Result struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	// P is the p-value of the test named by Method; nil where none was made.
	P         *float64  `json:"p,omitempty"`
	Method    string    `json:"method,omitempty"` // how P was obtained: "permutation", ...
	Resamples int       `json:"resamples,omitempty"`
	N         int       `json:"n"` // rows used
	Seed      uint64    `json:"seed"`
	Interval  []float64 `json:"interval,omitempty"` // lower and upper end of the 95% interval
	// Degenerate marks a value of a collapsed input: report "collapsed", never
	// "independent" or "aligned".
	Degenerate bool      `json:"degenerate,omitempty"`
	Warnings   []string  `json:"warnings,omitempty"`
	Null       []float64 `json:"null,omitempty"` // the statistic under each permutation, for figures
	// Parts are the values that Value sums up (a score of each factor), or that belong
	// beside it (the scale of MGC).
	Parts []Part `json:"parts,omitempty"`
}

// A Part is a named value beside or below that of a Result.
type Part struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
}

// A Direction says which way of a measure is better.
type Direction int

// The directions.
const (
	Neutral Direction = iota
	HigherIsBetter
	LowerIsBetter
)

// String says it in words.
func (d Direction) String() string {
	return [...]string{"neither direction is better", "higher is better", "lower is better"}[d]
}

// A Kind says what a measure takes.
type Kind int

// The kinds of measures.
const (
	Independence    Kind = iota // paired rows of two blocks of code
	Discrepancy                 // two unpaired samples of two domains
	Classification              // predictions against labels
	Image                       // images against images
	Disentanglement             // codes against known factors
	Correctness                 // factors of translations against those of their contents and guides
)

// String is the kind's name.
func (k Kind) String() string {
	return [...]string{"independence", "discrepancy", "classification", "image", "disentanglement", "correctness"}[k]
}

// A Descriptor is a measure's entry in the table. Independence, discrepancy and
// disentanglement measures carry Compute; the others are called directly.
type Descriptor struct {
	Name      string
	Kind      Kind
	Doc       string // one line
	Unit      string // "1" when dimensionless
	Range     [2]float64
	Better    Direction
	Invariant []string // of "row order", "translation", "rotation", "scale"
	Cost      string   // time and memory
	Citation  string
	MinRows   int
	// Labels says that whole numbers are among the data: y is one column of them, or, of two samples, the last column of
	// each is.
	Labels bool
	// Compute measures x against y: paired blocks of code (n x p, n x q), samples of two
	// domains (m x d, n x d), or codes (n x k) and factors (n x m, levels as whole numbers).
	Compute func(x, y *mat.Dense, s Settings) (Result, error)
}

// Settings are shared by the measures that resample.
type Settings struct {
	Permutations int    // 0: no test
	Seed         uint64 // streams are keyed (seed, measure, permutation index)
	// Sequential ends a permutation test at its 20th permutation that reaches the
	// observed statistic, with p = 20 over those made; about ten times cheaper under
	// the null. J. Besag and P. Clifford, "Sequential Monte Carlo p-values" (1991).
	Sequential bool
}

// Measures holds every measure by name.
var Measures = registry.New[Descriptor]("metric")

// Largest is the largest size of a feature that measures take: squares of larger ones, summed, overflow, on which
// some decompositions end in a panic.
const Largest = 1e150

// CheckFinite fails on an empty matrix or names the first row and column that is
// NaN, infinite or larger than Largest.
func CheckFinite(name string, x *mat.Dense) error {
	n, d := x.Dims()
	if n == 0 || d == 0 {
		return fmt.Errorf("metrics: %s: %d rows and %d columns, want at least one of each", name, n, d)
	}
	for i := range n {
		for j, v := range x.RawRowView(i) {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("metrics: %s: row %d, column %d is %v, want a finite number", name, i, j, v)
			}
			if math.Abs(v) > Largest {
				return fmt.Errorf("metrics: %s: row %d, column %d is %g, want at most %g: scale the features", name, i, j, v, Largest)
			}
		}
	}
	return nil
}

// Labels reads a column of whole numbers.
func Labels(name string, column []float64) ([]int, error) {
	out := make([]int, len(column))
	for i, v := range column {
		if v != math.Trunc(v) || math.Abs(v) > 1e9 {
			return nil, fmt.Errorf("metrics: %s: label of row %d is %v, want a whole number", name, i, v)
		}
		out[i] = int(v)
	}
	return out, nil
}
