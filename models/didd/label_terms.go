package didd

import (
	"fmt"
	"slices"

	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/ops"
)

// classifiers are the prefixes of the parameters that learn from labels alone.
var classifiers = []string{"classifier/", "private/"}

// The parts of a step: images of the source, of the target, of the source as translated to the
// target, and of the target much changed. Those after the first two stand behind both domains'
// images, in this order, where the model has them.
const (
	ofSource = iota
	ofTarget
	ofTranslated
	ofChanged
)

var partNames = [...]string{"source", "target", "translated", "changed"}

// A part has the common codes of a part, what the classifier sees of them and what it says.
type part struct{ common, features, logits *ops.Node }

type parts [len(partNames)]part

// partOf is that of a domain.
func (m *Model) partOf(side domains.Side) int {
	if side == m.source {
		return ofSource
	}
	return ofTarget
}

// labelStep is what a step has for labels.
type labelStep struct {
	labels    []float32 // of the source
	chosen    []float32 // of the target, 1 at the class that an image has been given; nil without
	masks     models.Masks
	moments   [len(partNames)]*models.BatchStatistics
	followed  []int // parts whose moments the running ones follow
	late      []lateTerm
	lesson    *lesson       // nil without
	translate *ops.Program  // nil without
	more      []int         // parts behind the images of both domains
	all       *tensor.Dense // images of the step, those parts at the end; nil without
	made      []float32     // where what translate makes goes
}

// A lateTerm is the place and the whole weight of a term that waits for the warm-up.
type lateTerm struct {
	at     int
	weight float64
}

// newMoments are statistics for each part, whose moments are outputs of a program in that
// order.
func newMoments() (out [len(partNames)]*models.BatchStatistics) {
	for p := range out {
		out[p] = &models.BatchStatistics{First: p}
	}
	return out
}

func (m *Model) newLabelStep(s *stepGraphs) *labelStep {
	l := &labelStep{labels: make([]float32, s.batch), moments: newMoments()}
	switch m.options.String("label.norm") {
	case "separate":
		l.followed = []int{ofSource, ofTarget}
	case "target":
		l.followed = []int{ofTarget}
	}
	if m.labels.translates() {
		l.more = append(l.more, ofTranslated)
	}
	if m.options.Int("label.changes") > 0 {
		l.more = append(l.more, ofChanged)
	}
	return l
}

// nodes are the moments of source and target, which a program has to keep.
func (l *labelStep) nodes() []*ops.Node {
	if len(l.followed) == 0 {
		return nil
	}
	return append(l.moments[ofSource].Nodes(), l.moments[ofTarget].Nodes()...)
}

// prepare does what comes before the auto-encoder's program.
func (l *labelStep) prepare(s *stepGraphs, seed uint64, step int) error {
	l.masks.Draw(seed, step)
	if l.lesson != nil {
		if err := l.lesson.run(step); err != nil {
			return err
		}
	}
	if l.translate == nil {
		return nil
	}
	if err := l.translate.Run(); err != nil {
		return err
	}
	copy(l.made, l.translate.Output(0).Data().([]float32))
	return nil
}

// update moves the classifiers, whose gradients come after so many others.
func (l *labels) update(s *stepGraphs, others int) {
	for _, p := range s.label.followed {
		s.label.moments[p].Follow(s.auto, 0)
	}
	l.optimiser.UpdateFrom(s.auto, others)
	for _, a := range l.teacher {
		a.Update(l.optimiser.Steps)
	}
}

// seeing adds the common encoder and the classifier. The common codes are those of the images
// of both domains.
func (m *Model) seeing(s *stepGraphs, b *models.Binding, input *ops.Node) (common *ops.Node, seen parts) {
	if s.label.all != nil {
		input = b.Graph.Bind("images/all", s.label.all)
	}
	common = m.nets.common.Build(b, input)
	b.Masks = &s.label.masks
	seen = m.see(b, s, common, s.label.moments)
	if s.label.all != nil {
		common = b.Graph.Part("common/own", ops.Rows{Lo: 0, Hi: 2 * s.batch}, common)
	}
	return common, seen
}

// see adds what the classifier makes of the parts of common codes; batch normalisation goes by
// the given moments, each part by its own.
func (m *Model) see(b *models.Binding, s *stepGraphs, common *ops.Node, moments [len(partNames)]*models.BatchStatistics) (seen parts) {
	parts := []int{ofSource, ofTarget}
	if common.Shape()[0] > 2*s.batch {
		parts = append(parts, s.label.more...)
	}
	for i, p := range parts {
		rows := ops.Rows{Lo: i * s.batch, Hi: (i + 1) * s.batch}
		if p < ofTranslated {
			rows = s.rows([]domains.Side{m.source, 1 - m.source}[p])
		}
		b.Batch = moments[p]
		seen[p] = m.labels.see(b, partNames[p], b.Graph.Part("common/"+partNames[p], rows, common))
	}
	return seen
}

// addLabelTerms adds the losses by labels. What waits for the warm-up is late.
func (m *Model) addLabelTerms(s *stepGraphs, b *models.Binding, seen parts, separate [2]*ops.Node) {
	o, g, l, all := m.options, b.Graph, s.label, ops.Rows{Lo: 0, Hi: s.batch}
	late := func(name string, weight float64, n *ops.Node) {
		l.late = append(l.late, lateTerm{len(s.terms), weight})
		s.add(name, 0, n)
	}
	labels := g.Bind("labels", tensor.New(tensor.WithShape(s.batch), tensor.WithBacking(l.labels)))
	s.add("classification", o.Float("label.weight"), g.CrossEntropy("loss/classification", all, seen[ofSource].logits, labels))
	information := o.Float("label.information")
	if w := o.Float("label.entropy") + information; w > 0 {
		late("entropy", w, g.Entropy("loss/entropy", all, seen[ofTarget].logits))
	}
	if information > 0 {
		late("diversity", -information, g.Diversity("loss/diversity", all, seen[ofTarget].logits))
	}
	if w := o.Float("label.pseudo"); w > 0 {
		x, chosen := models.Input(s.batch, m.labels.classes)
		l.chosen = chosen
		late("pseudo", w, g.Pseudo("loss/pseudo", all, 0.5, seen[ofTarget].logits, g.Bind("chosen", x)))
	}
	if w := o.Float("label.translated"); w > 0 {
		late("translated", w, g.CrossEntropy("loss/translated", all, seen[ofTranslated].logits, labels))
	}
	if w := o.Float("label.consistency"); w > 0 {
		late("consistency", w, g.L1("loss/consistency", all, seen[ofTranslated].common, seen[ofSource].common))
	}
	if w := o.Float("label.agreement"); w > 0 {
		x, by := models.Input(s.batch, m.labels.classes)
		l.lesson.by = by
		learner := seen[ofTarget]
		if l.lesson.changed != nil {
			learner = seen[ofChanged]
		}
		late("agreement", w, g.Consistency("loss/agreement", all, 0, learner.logits, g.Bind("teacher", x)))
	}
	if w := o.Float("label.private"); w > 0 {
		one := 1.0
		x := g.Reverse("private/reverse", &one, g.Flatten("private/flatten", s.ownCodes(g, m.source, separate[m.source])))
		logits := g.Linear("private/linear", false, x, b.Node("private/linear/weight"), b.Node("private/linear/bias"))
		s.add("private", w, g.CrossEntropy("loss/private", all, logits, labels))
	}
}

// fillLabels copies the labels of a batch's source, and those that its target has been given,
// to the inputs of the step.
func (m *Model) fillLabels(b *models.Batch) error {
	if m.labels == nil {
		return nil
	}
	s, err := m.graphs(b.Len())
	if err != nil {
		return err
	}
	if err := models.FillLabels(s.label.labels, b.Labels, m.labels.classes); err != nil {
		return err
	}
	if s.label.chosen == nil {
		return nil
	}
	return m.labels.choose(s.label.chosen, b.Rows[1-m.source])
}

// choose writes a 1 at the classes that rows of the target have been given, of those that have
// one.
func (l *labels) choose(to []float32, rows []int) error {
	clear(to)
	known := l.pseudo.Shape[0]
	if known == 0 { // not found yet
		return nil
	}
	if len(rows)*l.classes != len(to) || slices.Max(rows) >= known {
		return fmt.Errorf("models: didd: rows %v of the target, of which %d have been given classes", rows, known)
	}
	for i, r := range rows {
		if k := int(l.pseudo.Data[r]); k >= 0 {
			to[i*l.classes+k] = 1
		}
	}
	return nil
}
