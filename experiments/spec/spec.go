package spec

import (
	"strings"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
)

// A Spec is one resolved experiment: every default filled in, every name known,
// every value within its bounds, the grid expanded. It is read-only.
type Spec struct {
	Name                              string
	Title, Question, Source, Expected string // for readers; nothing depends on them
	Seeds                             []uint64
	Domains                           [2]DomainSpec // indexed by domains.A and domains.B
	Image                             ImageSpec
	Model                             ModelSpec
	Adapt                             AdaptSpec
	Metrics                           MetricsSpec
	Features                          *FeaturesSpec // of a study on features, which has no domains, image and model
	Translate                         TranslateSpec
	Report                            ReportSpec
	Search                            *SearchSpec // of a trial of a search

	// Parameters are all values by dotted path, in the order of the schema, with
	// their origin.
	Parameters []Parameter
}

// A DomainSpec says what plays a domain.
type DomainSpec struct {
	Dataset  string
	Labelled bool // the source; one of the two domains at most is
	Limit    int  // training images used; 0: all
	Options  option.Values
}

// An ImageSpec is the size of the model's square images.
type ImageSpec struct {
	Size     int             // pixels
	Channels int             // 1 or 3
	Augment  domains.Augment // of the training images of both domains
}

// Shape is the image's shape as domains and models take it.
func (i ImageSpec) Shape() domains.Shape {
	return domains.Shape{Channels: i.Channels, Height: i.Size, Width: i.Size}
}

// A ModelSpec names the method and its options.
type ModelSpec struct {
	Method  string
	Options option.Values
}

// An AdaptSpec says what is fitted on the codes.
type AdaptSpec struct {
	Classifiers []string
	Baselines   []string // of Baselines
	Validation  float64  // fraction of the labelled source kept for tuning
	Methods     []MethodSpec
	Validators  []string // that choose among settings of the methods
	Rows        int      // of each domain's codes that a method sees at most, drawn by the seed
	Along       int      // steps between scorings of the network's own classifier as it is trained; 0: none
}

// A MetricsSpec says what is measured on the codes.
type MetricsSpec struct{ Independence, Discrepancy TestSpec }

// A TestSpec names measures and the size of their tests.
type TestSpec struct {
	Tests        []string
	Permutations int // 0: no test
	Rows         int // rows used at most, drawn by the seed
}

// A TranslateSpec sizes the scored translations and the image grids.
type TranslateSpec struct {
	Pairs int // content and guide pairs scored against exact renders, where the data is drawn
	Grid  int // contents and guides of an image grid
	Steps int // images of one interpolation, both ends included
	Judge JudgeSpec
}

// A JudgeSpec says how the judges of translations are trained, where both domains are
// chosen by attributes out of one dataset.
type JudgeSpec struct {
	Steps, Batch int // of each judge; no steps: translations are not judged
	Rate         float64
	Own          [2]string // what only each domain has; empty: what its expression asks for and the other's negates
}

// A ReportSpec says in which forms results are written.
type ReportSpec struct {
	Formats []string
	Watch   int // steps between pictures of a training under way; 0: none
}

// HasSource says whether one of the domains is labelled: only then there is
// something to adapt.
func (s *Spec) HasSource() bool {
	return s.Domains[domains.A].Labelled || s.Domains[domains.B].Labelled
}

// LabelledSide is the source domain; A where there is none.
func (s *Spec) LabelledSide() domains.Side {
	if s.Domains[domains.B].Labelled {
		return domains.B
	}
	return domains.A
}

// Config is what a model of the spec is made from, but for the number of classes, which
// the data say.
func (s *Spec) Config(seed uint64) models.Config {
	return models.Config{Shape: s.Image.Shape(), Source: s.LabelledSide(), Options: s.Model.Options, Seed: seed}
}

// newSpec reads the resolved parameters into a Spec; decoding has checked them.
func newSpec(parameters []Parameter) *Spec {
	v := option.Values{}
	for _, p := range parameters {
		v[p.Path] = p.Value
	}
	if _, ok := v["features.task"]; ok {
		return newFeaturesSpec(v, parameters)
	}
	list := func(path string) []string { return v[path].([]string) }
	tests := func(path string) TestSpec {
		return TestSpec{list(path + ".tests"), v.Int(path + ".permutations"), v.Int(path + ".rows")}
	}
	domain := func(path string) DomainSpec {
		return DomainSpec{v.String(path + ".dataset"), v.Bool(path + ".labelled"), v.Int(path + ".limit"),
			below(parameters, path, "dataset", "labelled", "limit")}
	}
	return &Spec{
		Name: v.String("name"), Title: v.String("title"), Question: v.String("question"),
		Source: v.String("source"), Expected: v.String("expected"),
		Seeds:   v["seeds"].([]uint64),
		Domains: [2]DomainSpec{domain("domains.a"), domain("domains.b")},
		Image: ImageSpec{Size: v.Int("image.size"), Channels: v.Int("image.channels"), Augment: domains.Augment{
			Crop: v.Int("image.augment.crop"), Shift: v.Float("image.augment.shift"), Rotate: v.Float("image.augment.rotate"),
			Affine: v.Float("image.augment.affine"), Noise: v.Float("image.augment.noise")}},
		Model:      ModelSpec{v.String("model.method"), below(parameters, "model", "method")},
		Adapt:      AdaptSpec{list("adapt.classifiers"), list("adapt.baselines"), v.Float("adapt.validation"), methodsOf(parameters), list("adapt.validators"), v.Int("adapt.rows"), v.Int("adapt.along")},
		Metrics:    MetricsSpec{tests("metrics.independence"), tests("metrics.discrepancy")},
		Translate:  TranslateSpec{v.Int("translate.pairs"), v.Int("translate.grid"), v.Int("translate.steps"), judgeSpec(v)},
		Report:     ReportSpec{list("report.formats"), v.Int("report.watch")},
		Search:     newSearchSpec(v),
		Parameters: parameters,
	}
}

// below collects the options under a path, less the fixed keys.
func below(parameters []Parameter, path string, fixed ...string) option.Values {
	out := option.Values{}
	for _, p := range parameters {
		if name, ok := strings.CutPrefix(p.Path, path+"."); ok && !contains(fixed, name) {
			out[name] = p.Value
		}
	}
	return out
}

// resolve decodes one point of the grid.
func resolve(root *node, top Position) (*Spec, Faults) {
	d := &decoder{positions: map[string]Position{}}
	d.walk(root, top, "", schema(root), false)
	if len(d.faults) > 0 || d.skipped {
		return nil, d.faults
	}
	s := newSpec(d.parameters)
	d.contradictions(s, top)
	if len(d.faults) > 0 {
		return nil, d.faults
	}
	return s, nil
}

// Origin says where the value of a path was written.
func (s *Spec) Origin(path string) string {
	for _, p := range s.Parameters {
		if p.Path == path {
			return p.Origin
		}
	}
	return "default"
}
