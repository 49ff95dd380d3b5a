// Package hdf5 reads the part of HDF5 in which MATLAB saves its v7.3 files and h5py what it is
// not told to save otherwise: superblock of version 0, if need be behind a user block, groups with symbol tables, object headers of
// version 1, datasets that are contiguous, compact or chunked (deflate, shuffle), and
// attributes. It leaves to its caller what the numbers mean.
//
// It takes bytes, trusts nothing that they claim and never panics on them: what it looks
// at and what it unpacks are both bounded by the length of the file. Layouts are those of
// "HDF5 File Format Specification Version 3.0" (The HDF Group).
package hdf5

import (
	"bytes"
	"errors"
	"fmt"
)

// undefined is the address of what is not there.
const undefined = 1<<64 - 1

const signature = "\x89HDF\r\n\x1a\n"

// An UnsupportedError is a sound file of a part of HDF5 that is not read here.
type UnsupportedError struct{ Text string }

func (e *UnsupportedError) Error() string { return e.Text }

func unsupported(format string, args ...any) error {
	return &UnsupportedError{fmt.Sprintf(format, args...)}
}

// A File is the bytes of a file and what may still be done with them.
type File struct {
	data  []byte // from the superblock on, whence addresses count
	start int    // of data in the file
	root  uint64 // header of the outermost group
	look  int    // bytes that may still be looked at

	// Bytes of chunks that may still be unpacked, and numbers of arrays that may still be
	// laid out. No stream of deflate unpacks to more than 1032 times its bytes, and of a
	// large file no more than 8 numbers a byte are taken.
	unpack, room int
}

// superblockAt is where the superblock begins: 0, 512, 1024 and so on; -1 for another file.
func superblockAt(data []byte) int {
	for at := 0; at < len(data); at = max(512, 2*at) {
		if bytes.HasPrefix(data[at:], []byte(signature)) {
			return at
		}
	}
	return -1
}

// Is says whether a file has the signature of HDF5, if need be behind a user block.
func Is(data []byte) bool { return superblockAt(data) >= 0 }

// Open reads the superblock. It fails on another file, one cut short and another version.
func Open(data []byte) (*File, error) {
	at := superblockAt(data)
	if at < 0 {
		return nil, fmt.Errorf("no signature of HDF5 in %d bytes: another format, or cut short; copy it again", len(data))
	}
	n := len(data)
	f := &File{start: at, data: data[at:], look: 8*n + 1<<16, unpack: 1040 * n, room: min(1040*n+1<<22, 8*n+1<<27)}
	c := cursor{data: f.data[len(signature):]}
	version := c.uint(1)
	if !c.short && version != 0 {
		return nil, unsupported("superblock of version %d, want 0 (h5py: libver='earliest')", version)
	}
	c.take(4) // versions of parts and a gap
	offsets, lengths := c.uint(1), c.uint(1)
	c.take(9) // sizes of nodes, which nodes say themselves, and flags
	base := c.uint(8)
	c.take(8)
	end := c.uint(8)
	c.take(16) // driver, name of the root
	f.root = c.uint(8)
	switch {
	case c.short:
		return nil, fmt.Errorf("superblock of %d bytes: the file is cut short; copy it again", len(f.data))
	case offsets != 8 || lengths != 8:
		return nil, unsupported("addresses of %d and lengths of %d bytes, want 8", offsets, lengths)
	case base != uint64(at):
		return nil, fmt.Errorf("base address %d of a superblock at byte %d%s", base, at, again)
	case end > uint64(len(data)):
		return nil, fmt.Errorf("%d bytes of %d: the file is cut short; copy it again", len(data), end)
	}
	return f, nil
}

// again ends an error of a file that contradicts itself.
const again = ": the file is damaged; copy or save it again"

var errEndless = errors.New("parts that name one another over and over" + again)

// block is n bytes at an address.
func (f *File) block(at, n uint64, what string) ([]byte, error) {
	if all := uint64(len(f.data)); at > all || n > all-at {
		return nil, f.damaged(at, "%s of %d bytes, of which the file does not hold all", what, n)
	}
	if n > uint64(f.look) {
		return nil, errEndless
	}
	f.look -= int(n)
	return f.data[at : at+n : at+n], nil
}

// damaged is an error at an address, by its place in the file.
func (f *File) damaged(at uint64, format string, args ...any) error {
	return fmt.Errorf("byte %d: %s%s", at+uint64(f.start), fmt.Sprintf(format, args...), again)
}

// Reserve takes room for n numbers. It fails when a file of so few bytes has none left.
func (f *File) Reserve(n int) error {
	if n > f.room {
		return f.crowded(fmt.Errorf("%d values, want at most %d", n, f.room))
	}
	f.room -= n
	return nil
}

// crowded is the error of more numbers than there is room for.
func (f *File) crowded(err error) error {
	return fmt.Errorf("%w in a file of %d bytes: it is damaged, or stores next to nothing of them; save fewer in a file", err, f.start+len(f.data))
}

// A cursor takes little-endian parts off the front of bytes; past the end it is short and
// takes zeros.
type cursor struct {
	data  []byte
	short bool
}

func (c *cursor) take(n int) []byte {
	if n > len(c.data) {
		c.short, c.data = true, nil
		return nil
	}
	out := c.data[:n]
	c.data = c.data[n:]
	return out
}

func (c *cursor) uint(n int) uint64 {
	var v uint64
	for i, b := range c.take(n) {
		v |= uint64(b) << (8 * i)
	}
	return v
}
