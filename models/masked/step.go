package masked

import (
	"fmt"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/layers"
	"github.com/venn-adapt/venn/models/ops"
)

// A step holds the programs of a training step at one batch size: the losses and gradients of
// encoders and decoders, and the common codes of the updated encoder, without gradients, since the
// discriminator's loss sends nothing into it. Each group of images that the published program
// passes by itself is normalised by its own statistics.
type step struct {
	batch   int
	images  []float32 // 2·batch images, those with the content first
	auto    *ops.Program
	names   []string
	weights []float64
	terms   []*ops.Node
	follow  []followed // in the order of the published passes
	codes   *ops.Program
	again   *models.BatchStatistics // of codes
}

// followed is a group of a pass whose statistics the running ones follow.
type followed struct {
	pass  *models.BatchStatistics
	group int
}

// add appends a term; one of weight 0 is left out.
func (s *step) add(name string, weight float64, n *ops.Node) {
	if weight > 0 {
		s.names, s.weights, s.terms = append(s.names, name), append(s.weights, weight), append(s.terms, n)
	}
}

func (h *half) newStep(batch int) (*step, error) {
	x, images := models.Input(2*batch, h.shape.Channels, h.shape.Height, h.shape.Width)
	s := &step{batch: batch, images: images}
	b := h.bind()
	moments := h.losses(s, b, b.Graph.Bind("images", x))
	var err error
	if s.auto, err = b.Graph.CompileGradients(b.Graph.Weighted("loss/total", s.weights, s.terms...), b.Nodes(h.trained()), moments...); err != nil || h.confusion == nil {
		return s, err
	}
	b = h.bind()
	s.again = &models.BatchStatistics{Split: batch, First: 1}
	b.Batch = s.again
	flat := b.Graph.Flatten("flat", h.common.Build(b, b.Graph.Bind("images", x)))
	if s.codes, err = b.Graph.Compile(append([]*ops.Node{flat}, s.again.Nodes()...)...); err != nil {
		return nil, err
	}
	return s, h.confusion.Compile(h.bind(), batch)
}

// losses adds the terms of encoders and decoders; it returns the moments of all passes.
func (h *half) losses(s *step, b *models.Binding, x *ops.Node) (moments []*ops.Node) {
	g, batch := b.Graph, s.batch
	with, without, all := ops.Rows{Lo: 0, Hi: batch}, ops.Rows{Lo: batch, Hi: 2 * batch}, ops.Rows{Lo: 0, Hi: batch}
	// A pass normalises the first split rows and the rest each by their own statistics.
	pass := func(net layers.Stack, split int, in *ops.Node) (*ops.Node, *models.BatchStatistics) {
		b.Batch = &models.BatchStatistics{Split: split, First: len(moments)}
		out := net.Build(b, in)
		moments = append(moments, b.Batch.Nodes()...)
		return out, b.Batch
	}
	side, other := h.side.String(), (1 - h.side).String()
	weight := func(name string) float64 { return h.options.Float("loss." + name) }

	withImages, withoutImages := g.Part("with", with, x), g.Part("without", without, x)
	common, ofCommon := pass(h.common, batch, x)
	own, ofOwn := pass(h.separate, 0, withImages)
	zero, _ := models.Input(2*batch, h.own(), 2, 2)
	none, _ := models.Input(batch, h.own(), 2, 2)
	plain, ofPlain := pass(h.plain, batch, g.Channels("code/plain", common, g.Bind("empty", zero)))
	raw, ofPainter := pass(h.painter, batch, g.Channels("code/painter", common, g.Join("slots", own, g.Bind("empty/without", none))))
	painted := g.Masked("painted", raw)
	s.add("reconstruction/"+side, weight("reconstruction_with"),
		g.L1("loss/reconstruction-with", all, g.Blend("kept", g.Part("painted/with", with, painted), g.Part("plain/with", with, plain)), withImages))
	s.add("reconstruction/"+other, weight("reconstruction_without"), g.L1("loss/reconstruction-without", without, plain, x))
	repainted := g.Blend("repainted", painted, x)
	s.add("repainting/"+side, weight("repainting_with"), g.L1("loss/repainting-with", with, repainted, x))
	s.add("repainting/"+other, weight("repainting_without"), g.L1("loss/repainting-without", without, repainted, x))

	// The content of a guide, added to an image without.
	bare := g.Part("common/without", without, common)
	rawAdded, ofAdded := pass(h.painter, 0, g.Channels("code/added", bare, own))
	added := g.Blend("added", g.Masked("painted/added", rawAdded), withoutImages)
	commonAgain, ofCommonAgain := pass(h.common, 0, added)
	ownAgain, ofOwnAgain := pass(h.separate, 0, added)
	s.add("cycle/common", weight("cycle_common"), g.SquaredDistance("loss/cycle-common", all, commonAgain, bare))
	s.add("cycle/separate", weight("cycle_separate"), g.SquaredDistance("loss/cycle-separate", all, ownAgain, own))
	if h.confusion != nil {
		told := h.confusion.Terms(b, batch, g.Flatten("flat", common))
		s.add("confusion/"+side, weight("confusion"), told[0])
		s.add("confusion/"+other, weight("confusion"), told[1])
	}
	// The painter sees the code of images with the content twice: for either image below it.
	s.follow = []followed{{ofCommon, 0}, {ofCommon, 1}, {ofCommonAgain, 0}, {ofOwn, 0}, {ofOwnAgain, 0},
		{ofPlain, 0}, {ofPlain, 1}, {ofPainter, 0}, {ofPainter, 0}, {ofPainter, 1}, {ofAdded, 0}}
	return moments
}

// Step updates encoders and decoders, then the discriminator on the codes of the updated encoder.
// Batches must have the size of the first step.
func (h *half) Step(n int, with, without *domains.Images) ([]models.Loss, error) {
	losses, err := h.reconstruct(n, with, without)
	if err != nil || h.confusion == nil {
		return losses, err
	}
	more, err := h.discriminate()
	return append(losses, more...), err
}

// reconstruct updates encoders and decoders.
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
		return nil, fmt.Errorf("models: masked: batches of %d and %d images, want %d each", with.Len(), without.Len(), s.batch)
	}
	copy(s.images[copy(s.images, with.Data):], without.Data)
	if err := s.auto.Run(); err != nil {
		return nil, err
	}
	var losses []models.Loss
	for i, name := range s.names {
		losses = append(losses, models.Loss{Name: name, Value: ops.Scalar(s.terms[i])})
	}
	if err := models.CheckFinite("masked", n+1, losses, nil); err != nil {
		return nil, err
	}
	for _, f := range s.follow {
		f.pass.Follow(s.auto, f.group)
	}
	return append(losses, models.Loss{Name: "gradient-norm", Value: h.optimiser.Update(s.auto)}), nil
}

// discriminate updates the discriminator on common codes that are computed anew.
func (h *half) discriminate() ([]models.Loss, error) {
	s := h.step
	if err := s.codes.Run(); err != nil {
		return nil, err
	}
	s.again.Follow(s.codes, 0)
	s.again.Follow(s.codes, 1)
	return h.confusion.Update(s.codes.Output(0).Data().([]float32))
}
