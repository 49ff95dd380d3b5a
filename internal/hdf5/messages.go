package hdf5

import (
	"bytes"
	"encoding/binary"
)

// A Kind says what bytes of a type are.
type Kind int

// Kinds of types that are told apart.
const (
	Other Kind = iota
	Integer
	Float
	Characters // texts of fixed length
	Compound
	Reference // addresses of objects
)

// A Type is that of the elements of an array.
type Type struct {
	Kind   Kind
	Size   int // bytes
	Signed bool
	Big    bool // the first byte is the highest
}

// ByteOrder is how numbers of the type are read.
func (t Type) ByteOrder() binary.ByteOrder {
	if t.Big {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

// What follows the size of an IEEE 754 number: where its bits lie, and the bias.
var ieee = map[int][]byte{
	4: {0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0},
	8: {0, 0, 64, 0, 52, 11, 0, 52, 255, 3, 0, 0},
}

// parseType reads a message of a type. Other is every kind that is not told apart.
func parseType(c *cursor) (Type, error) {
	class := c.uint(1)
	bits := c.uint(3)
	size := c.uint(4)
	t := Type{Size: int(size), Big: bits&1 != 0}
	if !c.short && (size == 0 || size > 1<<30) {
		return t, unsupported("type of %d bytes, want 1 to 2^30", size)
	}
	switch class & 0xf {
	case 0:
		t.Kind, t.Signed = Integer, bits&8 != 0
		if offset, width := c.uint(2), c.uint(2); !c.short && (offset != 0 || width != 8*size || size > 8) {
			return t, unsupported("whole numbers of %d bits in %d bytes, want all", width, size)
		}
	case 1:
		t.Kind = Float
		if !bytes.Equal(c.take(12), ieee[t.Size]) && !c.short || bits&0x40 != 0 {
			return t, unsupported("numbers of %d bytes that are not of IEEE 754, single or double", size)
		}
	case 3:
		t.Kind = Characters
	case 6:
		t.Kind = Compound
	case 7:
		if bits&0xf == 0 && size == 8 {
			t.Kind = Reference
		}
	}
	return t, nil
}

// parseShape reads a message of a shape; that of one number is empty.
func parseShape(c *cursor) ([]int, error) {
	version, rank, flags := c.uint(1), int(c.uint(1)), c.uint(1)
	none := false
	switch version {
	case 1:
		c.take(5)
	case 2:
		none = c.uint(1) == 2
	default:
		return nil, unsupported("shape of version %d, want 1 or 2", version)
	}
	if rank > 32 {
		return nil, unsupported("shape of %d axes, want at most 32", rank)
	}
	shape := make([]int, rank)
	for k := range shape {
		n := c.uint(8)
		if n > 1<<48 {
			return nil, unsupported("axis of length %d, want at most 2^48", n)
		}
		shape[k] = int(n)
	}
	if flags&1 != 0 {
		c.take(8 * rank) // how long axes may grow
	}
	if none {
		shape = []int{0}
	}
	return shape, nil
}

// parseFill reads what cells hold that are not stored; nil is zeros.
func parseFill(c *cursor) []byte {
	switch version := c.uint(1); version {
	case 1, 2:
		c.take(2)
		if defined := c.uint(1); version == 2 && defined == 0 {
			return nil
		}
	default: // 3
		if flags := c.uint(1); flags&0x20 == 0 {
			return nil
		}
	}
	return c.take(int(c.uint(4)))
}

// Classes of layouts.
const (
	compact    = 0
	contiguous = 1
	chunked    = 2
)

// A layout is where the numbers of a dataset lie.
type layout struct {
	class int
	here  []byte // of a compact one
	at    uint64 // of a contiguous one, or of the index of chunks
	size  uint64 // bytes of a contiguous one
	chunk []int  // shape of a chunk, and the bytes of an element
}

// parseLayout reads a message of a layout: of version 3 or, as MATLAB wrote it until 2008,
// of version 1 or 2.
func parseLayout(c *cursor) (layout, error) {
	version := c.uint(1)
	if version == 0 || version > 3 {
		return layout{}, unsupported("layout of version %d, want at most 3 (h5py: libver='earliest')", version)
	}
	var l layout
	axes := 0
	if version < 3 {
		axes = int(c.uint(1))
	}
	l.class = int(c.uint(1))
	if version < 3 {
		c.take(5)
		if l.class != compact {
			l.at = c.uint(8)
		}
	}
	switch l.class {
	case compact:
		width := 2
		if version < 3 {
			c.take(4 * axes)
			width = 4
		}
		l.here = c.take(int(c.uint(width)))
	case contiguous:
		if version < 3 {
			l.size = undefined // it is not said
			c.take(4 * axes)
			break
		}
		l.at, l.size = c.uint(8), c.uint(8)
	case chunked:
		if version == 3 {
			axes = int(c.uint(1))
			l.at = c.uint(8)
		}
		l.chunk = make([]int, axes)
		for k := range l.chunk {
			l.chunk[k] = int(c.uint(4))
		}
	default:
		return l, unsupported("layout of class %d, want compact, contiguous or chunked", l.class)
	}
	return l, nil
}

// Filters that are read.
const (
	deflate = 1
	shuffle = 2
)

// parseFilters reads a message of filters, in the order in which they were applied.
func parseFilters(c *cursor) ([]int, error) {
	version, count := c.uint(1), int(c.uint(1))
	if version == 1 {
		c.take(6)
	}
	var out []int
	for range count {
		id := int(c.uint(2))
		name := 0
		if version == 1 || id >= 256 {
			name = int(c.uint(2))
		}
		c.take(2) // flags
		values := int(c.uint(2))
		if version == 1 {
			name = (name + 7) / 8 * 8
			values += values % 2
		}
		c.take(name + 4*values)
		if !c.short && id != deflate && id != shuffle {
			known := map[int]string{3: "fletcher32, ", 4: "szip, ", 5: "nbit, ", 6: "scaleoffset, ", 32000: "lzf, "}[id]
			return nil, unsupported("filter %d, %swant deflate (gzip) and shuffle alone", id, known)
		}
		for _, have := range out {
			if have == id {
				return nil, unsupported("filter %d twice, want it once", id)
			}
		}
		out = append(out, id)
	}
	return out, nil
}
