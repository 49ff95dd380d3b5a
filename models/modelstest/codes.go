package modelstest

import (
	"fmt"
	"math"
	"slices"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/models"
)

// near is how far codes, logits and images may be from those of other sums.
const near = 1e-4

// codes: of each image its own, in shapes that fit.
func (w *walk) codes() {
	m := w.model(nil, 1)
	e, ok := m.(models.Encoder)
	if !ok {
		return
	}
	w.train(m, nil, 0, short, "")
	before := snapshot(m)
	c := w.readable("code", func(x *domains.Images) ([]*models.Block, error) { return e.Encode(x) })
	seen := map[models.Role]bool{}
	for _, b := range c {
		if seen[b.Role] || b.Role == "" {
			w.addf("two blocks of codes have the role %q", b.Role)
		}
		seen[b.Role] = true
	}
	if models.Codes(c).Shared() == nil {
		w.addf("no block of codes stands for an image in either domain: want the role %s or %s", models.Common, models.Features)
		return
	}
	if d, ok := m.(models.Decoder); ok {
		w.slots(d, c)
	}
	if name := differing(before, snapshot(m)); name != "" {
		w.addf("encoding and decoding change parameter %s", name)
	}
}

// classes: logits of each image its own, one a class.
func (w *walk) classes() {
	m := w.model(nil, 1)
	c, ok := m.(models.Classifier)
	if !ok {
		return
	}
	w.train(m, nil, 0, short, "")
	before := snapshot(m)
	blocks := w.readable("logit", func(x *domains.Images) ([]*models.Block, error) {
		b, err := c.Classify(x)
		return []*models.Block{b}, err
	})
	if d := blocks[0].D; d != classes {
		w.addf("%d logits an image, want one for each of %d classes", d, classes)
	}
	if r, ok := m.(models.FeatureClassifier); ok {
		w.readTogether(r)
	}
	if name := differing(before, snapshot(m)); name != "" {
		w.addf("classifying changes parameter %s", name)
	}
}

// readTogether: the same features and logits in one pass as in two.
func (w *walk) readTogether(m models.FeatureClassifier) {
	x := w.waves(3, 7)
	codes, err := m.Encode(x)
	w.must(err, "encoding")
	logits, err := m.Classify(x)
	w.must(err, "classifying")
	features, told, err := m.Read(x)
	w.must(err, "reading")
	if !slices.Equal(features.Data, codes.Shared().Data) || features.N != codes.Shared().N || features.Role != codes.Shared().Role {
		w.addf("features that are read together with logits are others than those of Encode")
	}
	if !slices.Equal(told.Data, logits.Data) || told.N != logits.N {
		w.addf("logits that are read together with features are others than those of Classify")
	}
}

// readable reads blocks off images and checks that they are whole, the same when read
// again, and that an image's rows are its own.
func (w *walk) readable(what string, read func(*domains.Images) ([]*models.Block, error)) []*models.Block {
	x := w.waves(3, 7)
	kept := slices.Clone(x.Data)
	of := func(x *domains.Images) []*models.Block {
		blocks, err := read(x)
		w.must(err, "reading the "+what+"s")
		return blocks
	}
	all := of(x)
	if !slices.Equal(kept, x.Data) {
		w.addf("reading the %ss changes the images that it is given", what)
	}
	copies := make([][]float32, len(all))
	for i, b := range all {
		if b == nil || b.N != 3 || b.D < 1 || len(b.Data) != 3*b.D || b.Channels < 1 || b.D%b.Channels != 0 || !finite(b.Data) {
			w.addf("%s is no block of 3 rows of finite numbers: %+v", named(what, b), b)
			panic(stop{})
		}
		copies[i] = slices.Clone(b.Data)
	}
	again := of(w.waves(3, 7))
	last := w.waves(3, 7)
	last.Data = last.Data[2*x.Shape.Len():]
	one := of(last)
	if len(again) != len(all) || len(one) != len(all) {
		w.addf("%d, %d and %d blocks of the same images", len(all), len(again), len(one))
		panic(stop{})
	}
	for i, b := range all {
		if !slices.Equal(copies[i], again[i].Data) {
			w.addf("%s of the same images differs when they are read again", named(what, b))
		}
		if !alike(b.Row(2), one[i].Data) {
			w.addf("%s of an image depends on the images beside it", named(what, b))
		}
	}
	return all
}

func named(what string, b *models.Block) string {
	if b == nil || b.Role == "" {
		return "the " + what
	}
	return fmt.Sprintf("the %s %s", b.Role, what)
}

// without leaves blocks out.
func without(c models.Codes, roles ...models.Role) models.Codes {
	return slices.DeleteFunc(slices.Clone(c), func(b *models.Block) bool { return slices.Contains(roles, b.Role) })
}

// slots: a role without a block is an empty slot, and every block that is given counts.
func (w *walk) slots(m models.Decoder, c models.Codes) {
	decode := func(c models.Codes) []float32 {
		images, err := m.Decode(3, c)
		w.must(err, "decoding")
		if images.Shape != w.o.Shape || images.Len() != 3 || !finite(images.Data) {
			w.addf("decoding gives %d images of %v, want 3 of %v and finite", images.Len(), images.Shape, w.o.Shape)
			panic(stop{})
		}
		return images.Data
	}
	whole := decode(c)
	for _, b := range c {
		if slices.Equal(decode(without(c, b.Role)), whole) {
			w.addf("the %s code changes no image", b.Role)
		}
	}
	var turned models.Codes
	for _, b := range c {
		turned = append(turned, b.Take([]int{2, 1, 0}))
	}
	if !alike(whole[len(whole)*2/3:], decode(turned)[:len(whole)/3]) {
		w.addf("the image of a code depends on the codes beside it")
	}
}

func finite(data []float32) bool {
	return !slices.ContainsFunc(data, func(v float32) bool { return math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) })
}

func alike(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool { return math.Abs(float64(x-y)) <= near*(1+math.Abs(float64(x))) })
}
