package masked

import (
	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/layers"
	"github.com/venn-adapt/venn/models/onesided"
	"github.com/venn-adapt/venn/models/ops"
)

// evalBatch images are encoded or decoded at a time.
const evalBatch = 64

// readers are the programs of evaluation, which normalise by running statistics.
type readers struct{ encode, plain, painter *models.Reader }

func (h *half) read() (*readers, error) {
	if h.readers != nil {
		return h.readers, nil
	}
	b := h.bind()
	x, images := models.Input(evalBatch, h.shape.Channels, h.shape.Height, h.shape.Width)
	input := b.Graph.Bind("images", x)
	p, err := b.Graph.Compile(h.common.Build(b, input), h.separate.Build(b, input))
	if err != nil {
		return nil, err
	}
	r := &readers{encode: models.NewReader(evalBatch, p, 2, images)}
	decoder := func(net layers.Stack, finish func(g *ops.Graph, x *ops.Node) *ops.Node) (*models.Reader, error) {
		b := h.bind()
		c, common := models.Input(evalBatch, h.codes(), 2, 2)
		s, own := models.Input(evalBatch, h.own(), 2, 2)
		out := net.Build(b, b.Graph.Channels("code", b.Graph.Bind("common", c), b.Graph.Bind("own", s)))
		p, err := b.Graph.Compile(finish(b.Graph, out))
		return models.NewReader(evalBatch, p, 1, common, own), err
	}
	if r.plain, err = decoder(h.plain, func(_ *ops.Graph, x *ops.Node) *ops.Node { return x }); err != nil {
		return nil, err
	}
	if r.painter, err = decoder(h.painter, func(g *ops.Graph, x *ops.Node) *ops.Node { return g.Masked("painted", x) }); err != nil {
		return nil, err
	}
	h.readers = r
	return r, nil
}

// Codes are the common and the separate code of images, channel-major over 2x2 places.
func (h *half) Codes(x *domains.Images) (common, separate *models.Block, err error) {
	r, err := h.read()
	if err != nil {
		return nil, nil, err
	}
	out, err := r.encode.Read(x.Len(), x.Data)
	if err != nil {
		return nil, nil, err
	}
	common, separate = models.NewBlock(models.Common, x.Len(), h.codes(), 4), models.NewBlock("", x.Len(), h.own(), 4)
	common.Data, separate.Data = out[0], out[1]
	return common, separate, nil
}

// Make keeps an image by painting its content over the image without that is made of its codes;
// removes a content by that image, where the mask is as large as the threshold; and paints the
// content of a guide over the image itself.
func (h *half) Make(a onesided.Action, x, guides *domains.Images) (*domains.Images, *models.Block, error) {
	common, own, err := h.Codes(x)
	if err != nil {
		return nil, nil, err
	}
	r, n := h.readers, x.Len()
	if a == onesided.Add {
		if _, own, err = h.Codes(guides); err != nil {
			return nil, nil, err
		}
	}
	read, err := r.painter.Read(n, common.Data, own.Data)
	if err != nil {
		return nil, nil, err
	}
	painted, base := read[0], x.Data
	if a != onesided.Add {
		code := make([]float32, len(own.Data))
		if a == onesided.Remove && h.options.String("removal.code") == ownCode {
			copy(code, own.Data)
		}
		plain, err := r.plain.Read(n, common.Data, code)
		if err != nil {
			return nil, nil, err
		}
		base = plain[0]
	}
	paint := kernels.Paint{N: n, Channels: h.shape.Channels, Area: h.shape.Height * h.shape.Width}
	if a == onesided.Remove {
		h.uncover(painted, base, paint)
		base = x.Data
	}
	out := &domains.Images{Shape: h.shape, Data: make([]float32, len(x.Data))}
	kernels.Blend(out.Data, painted, base, paint)
	mask := models.NewBlock("", n, 1, paint.Area)
	for i := range n {
		copy(mask.Row(i), painted[i*(1+paint.Channels)*paint.Area:])
	}
	return out, mask, nil
}

// uncover makes masks hard, and has the images below painted through them.
func (h *half) uncover(painted, base []float32, p kernels.Paint) {
	threshold := float32(h.options.Float("removal.threshold"))
	size := p.Channels * p.Area
	for i := range p.N {
		at := i * (size + p.Area)
		for k, m := range painted[at : at+p.Area] {
			painted[at+k] = 0
			if m >= threshold {
				painted[at+k] = 1
			}
		}
		copy(painted[at+p.Area:at+p.Area+size], base[i*size:])
	}
}
