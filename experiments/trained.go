package experiments

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/models"
)

// A Trained is the model of a run, as its newest checkpoint has it, for use on
// images of one's own.
type Trained struct {
	Job   spec.Job
	Step  int // of the checkpoint
	Steps int // that the training has in all
	// Classes of the model's own classifier; nil where it has none.
	Classes []string

	model models.Model
}

// OpenTrained loads the newest checkpoint of a run directory. It fails when there is
// none, when it is damaged or the run has no manifest, and when this version of the program would train another
// model from the run's spec.
func OpenTrained(dir string) (*Trained, error) {
	plan, err := runs.ResumePlan(dir)
	if err != nil {
		return nil, err
	}
	t := &Trained{Job: plan.Jobs[0]}
	spec := &t.Job.Spec
	sound, err := runs.OpenSealed(dir)
	if err != nil {
		return nil, err
	}
	names := sound.Checkpoints()
	if len(names) == 0 {
		return nil, fmt.Errorf("experiments: %s: no checkpoint: it is not trained yet, or the setting limits.drop removed it; train with venn run or venn resume", dir)
	}
	newest := names[len(names)-1]
	if err := sound.Check(newest); err != nil {
		return nil, err
	}
	method, err := models.Methods.Get(spec.Model.Method)
	if err != nil {
		return nil, fmt.Errorf("experiments: %w", err)
	}
	c := spec.Config(t.Job.Seed)
	if method.NeedsLabels(c.Options) {
		if t.Classes, err = sound.Classes(); err != nil {
			return nil, err
		}
		c.Classes = len(t.Classes)
	}
	t.Steps = models.Steps(method.PhasesOf(c))
	if t.model, err = method.New(c); err != nil {
		return nil, err
	}
	if t.Step, err = models.LoadCheckpoint(filepath.Join(dir, filepath.FromSlash(newest)), t.Job.ID, t.model); err != nil {
		return nil, damagedCheckpoint{err}
	}
	return t, nil
}

// Shape is the size of the model's images.
func (t *Trained) Shape() domains.Shape { return t.Job.Spec.Image.Shape() }

// Encode returns the blocks of codes of images.
func (t *Trained) Encode(images *domains.Images) (models.Codes, error) {
	e, ok := t.model.(models.Encoder)
	if !ok {
		return nil, t.cannot("encode images")
	}
	return models.EncodeAll(e, images)
}

// cannot says what the method of the run is not able to do.
func (t *Trained) cannot(what string) error {
	return fmt.Errorf("experiments: %s cannot %s; `venn list methods` says which can", t.Job.Spec.Model.Method, what)
}

// A Mode is what is made of a content image and a guide of the other domain.
type Mode string

// The modes: what only the content's domain has is replaced by what the guide has;
// is taken away; stays and the guide's comes beside it; stays alone.
const (
	Guided         Mode = "translate"
	Removal        Mode = "remove"
	Union          Mode = "union"
	Reconstruction Mode = "reconstruct"
)

// Modes lists the modes.
var Modes = []Mode{Guided, Removal, Union, Reconstruction}

// TakesGuide says whether the mode needs guides.
func (m Mode) TakesGuide() bool { return m == Guided || m == Union }

// edit is what the mode makes of contents of a domain.
func (m Mode) edit(from domains.Side) models.Edit {
	e := models.Edit{Content: from}
	if m == Union || m == Reconstruction {
		e.Own[from] = models.OfContent
	}
	if m.TakesGuide() {
		e.Own[1-from] = models.OfGuide
	}
	return e
}

// Translate makes an image of every pair of a guide and a content, row by row: one
// row a guide, or one row in all where the mode takes none. from is the domain of
// the contents; guides are of the other one. It fails where the method cannot do it.
func (t *Trained) Translate(mode Mode, from domains.Side, contents, guides *domains.Images) (*domains.Images, error) {
	translator, edit := models.TranslatorOf(t.model), mode.edit(from)
	if translator == nil || !slices.Contains(translator.Edits(), edit) {
		return nil, t.cannot(fmt.Sprintf("%s images of %s", mode, from))
	}
	if !mode.TakesGuide() {
		return translator.Translate(edit, contents, nil)
	}
	out := &domains.Images{Shape: t.Shape()}
	for row := range guides.Len() {
		made, err := translator.Translate(edit, contents, guides.Take(slices.Repeat([]int{row}, contents.Len())))
		if err != nil {
			return nil, err
		}
		out.Data = append(out.Data, made.Data...)
	}
	return out, nil
}

// Interpolate decodes the codes between images. Each of content, a and b is nil (an
// empty part), one image (a fixed part) or two (the part moves from one to the other
// in so many steps). One part that moves makes one row; two make a plane, the first of
// them down and the second across.
func (t *Trained) Interpolate(content, a, b *domains.Images, steps int) (images *domains.Images, rows, columns int, err error) {
	decoder, ok := t.model.(models.Decoder)
	if !ok {
		return nil, 0, 0, t.cannot("decode codes, which interpolation needs")
	}
	var parts [3][2]*models.Block // ends of each part; nil where it is empty
	var moving []int
	for i, set := range []*domains.Images{content, a, b} {
		if set == nil || set.Len() == 0 {
			continue
		}
		c, err := t.Encode(set)
		if err != nil {
			return nil, 0, 0, err
		}
		block := c.Of([]models.Role{models.Common, models.SeparateA, models.SeparateB}[i])
		last := block.N - 1
		parts[i] = [2]*models.Block{block.Take([]int{0}), block.Take([]int{last})}
		if last > 0 {
			moving = append(moving, i)
		}
	}
	if len(moving) < 1 || len(moving) > 2 {
		return nil, 0, 0, fmt.Errorf("experiments: %d of content, a and b have two images, want one (a row) or two (a plane)", len(moving))
	}
	rows, columns = 1, steps
	if len(moving) == 2 {
		rows = steps
	}
	images = &domains.Images{Shape: t.Shape()}
	for r := range rows {
		for k := range columns {
			at := map[int]float32{moving[len(moving)-1]: models.Fraction(k, columns)}
			if len(moving) == 2 {
				at[moving[0]] = models.Fraction(r, rows)
			}
			var now models.Codes
			for i, ends := range parts {
				if ends[0] != nil {
					now = append(now, models.Mix(ends[0], ends[1], at[i]))
				}
			}
			made, err := decoder.Decode(1, now)
			if err != nil {
				return nil, 0, 0, err
			}
			images.Data = append(images.Data, made.Data...)
		}
	}
	return images, rows, columns, nil
}
