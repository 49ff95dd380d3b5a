package domains

import (
	"slices"
	"testing"

	"github.com/venn-adapt/venn/internal/stream"
)

// Mirroring twice is no mirroring, about half of the images are, and no other batch
// is touched.
func TestMirrorSome(t *testing.T) {
	im := &Images{Shape: Shape{2, 3, 4}, Data: make([]float32, 1000*24)}
	for i := range im.Data {
		im.Data[i] = float32(i)
	}
	before := slices.Clone(im.Data)
	im.MirrorSome(stream.New(3, "mirror"))
	changed := 0
	for i := range im.Len() {
		if im.At(i)[0] != before[i*24] {
			changed++
			if got := im.At(i)[:4]; !slices.Equal(got, []float32{before[i*24+3], before[i*24+2], before[i*24+1], before[i*24]}) {
				t.Fatalf("image %d begins %v", i, got)
			}
		}
	}
	if changed < 430 || changed > 570 { // more than four standard deviations
		t.Errorf("%d of 1000 mirrored", changed)
	}
	im.MirrorSome(stream.New(3, "mirror"))
	if !slices.Equal(im.Data, before) {
		t.Error("mirrored twice is not the image")
	}
}

// A set of bytes answers as a set of float32 does.
func TestImagesOfBytes(t *testing.T) {
	bytes := &Images{Shape: Shape{1, 2, 2}, bytes: []byte{0, 255, 128, 1, 7, 8, 9, 10, 200, 201, 202, 203}}
	floats := &Images{Shape: bytes.Shape}
	for _, v := range bytes.bytes {
		floats.Data = append(floats.Data, float32(float64(v)/127.5-1))
	}
	if bytes.Len() != 3 || !slices.Equal(bytes.At(1), floats.At(1)) || !slices.Equal(bytes.Take([]int{2, 0}).Data, floats.Take([]int{2, 0}).Data) ||
		!slices.Equal(bytes.Range(1, 3).Data, floats.Range(1, 3).Data) {
		t.Error("bytes and floats differ")
	}
	if floats.Data[0] != -1 || floats.Data[1] != 1 {
		t.Errorf("0 and 255 stand for %v and %v", floats.Data[0], floats.Data[1])
	}
}

// A training step takes 2 x 32 images; the step itself takes a hundred times as long.
func BenchmarkTakeBytes(b *testing.B) {
	shape := Shape{3, 64, 64}
	im := &Images{Shape: shape, Mirror: true, bytes: make([]byte, 512*shape.Len())}
	indices := stream.Permutation(stream.New(0, "bench"), 512)[:64]
	b.SetBytes(int64(64 * shape.Len()))
	for b.Loop() {
		im.Take(indices).MirrorSome(stream.New(0, "bench"))
	}
}
