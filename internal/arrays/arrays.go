// Package arrays reads arrays of numbers and of texts out of other programs' files:
// MATLAB's .mat, NumPy's .npy and .npz, LIBSVM's text and tables of text. Every reader takes
// bytes, trusts nothing that they claim and never panics on them.
package arrays

import (
	"fmt"

	"github.com/venn-adapt/venn/internal/npy"
)

// An Array holds numbers, or texts, in row-major order, whatever order they were stored
// in. One of Data and Text is nil.
type Array struct {
	Shape []int
	Data  []float64
	Text  []string
}

// limit is the most numbers of one array, so that a small file cannot ask for all of
// memory.
const limit = 1 << 27

// count is the number of elements of a shape, or an error for one that cannot be.
func count(shape []int) (int, error) { return npy.Count(shape, limit) }

// unpacked bounds what a few bytes may ask for: the most numbers of an array of which
// only some are stored, in so many bytes.
func unpacked(shape []int, bytes int) error {
	n, err := count(shape)
	if err == nil && n > 1<<22+bytes<<12 {
		err = fmt.Errorf("shape %v of %d stored bytes, want fuller rows", shape, bytes)
	}
	return err
}

// rowMajor brings column-major values into row-major order.
func rowMajor[T any](shape []int, columns []T) []T {
	return rowMajorBy(shape, len(columns), func(i int) T { return columns[i] })
}

// rowMajorBy is rowMajor of n values, of which column-major value i is at(i).
func rowMajorBy[T any](shape []int, n int, at func(i int) T) []T {
	out := make([]T, n)
	index := make([]int, len(shape))
	stride := make([]int, len(shape))
	for k, step := 0, 1; k < len(shape); k++ {
		stride[k], step = step, step*shape[k]
	}
	from := 0
	for i := range out {
		out[i] = at(from)
		for k := len(index) - 1; k >= 0; k-- {
			from += stride[k]
			if index[k]++; index[k] < shape[k] {
				break
			}
			from -= index[k] * stride[k]
			index[k] = 0
		}
	}
	return out
}
