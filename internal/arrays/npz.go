package arrays

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// An NPZ is a NumPy .npz archive, whose arrays are read one by one when asked for.
type NPZ struct{ members map[string]*zip.File }

// OpenNPZ lists the arrays of an archive and reads none. It fails on what is no archive.
func OpenNPZ(data []byte) (*NPZ, error) {
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, fmt.Errorf("not a NumPy .npz archive: %w", err)
	}
	z := &NPZ{map[string]*zip.File{}}
	for _, f := range archive.File {
		if name, ok := strings.CutSuffix(f.Name, ".npy"); ok {
			z.members[name] = f
		}
	}
	return z, nil
}

// Names lists the arrays, without the ending .npy, in alphabetical order.
func (z *NPZ) Names() []string { return slices.Sorted(maps.Keys(z.members)) }

// Read reads an array by name. It fails where there is none, on a member that cannot be
// unpacked and on one that ParseNPY refuses, naming it.
func (z *NPZ) Read(name string) (Array, error) {
	f, ok := z.members[name]
	if !ok {
		return Array{}, fmt.Errorf("no array %q, want one of %q", name, z.Names())
	}
	in, err := f.Open()
	if err != nil {
		return Array{}, fmt.Errorf("%s: %w", f.Name, err)
	}
	defer in.Close()
	const most = 8*limit + 1<<16
	raw, err := io.ReadAll(io.LimitReader(in, most+1))
	if err != nil {
		return Array{}, fmt.Errorf("%s: %w", f.Name, err)
	}
	if len(raw) > most {
		return Array{}, fmt.Errorf("%s: unpacks to more than %d bytes", f.Name, most)
	}
	a, err := ParseNPY(raw)
	if err != nil {
		return Array{}, fmt.Errorf("%s: %w", f.Name, err)
	}
	return a, nil
}
