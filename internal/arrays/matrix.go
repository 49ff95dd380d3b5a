package arrays

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
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
		m, err = parseCSV(data)
		out = []Matrix{m}
	case ".npy":
		var a Array
		if a, err = ParseNPY(data); err == nil {
			out = make([]Matrix, 1)
			out[0], err = matrixOf("", a)
		}
	case ".npz":
		var z *NPZ
		if z, err = OpenNPZ(data); err == nil {
			out, err = z.matrices(name)
		}
	}
	if err != nil {
		return nil, &Fault{path, err.Error()}
	}
	return out, nil
}

// matrices are the arrays of rows of numbers in the order of their names, or the one of
// that name. Texts, single numbers and types that no reader takes are passed over unless
// they are asked for by name.
func (z *NPZ) matrices(name string) ([]Matrix, error) {
	names := z.Names()
	if name != "" {
		names = []string{name}
	}
	var out []Matrix
	var last error
	for _, n := range names {
		a, err := z.Read(n)
		var unreadable *UnreadableError
		if err != nil && !errors.As(err, &unreadable) {
			return nil, err
		}
		var m Matrix
		if err == nil {
			m, err = matrixOf(n, a)
		}
		if err != nil {
			last = err
			continue
		}
		out = append(out, m)
	}
	if len(out) == 0 {
		if last != nil {
			return nil, last
		}
		return nil, errors.New("no arrays")
	}
	return out, nil
}

// matrixOf lays an array as rows. It fails on one that holds no rows of numbers.
func matrixOf(name string, a Array) (Matrix, error) {
	if len(a.Shape) == 0 || len(a.Data) == 0 {
		kind := ""
		if a.Text != nil {
			kind = " of texts"
		}
		return Matrix{}, fmt.Errorf("array %q%s of shape %v, want rows of numbers", name, kind, a.Shape)
	}
	return Matrix{Name: name, Dense: mat.NewDense(a.Shape[0], len(a.Data)/a.Shape[0], a.Data)}, nil
}

// parseCSV reads a table of numbers, whose first line may name the columns.
func parseCSV(data []byte) (Matrix, error) {
	t, err := ParseTable(data)
	if err != nil {
		return Matrix{}, err
	}
	headed, err := t.Headed()
	if err != nil {
		return Matrix{}, err
	}
	var m Matrix
	if headed {
		if err := t.DropIndex(); err != nil {
			return Matrix{}, err
		}
		m.Columns, t.Rows, t.Lines = t.Rows[0], t.Rows[1:], t.Lines[1:]
	}
	if len(t.Rows) == 0 {
		return Matrix{}, errors.New("no rows of numbers")
	}
	m.Dense = mat.NewDense(len(t.Rows), len(t.Rows[0]), nil)
	for i, row := range t.Rows {
		for j, field := range row {
			v, err := Number(field)
			if err != nil {
				return Matrix{}, fmt.Errorf("line %d, column %d: %w", t.Lines[i], j+1, err)
			}
			m.Set(i, j, v)
		}
	}
	return m, nil
}
