package didd

import (
	"maps"
	"math"
	"slices"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
)

// A model with a region of images of 16 pixels in three channels.
func withRegion(t *testing.T, changes option.Values) *Model {
	t.Helper()
	return newModel(t, 16, with(option.Values{"base": 4, "separate": 2, "cycle.swap": 0.1, "swap.kept": 1.0, "loss.alone": 0.1, "region.alone": 0.25, "region.mean": 0.5, "region.variance": 0.7, "region.margin": 0}, changes))
}

// Moments are those of all images of a domain together, however they came in batches.
func TestMomentsOfARegion(t *testing.T) {
	const batches, n = 5, 3
	m := withRegion(t, nil)
	size := m.shape.Len()
	var all [2][]float32
	for i := range batches {
		a, b := noise(16, n, "a"+string(rune('0'+i))), smooth(n, uint64(i))
		all[0], all[1] = append(all[0], a.Data...), append(all[1], b.Data...)
		m.region.follow(slices.Concat(a.Data, b.Data))
	}
	if got := m.region.steps.Data[0]; got != batches {
		t.Errorf("%v steps, want %d", got, batches)
	}
	for side, of := range m.region.moments {
		for i := range size {
			var sum, squares float64
			for k := range batches * n {
				v := float64(all[side][k*size+i])
				sum, squares = sum+v, squares+v*v
			}
			mean := sum / (batches * n)
			variance := squares/(batches*n) - mean*mean
			if got := float64(of.mean.Data[i]); !(math.Abs(got-mean) <= 1e-6) {
				t.Fatalf("side %d, value %d: mean %v, want %v", side, i, got, mean)
			}
			if got := float64(of.variance.Data[i]); !(math.Abs(got-variance) <= 1e-6) {
				t.Fatalf("side %d, value %d: variance %v, want %v", side, i, got, variance)
			}
		}
	}
}

// One value in one channel differs, by its mean or by its variance, a little more than it may or a little less: the
// region is its pixel, and its margin up to the image's edge.
func TestFindsARegion(t *testing.T) {
	base := option.Values{}
	for _, tt := range []struct {
		name         string
		changes      option.Values
		channel      int
		y, x         int
		mean         [2]float32
		variance     [2]float32
		want         bool
		above, left  int // of the margin, within the image
		below, right int
	}{
		{"means differ by more than half of the deviation", base, 0, 3, 5, [2]float32{0.2, -0.06}, [2]float32{0.25, 0.25}, true, 0, 0, 0, 0},
		{"the other way", base, 2, 3, 5, [2]float32{-0.06, 0.2}, [2]float32{0.25, 0.25}, true, 0, 0, 0, 0},
		{"by less", base, 0, 3, 5, [2]float32{0.2, -0.04}, [2]float32{0.25, 0.25}, false, 0, 0, 0, 0},
		{"by less than half of the larger deviation of both", base, 0, 3, 5, [2]float32{0.2, -0.06}, [2]float32{0.34, 0.18}, true, 0, 0, 0, 0},
		{"variances differ by more than a factor of two", base, 1, 15, 0, [2]float32{0, 0}, [2]float32{0.25, 0.12}, true, 0, 0, 0, 0},
		{"the other way about", base, 1, 15, 0, [2]float32{0, 0}, [2]float32{0.12, 0.25}, true, 0, 0, 0, 0},
		{"by less than that", base, 1, 15, 0, [2]float32{0, 0}, [2]float32{0.25, 0.13}, false, 0, 0, 0, 0},
		{"variances of less than a step of 8 bits", base, 1, 15, 0, [2]float32{0, 0}, [2]float32{8e-5, 1e-9}, false, 0, 0, 0, 0},
		{"one variance is none", base, 1, 15, 0, [2]float32{0, 0}, [2]float32{4e-4, 0}, true, 0, 0, 0, 0},
		{"the other is", base, 1, 15, 0, [2]float32{0, 0}, [2]float32{0, 4e-4}, true, 0, 0, 0, 0},
		{"a margin of two", option.Values{"region.margin": 2}, 0, 8, 4, [2]float32{1, -1}, [2]float32{0.25, 0.25}, true, 2, 2, 2, 2},
		{"a margin at a corner", option.Values{"region.margin": 2}, 0, 1, 15, [2]float32{1, -1}, [2]float32{0.25, 0.25}, true, 1, 2, 2, 0},
	} {
		m := withRegion(t, tt.changes)
		r, at := m.region, tt.channel*256+tt.y*16+tt.x
		for side := range r.moments {
			r.moments[side].variance.Fill(0.25)
			r.moments[side].mean.Data[at], r.moments[side].variance.Data[at] = tt.mean[side], tt.variance[side]
		}
		r.find()
		for y := range 16 {
			for x := range 16 {
				want := tt.want && y >= tt.y-tt.above && y <= tt.y+tt.below && x >= tt.x-tt.left && x <= tt.x+tt.right
				if got := r.inside[y*16+x]; got != want {
					t.Errorf("%s: pixel %d, %d is inside: %v, want %v", tt.name, y, x, got, want)
				}
			}
		}
	}
}

// What losses take of a region whose left half differs: all outside and, of images of the common code alone, a quarter inside.
func TestLossesOfARegion(t *testing.T) {
	m := withRegion(t, nil)
	a, b := constant(3, 0), constant(3, 0)
	for i := range a.Data { // the images of A are lit on the left, in one channel
		if x := i % 16; x < 8 && i%a.Shape.Len() < 256 {
			a.Data[i] = 0.5
		}
	}
	losses, err := m.Step(0, &models.Batch{Images: [2]*domains.Images{a, b}})
	if err != nil {
		t.Fatal(err)
	}
	by := map[float32]int{}
	for _, in := range m.step.regions {
		by[in.inside]++
		if len(in.data) != 6*a.Shape.Len() {
			t.Errorf("%d weights, want those of six images", len(in.data))
		}
		for i, got := range in.data {
			want := float32(1)
			if i%16 < 8 {
				want = in.inside
			}
			if got != want {
				t.Fatalf("value %d: weight %v, want %v", i, got, want)
			}
		}
	}
	if !maps.Equal(by, map[float32]int{0: 2, 0.25: 2}) {
		t.Errorf("inputs by their weights inside: %v, want two each of kept and of alone", by)
	}
	if named(losses)["kept/a"] == 0 || named(losses)["alone/b"] == 0 {
		t.Errorf("losses %v", losses)
	}
}

// constant are n images of one value.
func constant(n int, value float32) *domains.Images {
	x := noise(16, n, "")
	for i := range x.Data {
		x.Data[i] = value
	}
	return x
}

// A common encoder that the region is hidden from says the same whatever is there, and separate ones that all else is hidden
// from whatever is elsewhere; a model read from a checkpoint hides the same.
func TestHiddenRegion(t *testing.T) {
	o := option.Values{"base": 4, "separate": 2, "region.mean": 0.5, "region.margin": 0, "region.hidden": true, "region.only": true}
	m := newModel(t, 16, o)
	a, b := constant(3, 0), constant(3, 0)
	for i := range a.Data { // the left half differs
		if i%16 < 8 {
			a.Data[i] = 0.5
		}
	}
	if _, err := m.Step(0, &models.Batch{Images: [2]*domains.Images{a, b}}); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := models.SaveCheckpoint(dir, "job", 1, m); err != nil {
		t.Fatal(err)
	}
	loaded := newModel(t, 16, o)
	paths, _ := models.Checkpoints(dir)
	if _, err := models.LoadCheckpoint(paths[0], "job", loaded); err != nil {
		t.Fatal(err)
	}
	codes := func(m *Model, x *domains.Images) models.Codes {
		c, err := m.Encode(x)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	x := noise(16, 2, "content")
	was := codes(m, x)
	change := func(left bool) *domains.Images {
		y := &domains.Images{Shape: x.Shape, Data: slices.Clone(x.Data)}
		for i := range y.Data {
			if (i%16 < 8) == left {
				y.Data[i] = -y.Data[i]
			}
		}
		return y
	}
	for _, m := range []*Model{m, loaded} {
		left, right := codes(m, change(true)), codes(m, change(false))
		if !slices.Equal(left.Of(models.Common).Data, was.Of(models.Common).Data) {
			t.Error("the common code says what is in the region")
		}
		for _, block := range []models.Role{models.SeparateA, models.SeparateB} {
			if slices.Equal(left.Of(block).Data, was.Of(block).Data) {
				t.Errorf("%s does not see the region", block)
			}
			if !slices.Equal(right.Of(block).Data, was.Of(block).Data) {
				t.Errorf("%s says what is outside of the region", block)
			}
		}
		if slices.Equal(right.Of(models.Common).Data, was.Of(models.Common).Data) {
			t.Error("the common code does not say what is outside of the region")
		}
	}
}
