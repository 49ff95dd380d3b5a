package models

import "github.com/venn-adapt/venn/models/ops"

// A Reader runs a program on any number of rows, as many at a time as the program has. Rows that
// the last run does not fill are left from the one before, and not read: the program treats each
// row by itself.
type Reader struct {
	rows    int
	inputs  [][]float32
	program *ops.Program
	outputs int
}

// NewReader makes a reader of a program of so many rows, which fills inputs and takes the first
// outputs.
func NewReader(rows int, program *ops.Program, outputs int, inputs ...[]float32) *Reader {
	return &Reader{rows, inputs, program, outputs}
}

// Read runs the program on n rows of each input and returns as many of each output.
func (r *Reader) Read(n int, inputs ...[]float32) ([][]float32, error) {
	out := make([][]float32, r.outputs)
	for lo := 0; lo < n; lo += r.rows {
		hi := min(n, lo+r.rows)
		for i, to := range r.inputs {
			width := len(to) / r.rows
			copy(to, inputs[i][lo*width:hi*width])
		}
		if err := r.program.Run(); err != nil {
			return nil, err
		}
		for i := range out {
			data := r.program.Output(i).Data().([]float32)
			out[i] = append(out[i], data[:(hi-lo)*(len(data)/r.rows)]...)
		}
	}
	return out, nil
}
