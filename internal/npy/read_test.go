package npy

import (
	"bytes"
	"encoding/hex"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// numpyFile is np.array([[1, -2.5, 0.1]], np.float32) written by hand after NumPy's
// description of the format, version 1.0: a header that ends on a multiple of 64.
var numpyFile = "934e554d5059010076007b276465736372273a20273c6634272c2027666f727472616e5f6f72646572273a2046616c73652c20277368617065273a2028312c2033292c207d" +
	strings.Repeat("20", 118-1-59) + "0a" + "0000803f" + "000020c0" + "cdcccc3d"

func numpyBytes(t testing.TB) []byte {
	raw, err := hex.DecodeString(numpyFile)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestParseWhatNumPyWrites(t *testing.T) {
	shape, data, err := Parse(numpyBytes(t))
	if err != nil || !slices.Equal(shape, []int{1, 3}) || !slices.Equal(data, []float32{1, -2.5, 0.1}) {
		t.Errorf("%v %v, %v", shape, data, err)
	}
}

func TestParseRefuses(t *testing.T) {
	whole := numpyBytes(t)
	with := func(old, new string) []byte { return bytes.Replace(whole, []byte(old), []byte(new), 1) }
	for _, tt := range []struct {
		name string
		raw  []byte
		want string
	}{
		{"empty", nil, "does not begin as"},
		{"nine bytes", whole[:9], "does not begin as"},
		{"version 2", with("\x01\x00\x76", "\x02\x00\x76"), "does not begin as"},
		{"magic", with("NUMPY", "NUMPX"), "does not begin as"},
		{"header beyond the file", with("\x76\x00", "\xff\xff"), "a header of 65535 bytes in a file of 140"},
		{"header one byte beyond", append(slices.Clone(whole[:8]), append([]byte{131, 0}, whole[10:]...)...), "a header of 131 bytes in a file of 140"},
		{"no line end", with("\n", " "), "want one with descr"},
		{"no shape", with("shape", "shapf"), "want one with descr"},
		{"doubles", with("<f4", "<f8"), "type <f8, Fortran order False; want <f4 in C order"},
		{"columns first", with("False", "True "), "want one with descr"},
		{"columns first, well written", with("False, ", "True,  "), "want one with descr"},
		{"negative", with("(1, 3)", "(1,-3)"), "want one with descr"},
		{"an empty dimension between", with("(1, 3)", "(1,,3)"), "shape (1,,3), want whole numbers"},
		{"more values", with("(1, 3)", "(2, 3)"), "of more than the 3 values in the file"},
		{"fewer values", with("(1, 3)", "(1, 2)"), "12 bytes of values, shape [1 2] takes 8"},
		{"cut", whole[:len(whole)-1], "of more than the 2 values"},
		{"one byte more", append(slices.Clone(whole), 0), "13 bytes of values, shape [1 3] takes 12"},
	} {
		if _, _, err := Parse(tt.raw); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
	path := filepath.Join(t.TempDir(), "x.npy")
	if _, _, err := Read(path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("a missing file: %v", err)
	}
	if err := os.WriteFile(path, whole[:20], 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Read(path); err == nil || !strings.HasPrefix(err.Error(), "npy: "+path+": a header of 118 bytes in a file of 20") {
		t.Errorf("a cut file: %v", err)
	}
}

// A shape whose product would overflow is refused, not allocated; zeros make an empty
// array wherever they stand.
func TestParseShape(t *testing.T) {
	for _, tt := range []struct {
		text string
		most int
		want []int
		n    int
		ok   bool
	}{
		{"", 1, nil, 1, true},
		{"6,", 6, []int{6}, 6, true},
		{"2, 3", 6, []int{2, 3}, 6, true},
		{"2, 3", 5, nil, 0, false},
		{"0, 9", 0, []int{0, 9}, 0, true},
		{"3, 0", 4, []int{3, 0}, 0, true},
		{"4294967296, 4294967296", math.MaxInt32, nil, 0, false},
		{"1 2", 9, nil, 0, false},
	} {
		shape, n, err := parseShape(tt.text, tt.most)
		if (err == nil) != tt.ok || tt.ok && (n != tt.n || !slices.Equal(shape, tt.want)) {
			t.Errorf("%q: %v of %d, %v", tt.text, shape, n, err)
		}
	}
}

// Whatever the bytes: an error, or as many values as the shape says and the file holds.
func FuzzParse(f *testing.F) {
	whole := numpyBytes(f)
	f.Add(whole)
	f.Add(whole[:128])
	for _, at := range []int{8, 9, 12, 30, 60, 68, 127} {
		bent := slices.Clone(whole)
		bent[at] ^= 4
		f.Add(bent)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		shape, data, err := Parse(raw)
		if err != nil {
			return
		}
		n := 1
		for _, k := range shape {
			n *= k
		}
		if n != len(data) || 4*n > len(raw) {
			t.Errorf("%d values of shape %v in %d bytes", len(data), shape, len(raw))
		}
	})
}
