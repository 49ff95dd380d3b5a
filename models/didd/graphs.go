package didd

import (
	"fmt"
	"slices"

	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/ops"
)

// stepGraphs are the three programs of a training step at one batch size: the
// auto-encoder's losses and gradients, the common codes of the updated encoder
// (forward only: the discriminator's loss sends nothing into it), and the
// discriminator's losses and gradients on those codes.
type stepGraphs struct {
	batch    int
	images   []float32 // 2·batch images, A then B
	noise    []float32 // of the separate codes of those images; nil without
	weights  []float64 // of the terms, in their order
	terms    []*ops.Node
	names    []string
	auto     *ops.Program
	paste    int                                      // the first of the terms of composites; 0 without
	label    *labelStep                               // nil without labels
	patches  *patchStep                               // nil without an adversary of images
	regions  regionInputs                             // what losses take of the region
	turns    []float32                                // images as the encoders of separate codes see them, an input of the step; nil where they see them as they are
	edges    func(name string, x *ops.Node) *ops.Node // differences of neighbours; nil without a loss of them
	outlines *ops.Node                                // those of images
	own      map[*ops.Node]*ops.Node                  // parts of separate codes, by the whole
	rowed    map[*ops.Node]*ops.Node                  // codes as rows
	first    map[int]*ops.Node                        // decoded edits, by how many

	codes     *ops.Program
	judged    int // outputs of codes, one after the other
	flat      []float32
	disc      *ops.Program
	discTerms []*ops.Node
	hits      []*ops.Node
}

// targets are the labels that the encoder aims at for A and B (A is label 1); those of a
// reversed gradient are what the discriminator aims at.
var targets = map[string][2]float64{"b": {0, 0}, "swap": {0, 1}, "half": {0.5, 0.5}, "reverse": {1, 0}}

// autoNetworks are the prefixes of the parameters of encoders and decoder.
var autoNetworks = []string{"common/", "separate-a/", "separate-b/", "decoder/"}

// The places of terms whose weights change from step to step: two each, of A and B.
const (
	zeroTerm      = 2
	confusionTerm = 4
)

// rows are those of a domain in a step.
func (s *stepGraphs) rows(side domains.Side) ops.Rows {
	return ops.Rows{Lo: int(side) * s.batch, Hi: int(side+1) * s.batch}
}

// ownCodes are the separate codes of a domain's own images, out of those of all: one node, however
// many losses take it.
func (s *stepGraphs) ownCodes(g *ops.Graph, side domains.Side, separate *ops.Node) *ops.Node {
	if s.own[separate] == nil {
		s.own[separate] = g.Part(fmt.Sprintf("own/%s", side), s.rows(side), separate)
	}
	return s.own[separate]
}

// flatten makes rows of codes: one node as well.
func (s *stepGraphs) flatten(g *ops.Graph, codes *ops.Node) *ops.Node {
	if s.rowed[codes] == nil {
		s.rowed[codes] = g.Flatten("flat", codes)
	}
	return s.rowed[codes]
}

// add appends a term of the auto-encoder's loss.
func (s *stepGraphs) add(name string, weight float64, n *ops.Node) {
	s.names, s.weights, s.terms = append(s.names, name), append(s.weights, weight), append(s.terms, n)
}

func (m *Model) newStep(batch int) (*stepGraphs, error) {
	s := &stepGraphs{batch: batch, own: map[*ops.Node]*ops.Node{}, rowed: map[*ops.Node]*ops.Node{}, first: map[int]*ops.Node{}}
	x, err := m.stepImages(s)
	if err != nil {
		return nil, err
	}
	if err := m.newAuto(s, x); err != nil {
		return nil, err
	}
	if m.disc == nil {
		return s, nil
	}
	return s, m.newDiscriminator(s, x)
}

// stepImages makes room for the images of a step, and the programs of those that labels add. It
// returns those of both domains, which the others stand behind.
func (m *Model) stepImages(s *stepGraphs) (x *tensor.Dense, err error) {
	if m.labels != nil {
		s.label = m.newLabelStep(s)
	}
	if m.labels == nil || len(s.label.more) == 0 {
		x, s.images = models.Input(2*s.batch, m.shape.Channels, m.shape.Height, m.shape.Width)
	} else {
		x = m.labelImages(s)
	}
	if m.labels == nil {
		return x, nil
	}
	one := s.batch * m.shape.Len()
	behind := func(part int) []float32 {
		if at := slices.Index(s.label.more, part); at >= 0 {
			return s.label.all.Data().([]float32)[(2+at)*one : (3+at)*one]
		}
		return nil
	}
	if s.label.made = behind(ofTranslated); s.label.made != nil {
		if s.label.translate, err = m.newTranslation(s); err != nil {
			return nil, err
		}
	}
	if m.options.Float("label.agreement") > 0 {
		s.label.lesson, err = m.newLesson(s, behind(ofChanged))
	}
	return x, err
}

// newAuto makes the program of the auto-encoder on images x of both domains.
func (m *Model) newAuto(s *stepGraphs, x *tensor.Dense) error {
	inA, inB := s.rows(domains.A), s.rows(domains.B)
	b := m.bind()
	g := b.Graph
	input := g.Bind("images", x)
	var common *ops.Node
	var seen parts
	if m.labels == nil {
		common = m.nets.common.Build(b, m.seenByCommon(&s.regions, g, "common", input))
	} else {
		common, seen = m.seeing(s, b, input)
	}
	there := m.seenBySeparate(&s.regions, g, "separate", m.turned(s, g, input))
	separateA := m.nets.separateA.Build(b, there)
	separateB := m.nets.separateB.Build(b, there)
	slotA, slotB := separateA, separateB
	if m.options.Float("separate_noise") > 0 {
		z, noise := models.Input(2*s.batch, m.nets.separate, m.nets.side, m.nets.side)
		s.noise = noise
		input := g.Bind("noise", z)
		slotA, slotB = g.Perturb("noise/a", separateA, input), g.Perturb("noise/b", separateB, input)
	}
	edits := m.decodedEdits(s, g, [2]*ops.Node{separateA, separateB})
	out, edited := m.decode(s, b, m.decoderInput(s, g, common, slotA, slotB), common, edits)
	reconstruction, zero := m.options.Float("loss.reconstruction"), m.options.Float("loss.zero")
	made, original := m.compared(&s.regions, g, out, input)
	s.add("reconstruction/a", reconstruction, g.L1("loss/reconstruction-a", inA, made, original))
	s.add("reconstruction/b", reconstruction, g.L1("loss/reconstruction-b", inB, made, original))
	s.add("zero/a", zero, g.MeanAbs("loss/zero-a", inA, separateB))
	s.add("zero/b", zero, g.MeanAbs("loss/zero-b", inB, separateA))
	if m.disc != nil {
		target := targets[m.options.String("loss.confusion_target")]
		logits, rows := m.told(s, b, common, seen)
		s.add("confusion/a", 0, g.BCE("loss/confusion-a", rows[domains.A], target[domains.A], logits[domains.A]))
		s.add("confusion/b", 0, g.BCE("loss/confusion-b", rows[domains.B], target[domains.B], logits[domains.B]))
	}
	m.addEdges(s, g, made, original, input)
	removed := m.removed(s, g, edited, edits)
	m.addAlone(s, g, out, removed, input)
	m.addPins(s, g, [2]*ops.Node{separateA, separateB})
	m.addIndependence(s, g, common, [2]*ops.Node{separateA, separateB})
	m.addCycle(s, b, edited, common, edits)
	m.addPaste(s, b, input, out, removed, common)
	m.addSwapped(s, b, swappedStep{input: input, own: out, alone: removed, edited: edited, separate: [2]*ops.Node{separateA, separateB}})
	swapped := m.addAdversary(s, b, edited)
	trained := m.ps.Trained(autoNetworks...)
	var moments []*ops.Node
	if m.labels != nil {
		m.addLabelTerms(s, b, seen, [2]*ops.Node{separateA, separateB})
		trained, moments = append(trained, m.ps.Trained(classifiers...)...), s.label.nodes()
	}
	cost := g.Weighted("loss/total", s.weights, s.terms...)
	var err error
	if s.auto, err = g.CompileGradients(cost, b.Nodes(trained), append(moments, swapped...)...); err != nil {
		return err
	}
	return m.newPatchStep(s, len(moments))
}

// told are a frozen discriminator's logits of A and of B, and their rows.
func (m *Model) told(s *stepGraphs, b *models.Binding, common *ops.Node, seen parts) (logits [2]*ops.Node, rows [2]ops.Rows) {
	if !m.conditional() {
		told := discriminator(b, true, s.flatten(b.Graph, common))
		return [2]*ops.Node{told, told}, [2]ops.Rows{s.rows(domains.A), s.rows(domains.B)}
	}
	for side := range logits {
		logits[side] = discriminator(b, true, m.labels.judged(b, seen[m.partOf(domains.Side(side))]))
		rows[side] = ops.Rows{Lo: 0, Hi: s.batch}
	}
	return logits, rows
}

// newDiscriminator makes the programs of what the discriminator sees, A first, and of the
// discriminator.
func (m *Model) newDiscriminator(s *stepGraphs, x *tensor.Dense) (err error) {
	b := m.bind()
	common := m.nets.common.Build(b, m.seenByCommon(&s.regions, b.Graph, "codes", b.Graph.Bind("images", x)))
	var judged []*ops.Node
	if m.conditional() {
		seen := m.see(b, s, common, newMoments())
		for _, side := range []domains.Side{domains.A, domains.B} {
			judged = append(judged, m.labels.judged(b, seen[m.partOf(side)]))
		}
	} else {
		judged = []*ops.Node{b.Graph.Flatten("flat", common)}
	}
	s.judged = len(judged)
	if s.codes, err = b.Graph.Compile(judged...); err != nil {
		return err
	}
	b = m.bind()
	g := b.Graph
	flat, data := models.Input(2*s.batch, m.nets.judged)
	s.flat = data
	logits := discriminator(b, false, g.Bind("flat", flat))
	inA, inB := s.rows(domains.A), s.rows(domains.B)
	s.discTerms = []*ops.Node{g.BCE("loss/discriminator-a", inA, 1, logits), g.BCE("loss/discriminator-b", inB, 0, logits)}
	s.hits = []*ops.Node{g.Hits("hits-a", inA, 1, logits), g.Hits("hits-b", inB, 0, logits)}
	cost := g.Weighted("loss/total", []float64{1, 1}, s.discTerms...)
	s.disc, err = g.CompileGradients(cost, b.Nodes(m.ps.Trained("discriminator/")))
	return err
}
