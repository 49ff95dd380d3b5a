package models

import (
	"fmt"
	"slices"

	"github.com/venn-adapt/venn/domains"
)

// A Slot says where the part that only one domain has comes from in an edited image.
type Slot int

// The slots' contents.
const (
	Empty     Slot = iota // nowhere: the part is removed
	OfContent             // the content image keeps its own
	OfGuide               // an image of the other domain lends its own
	Any                   // some part of that kind, of no image in particular: a label switched on, a style drawn
)

// An Edit says what is made of a content image and, where a slot asks for it, of a guide
// of the other domain: common part of the content, own parts as the slots say.
type Edit struct {
	Content domains.Side
	Own     [2]Slot // of A and of B
}

// Guided says whether the edit takes a guide.
func (e Edit) Guided() bool { return slices.Contains(e.Own[:], OfGuide) }

// Reconstruction is the edit that leaves an image of a side as it is.
func Reconstruction(side domains.Side) Edit {
	e := Edit{Content: side}
	e.Own[side] = OfContent
	return e
}

// EditsFrom are all edits that remove or keep what a content has, and leave the slot of what it has
// not empty or fill it in one of the given ways: contents of A first.
func EditsFrom(ways ...Slot) (out []Edit) {
	for _, side := range []domains.Side{domains.A, domains.B} {
		for _, own := range []Slot{Empty, OfContent} {
			for _, other := range append([]Slot{Empty}, ways...) {
				e := Edit{Content: side}
				e.Own[side], e.Own[1-side] = own, other
				out = append(out, e)
			}
		}
	}
	return out
}

// A Translator makes images of images.
type Translator interface {
	// Edits lists those that it can do.
	Edits() []Edit
	// Translate makes an image of every content, row by row with its guide; guides are nil
	// where the edit takes none. It fails on an edit that it cannot do.
	Translate(e Edit, contents, guides *domains.Images) (*domains.Images, error)
}

// A Graded translator makes some edits by degrees.
type Graded interface {
	Translator
	// TranslateAt is Translate of an edit without a guide at a strength: at 0 nothing is edited,
	// 1 is the edit that was trained, more goes beyond it, less than 0 the other way.
	TranslateAt(e Edit, strength float64, contents *domains.Images) (*domains.Images, error)
}

// A Masker says where its edits repaint a content.
type Masker interface {
	Translator
	// Mask is, for every content of an edit with its guide, a mask in [0, 1], 1 where the content
	// is replaced: n rows of one channel of height x width places.
	Mask(e Edit, contents, guides *domains.Images) (*Block, error)
}

// TranslatorOf is the translator that a model is or, as a decoder, amounts to; nil where it
// is neither.
func TranslatorOf(m Model) Translator {
	switch m := m.(type) {
	case Translator:
		return m
	case Decoder:
		return decoding{m}
	}
	return nil
}

// A decoding edits by taking codes apart: the common code and the separate codes that the
// slots ask for, decoded.
type decoding struct{ Decoder }

// A Limited decoder has no codes for some edits.
type Limited interface {
	// CanEdit says whether it decodes the codes of an edit.
	CanEdit(e Edit) bool
}

// Edits of a decoder are all that fill a slot from the image that has the part, less those that
// it says it cannot do.
func (d decoding) Edits() []Edit {
	limited, limits := d.Decoder.(Limited)
	return slices.DeleteFunc(EditsFrom(OfGuide), func(e Edit) bool { return limits && !limited.CanEdit(e) })
}

func (d decoding) Translate(e Edit, contents, guides *domains.Images) (*domains.Images, error) {
	content, err := d.Encode(contents)
	if err != nil {
		return nil, err
	}
	var guide Codes
	if e.Guided() {
		if guide, err = d.Encode(guides); err != nil {
			return nil, err
		}
	}
	c, err := EditCodes(e, content, guide)
	if err != nil {
		return nil, err
	}
	return d.Decode(contents.Len(), c)
}

// EditCodes puts together the codes of an edit, row by row: what to decode.
func EditCodes(e Edit, content, guide Codes) (Codes, error) {
	if e.Own[e.Content] == OfGuide || e.Own[1-e.Content] == OfContent {
		return nil, fmt.Errorf("models: a slot cannot be filled from an image of the other domain: %v", e)
	}
	if slices.Contains(e.Own[:], Any) {
		return nil, fmt.Errorf("models: a code is of an image, and a slot that any part fills names none: %v", e)
	}
	out := Codes{content.Of(Common)}
	for side, slot := range e.Own {
		switch slot {
		case OfContent:
			out = append(out, content.Of(Separate(domains.Side(side))))
		case OfGuide:
			out = append(out, guide.Of(Separate(domains.Side(side))))
		}
	}
	return out, nil
}
