// Package arrays reads matrices of numbers from other people's files: NumPy's .npy and .npz, and .csv.
//
// The first axis is rows; further axes are flattened into columns. Every fault names the file, the
// array or line, what was found and what was expected.
package arrays

import (
	"archive/zip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/mat"
)

// An Array is a matrix with its name in the file (.npz) and the names of its columns (.csv), where there are any.
type Array struct {
	Name    string
	Columns []string
	*mat.Dense
}

// A Fault is a file that cannot be read as arrays: damaged data, not a mistake of the program.
type Fault struct {
	Path, Text string
}

func (f *Fault) Error() string { return fmt.Sprintf("%s: %s", f.Path, f.Text) }

// Damaged marks the fault for the exit code of damaged data.
func (*Fault) Damaged() bool { return true }

// mostValues is the largest array that is read: 4 GiB of numbers.
const mostValues = 1 << 29

// Read reads all arrays of a file, by its ending. "file.npz:name" takes one array of an archive. It fails on an ending that is
// not known, a file that is not there, and contents that are not as the ending says.
func Read(path string) ([]Array, error) {
	name := ""
	if at := strings.LastIndex(path, ".npz:"); at >= 0 {
		path, name = path[:at+4], path[at+5:]
	}
	var out []Array
	var err error
	switch ending := strings.ToLower(filepath.Ext(path)); ending {
	case ".npy", ".csv":
		var f *os.File
		if f, err = os.Open(path); err != nil {
			break
		}
		defer f.Close()
		read := readNPY
		if ending == ".csv" {
			read = readCSV
		}
		var a Array
		if a, err = read(f); err == nil {
			out = []Array{a}
		}
	case ".npz":
		out, err = readArchive(path, name)
	default:
		return nil, fmt.Errorf("%s: ending %q, want .npy, .npz or .csv", path, ending)
	}
	var missing *fs.PathError
	switch {
	case errors.As(err, &missing):
		return nil, err // it names the file
	case err != nil:
		return nil, &Fault{path, err.Error()}
	}
	return out, nil
}

// readArchive reads the arrays of a .npz file in the order of the archive, or the one of that name.
func readArchive(path, name string) ([]Array, error) {
	z, err := zip.OpenReader(path)
	if err != nil {
		return nil, err
	}
	defer z.Close()
	var out []Array
	var names []string
	for _, member := range z.File {
		this := strings.TrimSuffix(member.Name, ".npy")
		names = append(names, this)
		if name != "" && this != name {
			continue
		}
		r, err := member.Open()
		if err != nil {
			return nil, fmt.Errorf("array %s: %w", this, err)
		}
		a, err := readNPY(r)
		if err = errors.Join(err, r.Close()); err != nil {
			return nil, fmt.Errorf("array %s: %w", this, err)
		}
		a.Name = this
		out = append(out, a)
	}
	if len(out) == 0 {
		if name != "" {
			return nil, fmt.Errorf("no array %q, want one of %s", name, strings.Join(names, ", "))
		}
		return nil, errors.New("an archive without arrays")
	}
	return out, nil
}

// readCSV reads comma-separated numbers; a first line with a field that is no number names the columns.
func readCSV(in io.Reader) (Array, error) {
	r := csv.NewReader(in)
	r.TrimLeadingSpace = true
	var a Array
	var values []float64
	rows, width := 0, 0
	for {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Array{}, err // it names line and column
		}
		line, _ := r.FieldPos(0)
		width = len(fields)
		numbers := make([]float64, width)
		bad := -1
		for j, f := range fields {
			if numbers[j], err = strconv.ParseFloat(strings.TrimSpace(f), 64); err != nil && bad < 0 {
				bad = j
			}
		}
		switch {
		case bad >= 0 && rows == 0 && a.Columns == nil:
			a.Columns = append([]string{}, fields...)
			continue
		case bad >= 0:
			return Array{}, fmt.Errorf("line %d, column %d: %q, want a number", line, bad+1, fields[bad])
		}
		if values = append(values, numbers...); len(values) > mostValues {
			return Array{}, fmt.Errorf("more than %d values", mostValues)
		}
		rows++
	}
	if rows == 0 {
		return Array{}, errors.New("no rows of numbers")
	}
	a.Dense = mat.NewDense(rows, width, values)
	return a, nil
}
