package domains

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
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
	f, err := LoadFeatures("", FeatureFile{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	if n, d := f.X.Dims(); n != 3 || d != 2 || f.X.At(1, 1) != 40 || !slices.Equal(f.Truth.Classes(), []string{"cat", "dog"}) || !slices.Equal(f.Truth.Reveal(), []int{0, 1, 0}) {
		t.Errorf("%d x %d, %v, %v", n, d, f.Truth.Classes(), f.Truth.Reveal())
	}
	numbers := writeFeatures(t, "b.csv", "y,f\n10,0\n9,1\n10,2\n")
	if f, err = LoadFeatures("", FeatureFile{Path: numbers}); err != nil || !slices.Equal(f.Truth.Classes(), []string{"9", "10"}) {
		t.Errorf("classes %v, %v: numbers are ordered as numbers", f.Truth.Classes(), err)
	}
}

// The arrays that NumPy and SciPy wrote for internal/arrays.
func TestFeaturesOfOtherPrograms(t *testing.T) {
	dir, err := filepath.Abs("../internal/arrays/testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"plain.mat", "packed.mat", "plain.npz", "packed.npz"} {
		f, err := LoadFeatures(dir, FeatureFile{Path: name})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if n, d := f.X.Dims(); n != 2 || d != 3 || f.X.At(1, 2) != 250 || !slices.Equal(f.Truth.Classes(), []string{"1", "10"}) || len(f.File.SHA256) != 64 {
			t.Errorf("%s: %d x %d, %v", name, n, d, f.Truth.Classes())
		}
	}
}

func TestFeaturesRefuse(t *testing.T) {
	arrays, err := filepath.Abs("../internal/arrays/testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		file FeatureFile
		want string
	}{
		{"no file", FeatureFile{Path: "/nowhere/a.mat"}, "/nowhere/a.mat is missing"},
		{"ending", FeatureFile{Path: writeFeatures(t, "a.txt", "1")}, `a file ending in ".txt", want .mat, .npz, .npy or .csv`},
		{"array", FeatureFile{Path: arrays + "/plain.mat", Features: "feas"}, "no array feas; there are fts, labels"},
		{"labels", FeatureFile{Path: arrays + "/plain.npz", Labels: "X"}, "6 labels for 2 rows of features"},
		{"npy alone", FeatureFile{Path: arrays + "/c-f8.npy"}, "an .npy file holds features alone"},
		{"header", FeatureFile{Path: writeFeatures(t, "a.csv", "a,b\n1,2\n")}, "no column labels, label, Y, y in the header a,b"},
		{"word", FeatureFile{Path: writeFeatures(t, "a.csv", "a,y\n1,2\nx,3\n")}, `line 3, column "a": "x", want a finite number`},
		{"NaN", FeatureFile{Path: writeFeatures(t, "a.csv", "a,y\nNaN,2\n")}, `line 2, column "a": "NaN", want a finite number`},
		{"no label", FeatureFile{Path: writeFeatures(t, "a.csv", "a,y\n1,\n")}, "line 2: no label"},
		{"short line", FeatureFile{Path: writeFeatures(t, "a.csv", "a,y\n1\n")}, "wrong number of fields"},
		{"no rows", FeatureFile{Path: writeFeatures(t, "a.csv", "a,y\n")}, "1 lines, want a header line"},
	} {
		_, err := LoadFeatures("", tt.file)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.want)
		}
		var damage *DamagedError
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
