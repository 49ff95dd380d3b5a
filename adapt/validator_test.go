package adapt_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/toy"
)

// Selection keeps a fifth of each class from the fits, fits each change over the method's own
// settings, and notes what cannot be fitted.
func TestTry(t *testing.T) {
	same := func(x *mat.Dense) (*mat.Dense, error) { return x, nil }
	var seen []string
	adapter := adapt.AdapterInfo{Name: "spy", Options: []option.Option{{Name: "p", Kind: option.Int, Default: 1}, {Name: "q", Kind: option.Int, Default: 2}},
		Adapt: func(task adapt.Task, s option.Values, h adapt.Head) (*adapt.Adapted, error) {
			n, _ := task.Source.X.Dims()
			seen = append(seen, fmt.Sprint(n, adapt.Counts(task.Source.Labels, 2), s.Int("p"), s.Int("q"), task.Seed))
			if s.Int("p") == 3 {
				return nil, fmt.Errorf("no")
			}
			return &adapt.Adapted{Source: task.Source, Target: task.Target, MapSource: same, Map: same}, nil
		}}
	head, _ := adapt.Classifiers.Get("knn")
	m := adapt.Method{Adapter: adapter, Settings: option.Values{"p": 1, "q": 5}, Head: adapt.Head{Info: head, Settings: option.Defaults(head.Options)}}
	x, labels := mat.NewDense(30, 1, nil), make([]int, 30)
	for i := range 30 {
		if i >= 20 {
			labels[i] = 1
		}
		x.Set(i, 0, float64(100*labels[i]+i))
	}
	accuracy, _ := adapt.Validators.Get("source-accuracy")
	broken := adapt.ValidatorInfo{Name: "nan", Score: func(adapt.Evidence) (float64, error) { return math.NaN(), nil }}
	tried, err := adapt.Try(m, []option.Values{{}, {"p": 2}, {"p": 3}}, adapt.Task{Source: adapt.Labelled{X: x, Labels: labels, Classes: 2}, Target: x, Seed: 4}, []adapt.ValidatorInfo{accuracy, broken})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(seen), "[24 [16 8] 1 5 4 24 [16 8] 2 5 4 24 [16 8] 3 5 4]"; got != want {
		t.Errorf("fits %s, want %s", got, want)
	}
	if len(tried) != 3 {
		t.Fatalf("%d candidates, want 3", len(tried))
	}
	for i, s := range tried {
		switch {
		case i == 2 && (s.Err == nil || s.Fit != nil || len(s.Scores) != 0):
			t.Errorf("a fit that failed: %+v", s)
		case i < 2 && (s.Err != nil || len(s.Scores) != 1 || s.Scores["source-accuracy"] != 1):
			t.Errorf("candidate %d: %v, scores %v", i, s.Err, s.Scores)
		}
	}
}

// plain is the nearest neighbour without adaptation.
func plain(t *testing.T) adapt.Method {
	t.Helper()
	adapter, err := adapt.Adapters.Get("none")
	if err != nil {
		t.Fatal(err)
	}
	head, err := adapt.Classifiers.Get("knn")
	if err != nil {
		t.Fatal(err)
	}
	return adapt.Method{Adapter: adapter, Settings: option.Defaults(adapter.Options), Head: adapt.Head{Info: head, Settings: option.Defaults(head.Options)}}
}

// Try leaves the method's settings alone, so that one change does not reach the next, and keeps no score that is infinite.
func TestTryLeavesSettings(t *testing.T) {
	var seen []int
	m := plain(t)
	m.Settings = option.Values{"p": 1}
	inner := m.Adapter.Adapt
	m.Adapter.Adapt = func(task adapt.Task, s option.Values, h adapt.Head) (*adapt.Adapted, error) {
		seen = append(seen, s.Int("p"))
		return inner(task, s, h)
	}
	task := adapt.Task{Source: adapt.Labelled{X: toy.Column(0, 1, 2, 10, 11, 12), Labels: []int{0, 0, 0, 1, 1, 1}, Classes: 2}, Target: toy.Column(0, 10)}
	at := 0
	infinite := adapt.ValidatorInfo{Name: "v", Score: func(e adapt.Evidence) (float64, error) {
		rows := append(mat.Col(nil, 0, e.Task.Source.X), mat.Col(nil, 0, e.Held.X)...) // both parts make the whole
		slices.Sort(rows)
		if len(e.Held.Labels) != 2 || !slices.Equal(rows, []float64{0, 1, 2, 10, 11, 12}) {
			t.Errorf("kept %v, held %v", e.Task.Source.X, e.Held.X)
		}
		at++
		return []float64{math.Inf(1), math.Inf(-1), math.NaN(), 4}[at-1], nil
	}}
	tried, err := adapt.Try(m, []option.Values{{"p": 2}, {}, {"p": 3}, {}}, task, []adapt.ValidatorInfo{infinite})
	if err != nil || fmt.Sprint(seen) != "[2 1 3 1]" || m.Settings.Int("p") != 1 {
		t.Errorf("fitted with %v, left %v (%v)", seen, m.Settings, err)
	}
	if len(tried) != 4 {
		t.Fatalf("%d candidates, want 4", len(tried))
	}
	for i, s := range tried {
		if v, ok := s.Scores["v"]; ok != (i == 3) || ok && v != 4 {
			t.Errorf("candidate %d: %v", i, s.Scores)
		}
	}
}

// Try's own errors.
func TestTryRefuses(t *testing.T) {
	m := plain(t)
	if _, err := adapt.Try(m, nil, adapt.Task{Source: adapt.Labelled{X: toy.Column(0, 1), Labels: []int{0, 1}, Classes: 2}, Target: toy.Column(0, 1)}, nil); err == nil || err.Error() != "adapt: none: domains: no class has the 2 images that a validation split needs" {
		t.Errorf("no class of two rows: %v", err)
	}
	if _, err := adapt.Try(m, nil, adapt.Task{Source: adapt.Labelled{X: toy.Column(0), Labels: []int{0}, Classes: 2}, Target: toy.Column(0, 1)}, nil); err == nil || err.Error() != "adapt: none: 1 source and 2 target rows, want at least 2 of each" {
		t.Errorf("one row: %v", err)
	}
}
