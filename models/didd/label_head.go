package didd

import (
	"math"

	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/layers"
	"github.com/venn-adapt/venn/models/ops"
)

// labels is what a model has that learns from the labels of the source.
type labels struct {
	options   option.Values
	classes   int
	width     int // of the classifier's input
	separate  int // of a separate code
	private   bool
	optimiser *models.Optimiser
	pseudo    *models.Parameter // classes of the target's training images, −1 of those left out; nil without
	teacher   []*models.Average // of common encoder and classifier; none without
	reading   *reading          // made at the first
}

// newLabels adds the parameters of the classifiers.
func newLabels(c models.Config, nets networks, ps *models.Parameters) *labels {
	o := c.Options
	l := &labels{options: o, classes: c.Classes, width: nets.codes, separate: nets.places() * nets.separate, private: o.Float("label.private") > 0}
	if !o.Bool("label.pool") {
		l.width *= nets.places()
	}
	if l.norms() {
		layers.BatchNorm{}.Init(ps, "classifier/norm", []int{l.width}, c.Seed)
	}
	models.InitLinear(ps, "classifier/linear", l.width, l.classes, c.Seed)
	if l.private {
		models.InitLinear(ps, "private/linear", l.separate, l.classes, c.Seed)
	}
	if o.Bool("label.conditional") {
		ps.Add("map/common/weight", true, o.Int("label.map"), 4*nets.codes).InitNormal(c.Seed)
		ps.Add("map/classes/weight", true, o.Int("label.map"), l.classes).InitNormal(c.Seed)
	}
	if o.Float("label.pseudo") > 0 {
		l.pseudo = ps.AddRows("pseudo", 1)
	}
	if decay := o.Float("label.teacher"); decay > 0 {
		l.teacher = []*models.Average{models.NewAverage(ps, "common/", decay), models.NewAverage(ps, "classifier/", decay)}
	}
	betas := o.Floats("train.betas")
	l.optimiser = models.NewOptimiser("classifier", kernels.Adam{Beta1: betas[0], Beta2: betas[1], Epsilon: 1e-8}, o.Float("train.clip"), ps.Trained("classifier/", "private/"))
	return l
}

func (l *labels) norms() bool { return l.options.String("label.norm") != "none" }

// translates says whether a step translates images.
func (l *labels) translates() bool {
	return l.options.Float("label.translated") > 0 || l.options.Float("label.consistency") > 0
}

// see adds the classifier of common codes (N x codes x 2 x 2) of one part, whose name tells its
// dropout apart.
func (l *labels) see(b *models.Binding, name string, common *ops.Node) part {
	return l.seeBy(b, "classifier", name, common)
}

// seeBy adds the classifier whose parameters stand below a prefix.
func (l *labels) seeBy(b *models.Binding, prefix, name string, common *ops.Node) part {
	p := part{common: common}
	if l.options.Bool("label.pool") {
		p.features = b.Graph.Average("classifier/average", common)
	} else {
		p.features = b.Graph.Flatten("classifier/flatten", common)
	}
	x := p.features
	if l.norms() {
		x = b.Normalise(prefix+"/norm", x)
	}
	x = b.Drop("classifier/dropout/"+name, l.options.Float("label.dropout"), 1, x)
	p.logits = b.Graph.Linear("classifier/linear", false, x, b.Node(prefix+"/linear/weight"), b.Node(prefix+"/linear/bias"))
	return p
}

// judged adds what a conditional discriminator sees of a part: the random map
// (R_c c) ⊙ (R_p p)/√m of code and prediction, which is a constant to it (M. Long et al.,
// Conditional adversarial domain adaptation, NeurIPS 2018, equation 9).
func (l *labels) judged(b *models.Binding, of part) *ops.Node {
	g, flat := b.Graph, of.features
	if l.options.Bool("label.pool") { // it is not the code
		flat = g.Flatten("map/flatten", of.common)
	}
	p := g.Detach("map/detach", g.Softmax("map/predictions", of.logits))
	return g.Times("map", 1/math.Sqrt(float64(l.options.Int("label.map"))),
		g.Project("map/common", flat, b.Node("map/common/weight")),
		g.Project("map/classes", p, b.Node("map/classes/weight")))
}
