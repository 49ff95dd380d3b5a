package evaluate

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/metrics/classification"
	"github.com/venn-adapt/venn/metrics/image"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/judge"
	"github.com/venn-adapt/venn/reports"
)

// A reader reads images: a judge, or what a test puts in its place.
type Reader interface {
	Read(images *domains.Images) (*judge.Reading, error)
}

// A panel is what translations are scored by: the judges with what they were told on
// held-out real images.
type panel struct {
	*Judging
	seed      uint64
	columns   []int // attributes that the attribute judges read
	attribute Reader
	other     Reader    // the attribute judge of another seed
	content   Reader    // nil where no other attribute is frequent enough
	centre    []float64 // mean of the content judge's embedding over held-out real images
	outside   []bool    // pixels that should not change
	neither   *domains.Images
	both      *domains.Images // held-out real images with neither of, and with both, the domains' own
}

// newPanel trains the judges on all images of the population that are in no test split,
// or takes them from the run directory, and tests them on held-out images, drawn from
// the whole population.
func (w *Subject) newPanel() (*panel, *reports.Faces, error) {
	train, test, err := w.Judging.Population.Load(w.Context, w.Domains[0], w.Domains[1])
	if err != nil {
		return nil, nil, fmt.Errorf("experiments: %w", err)
	}
	named, content := w.Judging.Split(train.Attributes)
	p := &panel{Judging: w.Judging, seed: w.Seed, columns: named}
	report := &reports.Faces{Own: w.Judging.Own}
	for _, j := range []struct {
		name       string
		attributes []int
		to         *Reader
	}{{"attribute", named, &p.attribute}, {"second attribute", named, &p.other}, {"content", content, &p.content}} {
		if len(j.attributes) == 0 {
			w.warn("no attribute but the domains' own is had by %g to %g of the images: content is not judged", frequent, 1-frequent)
			continue
		}
		made, err := w.judge(j.name, j.attributes, train)
		if err != nil {
			return nil, nil, err
		}
		*j.to = made
		judged, err := JudgeAccuracy(j.name, made, j.attributes, test)
		if err != nil {
			return nil, nil, err
		}
		report.Judged = append(report.Judged, judged...)
	}
	if err := p.look(train, test, content, report); err != nil {
		return nil, nil, err
	}
	return p, report, nil
}

// judge trains a judge of some of the attributes, or takes it from this run or from another
// one below the same root: judges are the same for all jobs on the same images, whatever is
// judged. A file that is of other settings, other images or damaged is written anew.
func (w *Subject) judge(name string, attributes []int, train domains.Attributed) (*judge.Judge, error) {
	spec := w.Spec.Translate.Judge
	_, seed := stream.Key(judgeSeed, "judge", name)
	j, err := judge.New(w.Spec.Image.Shape(), len(attributes), train.Images.Mirror, seed)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(attributes))
	for i, k := range attributes {
		names[i] = train.Attributes.Names()[k]
	}
	info := map[string]string{"format": judgeFormat, "seed": fmt.Sprint(seed), "kernels": kernels.Path(), "images": train.Checksum, "attributes": strings.Join(names, " "),
		"steps": fmt.Sprint(spec.Steps), "batch": fmt.Sprint(spec.Batch), "learning_rate": fmt.Sprint(spec.Rate)}
	file := "judges/" + strings.ReplaceAll(name, " ", "-") + ".safetensors"
	if w.kept(name, file, info, j) {
		return j, nil
	}
	if w.lent(name, file, info, j) {
		return j, w.keep(file, info, j)
	}
	w.Progress.Stage("judge: "+name, 0, spec.Steps)
	err = j.Train(w.Context, judge.Options{Steps: spec.Steps, Batch: spec.Batch, Rate: spec.Rate}, train.Images, chosen(train.Attributes, attributes),
		func(step int) { w.Progress.Step(step, nil) })
	if err != nil {
		return nil, err
	}
	return j, w.keep(file, info, j)
}

// kept restores a judge from the run directory, if it is there as it should be.
func (w *Subject) kept(name, file string, info map[string]string, j *judge.Judge) bool {
	err := models.LoadParameters(w.Dir.File(file), info, j.Parameters())
	switch {
	case err == nil:
		w.Dir.Log.Info("judge taken from the run", "judge", name)
	case !errors.Is(err, fs.ErrNotExist):
		w.Dir.Log.Info("the run's judge does not fit", "judge", name, "cause", err)
	}
	return err == nil
}

// lent restores a judge from the first run that has the same.
func (w *Subject) lent(name, file string, info map[string]string, j *judge.Judge) bool {
	for _, path := range w.Dir.Elsewhere(file) {
		if models.LoadParameters(path, info, j.Parameters()) == nil {
			w.Dir.Log.Info("judge taken from another run", "judge", name, "file", path)
			return true
		}
	}
	return false
}

func (w *Subject) keep(file string, info map[string]string, j *judge.Judge) error {
	if err := w.mkdir("judges"); err != nil {
		return err
	}
	return models.SaveParameters(w.Dir.File(file), info, j.Parameters())
}

// chosen are some columns of the attributes, image by image.
func chosen(a domains.Attributes, columns []int) [][]bool {
	out := make([][]bool, len(a.Reveal()))
	for i, row := range a.Reveal() {
		out[i] = make([]bool, len(columns))
		for c, k := range columns {
			out[i][c] = row[k]
		}
	}
	return out
}

// JudgeAccuracy scores a judge on held-out real images, attribute by attribute.
func JudgeAccuracy(name string, j Reader, attributes []int, test domains.Attributed) ([]reports.JudgedAttribute, error) {
	reading, err := j.Read(test.Images)
	if err != nil {
		return nil, err
	}
	has := chosen(test.Attributes, attributes)
	var out []reports.JudgedAttribute
	for c, k := range attributes {
		truth, seen, with := make([]int, len(has)), make([]int, len(has)), 0
		for i, row := range has {
			if row[c] {
				truth[i] = 1
				with++
			}
			if reading.Probabilities.Row(i)[c] > 0.5 {
				seen[i] = 1
			}
		}
		confusion, err := classification.NewConfusion(truth, seen, 2)
		if err != nil {
			return nil, fmt.Errorf("experiments: %w", err)
		}
		accuracy := confusion.Accuracy()
		out = append(out, reports.JudgedAttribute{Judge: name, Attribute: test.Attributes.Names()[k], Share: float64(with) / float64(len(has)),
			Accuracy: reports.Estimate{Value: accuracy.Value, Interval: [2]float64(accuracy.Interval), N: accuracy.N}, Balanced: confusion.BalancedAccuracy().Value})
	}
	return out, nil
}

// look has the judges look at held-out real images, and finds the pixels on which what
// the domains have of their own shows.
func (p *panel) look(train, test domains.Attributed, content []int, report *reports.Faces) error {
	a, b := p.Has(domains.A, test.Attributes), p.Has(domains.B, test.Attributes)
	var neither, both []int
	for i := range a {
		switch {
		case a[i] && b[i]:
			both = append(both, i)
		case !a[i] && !b[i]:
			neither = append(neither, i)
		}
	}
	p.neither, p.both = test.Images.Take(neither[:min(len(neither), realAtMost)]), test.Images.Take(both[:min(len(both), realAtMost)])
	v, err := p.read(test.Images)
	if err != nil {
		return err
	}
	if report.Agreement, err = share(v.agreed()); err != nil {
		return err
	}
	p.centre = columnMeans(v.content)
	return p.region(train, content, report)
}

// region marks the pixels that should not change.
func (p *panel) region(train domains.Attributed, content []int, report *reports.Faces) error {
	rows := stream.Permutation(stream.New(p.seed, "rows", "region"), train.Images.Len())
	rows = rows[:min(regressedImages, len(rows))]
	own := [2][]bool{p.Has(domains.A, train.Attributes), p.Has(domains.B, train.Attributes)}
	covariates := chosen(train.Attributes, content)
	design := mat.NewDense(len(rows), 2+len(content), nil)
	for r, i := range rows {
		for c, yes := range append([]bool{own[0][i], own[1][i]}, covariates[i]...) {
			if yes {
				design.Set(r, c, 1)
			}
		}
	}
	changed, err := image.EffectRegion(func(r int) []float32 { return train.Images.At(rows[r]) }, train.Images.Shape.Channels, design, len(own))
	if err != nil {
		return fmt.Errorf("experiments: %w", err)
	}
	p.outside = make([]bool, len(changed))
	for i, c := range changed {
		p.outside[i] = !c
	}
	report.Changed = float64(count(changed)) / float64(len(changed))
	return nil
}
