package experiments

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/metrics/classification"
	"github.com/venn-adapt/venn/metrics/image"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/judge"
	"github.com/venn-adapt/venn/reports"
)

// judgeOptions size the judges of translations.
var judgeOptions = []option.Option{
	{Name: "judge.steps", Kind: option.Int, Default: 2500, Min: 0, Max: 1e7},
	{Name: "judge.batch", Kind: option.Int, Default: 64, Min: 1, Max: 4096},
	{Name: "judge.learning_rate", Kind: option.Float, Default: 2e-3, Min: 1e-9, Max: 10},
	{Name: "judge.a", Kind: option.String, Default: ""},
	{Name: "judge.b", Kind: option.String, Default: ""},
}

func judgeSpec(v option.Values) JudgeSpec {
	return JudgeSpec{v.Int("translate.judge.steps"), v.Int("translate.judge.batch"), v.Float("translate.judge.learning_rate"),
		[2]string{v.String("translate.judge.a"), v.String("translate.judge.b")}}
}

// judgeFormat is raised when the same settings train another judge.
const judgeFormat = "3"

// An attribute is content when this share of images has it, at least, and lacks it.
const frequent = 0.05

// regressedImages at most say which pixels belong to an attribute.
const regressedImages = 20000

// A judging says what judges are to read, of which population.
type judging struct {
	population *domains.Population
	own        [2]string // what only a and only b have
	is         [2]domains.Condition
	read       []int // attributes in the expressions of own
	named      []int // and in those of the domains, ascending
}

// newJudging finds out, before any training, what is to be judged: nil where nothing is,
// because the spec wants none or the domains were not chosen by attributes out of one
// dataset. It fails when what a domain has of its own is neither given nor plain from
// the expressions.
func (w *job) newJudging() (*judging, error) {
	spec := w.Spec.Translate
	if spec.Pairs == 0 || spec.Judge.Steps == 0 {
		return nil, nil
	}
	j := &judging{population: domains.SamePopulation(w.domains[0], w.domains[1])}
	if j.population == nil {
		if spec.Judge.Own != [2]string{} {
			return nil, fmt.Errorf("experiments: translate.judge: the domains are not chosen by attributes out of one dataset, so nothing can be judged; leave out a and b")
		}
		return nil, nil
	}
	j.own = j.population.Own(w.domains[1].Population)
	for side, d := range w.domains {
		key := "translate.judge." + domains.Side(side).String()
		if given := spec.Judge.Own[side]; given != "" {
			j.own[side] = given
		}
		if j.own[side] == "" {
			return nil, fmt.Errorf("experiments: %s: the expression of %s asks for nothing that that of %s negates; say there what only %[2]s has, or judge nothing with translate.judge.steps: 0",
				key, domains.Side(side), domains.Side(1-side))
		}
		is, read, err := j.population.Condition(j.own[side])
		if err != nil {
			return nil, fmt.Errorf("experiments: %s: %.100q: %w", key, j.own[side], err)
		}
		_, where, err := j.population.Condition(d.Population.Where())
		if err != nil {
			return nil, fmt.Errorf("experiments: %w", err)
		}
		j.is[side] = is
		j.read, j.named = append(j.read, read...), append(append(j.named, read...), where...)
	}
	slices.Sort(j.named)
	j.named = slices.Compact(j.named)
	return j, nil
}

// has says whether each of the images has what a domain has of its own.
func (j *judging) has(side domains.Side, a domains.Attributes) []bool {
	out := make([]bool, len(a.Reveal()))
	for i, row := range a.Reveal() {
		out[i] = j.is[side](func(k int) bool { return row[k] })
	}
	return out
}

// split picks the attributes that the attribute judges read, those in the expressions of
// own and those in the domains' that vary among the images, and of the ones that no
// expression names those that are frequent enough to tell people by.
func (j *judging) split(a domains.Attributes) (named, content []int) {
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
		case slices.Contains(j.named, k):
			if slices.Contains(j.read, k) || with > 0 && with < len(rows) {
				named = append(named, k)
			}
		case share >= frequent && share <= 1-frequent:
			content = append(content, k)
		}
	}
	return named, content
}

// A reader reads images: a judge, or what a test puts in its place.
type reader interface {
	Read(images *domains.Images) (*judge.Reading, error)
}

// A panel is what translations are scored by: the judges with what they were told on
// held-out real images.
type panel struct {
	*judging
	seed      uint64
	columns   []int // attributes that the attribute judges read
	attribute reader
	other     reader    // the attribute judge of another seed
	content   reader    // nil where no other attribute is frequent enough
	centre    []float64 // mean of the content judge's embedding over held-out real images
	outside   []bool    // pixels that should not change
	neither   *domains.Images
	both      *domains.Images // held-out real images with neither of, and with both, the domains' own
}

// newPanel trains the judges on all images of the population that are in no test split,
// or takes them from the run directory, and tests them on held-out images, drawn from
// the whole population.
func (w *job) newPanel() (*panel, *reports.Faces, error) {
	train, test, err := w.judging.population.Load(w.ctx, w.domains[0], w.domains[1])
	if err != nil {
		return nil, nil, fmt.Errorf("experiments: %w", err)
	}
	named, content := w.judging.split(train.Attributes)
	p := &panel{judging: w.judging, seed: w.Seed, columns: named}
	report := &reports.Faces{Own: w.judging.own}
	for _, j := range []struct {
		name       string
		attributes []int
		to         *reader
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
		judged, err := judgeAccuracy(j.name, made, j.attributes, test)
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

// judge trains a judge of some of the attributes, or restores it from the run directory.
// A file that is of other settings, other images or damaged is written anew.
func (w *job) judge(name string, attributes []int, train domains.Attributed) (*judge.Judge, error) {
	spec := w.Spec.Translate.Judge
	_, seed := stream.Key(w.Seed, "judge", name)
	j, err := judge.New(w.Spec.Image.Shape(), len(attributes), train.Images.Mirror, seed)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(attributes))
	for i, k := range attributes {
		names[i] = train.Attributes.Names()[k]
	}
	info := map[string]string{"format": judgeFormat, "seed": fmt.Sprint(seed), "images": train.Checksum, "attributes": strings.Join(names, " "),
		"steps": fmt.Sprint(spec.Steps), "batch": fmt.Sprint(spec.Batch), "learning_rate": fmt.Sprint(spec.Rate)}
	file := w.dir.File("judges", strings.ReplaceAll(name, " ", "-")+".safetensors")
	switch err := models.LoadParameters(file, info, j.Parameters()); {
	case err == nil:
		w.dir.Log.Info("judge taken from the run", "judge", name)
		return j, nil
	case !errors.Is(err, fs.ErrNotExist):
		w.dir.Log.Info("judge is trained anew", "judge", name, "cause", err)
	}
	w.progress.Stage("judge: "+name, 0, spec.Steps)
	err = j.Train(w.ctx, judge.Options{Steps: spec.Steps, Batch: spec.Batch, Rate: spec.Rate}, train.Images, chosen(train.Attributes, attributes),
		func(step int) { w.progress.Step(step, nil) })
	if err != nil {
		return nil, err
	}
	if err := w.mkdir("judges"); err != nil {
		return nil, err
	}
	return j, models.SaveParameters(file, info, j.Parameters())
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

// judgeAccuracy scores a judge on held-out real images, attribute by attribute.
func judgeAccuracy(name string, j reader, attributes []int, test domains.Attributed) ([]reports.JudgedAttribute, error) {
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
	a, b := p.has(domains.A, test.Attributes), p.has(domains.B, test.Attributes)
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
	own := [2][]bool{p.has(domains.A, train.Attributes), p.has(domains.B, train.Attributes)}
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
