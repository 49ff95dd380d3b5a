package ops

import (
	"fmt"

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

type compositeAttrs struct{ Low, High float64 }

func init() { onCPU("composites", compositesEval[float32], compositesEval[float64]) }

func composites(low, high float64) *op {
	return &op{kind: "composites", attrs: compositeAttrs{low, high}, ranks: []int{4, 4, 4}, rank: 4,
		infer: func(s []tensor.Shape) (tensor.Shape, error) {
			if !s[1].Eq(s[0]) || !s[2].Eq(s[0]) {
				return nil, fmt.Errorf("images %v, their own %v and alone %v differ", s[0], s[1], s[2])
			}
			if s[0][0]%2 != 0 {
				return nil, fmt.Errorf("%d images are not as many of either domain", s[0][0])
			}
			return s[0], nil
		}}
}

func compositesEval[F kernels.Float](a compositeAttrs) eval[F] {
	return func(out arg[F], in []arg[F]) {
		d := out.dims()
		plane := d.H * d.W
		masks := make([]F, d.N*plane)
		for i := range d.N {
			row := Rows{i, i + 1}
			particular(masks[i*plane:(i+1)*plane], a, in[1].rows(row), in[2].rows(row))
		}
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
