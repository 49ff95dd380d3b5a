package modelstest

import (
	"math"
	"slices"

	"github.com/venn-adapt/venn/models"
)

// near is how far codes and images may be from those of other sums.
const near = 1e-4

// codes: of each image its own, in shapes that fit.
func (w *walk) codes() {
	m := w.model(nil, 1)
	w.train(m, nil, 0, short, "")
	before := snapshot(m)
	x := w.waves(3, 7)
	kept := slices.Clone(x.Data)
	c, err := m.Encode(x)
	w.must(err, "encoding")
	if !slices.Equal(kept, x.Data) {
		w.addf("encoding changes the images that it is given")
	}
	blocks := map[string]*models.Block{"common": c.Common, "separate a": c.SeparateA, "separate b": c.SeparateB}
	for name, b := range blocks {
		if b == nil || b.N != 3 || b.D < 1 || len(b.Data) != 3*b.D || b.Channels < 1 || b.D%b.Channels != 0 || !finite(b.Data) {
			w.addf("the %s code of 3 images is no block of 3 rows of finite numbers: %+v", name, b)
			return
		}
	}
	w.alone(m, x.Shape.Len(), c)
	images, err := m.Decode(3, c.Common, c.SeparateA, nil)
	w.must(err, "decoding")
	if images.Shape != x.Shape || images.Len() != 3 || !finite(images.Data) {
		w.addf("decoding gives %d images of %v, want 3 of %v and finite", images.Len(), images.Shape, x.Shape)
		return
	}
	w.slots(m, c)
	if name := differing(before, snapshot(m)); name != "" {
		w.addf("encoding and decoding change parameter %s", name)
	}
}

// alone encodes the last image by itself, and all again.
func (w *walk) alone(m models.Model, pixels int, c *models.Codes) {
	x := w.waves(3, 7)
	again, err := m.Encode(x)
	w.must(err, "encoding again")
	x.Data = x.Data[2*pixels:]
	one, err := m.Encode(x)
	w.must(err, "encoding one image")
	for name, pair := range map[string][3]*models.Block{
		"common": {c.Common, again.Common, one.Common}, "separate a": {c.SeparateA, again.SeparateA, one.SeparateA}, "separate b": {c.SeparateB, again.SeparateB, one.SeparateB},
	} {
		if !slices.Equal(pair[0].Data, pair[1].Data) {
			w.addf("the %s code of the same images differs when they are encoded again", name)
		}
		if !alike(pair[0].Row(2), pair[2].Data) {
			w.addf("the %s code of an image depends on the images beside it", name)
		}
	}
}

// slots: a nil code is an empty slot, and every code that is given counts.
func (w *walk) slots(m models.Model, c *models.Codes) {
	decode := func(common, a, b *models.Block) []float32 {
		images, err := m.Decode(3, common, a, b)
		w.must(err, "decoding")
		return images.Data
	}
	a, b, none := decode(c.Common, c.SeparateA, nil), decode(c.Common, nil, c.SeparateB), decode(c.Common, nil, nil)
	switch {
	case slices.Equal(a, none):
		w.addf("the separate code a changes no image")
	case slices.Equal(b, none):
		w.addf("the separate code b changes no image")
	case slices.Equal(decode(nil, c.SeparateA, nil), a):
		w.addf("the common code changes no image")
	case !alike(a[len(a)*2/3:], decode(c.Common.Take([]int{2, 1, 0}), c.SeparateA.Take([]int{2, 1, 0}), nil)[:len(a)/3]):
		w.addf("the image of a code depends on the codes beside it")
	}
}

func finite(data []float32) bool {
	return !slices.ContainsFunc(data, func(v float32) bool { return math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) })
}

func alike(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool { return math.Abs(float64(x-y)) <= near*(1+math.Abs(float64(x))) })
}
