package press

import (
	"fmt"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/ops"
)

// A step holds the programs of a training step at one batch size: the losses and gradients of
// encoders and decoder, and the common codes of the updated encoder, without gradients, since the
// discriminator's loss sends nothing into it.
type step struct {
	batch  int
	images []float32 // 2·batch images, those with the content first
	auto   *ops.Program
	terms  []*ops.Node
	codes  *ops.Program
}

// names of the terms, in their order.
func (h *half) names() []string {
	with, without := h.side.String(), (1 - h.side).String()
	names := []string{"reconstruction/" + with, "reconstruction/" + without}
	if h.confusion != nil {
		names = append(names, "confusion/"+with, "confusion/"+without)
	}
	return names
}

func (h *half) newStep(batch int) (*step, error) {
	x, images := models.Input(2*batch, h.shape.Channels, h.shape.Height, h.shape.Width)
	s := &step{batch: batch, images: images}
	with, without := ops.Rows{Lo: 0, Hi: batch}, ops.Rows{Lo: batch, Hi: 2 * batch}
	b := h.bind()
	g := b.Graph
	input := g.Bind("images", x)
	common := h.common.Build(b, input)
	own := h.separate.Build(b, g.Part("with", with, input))
	zero, _ := models.Input(batch, h.own(), 2, 2)
	out := h.decoder.Build(b, g.Channels("code", common, g.Join("slots", own, g.Bind("empty", zero))))
	s.terms = []*ops.Node{g.MSE("loss/with", with, out, input), g.MSE("loss/without", without, out, input)}
	reconstruction, confusion := h.options.Float("loss.reconstruction"), h.options.Float("loss.confusion")
	weights := []float64{reconstruction, reconstruction}
	if h.confusion != nil {
		told := h.confusion.Terms(b, batch, g.Flatten("flat", common))
		s.terms, weights = append(s.terms, told[:]...), append(weights, confusion, confusion)
	}
	var err error
	if s.auto, err = g.CompileGradients(g.Weighted("loss/total", weights, s.terms...), b.Nodes(h.trained())); err != nil || h.confusion == nil {
		return s, err
	}
	b = h.bind()
	if s.codes, err = b.Graph.Compile(b.Graph.Flatten("flat", h.common.Build(b, b.Graph.Bind("images", x)))); err != nil {
		return nil, err
	}
	return s, h.confusion.Compile(h.bind(), batch)
}

// Step updates encoders and decoder, then the discriminator on the codes of the updated encoder.
// Batches must have the size of the first step.
func (h *half) Step(n int, with, without *domains.Images) ([]models.Loss, error) {
	losses, err := h.reconstruct(n, with, without)
	if err != nil || h.confusion == nil {
		return losses, err
	}
	if err := h.step.codes.Run(); err != nil {
		return nil, err
	}
	more, err := h.confusion.Update(h.step.codes.Output(0).Data().([]float32))
	return append(losses, more...), err
}

// reconstruct updates encoders and decoder.
func (h *half) reconstruct(n int, with, without *domains.Images) ([]models.Loss, error) {
	if h.step == nil {
		s, err := h.newStep(with.Len())
		if err != nil {
			return nil, err
		}
		h.step = s
	}
	s := h.step
	if with.Len() != s.batch || without.Len() != s.batch {
		return nil, fmt.Errorf("models: press: batches of %d and %d images, want %d each", with.Len(), without.Len(), s.batch)
	}
	copy(s.images[copy(s.images, with.Data):], without.Data)
	if err := s.auto.Run(); err != nil {
		return nil, err
	}
	var losses []models.Loss
	for i, name := range h.names() {
		losses = append(losses, models.Loss{Name: name, Value: ops.Scalar(s.terms[i])})
	}
	if err := models.CheckFinite("press", n+1, losses, nil); err != nil {
		return nil, err
	}
	return append(losses, models.Loss{Name: "gradient-norm", Value: h.optimiser.Update(s.auto)}), nil
}
