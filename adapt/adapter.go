package adapt

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/registry"
)

// A Task is what an adaptation method is given: labelled source rows and target rows
// whose labels nobody can see, since there is no field for them.
type Task struct {
	Source Labelled
	Target *mat.Dense // m x d, the source's d
	Seed   uint64     // of what a method draws
}

// A Head is a classifier with its settings, all of them.
type Head struct {
	Info     ClassifierInfo
	Settings option.Values
}

// Fit fits a new classifier.
func (h Head) Fit(train Labelled) (Classifier, error) {
	c := h.Info.New(h.Settings)
	return c, c.Fit(train)
}

// An AdapterInfo describes a method that adapts features of a source to a target.
// Each is one file that registers itself in Adapters.
type AdapterInfo struct {
	Name     string
	Doc      string
	Citation string
	Options  []option.Option
	// Grid lists settings among which validators may choose; each overrides the
	// defaults.
	Grid []option.Values
	// Own says that the method classifies by itself and takes no classifier.
	Own bool
	// Transductive says that the method serves only the target rows it was given.
	Transductive bool
	// Adapt learns from a task whose inputs have been checked. The head serves
	// methods that need pseudo-labels on the way; it is empty when Own.
	Adapt func(t Task, s option.Values, h Head) (*Adapted, error)
}

// Adapters holds every adapter by name.
var Adapters = registry.New[AdapterInfo]("adapter")

// An Adapted is what an adapter made of a task: either features on which a
// classifier is fitted, or, for a method of its own kind, class probabilities.
type Adapted struct {
	// Source rows with labels and weights on which the classifier is fitted, and the
	// target rows that it predicts, in one space.
	Source Labelled
	Target *mat.Dense
	// MapSource and Map bring further rows of either domain into that space. nil:
	// the method has no such map.
	MapSource, Map func(x *mat.Dense) (*mat.Dense, error)
	// Probabilities of the target rows and Predict for further rows (after Map) are
	// the method's own; nil where a classifier does it.
	Probabilities *mat.Dense
	Predict       func(z *mat.Dense) (*mat.Dense, error)
	Warnings      []string
}

// A Method is an adapter and a classifier with their settings.
type Method struct {
	Adapter  AdapterInfo
	Settings option.Values // complete
	Head     Head          // empty when the adapter is its own classifier
}

// An Adaptation is a method fitted to a task.
type Adaptation struct {
	Adapted
	classes    int
	classifier Classifier // nil: the method's own
	name       string
}

// leastRows is the fewest rows of either domain that have a spread.
const leastRows = 2

// Fit adapts to a task, fits the classifier and predicts the task's target rows. It
// fails, naming the method, on rows that are not finite, domains of different width, a
// domain of fewer than two rows, fewer than two classes and weights that are
// negative or all zero; and on what the method itself cannot do.
func (m Method) Fit(t Task) (*Adaptation, error) {
	name := m.Adapter.Name
	if err := t.check(name); err != nil {
		return nil, err
	}
	adapted, err := m.Adapter.Adapt(t, m.Settings, m.Head)
	if err != nil {
		return nil, fmt.Errorf("adapt: %s: %w", name, err)
	}
	a := &Adaptation{Adapted: *adapted, classes: t.Source.Classes, name: name}
	if m.Adapter.Own {
		if err := Finite(name+": probabilities", a.Probabilities); err != nil {
			return nil, err
		}
		return a, nil
	}
	if a.classifier, err = m.Head.Fit(a.Source); err != nil {
		return nil, fmt.Errorf("adapt: %s: %w", name, err)
	}
	if a.Probabilities, err = a.classifier.Probabilities(a.Target); err != nil {
		return nil, fmt.Errorf("adapt: %s: %w", name, err)
	}
	return a, nil
}

// Inductive says whether target rows that the fit did not see can be predicted.
func (a *Adaptation) Inductive() bool {
	return a.Map != nil && (a.classifier != nil || a.Predict != nil)
}

// PredictTarget returns the class probabilities of target rows that the fit may not
// have seen. It fails where the method has no map for them.
func (a *Adaptation) PredictTarget(x *mat.Dense) (*mat.Dense, error) {
	return a.predict(x, a.Map, "target")
}

// PredictSource is PredictTarget for further rows of the source.
func (a *Adaptation) PredictSource(x *mat.Dense) (*mat.Dense, error) {
	return a.predict(x, a.MapSource, "source")
}

func (a *Adaptation) predict(x *mat.Dense, by func(*mat.Dense) (*mat.Dense, error), domain string) (*mat.Dense, error) {
	if by == nil || (a.classifier == nil && a.Predict == nil) {
		return nil, fmt.Errorf("adapt: %s has no map for %s rows that it did not see: use it transductively", a.name, domain)
	}
	if err := Finite(a.name, x); err != nil {
		return nil, err
	}
	z, err := by(x)
	if err != nil {
		return nil, fmt.Errorf("adapt: %s: %w", a.name, err)
	}
	return a.PredictMapped(z)
}

// PredictMapped returns the class probabilities of rows that are in the adapted space
// already.
func (a *Adaptation) PredictMapped(z *mat.Dense) (*mat.Dense, error) {
	switch {
	case a.classifier != nil:
		return a.classifier.Probabilities(z)
	case a.Predict != nil:
		return a.Predict(z)
	}
	return nil, fmt.Errorf("adapt: %s predicts only the rows that it was given", a.name)
}

func (t Task) check(name string) error {
	if err := t.Source.Check(name + ": source"); err != nil {
		return err
	}
	if err := Finite(name+": target", t.Target); err != nil {
		return err
	}
	n, d := t.Source.X.Dims()
	m, e := t.Target.Dims()
	switch {
	case d != e:
		return fmt.Errorf("adapt: %s: the source has %d columns, the target %d", name, d, e)
	case n < leastRows || m < leastRows:
		return fmt.Errorf("adapt: %s: %d source and %d target rows, want at least %d of each", name, n, m, leastRows)
	}
	seen := make([]bool, t.Source.Classes)
	present := 0
	for _, c := range t.Source.Labels {
		if !seen[c] {
			seen[c] = true
			present++
		}
	}
	if present < 2 {
		return fmt.Errorf("adapt: %s: %d of %d classes present in the source, want at least 2", name, present, t.Source.Classes)
	}
	return nil
}

// Stacked is the source's rows over the target's: n+m x d.
func (t Task) Stacked() *mat.Dense {
	n, d := t.Source.X.Dims()
	m, _ := t.Target.Dims()
	x := mat.NewDense(n+m, d, nil)
	x.Slice(0, n, 0, d).(*mat.Dense).Copy(t.Source.X)
	x.Slice(n, n+m, 0, d).(*mat.Dense).Copy(t.Target)
	return x
}
