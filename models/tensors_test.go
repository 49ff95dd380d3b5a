package models

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// shaped are parameters of these shapes, named a, b, and so on, whose values count up.
func shaped(shapes ...[]int) *Parameters {
	ps := NewParameters()
	for i, s := range shapes {
		p := ps.Add(string(rune('a'+i)), i%2 == 1, s...)
		for j := range p.Data {
			p.Data[j] = float32(10*i+j) / 4
		}
	}
	return ps
}

// What was saved is restored, whatever its shape; equal parameters give equal bytes.
func TestSaveParameters(t *testing.T) {
	dir := t.TempDir()
	info := map[string]string{"of": "toys", "size": "16"}
	from, to := shaped([]int{2, 3}, []int{4}, []int{1, 1, 2, 1}), shaped([]int{2, 3}, []int{4}, []int{1, 1, 2, 1})
	for _, p := range to.All() {
		clear(p.Data)
	}
	var files [2]string
	for i := range files {
		path := filepath.Join(dir, string(rune('x'+i)))
		if err := SaveParameters(path, info, from); err != nil {
			t.Fatal(err)
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files[i] = string(raw)
	}
	if files[0] != files[1] {
		t.Error("equal parameters give other bytes the second time")
	}
	if err := LoadParameters(filepath.Join(dir, "x"), map[string]string{"of": "toys"}, to); err != nil {
		t.Fatal(err)
	}
	for i, p := range to.All() {
		if !slices.Equal(p.Data, from.All()[i].Data) {
			t.Errorf("%s is %v, was %v", p.Name, p.Data, from.All()[i].Data)
		}
	}
}

// A file of other tensors, of other texts or damaged is refused with the first fault, and
// nothing is changed.
func TestLoadParametersRefuses(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "p.safetensors")
	if err := SaveParameters(path, map[string]string{"of": "toys", "size": "16"}, shaped([]int{2, 3}, []int{4})); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		info map[string]string
		into *Parameters
		want string
	}{
		{"text", map[string]string{"of": "toys", "size": "8", "zoom": "2"}, shaped([]int{2, 3}, []int{4}), `size is "16", want "8"`},
		{"no such text", map[string]string{"zoom": "2"}, shaped([]int{2, 3}, []int{4}), `zoom is "", want "2"`},
		{"one more", nil, shaped([]int{2, 3}, []int{4}, []int{1}, []int{1}), "tensor parameter/c is missing"},
		{"one less", nil, shaped([]int{2, 3}), "2 tensors, want 1"},
		{"order", nil, shaped([]int{3, 2}, []int{5}), "tensor parameter/a is [2 3] of F32, want F32 of [3 2]"},
		{"size", nil, shaped([]int{2, 3}, []int{5}), "tensor parameter/b is [4] of F32, want F32 of [5]"},
		{"fewer dimensions", nil, shaped([]int{2}, []int{4}), "tensor parameter/a is [2 3] of F32, want F32 of [2]"},
		{"more dimensions", nil, shaped([]int{2, 3}, []int{4, 1}), "tensor parameter/b is [4] of F32, want F32 of [4 1]"},
	} {
		before := slices.Clone(tt.into.Get("a").Data)
		before[0] = 7
		tt.into.Get("a").Data[0] = 7
		err := LoadParameters(path, tt.info, tt.into)
		if want := "models: " + path + ": unusable checkpoint: " + tt.want; !errors.Is(err, ErrCheckpoint) || err.Error() != want {
			t.Errorf("%s: %v, want %s", tt.name, err, want)
		}
		if !slices.Equal(tt.into.Get("a").Data, before) {
			t.Errorf("%s: the parameters changed", tt.name)
		}
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{0, 7, 8, 20, len(raw) - 1} {
		if err := os.WriteFile(path, raw[:n], 0o644); err != nil {
			t.Fatal(err)
		}
		if err := LoadParameters(path, nil, shaped([]int{2, 3}, []int{4})); !errors.Is(err, ErrCheckpoint) {
			t.Errorf("%d of %d bytes: %v", n, len(raw), err)
		}
	}
}

// Values of another number than the shape says are not written: the first such tensor is named.
func TestSaveParametersRefuses(t *testing.T) {
	ps := shaped([]int{2, 3}, []int{4}, []int{3})
	for _, name := range []string{"b", "c"} {
		ps.Get(name).Data = ps.Get(name).Data[:2]
	}
	path := filepath.Join(t.TempDir(), "p")
	want := "models: " + path + ": parameter/b: invalid tensor view: dtype=9 shape=[4] len(data)=8"
	if err := SaveParameters(path, nil, ps); err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file is left: %v", err)
	}
}

// Rows of a training set may be as many as the file has; nothing else may differ.
func TestTakes(t *testing.T) {
	fixed, rows := &Parameter{Shape: []int{2, 3}}, &Parameter{Shape: []int{0, 3}, Rows: true}
	for _, tt := range []struct {
		shape      []uint64
		fixed, row bool
	}{{[]uint64{2, 3}, true, true}, {[]uint64{0, 3}, false, true}, {[]uint64{9, 3}, false, true}, {[]uint64{2, 4}, false, false}, {[]uint64{2}, false, false}, {nil, false, false}, {[]uint64{2, 3, 1}, false, false}} {
		if fixed.takes(tt.shape) != tt.fixed || rows.takes(tt.shape) != tt.row {
			t.Errorf("%v: taken %v and %v, want %v and %v", tt.shape, fixed.takes(tt.shape), rows.takes(tt.shape), tt.fixed, tt.row)
		}
	}
}
