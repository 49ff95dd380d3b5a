package domains

import (
	"context"
	"errors"
	"testing"

	"github.com/venn-adapt/venn/internal/option"
)

// A domain is read anew where anything differs that it is made of, of its own side, and after a failure; not for
// another display of how far the reading is.
func TestShelf(t *testing.T) {
	loads, fails := 0, false
	load := func(_ context.Context, r Request) (*Domain, error) {
		if loads++; fails {
			return nil, errors.New("no more")
		}
		x := &Images{Shape: r.Shape, Data: make([]float32, 2*r.Shape.Len())}
		x.Data[0] = float32(loads) / 100
		return &Domain{Train: Split{Images: x}, Test: Split{Images: x}}, nil
	}
	for _, name := range []string{"shelved", "shelved-too"} {
		Datasets.Add(name, Dataset{Name: name, Options: []option.Option{{Name: "shade", Kind: option.Float, Default: 0.5, Max: 1}}, Load: load})
	}
	shape := Shape{Channels: 1, Height: 2, Width: 2}
	usual := func() Request {
		return Request{Side: A, Options: option.Values{"shade": 0.25}, Shape: shape, Seed: 1, DataDir: "data", CacheDir: "cache", Limit: 3, Progress: func(string, int, int) {}}
	}
	var s Shelf
	first, err := s.Load(context.Background(), "shelved", usual())
	if err != nil || loads != 1 || first.Train.Images.Data[0] != 0.01 || first.Lock.Dataset != "shelved" {
		t.Fatalf("%+v, %v after %d loads", first, err, loads)
	}
	if again, err := s.Load(context.Background(), "shelved", usual()); again != first || err != nil || loads != 1 {
		t.Fatalf("the same is read again: %v, %d loads", err, loads)
	}
	for name, change := range map[string]func(*Request){
		"options": func(r *Request) { r.Options["shade"] = 0.75 }, "shape": func(r *Request) { r.Shape.Width = 3 }, "seed": func(r *Request) { r.Seed++ },
		"folder": func(r *Request) { r.DataDir = "other" }, "cache": func(r *Request) { r.CacheDir = "other" }, "limit": func(r *Request) { r.Limit = 4 },
	} {
		r := usual()
		change(&r)
		before := loads
		if d, err := s.Load(context.Background(), "shelved", r); err != nil || d == first || loads != before+1 {
			t.Errorf("%s: not read anew, %v", name, err)
		}
		if first, err = s.Load(context.Background(), "shelved", usual()); err != nil || loads != before+2 {
			t.Errorf("%s: the one before the last is still there, %v", name, err)
		}
	}
	before := loads
	if d, err := s.Load(context.Background(), "shelved-too", usual()); err != nil || d == first || loads != before+1 {
		t.Errorf("another dataset is not read, %v", err)
	}
	other := usual()
	other.Side = B
	for range 2 { // the sides do not drive each other out
		if _, err := s.Load(context.Background(), "shelved", other); err != nil {
			t.Error(err)
		}
		if _, err := s.Load(context.Background(), "shelved-too", usual()); err != nil {
			t.Error(err)
		}
	}
	if loads != before+2 {
		t.Errorf("%d loads, want one more for the other side", loads-before)
	}
	fails = true
	if _, err := s.Load(context.Background(), "shelved", usual()); err == nil {
		t.Error("a failure is lost")
	}
	fails = false
	if d, err := s.Load(context.Background(), "shelved", usual()); err != nil || d == nil {
		t.Errorf("a failure is kept: %v", err)
	}
	other.Side = 2
	if _, err := s.Load(context.Background(), "shelved", other); err == nil {
		t.Error("a third side")
	}
}
