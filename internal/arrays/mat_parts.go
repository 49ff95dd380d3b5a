package arrays

import (
	"encoding/binary"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Bytes are whole numbers from 0 to 255 as they lie in a file, in column-major order: the
// first index is the fastest.
type Bytes struct {
	Shape []int
	Data  []byte
}

// ParseMATBytes is ParseMAT that leaves matrices of bytes as they lie, of which a file of
// images may have 2^28; the rest is as there.
func ParseMATBytes(data []byte) (map[string]Bytes, map[string]Array, error) {
	r := matReader{found: map[string]Array{}, bytes: map[string]Bytes{}, most: 1 << 28}
	if err := r.file(data); err != nil {
		return nil, nil, err
	}
	return r.bytes, r.found, nil
}

// sparse reads a matrix by columns: the row of each value, where in the list each column
// begins, and the values; all others are 0.
func (r *matReader) sparse(h *matHead) (*Array, error) {
	var lists [3][]float64
	for i, what := range []string{"row indices", "column starts", "real part"} {
		e, err := r.part(h, what)
		if err != nil {
			return nil, err
		}
		if lists[i], err = r.numbers(e); err != nil {
			return nil, fmt.Errorf("%s: %w", what, err)
		}
	}
	at, starts, values := lists[0], lists[1], lists[2]
	if _, err := checkSparse(h.shape, starts, 4*len(at)+4*len(starts)+8*len(values)); err != nil {
		return nil, err
	}
	return fromColumns(h.shape, at, starts, values)
}

// checkSparse is how many numbers a sparse matrix has in full. It fails on one that has
// not a start for each column, or too many numbers for the bytes that it is stored in.
func checkSparse(shape []int, starts []float64, stored int) (int, error) {
	if len(shape) != 2 || len(starts) != shape[1]+1 || len(starts) == 0 || starts[0] != 0 {
		return 0, fmt.Errorf("a sparse matrix of shape %v with %d column starts", shape, len(starts))
	}
	if err := unpacked(shape, stored); err != nil {
		return 0, err
	}
	return count(shape)
}

// fromColumns lays out a sparse matrix that was checked: by column the rows of its values,
// where in the list each column begins, and the values.
func fromColumns(shape []int, at, starts, values []float64) (*Array, error) {
	rows, columns := shape[0], shape[1]
	a := &Array{Shape: shape, Data: make([]float64, rows*columns)}
	for j := range columns {
		from, to := starts[j], starts[j+1]
		if !(from <= to && to <= float64(min(len(at), len(values)))) {
			return nil, fmt.Errorf("column %d: values %v to %v of %d", j+1, from, to, len(values))
		}
		for k := int(from); k < int(to); k++ {
			i := at[k]
			if !(i >= 0 && i < float64(rows)) || i != float64(int(i)) {
				return nil, fmt.Errorf("column %d: a value in row %v of %d", j+1, i+1, rows)
			}
			a.Data[int(i)*columns+j] += values[k]
		}
	}
	return a, nil
}

// texts reads the rows of a matrix of characters, less the spaces that fill them up; nil for
// more than two axes.
func (r *matReader) texts(h *matHead) (*Array, error) {
	e, err := r.part(h, "characters")
	if err != nil {
		return nil, err
	}
	units, err := r.characters(e)
	if err != nil {
		return nil, err
	}
	return textRows(h.shape, units)
}

// textRows are the rows of a matrix of characters in column-major order; nil for more than
// two axes.
func textRows(shape []int, units []uint16) (*Array, error) {
	n, err := count(shape)
	if err != nil || len(units) != n {
		return nil, fmt.Errorf("%d characters for shape %v", len(units), shape)
	}
	if n == 0 {
		return &Array{Shape: []int{1}, Text: []string{""}}, nil
	}
	if len(shape) != 2 {
		return nil, nil
	}
	a := &Array{Shape: shape[:1], Text: make([]string, shape[0])}
	row := make([]uint16, shape[1])
	for i := range a.Text {
		for j := range row {
			row[j] = units[i+j*shape[0]]
		}
		a.Text[i] = strings.TrimRight(string(utf16.Decode(row)), " \x00")
	}
	return a, nil
}

// characters decodes an element of text into units of UTF-16, in which MATLAB counts.
func (r *matReader) characters(e element) ([]uint16, error) {
	switch e.kind {
	case miUTF8, miInt8, miUint8:
		if !utf8.Valid(e.data) {
			return nil, fmt.Errorf("characters that are not UTF-8")
		}
		return utf16.Encode([]rune(string(e.data))), nil
	case miUTF16, miUint16:
		if len(e.data)%2 == 0 {
			out := make([]uint16, len(e.data)/2)
			for i := range out {
				out[i] = r.order.Uint16(e.data[2*i:])
			}
			return out, nil
		}
	case miUTF32:
		if runes, ok := decodeRunes(e.data, r.order); ok {
			return utf16.Encode(runes), nil
		}
	}
	return nil, fmt.Errorf("%d bytes of type %d are no characters", len(e.data), e.kind)
}

// decodeRunes reads UTF-32.
func decodeRunes(data []byte, order binary.ByteOrder) ([]rune, bool) {
	out := make([]rune, len(data)/4)
	for i := range out {
		if out[i] = rune(order.Uint32(data[4*i:])); !utf8.ValidRune(out[i]) {
			return nil, false
		}
	}
	return out, len(data)%4 == 0
}

// cell reads a cell array of which every cell is one text; nil for another.
func (r *matReader) cell(h *matHead) (*Array, error) {
	n, err := count(h.shape)
	if err != nil || n > len(h.parts)/8 {
		return nil, fmt.Errorf("%d cells in %d bytes", n, len(h.parts))
	}
	list := make([]string, 0, n)
	for i := range n {
		e, err := r.part(h, "cell")
		if err != nil {
			return nil, err
		}
		if e.kind != miMatrix {
			return nil, fmt.Errorf("cell %d: element of type %d, want a matrix", i+1, e.kind)
		}
		if len(e.data) == 0 { // as an empty cell is written
			return nil, nil
		}
		inner, err := r.head(e.data)
		if err != nil {
			return nil, fmt.Errorf("cell %d: %w", i+1, err)
		}
		if inner == nil || inner.class != mxChar {
			return nil, nil
		}
		a, err := r.texts(inner)
		if err != nil {
			return nil, fmt.Errorf("cell %d: %w", i+1, err)
		}
		if a == nil || len(a.Text) != 1 {
			return nil, nil
		}
		list = append(list, a.Text[0])
	}
	return &Array{Shape: h.shape, Text: rowMajor(h.shape, list)}, nil
}
