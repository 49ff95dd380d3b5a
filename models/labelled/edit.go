package labelled

import (
	"slices"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/ops"
)

// evalBatch images are edited or encoded at a time; what the last batch does not fill is left from
// the one before, and not read.
const evalBatch = 64

// evaluation are the programs that read the parameters, and the running moments, as they stand.
type evaluation struct {
	images, requested []float32
	edit              *ops.Program
	encoded           []float32
	encode            *ops.Program
}

func (m *Model) evaluation() (*evaluation, error) {
	if m.eval != nil {
		return m.eval, nil
	}
	b, e := m.bind(), &evaluation{}
	x, images := m.images(b, "images", evalBatch)
	request, requested := input(b, "request", evalBatch, Labels)
	var err error
	if e.edit, err = b.Graph.Compile(m.Generator.Edit(b, x, request)); err != nil {
		return nil, err
	}
	e.images, e.requested = images, requested
	if coder, ok := m.Generator.(Coder); ok {
		b = m.bind()
		x, e.encoded = m.images(b, "images", evalBatch)
		if e.encode, err = b.Graph.Compile(coder.Code(b, x)); err != nil {
			return nil, err
		}
	}
	m.eval = e
	return e, nil
}

// Edits are those that labels can ask for: what an image has kept or removed, and what it has not
// added, of no guide.
func (m *Model) Edits() []models.Edit { return models.EditsFrom(models.Any) }

// Translate makes an edit at the strength of the option.
func (m *Model) Translate(e models.Edit, contents, _ *domains.Images) (*domains.Images, error) {
	return m.TranslateAt(e, m.options.Float("strength"), contents)
}

// TranslateAt asks for labels between those of the contents, at 0, and those that the edit gives
// them, at 1, or beyond.
func (m *Model) TranslateAt(e models.Edit, strength float64, contents *domains.Images) (*domains.Images, error) {
	if !slices.Contains(m.Edits(), e) {
		return nil, m.errorf("labels switch what a domain has on and off, and name no image to take it from: not %v", e)
	}
	if contents.Shape != m.shape {
		return nil, m.errorf("images are %v, the model takes %v", contents.Shape, m.shape)
	}
	v, err := m.evaluation()
	if err != nil {
		return nil, err
	}
	for i := range v.requested {
		own, wanted := 0.0, 0.0
		if domains.Side(i%Labels) == e.Content {
			own = 1
		}
		if e.Own[i%Labels] != models.Empty {
			wanted = 1
		}
		v.requested[i] = float32(m.Request(own, own+strength*(wanted-own)))
	}
	out := &domains.Images{Shape: m.shape, Data: make([]float32, len(contents.Data))}
	for lo := 0; lo < len(out.Data); lo += len(v.images) {
		copy(v.images, contents.Data[lo:])
		if err := v.edit.Run(); err != nil {
			return nil, err
		}
		copy(out.Data[lo:], v.edit.Output(0).Data().([]float32))
	}
	return out, nil
}

// A Coded model edits codes of images, which are what both domains share.
type Coded struct {
	*Model
	coder Coder
}

// Encode returns the code of images as their common code; there is no other.
func (m *Coded) Encode(x *domains.Images) (models.Codes, error) {
	if x.Shape != m.shape {
		return nil, m.errorf("images are %v, the model takes %v", x.Shape, m.shape)
	}
	v, err := m.evaluation()
	if err != nil {
		return nil, err
	}
	shape := v.encode.Output(0).Shape()
	out := models.NewBlock(models.Common, x.Len(), shape[1], shape[2]*shape[3])
	size := m.shape.Len()
	for lo := 0; lo < x.Len(); lo += evalBatch {
		copy(v.encoded, x.Data[lo*size:])
		if err := v.encode.Run(); err != nil {
			return nil, err
		}
		copy(out.Data[lo*out.D:], v.encode.Output(0).Data().([]float32))
	}
	return models.Codes{out}, nil
}
