package hdf5

import (
	"fmt"
	"slices"

	"github.com/venn-adapt/venn/internal/npy"
)

// Rows is what Read gives of some places along the first axis, one after the other, and no more
// of the dataset than these is held: of chunks those that hold any of them are unpacked, in
// turn. The places ascend. It fails as Read does, and on a place that is not there.
func (o *Object) Rows(places []int) ([]byte, error) {
	if o.Type.Kind != Integer && o.Type.Kind != Float {
		return nil, unsupported("elements that are no numbers, want whole, single or double ones")
	}
	if len(o.Shape) == 0 {
		return nil, unsupported("a single value, want an array of rows")
	}
	for i, p := range places {
		if p < 0 || p >= o.Shape[0] || i > 0 && p <= places[i-1] {
			return nil, fmt.Errorf("row %d after others up to %d, of %d rows: want rows that ascend", p, places[max(0, i-1)], o.Shape[0])
		}
	}
	row, err := npy.Count(o.Shape[1:], o.file.room)
	if err != nil {
		return nil, o.file.crowded(err)
	}
	if err := o.file.Reserve(row * len(places)); err != nil {
		return nil, err
	}
	each := row * o.Type.Size
	switch l := o.layout; {
	case row == 0 || len(places) == 0:
		return nil, nil
	case l.class != compact && l.at == undefined:
		return o.blank(each * len(places)), nil
	case l.class == chunked:
		return o.rowsOfChunks(places, each)
	}
	out := make([]byte, 0, each*len(places))
	for _, p := range places {
		data, err := o.row(p, each)
		if err != nil {
			return nil, err
		}
		out = append(out, data...)
	}
	return out, nil
}

// row is one of rows that lie one after the other.
func (o *Object) row(place, each int) ([]byte, error) {
	l := o.layout
	have := l.size
	if l.class == compact {
		have = uint64(len(l.here))
	} else {
		have = min(have, uint64(len(o.file.data)))
	}
	if uint64(place) >= have/uint64(each) {
		return nil, o.file.damaged(o.at, "%d bytes for shape %v", have, o.Shape)
	}
	if l.class == compact {
		return l.here[place*each : (place+1)*each], nil
	}
	if l.at > uint64(len(o.file.data)) {
		return nil, o.file.damaged(l.at, "numbers, beyond the end of the file")
	}
	return o.file.block(l.at+uint64(place)*uint64(each), uint64(each), "numbers")
}

// rowsOfChunks unpacks the chunks that hold any of the places, each row of so many bytes.
func (o *Object) rowsOfChunks(places []int, each int) ([]byte, error) {
	list, err := o.stored()
	if err != nil {
		return nil, err
	}
	shape, grid := o.Shape, o.layout.chunk[:len(o.Shape)]
	within := func(c chunk) (lo, hi int) { // of the places
		lo, _ = slices.BinarySearch(places, c.from[0])
		hi, _ = slices.BinarySearch(places, c.from[0]+grid[0])
		return lo, hi
	}
	list = slices.DeleteFunc(list, func(c chunk) bool { lo, hi := within(c); return lo == hi })
	out := o.blank(each * len(places))
	oneOf := func(axes []int, first int) []int { return slices.Concat([]int{first}, axes[1:]) }
	rowShape, rowGrid := oneOf(shape, 1), oneOf(grid, 1)
	rowBytes := o.Type.Size // of a chunk
	for _, n := range grid[1:] {
		rowBytes *= n
	}
	return out, o.unpackAll(list, func(c chunk, plain []byte) {
		lo, hi := within(c)
		from := oneOf(c.from, 0)
		for i := lo; i < hi; i++ {
			place(out[i*each:(i+1)*each], rowShape, plain[(places[i]-c.from[0])*rowBytes:], rowGrid, from, o.Type.Size)
		}
	})
}
