// Package npy writes and reads float32 arrays of any rank as NumPy's .npy files.
package npy

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"
	"strings"

	"github.com/sbinet/npyio"

	"github.com/venn-adapt/venn/internal/atomicfile"
)

// Write writes data, row-major of the given shape, to path atomically. (The library
// that reads the format writes arrays of one dimension only.)
func Write(path string, shape []int, data []float32) error {
	n := 1
	dims := make([]string, len(shape))
	for i, d := range shape {
		n *= d
		dims[i] = fmt.Sprint(d)
	}
	if n != len(data) {
		return fmt.Errorf("npy: %s: %d values for shape %v", path, len(data), shape)
	}
	header := fmt.Sprintf("{'descr': '<f4', 'fortran_order': False, 'shape': (%s,), }", strings.Join(dims, ", "))
	pad := 64 - (10+len(header)+1)%64
	header += strings.Repeat(" ", pad%64) + "\n"
	return atomicfile.Write(path, func(w io.Writer) error {
		b := bufio.NewWriterSize(w, 1<<16)
		b.WriteString("\x93NUMPY\x01\x00")
		b.Write(binary.LittleEndian.AppendUint16(nil, uint16(len(header))))
		b.WriteString(header)
		var word [4]byte
		for _, v := range data {
			binary.LittleEndian.PutUint32(word[:], math.Float32bits(v))
			b.Write(word[:])
		}
		return b.Flush()
	})
}

// Read reads a .npy file of float32 values in row-major order. It fails, naming
// the file, on another type or order and on a file that is cut short.
func Read(path string) (shape []int, data []float32, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("npy: %w", err)
	}
	defer f.Close()
	in := bufio.NewReaderSize(f, 1<<16)
	r, err := npyio.NewReader(in)
	if err != nil {
		return nil, nil, fmt.Errorf("npy: %s: %w", path, err)
	}
	d := r.Header.Descr
	if d.Fortran || d.Type != "<f4" {
		return nil, nil, fmt.Errorf("npy: %s: type %s, Fortran order %v; want <f4 in C order", path, d.Type, d.Fortran)
	}
	// The library takes a file that ends early for one of zeros, so the values are
	// read here.
	raw, err := io.ReadAll(in)
	if err != nil {
		return nil, nil, fmt.Errorf("npy: %s: %w", path, err)
	}
	n := 1
	for _, k := range d.Shape {
		n *= k
	}
	if len(raw) != 4*n {
		return nil, nil, fmt.Errorf("npy: %s: %d bytes of values, shape %v takes %d", path, len(raw), d.Shape, 4*n)
	}
	data = make([]float32, n)
	for i := range data {
		data[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
	}
	return d.Shape, data, nil
}
