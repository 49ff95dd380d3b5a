package arrays

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// npyBytes is a file of the format by hand.
func npyBytes(kind, order, shape string, values []byte) []byte {
	header := fmt.Sprintf("{'descr': '%s', 'fortran_order': %s, 'shape': (%s), }", kind, order, shape)
	var b bytes.Buffer
	b.WriteString("\x93NUMPY\x01\x00")
	binary.Write(&b, binary.LittleEndian, uint16(len(header)))
	b.WriteString(header)
	b.Write(values)
	return b.Bytes()
}

func doubles(v ...float64) []byte {
	var b []byte
	for _, x := range v {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(x))
	}
	return b
}

func write(t *testing.T, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestReads(t *testing.T) {
	want := []float64{1, 2, 3, 4, 5, 6}
	archive := func() []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for _, name := range []string{"first", "second"} {
			w, err := z.Create(name + ".npy")
			if err != nil {
				t.Fatal(err)
			}
			w.Write(npyBytes("<f8", "False", "2, 3", doubles(want...)))
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}()
	for _, tt := range []struct {
		name, file, ask string
		data            []byte
		arrays          int
	}{
		{"f8", "x.npy", "", npyBytes("<f8", "False", "2, 3", doubles(want...)), 1},
		{"Fortran", "x.npy", "", npyBytes("<f8", "True", "2, 3", doubles(1, 4, 2, 5, 3, 6)), 1},
		{"bytes", "x.npy", "", npyBytes("|u1", "False", "2, 3", []byte{1, 2, 3, 4, 5, 6}), 1},
		{"three axes", "x.npy", "", npyBytes("|i1", "False", "2, 3, 1", []byte{1, 2, 3, 4, 5, 6}), 1},
		{"csv", "x.csv", "", []byte("1,2,3\n4, 5,6\n"), 1},
		{"csv with names", "x.csv", "", []byte("a,b,c\n1,2,3\n4,5,6\n"), 1},
		{"archive", "x.npz", "", archive, 2},
		{"one of an archive", "x.npz", ":second", archive, 1},
	} {
		got, err := ReadMatrices(write(t, tt.file, tt.data) + tt.ask)
		if err != nil || len(got) != tt.arrays {
			t.Errorf("%s: %d arrays, %v", tt.name, len(got), err)
			continue
		}
		if n, d := got[0].Dims(); n != 2 || d != 3 {
			t.Errorf("%s: %d x %d", tt.name, n, d)
		}
		for i, v := range got[0].RawMatrix().Data {
			if v != want[i] {
				t.Errorf("%s: value %d is %v, want %v", tt.name, i, v, want[i])
			}
		}
	}
}

func TestFaults(t *testing.T) {
	for _, tt := range []struct {
		name, file string
		data       []byte
		want       string
	}{
		{"cut short", "x.npy", npyBytes("<f8", "False", "2, 3", doubles(1, 2)), "16 bytes of values, the shape takes 48"},
		{"too long", "x.npy", npyBytes("<f8", "False", "1,", doubles(1, 2)), "the shape takes 8"},
		{"no magic", "x.npy", []byte("hello, world"), "not a NumPy .npy file"},
		{"objects", "x.npy", npyBytes("|O", "False", "1,", nil), "values of type Python object"},
		{"huge", "x.npy", npyBytes("<f8", "False", "999999999999, 9999999", nil), "want at most"},
		{"a number", "x.npy", npyBytes("<f8", "False", "", doubles(1)), "want rows of numbers"},
		{"no rows", "x.npy", npyBytes("<f8", "False", "0, 3", nil), "want rows of numbers"},
		{"a word", "x.csv", []byte("a,b\n1,2\n3,four\n"), `line 3, column 2: "four", want a number`},
		{"a short line", "x.csv", []byte("1,2\n3\n"), "line 2"},
		{"only names", "x.csv", []byte("a,b\n"), "no rows of numbers"},
		{"no archive", "x.npz", []byte("PK but not really"), "not a NumPy .npz archive"},
		{"ending", "x.txt", nil, `ending ".txt"`},
	} {
		_, err := ReadMatrices(write(t, tt.file, tt.data))
		if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), tt.file) {
			t.Errorf("%s: error %v, want %q and the file", tt.name, err, tt.want)
		}
	}
	if _, err := ReadMatrices("nowhere.npy"); !os.IsNotExist(err) {
		t.Errorf("missing file: %v", err)
	}
}

func FuzzCSV(f *testing.F) {
	f.Add([]byte("a,b\n1,2\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if a, err := parseCSV(data); err == nil {
			if n, d := a.Dims(); n == 0 || d == 0 {
				t.Error("an empty matrix without an error")
			}
		}
	})
}
