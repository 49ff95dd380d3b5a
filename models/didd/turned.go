package didd

import (
	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/ops"
	"github.com/venn-adapt/venn/models/views"
)

// turnedOptions are of images whose separate codes cannot say at what tilt they are. A separate code is read off one image
// and drawn on another, at whose tilt its part has to be; of an image beside its own common code, which knows the tilt, it could
// as well say where each part lies, and would bring that along. Ours.
var turnedOptions = later([]option.Option{
	{Name: "separate_turn", Kind: option.Float, Default: 0.0, Min: 0, Max: 180, Doc: "degrees, either way, by which the images that the encoders of separate codes see in training are turned at most, each anew in every step, while what is made of them has to stand as it was; 0, as the reference, turns none"},
})

// turned are the images of a step as the encoders of separate codes see them, before any region is hidden.
func (m *Model) turned(s *stepGraphs, g *ops.Graph, input *ops.Node) *ops.Node {
	if m.options.Float("separate_turn") == 0 {
		return input
	}
	x, data := models.Input(2*s.batch, m.shape.Channels, m.shape.Height, m.shape.Width)
	s.turns = data
	return g.Bind("turned", x)
}

// fillTurned turns a step's images.
func (m *Model) fillTurned(s *stepGraphs, step int) {
	if s.turns == nil {
		return
	}
	images := &domains.Images{Shape: m.shape, Data: s.images[:len(s.turns)]}
	views.Turned{Seed: m.seed, Degrees: m.options.Float("separate_turn")}.Fill(s.turns, images, "separate", step)
}
