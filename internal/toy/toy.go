// Package toy holds small data and comparisons that tests of several rooms share.
package toy

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/stream"
)

// Close fails the test where a value is off by more than tolerance (1 + |want|).
func Close(t *testing.T, name string, got, want []float64, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", name, len(got), len(want))
	}
	for i := range got {
		if !(math.Abs(got[i]-want[i]) <= tolerance*(1+math.Abs(want[i]))) {
			t.Errorf("%s: value %d is %v, want %v", name, i, got[i], want[i])
		}
	}
}

// Column is a matrix of one column.
func Column(values ...float64) *mat.Dense { return mat.NewDense(len(values), 1, values) }

// Near fails the test where an entry is off by more than the tolerance.
func Near(t *testing.T, name string, got, want *mat.Dense, tolerance float64) {
	t.Helper()
	var diff mat.Dense
	diff.Sub(got, want)
	if worst := math.Max(mat.Max(&diff), -mat.Min(&diff)); !(worst <= tolerance) {
		t.Errorf("%s: off by %.3g at most, want %.3g", name, worst, tolerance)
	}
}

// Random draws n x d normal values, column j around j with deviation 1 + j/2.
func Random(seed uint64, n, d int) *mat.Dense {
	r := stream.New(seed, "random")
	x := mat.NewDense(n, d, nil)
	for i := range n {
		for j := range d {
			x.Set(i, j, r.NormFloat64()*(1+float64(j)/2)+float64(j))
		}
	}
	return x
}

// Ones are n of them.
func Ones(n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = 1
	}
	return out
}

// Normal is a column of n draws around a mean, of deviation 1.
func Normal(n int, mean float64, name string) *mat.Dense {
	r := stream.New(3, name)
	x := mat.NewDense(n, 1, nil)
	for i := range n {
		x.Set(i, 0, mean+r.NormFloat64())
	}
	return x
}

// Blobs draws n rows of d columns with deviation spread around class means that are far
// apart: row i is of class i modulo classes, whose columns j = class modulo classes are
// around 3, the others around 0.
func Blobs(seed uint64, n, d, classes int, spread float64) (x *mat.Dense, labels []int) {
	r := stream.New(seed, "blobs")
	x, labels = mat.NewDense(n, d, nil), make([]int, n)
	for i := range n {
		labels[i] = i % classes
		for j := range d {
			centre := 0.0
			if j%classes == labels[i] {
				centre = 3
			}
			x.Set(i, j, centre+spread*r.NormFloat64())
		}
	}
	return x, labels
}
