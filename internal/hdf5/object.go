package hdf5

import (
	"bytes"
	"strings"
)

// Kinds of messages of an object header.
const (
	msgShape     = 0x01
	msgLinks     = 0x02
	msgType      = 0x03
	msgFill      = 0x05
	msgLink      = 0x06
	msgLayout    = 0x08
	msgFilters   = 0x0b
	msgAttribute = 0x0c
	msgMore      = 0x10
	msgTable     = 0x11
)

// An Object is a group or a dataset with its attributes.
type Object struct {
	Shape []int // of a dataset
	Type  Type

	file        *File
	at          uint64
	group       bool
	names, heap uint64 // of a group: the index and the heap of names
	attributes  map[string]attribute
	layout      layout
	filters     []int
	fill        []byte // what cells hold that are not stored, where it is said
}

// An attribute is a few values beside an object.
type attribute struct {
	kind Type
	data []byte
}

// Text is an attribute of one text of fixed length.
func (o *Object) Text(name string) (string, bool) {
	a, ok := o.attributes[name]
	if !ok || a.kind.Kind != Characters || len(a.data) < a.kind.Size {
		return "", false
	}
	return strings.TrimRight(string(a.data[:a.kind.Size]), "\x00 "), true
}

// Whole is an attribute of one whole number.
func (o *Object) Whole(name string) (uint64, bool) {
	a, ok := o.attributes[name]
	if !ok || a.kind.Kind != Integer || a.kind.Size > 8 || len(a.data) < a.kind.Size {
		return 0, false
	}
	c := cursor{data: a.data}
	return c.uint(a.kind.Size), !a.kind.Big
}

// A message is a part of an object header.
type message struct {
	kind int
	data []byte
}

// Object reads the header at an address.
func (f *File) Object(at uint64) (*Object, error) {
	list, err := f.messages(at)
	if err != nil {
		return nil, err
	}
	o := &Object{file: f, at: at, attributes: map[string]attribute{}}
	seen := map[int]bool{}
	for _, m := range list {
		c := cursor{data: m.data}
		switch m.kind {
		case msgShape:
			o.Shape, err = parseShape(&c)
		case msgType:
			o.Type, err = parseType(&c)
		case msgFill:
			o.fill = parseFill(&c)
		case msgLayout:
			o.layout, err = parseLayout(&c)
		case msgFilters:
			o.filters, err = parseFilters(&c)
		case msgAttribute:
			err = o.attribute(&c)
		case msgTable:
			o.group, o.names, o.heap = true, c.uint(8), c.uint(8)
		case msgLinks, msgLink:
			err = unsupported("a group without a symbol table, want one (h5py: libver='earliest')")
		default:
			continue
		}
		if err == nil && c.short {
			err = f.damaged(at, "message of type %d of %d bytes, which is too short", m.kind, len(m.data))
		}
		if err != nil {
			return nil, err
		}
		seen[m.kind] = true
	}
	if !o.group && !(seen[msgShape] && seen[msgType] && seen[msgLayout]) {
		return nil, unsupported("byte %d: neither a group nor a dataset with shape, type and layout", at+uint64(f.start))
	}
	return o, nil
}

// messages collects the parts of a header, which may lie in several blocks.
func (f *File) messages(at uint64) ([]message, error) {
	head, err := f.block(at, 16, "object header")
	if err != nil {
		return nil, err
	}
	if bytes.HasPrefix(head, []byte("OHDR")) {
		return nil, unsupported("object header of version 2, want 1 (h5py: libver='earliest')")
	}
	c := cursor{data: head}
	version := c.uint(2)
	count := int(c.uint(2))
	c.take(4)
	if version != 1 {
		return nil, f.damaged(at, "no object header of version 1")
	}
	type stretch struct{ at, size uint64 }
	var out []message
	for left := []stretch{{at + 16, c.uint(4)}}; len(left) > 0; left = left[1:] {
		body, err := f.block(left[0].at, left[0].size, "object header")
		if err != nil {
			return nil, err
		}
		for c := (cursor{data: body}); len(c.data) >= 8 && len(out) < count; {
			m := message{kind: int(c.uint(2))}
			size, flags := int(c.uint(2)), c.uint(1)
			c.take(3)
			if m.data = c.take(size); c.short {
				return nil, f.damaged(at, "message of type %d and %d bytes, longer than its header", m.kind, size)
			}
			if flags&2 != 0 && m.kind <= msgAttribute && m.kind != 0 {
				return nil, unsupported("a shared message of type %d, want one of the object's own", m.kind)
			}
			if m.kind == msgMore {
				c := cursor{data: m.data}
				left = append(left, stretch{c.uint(8), c.uint(8)})
			}
			out = append(out, m)
		}
	}
	return out, nil
}

// attribute takes in a message of an attribute. One of a type that is not read or shared, as
// MATLAB's own never are, is passed over.
func (o *Object) attribute(c *cursor) error {
	version, flags := c.uint(1), c.uint(1)
	name, kind, shape := int(c.uint(2)), int(c.uint(2)), int(c.uint(2))
	if version < 1 || version > 3 || c.short {
		return unsupported("attribute of version %d, want 1 to 3", version)
	}
	padded := func(n int) int { return n }
	switch version {
	case 1:
		padded, flags = func(n int) int { return (n + 7) / 8 * 8 }, 0
	case 3:
		c.take(1) // set of characters of the name
	}
	text := strings.TrimRight(string(c.take(padded(name))), "\x00")
	inType := cursor{data: c.take(padded(kind))}
	c.take(padded(shape))
	if c.short || flags&3 != 0 {
		return nil
	}
	t, err := parseType(&inType)
	if err != nil || inType.short {
		return nil
	}
	o.attributes[text] = attribute{t, c.data}
	return nil
}
