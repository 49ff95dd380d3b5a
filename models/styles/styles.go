// Package styles is what translation by styles has in common: an image is a content code, which
// both domains have, and a style, a row of numbers of its domain; a translation has the content
// of one image and the style of another, or one that is drawn.
package styles

import (
	"fmt"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/ops"
)

// atOnce images are encoded or decoded together; what the last ones do not fill is left from
// those before, and not read.
const atOnce = 16

// A System reads and makes images with the networks of a method, as they are after training.
type System struct {
	Name  string
	Shape domains.Shape
	Width int // of a style
	Seed  uint64
	Bind  func() *models.Binding
	// Content and Style add the codes of images of a domain, Decode images of a domain.
	Content, Style func(b *models.Binding, side domains.Side, x *ops.Node) *ops.Node
	Decode         func(b *models.Binding, side domains.Side, content, style *ops.Node) *ops.Node

	programs [2]*programs
}

// programs are those of a domain, with what they read.
type programs struct {
	images          []float32
	content, style  *ops.Program
	codes, styles   []float32
	decode          *ops.Program
	channels, place int // of a content code, and values of a channel
}

var _ models.SidedEncoder = (*System)(nil)
var _ models.Translator = (*System)(nil)

// of are the programs of a domain, made when they are first needed.
func (s *System) of(side domains.Side) (*programs, error) {
	if s.programs[side] != nil {
		return s.programs[side], nil
	}
	p := &programs{}
	x, images := models.Input(atOnce, s.Shape.Channels, s.Shape.Height, s.Shape.Width)
	p.images = images
	b := s.Bind()
	content := s.Content(b, side, b.Graph.Bind("images", x))
	var err error
	if p.content, err = b.Graph.Compile(content); err != nil {
		return nil, err
	}
	shape := content.Shape()
	p.channels, p.place = shape[1], shape[2]*shape[3]
	b = s.Bind()
	if p.style, err = b.Graph.Compile(s.Style(b, side, b.Graph.Bind("images", x))); err != nil {
		return nil, err
	}
	codes, codeData := models.Input(shape...)
	rows, rowData := models.Input(atOnce, s.Width)
	p.codes, p.styles = codeData, rowData
	b = s.Bind()
	if p.decode, err = b.Graph.Compile(s.Decode(b, side, b.Graph.Bind("content", codes), b.Graph.Bind("style", rows))); err != nil {
		return nil, err
	}
	s.programs[side] = p
	return p, nil
}

// run fills in rows of the inputs and keeps those of the output, a few at a time.
func run(p *ops.Program, n int, out []float32, in ...[2][]float32) error {
	for lo := 0; lo < n; lo += atOnce {
		hi := min(n, lo+atOnce)
		for _, pair := range in {
			to, from := pair[0], pair[1]
			width := len(from) / n
			copy(to, from[lo*width:hi*width])
		}
		if err := p.Run(); err != nil {
			return err
		}
		width := len(out) / n
		copy(out[lo*width:hi*width], p.Output(0).Data().([]float32))
	}
	return nil
}

func (s *System) takes(what string, x *domains.Images) error {
	if x.Shape != s.Shape {
		return fmt.Errorf("models: %s: %s are %v, the model takes %v", s.Name, what, x.Shape, s.Shape)
	}
	return nil
}

// contents are the content codes of images of a domain.
func (s *System) contents(side domains.Side, x *domains.Images) (*models.Block, error) {
	p, err := s.of(side)
	if err != nil {
		return nil, err
	}
	block := models.NewBlock(models.Common, x.Len(), p.channels, p.place)
	return block, run(p.content, x.Len(), block.Data, [2][]float32{p.images, x.Data})
}

// styles are the styles of images as ones of a domain.
func (s *System) styles(side domains.Side, x *domains.Images) (*models.Block, error) {
	p, err := s.of(side)
	if err != nil {
		return nil, err
	}
	block := models.NewBlock(models.Separate(side), x.Len(), s.Width, 1)
	return block, run(p.style, x.Len(), block.Data, [2][]float32{p.images, x.Data})
}

// Encode is EncodeOf A.
func (s *System) Encode(x *domains.Images) (models.Codes, error) { return s.EncodeOf(domains.A, x) }

// EncodeOf returns the content code of images of a domain, as the common code, and the style
// that each domain's encoder sees in them, as separate ones.
func (s *System) EncodeOf(side domains.Side, x *domains.Images) (models.Codes, error) {
	if err := s.takes("images", x); err != nil {
		return nil, err
	}
	common, err := s.contents(side, x)
	if err != nil {
		return nil, err
	}
	codes := models.Codes{common}
	for _, of := range []domains.Side{domains.A, domains.B} {
		style, err := s.styles(of, x)
		if err != nil {
			return nil, err
		}
		codes = append(codes, style)
	}
	return codes, nil
}

// Edits are reconstruction, and translation with a guide's style or one that is drawn. A style
// has no value that means nothing, so that neither is anything removed nor the parts of both
// domains put together.
func (s *System) Edits() (out []models.Edit) {
	for _, side := range []domains.Side{domains.A, domains.B} {
		out = append(out, models.Reconstruction(side))
		for _, slot := range []models.Slot{models.OfGuide, models.Any} {
			e := models.Edit{Content: side}
			e.Own[1-side] = slot
			out = append(out, e)
		}
	}
	return out
}

// Translate makes images of contents. The style that is drawn for a row is the same in every
// call, and another for every row.
func (s *System) Translate(e models.Edit, contents, guides *domains.Images) (*domains.Images, error) {
	if err := s.check(e, contents, guides); err != nil {
		return nil, err
	}
	code, err := s.contents(e.Content, contents)
	if err != nil {
		return nil, err
	}
	to, n := 1-e.Content, contents.Len()
	var style *models.Block
	switch {
	case e == models.Reconstruction(e.Content):
		to = e.Content
		style, err = s.styles(to, contents)
	case e.Guided():
		style, err = s.styles(to, guides)
	default:
		style = models.NewBlock(models.Separate(to), n, s.Width, 1)
		for i := range n {
			r := stream.New(s.Seed, "style", to.String(), i)
			for k := range style.Row(i) {
				style.Row(i)[k] = float32(r.NormFloat64())
			}
		}
	}
	if err != nil {
		return nil, err
	}
	p, err := s.of(to)
	if err != nil {
		return nil, err
	}
	out := &domains.Images{Shape: s.Shape, Data: make([]float32, n*s.Shape.Len())}
	return out, run(p.decode, n, out.Data, [2][]float32{p.codes, code.Data}, [2][]float32{p.styles, style.Data})
}

// check finds edits that styles cannot do, and images that do not fit.
func (s *System) check(e models.Edit, contents, guides *domains.Images) error {
	known := false
	for _, k := range s.Edits() {
		known = known || k == e
	}
	if !known {
		return fmt.Errorf("models: %s: it reconstructs, and translates with the style of a guide or one that is drawn; not %v", s.Name, e)
	}
	if err := s.takes("contents", contents); err != nil || !e.Guided() {
		return err
	}
	if guides == nil || guides.Len() != contents.Len() {
		return fmt.Errorf("models: %s: %d contents and no guide for each", s.Name, contents.Len())
	}
	return s.takes("guides", guides)
}
