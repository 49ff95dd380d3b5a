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

// reports fails unless the walk says what is wrong with a broken implementation, and does
// not stumble itself over what it was not given. (Some of the broken write to rows that are
// not there.)
func reports(t *testing.T, name string, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "ing panics: ") && !strings.Contains(err.Error(), "panics: mat: row index") && !strings.Contains(want, "panics") {
		t.Errorf("%s: the walk says %v, want %q", name, err, want)
	}
}

func TestSoundClassifier(t *testing.T) {
	if err := adapttest.Classifier(sound(t), adapttest.ClassifierOptions{}); err != nil {
		t.Error(err)
	}
}

// wrongIn is wrong in the first rows of sixty.
func wrongIn(rows int) func(*broken, *mat.Dense) (*mat.Dense, error) {
	return after(func(_ *broken, x, p *mat.Dense) *mat.Dense {
		if n, _ := x.Dims(); n == 60 {
			for i := range rows {
				row := p.RawRowView(i)
				row[0], row[1], row[2] = row[1], row[2], row[0]
			}
		}
		return p
	})
}

// Three of sixty may be wrong, and the company of a query may change the last bits.
func TestClassifierAtTheBounds(t *testing.T) {
	bits := after(func(_ *broken, x, p *mat.Dense) *mat.Dense {
		if n, _ := x.Dims(); n == 1 {
			p.Set(0, 0, p.At(0, 0)+0.9e-9)
		}
		return p
	})
	for name, predict := range map[string]func(*broken, *mat.Dense) (*mat.Dense, error){"three wrong": wrongIn(3), "last bits": bits} {
		info := sound(t)
		make := info.New
		info.New = func(s option.Values) adapt.Classifier { return &broken{Classifier: make(s), predict: predict} }
		if err := adapttest.Classifier(info, adapttest.ClassifierOptions{}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
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
		{"cannot fit twice", func(c *broken, l adapt.Labelled) error {
			if c.fits > 1 {
				return fmt.Errorf("once is enough")
			}
			return c.Classifier.Fit(l)
		}, nil, "a second fit: fitting fails: once is enough"},
		{"refuses on two lines", func(c *broken, l adapt.Labelled) error {
			if err := c.Classifier.Fit(l); err != nil {
				return fmt.Errorf("%w\nand more", err)
			}
			return nil
		}, nil, `want one line with "row 3"`},
		{"answers before any fit", nil, func(c *broken, x *mat.Dense) (*mat.Dense, error) {
			if c.fits == 0 {
				return mat.NewDense(1, 1, []float64{1}), nil
			}
			return c.Classifier.Probabilities(x)
		}, "predicts before any fit"},
		{"takes queries of any width", nil, func(c *broken, x *mat.Dense) (*mat.Dense, error) {
			if _, d := x.Dims(); d == 3 {
				return c.Classifier.Probabilities(mat.DenseCopyOf(x.Grow(0, 1)))
			}
			return c.Classifier.Probabilities(x)
		}, "queries of 3 columns where 4 were fitted is not refused"},
		{"takes NaN in a query", nil, func(c *broken, x *mat.Dense) (*mat.Dense, error) {
			if math.IsNaN(x.At(min(5, x.RawMatrix().Rows-1), 1)) {
				return mat.NewDense(1, 1, []float64{1}), nil
			}
			return c.Classifier.Probabilities(x)
		}, "NaN in a query is not refused"},
		{"peeks at doubles", nil, after(func(_ *broken, x, p *mat.Dense) *mat.Dense {
			if n, d := x.Dims(); n == 3 && mat.Equal(x.Slice(0, 1, 0, d), x.Slice(1, 2, 0, d)) {
				p.Set(0, 0, 1-p.At(0, 0))
			}
			return p
		}), "queries twice have other probabilities"},
		{"answers a lone query otherwise", nil, after(func(_ *broken, x, p *mat.Dense) *mat.Dense {
			if n, _ := x.Dims(); n == 1 {
				p.Set(0, 0, p.At(0, 0)+1.5e-9)
			}
			return p
		}), "queries alone have other probabilities"},
		{"wrong in four of sixty", nil, wrongIn(4), "accuracy 0.933"},
		{"cannot do with weights", func(c *broken, l adapt.Labelled) error {
			if l.Weights != nil {
				return fmt.Errorf("no weights, please")
			}
			return c.Classifier.Fit(l)
		}, nil, "equal weights: fitting fails: no weights, please"},
		{"cannot do without weights", func(c *broken, l adapt.Labelled) error {
			if l.Weights == nil {
				return fmt.Errorf("weights, please")
			}
			return c.Classifier.Fit(l)
		}, nil, "without weights: fitting fails: weights, please"},
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
	for _, want := range []string{"name \"centroid\" and doc \"two\\nlines\", want a name and one line", "option k has no doc", "the default of option k is refused: 0, want an integer from 1 to 3", `the grid names option "q"`, "the grid's k is refused: 9"} {
		reports(t, "descriptor", err, want)
	}
	info.New = nil
	reports(t, "New", adapttest.Classifier(info, adapttest.ClassifierOptions{}), "no New")
	reports(t, "doc of an adapter", adapttest.Adapter(adapt.AdapterInfo{Name: "x", Doc: "y\nz"}, adapttest.AdapterOptions{}), "name \"x\" and doc \"y\\nz\"")
	reports(t, "doc of a validator", adapttest.Validator(adapt.ValidatorInfo{Name: "x", Doc: "y\nz"}, adapttest.ValidatorOptions{}), "name \"x\" and doc \"y\\nz\"")
	reports(t, "Adapt", adapttest.Adapter(adapt.AdapterInfo{Name: "x", Doc: "x"}, adapttest.AdapterOptions{}), "adapter x: no Adapt")
	reports(t, "Score", adapttest.Validator(adapt.ValidatorInfo{Name: "x", Doc: "x"}, adapttest.ValidatorOptions{}), "validator x: no Score")
}

// failsWhere is an adapter that fails, without its name and on two lines, on some tasks, given
// with the rows of each class.
func failsWhere(odd func(task adapt.Task, counts [3]int) bool) func(*adapt.AdapterInfo, *adapt.Adapted, adapt.Task, option.Values) error {
	return func(_ *adapt.AdapterInfo, _ *adapt.Adapted, task adapt.Task, _ option.Values) error {
		var counts [3]int
		for _, l := range task.Source.Labels {
			counts[l]++
		}
		if odd(task, counts) {
			return fmt.Errorf("singular\nmatrix")
		}
		return nil
	}
}

// column is the first column that holds nothing but v; -1: none.
func column(x *mat.Dense, v float64) int {
	_, d := x.Dims()
	for j := range d {
		if c := x.ColView(j); mat.Min(c) == v && mat.Max(c) == v {
			return j
		}
	}
	return -1
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
		{"fails with an option", func(_ *adapt.AdapterInfo, _ *adapt.Adapted, _ adapt.Task, s option.Values) error {
			if s.Float("idle") != 1 {
				return fmt.Errorf("not so idle")
			}
			return nil
		}, adapttest.AdapterOptions{}, "idle = 0.5: "},
		{"a reason for nothing", nil, adapttest.AdapterOptions{Quiet: map[string]string{"gone": "it went"}}, `quiet names option "gone", which is none`},
		{"fails on a constant column", failsWhere(func(task adapt.Task, _ [3]int) bool {
			return column(task.Source.X, 7) == 2 && column(task.Target, 7) == 2
		}), adapttest.AdapterOptions{}, "a constant column: error"},
		{"fails on a class of one row", failsWhere(func(_ adapt.Task, counts [3]int) bool { return counts == [3]int{10, 19, 1} }), adapttest.AdapterOptions{}, "a class of one row: error"},
		{"fails on an absent class", failsWhere(func(_ adapt.Task, counts [3]int) bool { return counts == [3]int{20, 10, 0} }), adapttest.AdapterOptions{}, "an absent class: error"},
		{"fails on equal rows", failsWhere(func(task adapt.Task, _ [3]int) bool {
			n, d := task.Target.Dims()
			for i := range n {
				if !mat.Equal(task.Target.Slice(i, i+1, 0, d), task.Target.Slice(0, 1, 0, d)) {
					return false
				}
			}
			return true
		}), adapttest.AdapterOptions{}, "equal target rows: error"},
		{"fails on equal domains", failsWhere(func(task adapt.Task, _ [3]int) bool { return mat.Equal(task.Source.X, task.Target) }), adapttest.AdapterOptions{}, "equal domains: error"},
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

// Settings that are not the defaults reach whoever is walked.
func TestWalkedSettings(t *testing.T) {
	info := sound(t)
	make := info.New
	info.Options = append(info.Options, option.Option{Name: "own", Kind: option.Int, Default: 1, Min: 1, Max: 9, Doc: "of the test"})
	given := map[int]int{}
	info.New = func(s option.Values) adapt.Classifier {
		given[s.Int("own")]++
		return make(s)
	}
	if err := adapttest.Classifier(info, adapttest.ClassifierOptions{Settings: option.Values{"own": 4}}); err != nil {
		t.Error(err)
	}
	if len(given) != 1 || given[4] == 0 {
		t.Errorf("settings given: %v, want 4 alone", given)
	}
}

// What a validator is given: a fifth of the source held, the rest of it with as many classes.
// One that scores other rows low and labels in disorder lower than true ones is sound.
func TestSoundValidator(t *testing.T) {
	good, err := adapt.Validators.Get("source-accuracy")
	if err != nil {
		t.Fatal(err)
	}
	score := func(e adapt.Evidence) (float64, error) {
		s, err := good.Score(e)
		n, _ := e.Held.X.Dims()
		m, _ := e.Task.Source.X.Dims()
		if n != 18 || m != 72 || len(e.Held.Labels) != 18 || len(e.Task.Source.Labels) != 72 || e.Held.Classes != 3 || e.Task.Source.Classes != 3 {
			t.Errorf("%d rows held of %d classes, %d fitted of %d", n, e.Held.Classes, m, e.Task.Source.Classes)
		}
		for i := range n {
			for k := range m {
				if mat.Equal(e.Held.X.RowView(i), e.Task.Source.X.RowView(k)) {
					t.Errorf("row %d that is held is fitted", i)
				}
			}
		}
		if e.Task.Seed == 7 {
			s -= 10
		}
		return s, err
	}
	if err := adapttest.Validator(adapt.ValidatorInfo{Name: "test", Doc: "one line", Score: score}, adapttest.ValidatorOptions{}); err != nil {
		t.Error(err)
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
		{"infinite downwards", func(adapt.Evidence) (float64, error) { return math.Inf(-1), nil }, adapttest.ValidatorOptions{}, "score -Inf"},
		{"fails", func(adapt.Evidence) (float64, error) { return 0, fmt.Errorf("cannot") }, adapttest.ValidatorOptions{}, "(cannot), want a finite number"},
		{"never the same", func(adapt.Evidence) (float64, error) { scored++; return float64(scored), nil }, adapttest.ValidatorOptions{}, "or a second time, the score is"},
		{"changes the evidence", func(e adapt.Evidence) (float64, error) { e.Fit.Probabilities.Set(0, 0, 0.5); return good.Score(e) }, adapttest.ValidatorOptions{}, "scoring changes the evidence"},
		{"changes the held labels", func(e adapt.Evidence) (float64, error) { s, err := good.Score(e); e.Held.Labels[0]++; return s, err }, adapttest.ValidatorOptions{}, "scoring changes the evidence"},
		{"panics", func(adapt.Evidence) (float64, error) { panic("no") }, adapttest.ValidatorOptions{}, "scoring panics: no"},
	} {
		err := adapttest.Validator(adapt.ValidatorInfo{Name: "test", Doc: "one line", Score: tt.score}, tt.o)
		reports(t, tt.name, err, tt.want)
		if got := err.Error(); strings.Contains(got, "finite") && strings.Contains(got, "second time") {
			t.Errorf("%s: a score that is none is asked for again: %s", tt.name, got)
		}
	}
}
