package modelstest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/models"
)

// translations: of each content its own image, for every edit that a translator says it can do.
// What decodes codes has been looked at by them.
func (w *walk) translations() {
	m := w.model(nil, 1)
	t, ok := m.(models.Translator)
	if !ok {
		return
	}
	w.train(m, nil, 0, short, "")
	before := snapshot(m)
	edits := t.Edits()
	if len(edits) == 0 {
		w.addf("it translates and has no edit")
	}
	for _, e := range edits {
		w.edit(t, e)
	}
	refused := models.Edit{Own: [2]models.Slot{models.OfGuide, models.OfContent}} // of the other domain's image each
	if _, err := t.Translate(refused, w.waves(3, 7), w.waves(3, 8)); err == nil || strings.Contains(err.Error(), "\n") {
		w.addf("an edit that it does not have gives error %v, want one line", err)
	}
	if name := differing(before, snapshot(m)); name != "" {
		w.addf("translating changes parameter %s", name)
	}
}

// slots are the names of what fills one.
var slots = [...]string{models.Empty: "empty", models.OfContent: "content", models.OfGuide: "guide", models.Any: "any"}

// edit makes one edit of three images, again, of the last alone, and with other guides.
func (w *walk) edit(t models.Translator, e models.Edit) {
	what := fmt.Sprintf("the edit of %s with slots %s and %s", e.Content, slots[e.Own[domains.A]], slots[e.Own[domains.B]])
	drawn := slices.Contains(e.Own[:], models.Any)
	of := func(rows []int, guides uint64) []float32 {
		contents := pick(w.waves(3, 7), rows)
		var lent *domains.Images
		if e.Guided() {
			lent = pick(w.waves(3, guides), rows)
		}
		kept := slices.Clone(contents.Data)
		images, err := t.Translate(e, contents, lent)
		w.must(err, what)
		if images.Shape != w.o.Shape || images.Len() != len(rows) || !finite(images.Data) {
			w.addf("%s gives %d images of %v, want %d of %v and finite", what, images.Len(), images.Shape, len(rows), w.o.Shape)
			panic(stop{})
		}
		if !slices.Equal(kept, contents.Data) || (e.Guided() && !slices.Equal(lent.Data, pick(w.waves(3, guides), rows).Data)) {
			w.addf("%s changes the images that it is given", what)
		}
		return slices.Clone(images.Data)
	}
	all := []int{0, 1, 2}
	whole := of(all, 8)
	if !slices.Equal(whole, of(all, 8)) {
		w.addf("%s of the same images differs when it is made again", what)
	}
	if e.Guided() && slices.Equal(whole, of(all, 9)) {
		w.addf("%s is the same with any guide", what)
	}
	// A part that is drawn may go by the row.
	if !drawn && !alike(whole[len(whole)*2/3:], of([]int{2}, 8)) {
		w.addf("%s of an image depends on the images beside it", what)
	}
}

// pick is some of the images.
func pick(x *domains.Images, rows []int) *domains.Images {
	out := &domains.Images{Shape: x.Shape}
	for _, i := range rows {
		out.Data = append(out.Data, x.At(i)...)
	}
	return out
}

// translated is all that a translator which does not decode makes of images.
func (w *walk) translated(m models.Model) (out [][]float32) {
	t, ok := m.(models.Translator)
	if !ok {
		return nil
	}
	for _, e := range t.Edits() {
		var guides *domains.Images
		if e.Guided() {
			guides = w.waves(2, 8)
		}
		images, err := t.Translate(e, w.waves(2, 7), guides)
		w.must(err, "translating")
		out = append(out, images.Data)
	}
	return out
}
