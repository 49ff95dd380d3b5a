package arrays

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/mat"
)

// A Matrix is an array as rows, further axes flattened into columns, with its name in the
// file (.npz) and the names of its columns (.csv), where there are any.
type Matrix struct {
	Name    string
	Columns []string
	*mat.Dense
}

// A Fault is a file that cannot be read as matrices: damaged data, not a mistake of the
// program.
type Fault struct {
	Path, Text string
}

func (f *Fault) Error() string { return fmt.Sprintf("%s: %s", f.Path, f.Text) }

// Damaged marks the fault for the exit code of damaged data.
func (*Fault) Damaged() bool { return true }

// ReadMatrices reads all matrices of a .npy, .npz or .csv file, by its ending, those of an archive by
// name; "file.npz:name" takes one of them. It fails on another ending, a file that cannot be opened and
// contents that are not as the ending says or hold no numbers.
func ReadMatrices(path string) ([]Matrix, error) {
	name := ""
	if at := strings.LastIndex(path, ".npz:"); at >= 0 {
		path, name = path[:at+4], path[at+5:]
	}
	ending := strings.ToLower(filepath.Ext(path))
	if !slices.Contains([]string{".npy", ".npz", ".csv"}, ending) {
		return nil, fmt.Errorf("%s: ending %q, want .npy, .npz or .csv", path, ending)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err // it names the file
	}
	var out []Matrix
	switch ending {
	case ".csv":
		var m Matrix
		m, err = parseCSV(strings.NewReader(string(data)))
		out = []Matrix{m}
	case ".npy":
		var a Array
		if a, err = ParseNPY(data); err == nil {
			out, err = matrices(map[string]Array{"": a}, "")
		}
	case ".npz":
		var all map[string]Array
		if all, err = ParseNPZ(data); err == nil {
			out, err = matrices(all, name)
		}
	}
	if err != nil {
		return nil, &Fault{path, err.Error()}
	}
	return out, nil
}

// matrices are the arrays in the order of their names, or the one of that name.
func matrices(all map[string]Array, name string) ([]Matrix, error) {
	names := make([]string, 0, len(all))
	for n := range all {
		names = append(names, n)
	}
	slices.Sort(names)
	var out []Matrix
	for _, n := range names {
		if name != "" && n != name {
			continue
		}
		a := all[n]
		if len(a.Shape) == 0 || len(a.Data) == 0 {
			return nil, fmt.Errorf("array %q of shape %v, want rows of numbers", n, a.Shape)
		}
		out = append(out, Matrix{Name: n, Dense: mat.NewDense(a.Shape[0], len(a.Data)/a.Shape[0], a.Data)})
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("no array %q, want one of %q", name, names)
	}
	return out, nil
}

// parseCSV reads comma-separated numbers; a first line with a field that is no number names the columns.
func parseCSV(in io.Reader) (Matrix, error) {
	r := csv.NewReader(in)
	r.TrimLeadingSpace = true
	var m Matrix
	var values []float64
	rows, width := 0, 0
	for {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Matrix{}, err // it names line and column
		}
		width = len(fields)
		bad := -1
		for j, f := range fields {
			v, err := strconv.ParseFloat(strings.TrimSpace(f), 64)
			if err != nil && bad < 0 {
				bad = j
			}
			values = append(values, v)
		}
		switch {
		case bad >= 0 && rows == 0 && m.Columns == nil:
			m.Columns, values = slices.Clone(fields), nil
			continue
		case bad >= 0:
			line, _ := r.FieldPos(bad)
			return Matrix{}, fmt.Errorf("line %d, column %d: %q, want a number", line, bad+1, fields[bad])
		}
		rows++
	}
	if rows == 0 {
		return Matrix{}, errors.New("no rows of numbers")
	}
	m.Dense = mat.NewDense(rows, width, values)
	return m, nil
}
