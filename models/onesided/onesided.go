// Package onesided makes a translator of two domains of systems that know one side: such a
// system learns what one set has that another lacks, and adds it to an image from a guide or
// takes it away. It is trained twice, for what A has and for what B has; a translation takes
// away by one and adds by the other.
package onesided

import (
	"fmt"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/models"
)

// An Action is what a half makes of images.
type Action int

// The actions. Keep and Remove take images of the side with the content, Add those of the side
// without, and guides with it.
const (
	Keep Action = iota // as they are
	Remove
	Add
)

// A Half is a system that was trained for the content of one side.
type Half interface {
	// Step makes a training step on images with the content and as many without.
	Step(step int, with, without *domains.Images) ([]models.Loss, error)
	Optimisers() []*models.Optimiser
	// Codes are the common code of images and that of the content.
	Codes(x *domains.Images) (common, separate *models.Block, err error)
	// Make does an action on every image, with its guide where the action is Add. The mask says
	// where an image was repainted; nil of a half that paints whole images.
	Make(a Action, x, guides *domains.Images) (images *domains.Images, mask *models.Block, err error)
	// MACs are those of a step for a pair of images.
	MACs() int
	Layers() []models.Layer
}

// A Model is two halves, for what A has and for what B has.
type Model struct {
	name   string
	shape  domains.Shape
	ps     *models.Parameters
	halves [2]Half
	last   []models.Loss
}

var (
	_ models.Model      = (*Model)(nil)
	_ models.Encoder    = (*Model)(nil)
	_ models.Translator = (*Model)(nil)
	_ models.Costed     = (*Model)(nil)
)

// New makes the model of a method's name from halves whose parameters are ps.
func New(name string, shape domains.Shape, ps *models.Parameters, halves [2]Half) *Model {
	return &Model{name: name, shape: shape, ps: ps, halves: halves}
}

// Prefix is what the names of the parameters and losses of a half begin with.
func Prefix(side domains.Side) string { return side.String() + "/" }

// Parameters are those of both halves.
func (m *Model) Parameters() *models.Parameters { return m.ps }

// Optimisers are those of the first half, then of the second.
func (m *Model) Optimisers() []*models.Optimiser {
	return append(m.halves[domains.A].Optimisers(), m.halves[domains.B].Optimisers()...)
}

// Step updates the half for what A has, then that for what B has, each on the images of both
// domains.
func (m *Model) Step(step int, b *models.Batch) ([]models.Loss, error) {
	var all []models.Loss
	for side, h := range m.halves {
		losses, err := h.Step(step, b.Images[side], b.Images[1-side])
		if err != nil {
			return nil, err
		}
		for _, l := range losses {
			all = append(all, models.Loss{Name: Prefix(domains.Side(side)) + l.Name, Value: l.Value})
		}
	}
	if err := models.CheckFinite(m.name, step+1, all, m.last); err != nil {
		return nil, err
	}
	m.last = all
	return all, nil
}

// Encode returns the common codes of both halves as one block, the half for what A has first, and
// the separate code of each.
func (m *Model) Encode(x *domains.Images) (models.Codes, error) {
	if x.Shape != m.shape {
		return nil, fmt.Errorf("models: %s: images are %v, the model takes %v", m.name, x.Shape, m.shape)
	}
	var common [2]*models.Block
	var out models.Codes
	for side, h := range m.halves {
		c, s, err := h.Codes(x)
		if err != nil {
			return nil, err
		}
		s.Role = models.Separate(domains.Side(side))
		common[side], out = c, append(out, s)
	}
	c := common[domains.A]
	both := models.NewBlock(models.Common, x.Len(), 2*c.Channels, c.D/c.Channels)
	for i := range x.Len() {
		copy(both.Row(i)[copy(both.Row(i), c.Row(i)):], common[domains.B].Row(i))
	}
	return append(models.Codes{both}, out...), nil
}

// Edits are all that keep or remove a content's own part and leave the other slot empty or fill it
// from a guide. That a content keeps its part beside a guide's is adding alone: for the half that
// adds, an image of the other domain is one without.
func (m *Model) Edits() []models.Edit { return models.EditsFrom(models.OfGuide) }

// Translate makes an edit by one half or by both, one after the other.
func (m *Model) Translate(e models.Edit, contents, guides *domains.Images) (*domains.Images, error) {
	out, _, err := m.Make(e, contents, guides)
	return out, err
}

// Make is Translate with the masks of the halves that had a part in it, in their order.
func (m *Model) Make(e models.Edit, contents, guides *domains.Images) (*domains.Images, []*models.Block, error) {
	if err := m.check(e, contents, guides); err != nil {
		return nil, nil, err
	}
	out := contents
	var masks []*models.Block
	do := func(side domains.Side, a Action, guides *domains.Images) (err error) {
		var mask *models.Block
		out, mask, err = m.halves[side].Make(a, out, guides)
		masks = append(masks, mask)
		return err
	}
	own := e.Own[e.Content]
	if own == models.Empty {
		if err := do(e.Content, Remove, nil); err != nil {
			return nil, nil, err
		}
	}
	if e.Guided() {
		if err := do(1-e.Content, Add, guides); err != nil {
			return nil, nil, err
		}
	}
	if own == models.OfContent && !e.Guided() {
		if err := do(e.Content, Keep, nil); err != nil {
			return nil, nil, err
		}
	}
	return out, masks, nil
}

// check says why an edit cannot be made of images.
func (m *Model) check(e models.Edit, contents, guides *domains.Images) error {
	own, other := e.Own[e.Content], e.Own[1-e.Content]
	if own != models.Empty && own != models.OfContent || other != models.Empty && other != models.OfGuide {
		return fmt.Errorf("models: %s: it cannot make the edit %v: a content keeps or loses its own part, and gets that of a guide or none", m.name, e)
	}
	if contents.Shape != m.shape {
		return fmt.Errorf("models: %s: contents are %v, the model takes %v", m.name, contents.Shape, m.shape)
	}
	if e.Guided() && (guides == nil || guides.Shape != m.shape || guides.Len() != contents.Len()) {
		return fmt.Errorf("models: %s: the edit %v takes a guide of %v for each of %d contents", m.name, e, m.shape, contents.Len())
	}
	return nil
}

// MACs are those of both halves, for one pair of images.
func (m *Model) MACs() int { return m.halves[domains.A].MACs() + m.halves[domains.B].MACs() }

// Layers are the convolutions of both halves.
func (m *Model) Layers() []models.Layer {
	return append(m.halves[domains.A].Layers(), m.halves[domains.B].Layers()...)
}
