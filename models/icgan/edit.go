package icgan

import (
	"fmt"
	"slices"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/labelled"
	"github.com/venn-adapt/venn/models/ops"
)

// evalBatch images are encoded or made at a time; what the last batch does not fill is left from
// the one before, and not read.
const evalBatch = 64

// evaluation are the programs that read the parameters, and the running moments, as they stand.
type evaluation struct {
	images, codes []float32
	encode, make  *ops.Program
}

func (m *Model) evaluation() (*evaluation, error) {
	if m.eval != nil {
		return m.eval, nil
	}
	b, e := m.bind(), &evaluation{}
	x, images := m.imageInput(b, "images", evalBatch)
	e.images = images
	var err error
	if e.encode, err = b.Graph.Compile(m.nets.latent.Build(b, x), m.nets.labels.Build(b, x)); err != nil {
		return nil, err
	}
	b = m.bind()
	code, codes := input(b, "codes", evalBatch, m.width())
	e.codes = codes
	if e.make, err = b.Graph.Compile(m.nets.generator.Build(b, code)); err != nil {
		return nil, err
	}
	m.eval = e
	return e, nil
}

// Encode returns an image's code as its common code, and its predicted labels, about -1 or 1, as
// separate codes of one number.
func (m *Model) Encode(x *domains.Images) (models.Codes, error) {
	if x.Shape != m.shape {
		return nil, fmt.Errorf("models: icgan: images are %v, the model takes %v", x.Shape, m.shape)
	}
	e, err := m.evaluation()
	if err != nil {
		return nil, err
	}
	n, size := x.Len(), m.shape.Len()
	c := models.Codes{models.NewBlock(models.Common, n, m.nets.code, 1), models.NewBlock(models.SeparateA, n, 1, 1), models.NewBlock(models.SeparateB, n, 1, 1)}
	for lo := 0; lo < n; lo += evalBatch {
		copy(e.images, x.Data[lo*size:])
		if err := e.encode.Run(); err != nil {
			return nil, err
		}
		copy(c[0].Data[lo*m.nets.code:], e.encode.Output(0).Data().([]float32))
		labels := e.encode.Output(1).Data().([]float32)
		for i := lo; i < min(n, lo+evalBatch); i++ {
			c[1].Data[i], c[2].Data[i] = labels[labelled.Labels*(i-lo)], labels[labelled.Labels*(i-lo)+1]
		}
	}
	return c, nil
}

// Decode makes n images of codes with labels; a label without a block is off, a code without one 0.
func (m *Model) Decode(n int, c models.Codes) (*domains.Images, error) {
	e, err := m.evaluation()
	if err != nil {
		return nil, err
	}
	blocks := [3]*models.Block{c.Of(models.Common), c.Of(models.SeparateA), c.Of(models.SeparateB)}
	for i, width := range []int{m.nets.code, 1, 1} {
		if b := blocks[i]; b != nil && (b.N != n || b.D != width) {
			return nil, fmt.Errorf("models: icgan: code block %d is %dx%d, want %dx%d", i, b.N, b.D, n, width)
		}
	}
	out := &domains.Images{Shape: m.shape, Data: make([]float32, n*m.shape.Len())}
	for lo := 0; lo < n; lo += evalBatch {
		for i := lo; i < min(n, lo+evalBatch); i++ {
			row := e.codes[(i-lo)*m.width() : (i-lo+1)*m.width()]
			clear(row)
			if blocks[0] != nil {
				copy(row, blocks[0].Row(i))
			}
			for k, b := range blocks[1:] {
				row[m.nets.code+k] = -1
				if b != nil {
					row[m.nets.code+k] = b.Data[i]
				}
			}
		}
		if err := e.make.Run(); err != nil {
			return nil, err
		}
		copy(out.Data[lo*m.shape.Len():], e.make.Output(0).Data().([]float32))
	}
	return out, nil
}

// Edits are those that labels can ask for: what an image has kept or removed, what it has not
// added, or taken over from a guide as far as a predicted label can say it.
func (m *Model) Edits() []models.Edit { return models.EditsFrom(models.Any, models.OfGuide) }

// Translate makes contents anew with the labels of an edit, at the strength of the option.
func (m *Model) Translate(e models.Edit, contents, guides *domains.Images) (*domains.Images, error) {
	return m.edit(e, m.options.Float("strength"), contents, guides)
}

// TranslateAt moves labels from those of a content, at 0, to those of an edit, at 1, or beyond.
func (m *Model) TranslateAt(e models.Edit, strength float64, contents *domains.Images) (*domains.Images, error) {
	if e.Guided() {
		return nil, fmt.Errorf("models: icgan: an edit by degrees takes no guide: %v", e)
	}
	return m.edit(e, strength, contents, nil)
}

func (m *Model) edit(e models.Edit, strength float64, contents, guides *domains.Images) (*domains.Images, error) {
	if !slices.Contains(m.Edits(), e) {
		return nil, fmt.Errorf("models: icgan: a label is an image's own or its guide's, not the other way: %v", e)
	}
	c, err := m.Encode(contents)
	if err != nil {
		return nil, err
	}
	var lent models.Codes
	if e.Guided() {
		if guides == nil || guides.Len() != contents.Len() {
			return nil, fmt.Errorf("models: icgan: want a guide for each of %d contents", contents.Len())
		}
		if lent, err = m.Encode(guides); err != nil {
			return nil, err
		}
	}
	for side, slot := range e.Own {
		labels := c.Of(models.Separate(domains.Side(side)))
		for i, predicted := range labels.Data {
			own := m.label(predicted)
			wanted := own
			switch slot {
			case models.Empty:
				wanted = -1
			case models.Any:
				wanted = 1
			case models.OfGuide:
				wanted = m.label(lent.Of(labels.Role).Data[i])
			}
			labels.Data[i] = own + float32(strength)*(wanted-own)
		}
	}
	return m.Decode(contents.Len(), c)
}

// label is a predicted one as an edit takes it.
func (m *Model) label(predicted float32) float32 {
	switch {
	case !m.options.Bool("threshold"):
		return predicted
	case predicted > 0:
		return 1
	}
	return -1
}
