package hdf5

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"slices"

	"github.com/venn-adapt/venn/internal/npy"
	"github.com/venn-adapt/venn/internal/parallel"
)

// Read is the elements of a dataset of numbers or references as they lie, row-major by
// Shape: bytes of the file itself where they lie so in it, which are not to be changed.
// Cells that are not stored are what the file says that they hold, or zeros. It fails on
// another type and on a file that does not hold what it claims.
func (o *Object) Read() ([]byte, error) {
	if o.Type.Kind != Integer && o.Type.Kind != Float && o.Type.Kind != Reference {
		return nil, unsupported("elements that are no numbers, want whole, single or double ones")
	}
	n, err := npy.Count(o.Shape, o.file.room)
	if err != nil {
		return nil, o.file.crowded(err)
	}
	if err := o.file.Reserve(n); err != nil {
		return nil, err
	}
	size := n * o.Type.Size
	switch l := o.layout; {
	case n == 0:
		return nil, nil
	case l.class == compact:
		if len(l.here) < size {
			return nil, o.file.damaged(o.at, "%d bytes for shape %v", len(l.here), o.Shape)
		}
		return l.here[:size], nil
	case l.at == undefined:
		return o.blank(size), nil
	case l.class == contiguous:
		if l.size < uint64(size) {
			return nil, o.file.damaged(l.at, "%d bytes for shape %v", l.size, o.Shape)
		}
		return o.file.block(l.at, uint64(size), "numbers")
	}
	return o.chunks(size)
}

// blank is cells that are not stored.
func (o *Object) blank(size int) []byte {
	if len(o.fill) == o.Type.Size && slices.Max(o.fill) > 0 {
		return bytes.Repeat(o.fill, size/len(o.fill))
	}
	return make([]byte, size)
}

// A chunk is a stored block of a dataset.
type chunk struct {
	at   uint64
	data []byte
	skip uint32 // a bit for each filter that was not applied
	from []int  // its first cell
}

// chunks reads a dataset in chunks.
func (o *Object) chunks(size int) ([]byte, error) {
	list, err := o.stored()
	if err != nil {
		return nil, err
	}
	out, grid := o.blank(size), o.layout.chunk[:len(o.Shape)]
	return out, o.unpackAll(list, func(c chunk, plain []byte) { place(out, o.Shape, plain, grid, c.from, o.Type.Size) })
}

// stored lists the chunks of a dataset, if their shape can be one of it.
func (o *Object) stored() ([]chunk, error) {
	shape, grid := o.Shape, o.layout.chunk
	if len(grid) != len(shape)+1 || len(shape) == 0 || slices.Min(grid) < 1 || grid[len(shape)] != o.Type.Size {
		return nil, o.file.damaged(o.layout.at, "chunks of shape %v for shape %v and %d bytes", grid, shape, o.Type.Size)
	}
	each, err := npy.Count(grid, 1<<32)
	if err != nil {
		return nil, o.file.damaged(o.at, "chunks: %v", err)
	}
	// Only of arrays that were to grow are chunks larger at all.
	if all, err := npy.Count(append(slices.Clone(shape), o.Type.Size), each); err == nil && each > all+1<<24 {
		return nil, unsupported("chunks of %d bytes for %d in all, want them smaller", each, all)
	}
	return o.list(o.layout.at, -1, nil)
}

// unpackAll undoes the filters of chunks, each for one call, and calls may come at once.
func (o *Object) unpackAll(list []chunk, use func(c chunk, plain []byte)) error {
	each, err := npy.Count(o.layout.chunk, 1<<32)
	if err != nil {
		return err
	}
	for _, c := range list {
		// No stream of deflate unpacks to more than 1032 times its bytes.
		if len(c.data) < each/1032 || (!slices.Contains(o.filters, deflate) && len(c.data) != each) {
			return o.file.damaged(c.at, "chunk of %d bytes, which cannot be %d", len(c.data), each)
		}
		if o.file.unpack -= each; o.file.unpack < 0 {
			return errEndless
		}
	}
	const run = 16 // chunks that share a buffer
	errs := make([]error, (len(list)+run-1)/run)
	parallel.For(len(errs), func(i int) {
		var u unpacker
		for _, c := range list[i*run : min(len(list), (i+1)*run)] {
			plain, err := u.unpack(c, o.filters, each, o.Type.Size)
			if err != nil {
				errs[i] = o.file.damaged(c.at, "chunk: %v", err)
				return
			}
			use(c, plain)
		}
	})
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// list appends the chunks below a node of their index, which must be in order, so that
// none comes twice.
func (o *Object) list(at uint64, level int, out []chunk) ([]chunk, error) {
	f, rank := o.file, len(o.Shape)
	body, level, err := f.node(at, 1, level, 8+8*(rank+1))
	if err != nil {
		return nil, err
	}
	for c := (cursor{data: body}); len(c.data) > 0; {
		size := c.uint(4)
		next := chunk{skip: uint32(c.uint(4)), from: make([]int, rank)}
		inside := true
		for k := range next.from {
			v := c.uint(8)
			inside = inside && v < uint64(o.Shape[k]) && v%uint64(o.layout.chunk[k]) == 0
			next.from[k] = int(v)
		}
		c.take(8)
		next.at = c.uint(8)
		if level > 0 {
			if out, err = o.list(next.at, level-1, out); err != nil {
				return nil, err
			}
			continue
		}
		if !inside || (len(out) > 0 && slices.Compare(out[len(out)-1].from, next.from) >= 0) {
			return nil, f.damaged(at, "a chunk at %v of shape %v, outside or not in order", next.from, o.Shape)
		}
		if next.data, err = f.block(next.at, size, "chunk"); err != nil {
			return nil, err
		}
		out = append(out, next)
	}
	return out, nil
}

// An unpacker undoes filters, with buffers that it keeps.
type unpacker struct {
	stream       io.ReadCloser
	plain, whole []byte
}

// unpack gives a chunk of so many bytes, which holds until the next one.
func (u *unpacker) unpack(c chunk, filters []int, each, width int) ([]byte, error) {
	data := c.data
	for i := len(filters) - 1; i >= 0; i-- {
		if c.skip>>i&1 != 0 {
			continue
		}
		switch filters[i] {
		case deflate:
			if err := u.inflate(data, each); err != nil {
				return nil, err
			}
			data = u.plain
		case shuffle:
			u.whole = slices.Grow(u.whole[:0], len(data))[:len(data)]
			unshuffle(u.whole, data, width)
			data = u.whole
		}
	}
	if len(data) != each {
		return nil, fmt.Errorf("%d bytes, want %d", len(data), each)
	}
	return data, nil
}

// inflate sets plain to exactly so many bytes.
func (u *unpacker) inflate(data []byte, each int) error {
	var err error
	if u.stream == nil {
		u.stream, err = zlib.NewReader(bytes.NewReader(data))
	} else {
		err = u.stream.(zlib.Resetter).Reset(bytes.NewReader(data), nil)
	}
	if err != nil {
		return err
	}
	u.plain = slices.Grow(u.plain[:0], each)[:each]
	if _, err := io.ReadFull(u.stream, u.plain); err != nil {
		return fmt.Errorf("unpacks to less than %d bytes: %w", each, err)
	}
	var more [1]byte // also checks the sum
	if n, err := u.stream.Read(more[:]); n > 0 {
		return fmt.Errorf("unpacks to more than %d bytes", each)
	} else if err != io.EOF {
		return err
	}
	return nil
}

// unshuffle undoes the order of bytes by their place in an element; a rest stays.
func unshuffle(out, data []byte, width int) {
	n := len(data) / width
	for k := range width {
		plane := data[k*n : (k+1)*n]
		for i, b := range plane {
			out[i*width+k] = b
		}
	}
	copy(out[n*width:], data[n*width:])
}

// place copies of a chunk what lies inside the shape.
func place(out []byte, shape []int, data []byte, chunk, from []int, width int) {
	last := len(shape) - 1
	box, index := make([]int, len(shape)), make([]int, len(shape))
	for k := range box {
		box[k] = min(chunk[k], shape[k]-from[k])
	}
	run := box[last] * width
	for {
		to, at := 0, 0
		for k := range shape {
			to = to*shape[k] + from[k] + index[k]
			at = at*chunk[k] + index[k]
		}
		copy(out[to*width:to*width+run], data[at*width:at*width+run])
		k := last - 1
		for ; k >= 0; k-- {
			if index[k]++; index[k] < box[k] {
				break
			}
			index[k] = 0
		}
		if k < 0 {
			return
		}
	}
}
