// Package arrays reads numeric arrays out of other programs' files: MATLAB's v5 .mat
// and NumPy's .npy and .npz. Every reader takes bytes, trusts nothing that they claim
// and never panics on them.
package arrays

import "fmt"

// An Array holds numbers in row-major order, whatever order they were stored in.
type Array struct {
	Shape []int
	Data  []float64
}

// limit is the most numbers of one array, so that a small file cannot ask for all of
// memory.
const limit = 1 << 27

// count is the number of elements of a shape, or an error for one that cannot be.
func count(shape []int) (int, error) {
	n := 1
	for _, k := range shape {
		if k < 0 || (k > 0 && n > limit/k) {
			return 0, fmt.Errorf("shape %v, want at most %d numbers", shape, limit)
		}
		n *= k
	}
	return n, nil
}

// rowMajor turns column-major numbers into an Array.
func rowMajor(shape []int, columns []float64) Array {
	a := Array{Shape: shape, Data: make([]float64, len(columns))}
	index := make([]int, len(shape))
	for i := range a.Data {
		at, stride := 0, 1
		for k, v := range index {
			at += v * stride
			stride *= shape[k]
		}
		a.Data[i] = columns[at]
		for k := len(index) - 1; k >= 0; k-- {
			if index[k]++; index[k] < shape[k] {
				break
			}
			index[k] = 0
		}
	}
	return a
}
