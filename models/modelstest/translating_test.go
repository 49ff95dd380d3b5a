package modelstest_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/modelstest"
)

// A mixer is a toy that has no codes: it adds a quarter of the guide to a content and the mean
// image. Its field breaks one promise.
type mixer struct {
	models.Model
	toy   *toy
	edits []models.Edit
	spoil func(m *mixer, contents, guides, out *domains.Images) *domains.Images
	takes bool // edits that it does not have
}

func (m *mixer) Edits() []models.Edit { return m.edits }

func (m *mixer) Translate(e models.Edit, contents, guides *domains.Images) (*domains.Images, error) {
	if e.Own == [2]models.Slot{models.OfGuide, models.OfContent} && !m.takes {
		return nil, errors.New("no such edit")
	}
	out := &domains.Images{Shape: contents.Shape, Data: make([]float32, len(contents.Data))}
	for i := range contents.Len() {
		for k, v := range m.toy.w() {
			out.At(i)[k] = v + contents.At(i)[k]
			if e.Guided() && guides.Len() == contents.Len() {
				out.At(i)[k] += guides.At(i)[k] / 4
			}
		}
	}
	if m.spoil != nil {
		out = m.spoil(m, contents, guides, out)
	}
	return out, nil
}

func mixing(change func(m *mixer, c models.Config)) models.Method {
	base := method(nil)
	made := base.New
	base.New = func(c models.Config) (models.Model, error) {
		inner, err := made(c)
		if err != nil {
			return nil, err
		}
		m := &mixer{Model: inner, toy: inner.(*toy), edits: []models.Edit{models.Reconstruction(domains.A), {Own: [2]models.Slot{models.Empty, models.OfGuide}}}}
		change(m, c)
		return m, nil
	}
	return base
}

func TestTranslators(t *testing.T) {
	type images = *domains.Images
	for _, tt := range []struct {
		name   string
		change func(m *mixer, c models.Config)
		want   string
	}{
		{"sound", func(*mixer, models.Config) {}, ""},
		{"a drawn part by the row", func(m *mixer, _ models.Config) {
			m.edits = []models.Edit{{Own: [2]models.Slot{models.Empty, models.Any}}}
			m.spoil = func(_ *mixer, _, _, out images) images {
				for i := range out.Len() {
					out.At(i)[0] += float32(i)
				}
				return out
			}
		}, ""},
		{"no edit", func(m *mixer, _ models.Config) { m.edits = nil }, "it translates and has no edit"},
		{"any edit", func(m *mixer, _ models.Config) { m.takes = true }, "an edit that it does not have gives error <nil>"},
		{"deaf to guides", func(m *mixer, _ models.Config) {
			m.spoil = func(_ *mixer, contents, _, _ images) images {
				return &domains.Images{Shape: contents.Shape, Data: append([]float32{}, contents.Data...)}
			}
		}, "the edit of a with slots empty and guide is the same with any guide"},
		{"by company", func(m *mixer, _ models.Config) {
			m.spoil = func(_ *mixer, contents, _, out images) images {
				out.At(out.Len() - 1)[3] += contents.Data[0]
				return out
			}
		}, "of an image depends on the images beside it"},
		{"another time otherwise", func(m *mixer, _ models.Config) {
			calls := 0
			m.spoil = func(_ *mixer, _, _, out images) images { calls++; out.Data[0] += float32(calls); return out }
		}, "of the same images differs when it is made again"},
		{"changes contents", func(m *mixer, _ models.Config) {
			m.spoil = func(_ *mixer, contents, _, out images) images { contents.Data[0] += 0.5; return out }
		}, "changes the images that it is given"},
		{"changes guides", func(m *mixer, _ models.Config) {
			m.spoil = func(_ *mixer, _, guides, out images) images {
				if guides != nil {
					guides.Data[0] += 0.5
				}
				return out
			}
		}, "changes the images that it is given"},
		{"infinite", func(m *mixer, _ models.Config) {
			m.spoil = func(_ *mixer, _, _, out images) images { out.Data[1] = float32(math.Inf(1)); return out }
		}, "want 3 of 3x16x16 and finite"},
		{"fewer", func(m *mixer, _ models.Config) {
			m.spoil = func(_ *mixer, _, _, out images) images { out.Data = out.Data[out.Shape.Len():]; return out }
		}, "gives 2 images of 3x16x16, want 3"},
		{"learns", func(m *mixer, _ models.Config) {
			m.spoil = func(m *mixer, _, _, out images) images { m.toy.w()[0] += 0.001; return out }
		}, "translating changes parameter mean"},
	} {
		err := modelstest.Method(mixing(tt.change), modelstest.Options{})
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: the walk says %v, want %q", tt.name, err, tt.want)
		}
	}
}

// An option that only images show has an effect.
func TestOptionsOfTranslators(t *testing.T) {
	m := mixing(func(m *mixer, c models.Config) {
		by := float32(c.Options.Float("by"))
		m.spoil = func(_ *mixer, _, _, out *domains.Images) *domains.Images { out.Data[0] += by; return out }
	})
	m.Options = append(m.Options, option.Option{Name: "by", Kind: option.Float, Default: 0.5, Min: 0, Max: 1, Doc: "added to a pixel"})
	err := modelstest.Method(m, modelstest.Options{})
	if err == nil || strings.Contains(err.Error(), "by =") || !strings.Contains(err.Error(), "depends on the images beside it") {
		t.Errorf("the walk says %v", err)
	}
}
