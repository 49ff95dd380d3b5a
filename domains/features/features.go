package features

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/arrays"
)

// A File names ready-made feature vectors with labels.
type File struct {
	// Path ends in .mat (MATLAB v5 or v7.3), .npz or .csv, in .libsvm, .svmlight, .svm or .txt
	// (LIBSVM's text), or in .npy, beside which the labels lie in a file of their own.
	Path string
	// Features and Labels are the names of the two arrays of a .mat or .npz file, of
	// shape n x d (or of images, n x ..., which become rows) and n; no other array is
	// looked at. Labels are numbers or texts. Of a .csv file with a header line Labels is
	// a column, Features is not used and every other column is one, but for a first one
	// without a name that counts the rows. Of a .npy file Labels is the path of the file
	// with the labels, relative to Path. Of LIBSVM's text Features is the number of
	// columns, by default the highest index. An empty name of a .mat or .npz file is fts,
	// feas, X or x, and labels, label, Y or y.
	Features, Labels string
}

// A Set is feature vectors, n x d, with their sealed labels.
type Set struct {
	X     *mat.Dense
	Truth domains.Truth
	Files []domains.LockedFile // the features, then the labels where they have a file of their own
}

// Checksum is the SHA-256 of the file, or, of two, that of both of theirs in hexadecimal.
func (s *Set) Checksum() string {
	if len(s.Files) == 1 {
		return s.Files[0].SHA256
	}
	return domains.SHA256Of([]byte(s.Files[0].SHA256 + s.Files[1].SHA256))
}

// Names of the arrays, where a spec gives none.
var (
	featureNames = []string{"fts", "feas", "X", "x"}
	labelNames   = []string{"labels", "label", "Y", "y"}
)

// Load reads a file below the data folder, or at an absolute path. Classes
// are the distinct labels, in numeric order where all are numbers, else in
// alphabetical order.
//
// It fails on a missing file (MissingError), on one that cannot be read, on arrays
// that are not there (naming those that are), on numbers of labels and rows that
// differ and on values that are not finite (DamagedError).
func Load(dataDir string, f File) (*Set, error) {
	path := f.Path
	if !filepath.IsAbs(path) {
		if err := domains.NeedDataDir(dataDir, "features"); err != nil {
			return nil, err
		}
		path = filepath.Join(dataDir, path)
	}
	s := &Set{}
	data, err := s.read(path, f.Path)
	if err != nil {
		return nil, err
	}
	var beside []byte
	if hasPair(path) && f.Labels != "" {
		if beside, err = s.read(filepath.Join(filepath.Dir(path), f.Labels), filepath.Join(filepath.Dir(f.Path), f.Labels)); err != nil {
			return nil, err
		}
	}
	x, labels, err := parseFeatures(path, data, beside, f)
	if err != nil {
		return nil, domains.Damaged("domains: features: %s: %w", path, err)
	}
	labels = plainNumbers(labels)
	classes := classNames(labels)
	index := map[string]int{}
	for i, c := range classes {
		index[c] = i
	}
	truth := make([]int, len(labels))
	for i, l := range labels {
		truth[i] = index[l]
	}
	s.X, s.Truth = x, domains.NewTruth(truth, classes)
	return s, nil
}

// hasPair says whether labels lie in a file beside that of the features.
func hasPair(path string) bool { return strings.EqualFold(filepath.Ext(path), ".npy") }

// read reads a file of the set and locks it.
func (s *Set) read(path, name string) ([]byte, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &domains.MissingError{Err: fmt.Errorf("domains: features: %s is missing; put it there, or say with --data where it lies", path)}
	}
	if err != nil {
		return nil, fmt.Errorf("domains: features: %w", err)
	}
	s.Files = append(s.Files, domains.LockedFile{Name: name, Bytes: int64(len(data)), SHA256: domains.SHA256Of(data)})
	return data, nil
}

func parseFeatures(path string, data, beside []byte, f File) (*mat.Dense, []string, error) {
	var names []string
	var leftOut string // what an archive may hold besides
	var read func(name string) (arrays.Array, error)
	switch ext := strings.ToLower(filepath.Ext(path)); ext {
	case ".csv":
		return parseCSV(data, f.Labels)
	case ".libsvm", ".svmlight", ".svm", ".txt":
		return parseLIBSVM(data, f)
	case ".npy":
		return parsePair(data, beside, f.Labels)
	case ".mat":
		found, err := arrays.ParseMAT(data)
		if err != nil {
			return nil, nil, err
		}
		names = slices.Sorted(maps.Keys(found))
		leftOut = " (of MATLAB's strings, categoricals, tables, structures and complex numbers none is read: save cellstr(labels), double(x))"
		read = func(name string) (arrays.Array, error) { return found[name], nil }
	case ".npz":
		archive, err := arrays.OpenNPZ(data)
		if err != nil {
			return nil, nil, err
		}
		names, read = archive.Names(), archive.Read
	default:
		return nil, nil, fmt.Errorf("a file ending in %q, want .mat, .npz, .npy, .csv or, of LIBSVM's text, .libsvm, .svmlight, .svm or .txt", ext)
	}
	var both [2]arrays.Array
	for i, wanted := range []struct {
		name  string
		usual []string
	}{{f.Features, featureNames}, {f.Labels, labelNames}} {
		name, err := pickArray(names, wanted.name, wanted.usual)
		if err != nil {
			return nil, nil, fmt.Errorf("%w%s", err, leftOut)
		}
		if both[i], err = read(name); err != nil {
			return nil, nil, err
		}
	}
	return join(both[0], both[1])
}

// pickArray finds an array by name, or by the first of the usual names.
func pickArray(there []string, name string, usual []string) (string, error) {
	candidates := usual
	if name != "" {
		candidates = []string{name}
	}
	for _, c := range candidates {
		if slices.Contains(there, c) {
			return c, nil
		}
	}
	return "", fmt.Errorf("no array %s; there are %s", strings.Join(candidates, ", "), strings.Join(there, ", "))
}

// parseLIBSVM reads LIBSVM's text with as many columns as Features says, if it does.
func parseLIBSVM(data []byte, f File) (*mat.Dense, []string, error) {
	columns := 0
	if f.Features != "" {
		var err error
		if columns, err = strconv.Atoi(f.Features); err != nil || columns < 1 {
			return nil, nil, fmt.Errorf("features %.40q, want the number of columns of LIBSVM's text, or nothing", f.Features)
		}
	}
	if f.Labels != "" {
		return nil, nil, fmt.Errorf("labels %.40q, want nothing: LIBSVM's text begins each line with the label", f.Labels)
	}
	x, labels, err := arrays.ParseLIBSVM(data, columns)
	if err != nil {
		return nil, nil, err
	}
	return mat.NewDense(x.Shape[0], x.Shape[1], x.Data), labels, nil
}

// parsePair reads features and, from the file beside them, their labels.
func parsePair(data, beside []byte, labels string) (*mat.Dense, []string, error) {
	if labels == "" {
		return nil, nil, fmt.Errorf("an .npy file holds features alone; name the file with their labels")
	}
	x, err := arrays.ParseNPY(data)
	if err != nil {
		return nil, nil, err
	}
	y, err := arrays.ParseNPY(beside)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", labels, err)
	}
	return join(x, y)
}

// join checks an array of features against one of labels.
func join(x, y arrays.Array) (*mat.Dense, []string, error) {
	if x.Text != nil {
		return nil, nil, fmt.Errorf("features are texts, want numbers")
	}
	if len(x.Shape) < 2 || len(x.Data) == 0 {
		return nil, nil, fmt.Errorf("features of shape %v, want n x d", x.Shape)
	}
	n := x.Shape[0]
	labels := slices.Clone(y.Text)
	for i, v := range y.Data {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, nil, fmt.Errorf("label %d is %v", i, v)
		}
		labels = append(labels, strconv.FormatFloat(v, 'g', -1, 64))
	}
	if len(labels) != n {
		if oneHot(y, n) {
			return nil, nil, fmt.Errorf("labels of shape %v are one-hot, a column a class; want one class a row, as y.argmax(axis=1) gives", y.Shape)
		}
		return nil, nil, fmt.Errorf("%d labels for %d rows of features (samples are rows: shape %v)", len(labels), n, x.Shape)
	}
	if i := slices.IndexFunc(labels, func(l string) bool { return strings.TrimSpace(l) == "" }); i >= 0 {
		return nil, nil, fmt.Errorf("label %d is empty", i)
	}
	m := mat.NewDense(n, len(x.Data)/n, x.Data)
	return m, labels, finiteRows(m)
}

// oneHot says whether every row of an n x k array holds one 1 and else 0.
func oneHot(y arrays.Array, n int) bool {
	if len(y.Shape) != 2 || y.Shape[0] != n || y.Text != nil {
		return false
	}
	for i := range n {
		ones := 0
		for _, v := range y.Data[i*y.Shape[1] : (i+1)*y.Shape[1]] {
			if v != 0 && v != 1 {
				return false
			}
			ones += int(v)
		}
		if ones != 1 {
			return false
		}
	}
	return true
}

func finiteRows(m *mat.Dense) error {
	n, _ := m.Dims()
	for i := range n {
		for j, v := range m.RawRowView(i) {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("row %d, column %d is %v, want a finite number", i, j, v)
			}
		}
	}
	return nil
}
