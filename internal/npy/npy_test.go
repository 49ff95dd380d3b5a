package npy

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/sbinet/npyio/npz"
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

// Archives are read back by the library that others use, and twice the same bytes.
func TestArchive(t *testing.T) {
	dir := t.TempDir()
	arrays := []Array{{Name: "codes", Shape: []int{2, 3}, Data: []float32{1, 2, 3, 4, 5, 6}}, {Name: "names", Texts: []string{"a.png", "größer.png"}},
		{Name: "wide", Shape: []int{3, 1}, Wide: []float64{0.1, -1, 1e300}}}
	var raw [2][]byte
	for i := range raw {
		path := filepath.Join(dir, "x.npz")
		if err := WriteArchive(path, arrays...); err != nil {
			t.Fatal(err)
		}
		raw[i], _ = os.ReadFile(path)
	}
	if !slices.Equal(raw[0], raw[1]) {
		t.Error("two archives of the same arrays differ")
	}
	z, err := npz.Open(filepath.Join(dir, "x.npz"))
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	var codes []float32
	if err := z.Read("codes.npy", &codes); err != nil || !slices.Equal(codes, arrays[0].Data) || !slices.Equal(z.Header("codes.npy").Descr.Shape, []int{2, 3}) {
		t.Errorf("codes %v, %v", codes, err)
	}
	var wide []float64
	if err := z.Read("wide.npy", &wide); err != nil || !slices.Equal(wide, arrays[2].Wide) || !slices.Equal(z.Header("wide.npy").Descr.Shape, []int{3, 1}) {
		t.Errorf("wide %v, %v", wide, err)
	}
	if d := z.Header("names.npy").Descr; d.Type != "<U10" || !slices.Equal(d.Shape, []int{2}) {
		t.Errorf("names are %+v", d)
	}
	// A text is padded with zeros: 10 runes of 4 bytes each, the second begins at 40.
	f, err := z.Open("names.npy")
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(f)
	if err != nil || len(text) < 80 {
		t.Fatalf("%d bytes, %v", len(text), err)
	}
	text = text[len(text)-80:]
	if text[0] != 'a' || text[5*4] != 0 || text[40] != 'g' || text[40+2*4] != 0xf6 {
		t.Errorf("names hold % x", text)
	}
	for name, bad := range map[string]Array{
		"one value of two":      {Shape: []int{2}, Data: []float32{1}},
		"two values of one":     {Shape: []int{1}, Wide: []float64{1, 2}},
		"values of either kind": {Shape: []int{2}, Data: []float32{1}, Wide: []float64{1}},
	} {
		if err := WriteArchive(filepath.Join(dir, "y.npz"), bad); err == nil {
			t.Errorf("%s was written", name)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "y.npz")); err == nil {
		t.Error("a failed archive was left")
	}
}
