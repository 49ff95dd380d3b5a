package fader

import (
	"fmt"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/models"
)

// evalBatch images are encoded or decoded at a time.
const evalBatch = 64

// read makes the programs of evaluation, which normalise by running statistics.
func (m *Model) read() error {
	if m.encode != nil {
		return nil
	}
	b := m.bind()
	x, images := models.Input(evalBatch, m.shape.Channels, m.shape.Height, m.shape.Width)
	encode, err := b.Graph.Compile(m.encoder.Build(b, b.Graph.Bind("images", x)))
	if err != nil {
		return err
	}
	b = m.bind()
	c, code := models.Input(append([]int{evalBatch}, m.judge.In...)...)
	y, labels := models.Input(evalBatch, attributes)
	decode, err := b.Graph.Compile(m.decoded(b, b.Graph.Bind("code", c), b.Graph.Bind("labels", y)))
	if err != nil {
		return err
	}
	m.encode, m.decode = models.NewReader(evalBatch, encode, 1, images), models.NewReader(evalBatch, decode, 1, code, labels)
	return nil
}

// Encode returns the code that has no label in it, channel-major over 2x2 places.
func (m *Model) Encode(x *domains.Images) (models.Codes, error) {
	if x.Shape != m.shape {
		return nil, fmt.Errorf("models: fader: images are %v, the model takes %v", x.Shape, m.shape)
	}
	if err := m.read(); err != nil {
		return nil, err
	}
	out, err := m.encode.Read(x.Len(), x.Data)
	if err != nil {
		return nil, err
	}
	code := models.NewBlock(models.Common, x.Len(), m.judge.In[0], 4)
	code.Data = out[0]
	return models.Codes{code}, nil
}

// Edits are all that leave the own label of a content on or put it off, and put that of the other
// domain on or leave it off. None takes a guide.
func (m *Model) Edits() []models.Edit { return models.EditsFrom(models.Any) }

// Translate decodes contents under the label of an edit.
func (m *Model) Translate(e models.Edit, contents, _ *domains.Images) (*domains.Images, error) {
	return m.TranslateAt(e, 1, contents)
}

// TranslateAt decodes contents under a label that lies so far on the way from their own to that of
// an edit, or beyond: from A to B at strength s under (1 − s, s).
func (m *Model) TranslateAt(e models.Edit, strength float64, contents *domains.Images) (*domains.Images, error) {
	var label [attributes]float32
	for side, slot := range e.Own {
		own := domains.Side(side) == e.Content
		if slot != models.Empty && (slot == models.OfContent) != own || slot == models.OfGuide {
			return nil, fmt.Errorf("models: fader: it cannot make the edit %v: it switches labels, without a guide", e)
		}
		from, to := 0.0, 0.0
		if own {
			from = 1
		}
		if slot != models.Empty {
			to = 1
		}
		label[side] = float32(from + strength*(to-from))
	}
	codes, err := m.Encode(contents)
	if err != nil {
		return nil, err
	}
	var labels []float32
	for range contents.Len() {
		labels = append(labels, label[:]...)
	}
	out, err := m.decode.Read(contents.Len(), codes[0].Data, labels)
	if err != nil {
		return nil, err
	}
	return &domains.Images{Shape: m.shape, Data: out[0]}, nil
}
