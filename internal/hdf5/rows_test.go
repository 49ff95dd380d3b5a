package hdf5

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	_ "github.com/venn-adapt/venn/internal/seeded"
)

func rowsFile(t testing.TB) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/rows.h5")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// numbersOf are the numbers that bytes of a little-endian type hold.
func numbersOf(t *rapid.T, kind Type, data []byte) []float64 {
	if len(data)%kind.Size != 0 {
		t.Fatalf("%d bytes of elements of %d", len(data), kind.Size)
	}
	var out []float64
	for i := 0; i < len(data); i += kind.Size {
		bits := append(slices.Clone(data[i:i+kind.Size]), make([]byte, 8-kind.Size)...)
		v := binary.LittleEndian.Uint64(bits)
		switch {
		case kind.Kind == Float && kind.Size == 8:
			out = append(out, math.Float64frombits(v))
		case kind.Kind == Float:
			out = append(out, float64(math.Float32frombits(uint32(v))))
		default:
			out = append(out, float64(v))
		}
	}
	return out
}

// Any rows of any layout are those that testdata/make.py wrote: element i of all is i modulo 251.
func TestRows(t *testing.T) {
	data := rowsFile(t)
	shapes := map[string][]int{"packed": {10, 6, 5, 3}, "shuffled": {9, 4}, "chunked": {9, 4}, "contiguous": {9, 4}, "line": {13}, "compact": {5, 3}, "nothing": {6, 2}, "empty": {4, 0}}
	names := []string{"packed", "shuffled", "chunked", "contiguous", "line", "compact", "nothing", "empty"}
	rapid.Check(t, func(t *rapid.T) {
		f, err := Open(data)
		if err != nil {
			t.Fatal(err)
		}
		links, err := f.Root()
		if err != nil {
			t.Fatal(err)
		}
		name := rapid.SampledFrom(names).Draw(t, "dataset")
		o, err := f.Object(links[slices.IndexFunc(links, func(l Link) bool { return l.Name == name })].At)
		if err != nil || !slices.Equal(o.Shape, shapes[name]) {
			t.Fatalf("%v of %v", err, o.Shape)
		}
		each := 1
		for _, n := range o.Shape[1:] {
			each *= n
		}
		var places []int
		var want []float64
		for p := range o.Shape[0] {
			if !rapid.Bool().Draw(t, "taken") {
				continue
			}
			places = append(places, p)
			for i := range each {
				v := float64((p*each + i) % 251)
				if name == "nothing" {
					v = 7
				}
				want = append(want, v)
			}
		}
		got, err := o.Rows(places)
		if err != nil {
			t.Fatal(err)
		}
		if numbers := numbersOf(t, o.Type, got); !slices.Equal(numbers, want) {
			t.Fatalf("rows %v of %s: %v, want %v", places, name, numbers, want)
		}
		all, err := o.Read()
		if err != nil || len(all) != each*o.Shape[0]*o.Type.Size {
			t.Fatalf("%d bytes in all, %v", len(all), err)
		}
		for i, p := range places {
			row := each * o.Type.Size
			if !bytes.Equal(all[p*row:(p+1)*row], got[i*row:(i+1)*row]) {
				t.Fatalf("row %d of %s is another in all of them", p, name)
			}
		}
	})
}

func TestRowsRefuse(t *testing.T) {
	f := open(t, rowsFile(t))
	links, err := f.Root()
	if err != nil {
		t.Fatal(err)
	}
	line := object(t, f, links, "line")
	for _, tt := range []struct {
		name   string
		places []int
		want   string
	}{
		{"line", []int{13}, "row 13 after others up to 13, of 13 rows: want rows that ascend"},
		{"line", []int{-1}, "row -1"},
		{"line", []int{3, 3}, "row 3 after others up to 3, of 13 rows: want rows that ascend"},
		{"line", []int{3, 2}, "row 2 after others up to 3"},
		{"single", nil, "a single value, want an array of rows"},
	} {
		if _, err := object(t, f, links, tt.name).Rows(tt.places); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s %v: %v, want %q", tt.name, tt.places, err, tt.want)
		}
	}
	line.Type.Kind = Compound
	if _, err := line.Rows([]int{0}); err == nil || !strings.Contains(err.Error(), "elements that are no numbers") {
		t.Error(err)
	}
	// Layouts that say less than the shape asks for.
	for name, change := range map[string]func(o *Object){
		"contiguous": func(o *Object) { o.layout.size = 100 },
		"compact":    func(o *Object) { o.layout.here = o.layout.here[:10] },
	} {
		o := object(t, f, links, name)
		change(o)
		if _, err := o.Rows([]int{o.Shape[0] - 1}); err == nil || !strings.Contains(err.Error(), "bytes for shape") {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := o.Rows([]int{0}); err != nil {
			t.Errorf("%s: the rows that are there: %v", name, err)
		}
	}
	// Of 100 bytes in rows of 16 the last whole one is the sixth.
	part := object(t, f, links, "contiguous")
	part.layout.size = 100
	if _, err := part.Rows([]int{5}); err != nil {
		t.Error(err)
	}
	if _, err := part.Rows([]int{6}); err == nil {
		t.Error("a row of which the array has a part")
	}
	// An old layout does not say how long it is, and no place may be beyond counting.
	old := object(t, f, links, "contiguous")
	old.layout.size, old.Shape[0] = undefined, 1<<60
	if _, err := old.Rows([]int{1<<60 - 1}); err == nil || !strings.Contains(err.Error(), "bytes for shape") {
		t.Error(err)
	}
	none := object(t, f, links, "contiguous")
	none.Shape[1] = 0
	if got, err := none.Rows([]int{3}); len(got) != 0 || err != nil {
		t.Errorf("rows of nothing: %v, %v", got, err)
	}
	far := object(t, f, links, "contiguous")
	far.layout.at = undefined - 8
	if _, err := far.Rows([]int{1}); err == nil || !strings.Contains(err.Error(), "beyond the end of the file") {
		t.Error(err)
	}
	crowd := object(t, f, links, "contiguous")
	crowd.Shape = []int{9, f.room + 1}
	if _, err := crowd.Rows([]int{0}); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("want at most %d", f.room)) {
		t.Error(err)
	}
}

// A few rows of an array take little more memory than they are, however many it says it has:
// the rest is never laid out.
func TestRowsHoldNoMore(t *testing.T) {
	f := open(t, rowsFile(t))
	links, err := f.Root()
	if err != nil {
		t.Fatal(err)
	}
	o := object(t, f, links, "packed")
	o.Shape[0] = 1 << 40 // far more than could ever be held
	var before, after runtime.MemStats
	unpack := f.unpack
	runtime.ReadMemStats(&before)
	got, err := o.Rows([]int{2, 9, 1 << 39})
	runtime.ReadMemStats(&after)
	if err != nil || len(got) != 3*90 || got[0] != 180 || got[90] != 810%251 || slices.Max(got[180:]) != 0 {
		t.Errorf("%v, %v", got, err)
	}
	// Rows 2 and 9 are in the first and the third of three chunks along, of 2 x 3 x 3 across of 32 bytes.
	if used := unpack - f.unpack; used != 2*18*32 {
		t.Errorf("unpacked %d bytes, want those of 36 chunks", used)
	}
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 1<<20 {
		t.Errorf("took %d bytes", grown)
	}
}
