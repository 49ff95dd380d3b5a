package didd

import (
	"slices"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
)

// Images again, by hand from the codes of the network before the step: what the encoders make of a swapped image beside
// the separate code of the image that it is of.
func TestImagesAgain(t *testing.T) {
	const n = 4
	o := option.Values{"base": 4, "separate": 2, "cycle.swap": 0.1, "swap.again": 0.5}
	m, plain := newModel(t, 16, o), newModel(t, 16, o)
	a, b := smooth(n, 1), noise(16, n, "b")
	losses, err := m.reconstruct(0, a, b)
	if err != nil {
		t.Fatal(err)
	}
	for _, net := range plain.nets.autoencoder() {
		plain.powerIterate(net)
	}
	encode := func(x []float32) models.Codes {
		c, err := plain.Encode(&domains.Images{Shape: a.Shape, Data: x})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	decode := func(c models.Codes) []float32 {
		y, err := plain.Decode(2*n, c)
		if err != nil {
			t.Fatal(err)
		}
		return y.Data
	}
	images := slices.Concat(a.Data, b.Data)
	c, half := encode(images), n*2*4
	sa, sb := c.Of(models.SeparateA), c.Of(models.SeparateB)
	copy(sa.Data[half:], sa.Data[:half]) // A's own beside B's common codes, and the other way about
	clear(sa.Data[:half])
	copy(sb.Data[:half], sb.Data[half:])
	clear(sb.Data[half:])
	seen, own := encode(decode(c)), encode(images)
	sa, sb = seen.Of(models.SeparateA), seen.Of(models.SeparateB)
	copy(sa.Data[:half], own.Of(models.SeparateA).Data)
	clear(sa.Data[half:])
	copy(sb.Data[half:], own.Of(models.SeparateB).Data[half:])
	clear(sb.Data[:half])
	y, size := decode(seen), a.Shape.Len()
	near(t, "again", losses, map[string]float64{"again/a": meanAbs(y, images, 0, n*size), "again/b": meanAbs(y, images, n*size, 2*n*size)})
}

// Losses of swapped images that take those of the common code alone have them, whoever else asks; one by a region takes none.
func TestSwappedWithoutAlone(t *testing.T) {
	for _, o := range []option.Values{
		{"cycle.swap": 0.1, "cycle.removal": 0.1, "swap.kept": 0.5},
		{"cycle.swap": 0.1, "cycle.removal": 0.1, "swap.again": 0.5, "swap.cut": 2},
		{"cycle.swap": 0.1, "swap.kept": 0.5, "region.mean": 0.1},
	} {
		m := newModel(t, 16, with(option.Values{"base": 4, "separate": 2}, o))
		losses, err := m.reconstruct(0, smooth(4, 1), noise(16, 4, "b"))
		if err != nil {
			t.Errorf("%v: %v", o, err)
			continue
		}
		name := "kept/a"
		if _, ok := o["swap.cut"]; ok {
			name = "again/a"
		}
		if _, ok := named(losses)[name]; !ok {
			t.Errorf("%v: losses %v without %s", o, losses, name)
		}
	}
}
