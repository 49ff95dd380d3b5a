package press

import (
	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/onesided"
)

// evalBatch images are encoded or decoded at a time.
const evalBatch = 64

// read makes the programs that encode and decode.
func (h *half) read() error {
	if h.encode != nil {
		return nil
	}
	b := h.bind()
	x, images := models.Input(evalBatch, h.shape.Channels, h.shape.Height, h.shape.Width)
	input := b.Graph.Bind("images", x)
	encode, err := b.Graph.Compile(h.common.Build(b, input), h.separate.Build(b, input))
	if err != nil {
		return err
	}
	b = h.bind()
	c, common := models.Input(evalBatch, h.codes(), 2, 2)
	s, own := models.Input(evalBatch, h.own(), 2, 2)
	decode, err := b.Graph.Compile(h.decoder.Build(b, b.Graph.Channels("code", b.Graph.Bind("common", c), b.Graph.Bind("own", s))))
	if err != nil {
		return err
	}
	h.encode, h.decode = models.NewReader(evalBatch, encode, 2, images), models.NewReader(evalBatch, decode, 1, common, own)
	return nil
}

// Codes are the common and the separate code of images, channel-major over 2x2 places.
func (h *half) Codes(x *domains.Images) (common, separate *models.Block, err error) {
	if err := h.read(); err != nil {
		return nil, nil, err
	}
	out, err := h.encode.Read(x.Len(), x.Data)
	if err != nil {
		return nil, nil, err
	}
	common, separate = models.NewBlock(models.Common, x.Len(), h.codes(), 4), models.NewBlock("", x.Len(), h.own(), 4)
	common.Data, separate.Data = out[0], out[1]
	return common, separate, nil
}

// Make decodes the common code of images with their own separate code, with none, or with that of
// the guides.
func (h *half) Make(a onesided.Action, x, guides *domains.Images) (*domains.Images, *models.Block, error) {
	common, own, err := h.Codes(x)
	if err != nil {
		return nil, nil, err
	}
	switch a {
	case onesided.Remove:
		clear(own.Data)
	case onesided.Add:
		if _, own, err = h.Codes(guides); err != nil {
			return nil, nil, err
		}
	}
	out, err := h.decode.Read(x.Len(), common.Data, own.Data)
	if err != nil {
		return nil, nil, err
	}
	return &domains.Images{Shape: h.shape, Data: out[0]}, nil, nil
}
