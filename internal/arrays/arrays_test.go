package arrays

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func read(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestMAT(t *testing.T) {
	found, err := ParseMAT(read(t, "plain.mat"))
	if err != nil || len(found) != 3 { // the cell and the complex array are left out
		t.Fatalf("%v, %v", found, err)
	}
	check(t, found["fts"], []int{2, 3}, 0.5, -1, 2, 3, 4.25, 250)
	check(t, found["labels"], []int{2, 1}, 1, 10)
	checkText(t, found["text"], []int{1}, "left out")
	if found, err = ParseMAT(read(t, "packed.mat")); err != nil {
		t.Fatal(err)
	}
	check(t, found["fts"], []int{2, 3}, 0, 1, 2, 3, 4, 250)
	check(t, found["labels"], []int{2, 1}, 1, 10)
	if found, err = ParseMAT(read(t, "cube.mat")); err != nil {
		t.Fatal(err)
	}
	want := make([]float64, 24)
	for i := range want {
		want[i] = float64(i)
	}
	check(t, found["X"], []int{2, 3, 4}, want...)
}

// Matrices of bytes stay in column-major order; others are as ParseMAT has them.
func TestMATBytes(t *testing.T) {
	bytes, found, err := ParseMATBytes(read(t, "images.mat"))
	if err != nil || len(bytes) != 2 || len(found) != 1 {
		t.Fatalf("%d of bytes, %d others, %v", len(bytes), len(found), err)
	}
	check(t, found["w"], []int{1, 2}, 0.5, 300)
	x, y := bytes["X"], bytes["y"]
	if fmt.Sprint(x.Shape, y.Shape, y.Data) != "[2 3 3 4] [4 1] [1 10 3 9]" {
		t.Errorf("shapes %v and %v, labels %v", x.Shape, y.Shape, y.Data)
	}
	for at, v := range x.Data {
		row, column, channel, image := at%2, at/2%3, at/6%3, at/18
		if want := byte(((row*3+column)*3+channel)*4 + image); v != want {
			t.Errorf("byte %d is %d, want %d", at, v, want)
		}
	}
	if bytes, found, err := ParseMATBytes(read(t, "images.mat")[:300]); bytes != nil || found != nil || err == nil {
		t.Errorf("a file cut short: %v, %v, %v", bytes, found, err)
	}
}

func TestNPY(t *testing.T) {
	for name, want := range map[string][]float64{
		"c-f8.npy": {0.5, -1, 2, 3, 4.25, 250}, "fortran-f4.npy": {0.5, -1, 2, 3, 4.25, 250}, "big-i2.npy": {0, -1, 2, 3, 4, 250},
	} {
		a, err := ParseNPY(read(t, name))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		check(t, a, []int{2, 3}, want...)
	}
	for _, name := range []string{"plain.npz", "packed.npz"} {
		found, err := allOf(read(t, name))
		if err != nil || len(found) != 2 {
			t.Fatalf("%s: %v, %v", name, found, err)
		}
		check(t, found["X"], []int{2, 3}, 0.5, -1, 2, 3, 4.25, 250)
		check(t, found["y"], []int{2}, 1, 10)
	}
}

func check(t *testing.T, a Array, shape []int, want ...float64) {
	t.Helper()
	if !slices.Equal(a.Shape, shape) || !slices.Equal(a.Data, want) {
		t.Errorf("%v, want %v of shape %v", a, want, shape)
	}
}

func TestRefusals(t *testing.T) {
	mat, npy := read(t, "plain.mat"), read(t, "c-f8.npy")
	damaged := slices.Clone(read(t, "packed.mat"))
	damaged[len(damaged)-10] ^= 0xff
	huge := slices.Clone(mat)
	binary.LittleEndian.PutUint32(huge[132:], 1<<31)
	for _, tt := range []struct {
		name, want string
		err        error
	}{
		{"empty", "0 bytes, a MATLAB file has at least 128", errOf(ParseMAT(nil))},
		{"no mark", "no endian mark", errOf(ParseMAT(make([]byte, 200)))},
		{"cut", "cut short or damaged", errOf(ParseMAT(mat[:160]))},
		{"checksum", "compressed matrix", errOf(ParseMAT(damaged))},
		{"huge", "an element of 2147483648 bytes", errOf(ParseMAT(huge))},
		{"not npy", "not a NumPy .npy file", errOf(ParseNPY([]byte("hello, world")))},
		{"npy cut", "40 bytes of values, the shape takes 48", errOf(ParseNPY(npy[:len(npy)-8]))},
		{"npy long", "49 bytes of values, the shape takes 48", errOf(ParseNPY(append(slices.Clone(npy), 0)))},
		{"npy text", "values of type", errOf(ParseNPY([]byte(strings.Replace(string(npy), "'<f8'", "'<c8'", 1))))},
		{"npy shape", "want at most", errOf(ParseNPY([]byte(strings.Replace(string(npy), "(2, 3)", "(99999999999, 3)", 1))))},
		{"not npz", "not a NumPy .npz archive", errOf(allOf(npy))},
	} {
		if tt.err == nil || !strings.Contains(tt.err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q", tt.name, tt.err, tt.want)
		}
	}
}

// allOf reads all arrays of an archive.
func allOf(data []byte) (map[string]Array, error) {
	z, err := OpenNPZ(data)
	if err != nil {
		return nil, err
	}
	out := map[string]Array{}
	for _, name := range z.Names() {
		if out[name], err = z.Read(name); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func checkText(t *testing.T, a Array, shape []int, want ...string) {
	t.Helper()
	if !slices.Equal(a.Shape, shape) || !slices.Equal(a.Text, want) || a.Data != nil {
		t.Errorf("%q of shape %v and %d numbers, want %q of shape %v", a.Text, a.Shape, len(a.Data), want, shape)
	}
}

func errOf[T any](_ T, err error) error { return err }

// whole makes sure that what was read is as large as it says.
func whole(t *testing.T, a Array) {
	n := 1
	for _, k := range a.Shape {
		n *= k
	}
	if n != len(a.Data)+len(a.Text) || (a.Data != nil && a.Text != nil) {
		t.Errorf("%d numbers and %d texts of shape %v", len(a.Data), len(a.Text), a.Shape)
	}
}

func FuzzMAT(f *testing.F) {
	for _, name := range []string{"plain.mat", "packed.mat", "cube.mat", "sparse.mat", "sparse-packed.mat"} {
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

func FuzzNPY(f *testing.F) {
	for _, name := range []string{"c-f8.npy", "fortran-f4.npy", "big-i2.npy", "half.npy", "texts-be.npy", "texts-fortran.npy", "bytes.npy"} {
		f.Add(read(f, name))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if a, err := ParseNPY(data); err == nil {
			whole(t, a)
		}
	})
}

func FuzzNPZ(f *testing.F) {
	for _, name := range []string{"plain.npz", "packed.npz"} {
		f.Add(read(f, name))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		found, err := allOf(data)
		for _, a := range found {
			if err == nil {
				whole(t, a)
			}
		}
	})
}
