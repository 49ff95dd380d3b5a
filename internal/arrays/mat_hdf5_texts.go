package arrays

import (
	"fmt"

	"github.com/venn-adapt/venn/internal/hdf5"
)

// characters reads the rows of a matrix of characters; nil for more than two axes.
func (m *matFile) characters(o *hdf5.Object) (*Array, error) {
	shape, err := m.shape(o)
	if err != nil {
		return nil, err
	}
	if empty, _ := o.Whole("MATLAB_empty"); empty != 0 {
		return textRows(shape, nil)
	}
	if o.Type.Kind != hdf5.Integer || o.Type.Size != 2 {
		return nil, &hdf5.UnsupportedError{Text: fmt.Sprintf("characters of %d bytes, want 2 of UTF-16", o.Type.Size)}
	}
	data, err := o.Read()
	if err != nil {
		return nil, err
	}
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = o.Type.ByteOrder().Uint16(data[2*i:])
	}
	return textRows(shape, units)
}

// cells reads a cell array, which names its cells by their addresses, of which every cell
// is one text; nil for another.
func (m *matFile) cells(o *hdf5.Object) (*Array, error) {
	if empty, _ := o.Whole("MATLAB_empty"); empty != 0 {
		return nil, nil
	}
	if o.Type.Kind != hdf5.Reference {
		return nil, &hdf5.UnsupportedError{Text: "cells that are no references to objects"}
	}
	shape, err := m.shape(o)
	if err != nil {
		return nil, err
	}
	data, err := o.Read()
	if err != nil {
		return nil, err
	}
	list := make([]string, len(data)/8)
	for i := range list {
		at := o.Type.ByteOrder().Uint64(data[8*i:])
		text, known := m.texts[at]
		if !known {
			if text, err = m.cellText(at); err != nil {
				return nil, fmt.Errorf("cell %d: %w", i+1, err)
			}
			m.texts[at] = text
		}
		if text == nil {
			return nil, nil
		}
		list[i] = *text
	}
	return &Array{Shape: shape, Text: rowMajor(shape, list)}, nil
}

// cellText reads one cell; nil for one that is no text.
func (m *matFile) cellText(at uint64) (*string, error) {
	o, err := m.file.Object(at)
	if err != nil {
		return nil, err
	}
	if class, _ := o.Text("MATLAB_class"); class != "char" {
		return nil, nil
	}
	a, err := m.characters(o)
	if err != nil || a == nil || len(a.Text) != 1 {
		return nil, err
	}
	return &a.Text[0], nil
}
