package ops

import (
	"errors"
	"fmt"
	"slices"

	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/internal/kernels"
)

// Composites pastes what is particular to one image onto another. images, own and alone are
// 2N x C x H x W: images, N of either domain, what they are decoded to, and what they are decoded to without
// what is particular to them. A pixel is particular that the latter two differ in: not at all up to
// low, in the channel that differs most, wholly from high. Row i is image i, drawn without what is
// particular to it, under what is particular to image i+N, or i-N. It has no gradient.
func (g *Graph) Composites(layer string, low, high float64, images, own, alone *Node) *Node {
	return g.apply(layer, composites(low, high), images, own, alone)
}

// Free adds, of the shape of own and alone, how far each pixel is not particular, by Composites' rule: 1 where it
// is not at all, in every channel. A pixel counts as particular as the most particular one not more than reach
// away, across and down. With both, one counts as well that is particular to image i+N, or i-N. It has no gradient.
func (g *Graph) Free(layer string, low, high float64, reach int, both bool, own, alone *Node) *Node {
	return g.apply(layer, free(low, high, reach, both), own, alone)
}

type compositeAttrs struct{ Low, High float64 }

type freeAttrs struct {
	compositeAttrs
	Reach int
	Both  bool
}

func init() {
	onCPU("composites", compositesEval[float32], compositesEval[float64])
	onCPU("free", freeEval[float32], freeEval[float64])
}

func composites(low, high float64) *op {
	return &op{kind: "composites", attrs: compositeAttrs{low, high}, ranks: []int{4, 4, 4}, rank: 4,
		infer: pairedImages}
}

func free(low, high float64, reach int, both bool) *op {
	return &op{kind: "free", attrs: freeAttrs{compositeAttrs{low, high}, reach, both}, ranks: []int{4, 4}, rank: 4, infer: pairedImages}
}

// pairedImages are inputs of one shape, as many of either domain; the last two are own and alone.
func pairedImages(s []tensor.Shape) (tensor.Shape, error) {
	own, alone := s[len(s)-2], s[len(s)-1]
	switch {
	case !own.Eq(s[0]) || !alone.Eq(s[0]):
		text := fmt.Sprintf("own images %v and alone %v differ", own, alone)
		if len(s) > 2 {
			text = fmt.Sprintf("images %v, their own %v and alone %v differ", s[0], own, alone)
		}
		return nil, errors.New(text)
	case s[0][0]%2 != 0:
		return nil, fmt.Errorf("%d images are not as many of either domain", s[0][0])
	}
	return s[0], nil
}

func compositesEval[F kernels.Float](a compositeAttrs) eval[F] {
	return func(out arg[F], in []arg[F]) {
		d := out.dims()
		plane := d.H * d.W
		masks := allParticular(a, in[1], in[2])
		for i := range d.N {
			j := (i + d.N/2) % d.N
			below, above := Rows{i, i + 1}, Rows{j, j + 1}
			image, bare, pasted, to := in[0].rows(below), in[2].rows(below), in[0].rows(above), out.rows(below)
			for k := range to {
				own, over := masks[i*plane+k%plane], masks[j*plane+k%plane]
				to[k] = over*pasted[k] + (1-over)*(own*bare[k]+(1-own)*image[k])
			}
		}
	}
}

func freeEval[F kernels.Float](a freeAttrs) eval[F] {
	return func(out arg[F], in []arg[F]) {
		d := out.dims()
		plane := d.H * d.W
		masks := allParticular(a.compositeAttrs, in[0], in[1])
		if a.Reach > 0 {
			for i := range d.N {
				widen(masks[i*plane:(i+1)*plane], d.W, a.Reach)
			}
		}
		for i := range d.N {
			j, to := (i+d.N/2)%d.N, out.rows(Rows{i, i + 1})
			for k := range to {
				to[k] = 1 - masks[i*plane+k%plane]
				if a.Both {
					to[k] *= 1 - masks[j*plane+k%plane]
				}
			}
		}
	}
}

// allParticular are the masks of all images.
func allParticular[F kernels.Float](a compositeAttrs, own, alone arg[F]) []F {
	d := own.dims()
	plane := d.H * d.W
	masks := make([]F, d.N*plane)
	for i := range d.N {
		row := Rows{i, i + 1}
		particular(masks[i*plane:(i+1)*plane], a, own.rows(row), alone.rows(row))
	}
	return masks
}

// widen takes the most of a mask, of rows of a width, over windows of reach to either side, across and then down.
func widen[F kernels.Float](mask []F, width, reach int) {
	across := slices.Clone(mask)
	for at := range mask {
		row := at - at%width
		across[at] = slices.Max(mask[max(row, at-reach):min(row+width, at+reach+1)])
	}
	for at := range mask {
		most := F(0)
		for k := max(at%width, at-reach*width); k < len(mask) && k <= at+reach*width; k += width {
			most = max(most, across[k])
		}
		mask[at] = most
	}
}

// particular fills a mask of the pixels of an image that its own decoded image and the one alone
// differ in.
func particular[F kernels.Float](mask []F, a compositeAttrs, own, alone []F) {
	plane := len(mask)
	for p := range mask {
		most := F(0)
		for k := p; k < len(own); k += plane {
			most = max(most, own[k]-alone[k], alone[k]-own[k])
		}
		mask[p] = min(1, max(0, (most-F(a.Low))/F(a.High-a.Low)))
	}
}
