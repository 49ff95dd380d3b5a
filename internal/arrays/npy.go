package arrays

import (
	"encoding/binary"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/venn-adapt/venn/internal/npy"
)

// npyType is a type of numbers or texts: byte order, kind, width.
var npyType = regexp.MustCompile(`^([<>|=]?)([a-zUS])(\d+)$`)

// An UnreadableError says that an array is whole, but of a type that no reader takes.
type UnreadableError struct{ Type string }

func (e *UnreadableError) Error() string {
	return fmt.Sprintf("values of type %s, want booleans, integers, floating-point numbers of 2, 4 or 8 bytes, or texts", e.Type)
}

// ParseNPY reads a NumPy array of booleans, integers, floating-point numbers or texts, of
// any byte order and either memory order. It fails on other types (UnreadableError), on a
// header that it cannot read and on data that is not exactly as long as the shape says.
func ParseNPY(data []byte) (Array, error) {
	header, body, err := npy.ParseHeader(data)
	if err != nil {
		return Array{}, err
	}
	descr := npyType.FindStringSubmatch(header.Type)
	switch {
	case strings.HasSuffix(header.Type, "O"):
		return Array{}, &UnreadableError{"Python object (pickled; of texts, save y.astype(str))"}
	case descr == nil:
		return Array{}, &UnreadableError{fmt.Sprintf("%.60s", header.Type)}
	}
	n, err := npy.Count(header.Shape, len(body))
	if err != nil {
		return Array{}, err
	}
	a := Array{Shape: header.Shape}
	if kind := descr[2]; kind == "U" || kind == "S" {
		a.Text, err = npyTexts(descr, body, n)
	} else {
		a.Data, err = npyNumbers(descr, body, n)
	}
	if err != nil {
		return Array{}, err
	}
	switch {
	case header.Fortran && a.Text != nil:
		a.Text = rowMajor(a.Shape, a.Text)
	case header.Fortran:
		a.Data = rowMajor(a.Shape, a.Data)
	}
	return a, nil
}

// npyOrder is the byte order of a type like <f4.
func npyOrder(descr []string) binary.ByteOrder {
	if descr[1] == ">" {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

// numberWidth is the bytes of a number of each type.
var numberWidth = map[string]int{"b1": 1, "i1": 1, "u1": 1, "i2": 2, "u2": 2, "i4": 4, "u4": 4, "i8": 8, "u8": 8, "f2": 2, "f4": 4, "f8": 8}

// npyNumbers decodes n values of a type like <f4.
func npyNumbers(descr []string, body []byte, n int) ([]float64, error) {
	order, kind := npyOrder(descr), descr[2]+descr[3]
	width, known := numberWidth[kind]
	if !known {
		return nil, &UnreadableError{kind}
	}
	if len(body) != n*width {
		return nil, fmt.Errorf("%d bytes of values, the shape takes %d", len(body), n*width)
	}
	out := make([]float64, n)
	for i := range out {
		b := body[i*width:]
		switch kind {
		case "b1", "u1":
			out[i] = float64(b[0])
		case "i1":
			out[i] = float64(int8(b[0]))
		case "i2":
			out[i] = float64(int16(order.Uint16(b)))
		case "u2":
			out[i] = float64(order.Uint16(b))
		case "i4":
			out[i] = float64(int32(order.Uint32(b)))
		case "u4":
			out[i] = float64(order.Uint32(b))
		case "i8":
			out[i] = float64(int64(order.Uint64(b)))
		case "u8":
			out[i] = float64(order.Uint64(b))
		case "f2":
			out[i] = half(order.Uint16(b))
		case "f4":
			out[i] = float64(math.Float32frombits(order.Uint32(b)))
		case "f8":
			out[i] = math.Float64frombits(order.Uint64(b))
		}
	}
	return out, nil
}

// half is the value of an IEEE 754 binary16 number: 1 bit of sign, 5 of exponent, 10 of
// fraction.
func half(bits uint16) float64 {
	sign := 1 - 2*float64(bits>>15)
	exponent, fraction := int(bits>>10&31), float64(bits&1023)
	switch exponent {
	case 0: // subnormal
		return sign * math.Ldexp(fraction, -24)
	case 31:
		if fraction > 0 {
			return math.NaN()
		}
		return math.Inf(int(sign))
	}
	return sign * math.Ldexp(1024+fraction, exponent-25)
}

// npyTexts decodes n texts of a type like <U2, of UTF-32 runes, or |S3, of bytes, which
// zeros fill up.
func npyTexts(descr []string, body []byte, n int) ([]string, error) {
	order := npyOrder(descr)
	width, err := strconv.Atoi(descr[3])
	unit := map[string]int{"U": 4, "S": 1}[descr[2]]
	if err != nil || width < 1 || width > 1<<20 || len(body) != n*width*unit {
		return nil, fmt.Errorf("%d bytes of values, %d texts of type %s%s take another number", len(body), n, descr[2], descr[3])
	}
	out := make([]string, n)
	for i := range out {
		b := body[i*width*unit : (i+1)*width*unit]
		if unit == 1 {
			out[i] = strings.TrimRight(string(b), "\x00")
		} else {
			runes, ok := decodeRunes(b, order)
			if !ok {
				return nil, fmt.Errorf("text %d holds what is no character", i)
			}
			out[i] = strings.TrimRight(string(runes), "\x00")
		}
		if !utf8.ValidString(out[i]) || strings.ContainsRune(out[i], 0) {
			return nil, fmt.Errorf("text %d, %.40q, is not UTF-8", i, out[i])
		}
	}
	return out, nil
}
