package domains

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/arrays"
)

// A FeatureFile names ready-made feature vectors with labels.
type FeatureFile struct {
	// Path ends in .mat (MATLAB v5), .npz or .csv, or in .npy, beside which the
	// labels lie in a file of their own.
	Path string
	// Features and Labels are the names of the two arrays of a .mat or .npz file, of
	// shape n x d (or of images, n x ..., which become rows) and n. Of a .csv file
	// with a header line Labels is a column, Features is not used and every other
	// column is one. Of a .npy file Labels is the path of the file with the labels,
	// relative to Path. An empty name of a .mat or .npz file is fts, feas, X or x,
	// and labels, label, Y or y.
	Features, Labels string
}

// FeatureSet is feature vectors, n x d, with their sealed labels.
type FeatureSet struct {
	X     *mat.Dense
	Truth Truth
	File  LockedFile
}

// Names of the arrays, where a spec gives none.
var (
	featureNames = []string{"fts", "feas", "X", "x"}
	labelNames   = []string{"labels", "label", "Y", "y"}
)

// LoadFeatures reads a file below the data folder, or at an absolute path. Classes
// are the distinct labels, in numeric order where all are numbers, else in
// alphabetical order.
//
// It fails on a missing file (MissingError), on one that cannot be read, on arrays
// that are not there (naming those that are), on numbers of labels and rows that
// differ and on values that are not finite (DamagedError).
func LoadFeatures(dataDir string, f FeatureFile) (*FeatureSet, error) {
	path := f.Path
	if !filepath.IsAbs(path) {
		path = filepath.Join(dataDir, path)
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &MissingError{fmt.Errorf("domains: features: %s is missing; put it there, or say with --data where it lies", path)}
	}
	if err != nil {
		return nil, fmt.Errorf("domains: features: %w", err)
	}
	x, labels, err := parseFeatures(path, data, f)
	if err != nil {
		return nil, damaged("domains: features: %s: %w", path, err)
	}
	classes := classNames(labels)
	index := map[string]int{}
	for i, c := range classes {
		index[c] = i
	}
	truth := make([]int, len(labels))
	for i, l := range labels {
		truth[i] = index[l]
	}
	return &FeatureSet{X: x, Truth: NewTruth(truth, classes), File: LockedFile{Name: f.Path, Bytes: int64(len(data)), SHA256: sumOf(data)}}, nil
}

func parseFeatures(path string, data []byte, f FeatureFile) (*mat.Dense, []string, error) {
	var found map[string]arrays.Array
	var err error
	switch ext := strings.ToLower(filepath.Ext(path)); ext {
	case ".csv":
		return parseCSV(data, f.Labels)
	case ".mat":
		found, err = arrays.ParseMAT(data)
	case ".npz":
		found, err = arrays.ParseNPZ(data)
	case ".npy":
		return parsePair(path, data, f.Labels)
	default:
		return nil, nil, fmt.Errorf("a file ending in %q, want .mat, .npz, .npy or .csv", ext)
	}
	if err != nil {
		return nil, nil, err
	}
	x, err := pickArray(found, f.Features, featureNames)
	if err != nil {
		return nil, nil, err
	}
	y, err := pickArray(found, f.Labels, labelNames)
	if err != nil {
		return nil, nil, err
	}
	return join(x, y)
}

// pickArray finds an array by name, or by the first of the usual names.
func pickArray(found map[string]arrays.Array, name string, usual []string) (arrays.Array, error) {
	candidates := usual
	if name != "" {
		candidates = []string{name}
	}
	for _, c := range candidates {
		if a, ok := found[c]; ok {
			return a, nil
		}
	}
	return arrays.Array{}, fmt.Errorf("no array %s; there are %s", strings.Join(candidates, ", "), strings.Join(slices.Sorted(maps.Keys(found)), ", "))
}

// parsePair reads features and, from a second file, their labels.
func parsePair(path string, data []byte, labels string) (*mat.Dense, []string, error) {
	if labels == "" {
		return nil, nil, fmt.Errorf("an .npy file holds features alone; name the file with their labels")
	}
	raw, err := os.ReadFile(filepath.Join(filepath.Dir(path), labels))
	if err != nil {
		return nil, nil, err
	}
	x, err := arrays.ParseNPY(data)
	if err != nil {
		return nil, nil, err
	}
	y, err := arrays.ParseNPY(raw)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", labels, err)
	}
	return join(x, y)
}

// join checks an array of features against one of labels.
func join(x, y arrays.Array) (*mat.Dense, []string, error) {
	if len(x.Shape) < 2 || x.Shape[0] == 0 || len(x.Data) == 0 {
		return nil, nil, fmt.Errorf("features of shape %v, want n x d", x.Shape)
	}
	n := x.Shape[0]
	if len(y.Data) != n {
		return nil, nil, fmt.Errorf("%d labels for %d rows of features (samples are rows: shape %v)", len(y.Data), n, x.Shape)
	}
	labels := make([]string, n)
	for i, v := range y.Data {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, nil, fmt.Errorf("label %d is %v", i, v)
		}
		labels[i] = strconv.FormatFloat(v, 'g', -1, 64)
	}
	m := mat.NewDense(n, len(x.Data)/n, x.Data)
	return m, labels, finiteRows(m)
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

// parseCSV reads a header line and rows of numbers with a label each.
func parseCSV(data []byte, label string) (*mat.Dense, []string, error) {
	r := csv.NewReader(bytes.NewReader(data))
	r.ReuseRecord = false
	records, err := r.ReadAll()
	if err != nil {
		return nil, nil, err
	}
	if len(records) < 2 || len(records[0]) < 2 {
		return nil, nil, fmt.Errorf("%d lines, want a header line with a column of labels and at least one of features, and rows", len(records))
	}
	names := labelNames
	if label != "" {
		names = []string{label}
	}
	at := slices.IndexFunc(records[0], func(column string) bool { return slices.Contains(names, column) })
	if at < 0 {
		return nil, nil, fmt.Errorf("no column %s in the header %s", strings.Join(names, ", "), strings.Join(records[0], ","))
	}
	d := len(records[0]) - 1
	m := mat.NewDense(len(records)-1, d, nil)
	labels := make([]string, len(records)-1)
	for i, record := range records[1:] {
		row, k := m.RawRowView(i), 0
		for j, word := range record {
			if j == at {
				labels[i] = strings.TrimSpace(word)
				continue
			}
			v, err := strconv.ParseFloat(strings.TrimSpace(word), 64)
			if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, nil, fmt.Errorf("line %d, column %q: %q, want a finite number", i+2, records[0][j], word)
			}
			row[k] = v
			k++
		}
		if labels[i] == "" {
			return nil, nil, fmt.Errorf("line %d: no label", i+2)
		}
	}
	return m, labels, nil
}

// classNames lists the distinct labels, numbers by size.
func classNames(labels []string) []string {
	distinct := map[string]bool{}
	for _, l := range labels {
		distinct[l] = true
	}
	names := slices.Sorted(maps.Keys(distinct))
	values := make(map[string]float64, len(names))
	for _, n := range names {
		v, err := strconv.ParseFloat(n, 64)
		if err != nil {
			return names
		}
		values[n] = v
	}
	sort.SliceStable(names, func(i, j int) bool { return values[names[i]] < values[names[j]] })
	return names
}
