// Package colours is the simplest translator: it learns the mean colour of each domain, and
// gives a content the colour cast of a guide. It has no codes and moves no content, which is
// what a system that claims more must beat.
//
// The mean part of E. Reinhard, M. Ashikhmin, B. Gooch, P. Shirley, "Color transfer between
// images", IEEE Computer Graphics and Applications 21 (2001), channel by channel of RGB.
package colours

import (
	"fmt"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/models"
)

func init() {
	models.Methods.Add("colour-shift", models.Method{
		Name:     "colour-shift",
		Doc:      "a translator that moves nothing but the mean colour: what a content transfer must beat",
		Citation: "E. Reinhard, M. Ashikhmin, B. Gooch, P. Shirley, Color transfer between images, IEEE CG&A 21 (2001)",
		Version:  1,
		Loop:     models.Loop{Iterations: 200, Batch: 32},
		New:      func(c models.Config) (models.Model, error) { return newModel(c), nil },
	})
}

// A model is the mean colours, in [-1, 1], a value a channel.
type model struct {
	shape domains.Shape
	ps    *models.Parameters
	last  []models.Loss
}

var (
	_ models.Model      = (*model)(nil)
	_ models.Translator = (*model)(nil)
)

func newModel(c models.Config) *model {
	m := &model{shape: c.Shape, ps: models.NewParameters()}
	for side := range 2 {
		m.ps.Add(name(side), false, c.Shape.Channels)
	}
	return m
}

func name(side int) string { return "mean/" + domains.Side(side).String() }

// Parameters are the mean colours.
func (m *model) Parameters() *models.Parameters { return m.ps }

// Optimisers are none: a mean needs no gradient.
func (m *model) Optimisers() []*models.Optimiser { return nil }

// Step moves each mean to that of all batches so far. Its losses are the squared distances
// of a batch's mean colour from the mean before.
func (m *model) Step(step int, b *models.Batch) ([]models.Loss, error) {
	var colours [2][]float64
	var losses []models.Loss
	for side, x := range b.Images {
		colours[side] = make([]float64, m.shape.Channels)
		for i := range x.Len() {
			for c, v := range colour(x.At(i), m.shape.Channels) {
				colours[side][c] += v / float64(x.Len())
			}
		}
		var square float64
		for c, v := range m.ps.Get(name(side)).Data {
			square += (colours[side][c] - float64(v)) * (colours[side][c] - float64(v))
		}
		losses = append(losses, models.Loss{Name: "colour/" + domains.Side(side).String(), Value: square})
	}
	if err := models.CheckFinite("colour-shift", step+1, losses, m.last); err != nil {
		return nil, err
	}
	for side := range colours {
		mean := m.ps.Get(name(side)).Data
		for c, v := range colours[side] {
			mean[c] += (float32(v) - mean[c]) / float32(step+1)
		}
	}
	m.last = losses
	return losses, nil
}

// colour is the mean of an image, a value a channel.
func colour(x []float32, channels int) []float64 {
	out, area := make([]float64, channels), len(x)/channels
	for k, v := range x {
		out[k/area] += float64(v) / float64(area)
	}
	return out
}

// Edits are guided translation both ways.
func (m *model) Edits() []models.Edit {
	return []models.Edit{
		{Content: domains.A, Own: [2]models.Slot{models.Empty, models.OfGuide}},
		{Content: domains.B, Own: [2]models.Slot{models.OfGuide, models.Empty}},
	}
}

// Translate takes the mean colour of its domain from a content and puts the guide's in its
// place, within [-1, 1].
func (m *model) Translate(e models.Edit, contents, guides *domains.Images) (*domains.Images, error) {
	if e != m.Edits()[e.Content] {
		return nil, fmt.Errorf("models: colour-shift: it does guided translation alone, not %v", e)
	}
	if contents.Shape != m.shape || guides.Shape != m.shape || contents.Len() != guides.Len() {
		return nil, fmt.Errorf("models: colour-shift: %d contents of %v and %d guides of %v, want as many of %v", contents.Len(), contents.Shape, guides.Len(), guides.Shape, m.shape)
	}
	out := &domains.Images{Shape: m.shape, Data: make([]float32, contents.Len()*m.shape.Len())}
	mean, area := m.ps.Get(name(int(e.Content))).Data, m.shape.Height*m.shape.Width
	for i := range contents.Len() {
		cast := colour(guides.At(i), m.shape.Channels)
		for k, v := range contents.At(i) {
			c := k / area
			out.At(i)[k] = min(1, max(-1, v+float32(cast[c])-mean[c]))
		}
	}
	return out, nil
}
