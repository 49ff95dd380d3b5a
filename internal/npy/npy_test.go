package npy

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.npy")
	want := []float32{1, -2.5, 3e-9, 4, 5, 6}
	for _, shape := range [][]int{{6}, {2, 3}, {1, 2, 3, 1}} {
		if err := Write(path, shape, want); err != nil {
			t.Fatal(err)
		}
		gotShape, got, err := Read(path)
		if err != nil || !slices.Equal(gotShape, shape) || !slices.Equal(got, want) {
			t.Errorf("shape %v: got %v %v, %v", shape, gotShape, got, err)
		}
	}
	raw, _ := os.ReadFile(path)
	if len(raw)%64 != 24 { // 6 values after a header that ends on a multiple of 64
		t.Errorf("%d bytes: the header is not padded to 64", len(raw))
	}
	if err := os.WriteFile(path, raw[:len(raw)-3], 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Read(path); err == nil {
		t.Error("a truncated file was read")
	}
	if err := Write(path, []int{4}, want); err == nil {
		t.Error("six values were written with shape (4)")
	}
}
