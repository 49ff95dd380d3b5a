package arrays

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func span(from, to float64) []float64 {
	var out []float64
	for v := from; v < to; v++ {
		out = append(out, v)
	}
	return out
}

// The numbers are those of testdata/make73.py.
func TestMAT73(t *testing.T) {
	found, err := ParseMAT(read(t, "v73.mat"))
	if err != nil {
		t.Fatal(err)
	}
	check(t, found["fts"], []int{4, 3}, 0.5, -1, 2, 3, 4.25, 250, -0.125, 1e300, 7, 8, 9, 10)
	check(t, found["labels"], []int{4, 1}, 1, 10, 3, 9)
	check(t, found["single"], []int{2, 3}, 0.5, -1, 2, 3, 4.25, 250)
	for _, kind := range []string{"int8", "int16", "int32", "int64"} {
		check(t, found[kind], []int{1, 3}, -3, 100, 7)
	}
	for _, kind := range []string{"uint16", "uint32", "uint64"} {
		check(t, found[kind], []int{2, 1}, 3, 200)
	}
	check(t, found["big"], []int{1, 2}, 1.5, -2)
	check(t, found["logical"], []int{1, 3}, 1, 0, 1)
	check(t, found["cube"], []int{2, 3, 4}, span(0, 24)...)
	check(t, found["packed"], []int{5, 7}, span(-8.5, 26.5)...)
	check(t, found["scalar"], []int{1, 1}, 2)
	check(t, found["none"], []int{0, 3})
	check(t, found["sparse"], []int{4, 3}, 0, 0, 2.5, 0, 0, 0, -1, 0, 4, 0, 0, 0.5)
	check(t, found["zeros"], []int{2, 3}, 0, 0, 0, 0, 0, 0)
	checkText(t, found["names"], []int{4}, "cat", "zebra", "Äpfel", "ox")
	checkText(t, found["cells"], []int{4, 1}, "cat", "zebra", "Äpfel", "ox")
	checkText(t, found["word"], []int{1}, "ox")
	checkText(t, found["gaps"], []int{2, 1}, "a", "")
	checkText(t, found["nothing"], []int{1}, "")
	for _, name := range []string{"mixed", "hollow", "complex", "struct", "string", "#refs#"} {
		if a, ok := found[name]; ok {
			t.Errorf("%s is %v, want it left out", name, a)
		}
	}
	if len(found) != 23 {
		t.Errorf("%d variables, want 23", len(found))
	}
	// SciPy's v5 file of the same variables reads the same.
	twin, err := ParseMAT(read(t, "twin.mat"))
	if err != nil || len(twin) != 9 {
		t.Fatal(len(twin), err)
	}
	for name, a := range twin {
		if !reflect.DeepEqual(a, found[name]) {
			t.Errorf("%s: %v, in v5 %v", name, found[name], a)
		}
	}
}

func TestMAT73Chunks(t *testing.T) {
	found, err := ParseMAT(read(t, "v73-packed.mat"))
	if err != nil || len(found) != 4 {
		t.Fatal(len(found), err)
	}
	check(t, found["plain"], []int{5, 7}, span(-8.5, 26.5)...)
	check(t, found["shuffled"], []int{5, 7}, span(-8.5, 26.5)...)
	check(t, found["cube"], []int{3, 4, 5}, span(0, 60)...)
	check(t, found["bytes"], []int{3, 4}, span(0, 12)...)
	if found, err = ParseMAT(read(t, "v73-gaps.mat")); err != nil || len(found) != 6 {
		t.Fatal(len(found), err)
	}
	check(t, found["gaps"], []int{4, 3}, 0, 0, 0, 0, 0, 0, 1.5, 1.5, 0, 1.5, 1.5, 0)
	// One cell of one chunk is written.
	check(t, found["filled"], []int{4, 3}, -7, -7, 1, -7, -7, -7, -7, -7, -7, -7, -7, -7)
	check(t, found["blank"], []int{1, 2}, 0, 0)
	check(t, found["half packed"], []int{4, 1}, 1, 2, 3, 4)
	check(t, found["compact"], []int{3, 1}, 5, -6, 7)
	check(t, found["many"], []int{70, 1}, span(0, 70)...)
}

// Bytes stay in column-major order, packed or not.
func TestMAT73Bytes(t *testing.T) {
	bytes, found, err := ParseMATBytes(read(t, "v73-packed.mat"))
	if err != nil || len(found) != 3 || len(bytes) != 1 {
		t.Fatal(len(found), len(bytes), err)
	}
	if got, want := fmt.Sprint(bytes["bytes"]), "{[3 4] [0 4 8 1 5 9 2 6 10 3 7 11]}"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestMAT73Refusals(t *testing.T) {
	good, packed := read(t, "v73.mat"), read(t, "v73-packed.mat")
	with := func(data []byte, at int, b byte) []byte {
		data = slices.Clone(data)
		data[at] = b
		return data
	}
	deflated := bytes.Index(packed, []byte{0x78, 0x5e}) // how zlib begins at h5py's level
	const advice, again = "; load it in MATLAB and save it with -v7", "; copy or save it again"
	for _, tt := range []struct {
		name string
		data []byte
		want []string
	}{
		{"no more than a text", []byte("MATLAB 7.3 MAT-file"), []string{"no signature of HDF5 in 19 bytes: another format, or cut short; copy it again"}},
		{"superblock cut", good[:540], []string{"superblock of 28 bytes: the file is cut short; copy it again"}},
		{"cut", good[:len(good)-1], []string{fmt.Sprintf("%d bytes of %d: the file is cut short; copy it again", len(good)-1, len(good))}},
		{"superblock", with(good, 520, 2), []string{"superblock of version 2, want 0", advice}},
		{"addresses", with(good, 525, 4), []string{"addresses of 4 and lengths of 8 bytes, want 8", advice}},
		{"base", with(good, 537, 4), []string{"base address 1024 of a superblock at byte 512", again}},
		{"root", with(good, 512+65, 0xff), []string{"object header of 16 bytes, of which the file does not hold all", again}},
		{"sum", with(packed, deflated+8, packed[deflated+8]^0xff), []string{`": byte `, ": chunk: ", again}},
		{"filter", read(t, "v73-fletcher.mat"), []string{`"x": filter 3, fletcher32, want deflate (gzip) and shuffle alone`, advice}},
		{"other filter", read(t, "v73-lzf.mat"), []string{`"x": filter 32000, lzf, want`, advice}},
		{"type", read(t, "v73-half.mat"), []string{`"x": numbers of 2 bytes that are not of IEEE 754, single or double`, advice}},
		{"class", read(t, "v73-foreign.mat"), []string{`"x": no attribute MATLAB_class with a text`, "save arrays of other programs as .npz"}},
	} {
		found, err := ParseMAT(tt.data)
		if err == nil {
			t.Errorf("%s: %d variables and no error", tt.name, len(found))
			continue
		}
		for _, want := range tt.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %q", tt.name, err, want)
			}
		}
		if strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: an error of more than one line: %v", tt.name, err)
		}
	}
}

// A file that asks for memory without end is refused before it has it: a shape beyond
// what it stores, and a sparse matrix of as many rows.
func TestMAT73Bounds(t *testing.T) {
	good := read(t, "v73.mat")
	for _, tt := range []struct {
		name     string
		old, new []uint64
		want     string
	}{
		{"shape", []uint64{3, 4}, []uint64{1 << 40, 1 << 7}, `"fts": shape [1099511627776 128], want at most`},
		{"shape within the bound", []uint64{3, 4}, []uint64{1 << 11, 1 << 11}, `"fts": byte`},
		{"axis", []uint64{3, 4}, []uint64{1 << 60, 4}, `"fts": axis of length 1152921504606846976, want at most 2^48`},
		{"rows", []uint64{4}, []uint64{1 << 50}, "a sparse matrix of 1125899906842624 rows"},
		{"fuller rows", []uint64{4}, []uint64{1 << 24}, "want fuller rows"},
	} {
		var old, now []byte
		for i := range tt.old {
			old = binary.LittleEndian.AppendUint64(old, tt.old[i])
			now = binary.LittleEndian.AppendUint64(now, tt.new[i])
		}
		from := 0
		if len(tt.old) == 1 { // the attribute of the sparse matrix
			from = bytes.Index(good, []byte("MATLAB_sparse\x00"))
			old, now = append(make([]byte, 8), old...), append(make([]byte, 8), now...)
		} else {
			from = bytes.Index(good, old)
		}
		at := from + bytes.Index(good[from:], old[len(old)-8*len(tt.old):])
		data := slices.Clone(good)
		copy(data[at:], now[len(now)-8*len(tt.old):])
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := ParseMAT(data)
		runtime.ReadMemStats(&after)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
		if grown := after.TotalAlloc - before.TotalAlloc; grown > 1<<26 {
			t.Errorf("%s: %d bytes taken for a file of %d", tt.name, grown, len(data))
		}
	}
}

// Features are refused for a NaN later, where its row is known; here it stays one.
func TestMAT73Extremes(t *testing.T) {
	data := slices.Clone(read(t, "v73.mat"))
	old := binary.LittleEndian.AppendUint64(nil, math.Float64bits(1e300))
	at := bytes.Index(data, old)
	binary.LittleEndian.PutUint64(data[at:], math.Float64bits(math.NaN()))
	found, err := ParseMAT(data)
	if err != nil || !math.IsNaN(found["fts"].Data[7]) {
		t.Errorf("%v, %v, want a NaN", found["fts"], err)
	}
}

func FuzzMAT73(f *testing.F) {
	for _, name := range []string{"v73.mat", "v73-packed.mat", "v73-gaps.mat", "v73-lzf.mat", "v73-foreign.mat"} {
		f.Add(read(f, name))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		found, err := ParseMAT(data)
		for _, a := range found {
			if err == nil {
				whole(t, a)
			}
		}
	})
}
