package arrays

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/venn-adapt/venn/internal/hdf5"
)

// What ends an error of a v7.3 file: of one that is sound but not read, and of one that
// contradicts itself.
const (
	advice = "; load it in MATLAB and save it with -v7"
	again  = ": the file is damaged; copy or save it again"
)

// A matFile is a v7.3 file, in which a variable is a dataset or, if sparse, a group. Its
// axes are in reverse order, so that the numbers lie column-major.
type matFile struct {
	*matReader
	file  *hdf5.File
	size  int
	texts map[uint64]*string // by address, what cells hold; nil for what is no text
}

// hierarchy reads all of a v7.3 file.
func (r *matReader) hierarchy(data []byte) error {
	f, err := hdf5.Open(data)
	var variables []hdf5.Link
	if err == nil {
		variables, err = f.Root()
	}
	if err != nil {
		return advised(err)
	}
	m := matFile{r, f, len(data), map[uint64]*string{}}
	for _, v := range variables {
		if strings.HasPrefix(v.Name, "#") { // where cells and objects keep what they hold
			continue
		}
		if err := m.variable(v); err != nil {
			return fmt.Errorf("%q: %w", v.Name, advised(err))
		}
	}
	return nil
}

// advised says what to do about an error.
func advised(err error) error {
	var unsupported *hdf5.UnsupportedError
	if errors.As(err, &unsupported) {
		return fmt.Errorf("%w%s", err, advice)
	}
	return err
}

// variable reads one variable; what holds neither real numbers nor texts is passed over.
func (m *matFile) variable(v hdf5.Link) error {
	o, err := m.file.Object(v.At)
	if err != nil {
		return err
	}
	class, ok := o.Text("MATLAB_class")
	if !ok {
		return errors.New("no attribute MATLAB_class with a text of fixed length, which all of MATLAB's variables have; save arrays of other programs as .npz")
	}
	var a *Array
	switch class {
	case "char":
		a, err = m.characters(o)
	case "cell":
		a, err = m.cells(o)
	case "double", "single", "logical", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64":
		a, err = m.numeric(v.Name, o)
	}
	if err == nil && a != nil {
		m.found[v.Name] = *a
	}
	return err
}

// shape is that of a variable in MATLAB. An empty one has its lengths for numbers.
func (m *matFile) shape(o *hdf5.Object) ([]int, error) {
	if empty, _ := o.Whole("MATLAB_empty"); empty == 0 {
		shape := make([]int, len(o.Shape))
		for k, n := range o.Shape {
			shape[len(shape)-1-k] = n
		}
		return shape, nil
	}
	lengths, err := m.list(o)
	if err != nil {
		return nil, err
	}
	if len(lengths) > 32 {
		return nil, fmt.Errorf("an empty array of %d axes, want at most 32%s", len(lengths), again)
	}
	shape := make([]int, len(lengths))
	none := false
	for k, n := range lengths {
		if !(n >= 0 && n <= 1<<48) {
			return nil, fmt.Errorf("an empty array with an axis of length %v%s", n, again)
		}
		shape[k] = int(n)
		none = none || n == 0
	}
	if !none {
		return nil, fmt.Errorf("an empty array of shape %v%s", shape, again)
	}
	return shape, nil
}

// numeric reads an array of numbers; nil for complex ones.
func (m *matFile) numeric(name string, o *hdf5.Object) (*Array, error) {
	if rows, ok := o.Whole("MATLAB_sparse"); ok {
		return m.sparse(o, rows)
	}
	if o.Type.Kind == hdf5.Compound {
		return nil, nil
	}
	shape, err := m.shape(o)
	if err != nil {
		return nil, err
	}
	if n, err := count(shape); err == nil && n == 0 {
		return &Array{Shape: shape, Data: []float64{}}, nil
	}
	data, err := o.Read()
	if err != nil {
		return nil, err
	}
	if m.bytes != nil && o.Type.Kind == hdf5.Integer && o.Type.Size == 1 && !o.Type.Signed {
		m.bytes[name] = Bytes{shape, data}
		return nil, nil
	}
	number, err := numberOf(data, o.Type)
	if err != nil {
		return nil, err
	}
	return &Array{Shape: shape, Data: rowMajorBy(shape, len(data)/o.Type.Size, number)}, nil
}

// list reads the numbers of a dataset as they lie.
func (m *matFile) list(o *hdf5.Object) ([]float64, error) {
	data, err := o.Read()
	if err != nil {
		return nil, err
	}
	number, err := numberOf(data, o.Type)
	if err != nil {
		return nil, err
	}
	out := make([]float64, len(data)/o.Type.Size)
	for i := range out {
		out[i] = number(i)
	}
	return out, nil
}

// numberOf takes a number out of bytes.
func numberOf(data []byte, t hdf5.Type) (func(i int) float64, error) {
	order := t.ByteOrder()
	switch {
	case t.Kind == hdf5.Float && t.Size == 8:
		return func(i int) float64 { return math.Float64frombits(order.Uint64(data[8*i:])) }, nil
	case t.Kind == hdf5.Float:
		return func(i int) float64 { return float64(math.Float32frombits(order.Uint32(data[4*i:]))) }, nil
	case t.Kind != hdf5.Integer:
	case t.Size == 1 && t.Signed:
		return func(i int) float64 { return float64(int8(data[i])) }, nil
	case t.Size == 1:
		return func(i int) float64 { return float64(data[i]) }, nil
	case t.Size == 2 && t.Signed:
		return func(i int) float64 { return float64(int16(order.Uint16(data[2*i:]))) }, nil
	case t.Size == 2:
		return func(i int) float64 { return float64(order.Uint16(data[2*i:])) }, nil
	case t.Size == 4 && t.Signed:
		return func(i int) float64 { return float64(int32(order.Uint32(data[4*i:]))) }, nil
	case t.Size == 4:
		return func(i int) float64 { return float64(order.Uint32(data[4*i:])) }, nil
	case t.Size == 8 && t.Signed:
		return func(i int) float64 { return float64(int64(order.Uint64(data[8*i:]))) }, nil
	case t.Size == 8:
		return func(i int) float64 { return float64(order.Uint64(data[8*i:])) }, nil
	}
	return nil, &hdf5.UnsupportedError{Text: fmt.Sprintf("elements of %d bytes that are no numbers", t.Size)}
}

// sparse reads a group of the values (data), their rows (ir) and where in the list each
// column begins (jc). Without values the first two are missing.
func (m *matFile) sparse(o *hdf5.Object, rows uint64) (*Array, error) {
	parts, err := o.Links()
	if err != nil {
		return nil, err
	}
	lists := map[string][]float64{}
	stored := 0
	for _, p := range parts {
		if p.Name != "data" && p.Name != "ir" && p.Name != "jc" {
			continue
		}
		part, err := m.file.Object(p.At)
		if err != nil {
			return nil, err
		}
		if p.Name == "data" && part.Type.Kind == hdf5.Compound {
			return nil, nil
		}
		if lists[p.Name], err = m.list(part); err != nil {
			return nil, fmt.Errorf("%s: %w", p.Name, err)
		}
		stored += 8 * len(lists[p.Name])
	}
	if rows > 1<<48 {
		return nil, fmt.Errorf("a sparse matrix of %d rows%s", rows, again)
	}
	shape := []int{int(rows), len(lists["jc"]) - 1}
	n, err := checkSparse(shape, lists["jc"], min(stored, m.size))
	if err != nil {
		return nil, err
	}
	if err := m.file.Reserve(n); err != nil {
		return nil, err
	}
	return fromColumns(shape, lists["ir"], lists["jc"], lists["data"])
}
