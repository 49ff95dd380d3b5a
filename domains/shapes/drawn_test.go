package shapes

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/domains/domainstest"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/parallel"
)

func drawn(t testing.TB, side domains.Side, size, channels int, set option.Values) *domains.Domain {
	t.Helper()
	d, err := domains.Load(context.Background(), drawnName, domains.Request{
		Side: side, Options: set, Shape: domains.Shape{Channels: channels, Height: size, Width: size},
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func BenchmarkDraw(b *testing.B) {
	for side, name := range [2]string{"a", "b"} {
		b.Run(name, func(b *testing.B) {
			images := 0
			for b.Loop() {
				d := drawn(b, domains.Side(side), 64, 3, nil)
				images += d.Train.Images.Len() + d.Test.Images.Len()
			}
			b.ReportMetric(float64(images)/b.Elapsed().Seconds(), "images/s")
		})
	}
}

// The colours of Python's colorsys.hsv_to_rgb(i/10, 0.9, 1).
func TestHues(t *testing.T) {
	for i, want := range []colour{{1, 0.1, 0.1}, {1, 0.64, 0.1}, {0.82, 1, 0.1}, {0.28, 1, 0.1}, {0.1, 1, 0.46},
		{0.1, 1, 1}, {0.1, 0.46, 1}, {0.28, 0.1, 1}, {0.82, 0.1, 1}, {1, 0.1, 0.64}} {
		for k, v := range hueColour(i) {
			if !(math.Abs(v-want[k]) <= 1e-12) {
				t.Errorf("%s: channel %d is %g, want %g", hues[i], k, v, want[k])
			}
		}
	}
}

// Pixels have the colours of what they show, times one light that the hue does not change: the
// middle of the image the object's, a lower corner the floor's, a place below the sky the wall's.
func TestPixelsHaveTheirColours(t *testing.T) {
	const n = 64
	s := domains.Shape{Channels: 3, Height: n, Width: n}
	for kind := range solids {
		r := room{floorHue: 3, wallHue: 6, objectHue: 1, size: 5, shape: kind, orientation: 4}
		image := draw(t.Context(), s, []room{r}).At(0)
		for _, tt := range []struct {
			name string
			x, y int
			want colour
		}{
			{"object", 32, 32, colour{1, 0.64, 0.1}}, {"floor", 2, 61, colour{0.28, 1, 0.1}}, {"wall", 8, 20, colour{0.1, 0.46, 1}},
		} {
			var got colour
			for k := range got {
				got[k] = (float64(image[k*n*n+tt.y*n+tt.x]) + 1) / 2
			}
			light := max(got[0], got[1], got[2])
			if light < 0.36 || light > 1 {
				t.Errorf("%s, %s: light %g", levels[shape][kind], tt.name, light)
			}
			for k := range got {
				if !(math.Abs(got[k]-light*tt.want[k]) <= 1e-6) {
					t.Errorf("%s, %s: %v, want %v times a number", levels[shape][kind], tt.name, got, tt.want)
				}
			}
		}
		if image[32] != float32(2*0.80-1) || image[2*n*n+32] != float32(2*0.96-1) {
			t.Errorf("%s: the sky is %g and %g", levels[shape][kind], image[32], image[2*n*n+32])
		}
	}
}

// One channel is the luma of three, to the rounding of float32.
func TestLuma(t *testing.T) {
	set := option.Values{"train": 5, "test": 1}
	grey, colours := drawn(t, domains.A, 16, 1, set).Train.Images, drawn(t, domains.A, 16, 3, set).Train.Images
	for i := range 5 {
		c := colours.At(i)
		for p, got := range grey.At(i) {
			want := 0.299*float64(c[p]) + 0.587*float64(c[256+p]) + 0.114*float64(c[512+p])
			if !(math.Abs(float64(got)-want) <= 1e-6) {
				t.Fatalf("image %d, pixel %d: %g, want %g", i, p, got, want)
			}
		}
	}
}

// Views of small images are kept, those of large ones are not.
func TestViewsKept(t *testing.T) {
	f := splitOf(domains.A, nil, []room{{}}).Factors
	for width, want := range map[int]bool{128: true, 129: false} {
		r := &Renderer{Shape: domains.Shape{Channels: 1, Height: 128, Width: width}}
		r.Render(f, 0, f, 0, nil, -1)
		if _, kept := r.views.Load(room{size: 5}); kept != want {
			t.Errorf("a view 128 x %d is kept: %v", width, kept)
		}
	}
}

// apart is the mean difference of two images.
func apart(x, y []float32) (sum float64) {
	for i := range x {
		sum += math.Abs(float64(x[i])-float64(y[i])) / float64(len(x))
	}
	return sum
}

// Any two levels of any factor look different at 64 pixels, in every shape and from two sides.
// Sizes look the more different the further they are apart.
func TestEveryFactorShows(t *testing.T) {
	s := domains.Shape{Channels: 3, Height: 64, Width: 64}
	least := [factors]float64{0.05, 0.05, 0.01, 0.005, 0.01, 0.01}
	for kind := range solids {
		for _, from := range []int{0, 9} {
			for f := range factors {
				var of []room
				for level := range levels[f] {
					r := room{floorHue: 3, wallHue: 6, objectHue: 1, size: 5, shape: kind, orientation: from}
					r[f] = level
					of = append(of, r)
				}
				images := draw(t.Context(), s, of)
				for i := range of {
					for j := range i {
						d := apart(images.At(i), images.At(j))
						if d < least[f] {
							t.Errorf("%s from %d: %s %s and %s differ by %.4f", levels[shape][kind], from, factorNames[f], levels[f][j], levels[f][i], d)
						}
						if f == size && j > 0 && apart(images.At(i), images.At(j-1)) <= d {
							t.Errorf("%s from %d: size %d is nearer to %d than to %d", levels[shape][kind], from, i, j-1, j)
						}
					}
				}
			}
		}
	}
}

// The renderer, given an image's own factors, draws that image again, value for value, and of
// what it is not given draws the level that the other domain keeps.
func TestRenders(t *testing.T) {
	set := option.Values{"train": 20, "test": 5}
	for _, channels := range []int{1, 3} {
		a, b := drawn(t, domains.A, 24, channels, set), drawn(t, domains.B, 24, channels, set)
		fa, fb := a.Train.Factors, b.Train.Factors
		at := func(f *domains.Factors, i int, name string) int { return int(f.Values[i][slices.Index(f.Names, name)]) }
		for i := range 20 {
			j := (i + 7) % 20
			want := func(render domains.Renderer, content *domains.Factors, rowA, rowB int, r room) {
				t.Helper()
				r[objectHue], r[shape] = at(content, i, "object_hue"), at(content, i, "shape")
				if !slices.Equal(render.Render(content, i, fa, rowA, fb, rowB), draw(t.Context(), a.Train.Images.Shape, []room{r}).At(0)) {
					t.Errorf("%d channels: content %d with rows %d and %d is not %v", channels, i, rowA, rowB, r)
				}
			}
			if !slices.Equal(a.Render.Render(fa, i, fa, i, nil, -1), a.Train.Images.At(i)) || !slices.Equal(b.Render.Render(fb, i, nil, -1, fb, i), b.Train.Images.At(i)) {
				t.Errorf("%d channels: image %d of a domain differs from its render", channels, i)
			}
			want(a.Render, fa, -1, j, room{0, 7, 0, at(fb, j, "size"), 0, at(fb, j, "orientation")})                                         // a to b
			want(b.Render, fb, j, -1, room{at(fa, j, "floor_hue"), at(fa, j, "wall_hue"), 0, 5, 0, 0})                                       // b to a
			want(a.Render, fa, -1, -1, room{0, 7, 0, 5, 0, 0})                                                                               // intersection
			want(a.Render, fa, i, j, room{at(fa, i, "floor_hue"), at(fa, i, "wall_hue"), 0, at(fb, j, "size"), 0, at(fb, j, "orientation")}) // union
		}
		// Views that are kept are drawn as the first time.
		if !slices.Equal(a.Render.Render(fa, 3, fa, 3, fb, 4), (&Renderer{Shape: a.Train.Images.Shape}).Render(fa, 3, fa, 3, fb, 4)) {
			t.Error("a view that was kept differs")
		}
	}
}

// No two images of a domain are alike.
func TestImagesDiffer(t *testing.T) {
	seen := map[string]int{}
	d := drawn(t, domains.B, 16, 3, option.Values{"train": 900, "test": 100})
	for _, s := range []domains.Split{d.Train, d.Test} {
		for i := range s.Images.Len() {
			seen[fmt.Sprint(s.Images.At(i))]++
		}
	}
	if len(seen) != 1000 {
		t.Errorf("%d different images of 1000", len(seen))
	}
}

// The same bytes on any number of threads, and whatever is drawn beside an image.
func TestSameBytes(t *testing.T) {
	before := runtime.GOMAXPROCS(5)
	defer runtime.GOMAXPROCS(before)
	defer parallel.SetThreads(parallel.Limit())
	var first domains.Lock
	for _, threads := range []int{1, 2, 5} {
		parallel.SetThreads(threads)
		d := drawn(t, domains.B, 24, 3, option.Values{"train": 150, "test": 10})
		if threads == 1 {
			first = d.Lock
		} else if diff := cmp.Diff(first, d.Lock); diff != "" {
			t.Errorf("%d threads:\n%s", threads, diff)
		}
		few := drawn(t, domains.B, 24, 3, option.Values{"train": 3, "test": 10})
		if !slices.Equal(few.Train.Images.Data, d.Train.Images.Data[:len(few.Train.Images.Data)]) {
			t.Error("the first images changed with the number drawn")
		}
	}
}

// A room is the same picture at every size: the mean of 2 x 2 pixels at twice the size, which
// has four times the rays, is the pixel but for edges. A wide image shows the square one in its
// middle.
func TestSizes(t *testing.T) {
	var of []room
	for i := range 30 {
		of = append(of, roomsOf(domains.B)[i*157])
	}
	small, large := draw(t.Context(), domains.Shape{Channels: 3, Height: 32, Width: 32}, of), draw(t.Context(), domains.Shape{Channels: 3, Height: 64, Width: 64}, of)
	wide := draw(t.Context(), domains.Shape{Channels: 3, Height: 32, Width: 48}, of)
	var sum, worst float64
	for i := range of {
		s, l, w := small.At(i), large.At(i), wide.At(i)
		for p := range s {
			k, y, x := p/(32*32), p/32%32, p%32
			q := k*64*64 + 2*y*64 + 2*x
			e := math.Abs((float64(l[q])+float64(l[q+1])+float64(l[q+64])+float64(l[q+65]))/4 - float64(s[p]))
			sum, worst = sum+e/float64(30*len(s)), max(worst, e)
			if w[k*32*48+y*48+x+8] != s[p] {
				t.Fatalf("room %d: the wide image differs at %d, %d", i, x, y)
			}
		}
	}
	if !(sum <= 0.005) || !(worst <= 0.3) {
		t.Errorf("the averaged double size differs by %.4f on average and %.3f at most", sum, worst)
	}
}

// Light of all that a pixel shows adds up to 1 at most, so that no colour is cut off.
func TestLightAddsUp(t *testing.T) {
	for kind := range solids {
		for o := range levels[orientation] {
			for i, s := range viewOf(room{shape: kind, size: o % 8, orientation: o}).shades(32, 32) {
				if sum := s[floor] + s[wall] + s[object] + s[sky]; !(sum >= 0.1 && sum <= 1) {
					t.Fatalf("%s, orientation %d, pixel %d: light %v", levels[shape][kind], o, i, s)
				}
			}
		}
	}
}

// The first images of each domain are those of a page in testdata, checked by eye when it was
// kept. go test ./domains/shapes -run AreThoseKept -redraw makes it.
func TestPicturesAreThoseKept(t *testing.T) {
	set := option.Values{"train": 30, "test": 1}
	domainstest.Page(t, "testdata/rooms.png", domains.Contact(domains.Sheet{Rows: 3, Columns: 10, Zoom: 1},
		domains.Block{Title: "a", Split: drawn(t, domains.A, 32, 3, set).Train}, domains.Block{Title: "b", Split: drawn(t, domains.B, 32, 3, set).Train}))
}

func TestTransformIsTold(t *testing.T) {
	for channels, want := range map[int]string{
		3: "ray-cast at 3x16x16, the mean of 16 rays a pixel, intensities in [-1, 1]",
		1: "ray-cast at 1x16x16, the mean of 16 rays a pixel, intensities in [-1, 1], luma 0.299 R + 0.587 G + 0.114 B",
	} {
		if d := drawn(t, domains.A, 16, channels, option.Values{"train": 2, "test": 1}); d.Lock.Transform != want || d.Name != "shapes-drawn/a" {
			t.Errorf("%s: %q, want %q", d.Name, d.Lock.Transform, want)
		}
	}
}
