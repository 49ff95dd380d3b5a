package features

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/arrays"
)

// npyOf is a NumPy file of float64, as numpy.lib.format says: magic, version 1.0, the
// length of the header, the header, the numbers.
func npyOf(shape string, v ...float64) string {
	header := fmt.Sprintf("{'descr': '<f8', 'fortran_order': False, 'shape': (%s), }\n", shape)
	file := []byte("\x93NUMPY\x01\x00")
	file = binary.LittleEndian.AppendUint16(file, uint16(len(header)))
	file = append(file, header...)
	for _, x := range v {
		file = binary.LittleEndian.AppendUint64(file, math.Float64bits(x))
	}
	return string(file)
}

// pairOf writes x.npy and y.npy into one folder.
func pairOf(t *testing.T, x, y string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, text := range map[string]string{"x.npy": x, "y.npy": y} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func sha(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// The file of the labels belongs to the data as that of the features does: other labels
// are other data.
func TestFeaturesOfTwoFiles(t *testing.T) {
	x := npyOf("3, 2", 1, 2, 3, 4, 5, 6)
	sums := map[string]bool{}
	for name, tt := range map[string]struct {
		labels  []float64
		classes []string
		truth   []int
	}{
		"whole":     {[]float64{7, 30, 7}, []string{"7", "30"}, []int{0, 1, 0}},
		"fractions": {[]float64{0.25, 0.5, 0.375}, []string{"0.25", "0.375", "0.5"}, []int{0, 2, 1}},
	} {
		y := npyOf("3,", tt.labels...)
		dir := pairOf(t, x, y)
		set, err := Load(filepath.Dir(dir), File{Path: filepath.Base(dir) + "/x.npy", Labels: "y.npy"})
		if err != nil {
			t.Fatal(err)
		}
		if n, d := set.X.Dims(); n != 3 || d != 2 || set.X.At(2, 0) != 5 || !slices.Equal(set.Truth.Classes(), tt.classes) || !slices.Equal(set.Truth.Reveal(), tt.truth) {
			t.Errorf("%s: %v, labels %v of %v", name, set.X.RawMatrix(), set.Truth.Reveal(), set.Truth.Classes())
		}
		base := filepath.Base(dir)
		want := []domains.LockedFile{{Name: base + "/x.npy", Bytes: int64(len(x)), SHA256: sha(x)}, {Name: base + "/y.npy", Bytes: int64(len(y)), SHA256: sha(y)}}
		if !slices.Equal(set.Files, want) {
			t.Errorf("%s: locked %+v, want %+v", name, set.Files, want)
		}
		if got, want := set.Checksum(), sha(sha(x)+sha(y)); got != want || sums[got] {
			t.Errorf("%s: checksum %s, want %s, unlike that of other labels", name, got, want)
		}
		sums[set.Checksum()] = true
	}
}

func TestFeaturesOfTwoFilesRefuse(t *testing.T) {
	good, labels := npyOf("2, 1", 1, 2), npyOf("2,", 1, 2)
	for name, tt := range map[string]struct {
		dir, labels, want string
		missing           bool
	}{
		"absent labels":   {pairOf(t, good, labels), "z.npy", "/z.npy is missing; put it there", true},
		"damaged":         {pairOf(t, "hello", labels), "y.npy", "/x.npy: not a NumPy .npy file", false},
		"damaged labels":  {pairOf(t, good, "hello"), "y.npy", "/x.npy: y.npy: not a NumPy .npy file", false},
		"other labels":    {pairOf(t, good, npyOf("3,", 1, 2, 3)), "y.npy", "3 labels for 2 rows of features (samples are rows: shape [2 1])", false},
		"a folder":        {pairOf(t, good, labels), ".", "is a directory", false},
		"labels of a CSV": {filepath.Dir(writeFeatures(t, "x.npy", "f,y\n1,2\n")), "x.npy", "/x.npy: not a NumPy .npy file", false},
	} {
		_, err := Load("", File{Path: filepath.Join(tt.dir, "x.npy"), Labels: tt.labels})
		var missing *domains.MissingError
		if err == nil || !strings.Contains(err.Error(), tt.want) || errors.As(err, &missing) != tt.missing {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
	if _, err := Load("", File{Path: "x.npy", Labels: "y.npy"}); err == nil || !strings.Contains(err.Error(), "no folder for data") {
		t.Errorf("no folder for data: %v", err)
	}
}

func TestJoin(t *testing.T) {
	numbers := func(shape []int, v ...float64) arrays.Array { return arrays.Array{Shape: shape, Data: v} }
	two, inf := numbers([]int{2}, 1, 2), math.Inf(1)
	for _, tt := range []struct {
		name string
		x, y arrays.Array
		want string // the error; "": rows of 2 columns
	}{
		{"rows", numbers([]int{2, 2}, 1, 2, 3, 4), two, ""},
		{"images", numbers([]int{2, 1, 2}, 1, 2, 3, 4), two, ""},
		{"a column of labels", numbers([]int{2, 2}, 1, 2, 3, 4), numbers([]int{2, 1}, 1, 2), ""},
		{"one row", numbers([]int{1, 2}, 1, 2), numbers([]int{1}, 5), ""},
		{"a list", numbers([]int{2}, 1, 2), numbers([]int{2, 1}, 1, 2), "features of shape [2], want n x d"},
		{"no rows", numbers([]int{0, 2}), numbers([]int{0}), "features of shape [0 2], want n x d"},
		{"no columns", numbers([]int{2, 0}), two, "features of shape [2 0], want n x d"},
		{"NaN", numbers([]int{2, 2}, 1, 2, math.NaN(), 4), two, "row 1, column 0 is NaN, want a finite number"},
		{"infinite", numbers([]int{2, 2}, 1, inf, 3, 4), two, "row 0, column 1 is +Inf, want a finite number"},
		{"minus infinite", numbers([]int{2, 2}, 1, 2, 3, -inf), two, "row 1, column 1 is -Inf, want a finite number"},
		{"a label NaN", numbers([]int{2, 2}, 1, 2, 3, 4), numbers([]int{2}, 1, math.NaN()), "label 1 is NaN"},
		{"a label infinite", numbers([]int{2, 2}, 1, 2, 3, 4), numbers([]int{2}, inf, 1), "label 0 is +Inf"},
		{"a label minus infinite", numbers([]int{2, 2}, 1, 2, 3, 4), numbers([]int{2}, -inf, 1), "label 0 is -Inf"},
		{"an empty label", numbers([]int{2, 2}, 1, 2, 3, 4), arrays.Array{Shape: []int{2}, Text: []string{" ", "a"}}, "label 0 is empty"},
		{"few labels", numbers([]int{3, 2}, 1, 2, 3, 4, 5, 6), two, "2 labels for 3 rows of features (samples are rows: shape [3 2])"},
		{"columns that are samples", numbers([]int{1, 2}, 1, 2), two, "2 labels for 1 rows of features (samples are rows: shape [1 2])"},
		{"one-hot", numbers([]int{2, 2}, 1, 2, 3, 4), numbers([]int{2, 3}, 1, 0, 0, 0, 0, 1), "labels of shape [2 3] are one-hot, a column a class; want one class a row, as y.argmax(axis=1) gives"},
		{"one-hot of more rows", numbers([]int{2, 2}, 1, 2, 3, 4), numbers([]int{3, 2}, 1, 0, 0, 1, 1, 0), "6 labels for 2 rows of features (samples are rows: shape [2 2])"},
		{"one-hot in three axes", numbers([]int{2, 2}, 1, 2, 3, 4), numbers([]int{2, 1, 2}, 1, 1, 0, 0), "4 labels for 2 rows of features (samples are rows: shape [2 2])"},
		{"one-hot texts", numbers([]int{2, 2}, 1, 2, 3, 4), arrays.Array{Shape: []int{2, 2}, Text: []string{"1", "0", "0", "1"}}, "4 labels for 2 rows of features (samples are rows: shape [2 2])"},
		{"a row of zeros", numbers([]int{2, 2}, 1, 2, 3, 4), numbers([]int{2, 2}, 1, 0, 0, 0), "4 labels for 2 rows of features (samples are rows: shape [2 2])"},
		{"halves", numbers([]int{2, 2}, 1, 2, 3, 4), numbers([]int{2, 2}, 0.5, 0.5, 0, 1), "4 labels for 2 rows of features (samples are rows: shape [2 2])"},
	} {
		m, labels, err := join(tt.x, tt.y)
		if tt.want != "" {
			if err == nil || err.Error() != tt.want {
				t.Errorf("%s: %v, want %s", tt.name, err, tt.want)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if n, d := m.Dims(); n != len(tt.x.Data)/2 || d != 2 || len(labels) != n || !slices.Equal(m.RawMatrix().Data, tt.x.Data) {
			t.Errorf("%s: %v, labels %v", tt.name, m.RawMatrix(), labels)
		}
	}
}

func TestColumnsOfLIBSVM(t *testing.T) {
	for _, tt := range []struct {
		columns string
		want    []float64 // of both rows
	}{{"", []float64{5, 6}}, {"1", []float64{5, 6}}, {"2", []float64{5, 0, 6, 0}}} {
		set, err := Load("", File{Path: writeFeatures(t, "a.svm", "1 1:5\n2 1:6\n"), Features: tt.columns})
		if err != nil || !slices.Equal(set.X.RawMatrix().Data, tt.want) {
			t.Errorf("%q columns: %v, want %v", tt.columns, err, tt.want)
			continue
		}
		if n, d := set.X.Dims(); n != 2 || d != len(tt.want)/2 {
			t.Errorf("%q columns: %d x %d, want 2 x %d", tt.columns, n, d, len(tt.want)/2)
		}
	}
	for _, columns := range []string{"0", "-1", "99999999999999999999", "1.5"} {
		_, err := Load("", File{Path: writeFeatures(t, "a.svm", "1 1:5\n"), Features: columns})
		if want := fmt.Sprintf("features %q, want the number of columns of LIBSVM's text, or nothing", columns); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s columns: %v, want %s", columns, err, want)
		}
	}
}

// What a message shows of a long header, and when it guesses at one-hot labels.
func TestHeadersWithoutLabels(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"a,b,c,d,e,f,g,h\n1,2,3,4,5,6,7,8\n", "no column labels, label, Y, y in the header a,b,c,d,e,f,g,h"},
		{"a,b,c,d,e,f,g,h,i\n1,2,3,4,5,6,7,8,9\n", "no column labels, label, Y, y in the header a,b,c,d,e,f,g,h,... (9 columns)"},
		{"f,y_cat\n1,0\n", "no column labels, label, Y, y in the header f,y_cat"},
		{"f,y_cat,y_dog\n1,0,1\n", "no column labels, label, Y, y in the header f,y_cat,y_dog; are y_cat, y_dog, ... one-hot labels? want one column with the class"},
		{"f,y\n-Inf,1\n", `line 2, column "f": "-Inf", want a finite number`},
		{"f,y\nInf,1\n", `line 2, column "f": "Inf", want a finite number`},
	} {
		_, err := Load("", File{Path: writeFeatures(t, "a.csv", tt.text)})
		if err == nil || !strings.HasSuffix(err.Error(), "/a.csv: "+tt.want) {
			t.Errorf("%q: %v, want %s", tt.text, err, tt.want)
		}
	}
}
