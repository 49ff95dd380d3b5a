package npy

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Read reads a .npy file that Write wrote. It fails, naming the file, on any other: of
// another type or order, with a header in other words, cut short or damaged.
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

// Parse reads the bytes of a .npy file as Read does.
func Parse(raw []byte) (shape []int, data []float32, err error) {
	h, values, err := ParseHeader(raw)
	if err != nil {
		return nil, nil, err
	}
	if h.Type != "<f4" || h.Fortran {
		return nil, nil, fmt.Errorf("type %s, Fortran order %v; want <f4 in C order", h.Type, h.Fortran)
	}
	if header := raw[:len(raw)-len(values)]; !bytes.Equal(header, appendHeader(nil, h.Type, h.Shape)) {
		return nil, nil, fmt.Errorf("header %.100q, want the words in which this program writes it", header[len(magic):])
	}
	n, err := Count(h.Shape, len(values)/4)
	if err != nil {
		return nil, nil, err
	}
	if len(values) != 4*n {
		return nil, nil, fmt.Errorf("%d bytes of values, shape %v takes %d", len(values), h.Shape, 4*n)
	}
	data = make([]float32, n)
	for i := range data {
		data[i] = math.Float32frombits(binary.LittleEndian.Uint32(values[4*i:]))
	}
	return h.Shape, data, nil
}

// A Header says what the values of a .npy file are.
type Header struct {
	Type    string // as NumPy writes it: "<f4"; of records, the list as far as its first bracket
	Fortran bool   // the first index runs fastest
	Shape   []int
}

const magic = "\x93NUMPY"

var (
	headerType    = regexp.MustCompile(`'descr'\s*:\s*(?:'([^']*)'|(\[[^\]]*))`)
	headerFortran = regexp.MustCompile(`'fortran_order'\s*:\s*(True|False)`)
	headerShape   = regexp.MustCompile(`'shape'\s*:\s*\(([0-9L, ]*)\)`)
)

// ParseHeader splits the bytes of any program's .npy file into header and values, whatever
// order, spaces and version its header has; a shape is what the header says, however many
// values there are. (The library that reads the format, npyio, panics on damaged headers, in
// v0.14.0 as well, and takes a file that ends early for one of zeros.)
func ParseHeader(raw []byte) (h Header, values []byte, err error) {
	if !bytes.HasPrefix(raw, []byte(magic)) || len(raw) < 12 {
		return h, nil, errors.New("not a NumPy .npy file")
	}
	start, length := 10, int(binary.LittleEndian.Uint16(raw[8:]))
	if raw[6] >= 2 {
		start, length = 12, int(min(binary.LittleEndian.Uint32(raw[8:]), math.MaxInt32))
	}
	if length > len(raw)-start {
		return h, nil, fmt.Errorf("a header of %d bytes in a file of %d", length, len(raw))
	}
	text := string(raw[start : start+length])
	kind, fortran, shape := headerType.FindStringSubmatch(text), headerFortran.FindStringSubmatch(text), headerShape.FindStringSubmatch(text)
	if kind == nil || fortran == nil || shape == nil {
		return h, nil, fmt.Errorf("header %.100q, want one with descr, fortran_order and shape", strings.TrimSpace(text))
	}
	h = Header{Type: kind[1] + kind[2], Fortran: fortran[1] == "True"}
	for _, word := range strings.FieldsFunc(shape[1], func(r rune) bool { return r == ',' || r == ' ' || r == 'L' }) {
		k, err := strconv.Atoi(word)
		if err != nil {
			return h, nil, fmt.Errorf("shape (%s), want whole numbers", shape[1])
		}
		h.Shape = append(h.Shape, k)
	}
	return h, raw[start+length:], nil
}

// Count is the number of elements of a shape, or an error where that is beyond most or a
// dimension is negative.
func Count(shape []int, most int) (int, error) {
	n, empty := 1, slices.Contains(shape, 0)
	for _, k := range shape {
		if k < 0 || (!empty && n > most/k) {
			return 0, fmt.Errorf("shape %v, want at most %d values", shape, most)
		}
		if !empty {
			n *= k
		}
	}
	if empty {
		n = 0
	}
	return n, nil
}
