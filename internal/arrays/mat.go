package arrays

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/venn-adapt/venn/internal/hdf5"
	"github.com/venn-adapt/venn/internal/npy"
)

// Types of elements of a MATLAB v5 file.
const (
	miInt8       = 1
	miUint8      = 2
	miInt16      = 3
	miUint16     = 4
	miInt32      = 5
	miUint32     = 6
	miSingle     = 7
	miDouble     = 9
	miInt64      = 12
	miUint64     = 13
	miMatrix     = 14
	miCompressed = 15
	miUTF8       = 16
	miUTF16      = 17
	miUTF32      = 18
)

// Classes of matrices; those with numbers are double to uint64.
const (
	mxCell   = 1
	mxChar   = 4
	mxSparse = 5
	mxDouble = 6
	mxUint64 = 15
)

const (
	matHeader = 128
	complexed = 0x0800 // flag of a complex matrix
)

// ParseMAT reads the numeric matrices of a MATLAB file by name, sparse ones in full, and as
// texts the rows of character matrices and cells that hold a text each: of a v5 file (as
// `save -v6` and `save -v7` write it) or of a v7.3 file (`save -v7.3`, which is HDF5).
// Structures, objects, other cells and complex matrices are left out. It fails, saying
// where, on another format and on a file that is cut short or contradicts itself.
func ParseMAT(data []byte) (map[string]Array, error) {
	r := matReader{found: map[string]Array{}, most: limit}
	if err := r.file(data); err != nil {
		return nil, err
	}
	return r.found, nil
}

// file reads all of a file.
func (r *matReader) file(data []byte) error {
	if bytes.HasPrefix(data, []byte("MATLAB 7.3")) || hdf5.Is(data) {
		return r.hierarchy(data)
	}
	if len(data) < matHeader {
		return fmt.Errorf("%d bytes, a MATLAB file has at least %d", len(data), matHeader)
	}
	switch string(data[126:128]) {
	case "IM":
		r.order = binary.LittleEndian
	case "MI":
		r.order = binary.BigEndian
	default:
		return errors.New("not a MATLAB v5 file: no endian mark at byte 126")
	}
	return r.elements(data[matHeader:], matHeader, true)
}

type matReader struct {
	order binary.ByteOrder
	found map[string]Array
	bytes map[string]Bytes // where bytes are wanted as they lie
	most  int              // numbers of an array
}

// An element is a tagged stretch of bytes.
type element struct {
	kind int
	data []byte
	size int // with tag and padding
}

// next reads the element at the front of data. Compressed elements are not padded.
func (r *matReader) next(data []byte) (element, error) {
	if len(data) < 8 {
		return element{}, fmt.Errorf("%d bytes left, an element has at least 8", len(data))
	}
	first := r.order.Uint32(data)
	if small := int(first >> 16); small > 0 { // up to four bytes inside the tag
		if small > 4 {
			return element{}, fmt.Errorf("a small element of %d bytes, want at most 4", small)
		}
		return element{int(first & 0xffff), data[4 : 4+small], 8}, nil
	}
	size := uint64(r.order.Uint32(data[4:]))
	if size > uint64(len(data)-8) {
		return element{}, fmt.Errorf("an element of %d bytes where %d are left: the file is cut short or damaged", size, len(data)-8)
	}
	e := element{kind: int(first), data: data[8 : 8+size], size: 8 + int(size)}
	if e.kind != miCompressed {
		e.size = min(len(data), (e.size+7)/8*8)
	}
	return e, nil
}

// elements reads a sequence of matrices; a compressed one holds exactly one more.
func (r *matReader) elements(data []byte, at int, outer bool) error {
	for len(data) > 0 {
		e, err := r.next(data)
		if err != nil {
			return fmt.Errorf("byte %d: %w", at, err)
		}
		switch {
		case e.kind == miMatrix:
			if err := r.matrix(e.data); err != nil {
				return fmt.Errorf("byte %d: %w", at, err)
			}
		case e.kind == miCompressed && outer:
			plain, err := inflate(e.data, 8*limit+1<<16)
			if err != nil {
				return fmt.Errorf("byte %d: compressed matrix: %w", at, err)
			}
			if err := r.elements(plain, at, false); err != nil {
				return err
			}
		default:
			return fmt.Errorf("byte %d: element of type %d, want a matrix", at, e.kind)
		}
		data, at = data[e.size:], at+e.size
	}
	return nil
}

// inflate unpacks no more than the largest array that is taken.
func inflate(data []byte, most int) ([]byte, error) {
	z, err := zlib.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	plain, err := io.ReadAll(io.LimitReader(z, int64(most)+1))
	if err == nil && len(plain) > most {
		err = fmt.Errorf("unpacks to more than %d bytes", most)
	}
	return plain, err
}

// A matHead is what every matrix begins with.
type matHead struct {
	class int
	shape []int
	name  string
	parts []byte // the elements that follow
}

// part takes the next element off the parts.
func (r *matReader) part(h *matHead, what string) (element, error) {
	e, err := r.next(h.parts)
	if err != nil {
		return e, fmt.Errorf("%s: %w", what, err)
	}
	h.parts = h.parts[e.size:]
	return e, nil
}

// matrix reads one matrix; what holds neither real numbers nor texts is passed over.
func (r *matReader) matrix(data []byte) error {
	h, err := r.head(data)
	if err != nil || h == nil {
		return err
	}
	var a *Array
	switch h.class {
	case mxChar:
		a, err = r.texts(h)
	case mxCell:
		a, err = r.cell(h)
	case mxSparse:
		a, err = r.sparse(h)
	default:
		a, err = r.full(h)
	}
	if err != nil {
		return fmt.Errorf("%q: %w", h.name, err)
	}
	if a != nil {
		r.found[h.name] = *a
	}
	return nil
}

// head reads flags, dimensions and name; nil for a class that is passed over.
func (r *matReader) head(data []byte) (*matHead, error) {
	h := &matHead{parts: data}
	flags, err := r.part(h, "array flags")
	if err != nil {
		return nil, err
	}
	if flags.kind != miUint32 || len(flags.data) != 8 {
		return nil, fmt.Errorf("array flags of type %d and %d bytes, want 8 bytes of type %d", flags.kind, len(flags.data), miUint32)
	}
	bits := r.order.Uint32(flags.data)
	h.class = int(bits & 0xff)
	if numbers := h.class >= mxSparse && h.class <= mxUint64; bits&complexed != 0 || (!numbers && h.class != mxCell && h.class != mxChar) {
		return nil, nil
	}
	size, err := r.part(h, "dimensions")
	if err != nil {
		return nil, err
	}
	lengths, err := r.numbers(size)
	if err != nil || len(lengths) < 2 || size.kind != miInt32 {
		return nil, fmt.Errorf("dimensions of type %d and %d bytes", size.kind, len(size.data))
	}
	for _, v := range lengths {
		h.shape = append(h.shape, int(v))
	}
	if _, err := npy.Count(h.shape, r.most); err != nil {
		return nil, err
	}
	name, err := r.part(h, "name")
	h.name = string(name.data)
	return h, err
}

// full reads the numbers of a matrix that stores all of them.
func (r *matReader) full(h *matHead) (*Array, error) {
	real, err := r.part(h, "real part")
	if err != nil {
		return nil, err
	}
	if r.bytes != nil && real.kind == miUint8 {
		n, _ := npy.Count(h.shape, r.most) // head has checked the shape
		if len(real.data) != n {
			return nil, fmt.Errorf("%d bytes for shape %v", len(real.data), h.shape)
		}
		r.bytes[h.name] = Bytes{h.shape, real.data}
		return nil, nil
	}
	if _, err := count(h.shape); err != nil {
		return nil, err
	}
	values, err := r.numbers(real)
	if err != nil {
		return nil, err
	}
	if n, _ := count(h.shape); len(values) != n { // head has checked the shape
		return nil, fmt.Errorf("%d numbers for shape %v", len(values), h.shape)
	}
	return &Array{Shape: h.shape, Data: rowMajor(h.shape, values)}, nil
}

// numbers decodes an element of any numeric type.
func (r *matReader) numbers(e element) ([]float64, error) {
	width := map[int]int{miInt8: 1, miUint8: 1, miInt16: 2, miUint16: 2, miInt32: 4, miUint32: 4, miSingle: 4, miDouble: 8, miInt64: 8, miUint64: 8}[e.kind]
	if width == 0 || len(e.data)%width != 0 {
		return nil, fmt.Errorf("%d bytes of type %d are no numbers", len(e.data), e.kind)
	}
	out := make([]float64, len(e.data)/width)
	for i := range out {
		b := e.data[i*width:]
		switch e.kind {
		case miInt8:
			out[i] = float64(int8(b[0]))
		case miUint8:
			out[i] = float64(b[0])
		case miInt16:
			out[i] = float64(int16(r.order.Uint16(b)))
		case miUint16:
			out[i] = float64(r.order.Uint16(b))
		case miInt32:
			out[i] = float64(int32(r.order.Uint32(b)))
		case miUint32:
			out[i] = float64(r.order.Uint32(b))
		case miSingle:
			out[i] = float64(math.Float32frombits(r.order.Uint32(b)))
		case miDouble:
			out[i] = math.Float64frombits(r.order.Uint64(b))
		case miInt64:
			out[i] = float64(int64(r.order.Uint64(b)))
		case miUint64:
			out[i] = float64(r.order.Uint64(b))
		}
	}
	return out, nil
}
