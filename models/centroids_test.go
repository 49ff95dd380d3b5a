package models

import (
	"math"
	"slices"
	"testing"
)

// The example of the specification, whose labels it states after both rounds.
func TestCentroidLabels(t *testing.T) {
	f, z := NewBlock(Features, 4, 3, 1), NewBlock("", 4, 3, 1)
	for i := range 4 {
		for j := range 3 {
			f.Row(i)[j] = float32(math.Cos(0.4 + 0.9*float64(i) - 0.6*float64(j)))
			z.Row(i)[j] = float32(2 * math.Cos(0.2+1.7*float64(i)+0.8*float64(j)))
		}
	}
	if got, _ := CentroidLabels(f, z); !slices.Equal(got, []int{0, 0, 2, 2}) {
		t.Errorf("labels %v, want [0 0 2 2]", got)
	}
}

// Separated blobs get the class that most of each are given by the logits; one class, or none
// of an image, is no harm; the 1 beside the features has labels depend on their scale.
func TestCentroidLabelsOfBlobs(t *testing.T) {
	const n, classes = 30, 4 // of the last there is none
	f, z := NewBlock(Features, n, 3, 1), NewBlock("", n, classes, 1)
	var want []int
	for i := range n {
		k := i % 3
		want = append(want, k)
		f.Row(i)[k] = 5 + 0.1*float32(i%7)
		z.Row(i)[k] = 2
		if i < 3 { // said wrongly
			z.Row(i)[k], z.Row(i)[(k+1)%3] = 0, 2
		}
		z.Row(i)[3] = -9
	}
	if got, _ := CentroidLabels(f, z); !slices.Equal(got, want) {
		t.Errorf("labels %v, want %v", got, want)
	}
	// Two images along one direction differ by their scale alone, and by it against the 1.
	line, sure := NewBlock(Features, 4, 1, 1), NewBlock("", 4, 2, 1)
	for i, v := range []float32{0.1, 0.2, 3, 4} {
		line.Row(i)[0] = v
		sure.Row(i)[i/2] = 9
	}
	if got, _ := CentroidLabels(line, sure); !slices.Equal(got, []int{0, 0, 1, 1}) {
		t.Errorf("labels by scale %v, want [0 0 1 1]", got)
	}
}

// Margins of images on the axes and between them, by hand: with unit features and the 1 beside
// them, the centroid of a class on an axis is (1, 0, 1)/√2.
func TestCentroidMargins(t *testing.T) {
	f, z := NewBlock(Features, 4, 2, 1), NewBlock("", 4, 2, 1)
	copy(f.Data, []float32{1, 0, 1, 0, 0, 1, 0, 1})
	copy(z.Data, []float32{9, -9, 9, -9, -9, 9, -9, 9})
	labels, margins := CentroidLabels(f, z)
	for i, m := range margins { // (1, 0, 1)·(1, 0, 1)/2 − (1, 0, 1)·(0, 1, 1)/2
		if labels[i] != i/2 || !(math.Abs(m-0.5) <= 1e-6) {
			t.Errorf("image %d: class %d by %v, want %d by 0.5", i, labels[i], m, i/2)
		}
	}
	copy(z.Data, []float32{9, -9, 9, -9, 9, -9, 9, -9})
	for i := range z.N {
		z.Row(i)[1] = -1e30 // no weight at all: the class has no centroid
	}
	labels, margins = CentroidLabels(f, z)
	for i, m := range margins { // the only centroid is (1, 1, 2)/√6: (1, 0, 1)/√2 is at 3/√12
		if want := 1 + 3/math.Sqrt(12); labels[i] != 0 || !(math.Abs(m-want) <= 1e-6) {
			t.Errorf("of one class, image %d: class %d by %v, want 0 by %v", i, labels[i], m, want)
		}
	}
}
