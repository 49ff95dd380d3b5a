package didd

import (
	"fmt"
	"strings"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/ops"
)

// cycleOptions ask of decoded edits of a step's images for the codes that they were made of, as
// averages of the encoders read them. An adversary makes the common code independent of the
// domain alone; this makes it independent of the separate codes that it is decoded with, and has
// the decoder see empty and full slots.
//
// Diff-CA: separating common and salient factors with diffusion models, 2026, arXiv 2606.06120, of
// swapped images; removals and unions are ours.
var cycleOptions = later([]option.Option{
	{Name: "cycle.swap", Kind: option.Float, Default: 0.0, Min: 0, Max: 1e3, Doc: "weight of the mean absolute difference of the codes of swapped images, the common code of one with the separate code of the other, from those that they were made of (Diff-CA, arXiv 2606.06120); 0, as the reference, makes none"},
	{Name: "cycle.removal", Kind: option.Float, Default: 0.0, Min: 0, Max: 1e3, Doc: "the same of images with both slots empty, whose separate codes are to be zero"},
	{Name: "cycle.union", Kind: option.Float, Default: 0.0, Min: 0, Max: 1e3, Doc: "the same of images with both slots full, by the pairs of the batch"},
	{Name: "cycle.fixed", Kind: option.Bool, Default: false, Doc: "take the codes that edits were made of as constants where they are asked for: no encoder then shrinks its codes to make them easier to read"},
	{Name: "cycle.common", Kind: option.Bool, Default: true, Doc: "read the common code of edits as well; false asks for their separate codes alone, and a decoder then has no use for hiding in swapped images what they no longer show"},
	{Name: "cycle.decay", Kind: option.Float, Default: 0.999, Min: 0, Max: 0.999999, Doc: "decay of the moving averages of the encoders that read these images"},
})

// edits are the names of what a cycle decodes.
var edits = []string{"swap", removal, "union"}

// removal is the edit with both slots empty.
const removal = "removal"

// cyclePrefix is put before the names of the averaged encoders.
const cyclePrefix = "cycle/"

// cycles says whether edits are read in a step.
func cycles(o option.Values) bool { return countEdits(o) > 0 }

// decodesEdits says whether any are decoded.
func decodesEdits(o option.Values) bool { return cycles(o) || o.Float("loss.alone") > 0 }

// alone says whether removals are decoded for their images alone.
func alone(o option.Values) bool { return o.Float("loss.alone") > 0 && o.Float("cycle.removal") == 0 }

func countEdits(o option.Values) (n int) {
	for _, name := range edits {
		if o.Float("cycle."+name) > 0 {
			n++
		}
	}
	return n
}

// checkCycle finds edits that the decoder's input has no arrangement for.
func checkCycle(o option.Values) (out []option.Error) {
	slots := o.String("slots")
	for _, name := range []string{"cycle.swap", "cycle.removal", "cycle.union", "loss.alone"} {
		if w := o.Float(name); w > 0 && slots != ownSlot {
			out = append(out, option.Error{Option: "model." + name, Problem: fmt.Sprintf("%v, which takes model.slots %s, not %s", w, ownSlot, slots)})
		}
	}
	return out
}

// encoders are the common one and the separate ones of A and of B.
func (n networks) encoders() []models.Network {
	return []models.Network{n.common, n.separateA, n.separateB}
}

// newReaders adds the averages of the encoders.
func newReaders(o option.Values, nets networks, ps *models.Parameters) (out []*models.Average) {
	if !cycles(o) {
		return nil
	}
	for _, net := range nets.encoders() {
		out = append(out, models.NewAverageAs(cyclePrefix, ps, net.Name+"/", o.Float("cycle.decay")))
	}
	return out
}

// A decodedEdit is an edit of all images of a step: the content of the slots, and the weight of what
// is read of it, 0 where nothing is.
type decodedEdit struct {
	name   string
	weight float64
	slots  [2]*ops.Node
}

// decodedEdits are those that a loss asks for, the ones that are read first. Image i of A is paired
// with image i of B.
func (m *Model) decodedEdits(s *stepGraphs, g *ops.Graph, separate [2]*ops.Node) (out []decodedEdit) {
	if !decodesEdits(m.options) {
		return nil
	}
	ownA, ownB := s.ownCodes(g, domains.A, separate[domains.A]), s.ownCodes(g, domains.B, separate[domains.B])
	nothing := func(name string, batches int) *ops.Node {
		x, _ := models.Input(batches*s.batch, m.nets.separate, m.nets.side, m.nets.side)
		return g.Bind(name, x)
	}
	add := func(name string, weight float64) {
		e := decodedEdit{name: name, weight: weight}
		switch name {
		case "swap":
			none := nothing("cycle/none", 1)
			e.slots = [2]*ops.Node{g.Join("cycle/swap-a", none, ownA), g.Join("cycle/swap-b", ownB, none)}
		case removal:
			empty := nothing("cycle/empty", 2)
			e.slots = [2]*ops.Node{empty, empty}
		case "union":
			e.slots = [2]*ops.Node{g.Join("cycle/union-a", ownA, ownA), g.Join("cycle/union-b", ownB, ownB)}
		}
		out = append(out, e)
	}
	for _, name := range edits {
		if w := m.options.Float("cycle." + name); w > 0 {
			add(name, w)
		}
	}
	if alone(m.options) {
		add(removal, 0)
	}
	return out
}

// decode adds the decoder, once for the images of a step and their edits: the images, then each
// edit's, one below the other.
func (m *Model) decode(s *stepGraphs, b *models.Binding, code, common *ops.Node, edits []decodedEdit) (out, edited *ops.Node) {
	if len(edits) == 0 {
		return m.nets.decoder.Build(b, code), nil
	}
	g, all := b.Graph, ops.Rows{Lo: 0, Hi: 2 * s.batch}
	for _, e := range edits {
		code = g.Join("code/with-"+e.name, code, g.Code("code/"+e.name, common, e.slots[domains.A], e.slots[domains.B], all, all))
	}
	made := m.nets.decoder.Build(b, code)
	return g.Part("decoded/own", all, made), g.Part("decoded/edited", ops.Rows{Lo: 2 * s.batch, Hi: made.Shape()[0]}, made)
}

// firstEdits are the first n of decoded edits: one node for each n, however many losses take it.
func (s *stepGraphs) firstEdits(g *ops.Graph, n int, edited *ops.Node) *ops.Node {
	if s.first[n] == nil {
		s.first[n] = g.Part(fmt.Sprintf("edits/%d", n), ops.Rows{Lo: 0, Hi: 2 * n * s.batch}, edited)
	}
	return s.first[n]
}

// addCycle adds what the averaged encoders make of edited images, against the codes that these
// were made of. The gradient goes into the decoder and, by the codes as they are decoded and, unless
// cycle.fixed, as they are asked for, into the encoders: a common code that says what an edit changes is drawn
// towards what can still be read after it. The averages get none.
func (m *Model) addCycle(s *stepGraphs, b *models.Binding, edited, common *ops.Node, edits []decodedEdit) {
	if !cycles(m.options) {
		return
	}
	if alone(m.options) { // the last, which is not read
		edits = edits[:len(edits)-1]
		edited = s.firstEdits(b.Graph, len(edits), edited)
	}
	asked := b.Graph.Distance
	if m.options.Bool("cycle.fixed") {
		asked = b.Graph.L1
	}
	there := m.seenBySeparate(&s.regions, b.Graph, "cycle/separate", edited)
	var read []*ops.Node
	for i, net := range m.nets.encoders() {
		if i == 0 && !m.options.Bool("cycle.common") {
			read = append(read, nil)
			continue
		}
		seen := there
		if i == 0 {
			seen = m.seenByCommon(&s.regions, b.Graph, "cycle/common", edited)
		}
		net.Name = cyclePrefix + net.Name
		read = append(read, net.Build(b, seen))
	}
	all := ops.Rows{Lo: 0, Hi: 2 * s.batch}
	for i, e := range edits {
		rows := ops.Rows{Lo: 2 * i * s.batch, Hi: 2 * (i + 1) * s.batch}
		for k, of := range []struct {
			name   string
			wanted *ops.Node
		}{{"common", common}, {"separate-a", e.slots[domains.A]}, {"separate-b", e.slots[domains.B]}} {
			if of.wanted == common && !m.options.Bool("cycle.common") {
				continue
			}
			name := e.name + "/" + of.name
			got := b.Graph.Part("cycle/"+name, rows, read[k])
			s.add(name, e.weight, asked("loss/"+strings.ReplaceAll(name, "/", "-"), all, got, of.wanted))
		}
	}
}

// cycleMACs are what edits add to a step's multiply-accumulates, for one pair of images: three
// passes of the decoder and, of each averaged encoder, forward and the gradient by its input.
func (m *Model) cycleMACs() (total int) {
	for i, net := range m.nets.encoders() {
		if i > 0 || m.options.Bool("cycle.common") {
			total += 2 * net.MACs(m.shape.Height)
		}
	}
	total = 2 * countEdits(m.options) * (total + 3*m.nets.decoder.MACs(m.nets.side))
	if alone(m.options) {
		total += 2 * 3 * m.nets.decoder.MACs(m.nets.side)
	}
	return total
}
