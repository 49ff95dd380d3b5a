package arrays

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strconv"
)

// A LIBSVM says what a text of LIBSVM's may hold: a line a sample, a label, then
// index:value pairs with ascending indices from 1, of which those left out are 0.
// What follows # is a comment.
type LIBSVM struct {
	Columns   int     // the highest index; 0: any, and the highest in the text counts
	Low, High float64 // bounds of values
}

// A SparseRow is one line.
type SparseRow struct {
	Line   int // from 1
	Label  string
	Index  []int // of a column, from 0
	Values []float64
}

// Rows reads a text. It fails, naming the line, on one that is empty, on a pair that is
// none and on an index or value out of bounds; not on any label.
func (f LIBSVM) Rows(text []byte) ([]SparseRow, error) {
	text, err := Text(text)
	if err != nil {
		return nil, err
	}
	var out []SparseRow
	number := 0
	for line := range bytes.Lines(text) {
		number++
		line, _, comment := bytes.Cut(line, []byte("#"))
		fields := bytes.Fields(line)
		if len(fields) == 0 {
			if comment {
				continue
			}
			return nil, fmt.Errorf("line %d is empty", number)
		}
		row := SparseRow{Line: number, Label: string(fields[0])}
		if err := f.pairs(&row, fields[1:]); err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		out = append(out, row)
	}
	return out, nil
}

func (f LIBSVM) pairs(row *SparseRow, pairs [][]byte) error {
	highest := f.Columns
	if highest == 0 {
		highest = limit
	}
	last := 0
	for _, pair := range pairs {
		left, right, found := bytes.Cut(pair, []byte(":"))
		index, err := strconv.Atoi(string(left))
		if !found || err != nil {
			return fmt.Errorf("%.40q, want index:value", pair)
		}
		if index < 1 || index > highest {
			hint := ""
			if index == 0 && f.Columns == 0 {
				hint = "; scikit-learn counts so with zero_based=False"
			}
			return fmt.Errorf("index %d, want from 1 to %d%s", index, highest, hint)
		}
		if index <= last {
			return fmt.Errorf("index %d after %d, want ascending indices", index, last)
		}
		v, err := strconv.ParseFloat(string(right), 64)
		if err != nil || !(v >= f.Low && v <= f.High) {
			return fmt.Errorf("index %d: value %.20q, want a number from %g to %g", index, right, f.Low, f.High)
		}
		row.Index, row.Values, last = append(row.Index, index-1), append(row.Values, v), index
	}
	return nil
}

// ParseLIBSVM reads features, n x columns (0: as many as the highest index), and labels,
// which are numbers. It fails on what LIBSVM.Rows refuses and on a label that is none.
func ParseLIBSVM(text []byte, columns int) (features Array, labels []string, err error) {
	rows, err := LIBSVM{Columns: columns, Low: -math.MaxFloat64, High: math.MaxFloat64}.Rows(text)
	if err != nil {
		return Array{}, nil, err
	}
	if columns == 0 {
		for _, row := range rows {
			if n := len(row.Index); n > 0 {
				columns = max(columns, row.Index[n-1]+1)
			}
		}
	}
	if len(rows) == 0 || columns == 0 {
		return Array{}, nil, errors.New("no index:value pairs")
	}
	shape := []int{len(rows), columns}
	if err := unpacked(shape, len(text)); err != nil {
		return Array{}, nil, err
	}
	features = Array{Shape: shape, Data: make([]float64, len(rows)*columns)}
	for i, row := range rows {
		v, err := strconv.ParseFloat(row.Label, 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			return Array{}, nil, fmt.Errorf("line %d: label %.20q, want a number", row.Line, row.Label)
		}
		labels = append(labels, strconv.FormatFloat(v, 'g', -1, 64))
		for k, j := range row.Index {
			features.Data[i*columns+j] = row.Values[k]
		}
	}
	return features, labels, nil
}
