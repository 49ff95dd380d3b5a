package hdf5

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// read reads a file of MATLAB's layout that h5py made.
func read(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "arrays", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func open(t testing.TB, data []byte) *File {
	t.Helper()
	f, err := Open(data)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// object finds a member of a group by name.
func object(t testing.TB, f *File, links []Link, name string) *Object {
	t.Helper()
	at := slices.IndexFunc(links, func(l Link) bool { return l.Name == name })
	if at < 0 {
		t.Fatalf("no %q among %v", name, links)
	}
	o, err := f.Object(links[at].At)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// The names, classes and types are those of arrays/testdata/make73.py; axes are h5py's.
func TestObjects(t *testing.T) {
	f := open(t, read(t, "v73.mat"))
	root, err := f.Root()
	if err != nil || len(root) != 29 {
		t.Fatal(len(root), err)
	}
	if !slices.IsSortedFunc(root, func(a, b Link) int { return strings.Compare(a.Name, b.Name) }) {
		t.Errorf("%v, want them in the order of names", root)
	}
	for _, tt := range []struct {
		name, class string
		shape       []int
		kind        Type
	}{
		{"fts", "double", []int{3, 4}, Type{Float, 8, false, false}},
		{"big", "double", []int{2, 1}, Type{Float, 8, false, true}},
		{"int16", "int16", []int{3, 1}, Type{Integer, 2, true, false}},
		{"uint64", "uint64", []int{1, 2}, Type{Integer, 8, false, false}},
		{"cube", "int16", []int{4, 3, 2}, Type{Integer, 2, true, false}},
		{"cells", "cell", []int{1, 4}, Type{Reference, 8, false, false}},
	} {
		o := object(t, f, root, tt.name)
		class, ok := o.Text("MATLAB_class")
		if !ok || class != tt.class || !slices.Equal(o.Shape, tt.shape) || o.Type != tt.kind {
			t.Errorf("%s: %s of %v and %v, want %v", tt.name, class, o.Shape, o.Type, tt)
		}
		if links, err := o.Links(); links != nil || err != nil {
			t.Errorf("%s: links %v, %v of a dataset", tt.name, links, err)
		}
	}
	if kind := object(t, f, root, "complex").Type.Kind; kind != Compound {
		t.Errorf("complex is of kind %d", kind)
	}
	group := object(t, f, root, "sparse")
	links, err := group.Links()
	if rows, ok := group.Whole("MATLAB_sparse"); err != nil || len(links) != 3 || rows != 4 || !ok {
		t.Errorf("%v, %v, %d rows", links, err, rows)
	}
	if _, ok := group.Text("MATLAB_sparse"); ok {
		t.Error("a number for a text")
	}
	if _, ok := group.Whole("none"); ok {
		t.Error("an attribute that is not there")
	}
}

// A user block is a power of two from 512 on.
func TestIs(t *testing.T) {
	for at, want := range map[int]bool{0: true, 512: true, 1024: true, 8192: true, 8: false, 513: false, 1536: false} {
		if got := Is(append(make([]byte, at), signature...)); got != want {
			t.Errorf("signature at %d: %v", at, got)
		}
	}
	if Is(nil) || Is([]byte(signature[:7])) {
		t.Error("no signature, yet it is one")
	}
}

// Until 2008 MATLAB wrote layouts of version 2, where the size of numbers is not said.
func TestOldLayout(t *testing.T) {
	good := read(t, "v73.mat")
	f := open(t, good)
	root, err := f.Root()
	if err != nil {
		t.Fatal(err)
	}
	fts := object(t, f, root, "fts")
	want, err := fts.Read()
	if err != nil {
		t.Fatal(err)
	}
	now := binary.LittleEndian.AppendUint64([]byte{3, contiguous}, fts.layout.at)
	at := bytes.Index(good, now)
	if at < 0 {
		t.Fatal("no layout of version 3")
	}
	for version := byte(1); version <= 2; version++ {
		old := binary.LittleEndian.AppendUint64([]byte{version, 2, contiguous, 0, 0, 0, 0, 0}, fts.layout.at)
		data := slices.Clone(good)
		copy(data[at:], append(old, 3, 0, 0, 0, 4, 0, 0, 0))
		g := open(t, data)
		got, err := object(t, g, root, "fts").Read()
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("version %d: %v, %v, want %v", version, got, err, want)
		}
	}
}

// Chunks that cannot be those of the dataset, of doubles, 7 x 5 in chunks of 3 x 2.
func TestChunksRefuse(t *testing.T) {
	good := read(t, "v73-packed.mat")
	f := open(t, good)
	root, err := f.Root()
	if err != nil {
		t.Fatal(err)
	}
	l := object(t, f, root, "plain").layout
	message := bytes.Index(good, binary.LittleEndian.AppendUint64([]byte{3, chunked, 3}, l.at))
	if message < 0 || !slices.Equal(l.chunk, []int{3, 2, 8}) {
		t.Fatal(message, l.chunk)
	}
	grid, key := message+11, int(l.at)+f.start+24 // a key is 8 bytes, 3 x 8 of offsets and an address
	for _, tt := range []struct {
		at   int
		now  []byte
		want string
	}{
		{grid, []byte{0}, "chunks of shape [0 2 8] for shape [7 5] and 8 bytes"},
		{grid + 8, []byte{4}, "chunks of shape [3 2 4]"},
		{grid, []byte{0, 0, 0, 1}, "chunks of 268435456 bytes for 280 in all, want them smaller"},
		{grid, []byte{2}, "a chunk at [3 0] of shape [7 5], outside or not in order"},
		{key, []byte{40}, "chunk of 40 bytes, which cannot be 48"},
		{key + 40 + 16, []byte{0}, "a chunk at [0 0] of shape [7 5], outside or not in order"},
		{key + 8, []byte{8}, "a chunk at [8 0] of shape [7 5], outside"},
		{key + 32, bytes.Repeat([]byte{0xee}, 8), "chunk of 48 bytes, of which the file does not hold all"},
	} {
		data := slices.Clone(good)
		copy(data[tt.at:], tt.now)
		if _, err := object(t, open(t, data), root, "plain").Read(); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v at %d: %v, want %q", tt.now, tt.at, err, tt.want)
		}
	}
}

// Messages of versions that h5py does not write for MATLAB's layout, by the specification.
func TestMessages(t *testing.T) {
	shapes := map[string][]int{
		"\x02\x01\x00\x01\x07\x00\x00\x00\x00\x00\x00\x00":                                 {7},
		"\x02\x01\x01\x01\x07\x00\x00\x00\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff": {7},
		"\x02\x00\x00\x00": {},
		"\x02\x00\x00\x02": {0},
	}
	for text, want := range shapes {
		c := cursor{data: []byte(text)}
		if got, err := parseShape(&c); err != nil || c.short || len(c.data) > 0 || !slices.Equal(got, want) {
			t.Errorf("shape %q: %v, %v, want %v", text, got, err, want)
		}
	}
	fills := map[string]string{
		"\x01\x00\x00\x01\x02\x00\x00\x00ab": "ab", "\x02\x00\x00\x01\x02\x00\x00\x00ab": "ab", "\x02\x00\x00\x00": "",
		"\x03\x20\x02\x00\x00\x00ab": "ab", "\x03\x10": "",
	}
	for text, want := range fills {
		c := cursor{data: []byte(text)}
		if got := parseFill(&c); c.short || string(got) != want {
			t.Errorf("fill %q: %q, want %q", text, got, want)
		}
	}
	filters := map[string][]int{
		"\x02\x02" + "\x02\x00\x00\x00\x01\x00\x08\x00\x00\x00" + "\x01\x00\x00\x00\x01\x00\x06\x00\x00\x00":               {shuffle, deflate},
		"\x01\x01\x00\x00\x00\x00\x00\x00" + "\x01\x00\x08\x00\x00\x00\x01\x00deflate\x00\x06\x00\x00\x00\x00\x00\x00\x00": {deflate},
	}
	for text, want := range filters {
		c := cursor{data: []byte(text)}
		if got, err := parseFilters(&c); err != nil || c.short || len(c.data) > 0 || !slices.Equal(got, want) {
			t.Errorf("filters %q: %v, %v, want %v", text, got, err, want)
		}
	}
	const text3 = "\x13\x00\x00\x00\x03\x00\x00\x00" // a type of text of 3 bytes
	for _, head := range []string{"\x02\x00\x02\x00\x08\x00\x04\x00", "\x03\x00\x02\x00\x08\x00\x04\x00\x01"} {
		o := Object{attributes: map[string]attribute{}}
		c := cursor{data: []byte(head + "a\x00" + text3 + "\x02\x00\x00\x00" + "cat")}
		if err := o.attribute(&c); err != nil {
			t.Error(err)
		}
		if got, ok := o.Text("a"); !ok || got != "cat" {
			t.Errorf("attribute %q: %q", head, got)
		}
	}
}

func TestUnshuffle(t *testing.T) {
	got := make([]byte, 7)
	unshuffle(got, []byte{1, 3, 5, 2, 4, 6, 7}, 2)
	if !slices.Equal(got, []byte{1, 2, 3, 4, 5, 6, 7}) {
		t.Errorf("%v", got)
	}
}

// headed is a file whose root has a header of these messages.
func headed(messages ...byte) []byte {
	b := append([]byte(signature), 0, 0, 0, 0, 0, 8, 8, 0)
	b = append(b, make([]byte, 16)...)              // 16: nodes; 24: base
	b = append(b, bytes.Repeat([]byte{0xff}, 8)...) // 32: free space
	b = binary.LittleEndian.AppendUint64(b, 0)      // 40: end
	b = append(b, make([]byte, 16)...)              // 48
	b = binary.LittleEndian.AppendUint64(b, 96)     // 64: root
	b = append(b, make([]byte, 24)...)              // 72
	b = append(b, 1, 0, 0xff, 0xff, 1, 0, 0, 0)     // 96
	b = binary.LittleEndian.AppendUint32(b, uint32(len(messages)))
	b = append(b, 0, 0, 0, 0)
	return append(b, messages...)
}

// Parts that name themselves end in an error.
func TestEndless(t *testing.T) {
	more := headed(append([]byte{msgMore, 0, 16, 0, 0, 0, 0, 0, 112, 0, 0, 0, 0, 0, 0, 0, 48, 0, 0, 0, 0, 0, 0, 0}, make([]byte, 24)...)...)
	table := func(level byte) []byte {
		b := headed(msgTable, 0, 16, 0, 0, 0, 0, 0, 168, 0, 0, 0, 0, 0, 0, 0, 136, 0, 0, 0, 0, 0, 0, 0)
		b = append(b, "HEAP\x00\x00\x00\x00"...) // 136
		b = append(b, make([]byte, 24)...)
		b = append(b, 'T', 'R', 'E', 'E', 0, level, 2, 0) // 168
		b = append(b, make([]byte, 16)...)
		for range 2 {
			b = append(b, make([]byte, 8)...)
			b = binary.LittleEndian.AppendUint64(b, 168)
		}
		return b
	}
	for name, tt := range map[string]struct {
		data []byte
		want string
	}{
		"header":      {more, "parts that name one another over and over: the file is damaged"},
		"index":       {table(3), "byte 168: no node of an index of type 0"},
		"index, leaf": {table(0), "byte 168: no node of symbols of version 1"},
		"neither":     {headed(), "byte 96: neither a group nor a dataset"},
		"short":       {headed(msgType, 0, 8, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 4, 0, 0, 0), "message of type 3 of 8 bytes, which is too short"},
		"links":       {headed(msgLinks, 0, 0, 0, 0, 0, 0, 0), "a group without a symbol table"},
		"shared":      {headed(msgType, 0, 0, 0, 2, 0, 0, 0), "a shared message of type 3"},
		"rank":        {headed(msgShape, 0, 8, 0, 0, 0, 0, 0, 1, 33, 0, 0, 0, 0, 0, 0), "shape of 33 axes, want at most 32"},
		"packed":      {headed(msgType, 0, 16, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 2, 0, 0, 0, 0, 0, 12, 0, 0, 0, 0, 0), "whole numbers of 12 bits in 2 bytes, want all"},
	} {
		if _, err := open(t, tt.data).Root(); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
}

// Numbers are laid out only as far as the file could have packed them, all arrays together,
// and of a large one no more than 8 a byte.
func TestReserve(t *testing.T) {
	large := append(read(t, "v73.mat"), make([]byte, 1<<20)...)
	if f := open(t, large); f.room != 1<<27+8*len(large) {
		t.Errorf("room for %d numbers of %d bytes", f.room, len(large))
	}
	f := open(t, read(t, "v73.mat"))
	if err := f.Reserve(1 << 22); err != nil {
		t.Error(err)
	}
	if err := f.Reserve(f.room + 1); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("want at most %d in a file of %d bytes", f.room, len(read(t, "v73.mat")))) {
		t.Errorf("%v, want a refusal", err)
	}
}

func FuzzRead(f *testing.F) {
	for _, name := range []string{"v73.mat", "v73-packed.mat", "v73-gaps.mat", "v73-fletcher.mat", "v73-foreign.mat"} {
		f.Add(read(f, name))
	}
	f.Add(rowsFile(f))
	f.Add(headed(msgMore, 0, 16, 0, 0, 0, 0, 0, 112, 0, 0, 0, 0, 0, 0, 0, 24, 0, 0, 0, 0, 0, 0, 0))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Open(data)
		if err != nil {
			return
		}
		room := file.room
		left, _ := file.Root() // whatever it could read
		for rest := 100; len(left) > 0 && rest > 0; rest-- {
			o, err := file.Object(left[0].At)
			left = left[1:]
			if err != nil {
				continue
			}
			more, err := o.Links()
			if err == nil {
				left = append(left, more...)
			}
			if len(o.Shape) > 0 && o.Shape[0] > 0 && !o.group {
				places := slices.Compact([]int{0, o.Shape[0] - 1})
				if numbers, err := o.Rows(places); err == nil {
					n := o.Type.Size * len(places)
					for _, k := range o.Shape[1:] {
						n *= k
					}
					if n != len(numbers) {
						t.Errorf("%d bytes for %d rows of shape %v of %v", len(numbers), len(places), o.Shape, o.Type)
					}
				}
			}
			if numbers, err := o.Read(); err == nil && !o.group {
				n := o.Type.Size
				for _, k := range o.Shape {
					n *= k
				}
				if n != len(numbers) {
					t.Errorf("%d bytes for shape %v of %v", len(numbers), o.Shape, o.Type)
				}
			}
		}
		if file.room < 0 || file.look < 0 || file.room > room {
			t.Errorf("room %d of %d and %d bytes to look at are left", file.room, room, file.look)
		}
	})
}
