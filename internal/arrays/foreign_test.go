package arrays

import (
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestTextsOfNumPy(t *testing.T) {
	for name, want := range map[string]Array{
		"texts-le.npy":      {Shape: []int{3}, Text: []string{"Ä", "b", ""}},
		"texts-be.npy":      {Shape: []int{3}, Text: []string{"Ä", "b", ""}},
		"bytes.npy":         {Shape: []int{3}, Text: []string{"cat", "ox", ""}},
		"texts-fortran.npy": {Shape: []int{3, 2}, Text: []string{"a", "bb", "c", "dd", "e", "ff"}},
	} {
		a, err := ParseNPY(read(t, name))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		checkText(t, a, want.Shape, want.Text...)
	}
}

func TestOtherNumbersOfNumPy(t *testing.T) {
	halves := []float64{0.5, -1, 65504, math.Ldexp(1, -24), -math.Ldexp(1, -14), 0.0999755859375}
	for name, want := range map[string][]float64{"bool.npy": {1, 0, 1, 0, 0, 1}, "half.npy": halves, "half-be.npy": halves} {
		a, err := ParseNPY(read(t, name))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		check(t, a, []int{2, 3}, want...)
	}
	// By the tables of IEEE 754.
	for bits, want := range map[uint16]float64{0x7c00: math.Inf(1), 0xfc00: math.Inf(-1), 0x8000: 0, 0x3555: 0.333251953125, 0x03ff: 1023 * math.Ldexp(1, -24), 0x0400: math.Ldexp(1, -14)} {
		if got := half(bits); got != want {
			t.Errorf("%#04x is %v, want %v", bits, got, want)
		}
	}
	if !math.IsNaN(half(0x7e00)) || !math.Signbit(half(0x8000)) {
		t.Error("0x7e00 is a NaN and 0x8000 a negative zero")
	}
}

// Members that nobody asks for may be of any type.
func TestUnaskedMembers(t *testing.T) {
	z, err := OpenNPZ(read(t, "mixed.npz"))
	if err != nil || !slices.Equal(z.Names(), []string{"X", "epoch", "object", "record", "when", "y", "z"}) {
		t.Fatal(z.Names(), err)
	}
	x, err := z.Read("X")
	if err != nil {
		t.Fatal(err)
	}
	check(t, x, []int{2, 3}, 0.5, -1, 2, 3, 4.25, 250)
	for name, want := range map[string]string{
		"when": "when.npy: values of type <M8[D]", "record": "record.npy: values of type [('a', '<i4')", "z": "z.npy: values of type c16",
		"object": "object.npy: values of type Python object (pickled; of texts, save y.astype(str))", "none": `no array "none", want one of ["X"`,
	} {
		if _, err := z.Read(name); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
	path := filepath.Join("testdata", "mixed.npz")
	if got, err := ReadMatrices(path); err != nil || len(got) != 1 || got[0].Name != "X" || got[0].At(1, 2) != 250 {
		t.Errorf("all matrices of mixed.npz: %v, %v, want X", got, err)
	}
	for name, want := range map[string]string{"y": `array "y" of texts of shape [2], want rows of numbers`, "epoch": `array "epoch" of shape [], want rows`, "when": "values of type", "q": `no array "q"`} {
		if _, err := ReadMatrices(path + ":" + name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
	// A member that is asked for with the others is not passed over when it is damaged.
	damaged := read(t, "plain.npz")
	at := strings.Index(string(damaged), "y.npy") + 150
	damaged[at] ^= 1
	file := filepath.Join(t.TempDir(), "damaged.npz")
	if err := os.WriteFile(file, damaged, 0o644); err != nil {
		t.Fatal(err)
	}
	if got, err := ReadMatrices(file); err == nil {
		t.Errorf("a damaged member gives %v", got)
	}
}

func TestSparseAndTextsOfMATLAB(t *testing.T) {
	for _, name := range []string{"sparse.mat", "sparse-packed.mat"} {
		found, err := ParseMAT(read(t, name))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		check(t, found["fts"], []int{4, 3}, 0, 0, 2.5, 0, 0, 0, -1, 0, 4, 0, 0, 0.5)
		checkText(t, found["names"], []int{4}, "cat", "zebra", "Äpfel", "ox")
		checkText(t, found["cells"], []int{4, 1}, "cat", "zebra", "Äpfel", "ox")
	}
}

// A sparse matrix of other numbers than it stores is refused before it is laid out.
func TestSparseRefuses(t *testing.T) {
	good := read(t, "sparse.mat")
	// fts: 8 bytes of tag, 16 of flags, 16 of dimensions, a name of 3 inside its tag.
	dims, rows := matHeader+8+16+8, matHeader+8+16+16+8
	at := func(offset int, value uint32) []byte {
		data := slices.Clone(good)
		binary.LittleEndian.PutUint32(data[offset:], value)
		return data
	}
	starts := rows + 8 + 16 + 8 // after four indices
	for _, tt := range []struct {
		name string
		data []byte
		want string
	}{
		{"row", at(rows+8, 4), `"fts": column 1: a value in row 5 of 4`},
		{"negative row", at(rows+8, 1<<32-1), "column 1: a value in row 0 of 4"},
		{"start", at(starts+4, 9), "column 1: values 0 to 9 of 4"},
		{"falling start", at(starts+8, 0), "column 2: values 1 to 0 of 4"},
		{"first start", at(starts, 1), "with 4 column starts"},
		{"columns", at(dims+4, 7), "of shape [4 7] with 4 column starts"},
		{"rows without end", at(dims, 1<<25), "of 64 stored bytes, want fuller rows"},
	} {
		if found, err := ParseMAT(tt.data); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, %v, want %q", tt.name, found, err, tt.want)
		}
	}
}

func TestLIBSVM(t *testing.T) {
	x, labels, err := ParseLIBSVM([]byte("\ufeff# made by hand\n+1 1:0.5 3:-2\n-1 2:1e1 # a remark\n1.0\n"), 0)
	if err != nil || !slices.Equal(labels, []string{"1", "-1", "1"}) {
		t.Fatal(labels, err)
	}
	check(t, x, []int{3, 3}, 0.5, 0, -2, 0, 10, 0, 0, 0, 0)
	if x, _, err = ParseLIBSVM([]byte("1 1:1\n"), 4); err != nil {
		t.Fatal(err)
	}
	check(t, x, []int{1, 4}, 1, 0, 0, 0)
	for _, tt := range []struct{ text, want string }{
		{"", "no index:value pairs"},
		{"1\n2\n", "no index:value pairs"},
		{"1 0:1\n", "line 1: index 0, want from 1 to 134217728; scikit-learn counts so with zero_based=False"},
		{"1 1:1\ncat 1:1\n", `line 2: label "cat", want a number`},
		{"1,2 1:1\n", `line 1: label "1,2", want a number`},
		{"nan 1:1\n", `line 1: label "nan", want a number`},
		{"1 1:inf\n", `line 1: index 1: value "inf", want a number from`},
		{"1 qid:3 1:1\n", `line 1: "qid:3", want index:value`},
		{"1 100000000:1\n", "shape [1 100000000] of 14 stored bytes"},
		{"1 1:1\xff\n", "line 1: byte 0xff is not UTF-8"},
		{"1 1:1\n\n1 1:1\n", "line 2 is empty"},
	} {
		if _, _, err := ParseLIBSVM([]byte(tt.text), 0); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: %v, want %q", tt.text, err, tt.want)
		}
	}
}

func FuzzLIBSVM(f *testing.F) {
	f.Add([]byte("+1 1:0.5 3:-2\n-1 2:1e1 # a remark\n"), 0)
	f.Add([]byte("1 1:1\n"), 4)
	f.Fuzz(func(t *testing.T, text []byte, columns int) {
		if columns < 0 || columns > 1<<10 {
			return
		}
		if x, labels, err := ParseLIBSVM(text, columns); err == nil {
			if whole(t, x); len(labels) != x.Shape[0] || (columns > 0 && x.Shape[1] != columns) {
				t.Errorf("%d labels of shape %v", len(labels), x.Shape)
			}
		}
	})
}
