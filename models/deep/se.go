package deep

import (
	"fmt"
	"math"
	"slices"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/layers"
	"github.com/venn-adapt/venn/models/ops"
	"github.com/venn-adapt/venn/models/recipe"
	"github.com/venn-adapt/venn/models/views"
)

func init() {
	m := models.Method{
		Name:     "se",
		Doc:      "self-ensembling: a student that agrees on views of the target with its own average, the teacher, which is what classifies",
		Citation: "G. French, M. Mackiewicz, M. Fisher, Self-ensembling for visual domain adaptation, ICLR 2018, arXiv 1706.05208",
		Version:  1,
		Options: append([]option.Option{
			{Name: "weight", Kind: option.Float, Default: 3.0, Min: 0, Max: 1e6, Doc: "of the squared difference of predictions on the target, the mean over classes"},
			{Name: "confidence", Kind: option.Float, Default: 0.0, Min: 0, Max: 1, Doc: "images of the target count where the teacher's largest probability is above it; 0: all, 1: none; the paper has 0.96837722 in place of a rise"},
			{Name: "rampup", Kind: option.Float, Default: 0.27, Min: 0, Max: 1, Doc: "share of the iterations, at the start, in which the weight rises by exp(-5(1-p)^2)"},
			{Name: "average", Kind: option.Float, Default: 0.99, Min: 0, Max: 1, Doc: "share of the teacher's weights that a step leaves; the rest is the student's"},
			{Name: "balance", Kind: option.Float, Default: 0.0, Min: 0, Max: 1e3, Doc: "weight of the binary cross-entropy of the mean prediction on the target against equal shares of the classes, times the share of images that count and the rise"},
		}, viewOptions(2, 0.1)...),
	}
	r := recipe.Recipe{Target: true, Backbone: "l20-50-bn", Statistics: "separate"}
	m.New = func(c models.Config) (models.Model, error) { return newSE(r, c) }
	recipe.Add(m, r)
}

// viewOptions are how far two views of one image may differ, by default as given.
func viewOptions(translation, noise float64) []option.Option {
	return []option.Option{
		{Name: "affine", Kind: option.Float, Default: 0.0, Min: 0, Max: 1, Doc: "standard deviation of each entry of the matrix by which an image is stretched, turned and slanted, about the identity's", Later: true},
		{Name: "translation", Kind: option.Float, Default: translation, Min: 0, Max: 64, Doc: "pixels by which an image is moved at most, either way"},
		{Name: "noise", Kind: option.Float, Default: noise, Min: 0, Max: 10, Doc: "standard deviation of what is added to each value, of a range of 2"},
	}
}

// weakViews are what these options say.
func weakViews(c models.Config) views.Weak {
	return views.Weak{Seed: c.Seed, Translation: c.Options.Float("translation"), Noise: c.Options.Float("noise"), Affine: c.Options.Float("affine")}
}

// A guided model, the student, learns on the target from what a teacher makes of another view
// of its images.
type guided struct {
	*recipe.Model
	teacher *recipe.Network
	least   float64      // of the teacher's largest probability, for an image to count
	views   [3]view      // of the source, and of the target for student and teacher
	lesson  *recipe.Pass // by which the teacher reads a view of the target, by the moments of the batch; made at the first step
	student models.Batch // the views that it is given
	by      []float32    // what the teacher makes of the target, below rows for the source
	sure    float64      // share of the target's images that count
}

// A view makes views of images, the same for the same name and step.
type view func(dst []float32, x *domains.Images, name string, step int)

// An se is a guided model whose teacher follows the student.
type se struct {
	*guided
	leads, follows []*models.Parameter // of student and teacher, in one order
}

var (
	_ models.Classifier = (*se)(nil)
	_ models.Costed     = (*se)(nil)
)

// teacherPrefix is put before the names of the student's parameters.
const teacherPrefix = "teacher/"

func newSE(r recipe.Recipe, c models.Config) (*se, error) {
	n, err := recipe.NewNetwork(c)
	if err != nil {
		return nil, err
	}
	weak := weakViews(c)
	m := &se{guided: &guided{teacher: n.Twin(),
		least: c.Options.Float("confidence"), views: [3]view{weak.Fill, weak.Fill, weak.Fill}}}
	r.Terms = m.terms
	m.Model = recipe.ModelOf("se", r, n)
	for _, s := range []*layers.Stack{&m.teacher.Encoder, &m.teacher.Head} {
		s.Name = teacherPrefix + s.Name
	}
	for _, p := range slices.Clone(n.Parameters().All()) {
		to := n.Parameters().Add(teacherPrefix+p.Name, true, p.Shape...)
		copy(to.Data, p.Data)
		if !p.State { // the moments of normalisation follow the teacher's own batches
			m.leads, m.follows = append(m.leads, p), append(m.follows, to)
		}
	}
	return m, nil
}

// Encode returns the teacher's features of images.
func (m *se) Encode(x *domains.Images) (models.Codes, error) { return m.teacher.Encode(x) }

// Classify returns the teacher's logits of images.
func (m *se) Classify(x *domains.Images) (*models.Block, error) { return m.teacher.Classify(x) }

// Read returns both.
func (m *se) Read(x *domains.Images) (features, logits *models.Block, err error) {
	return m.teacher.Read(x)
}

// MACs are those of the student, and one pass of the teacher on the target.
func (m *guided) MACs() int {
	encoder, _ := m.Encoder.MACs()
	head, _ := m.Head.MACs()
	return m.Model.MACs() + encoder + head
}

// rise is the factor of the weights on the target.
func (m *se) rise(progress float64) float64 {
	if share := m.Options.Float("rampup"); progress < share {
		p := 1 - progress/share
		return math.Exp(-5 * p * p)
	}
	return 1
}

// terms are the student's losses on the target.
func (m *se) terms(s *recipe.Scene) []recipe.Term {
	out := []recipe.Term{{Name: "consistency", Weight: m.Options.Float("weight"), Over: m.rise,
		Node: s.Graph.Consistency("loss/consistency", s.Target, m.least, s.Logits, m.said(s))}}
	if w := m.Options.Float("balance"); w > 0 {
		out = append(out, recipe.Term{Name: "balance", Weight: w, Over: func(p float64) float64 { return m.sure * m.rise(p) },
			Node: s.Graph.Balance("loss/balance", s.Target, s.Logits)})
	}
	return out
}

// said is the input of a student's loss that holds what the teacher makes of the target.
func (m *guided) said(s *recipe.Scene) *ops.Node {
	x, by := models.Input(s.Target.Hi, m.Classes)
	m.by = by
	return s.Graph.Bind("teacher", x)
}

func (m *guided) newLesson(batch int) (*recipe.Pass, error) {
	return m.teacher.NewPass(batch, 0, nil, func(p *recipe.Pass, b *models.Binding, x *ops.Node) {
		p.Kept = []*ops.Node{b.Graph.Softmax("predictions", m.teacher.Head.Build(b, m.teacher.Encoder.Build(b, x)))}
	})
}

// Step has the teacher read one view of the target, and the student learn from another and
// from a view of the source.
func (m *guided) Step(at int, b *models.Batch) ([]models.Loss, error) {
	if err := m.show(at, b); err != nil {
		return nil, err
	}
	if err := m.Prepare(m.lesson.Count); err != nil { // whose terms have room for what the teacher makes of the target
		return nil, err
	}
	if err := m.lesson.Run(m.Seed, at); err != nil {
		return nil, err
	}
	p := m.lesson.Output(0)
	copy(m.by[len(m.by)-len(p):], p)
	m.sure = 0
	for i := 0; i < len(p); i += m.Classes {
		if float64(slices.Max(p[i:i+m.Classes])) > m.least {
			m.sure += 1 / float64(m.lesson.Count)
		}
	}
	losses, err := m.Model.Step(at, &m.student)
	if err != nil {
		return nil, err
	}
	return append(losses, models.Loss{Name: "confident", Value: m.sure}), nil
}

// Step has the teacher follow a step of the student.
func (m *se) Step(at int, b *models.Batch) ([]models.Loss, error) {
	losses, err := m.guided.Step(at, b)
	if err != nil {
		return nil, err
	}
	m.lesson.Moments.Follow(m.lesson.Program, 0)
	for i, p := range m.leads {
		m.moveTeacher(m.follows[i].Data, p.Data)
	}
	return losses, nil
}

// moveTeacher moves the teacher's weights towards the student's.
func (m *se) moveTeacher(teacher, student []float32) {
	if keep := m.Options.Float("average"); keep > 0 {
		kernels.Approach(teacher, student, float32(1-keep))
		return
	}
	copy(teacher, student) // to the last bit
}

// show makes the views of a batch.
func (m *guided) show(at int, b *models.Batch) error {
	source, target := b.Images[b.Source], b.Images[1-b.Source]
	if source == nil || target == nil || source.Len() != target.Len() || (m.lesson != nil && target.Len() != m.lesson.Count) {
		return fmt.Errorf("models: %s: a batch without images of both domains, alike in number, as many each step", m.Name)
	}
	if m.lesson == nil {
		var err error
		if m.lesson, err = m.newLesson(target.Len()); err != nil {
			return err
		}
		for side := range m.student.Images {
			m.student.Images[side] = &domains.Images{Shape: m.Shape, Data: make([]float32, len(target.Data))}
		}
	}
	m.student.Source, m.student.Rows, m.student.Labels = b.Source, b.Rows, b.Labels
	m.views[0](m.student.Images[b.Source].Data, source, "source", at)
	m.views[1](m.student.Images[1-b.Source].Data, target, "student", at)
	m.views[2](m.lesson.Images, target, "teacher", at)
	return nil
}
