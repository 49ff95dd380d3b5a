package deep

import (
	"fmt"
	"math"

	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/layers"
	"github.com/venn-adapt/venn/models/ops"
	"github.com/venn-adapt/venn/models/recipe"
)

func init() {
	m := models.Method{
		Name:     "dirt-t",
		Doc:      "vada, then without the source: predictions on the target that become surer and smoother, near those of a teacher that is renewed now and then",
		Citation: vadaPaper,
		Version:  1,
		Options: append(vadaOptions(),
			option.Option{Name: "vada_share", Kind: option.Float, Default: 2.0 / 3, Min: 0, Max: 1, Doc: "share of the iterations, at the start, that train as vada does"},
			option.Option{Name: "teacher", Kind: option.Float, Default: 0.01, Min: 0, Max: 1e3, Doc: "weight of the cross-entropy against the teacher's probabilities"},
			option.Option{Name: "refresh", Kind: option.Int, Default: 500, Min: 1, Max: 1e7, Doc: "steps after which the average of the weights becomes the teacher"},
			option.Option{Name: "refinement_rate", Kind: option.Float, Default: 1e-3, Min: 1e-9, Max: 10, Doc: "learning rate without the source, in place of train.learning_rate; it falls as that does"}),
		Phases: func(c models.Config) []models.Phase {
			n := vadaSteps(c.Options)
			refine := models.Phase{Name: "refine", Steps: c.Options.Int("train.iterations") - n}
			refine.Shows[1-c.Source] = true
			return []models.Phase{{Name: "vada", Steps: n, Shows: [2]bool{true, true}}, refine}
		},
		Check: func(c models.Config) []option.Error {
			if n, all := vadaSteps(c.Options), c.Options.Int("train.iterations"); n < 1 || n >= all {
				return []option.Error{{Option: "model.vada_share", Problem: fmt.Sprintf("%v gives vada %d of %d steps; want one at least for it and for what follows", c.Options.Float("vada_share"), n, all)}}
			}
			return recipe.CheckNetwork(c)
		},
	}
	r := vadaRecipe()
	m.New = func(c models.Config) (models.Model, error) { return newDIRTT(r, c) }
	recipe.Add(m, r)
}

// vadaSteps is the number of steps with the source.
func vadaSteps(o option.Values) int {
	return int(math.Round(o.Float("vada_share") * float64(o.Int("train.iterations"))))
}

// A dirtT is a vada that goes on from the average of its weights, on the target alone.
type dirtT struct {
	*vada
	teacher  *recipe.Network
	refining *models.Optimiser
	heed     *recipe.Pass // what the network says of the target
	refine   *recipe.Pass // the target above the same images changed; made at the first step of its phase
	worst    *recipe.Virtual
	was, may []float32 // what the network said of the images, and what the teacher says, of both halves
	last     []models.Loss
}

func newDIRTT(r recipe.Recipe, c models.Config) (*dirtT, error) {
	v, err := newVADA("dirt-t", r, c)
	if err != nil {
		return nil, err
	}
	m := &dirtT{vada: v, teacher: v.Twin()}
	m.Steps = vadaSteps(c.Options)
	for _, s := range []*layers.Stack{&m.teacher.Encoder, &m.teacher.Head} {
		s.Name = teacherPrefix + s.Name
	}
	ps := m.Parameters()
	for _, p := range m.own() {
		copy(ps.Add(teacherPrefix+p.Name, true, p.Shape...).Data, p.Data)
	}
	m.refining = models.NewOptimiser("refinement", recipe.Adam(c.Options), c.Options.Float("train.clip"), m.trained())
	return m, nil
}

// trained are the parameters that the second phase moves.
func (m *dirtT) trained() []*models.Parameter {
	return m.Parameters().Trained("encoder/", "classifier/")
}

// own are all parameters of the network, its running moments too.
func (m *dirtT) own() []*models.Parameter {
	return append(m.Parameters().Below(m.Encoder.Name+"/"), m.Parameters().Below(m.Head.Name+"/")...)
}

// Optimisers are those of vada and that of the second phase.
func (m *dirtT) Optimisers() []*models.Optimiser { return append(m.vada.Optimisers(), m.refining) }

// renew has the network begin at its average, and the teacher become the average.
func (m *dirtT) renew(at int) {
	ps := m.Parameters()
	for _, p := range m.own() {
		mean := ps.Get(meanPrefix + p.Name).Data
		if at == m.Steps {
			copy(p.Data, mean)
		}
		copy(ps.Get(teacherPrefix+p.Name).Data, mean)
	}
}

// ready makes the programs of the second phase.
func (m *dirtT) ready(count int) (err error) {
	if m.refine != nil {
		return nil
	}
	m.heed, err = m.NewPass(count, 0, nil, func(p *recipe.Pass, b *models.Binding, x *ops.Node) {
		_, logits := m.read(b, x)
		p.Kept = []*ops.Node{b.Graph.Softmax("said", logits)}
	})
	if err != nil {
		return err
	}
	if m.worst, err = m.newVirtual(count, 0); err != nil {
		return err
	}
	m.refine, err = m.NewPass(2*count, count, m.trained(), func(p *recipe.Pass, b *models.Binding, x *ops.Node) {
		by, said := models.Input(2*count, m.Classes)
		from, may := models.Input(2*count, m.Classes)
		m.was, m.may = said, may
		_, logits := m.read(b, x)
		asIs, changed := ops.Rows{Lo: 0, Hi: count}, ops.Rows{Lo: count, Hi: 2 * count}
		target := m.Options.Float("target")
		p.Terms = []recipe.Term{
			{Name: "entropy", Weight: target, Node: b.Graph.Entropy("loss/entropy", asIs, logits)},
			{Name: "change", Weight: target, Node: b.Graph.Soft("loss/change", changed, logits, b.Graph.Bind("said", by))},
			{Name: "teacher", Weight: m.Options.Float("teacher"), Node: b.Graph.Soft("loss/teacher", asIs, logits, b.Graph.Bind("teacher", from))},
		}
	})
	return err
}

// Step trains as vada does, then without the source.
func (m *dirtT) Step(at int, b *models.Batch) ([]models.Loss, error) {
	if at < m.Steps {
		return m.vada.Step(at, b)
	}
	count, err := recipe.LenOf(m.Name, b, 1-m.Source)
	if err != nil {
		return nil, err
	}
	if err := m.ready(count); err != nil {
		return nil, err
	}
	if err := m.heed.Show(m.Name, b, 1-m.Source); err != nil {
		return nil, err
	}
	target := b.Images[1-m.Source]
	if (at-m.Steps)%m.Options.Int("refresh") == 0 {
		m.renew(at)
	}
	if err := m.heed.Run(m.Seed, at); err != nil {
		return nil, err
	}
	half := len(m.was) / 2
	copy(m.was[half:], m.heed.Output(0))
	copy(m.refine.Images, target.Data)
	if err := m.worst.Change(m.refine.Images[len(target.Data):], target.Data, m.was[half:], m.Seed, at); err != nil {
		return nil, err
	}
	logits, err := m.teacher.Classify(target)
	if err != nil {
		return nil, err
	}
	p := make([]float64, m.Classes)
	for i := range logits.N {
		models.Softmax(p, logits.Row(i))
		for k, v := range p {
			m.may[i*m.Classes+k] = float32(v)
		}
	}
	if err := m.refine.Run(m.Seed, at); err != nil {
		return nil, err
	}
	losses := m.refine.Losses()
	if err := models.CheckFinite(m.Name, at+1, losses, m.last); err != nil {
		return nil, err
	}
	m.last = losses
	progress := float64(at-m.Steps) / float64(m.Options.Int("train.iterations")-m.Steps)
	m.refining.Rate = m.Options.Float("refinement_rate") * recipe.Decayed(progress, m.Options.Float("train.decay"))
	m.refine.Moments.Follow(m.refine.Program, 0)
	norm := m.refining.Update(m.refine.Program)
	m.follow(at)
	return append(losses, models.Loss{Name: "gradient-norm", Value: norm}), nil
}
