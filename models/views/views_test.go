package views

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/internal/stream"
)

// noise are images of uniform noise.
func noise(n int, s domains.Shape) *domains.Images {
	x, r := &domains.Images{Shape: s, Data: make([]float32, n*s.Len())}, stream.New(4, "images")
	for i := range x.Data {
		x.Data[i] = 2*r.Float32() - 1
	}
	return x
}

var shape = domains.Shape{Channels: 1, Height: 16, Width: 16}

// Views are the same for any number of threads, others for another name, step or seed; the
// images stay as they are.
func TestViewsAreKeyed(t *testing.T) {
	defer parallel.SetThreads(0)
	x := noise(6, shape)
	kept := slices.Clone(x.Data)
	type filler interface {
		Fill(dst []float32, x *domains.Images, name string, step int)
	}
	for _, of := range []func(seed uint64) filler{func(seed uint64) filler { return Weak{seed, 2, 0.1, 0.1} }, func(seed uint64) filler { return Turned{seed, 20} }} {
		view := func(seed uint64, name string, step, threads int) string {
			parallel.SetThreads(threads)
			out := make([]float32, len(x.Data))
			of(seed).Fill(out, x, name, step)
			return fmt.Sprint(out)
		}
		want := view(1, "student", 3, 1)
		if view(1, "student", 3, 3) != want {
			t.Errorf("%T: three threads give other views than one", of(1))
		}
		if view(1, "teacher", 3, 1) == want || view(1, "student", 4, 1) == want || view(2, "student", 3, 1) == want {
			t.Errorf("%T: another name, step or seed gives the same views", of(1))
		}
	}
	if !slices.Equal(kept, x.Data) {
		t.Error("viewing images changes them")
	}
}

// Noise has its standard deviation.
func TestNoise(t *testing.T) {
	x := noise(6, shape)
	out := make([]float32, len(x.Data))
	Weak{Seed: 1, Noise: 0.1}.Fill(out, x, "student", 0)
	square := 0.0
	for i, v := range out {
		square += math.Pow(float64(v-x.Data[i]), 2) / float64(len(out))
	}
	if sd := math.Sqrt(square); !(math.Abs(sd-0.1) <= 0.01) { // of 1536 values: six standard errors
		t.Errorf("noise of %v, want 0.1", sd)
	}
}

// The matrix of a view is the identity's and independent normal draws of the deviation asked for:
// it is read off images that show how far right of the middle, and how far below, a place is.
func TestAffine(t *testing.T) {
	const n, side, off = 400, 21, 5
	x := &domains.Images{Shape: domains.Shape{Channels: 2, Height: side, Width: side}, Data: make([]float32, n*2*side*side)}
	for i := range x.Data {
		x.Data[i] = float32([2]int{i % side, i / side % side}[i/(side*side)%2] - side/2)
	}
	out := make([]float32, len(x.Data))
	Weak{Seed: 1, Affine: 0.1}.Fill(out, x, "student", 0)
	var sum, square [4]float64
	for i := range n {
		at := func(channel, right, below int) float64 {
			return float64(out[((2*i+channel)*side+side/2+below)*side+side/2+right])
		}
		for k, v := range [4]float64{at(0, off, 0)/off - 1, at(0, 0, off) / off, at(1, off, 0) / off, at(1, 0, off)/off - 1} {
			sum[k], square[k] = sum[k]+v/n, square[k]+v*v/n
		}
	}
	for k := range sum { // four standard errors
		if sd := math.Sqrt(square[k]); !(math.Abs(sum[k]) <= 0.02) || !(math.Abs(sd-0.1) <= 0.015) {
			t.Errorf("entry %d: mean %v and deviation %v about the identity, want 0 and 0.1", k, sum[k], sd)
		}
	}
}

// An image of 2 x 3 whose values are 10·row + column, moved and mapped by hand; a second
// channel of one value.
func TestWarp(t *testing.T) {
	src := []float32{0, 1, 2, 10, 11, 12, 5, 5, 5, 5, 5, 5}
	for _, tt := range []struct {
		m      matrix
		dx, dy float64
		want   []float32
	}{
		{matrix{1, 0, 0, 1}, 0, 0, []float32{0, 1, 2, 10, 11, 12}},
		{matrix{1, 0, 0, 1}, 1, 0, []float32{1, 2, 2, 11, 12, 12}},
		{matrix{1, 0, 0, 1}, -0.25, 0, []float32{0, 0.75, 1.75, 10, 10.75, 11.75}},
		{matrix{1, 0, 0, 1}, 0.5, 0.5, []float32{5.5, 6.5, 7, 10.5, 11.5, 12}},
		{matrix{1, 0, 0, 1}, 0, -7, []float32{0, 1, 2, 0, 1, 2}},
		{matrix{-1, 0, 0, -1}, 0, 0, []float32{12, 11, 10, 2, 1, 0}},         // half a turn
		{matrix{0.5, 0, 0, 1}, 0, 0, []float32{0.5, 1, 1.5, 10.5, 11, 11.5}}, // twice as wide
	} {
		dst := make([]float32, len(src))
		warp(dst, src, domains.Shape{Channels: 2, Height: 2, Width: 3}, tt.m, tt.dx, tt.dy)
		if want := append(tt.want, src[6:]...); !slices.Equal(dst, want) {
			t.Errorf("by %v, %v and %v: %v, want %v", tt.m, tt.dx, tt.dy, dst, want)
		}
	}
}

// Every change changes something, and keeps values within their range; none changes an image
// of one grey that is the middle of the range, but by its brightness.
func TestChanges(t *testing.T) {
	colours := domains.Shape{Channels: 3, Height: 14, Width: 21}
	for k, change := range changes {
		for seed := range uint64(20) {
			src, grey := noise(1, colours).Data, make([]float32, colours.Len())
			kept, dst := slices.Clone(src), make([]float32, len(src))
			change(dst, src, colours, stream.New(seed, "change"))
			if slices.Equal(dst, src) || !slices.Equal(kept, src) {
				t.Errorf("change %d changes nothing, or what it is given", k)
			}
			for _, v := range dst {
				if !(v >= -1 && v <= 1) {
					t.Fatalf("change %d gives %v", k, v)
				}
			}
			change(dst, grey, colours, stream.New(seed, "change"))
			for _, v := range dst {
				if v != dst[0] || (v != 0 && k != 4) {
					t.Fatalf("change %d makes %v of a grey image", k, v)
				}
			}
		}
	}
}

// A dot of 1 on a ground of -1, by hand: blurred and thickened within its 3 x 3, all of it
// gone with dark strokes; a square of two sevenths is hidden.
func TestChangesByHand(t *testing.T) {
	s := domains.Shape{Channels: 1, Height: 7, Width: 7}
	src := make([]float32, s.Len())
	for i := range src {
		src[i] = -1
	}
	src[3*7+3] = 1
	wide, gone := 0, 0
	for seed := range uint64(20) {
		dst := make([]float32, len(src))
		thicken(dst, src, s, stream.New(seed, "thick"))
		share := float32(stream.New(seed, "thick").Float64())
		corner, centre := dst[2*7+2], dst[3*7+3]
		switch {
		case centre == 1 && math.Abs(float64(corner-(2*share-1))) < 1e-6 && dst[1*7+3] == -1:
			wide++
		case corner == -1 && math.Abs(float64(centre-(1-2*share))) < 1e-6:
			gone++
		default:
			t.Errorf("thickened by %v: corner %v, centre %v", share, corner, centre)
		}
		blur(dst, src, s, stream.New(seed, "thick"))
		mean := float64(2.0/9 - 1)
		if c, n := float64(dst[3*7+3]), float64(dst[4*7+4]); !(math.Abs(c-(1+float64(share)*(mean-1))) <= 1e-6) || !(math.Abs(n-(-1+float64(share)*(mean+1))) <= 1e-6) {
			t.Errorf("blurred by %v: %v and %v", share, c, n)
		}
		hide(dst, src, s, stream.New(seed, "hide"))
		zeros := 0
		for _, v := range dst {
			if v == 0 {
				zeros++
			}
		}
		if zeros != 4 {
			t.Errorf("%d places are hidden, want 4", zeros)
		}
	}
	if wide == 0 || gone == 0 {
		t.Errorf("%d times bright strokes are thickened, %d times dark ones", wide, gone)
	}
}

// No change at all gives the image; two give the same for any number of threads.
func TestStrong(t *testing.T) {
	defer parallel.SetThreads(0)
	x := noise(5, shape)
	out := make([]float32, len(x.Data))
	if (Strong{1, 0}).Fill(out, x, "s", 0); !slices.Equal(out, x.Data) {
		t.Error("no changes change something")
	}
	Strong{1, 2}.Fill(out, x, "s", 0)
	parallel.SetThreads(3)
	again := make([]float32, len(x.Data))
	if (Strong{1, 2}).Fill(again, x, "s", 0); !slices.Equal(out, again) || slices.Equal(out, x.Data) {
		t.Error("three threads give other views than one, or none at all")
	}
}
