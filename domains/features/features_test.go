package features

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/npy"
)

func writeFeatures(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFeaturesOfCSV(t *testing.T) {
	path := writeFeatures(t, "a.csv", "f1,label,f2\n1,cat,2.5\n-3,dog,4e1\n5,cat,6\n")
	f, err := Load("", File{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	if n, d := f.X.Dims(); n != 3 || d != 2 || f.X.At(1, 1) != 40 || !slices.Equal(f.Truth.Classes(), []string{"cat", "dog"}) || !slices.Equal(f.Truth.Reveal(), []int{0, 1, 0}) {
		t.Errorf("%d x %d, %v, %v", n, d, f.Truth.Classes(), f.Truth.Reveal())
	}
	numbers := writeFeatures(t, "b.csv", "y,f\n10,0\n9,1\n10,2\n")
	if f, err = Load("", File{Path: numbers}); err != nil || !slices.Equal(f.Truth.Classes(), []string{"9", "10"}) {
		t.Errorf("classes %v, %v: numbers are ordered as numbers", f.Truth.Classes(), err)
	}
}

// The arrays that NumPy and SciPy wrote for internal/arrays.
func TestFeaturesOfOtherPrograms(t *testing.T) {
	dir, err := filepath.Abs("../../internal/arrays/testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"plain.mat", "packed.mat", "plain.npz", "packed.npz"} {
		f, err := Load(dir, File{Path: name})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if n, d := f.X.Dims(); n != 2 || d != 3 || f.X.At(1, 2) != 250 || !slices.Equal(f.Truth.Classes(), []string{"1", "10"}) || len(f.Files) != 1 || len(f.Checksum()) != 64 {
			t.Errorf("%s: %d x %d, %v", name, n, d, f.Truth.Classes())
		}
	}
}

// One set of features in the forms in which programs write it.
func TestFeaturesForms(t *testing.T) {
	arrays, err := filepath.Abs("../../internal/arrays/testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name    string
		file    File
		classes []string
		labels  []int
		x       []float64 // of all rows
	}{
		{"mark", File{Path: writeFeatures(t, "a.csv", "\ufefflabel,f0\ncat,1\ndog,2\n")}, []string{"cat", "dog"}, []int{0, 1}, []float64{1, 2}},
		{"mark and quotes", File{Path: writeFeatures(t, "a.csv", "\ufeff\"label\",\"f0\"\n\"cat\",1\n\"dog\",2\n")}, []string{"cat", "dog"}, []int{0, 1}, []float64{1, 2}},
		{"semicolons", File{Path: writeFeatures(t, "a.csv", "f0;y;f1\n1;b;2\n3;a;4\n")}, []string{"a", "b"}, []int{1, 0}, []float64{1, 2, 3, 4}},
		{"tabs", File{Path: writeFeatures(t, "a.csv", "f0\ty\tf1\n1\tb\t2\n3\ta\t4\n")}, []string{"a", "b"}, []int{1, 0}, []float64{1, 2, 3, 4}},
		{"an index", File{Path: writeFeatures(t, "a.csv", ",f0,y\n0,5,b\n1,6,a\n")}, []string{"a", "b"}, []int{1, 0}, []float64{5, 6}},
		{"numbers written differently", File{Path: writeFeatures(t, "a.csv", "f0,y\n5,10.0\n6,2.0\n")}, []string{"2", "10"}, []int{1, 0}, []float64{5, 6}},
		{"numbers that are names", File{Path: writeFeatures(t, "a.csv", "f0,y\n5,01\n6,1\n")}, []string{"01", "1"}, []int{0, 1}, []float64{5, 6}},
		{"LIBSVM", File{Path: writeFeatures(t, "a.libsvm", "+1 2:5\n-1 1:6\n")}, []string{"-1", "1"}, []int{1, 0}, []float64{0, 5, 6, 0}},
		{"LIBSVM, wider", File{Path: writeFeatures(t, "a.txt", "3 2:5\n"), Features: "3"}, []string{"3"}, []int{0}, []float64{0, 5, 0}},
		{"texts, half precision, members of other types", File{Path: arrays + "/mixed.npz"}, []string{"cat", "dog"}, []int{0, 1}, []float64{0.5, -1, 2, 3, 4.25, 250}},
		{"sparse, names", File{Path: arrays + "/sparse.mat", Labels: "names"}, []string{"cat", "ox", "zebra", "Äpfel"}, []int{0, 2, 3, 1}, []float64{0, 0, 2.5, 0, 0, 0, -1, 0, 4, 0, 0, 0.5}},
		{"v7.3, cells", File{Path: arrays + "/v73.mat", Labels: "cells"}, []string{"cat", "ox", "zebra", "Äpfel"}, []int{0, 2, 3, 1}, []float64{0.5, -1, 2, 3, 4.25, 250, -0.125, 1e300, 7, 8, 9, 10}},
		{"v7.3, sparse", File{Path: arrays + "/v73.mat", Features: "sparse"}, []string{"1", "3", "9", "10"}, []int{0, 3, 1, 2}, []float64{0, 0, 2.5, 0, 0, 0, -1, 0, 4, 0, 0, 0.5}},
		{"sparse, cells", File{Path: arrays + "/sparse-packed.mat", Labels: "cells"}, []string{"cat", "ox", "zebra", "Äpfel"}, []int{0, 2, 3, 1}, []float64{0, 0, 2.5, 0, 0, 0, -1, 0, 4, 0, 0, 0.5}},
	} {
		f, err := Load("", tt.file)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if got := f.X.RawMatrix().Data; !slices.Equal(got, tt.x) || !slices.Equal(f.Truth.Classes(), tt.classes) || !slices.Equal(f.Truth.Reveal(), tt.labels) {
			t.Errorf("%s: %v, classes %q, labels %v", tt.name, got, f.Truth.Classes(), f.Truth.Reveal())
		}
	}
}

// npzOf writes X and y, each a shape and its numbers.
func npzOf(t *testing.T, parts ...any) string {
	t.Helper()
	both := [2]npy.Array{{Name: "X"}, {Name: "y"}}
	at := -1
	for _, p := range parts {
		switch v := p.(type) {
		case []int:
			at++
			both[at].Shape = v
		case int:
			both[at].Wide = append(both[at].Wide, float64(v))
		}
	}
	path := filepath.Join(t.TempDir(), "a.npz")
	if err := npy.WriteArchive(path, both[:]...); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFeaturesRefuse(t *testing.T) {
	arrays, err := filepath.Abs("../../internal/arrays/testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		file File
		want string
	}{
		{"no file", File{Path: "/nowhere/a.mat"}, "/nowhere/a.mat is missing"},
		{"ending", File{Path: writeFeatures(t, "a.dat", "1")}, `a file ending in ".dat", want .mat, .npz, .npy, .csv or, of LIBSVM's text, .libsvm, .svmlight, .svm or .txt`},
		{"array", File{Path: arrays + "/plain.mat", Features: "feas"}, "no array feas; there are fts, labels"},
		{"array of strings", File{Path: arrays + "/v73.mat", Labels: "string"}, "zeros (of MATLAB's strings, categoricals, tables, structures and complex numbers none is read: save cellstr(labels), double(x))"},
		{"labels", File{Path: arrays + "/plain.npz", Labels: "X"}, "6 labels for 2 rows of features"},
		{"npy alone", File{Path: arrays + "/c-f8.npy"}, "an .npy file holds features alone"},
		{"header", File{Path: writeFeatures(t, "a.csv", "a,b\n1,2\n")}, "no column labels, label, Y, y in the header a,b"},
		{"word", File{Path: writeFeatures(t, "a.csv", "a,y\n1,2\nx,3\n")}, `line 3, column "a": "x", want a number`},
		{"NaN", File{Path: writeFeatures(t, "a.csv", "a,y\nNaN,2\n")}, `line 2, column "a": "NaN", want a finite number`},
		{"no label", File{Path: writeFeatures(t, "a.csv", "a,y\n1,\n")}, "line 2: no label"},
		{"short line", File{Path: writeFeatures(t, "a.csv", "a,y\n1\n")}, "line 2: 1 fields, line 1 has 2"},
		{"no rows", File{Path: writeFeatures(t, "a.csv", "a,y\n")}, "1 lines, want a header line"},
		{"UTF-16", File{Path: writeFeatures(t, "a.csv", "\xff\xfea\x00")}, "UTF-16 or UTF-32"},
		{"two separators", File{Path: writeFeatures(t, "a.csv", "y;a,b\n")}, "the first line holds 1 commas, 1 semicolons"},
		{"decimal comma", File{Path: writeFeatures(t, "a.csv", "y;a\n1;2,5\n")}, `line 2, column "a": "2,5", want a number; a decimal comma?`},
		{"labels twice", File{Path: writeFeatures(t, "a.csv", "y,a,label\n1,2,3\n")}, "columns 1 (y) and 3 (label) can both be the labels"},
		{"labels named twice", File{Path: writeFeatures(t, "a.csv", "c,a,c\n1,2,3\n"), Labels: "c"}, "columns 1 (c) and 3 (c) can both be"},
		{"labels alone", File{Path: writeFeatures(t, "a.csv", "y\n1\n")}, "no column but the labels"},
		{"one-hot columns", File{Path: writeFeatures(t, "a.csv", "f,y_cat,y_dog\n1,0,1\n")}, "no column labels, label, Y, y in the header f,y_cat,y_dog; are y_cat, y_dog, ... one-hot labels?"},
		{"index", File{Path: writeFeatures(t, "a.csv", ",f,y\n7,0,1\n")}, `column 1 has no name and holds "7"`},
		{"many columns", File{Path: writeFeatures(t, "a.csv", "1,2,3,4,5,6,7,8,9\n1,2,3,4,5,6,7,8,9\n")}, "in the header 1,2,3,4,5,6,7,8,... (9 columns)"},
		{"one-hot", File{Path: npzOf(t, []int{3, 2}, 1, 2, 3, 4, 5, 6, []int{3, 2}, 1, 0, 0, 1, 0, 1)}, "labels of shape [3 2] are one-hot, a column a class; want one class a row, as y.argmax(axis=1) gives"},
		{"not one-hot", File{Path: npzOf(t, []int{3, 2}, 1, 2, 3, 4, 5, 6, []int{3, 2}, 1, 0, 1, 1, 0, 1)}, "6 labels for 3 rows"},
		{"texts as features", File{Path: arrays + "/mixed.npz", Features: "y"}, "features are texts, want numbers"},
		{"type", File{Path: arrays + "/mixed.npz", Labels: "object"}, "object.npy: values of type Python object (pickled; of texts, save y.astype(str))"},
		{"columns", File{Path: writeFeatures(t, "a.svm", "1 1:1\n"), Features: "X"}, `features "X", want the number of columns`},
		{"labels of LIBSVM", File{Path: writeFeatures(t, "a.svm", "1 1:1\n"), Labels: "y"}, `labels "y", want nothing: LIBSVM's text begins each line with the label`},
		{"index of LIBSVM", File{Path: writeFeatures(t, "a.svm", "1 3:1\n"), Features: "2"}, "line 1: index 3, want from 1 to 2"},
	} {
		_, err := Load("", tt.file)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.want)
		}
		var damage *domains.DamagedError
		if tt.name != "no file" && !errors.As(err, &damage) {
			t.Errorf("%s: not marked as damaged: %v", tt.name, err)
		}
	}
}

func FuzzCSVFeatures(f *testing.F) {
	f.Add([]byte("f1,label,f2\n1,cat,2.5\n-3,dog,4e1\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		x, labels, err := parseCSV(data, "")
		if err != nil {
			return
		}
		if n, _ := x.Dims(); n != len(labels) || finiteRows(x) != nil {
			t.Errorf("%d rows, %d labels, %v", n, len(labels), finiteRows(x))
		}
	})
}
