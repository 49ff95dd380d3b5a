// Package modelstest checks what a trained method must keep. Method takes one by its
// descriptor and returns every violation at once, joined; nil where it keeps all. That no
// label of the target reaches training needs no check: models.Batch has no room for one.
package modelstest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/models"
)

// Options say how the walk makes models, and what it allows; the zero value takes the
// defaults and allows nothing.
type Options struct {
	// Settings that are not the method's defaults: small ones, as the walk trains.
	Settings option.Values
	// Shape of the images; zero: 3x16x16.
	Shape domains.Shape
	// Steps in which the loss named Loss (empty: the first) of fixed images falls to a
	// share Fall of what it was. 0: 100 steps and one half.
	Steps int
	Loss  string
	Fall  float64
	// Learning are further settings of that training alone.
	Learning option.Values
	// Change has values for options of which the walk should not choose another itself.
	Change option.Values
	// Quiet are options of which no change shows in four steps, each with the reason; "seed"
	// stands for the seed, which draws no first parameters of such a method.
	Quiet map[string]string
}

// Method checks that a method learns fixed images, with the same finite losses by name
// each step; that one seed gives one set of bytes, whatever the number of threads, another
// seed another, and a resumed training that of an uninterrupted one; that every option
// changes something, and the labels and attributes if it asks for them; that it encodes, decodes,
// translates and classifies, what it can of these, in shapes that fit, each image by itself;
// that it leaves the images as they are; and that a loss that is not finite ends a step
// before any update.
func Method(m models.Method, o Options) error {
	if o.Shape.Len() == 0 {
		o.Shape = domains.Shape{Channels: 3, Height: 16, Width: 16}
	}
	if o.Steps == 0 {
		o.Steps = 100
	}
	if o.Fall == 0 {
		o.Fall = 0.5
	}
	w := &walk{method: m, o: o}
	if m.Name == "" || m.Doc == "" || strings.Contains(m.Doc, "\n") || m.Citation == "" {
		w.addf("an incomplete descriptor: want a name, one line of doc and a citation")
	}
	if m.Version < 1 || m.Loop.Iterations < 1 || m.Loop.Batch < 1 {
		w.addf("version %d and a loop of %+v, want 1 at least each", m.Version, m.Loop)
	}
	for _, opt := range m.Options {
		if opt.Doc == "" {
			w.addf("option %s has no doc", opt.Name)
		}
	}
	if m.New == nil {
		w.addf("no New")
		return errors.Join(w.errs...)
	}
	for _, part := range []struct {
		what string
		do   func()
	}{
		{"learning", w.learns}, {"training again", w.repeats}, {"resuming", w.resumes}, {"changing options", w.options},
		{"labels", w.labels}, {"attributes", w.attributes}, {"encoding and decoding", w.codes}, {"translating", w.translations}, {"classifying", w.classes}, {"a loss that is not finite", w.notFinite},
	} {
		w.guard(part.what, part.do)
	}
	return errors.Join(w.errs...)
}

type walk struct {
	method models.Method
	o      Options
	errs   []error
}

func (w *walk) addf(format string, args ...any) {
	w.errs = append(w.errs, fmt.Errorf("modelstest: %s: %s", w.method.Name, fmt.Sprintf(format, args...)))
}

// stop ends a part of the walk whose violation has been noted.
type stop struct{}

// guard turns a panic into a violation.
func (w *walk) guard(what string, do func()) {
	defer func() {
		p := recover()
		if _, noted := p.(stop); p != nil && !noted {
			w.addf("%s: panics: %v", what, p)
		}
	}()
	do()
}

// must ends a part on an error.
func (w *walk) must(err error, what string) {
	if err != nil {
		w.addf("%s: %v", what, err)
		panic(stop{})
	}
}

// classes of the source's labels, where a method asks for them.
const classes = 3

func (w *walk) config(changes option.Values, seed uint64) models.Config {
	c := models.Config{Shape: w.o.Shape, Options: option.Defaults(w.method.AllOptions()), Seed: seed}
	if w.method.Needs.Attributes {
		c.Options["attributes"] = []string{"one", "two"}
	}
	maps.Copy(c.Options, w.o.Settings)
	maps.Copy(c.Options, changes)
	if w.method.NeedsLabels(c.Options) {
		c.Classes = classes
	}
	return c
}

// model makes one, which its own check must allow.
func (w *walk) model(changes option.Values, seed uint64) models.Model {
	c := w.config(changes, seed)
	if w.method.Check != nil {
		for _, fault := range w.method.Check(c) {
			w.addf("its check refuses the settings %v: %s: %s", changes, fault.Option, fault.Problem)
			panic(stop{})
		}
	}
	m, err := w.method.New(c)
	w.must(err, "making a model")
	return m
}

// size is the number of images of each domain in a step.
func (w *walk) size(changes option.Values) int {
	return w.config(changes, 0).Options.Int("train.batch")
}

// phase is that of a step; the last one's for steps beyond it.
func (w *walk) phase(changes option.Values, step int) models.Phase {
	phases := w.method.PhasesOf(w.config(changes, 0))
	for _, p := range phases {
		if step -= p.Steps; step < 0 {
			return p
		}
	}
	return phases[len(phases)-1]
}

// step makes one step and notes losses that are not as they should be; names are those
// that the step should have, nil where any will do.
func (w *walk) step(m models.Model, step int, b *models.Batch, names []string) []models.Loss {
	var kept [2][]float32
	for side, im := range b.Images {
		if im != nil {
			kept[side] = slices.Clone(im.Data)
		}
	}
	labels := slices.Clone(b.Labels)
	losses, err := m.Step(step, b)
	w.must(err, fmt.Sprintf("step %d", step+1))
	for side, im := range b.Images {
		if im != nil && !slices.Equal(kept[side], im.Data) {
			w.addf("step %d changes the images that it is given", step+1)
			panic(stop{})
		}
	}
	if !slices.Equal(labels, b.Labels) {
		w.addf("step %d changes the labels that it is given", step+1)
		panic(stop{})
	}
	for i, l := range losses {
		if l.Name == "" || math.IsNaN(l.Value) || math.IsInf(l.Value, 0) || (names != nil && (i >= len(names) || names[i] != l.Name)) {
			w.addf("step %d: loss %d is %q of %v, want the finite losses %v by name, in order", step+1, i+1, l.Name, l.Value, names)
			panic(stop{})
		}
	}
	if len(losses) == 0 || (names != nil && len(names) != len(losses)) {
		w.addf("step %d gives %d losses, want %v", step+1, len(losses), names)
		panic(stop{})
	}
	return losses
}

func namesOf(losses []models.Loss) []string {
	out := make([]string, len(losses))
	for i, l := range losses {
		out[i] = l.Name
	}
	return out
}

// learns trains on one batch over and over, in the last phase of the training: losses of
// an earlier one may be others.
func (w *walk) learns() {
	m, n := w.model(w.o.Learning, 1), w.size(w.o.Learning)
	d := w.data(n, n, w.o.Learning)
	if r, ok := m.(models.Refresher); ok {
		w.must(r.Refresh(context.Background(), 0, d), "refreshing")
	}
	phases := w.method.PhasesOf(w.config(w.o.Learning, 0))
	first := models.Steps(phases[:len(phases)-1])
	losses := w.step(m, first, w.batch(d, w.o.Learning, first), nil)
	names := namesOf(losses)
	at := 0
	if w.o.Loss != "" {
		if at = slices.Index(names, w.o.Loss); at < 0 {
			w.addf("no loss %q, it has %v", w.o.Loss, names)
			return
		}
	}
	begun := losses[at].Value
	for step := first + 1; step < first+w.o.Steps; step++ {
		losses = w.step(m, step, w.batch(d, w.o.Learning, step), names)
	}
	if last := losses[at].Value; !(last <= w.o.Fall*begun) {
		w.addf("%s goes from %v to %v in %d steps on the same images, want %v at most", names[at], begun, last, w.o.Steps, w.o.Fall*begun)
	}
	if c, ok := m.(models.Costed); ok && c.MACs() < 1 {
		w.addf("%d multiply-accumulates a step, want what one costs", c.MACs())
	}
}

// threads runs with one thread and with three, and puts the number back.
func threads(do func(threads int)) {
	defer parallel.SetThreads(0)
	for _, n := range []int{1, 3} {
		parallel.SetThreads(n)
		do(n)
	}
}
