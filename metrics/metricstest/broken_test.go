package metricstest_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/metrics"
	"github.com/venn-adapt/venn/metrics/metricstest"
)

// gap is a sound measure, the squared distance of the means.
func gap(x, y *mat.Dense, s metrics.Settings) (metrics.Result, error) {
	n, d := x.Dims()
	m, e := y.Dims()
	if err := errors.Join(metrics.CheckFinite("gap", x), metrics.CheckFinite("gap", y)); err != nil {
		return metrics.Result{}, err
	}
	if d != e {
		return metrics.Result{}, fmt.Errorf("metrics: gap: %d columns in x, %d in y", d, e)
	}
	if n < 2 || m < 2 {
		return metrics.Result{}, fmt.Errorf("metrics: gap: %d and %d rows, want at least 2", n, m)
	}
	r := metrics.Result{Name: "gap", N: n + m, Seed: s.Seed}
	for j := range d {
		delta := mat.Sum(x.ColView(j))/float64(n) - mat.Sum(y.ColView(j))/float64(m)
		r.Value += delta * delta
	}
	if mat.Max(x) == mat.Min(x) && mat.Max(y) == mat.Min(y) {
		r.Value, r.Degenerate, r.Warnings = 0, true, []string{"all rows are equal"}
	}
	return r, nil
}

func descriptor() metrics.Descriptor {
	return metrics.Descriptor{Name: "gap", Kind: metrics.Discrepancy, Doc: "squared distance of the means", Unit: "1", Range: [2]float64{0, math.Inf(1)},
		Better: metrics.LowerIsBetter, Invariant: []string{"row order", "translation", "rotation"}, Cost: "O(nd)", Citation: "none needed", MinRows: 2, Compute: gap}
}

func TestSoundMeasure(t *testing.T) {
	if err := metricstest.Measure(descriptor(), metricstest.Options{}); err != nil {
		t.Error(err)
	}
}

func TestBrokenMeasures(t *testing.T) {
	calls := 0
	p := func(v float64) *float64 { return &v }
	for _, tt := range []struct {
		name   string
		change func(x, y *mat.Dense, r *metrics.Result, err error) error
		want   string
	}{
		{"NaN", func(_, _ *mat.Dense, r *metrics.Result, err error) error { r.Value = math.NaN(); return err }, "60 rows: value NaN outside [0 +Inf]"},
		{"out of range", func(_, _ *mat.Dense, r *metrics.Result, err error) error {
			r.Value--
			r.Value = -math.Abs(r.Value) - 1
			return err
		}, "outside [0 +Inf]"},
		{"no name", func(_, _ *mat.Dense, r *metrics.Result, err error) error { r.Name = ""; return err }, `a result named "" of 124 rows`},
		{"no rows", func(_, _ *mat.Dense, r *metrics.Result, err error) error { r.N = 0; return err }, `a result named "gap" of 0 rows`},
		{"p of zero", func(_, _ *mat.Dense, r *metrics.Result, err error) error {
			r.P, r.Method = p(0), "permutation"
			return err
		}, "60 rows: p 0 by"},
		{"p without a test", func(_, _ *mat.Dense, r *metrics.Result, err error) error { r.P = p(0.5); return err }, `p 0.5 by ""`},
		{"p that never finds", func(_, _ *mat.Dense, r *metrics.Result, err error) error { r.P, r.Method = p(1), "t"; return err }, "p 1 of a clear case"},
		{"p that always finds", func(_, _ *mat.Dense, r *metrics.Result, err error) error {
			if r.P, r.Method = p(1e-6), "t"; r.Degenerate {
				r.P = p(1)
			}
			return err
		}, "p 1e-06 where there is nothing to find"},
		{"silent collapse", func(_, _ *mat.Dense, r *metrics.Result, err error) error { r.Degenerate = false; return err }, "two constant blocks:"},
		{"collapse without a warning", func(_, _ *mat.Dense, r *metrics.Result, err error) error { r.Warnings = nil; return err }, "two constant blocks:"},
		{"collapse of another value", func(_, _ *mat.Dense, r *metrics.Result, err error) error {
			if r.Degenerate {
				r.Value = 1
			}
			return err
		}, "want 0, degenerate"},
		{"p of a collapse alone", func(_, _ *mat.Dense, r *metrics.Result, err error) error {
			if r.Degenerate {
				r.P, r.Method = p(1), "degenerate"
			}
			return err
		}, "two constant blocks, 0 permutations: p given true, of other rows false"},
		{"always collapsed", func(_, _ *mat.Dense, r *metrics.Result, err error) error { r.Degenerate = true; return err }, "degenerate true"},
		{"takes what is not finite", func(_, _ *mat.Dense, r *metrics.Result, err error) error {
			if err != nil && strings.Contains(err.Error(), "NaN") {
				return nil
			}
			return err
		}, "NaN in x is not refused"},
		{"an error of two lines", func(_, _ *mat.Dense, r *metrics.Result, err error) error {
			if err != nil {
				return fmt.Errorf("%w\nand more", err)
			}
			return nil
		}, "infinity in y: error"},
		{"one row", func(x, _ *mat.Dense, r *metrics.Result, err error) error {
			if n, _ := x.Dims(); n == 1 {
				return nil
			}
			return err
		}, "1 rows is not refused"},
		{"the fewest rows", func(x, _ *mat.Dense, r *metrics.Result, err error) error {
			if n, _ := x.Dims(); n == 2 {
				return errors.New("too few")
			}
			return err
		}, "the fewest rows, 2: too few"},
		{"changes its input", func(x, _ *mat.Dense, r *metrics.Result, err error) error { x.Set(0, 0, x.At(0, 0)+1); return err }, "changes its input"},
		{"sees the order", func(x, _ *mat.Dense, r *metrics.Result, err error) error { r.Value += math.Abs(x.At(0, 0)); return err }, "after a change of row order"},
		{"sees the place", func(x, _ *mat.Dense, r *metrics.Result, err error) error { r.Value += math.Abs(mat.Sum(x)); return err }, "after a change of translation"},
		{"sees the axes", func(x, y *mat.Dense, r *metrics.Result, err error) error {
			n, _ := x.Dims()
			m, _ := y.Dims()
			r.Value += math.Abs(mat.Sum(x.ColView(0))/float64(n) - mat.Sum(y.ColView(0))/float64(m))
			return err
		}, "after a change of rotation"},
		{"draws anew", func(_, _ *mat.Dense, r *metrics.Result, err error) error { r.Value += rand.Float64(); return err }, "or a second time, give another result"},
		{"counts its calls", func(_, _ *mat.Dense, r *metrics.Result, err error) error { calls++; r.Seed = uint64(calls); return err }, "or a second time, give another result"},
		{"depends on threads", func(_, _ *mat.Dense, r *metrics.Result, err error) error {
			r.Value += float64(parallel.Limit())
			return err
		}, "three threads"},
		{"fails without a word on wide rows", func(x, _ *mat.Dense, r *metrics.Result, err error) error {
			if n, d := x.Dims(); n < d {
				return errors.New("cannot")
			}
			return err
		}, `24 rows of 60 columns: error "cannot"`},
		{"NaN of wide rows", func(x, _ *mat.Dense, r *metrics.Result, err error) error {
			if n, d := x.Dims(); n < d {
				r.Value = math.NaN()
			}
			return err
		}, "24 rows of 60 columns: value NaN"},
		{"panics", func(_, _ *mat.Dense, r *metrics.Result, err error) error { panic("no") }, "refusing: panics: no"},
	} {
		d := descriptor()
		d.Compute = func(x, y *mat.Dense, s metrics.Settings) (metrics.Result, error) {
			r, err := gap(x, y, s)
			err = tt.change(x, y, &r, err)
			return r, err
		}
		if err := metricstest.Measure(d, metricstest.Options{}); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: the walk says %v, want %q", tt.name, err, tt.want)
		}
	}
}

// What two options allow is allowed, and no more.
func TestAllowances(t *testing.T) {
	d := descriptor()
	d.Compute = func(x, y *mat.Dense, s metrics.Settings) (metrics.Result, error) {
		r, err := gap(x, y, s)
		half, one := 0.5, 1.0
		if r.Degenerate {
			r.Value, r.P, r.Method = 3, &one, "none"
		} else {
			r.P, r.Method = &half, "none"
		}
		return r, err
	}
	if err := metricstest.Measure(d, metricstest.Options{Collapsed: 3, Weak: "for the test"}); err != nil {
		t.Error(err)
	}
	if err := metricstest.Measure(d, metricstest.Options{Collapsed: 3}); err == nil || strings.Contains(err.Error(), "\n") {
		t.Errorf("%v, want the one violation that is not allowed", err)
	}
}

func TestBrokenDescriptors(t *testing.T) {
	for want, change := range map[string]func(d *metrics.Descriptor){
		"an incomplete descriptor":  func(d *metrics.Descriptor) { d.Unit = "" },
		"no citation":               func(d *metrics.Descriptor) { d.Citation = "" },
		`invariant to "everything"`: func(d *metrics.Descriptor) { d.Invariant = []string{"everything"} },
		"no Compute":                func(d *metrics.Descriptor) { d.Compute = nil },
	} {
		d := descriptor()
		change(&d)
		if err := metricstest.Measure(d, metricstest.Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the walk says %v, want %q", err, want)
		}
	}
}

// A measure of disentanglement that prefers noise, or is blind, is found out.
func TestBrokenDisentanglement(t *testing.T) {
	sound := descriptor()
	sound.Kind, sound.Better, sound.Range = metrics.Disentanglement, metrics.HigherIsBetter, [2]float64{-1, 1}
	// The share of the factors' values that the codes repeat.
	repeats := func(x, y *mat.Dense, _ metrics.Settings) (metrics.Result, error) {
		n, d := x.Dims()
		m, e := y.Dims()
		if err := errors.Join(metrics.CheckFinite("gap", x), metrics.CheckFinite("gap", y)); err != nil {
			return metrics.Result{}, err
		}
		if n != m || n < 2 {
			return metrics.Result{}, fmt.Errorf("metrics: gap: %d and %d rows, want as many and at least 2", n, m)
		}
		hits := 0.0
		for i := range n {
			for j := range min(d, e) {
				if x.At(i, j) == y.At(i, j) {
					hits++
				}
			}
		}
		return metrics.Result{Name: "gap", N: n, Value: hits / float64(n*e)}, nil
	}
	for _, tt := range []struct {
		name  string
		value func(v float64) float64
		want  string
	}{
		{"sound", func(v float64) float64 { return v }, ""},
		{"turned round", func(v float64) float64 { return -v }, "a code that is the factors scores -1, noise -0, where higher is better"},
		{"blind", func(float64) float64 { return 0.5 }, "scores 0.5, noise 0.5"},
		{"NaN", func(float64) float64 { return math.NaN() }, "a code that is noise: value NaN"},
	} {
		d := sound
		d.Compute = func(x, y *mat.Dense, s metrics.Settings) (metrics.Result, error) {
			r, err := repeats(x, y, s)
			r.Value = tt.value(r.Value)
			return r, err
		}
		if err := metricstest.Measure(d, metricstest.Options{}); (tt.want == "") != (err == nil) || (err != nil && !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: the walk says %v, want %q", tt.name, err, tt.want)
		}
	}
}
