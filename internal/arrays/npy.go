package arrays

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/mat"
)

// The header is a Python dictionary of three keys, whose order is not fixed.
var (
	descr   = regexp.MustCompile(`'descr'\s*:\s*'([^']*)'`)
	fortran = regexp.MustCompile(`'fortran_order'\s*:\s*(True|False)`)
	shape   = regexp.MustCompile(`'shape'\s*:\s*\(([^)]*)\)`)
)

// mostHeader is the longest header that is read.
const mostHeader = 1 << 16

// readNPY reads an array of numbers of any usual type, in either order.
func readNPY(in io.Reader) (Array, error) {
	header, err := readHeader(in)
	if err != nil {
		return Array{}, err
	}
	d, f, s := descr.FindStringSubmatch(header), fortran.FindStringSubmatch(header), shape.FindStringSubmatch(header)
	if d == nil || f == nil || s == nil {
		return Array{}, fmt.Errorf("header %.60q: want descr, fortran_order and shape", header)
	}
	decode, size := decoder(d[1])
	if decode == nil {
		return Array{}, fmt.Errorf("type %q, want little-endian numbers: f4, f8, i1 to i8, u1 to u8 or b1", d[1])
	}
	rows, columns, err := dimensions(s[1])
	if err != nil {
		return Array{}, err
	}
	want := int64(rows) * int64(columns) * int64(size)
	raw, err := io.ReadAll(io.LimitReader(in, want+1)) // grows as bytes come: a false header costs nothing
	if err != nil {
		return Array{}, err
	}
	if int64(len(raw)) != want {
		return Array{}, fmt.Errorf("%d bytes of values or more, shape (%s) of %s takes %d", len(raw), s[1], d[1], want)
	}
	values := make([]float64, rows*columns)
	for i := range values {
		to := i
		if f[1] == "True" { // columns come one after the other, for any number of axes the first runs fastest
			if strings.Count(strings.TrimSuffix(strings.TrimSpace(s[1]), ","), ",") > 1 {
				return Array{}, errors.New("Fortran order of more than two axes: save it in C order")
			}
			to = i%rows*columns + i/rows
		}
		values[to] = decode(raw[i*size:])
	}
	return Array{Dense: mat.NewDense(rows, columns, values)}, nil
}

// readHeader reads the magic, the version and the text.
func readHeader(in io.Reader) (string, error) {
	var start [8]byte
	if _, err := io.ReadFull(in, start[:]); err != nil || string(start[:6]) != "\x93NUMPY" {
		return "", fmt.Errorf("begins with %q, want an .npy file's \\x93NUMPY", start[:6])
	}
	var length uint32
	var err error
	switch start[6] {
	case 1:
		var short uint16
		err = binary.Read(in, binary.LittleEndian, &short)
		length = uint32(short)
	case 2, 3:
		err = binary.Read(in, binary.LittleEndian, &length)
	default:
		return "", fmt.Errorf("version %d of the format, want 1 to 3", start[6])
	}
	if err != nil || length > mostHeader {
		return "", fmt.Errorf("a header of %d bytes, want up to %d (%v)", length, mostHeader, err)
	}
	text := make([]byte, length)
	if _, err := io.ReadFull(in, text); err != nil {
		return "", fmt.Errorf("the header ends early: %w", err)
	}
	return string(text), nil
}

// dimensions turns "60000, 28, 28" into rows and columns.
func dimensions(text string) (rows, columns int, err error) {
	rows, columns = -1, 1
	for _, part := range strings.Split(text, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		n, err := strconv.Atoi(part)
		if err != nil || n < 0 {
			return 0, 0, fmt.Errorf("shape (%s), want whole numbers", text)
		}
		if rows < 0 {
			rows = n
			continue
		}
		if n > 0 && columns > mostValues/n {
			return 0, 0, fmt.Errorf("shape (%s), want at most %d values", text, mostValues)
		}
		columns *= n
	}
	switch {
	case rows < 0:
		return 0, 0, errors.New("a single number, want an array of rows")
	case rows == 0 || columns == 0:
		return 0, 0, fmt.Errorf("shape (%s): no values", text)
	case rows > mostValues/columns:
		return 0, 0, fmt.Errorf("shape (%s), want at most %d values", text, mostValues)
	}
	return rows, columns, nil
}

// decoder reads one number of a type, nil for a type that is not known.
func decoder(kind string) (decode func(b []byte) float64, size int) {
	le := binary.LittleEndian
	switch strings.TrimLeft(kind, "<|=") {
	case "f4":
		return func(b []byte) float64 { return float64(math.Float32frombits(le.Uint32(b))) }, 4
	case "f8":
		return func(b []byte) float64 { return math.Float64frombits(le.Uint64(b)) }, 8
	case "i1":
		return func(b []byte) float64 { return float64(int8(b[0])) }, 1
	case "u1", "b1":
		return func(b []byte) float64 { return float64(b[0]) }, 1
	case "i2":
		return func(b []byte) float64 { return float64(int16(le.Uint16(b))) }, 2
	case "u2":
		return func(b []byte) float64 { return float64(le.Uint16(b)) }, 2
	case "i4":
		return func(b []byte) float64 { return float64(int32(le.Uint32(b))) }, 4
	case "u4":
		return func(b []byte) float64 { return float64(le.Uint32(b)) }, 4
	case "i8":
		return func(b []byte) float64 { return float64(int64(le.Uint64(b))) }, 8
	case "u8":
		return func(b []byte) float64 { return float64(le.Uint64(b)) }, 8
	}
	return nil, 0
}
