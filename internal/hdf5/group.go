package hdf5

import "bytes"

// A Link is a name in a group and the address of its object.
type Link struct {
	Name string
	At   uint64
}

// Root is what the outermost group holds, in the order of names.
func (f *File) Root() ([]Link, error) {
	root, err := f.Object(f.root)
	if err != nil {
		return nil, err
	}
	return root.Links()
}

// Links is what a group holds, in the order of names; nothing for a dataset.
func (o *Object) Links() ([]Link, error) {
	if !o.group {
		return nil, nil
	}
	f := o.file
	head, err := f.block(o.heap, 32, "heap of names")
	if err != nil {
		return nil, err
	}
	if !bytes.HasPrefix(head, []byte("HEAP\x00")) {
		return nil, f.damaged(o.heap, "no heap of names of version 0")
	}
	c := cursor{data: head[8:]}
	size := c.uint(8)
	c.take(8)
	names, err := f.block(c.uint(8), size, "names")
	if err != nil {
		return nil, err
	}
	return f.tree(o.names, -1, names, nil)
}

// node is the body of a node of a B-tree of version 1: for each child a key of so many
// bytes and an address. The level is that of the parent less one, or -1 for any.
func (f *File) node(at uint64, kind byte, level, key int) (body []byte, height int, err error) {
	head, err := f.block(at, 24, "node of an index")
	if err != nil {
		return nil, 0, err
	}
	if !bytes.HasPrefix(head, []byte{'T', 'R', 'E', 'E', kind}) || (level >= 0 && int(head[5]) != level) {
		return nil, 0, f.damaged(at, "no node of an index of type %d", kind)
	}
	children := uint64(head[6]) | uint64(head[7])<<8
	body, err = f.block(at+24, children*uint64(key+8), "node of an index")
	return body, int(head[5]), err
}

// tree appends the links below a node.
func (f *File) tree(at uint64, level int, names []byte, out []Link) ([]Link, error) {
	body, level, err := f.node(at, 0, level, 8)
	if err != nil {
		return nil, err
	}
	for c := (cursor{data: body}); len(c.data) > 0; {
		c.take(8)
		if child := c.uint(8); level > 0 {
			out, err = f.tree(child, level-1, names, out)
		} else {
			out, err = f.leaf(child, names, out)
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// leaf appends the links of a node of symbols.
func (f *File) leaf(at uint64, names []byte, out []Link) ([]Link, error) {
	head, err := f.block(at, 8, "node of symbols")
	if err != nil {
		return nil, err
	}
	if !bytes.HasPrefix(head, []byte("SNOD\x01")) {
		return nil, f.damaged(at, "no node of symbols of version 1")
	}
	symbols := uint64(head[6]) | uint64(head[7])<<8
	body, err := f.block(at+8, 40*symbols, "node of symbols")
	if err != nil {
		return nil, err
	}
	for c := (cursor{data: body}); len(c.data) > 0; {
		name, object, cached := c.uint(8), c.uint(8), c.uint(4)
		c.take(20)
		if name >= uint64(len(names)) {
			return nil, f.damaged(at, "a name at %d of %d bytes", name, len(names))
		}
		text, _, ended := bytes.Cut(names[name:], []byte{0})
		if !ended {
			return nil, f.damaged(at, "a name without an end")
		}
		// A name is looked at once more for each link that has it.
		if len(text) > f.look {
			return nil, errEndless
		}
		f.look -= len(text)
		if cached == 2 {
			return nil, unsupported("%q is a soft link, want an object", text)
		}
		out = append(out, Link{string(text), object})
	}
	return out, nil
}
