package arrays

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var (
	npyDescr   = regexp.MustCompile(`'descr'\s*:\s*'([<>|=]?)([a-z])(\d+)'`)
	npyFortran = regexp.MustCompile(`'fortran_order'\s*:\s*(True|False)`)
	npyShape   = regexp.MustCompile(`'shape'\s*:\s*\(([0-9L, ]*)\)`)
)

// ParseNPY reads a NumPy array of booleans, integers or floating-point numbers, of
// any byte order and either memory order. It fails on other types, on a header that
// it cannot read and on data that is not exactly as long as the shape says.
func ParseNPY(data []byte) (Array, error) {
	if !bytes.HasPrefix(data, []byte("\x93NUMPY")) || len(data) < 12 {
		return Array{}, errors.New("not a NumPy .npy file")
	}
	start, length := 10, int(binary.LittleEndian.Uint16(data[8:]))
	if data[6] >= 2 {
		size := binary.LittleEndian.Uint32(data[8:])
		start, length = 12, int(min(size, math.MaxInt32))
	}
	if length > len(data)-start {
		return Array{}, fmt.Errorf("a header of %d bytes in a file of %d", length, len(data))
	}
	header, body := string(data[start:start+length]), data[start+length:]
	descr, fortran, shape := npyDescr.FindStringSubmatch(header), npyFortran.FindStringSubmatch(header), npyShape.FindStringSubmatch(header)
	if descr == nil || fortran == nil || shape == nil {
		return Array{}, fmt.Errorf("a header that says no numeric type, order and shape: %.80q", strings.TrimSpace(header))
	}
	var dims []int
	for _, word := range strings.FieldsFunc(shape[1], func(r rune) bool { return r == ',' || r == ' ' || r == 'L' }) {
		k, err := strconv.Atoi(word)
		if err != nil {
			return Array{}, fmt.Errorf("shape (%s)", shape[1])
		}
		dims = append(dims, k)
	}
	n, err := count(dims)
	if err != nil {
		return Array{}, err
	}
	values, err := npyNumbers(descr, body, n)
	if err != nil {
		return Array{}, err
	}
	if fortran[1] == "True" {
		return rowMajor(dims, values), nil
	}
	return Array{dims, values}, nil
}

// npyNumbers decodes n values of a type like <f4.
func npyNumbers(descr []string, body []byte, n int) ([]float64, error) {
	var order binary.ByteOrder = binary.LittleEndian
	if descr[1] == ">" {
		order = binary.BigEndian
	}
	kind := descr[2] + descr[3]
	width, known := map[string]int{"b1": 1, "i1": 1, "u1": 1, "i2": 2, "u2": 2, "i4": 4, "u4": 4, "i8": 8, "u8": 8, "f4": 4, "f8": 8}[kind]
	if !known {
		return nil, fmt.Errorf("values of type %s, want booleans, integers or 4- or 8-byte floating-point numbers", kind)
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
		case "f4":
			out[i] = float64(math.Float32frombits(order.Uint32(b)))
		case "f8":
			out[i] = math.Float64frombits(order.Uint64(b))
		}
	}
	return out, nil
}

// ParseNPZ reads the arrays of a NumPy .npz archive by name, without the ending .npy.
// It fails on an archive that cannot be read and on an entry that ParseNPY refuses,
// naming it.
func ParseNPZ(data []byte) (map[string]Array, error) {
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, fmt.Errorf("not a NumPy .npz archive: %w", err)
	}
	out := map[string]Array{}
	for _, f := range archive.File {
		name, ok := strings.CutSuffix(f.Name, ".npy")
		if !ok {
			continue
		}
		in, err := f.Open()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
		const most = 8*limit + 1<<16
		raw, err := io.ReadAll(io.LimitReader(in, most+1))
		in.Close()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
		if len(raw) > most {
			return nil, fmt.Errorf("%s: unpacks to more than %d bytes", f.Name, most)
		}
		if out[name], err = ParseNPY(raw); err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	return out, nil
}

// WriteNPZ writes arrays as an uncompressed .npz archive of float64 values, in the order
// of their names. Equal arrays give equal bytes.
func WriteNPZ(w io.Writer, arrays map[string]Array) error {
	archive := zip.NewWriter(w)
	for _, name := range slices.Sorted(maps.Keys(arrays)) {
		a := arrays[name]
		if n, err := count(a.Shape); err != nil || n != len(a.Data) {
			return fmt.Errorf("%s: %d values for shape %v", name, len(a.Data), a.Shape)
		}
		entry, err := archive.CreateHeader(&zip.FileHeader{Name: name + ".npy", Method: zip.Store}) // without a time
		if err != nil {
			return err
		}
		dims := ""
		for _, k := range a.Shape {
			dims += fmt.Sprintf("%d,", k)
		}
		header := fmt.Sprintf("{'descr': '<f8', 'fortran_order': False, 'shape': (%s), }", dims)
		header += strings.Repeat(" ", (64-(10+len(header)+1)%64)%64) + "\n"
		data := append([]byte("\x93NUMPY\x01\x00"), byte(len(header)), byte(len(header)>>8))
		data = append(data, header...)
		for _, v := range a.Data {
			data = binary.LittleEndian.AppendUint64(data, math.Float64bits(v))
		}
		if _, err := entry.Write(data); err != nil {
			return err
		}
	}
	return archive.Close()
}
