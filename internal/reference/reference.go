// Package reference reads the tests' reference values: named data sets and the
// measures that a separate program computed from them.
package reference

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// A Book is a file of reference values.
type Book struct {
	t        testing.TB
	datasets map[string]struct {
		Data  json.RawMessage
		Shape []int
	}
	measures map[string]measure
}

type measure struct {
	ID       string
	Expected any
	Tol      float64
}

// Open reads the file at path; a test without its reference values fails.
func Open(t testing.TB, path string) *Book {
	t.Helper()
	var file struct {
		Datasets map[string]struct {
			Data  json.RawMessage
			Shape []int
		}
		Measures []measure
	}
	data, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(data, &file)
	}
	if err != nil {
		t.Fatal(err)
	}
	b := &Book{t: t, datasets: file.Datasets, measures: map[string]measure{}}
	for _, m := range file.Measures {
		b.measures[m.ID] = m
	}
	return b
}

// Metrics opens the values of the metrics, of which each of their packages tests a part.
func Metrics(t testing.TB) *Book {
	t.Helper()
	return Open(t, "../testdata/reference.json")
}

// Must returns a function that ends the test on an error.
func Must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// Matrix is a data set as n x d; a flat list is one column.
func (b *Book) Matrix(name string) *mat.Dense {
	b.t.Helper()
	set := b.datasets[name]
	var flat []float64
	if len(set.Shape) == 1 {
		b.decode(name, set.Data, &flat)
		return mat.NewDense(len(flat), 1, flat)
	}
	var rows [][]float64
	b.decode(name, set.Data, &rows)
	for _, r := range rows {
		flat = append(flat, r...)
	}
	return mat.NewDense(len(rows), len(rows[0]), flat)
}

// Floats is a flat data set.
func (b *Book) Floats(name string) []float64 { return b.Matrix(name).RawMatrix().Data }

// Ints is a data set of whole numbers, rows joined.
func (b *Book) Ints(name string) []int {
	var out []int
	for _, v := range b.Floats(name) {
		out = append(out, int(v))
	}
	return out
}

func (b *Book) decode(name string, data json.RawMessage, to any) {
	b.t.Helper()
	if err := json.Unmarshal(data, to); err != nil {
		b.t.Fatalf("data set %s: %v", name, err)
	}
}

// Check compares got with the measure's expected value, or with the named part
// of it ("" for the whole), within the measure's tolerance.
func (b *Book) Check(id, part string, got ...float64) {
	b.t.Helper()
	m, ok := b.measures[id]
	if !ok {
		b.t.Fatalf("no measure %s", id)
	}
	want := m.Expected
	if part != "" {
		want = want.(map[string]any)[part]
	}
	list := flatten(want)
	if len(list) != len(got) {
		b.t.Fatalf("%s %s: %d values, want %d", id, part, len(got), len(list))
	}
	for i, w := range list {
		if math.IsNaN(got[i]) || math.Abs(got[i]-w) > m.Tol*math.Max(1, math.Abs(w)) {
			b.t.Errorf("%s %s[%d]: %.17g, want %.17g (difference %.2g, tolerance %.2g)", id, part, i, got[i], w, got[i]-w, m.Tol)
		}
	}
}

// Value is the expected number of a measure or of the named part.
func (b *Book) Value(id, part string) float64 {
	want := b.measures[id].Expected
	if part != "" {
		want = want.(map[string]any)[part]
	}
	return want.(float64)
}

func flatten(v any) []float64 {
	switch v := v.(type) {
	case float64:
		return []float64{v}
	case []any:
		var out []float64
		for _, e := range v {
			out = append(out, flatten(e)...)
		}
		return out
	}
	return nil
}
