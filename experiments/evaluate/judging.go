package evaluate

import (
	"fmt"
	"math"
	"slices"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/reports"
)

func init() {
	addEvaluation(evaluation{name: "judging", doc: "translations as judges trained on attributes see them",
		order: 120, version: 1, stages: true, wants: wants(wantsTranslator, wantsJudges), do: (*Subject).faces})
}

func wantsJudges(w *Subject, _ *Codes) string {
	if w.Judging == nil {
		return "the domains are not chosen by attributes, or judges are not trained"
	}
	return ""
}

const (
	fewReferences = 10 // outputs or real images below which no distance between them is given
	distanceHalf  = 60 // subsamples that make the interval of a distance
	guidesAtMost  = 256
	realAtMost    = 2000
)

// faces scores translations of held-out images by judges, where the domains were chosen
// by attributes: the model's and, on the same pairs and by the same code, those of the
// trivial rivals; and says what the judges see in real images and, for what is lost
// without any translation, in the same images decoded from their own codes.
func (w *Subject) faces(c *Codes) error {
	p, report, err := w.newPanel()
	if err != nil {
		return err
	}
	w.Progress.Stage("judging", 0, 1)
	if err := w.regionGrid(p); err != nil {
		return err
	}
	for side, d := range w.Domains {
		rows := w.draw("faces/real", d.Test.Images.Len(), realAtMost)
		systems := []system{{reports.RealImages, d.Test.Images.Take(rows)}}
		if t := identity(domains.Side(side)); w.can(t.Edit) {
			decoded, err := w.translated(t, c, rows, rows)
			if err != nil {
				return err
			}
			systems = append(systems, system{reports.Reconstructions, decoded})
		}
		for _, y := range systems {
			row, err := p.untranslated(y, domains.Side(side))
			if err != nil {
				return err
			}
			report.Rows = append(report.Rows, row)
		}
	}
	for _, t := range translations {
		as, ok := w.asked(t)
		if !ok {
			w.skip("judging "+t.name, "the model cannot do it")
			continue
		}
		s, err := w.scene(p, t, c)
		if err != nil {
			return err
		}
		outputs, err := w.translated(as, c, s.is, s.gs)
		if err != nil {
			return err
		}
		systems := []system{{w.Spec.Model.Method, outputs}, {reports.CopyContent, s.contents}}
		if t.Guided() {
			systems = append(systems, system{reports.CopyGuide, s.guides})
		}
		for _, y := range systems {
			row, err := p.score(s, y)
			if err != nil {
				return fmt.Errorf("experiments: faces: %s %s: %w", y.name, t.name, err)
			}
			row.Unguided = as != t && y.name == w.Spec.Model.Method
			report.Rows = append(report.Rows, row)
		}
		if err := w.Context.Err(); err != nil {
			return err
		}
	}
	w.Results.Faces = report
	w.Progress.Step(1, nil)
	return nil
}

// regionGrid shows which pixels are expected to change: the mean held-out image of each
// domain, whole and without the other pixels.
func (w *Subject) regionGrid(p *panel) error {
	var images [][]float32
	for side, d := range w.Domains {
		set := d.Test.Images
		rows := w.draw("region/"+domains.Side(side).String(), set.Len(), realAtMost)
		mean := make([]float32, set.Shape.Len())
		for _, i := range rows {
			for k, v := range set.At(i) {
				mean[k] += v / float32(len(rows))
			}
		}
		inside := slices.Clone(mean)
		for k := range inside {
			if p.outside[k%len(p.outside)] {
				inside[k] = 1 // white
			}
		}
		images = append(images, mean, inside)
	}
	return w.keepGrid(reports.Grid{Name: "region", Title: "Where the domains' own shows",
		Caption: fmt.Sprintf("Mean held-out image of each domain, whole and without the pixels on which in real images neither %s nor %s shows: over those the scores compare an output with its content.", p.Own[0], p.Own[1]),
		Rows:    2, Columns: 2, RowLabels: []string{"a", "b"}, ColumnLabels: []string{"mean", "may change"}}, images)
}

// A system is something that makes images, with its output of each pair or image.
type system struct {
	name    string
	outputs *domains.Images
}

// A scene is the pairs of one kind of translation, and what outputs are compared with.
type scene struct {
	translation
	is, gs           []int // of content and guide, by pair
	contents, guides *domains.Images
	before           *verdict // on the contents
	guide            *models.Block
	others           []int         // rows of guide that an output's own guide is compared with
	centre, scale    []float64     // of guide
	references       *models.Block // the attribute judge's embedding of real images of the kind that is wanted
}

// scene draws the pairs of a kind of translation and has the panel look at what belongs
// to them.
func (w *Subject) scene(p *panel, t translation, c *Codes) (*scene, error) {
	s := &scene{translation: t}
	s.is, s.gs, _ = w.pairs(t)
	guides := w.Domains[1-t.Content].Test.Images
	s.contents, s.guides = w.Domains[t.Content].Test.Images.Take(s.is), guides.Take(s.gs)
	var err error
	if s.before, err = p.read(s.contents); err != nil {
		return nil, err
	}
	reading, err := p.attribute.Read(guides)
	if err != nil {
		return nil, err
	}
	s.guide = reading.Embedding
	s.others = w.draw("faces/guides", guides.Len(), guidesAtMost)
	s.centre, s.scale = columnMeans(s.guide), variances(s.guide)
	for k, v := range s.scale {
		s.scale[k] = math.Sqrt(v)
	}
	references := p.neither
	switch {
	case t.Own[t.Content] != models.Empty && t.Guided():
		references = p.both
	case t.Guided():
		references = guides
	}
	if min(references.Len(), len(s.is)) < fewReferences {
		w.warn("faces: %s: %d outputs and %d real images of the kind, fewer than %d: no distance between them is given", t.name, len(s.is), references.Len(), fewReferences)
		return s, nil
	}
	reading, err = p.attribute.Read(references)
	if err != nil {
		return nil, err
	}
	s.references = reading.Embedding
	return s, nil
}

// judgeFormat is raised when the same settings train another judge.
const judgeFormat = "3"

// judgeSeed is that of every judge: they are instruments, and no job has its own.
const judgeSeed = 0

// An attribute is content when this share of images has it, at least, and lacks it.
const frequent = 0.05

// regressedImages at most say which pixels belong to an attribute.
const regressedImages = 20000

// A Judging says what judges are to read, of which population.
type Judging struct {
	Population domains.Population
	Own        [2]string // what only a and only b have
	Is         [2]domains.Condition
	Read       []int // attributes in the expressions of Own
	Named      []int // and in those of the domains, ascending
}

// NewJudging finds out, before any training, what is to be judged: nil where nothing is,
// because the spec wants none or the domains were not chosen by attributes out of one
// dataset. It fails when what a domain has of its own is neither given nor plain from
// the expressions.
func NewJudging(s *spec.Spec, sides [2]*domains.Domain) (*Judging, error) {
	translate := s.Translate
	if translate.Pairs == 0 || translate.Judge.Steps == 0 {
		return nil, nil
	}
	j := &Judging{Population: domains.SamePopulation(sides[0], sides[1])}
	if j.Population == nil {
		if translate.Judge.Own != [2]string{} {
			return nil, fmt.Errorf("experiments: translate.judge: the domains are not chosen by attributes out of one dataset, so nothing can be judged; leave out a and b")
		}
		return nil, nil
	}
	j.Own = j.Population.Own(sides[1].Population)
	for side, d := range sides {
		key := "translate.judge." + domains.Side(side).String()
		if given := translate.Judge.Own[side]; given != "" {
			j.Own[side] = given
		}
		if j.Own[side] == "" {
			return nil, fmt.Errorf("experiments: %s: the expression of %s asks for nothing that that of %s negates; say there what only %[2]s has, or judge nothing with translate.judge.steps: 0",
				key, domains.Side(side), domains.Side(1-side))
		}
		is, read, err := j.Population.Condition(j.Own[side])
		if err != nil {
			return nil, fmt.Errorf("experiments: %s: %.100q: %w", key, j.Own[side], err)
		}
		_, where, err := j.Population.Condition(d.Population.Where())
		if err != nil {
			return nil, fmt.Errorf("experiments: %w", err)
		}
		j.Is[side] = is
		j.Read, j.Named = append(j.Read, read...), append(append(j.Named, read...), where...)
	}
	slices.Sort(j.Named)
	j.Named = slices.Compact(j.Named)
	return j, nil
}

// Has says whether each of the images has what a domain has of its own.
func (j *Judging) Has(side domains.Side, a domains.Attributes) []bool {
	out := make([]bool, len(a.Reveal()))
	for i, row := range a.Reveal() {
		out[i] = j.Is[side](func(k int) bool { return row[k] })
	}
	return out
}

// Split picks the attributes that the attribute judges read, those in the expressions of
// Own and those in the domains' that vary among the images, and of the ones that no
// expression names those that are frequent enough to tell people by.
func (j *Judging) Split(a domains.Attributes) (named, content []int) {
	rows := a.Reveal()
	for k := range a.Names() {
		with := 0
		for _, row := range rows {
			if row[k] {
				with++
			}
		}
		share := float64(with) / float64(len(rows))
		switch {
		case slices.Contains(j.Named, k):
			if slices.Contains(j.Read, k) || with > 0 && with < len(rows) {
				named = append(named, k)
			}
		case share >= frequent && share <= 1-frequent:
			content = append(content, k)
		}
	}
	return named, content
}
