package npy

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// ownFile is np.array([[1, -2.5, 0.1]], np.float32) written by hand after NumPy's
// description of the format, version 1.0, with the comma that this program writes: a header
// that ends on a multiple of 64.
var ownFile = "934e554d5059010076007b276465736372273a20273c6634272c2027666f727472616e5f6f72646572273a2046616c73652c20277368617065273a2028312c20332c292c207d" +
	strings.Repeat("20", 118-1-60) + "0a" + "0000803f" + "000020c0" + "cdcccc3d"

func ownBytes(t testing.TB) []byte {
	raw, err := hex.DecodeString(ownFile)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestParse(t *testing.T) {
	shape, data, err := Parse(ownBytes(t))
	if err != nil || !slices.Equal(shape, []int{1, 3}) || !slices.Equal(data, []float32{1, -2.5, 0.1}) {
		t.Errorf("%v %v, %v", shape, data, err)
	}
}

func TestParseRefuses(t *testing.T) {
	whole := ownBytes(t)
	with := func(old, new string) []byte { return bytes.Replace(whole, []byte(old), []byte(new), 1) }
	for _, tt := range []struct {
		name string
		raw  []byte
		want string
	}{
		{"empty", nil, "not a NumPy .npy file"},
		{"eleven bytes", whole[:11], "not a NumPy .npy file"},
		{"version 1.1", with("\x01\x00\x76", "\x01\x01\x76"), "in which this program writes it"},
		{"version 2", with("\x01\x00\x76\x00", "\x02\x00\x76\x00"), "a header of"},
		{"magic", with("NUMPY", "NUMPX"), "not a NumPy .npy file"},
		{"header beyond the file", with("\x76\x00", "\xff\xff"), "a header of 65535 bytes in a file of 140"},
		{"header one byte beyond", append(slices.Clone(whole[:8]), append([]byte{131, 0}, whole[10:]...)...), "a header of 131 bytes in a file of 140"},
		{"no line end", with("\n", " "), "in which this program writes it"},
		{"no shape", with("shape", "shapf"), "want one with descr"},
		{"doubles", with("<f4", "<f8"), "type <f8, Fortran order false; want <f4 in C order"},
		{"columns first", with("False, ", "True,  "), "type <f4, Fortran order true; want <f4 in C order"},
		{"columns first in own words", with("False", "True "), "type <f4, Fortran order true; want <f4 in C order"},
		{"no comma", with("3,)", "3 )"), "in which this program writes it"},
		{"negative", with("(1, 3,)", "(1,-3,)"), "want one with descr"},
		{"an empty dimension between", with("(1, 3,)", "(1,,3,)"), "in which this program writes it"},
		{"a number beyond all", with("(1, 3,), }"+strings.Repeat(" ", 20), "(1, 3"+strings.Repeat("0", 20)+",), }"), "want whole numbers"},
		{"more values", with("(1, 3,)", "(2, 3,)"), "shape [2 3], want at most 3 values"},
		{"fewer values", with("(1, 3,)", "(1, 2,)"), "12 bytes of values, shape [1 2] takes 8"},
		{"cut", whole[:len(whole)-1], "shape [1 3], want at most 2 values"},
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

// Headers of other programs and versions: what NumPy 1 and 2 write, its version 2.0 with a
// length of four bytes, keys in another order, a long of Python 2, records.
func TestParseHeader(t *testing.T) {
	file := func(version byte, header string) []byte {
		length := binary.LittleEndian.AppendUint32(nil, uint32(len(header)))
		if version == 1 {
			length = length[:2]
		}
		return slices.Concat([]byte("\x93NUMPY"), []byte{version, 0}, length, []byte(header), []byte("values"))
	}
	for _, tt := range []struct {
		name string
		raw  []byte
		want Header
	}{
		{"NumPy", file(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 3), }"), Header{"<f4", false, []int{1, 3}}},
		{"version 2", file(2, "{'descr': '>i2', 'fortran_order': True, 'shape': (123456,), }"), Header{">i2", true, []int{123456}}},
		{"another order", file(1, "{'shape':(),'fortran_order':False,'descr':'|b1'}      "), Header{"|b1", false, nil}},
		{"longs", file(1, "{'descr': '<U2', 'fortran_order': False, 'shape': (2L, 3L), }"), Header{"<U2", false, []int{2, 3}}},
		{"records", file(1, "{'descr': [('a', '<i4'), ('b', 'O')], 'fortran_order': False, 'shape': (2,)}"), Header{"[('a', '<i4'), ('b', 'O')", false, []int{2}}},
	} {
		h, values, err := ParseHeader(tt.raw)
		if err != nil || h.Type != tt.want.Type || h.Fortran != tt.want.Fortran || !slices.Equal(h.Shape, tt.want.Shape) {
			t.Errorf("%s: %+v, %v", tt.name, h, err)
		}
		if string(values) != "values" {
			t.Errorf("%s: values %q", tt.name, values)
		}
	}
}

// A shape whose product would overflow is refused, not allocated; zeros make an empty
// array wherever they stand.
func TestCount(t *testing.T) {
	for _, tt := range []struct {
		shape []int
		most  int
		n     int
		ok    bool
	}{
		{nil, 1, 1, true},
		{[]int{6}, 6, 6, true},
		{[]int{2, 3}, 6, 6, true},
		{[]int{2, 3}, 5, 0, false},
		{[]int{0, 9}, 0, 0, true},
		{[]int{3, 0}, 4, 0, true},
		{[]int{2, 3, 0}, 0, 0, true},
		{[]int{1 << 40, 0, 1 << 40}, 0, 0, true},
		{[]int{0, -1}, 4, 0, false},
		{[]int{3, -1}, 4, 0, false},
		{[]int{1 << 32, 1 << 32}, math.MaxInt32, 0, false},
	} {
		if n, err := Count(tt.shape, tt.most); n != tt.n || (err == nil) != tt.ok {
			t.Errorf("%v of at most %d: %d, %v", tt.shape, tt.most, n, err)
		}
	}
}

// Whatever the bytes: an error, or as many values as the shape says and the file holds.
func FuzzParse(f *testing.F) {
	whole := ownBytes(f)
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
