package adapttest_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/adapt/adapttest"
	_ "github.com/venn-adapt/venn/adapt/validators"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/parallel"
)

// broken is a sound classifier with one thing wrong.
type broken struct {
	adapt.Classifier
	fit     func(c *broken, l adapt.Labelled) error
	predict func(c *broken, x *mat.Dense) (*mat.Dense, error)
	fits    int
}

func (b *broken) Fit(l adapt.Labelled) error {
	b.fits++
	if b.fit != nil {
		return b.fit(b, l)
	}
	return b.Classifier.Fit(l)
}

func (b *broken) Probabilities(x *mat.Dense) (*mat.Dense, error) {
	if b.predict != nil {
		return b.predict(b, x)
	}
	return b.Classifier.Probabilities(x)
}

func sound(t *testing.T) adapt.ClassifierInfo {
	t.Helper()
	info, err := adapt.Classifiers.Get("centroid")
	if err != nil {
		t.Fatal(err)
	}
	return info
}

// after changes the probabilities that a sound classifier gives.
func after(change func(c *broken, x, p *mat.Dense) *mat.Dense) func(*broken, *mat.Dense) (*mat.Dense, error) {
	return func(c *broken, x *mat.Dense) (*mat.Dense, error) {
		p, err := c.Classifier.Probabilities(x)
		if err == nil {
			p = change(c, x, p)
		}
		return p, err
	}
}

// reports fails unless the walk says what is wrong with a broken implementation.
func reports(t *testing.T, name string, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%s: the walk says %v, want %q", name, err, want)
	}
}

func TestSoundClassifier(t *testing.T) {
	if err := adapttest.Classifier(sound(t), adapttest.ClassifierOptions{}); err != nil {
		t.Error(err)
	}
}

func TestBrokenClassifiers(t *testing.T) {
	for _, tt := range []struct {
		name    string
		fit     func(c *broken, l adapt.Labelled) error
		predict func(c *broken, x *mat.Dense) (*mat.Dense, error)
		want    string
	}{
		{"always the first class", nil, after(func(_ *broken, _, p *mat.Dense) *mat.Dense {
			p.Apply(func(_, j int, _ float64) float64 { return map[bool]float64{true: 1}[j == 0] }, p)
			return p
		}), "on separable classes, want 0.95"},
		{"sums", nil, after(func(_ *broken, _, p *mat.Dense) *mat.Dense { p.Set(3, 0, p.At(3, 0)/2+0.01); return p }), "row 3 of the probabilities sums to"},
		{"NaN", nil, after(func(_ *broken, _, p *mat.Dense) *mat.Dense { p.Set(2, 1, math.NaN()); return p }), "row 2 of the probabilities holds NaN"},
		{"negative", nil, after(func(_ *broken, _, p *mat.Dense) *mat.Dense { p.Set(2, 1, -1); return p }), "row 2 of the probabilities holds -1"},
		{"a class too few", nil, after(func(_ *broken, _, p *mat.Dense) *mat.Dense {
			n, c := p.Dims()
			return mat.DenseCopyOf(p.Slice(0, n, 0, c-1))
		}), "probabilities of 60 rows and 3 classes, want 60 and 4"},
		{"nothing", nil, func(*broken, *mat.Dense) (*mat.Dense, error) { return nil, nil }, "no probabilities and no error"},
		{"the absent class", nil, after(func(_ *broken, _, p *mat.Dense) *mat.Dense {
			n, c := p.Dims()
			for i := range n {
				if c == 4 {
					p.SetRow(i, []float64{p.At(i, 0) * 0.9, p.At(i, 1) * 0.9, p.At(i, 2) * 0.9, 0.1})
				}
			}
			return p
		}), "a class without rows has probability 5.99"},
		{"changes its rows", func(c *broken, l adapt.Labelled) error { err := c.Classifier.Fit(l); l.X.Set(0, 0, 9); return err }, nil, "fitting changes the training rows"},
		{"changes labels", func(c *broken, l adapt.Labelled) error {
			err := c.Classifier.Fit(l)
			l.Labels[0] = 1
			return err
		}, nil, "fitting changes the training rows"},
		{"changes queries", nil, func(c *broken, x *mat.Dense) (*mat.Dense, error) {
			p, err := c.Classifier.Probabilities(x)
			if n, d := x.Dims(); n > 0 && d > 0 {
				x.Set(0, 0, 5)
			}
			return p, err
		}, "predicting changes the queries"},
		{"peeks at the order", nil, after(func(_ *broken, _, p *mat.Dense) *mat.Dense {
			_, c := p.Dims()
			p.SetRow(0, make([]float64, c))
			p.Set(0, 0, 1)
			return p
		}), "queries in another order have other probabilities"},
		{"normalises by the queries", nil, func(c *broken, x *mat.Dense) (*mat.Dense, error) {
			n, d := x.Dims()
			z := mat.DenseCopyOf(x)
			for j := range d {
				z.Set(n-1, j, z.At(n-1, j)+mat.Sum(x.ColView(j))/float64(n))
			}
			return c.Classifier.Probabilities(z)
		}, "queries alone have other probabilities"},
		{"draws anew", nil, after(func(_ *broken, _, p *mat.Dense) *mat.Dense {
			v := rand.Float64() / 100
			_, c := p.Dims()
			p.SetRow(0, append([]float64{1 - v, v}, make([]float64, c-2)...))
			return p
		}), "or a second time, give other bits"},
		{"depends on threads", nil, after(func(_ *broken, _, p *mat.Dense) *mat.Dense {
			_, c := p.Dims()
			v := float64(parallel.Threads()) / 1000
			p.SetRow(0, append([]float64{1 - v, v}, make([]float64, c-2)...))
			return p
		}), "give other bits"},
		{"remembers", func(c *broken, l adapt.Labelled) error {
			if c.fits > 1 {
				return nil
			}
			return c.Classifier.Fit(l)
		}, nil, "a second fit remembers the first"},
		{"counts the size of weights", func(c *broken, l adapt.Labelled) error {
			if l.Weights != nil && l.Weights[0] > 1 {
				shifted := mat.DenseCopyOf(l.X)
				shifted.Apply(func(_, j int, v float64) float64 { return v + l.Weights[0]*float64(j) }, shifted)
				l.X = shifted
			}
			return c.Classifier.Fit(l)
		}, nil, "rows that all weigh 4 are fitted otherwise"},
		{"takes NaN", func(c *broken, l adapt.Labelled) error {
			l.X = mat.DenseCopyOf(l.X)
			l.X.Apply(func(_, _ int, v float64) float64 {
				if math.IsNaN(v) {
					return 0
				}
				return v
			}, l.X)
			return c.Classifier.Fit(l)
		}, nil, `NaN is not refused, want an error with "row 7"`},
		{"says nothing of where", func(c *broken, l adapt.Labelled) error {
			if c.Classifier.Fit(l) != nil {
				return fmt.Errorf("bad\ninput")
			}
			return nil
		}, nil, `infinity: error "bad\ninput", want one line with "row 3"`},
		{"predicts after a failed fit", nil, func(c *broken, x *mat.Dense) (*mat.Dense, error) {
			if p, err := c.Classifier.Probabilities(x); err == nil {
				return p, nil
			}
			return mat.NewDense(1, 1, []float64{1}), nil
		}, "one class: predicts after a failed fit"},
		{"panics", func(*broken, adapt.Labelled) error { panic("no") }, nil, "learning panics: no"},
	} {
		info := sound(t)
		make := info.New
		info.New = func(s option.Values) adapt.Classifier {
			return &broken{Classifier: make(s), fit: tt.fit, predict: tt.predict}
		}
		reports(t, tt.name, adapttest.Classifier(info, adapttest.ClassifierOptions{}), tt.want)
	}
}

func TestBrokenDescriptors(t *testing.T) {
	info := sound(t)
	info.Doc = "two\nlines"
	info.Options = append(info.Options, option.Option{Name: "k", Kind: option.Int, Default: 0, Min: 1, Max: 3})
	info.Grid = []option.Values{{"q": 1}, {"k": 9}}
	err := adapttest.Classifier(info, adapttest.ClassifierOptions{})
	for _, want := range []string{"want a name and one line", "option k has no doc", "the default of option k is refused: 0, want an integer from 1 to 3", `the grid names option "q"`, "the grid's k is refused: 9"} {
		reports(t, "descriptor", err, want)
	}
	info.New = nil
	reports(t, "New", adapttest.Classifier(info, adapttest.ClassifierOptions{}), "no New")
	reports(t, "Adapt", adapttest.Adapter(adapt.AdapterInfo{Name: "x", Doc: "x"}, adapttest.AdapterOptions{}), "adapter x: no Adapt")
	reports(t, "Score", adapttest.Validator(adapt.ValidatorInfo{Name: "x", Doc: "x"}, adapttest.ValidatorOptions{}), "validator x: no Score")
}

// Adapters that break one promise each, around one that only centres the target.
func TestBrokenAdapters(t *testing.T) {
	fits := 0
	for _, tt := range []struct {
		name   string
		change func(info *adapt.AdapterInfo, a *adapt.Adapted, task adapt.Task, s option.Values) error
		o      adapttest.AdapterOptions
		want   string
	}{
		{"mutates its input", func(_ *adapt.AdapterInfo, _ *adapt.Adapted, task adapt.Task, _ option.Values) error {
			task.Target.Set(0, 0, task.Target.At(0, 0)+1)
			return nil
		}, adapttest.AdapterOptions{}, "adapting changes the task"},
		{"mutates labels", func(_ *adapt.AdapterInfo, _ *adapt.Adapted, task adapt.Task, _ option.Values) error {
			task.Source.Labels[0] = (task.Source.Labels[0] + 1) % 3
			return nil
		}, adapttest.AdapterOptions{}, "adapting changes the task"},
		{"turns the classes", func(_ *adapt.AdapterInfo, a *adapt.Adapted, task adapt.Task, _ option.Values) error {
			a.Source.Labels = make([]int, len(task.Source.Labels))
			for i, l := range task.Source.Labels {
				a.Source.Labels[i] = (l + 1) % 3
			}
			return nil
		}, adapttest.AdapterOptions{}, "on a small shift, want 0.9"},
		{"never the same", func(_ *adapt.AdapterInfo, a *adapt.Adapted, _ adapt.Task, _ option.Values) error {
			fits++
			a.Target = mat.DenseCopyOf(a.Target)
			a.Target.Set(0, 0, float64(fits))
			return nil
		}, adapttest.AdapterOptions{}, "give other bits"},
		{"maps otherwise", func(_ *adapt.AdapterInfo, a *adapt.Adapted, _ adapt.Task, _ option.Values) error {
			a.Map = func(x *mat.Dense) (*mat.Dense, error) { y := mat.DenseCopyOf(x); y.Scale(-1, y); return y, nil }
			return nil
		}, adapttest.AdapterOptions{}, "are predicted otherwise when they come again, want 0 at most"},
		{"maps the source otherwise", func(_ *adapt.AdapterInfo, a *adapt.Adapted, _ adapt.Task, _ option.Values) error {
			a.MapSource = func(x *mat.Dense) (*mat.Dense, error) { y := mat.DenseCopyOf(x); y.Scale(-1, y); return y, nil }
			return nil
		}, adapttest.AdapterOptions{}, "on the source, want 0.8"},
		{"no map", func(_ *adapt.AdapterInfo, a *adapt.Adapted, _ adapt.Task, _ option.Values) error {
			a.Map = nil
			return nil
		},
			adapttest.AdapterOptions{}, "says transductive false and is inductive false"},
		{"an idle option", nil, adapttest.AdapterOptions{}, "idle = 0.5 changes nothing; want an effect, or a reason in Quiet"},
		{"a reason for nothing", nil, adapttest.AdapterOptions{Quiet: map[string]string{"gone": "it went"}}, `quiet names option "gone", which is none`},
		{"fails on an odd task without a name", func(_ *adapt.AdapterInfo, a *adapt.Adapted, task adapt.Task, _ option.Values) error {
			for i := range task.Source.Labels {
				if task.Source.X.At(i, 2) != 7 {
					return nil
				}
			}
			return fmt.Errorf("singular\nmatrix")
		}, adapttest.AdapterOptions{}, "a constant column: error"},
		{"panics", func(*adapt.AdapterInfo, *adapt.Adapted, adapt.Task, option.Values) error { panic("no") }, adapttest.AdapterOptions{}, "adapting panics: no"},
	} {
		info := adapt.AdapterInfo{Name: "test", Doc: "one line", Options: []option.Option{{Name: "idle", Kind: option.Float, Default: 1.0, Min: 0, Max: 2, Doc: "does nothing"}}}
		info.Adapt = func(task adapt.Task, s option.Values, _ adapt.Head) (*adapt.Adapted, error) {
			same := func(x *mat.Dense) (*mat.Dense, error) { return x, nil }
			a := &adapt.Adapted{Source: task.Source, Target: task.Target, Map: same, MapSource: same}
			if tt.change != nil {
				if err := tt.change(&info, a, task, s); err != nil {
					return nil, err
				}
			}
			return a, nil
		}
		reports(t, tt.name, adapttest.Adapter(info, tt.o), tt.want)
	}
}

func TestBrokenValidators(t *testing.T) {
	scored := 0
	good, err := adapt.Validators.Get("source-accuracy")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name  string
		score func(e adapt.Evidence) (float64, error)
		o     adapttest.ValidatorOptions
		want  string
	}{
		{"blind to its input", func(adapt.Evidence) (float64, error) { return 0.5, nil }, adapttest.ValidatorOptions{AnyOrder: "for the test"}, "every fit scores 0.5: the score is blind"},
		{"turned round", func(e adapt.Evidence) (float64, error) { s, err := good.Score(e); return -s, err }, adapttest.ValidatorOptions{}, "want higher to be better"},
		{"not a number", func(adapt.Evidence) (float64, error) { return math.NaN(), nil }, adapttest.ValidatorOptions{}, "a fit: score NaN (<nil>), want a finite number"},
		{"infinite", func(adapt.Evidence) (float64, error) { return math.Inf(1), nil }, adapttest.ValidatorOptions{}, "score +Inf"},
		{"fails", func(adapt.Evidence) (float64, error) { return 0, fmt.Errorf("cannot") }, adapttest.ValidatorOptions{}, "(cannot), want a finite number"},
		{"never the same", func(adapt.Evidence) (float64, error) { scored++; return float64(scored), nil }, adapttest.ValidatorOptions{}, "or a second time, the score is"},
		{"changes the evidence", func(e adapt.Evidence) (float64, error) { e.Fit.Probabilities.Set(0, 0, 0.5); return good.Score(e) }, adapttest.ValidatorOptions{}, "scoring changes the evidence"},
		{"changes the held labels", func(e adapt.Evidence) (float64, error) { s, err := good.Score(e); e.Held.Labels[0]++; return s, err }, adapttest.ValidatorOptions{}, "scoring changes the evidence"},
		{"panics", func(adapt.Evidence) (float64, error) { panic("no") }, adapttest.ValidatorOptions{}, "scoring panics: no"},
	} {
		reports(t, tt.name, adapttest.Validator(adapt.ValidatorInfo{Name: "test", Doc: "one line", Score: tt.score}, tt.o), tt.want)
	}
}
