package didd

import (
	"fmt"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/ops"
)

// swappedOptions are losses of swapped images by their pixels. Codes that are read of a swapped image can
// be hidden in it, as a pattern that a reader sees and nobody else: that is what a decoder learns where the
// common code of an image with glasses has to be found in one without.
//
// Where nothing is particular to either image, a swapped one should be as it was. And what the encoders make
// of it beside an image's own separate code should decode to that image: what its common code says of glasses
// is not to be had there, so that the separate code has to say it. The latter is half of the cross-cycle of
// H.-Y. Lee et al., Diverse image-to-image translation via disentangled representations, ECCV 2018, with the
// swapped image a constant: nothing teaches the decoder to hide. Ours.
var swappedOptions = later([]option.Option{
	{Name: "swap.kept", Kind: option.Float, Default: 0.0, Min: 0, Max: 1e3, Doc: "weight of the L1 distance of swapped images from those that they are of, where the separate codes of neither change the image or, with region.mean, outside of the region; 0, as the reference, has none"},
	{Name: "swap.again", Kind: option.Float, Default: 0.0, Min: 0, Max: 1e3, Doc: "weight of the L1 distance of an image from what the common code of its swapped image and its own separate code decode to, and with loss.edges, times that weight, of their differences between neighbours (after Lee et al., ECCV 2018); 0, as the reference, has none"},
	{Name: "swap.cut", Kind: option.Int, Default: 0, Min: 0, Max: 256, Doc: "pixels around what is particular to an image that swap.again takes out of its swapped image as well, in case it left a trace there; 0 leaves all in"},
})

// checkSwapped finds losses of swapped images that are not made, or whose particular parts nothing shows.
func checkSwapped(o option.Values) (out []option.Error) {
	for _, name := range []string{"swap.kept", "swap.again"} {
		if w := o.Float(name); w > 0 && o.Float("cycle.swap") == 0 {
			out = append(out, option.Error{Option: "model." + name, Problem: fmt.Sprintf("%v, which takes swapped images; give model.cycle.swap", w)})
		}
	}
	fault := func(name string, value any) {
		if o.Float("loss.alone") == 0 && o.Float("cycle.removal") == 0 {
			out = append(out, option.Error{Option: "model." + name, Problem: fmt.Sprintf("%v, which takes images of the common code alone; give model.loss.alone or model.cycle.removal", value)})
		}
	}
	if w := o.Float("swap.kept"); w > 0 && !hasRegion(o) {
		fault("swap.kept", w)
	}
	if cut := o.Int("swap.cut"); cut > 0 {
		fault("swap.cut", cut)
	}
	return out
}

// showsParticular says whether these losses take images of the common code alone.
func showsParticular(o option.Values) bool {
	return o.Float("swap.kept") > 0 && !hasRegion(o) || o.Int("swap.cut") > 0
}

// A swappedStep is what losses of swapped images are made of: images, what they are decoded to, with
// their common code alone and with edits, swapped ones first, and separate codes of all images.
type swappedStep struct {
	input, own, alone, edited *ops.Node
	separate                  [2]*ops.Node
}

// addSwapped adds them.
func (m *Model) addSwapped(s *stepGraphs, b *models.Binding, of swappedStep) {
	kept, again := m.options.Float("swap.kept"), m.options.Float("swap.again")
	if kept == 0 && again == 0 {
		return
	}
	g := b.Graph
	swapped := s.firstEdits(g, 1, of.edited)
	add := func(name string, weight float64, got, wanted *ops.Node) {
		for _, side := range []domains.Side{domains.A, domains.B} {
			s.add(name+"/"+side.String(), weight, g.L1("loss/"+name+"-"+side.String(), s.rows(side), got, wanted))
		}
	}
	if kept > 0 {
		if hasRegion(m.options) {
			add("kept", kept, s.regions.weighted(g, "kept/swapped", regionInput{outside: 1}, swapped), s.regions.weighted(g, "kept/original", regionInput{outside: 1}, of.input))
		} else {
			free := g.Free("kept/free", particularFrom, particularAt, 0, true, of.own, of.alone)
			add("kept", kept, g.Product("kept/swapped", free, swapped), g.Product("kept/original", free, of.input))
		}
	}
	if again == 0 {
		return
	}
	seen := g.Detach("again/swapped", swapped)
	if reach := m.options.Int("swap.cut"); reach > 0 {
		seen = g.Product("again/cut", seen, g.Free("again/free", particularFrom, particularAt, reach, false, of.own, of.alone))
	}
	common := m.nets.common.Again(b, "again/", m.seenByCommon(&s.regions, g, "again", seen))
	made := m.nets.decoder.Again(b, "again/", g.Code("code/again", common, of.separate[domains.A], of.separate[domains.B], s.rows(domains.A), s.rows(domains.B)))
	add("again", again, made, of.input)
	if s.edges != nil {
		add("again-edges", again*m.options.Float("loss.edges"), s.edges("again", made), s.outlines)
	}
}

// swappedMACs are what they add to a step's multiply-accumulates, for one pair of images: three passes of the common
// encoder, less the gradient by the swapped images, and of the decoder.
func (m *Model) swappedMACs() int {
	if m.options.Float("swap.again") == 0 {
		return 0
	}
	return m.passes(m.nets.common.Layers(m.shape.Height)) + 2*3*m.nets.decoder.MACs(m.nets.side)
}
