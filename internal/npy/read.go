package npy

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
)

// Read reads a .npy file of float32 values in row-major order. It fails, naming
// the file, on another type or order and on a file that is cut short or damaged.
func Read(path string) (shape []int, data []float32, err error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, fmt.Errorf("npy: %w", err)
	}
	if shape, data, err = Parse(raw); err != nil {
		return nil, nil, fmt.Errorf("npy: %s: %w", path, err)
	}
	return shape, data, nil
}

// headerForm is the dictionary of a header, keys in the order in which NumPy writes
// them, padded with spaces and ended by a line end.
var headerForm = regexp.MustCompile(`^\{'descr': '([^']*)', 'fortran_order': (True|False), 'shape': \(([0-9, ]*)\), \} *\n$`)

// Parse reads the bytes of a .npy file as Read does. (The library that reads the
// format, npyio, panics on damaged headers, in v0.14.0 as well, and takes a file that
// ends early for one of zeros.)
func Parse(raw []byte) (shape []int, data []float32, err error) {
	const fixed = len("\x93NUMPY\x01\x00") + 2
	if len(raw) < fixed || string(raw[:8]) != "\x93NUMPY\x01\x00" {
		return nil, nil, errors.New("does not begin as a .npy file of version 1.0 does")
	}
	length := int(binary.LittleEndian.Uint16(raw[8:]))
	if length > len(raw)-fixed {
		return nil, nil, fmt.Errorf("a header of %d bytes in a file of %d", length, len(raw))
	}
	header, values := raw[fixed:fixed+length], raw[fixed+length:]
	m := headerForm.FindSubmatch(header)
	if m == nil {
		return nil, nil, fmt.Errorf("header %.100q, want one with descr, fortran_order and shape", strings.TrimSpace(string(header)))
	}
	if kind, order := string(m[1]), string(m[2]); kind != "<f4" || order != "False" {
		return nil, nil, fmt.Errorf("type %s, Fortran order %s; want <f4 in C order", kind, order)
	}
	shape, n, err := parseShape(string(m[3]), len(values)/4)
	if err != nil {
		return nil, nil, err
	}
	if len(values) != 4*n {
		return nil, nil, fmt.Errorf("%d bytes of values, shape %v takes %d", len(values), shape, 4*n)
	}
	data = make([]float32, n)
	for i := range data {
		data[i] = math.Float32frombits(binary.LittleEndian.Uint32(values[4*i:]))
	}
	return shape, data, nil
}

// parseShape reads the inside of a shape's brackets: "2, 3" or "6,". It returns the
// product, too, and fails where that is beyond most.
func parseShape(text string, most int) (shape []int, n int, err error) {
	n = 1
	words := strings.Split(text, ",")
	if last := len(words) - 1; strings.TrimSpace(words[last]) == "" {
		words = words[:last]
	}
	for _, word := range words {
		k, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil {
			return nil, 0, fmt.Errorf("shape (%s), want whole numbers", text)
		}
		if k > 0 && n > most/k {
			return nil, 0, fmt.Errorf("shape (%s) of more than the %d values in the file", text, most)
		}
		shape, n = append(shape, k), n*k
	}
	return shape, n, nil
}
