package didd

import (
	"slices"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/ops"
)

// imageOptions are further losses of decoded images against their originals.
//
// A mean over all pixels hardly sees what is thin: the frame of a pair of glasses, the line between
// two rows of teeth. Differences of neighbours are large there and zero on plain areas. M. Mathieu,
// C. Couprie, Y. LeCun, Deep multi-scale video prediction beyond mean square error, ICLR 2016, arXiv
// 1511.05440, compare their sizes; here their signs count as well.
//
// Whatever both domains have could as well be in the separate codes, and a guide then brings it
// along. What is drawn of the common code alone is near the original where that code holds it. Of
// what only one domain has a common code without the domain draws nothing in particular. Ours.
var imageOptions = later([]option.Option{
	{Name: "loss.edges", Kind: option.Float, Default: 0.0, Min: 0, Max: 1e3, Doc: "weight of the L1 reconstruction of differences between neighbouring pixels, which sees what is thin (after Mathieu et al., arXiv 1511.05440); 0, as the reference, has none"},
	{Name: "loss.alone", Kind: option.Float, Default: 0.0, Min: 0, Max: 1e3, Doc: "weight of the L1 distance of an image from what its common code alone decodes to, which keeps what both domains have in that code; 0, as the reference, has none"},
	{Name: "loss.alone_elsewhere", Kind: option.Bool, Default: false, Doc: "where its separate code does not change the image alone: elsewhere it would ask the common code for what is particular"},
})

// addEdges adds the loss of differences: of a pixel's right and lower neighbour from it, in decoded images and originals
// as reconstruction compares them. Those of the images as they are stay for losses of swapped ones.
func (m *Model) addEdges(s *stepGraphs, g *ops.Graph, out, compared, input *ops.Node) {
	weight := m.options.Float("loss.edges")
	if weight == 0 {
		return
	}
	s.edges = m.differences(g)
	made, original := s.edges("made", out), s.edges("original", compared)
	if s.outlines = original; compared != input {
		s.outlines = s.edges("outlines", input)
	}
	for _, side := range []domains.Side{domains.A, domains.B} {
		s.add("edges/"+side.String(), weight, g.L1("loss/edges-"+side.String(), s.rows(side), made, original))
	}
}

// differences makes, of images by a name, those of a pixel's right and lower neighbour from it.
func (m *Model) differences(g *ops.Graph) func(name string, x *ops.Node) *ops.Node {
	c := m.shape.Channels
	w, kernel := models.Input(2*c, c, 2, 2)
	for i := range c {
		right, below := kernel[(2*i*c+i)*4:], kernel[((2*i+1)*c+i)*4:]
		right[0], right[1] = -1, 1
		below[0], below[2] = -1, 1
	}
	none, _ := models.Input(2 * c)
	differences, bias := g.Bind("edges/kernel", w), g.Bind("edges/none", none)
	return func(name string, x *ops.Node) *ops.Node {
		return g.Conv("edges/"+name, kernels.Conv{Kernel: 2, Stride: 1}, x, differences, bias)
	}
}

// removed are the images decoded with both slots empty, out of those of all edits; nil where no loss of
// images takes them.
func (m *Model) removed(s *stepGraphs, g *ops.Graph, edited *ops.Node, edits []decodedEdit) *ops.Node {
	if m.options.Float("loss.alone") == 0 && m.options.Float("paste.weight") == 0 && !showsParticular(m.options) {
		return nil
	}
	at := slices.IndexFunc(edits, func(e decodedEdit) bool { return e.name == removal })
	return g.Part("alone", ops.Rows{Lo: 2 * at * s.batch, Hi: 2 * (at + 1) * s.batch}, edited)
}

// addAlone adds the loss of images decoded with both slots empty.
func (m *Model) addAlone(s *stepGraphs, g *ops.Graph, own, made, input *ops.Node) {
	weight := m.options.Float("loss.alone")
	if weight == 0 {
		return
	}
	if m.options.Bool("loss.alone_elsewhere") {
		free := g.Free("alone/free", particularFrom, particularAt, 0, false, own, made)
		made, input = g.Product("alone/made", free, made), g.Product("alone/original", free, input)
	}
	if share, bare := m.options.Float("region.alone"), m.options.Bool("region.bare"); hasRegion(m.options) && (share < 1 || bare) {
		of := regionInput{inside: float32(share), outside: 1, bare: bare}
		made, input = s.regions.weighted(g, "alone/made-weighted", of, made), s.regions.weighted(g, "alone/original-weighted", of, input)
	}
	for _, side := range []domains.Side{domains.A, domains.B} {
		s.add("alone/"+side.String(), weight, g.L1("loss/alone-"+side.String(), s.rows(side), made, input))
	}
}
