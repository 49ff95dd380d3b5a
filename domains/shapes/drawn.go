package shapes

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/parallel"
)

const drawnName = "shapes-drawn"

func init() {
	domains.Datasets.Add(drawnName, domains.Dataset{
		Name:     drawnName,
		Doc:      "a drawn room with a cube, cylinder, sphere or capsule, every factor known: hues of floor and wall vary in A, size and view in B",
		Citation: "drawn by Venn after C. Burgess, H. Kim, \"3D Shapes dataset\", 2018; domains of D. Bashkirova, B. Usman, K. Saenko, \"Evaluation of Correctness in Unsupervised Many-to-Many Image Translation\", WACV 2022",
		Options:  splitOptions,
		Check:    checkSplit,
		Images:   func(o option.Values) int { return o.Int("train") },
		Load:     loadDrawn,
	})
}

// loadDrawn draws one side. A room looks the same whatever is drawn beside it.
func loadDrawn(ctx context.Context, r domains.Request) (*domains.Domain, error) {
	if err := checkShape(drawnName, r.Shape); err != nil {
		return nil, err
	}
	train, test, err := split(drawnName, r)
	if err != nil {
		return nil, err
	}
	d := &domains.Domain{Name: drawnName + "/" + r.Side.String(), Render: &Renderer{Shape: r.Shape}}
	for _, part := range []struct {
		split *domains.Split
		of    []room
	}{{&d.Train, train}, {&d.Test, test}} {
		*part.split = splitOf(r.Side, draw(ctx, r.Shape, part.of), part.of)
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("domains: %s: %w", drawnName, err)
	}
	d.Lock.Transform = fmt.Sprintf("ray-cast at %s, the mean of %d rays a pixel, intensities in [-1, 1]", r.Shape, samples*samples) + lumaText(r.Shape)
	return d, nil
}

// checkShape refuses images that are too small to show anything.
func checkShape(dataset string, s domains.Shape) error {
	if s.Channels != 1 && s.Channels != 3 {
		return fmt.Errorf("domains: %s: %d channels, want 1 or 3", dataset, s.Channels)
	}
	if s.Height < 8 || s.Width < 8 {
		return fmt.Errorf("domains: %s: a room of %dx%d pixels, want at least 8x8", dataset, s.Height, s.Width)
	}
	return nil
}

func lumaText(s domains.Shape) string {
	if s.Channels == 1 {
		return ", luma 0.299 R + 0.587 G + 0.114 B"
	}
	return ""
}

// uncoloured is the room without its hues: rooms of the same view have the same shades.
func (r room) uncoloured() room {
	r[floorHue], r[wallHue], r[objectHue] = 0, 0, 0
	return r
}

// draw draws rooms. Every view is looked at once, for all rooms that differ in hues alone.
func draw(ctx context.Context, s domains.Shape, of []room) *domains.Images {
	images := &domains.Images{Shape: s, Data: make([]float32, len(of)*s.Len())}
	var views []room
	alike := map[room][]int{}
	for i, r := range of {
		v := r.uncoloured()
		if alike[v] == nil {
			views = append(views, v)
		}
		alike[v] = append(alike[v], i)
	}
	parallel.For(len(views), func(k int) {
		if ctx.Err() != nil {
			return
		}
		shades := viewOf(views[k]).shades(s.Height, s.Width)
		for _, i := range alike[views[k]] {
			paint(images.At(i), s.Channels, shades, of[i])
		}
	})
	return images
}

// A Renderer draws rooms of known factors. It keeps the views that it has drawn where images
// are small. Several may use it at once.
type Renderer struct {
	Shape domains.Shape

	views sync.Map // of shades by uncoloured room
}

// keepPixels is the largest image whose views are kept: all 480 then take 126 megabytes.
const keepPixels = 128 * 128

func (rr *Renderer) shades(r room) []shade {
	key := r.uncoloured()
	if kept, ok := rr.views.Load(key); ok {
		return kept.([]shade)
	}
	drawn := viewOf(key).shades(rr.Shape.Height, rr.Shape.Width)
	if rr.Shape.Height*rr.Shape.Width <= keepPixels {
		rr.views.Store(key, drawn)
	}
	return drawn
}

// Render draws object hue and shape of row c of content, in a room with the hues of row a of
// fromA unless a is negative, at the size and orientation of row b of fromB unless b is
// negative. What is left out is as in the domain that it does not vary in: the floor red, the
// wall indigo, size 5 and orientation 0. The result has Shape.Len() values in [-1, 1]. A table
// that lacks the factors asked of it is a mistake of the caller and panics.
func (rr *Renderer) Render(content *domains.Factors, c int, fromA *domains.Factors, a int, fromB *domains.Factors, b int) []float32 {
	r := plain
	r.take(shared, content, c)
	if a >= 0 {
		r.take(own[domains.A], fromA, a)
	}
	if b >= 0 {
		r.take(own[domains.B], fromB, b)
	}
	out := make([]float32, rr.Shape.Len())
	paint(out, rr.Shape.Channels, rr.shades(r), r)
	return out
}

// Scale is all levels of a factor; what only one domain varies has its level of the other. An
// unknown factor is a mistake of the caller and panics.
func (rr *Renderer) Scale(name string) domains.Scale {
	f := slices.Index(factorNames[:], name)
	if f < 0 {
		panic(fmt.Sprintf("domains: %s: no factor %q", drawnName, name))
	}
	s := domains.Scale{Constant: float64(plain[f])}
	if slices.Contains(shared, f) {
		s.Constant = math.NaN()
	}
	for level := range levels[f] {
		s.Levels = append(s.Levels, float64(level))
	}
	return s
}
