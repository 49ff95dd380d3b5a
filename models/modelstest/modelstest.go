// Package modelstest checks what a trained method must keep. Method takes one by its
// descriptor and returns every violation at once, joined; nil where it keeps all. That no
// label reaches training needs no check: models.Model is given images alone.
package modelstest

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/internal/stream"
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
	// Quiet are options of which no change shows in four steps, each with the reason.
	Quiet map[string]string
}

// Method checks that a method learns fixed images, with the same finite losses by name
// each step; that one seed gives one set of bytes, whatever the number of threads, another
// seed another, and a resumed training that of an uninterrupted one; that every option
// changes something; that it encodes and decodes in shapes that fit, each image by itself;
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
		{"encoding and decoding", w.codes}, {"a loss that is not finite", w.notFinite},
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

func (w *walk) config(changes option.Values, seed uint64) models.Config {
	c := models.Config{Shape: w.o.Shape, Options: option.Defaults(w.method.Options), Seed: seed}
	maps.Copy(c.Options, w.o.Settings)
	maps.Copy(c.Options, changes)
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

// batch is the number of images of a step.
func (w *walk) batch(changes option.Values) int {
	if n, ok := w.config(changes, 0).Options["train.batch"].(int); ok {
		return n
	}
	return 4
}

// waves is n images of plane waves, which differ from domain to domain by their seed.
func (w *walk) waves(n int, seed uint64) *domains.Images {
	s := w.o.Shape
	im := &domains.Images{Shape: s, Data: make([]float32, n*s.Len())}
	for i := range n {
		r := stream.New(seed, "wave", i)
		for c := range s.Channels {
			u, v, p := r.Float64()/3, r.Float64()/3, r.Float64()*6
			for k := range s.Height * s.Width {
				im.At(i)[c*s.Height*s.Width+k] = float32(0.8 * math.Sin(u*float64(k%s.Width)+v*float64(k/s.Width)+p))
			}
		}
	}
	return im
}

// step makes one step and notes losses that are not as they should be.
func (w *walk) step(m models.Model, step int, a, b *domains.Images, names []string) []models.Loss {
	keptA, keptB := slices.Clone(a.Data), slices.Clone(b.Data)
	losses, err := m.Step(step, a, b)
	w.must(err, fmt.Sprintf("step %d", step+1))
	if !slices.Equal(keptA, a.Data) || !slices.Equal(keptB, b.Data) {
		w.addf("step %d changes the images that it is given", step+1)
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

func (w *walk) learns() {
	m, n := w.model(w.o.Learning, 1), w.batch(w.o.Learning)
	a, b := w.waves(n, 1), w.waves(n, 2)
	losses := w.step(m, 0, a, b, nil)
	names := namesOf(losses)
	at := 0
	if w.o.Loss != "" {
		if at = slices.Index(names, w.o.Loss); at < 0 {
			w.addf("no loss %q, it has %v", w.o.Loss, names)
			return
		}
	}
	first := losses[at].Value
	for step := 1; step < w.o.Steps; step++ {
		losses = w.step(m, step, a, b, names)
	}
	if last := losses[at].Value; !(last <= w.o.Fall*first) {
		w.addf("%s goes from %v to %v in %d steps on the same images, want %v at most", names[at], first, last, w.o.Steps, w.o.Fall*first)
	}
	if m.MACs() < 1 {
		w.addf("%d multiply-accumulates a step, want what one costs", m.MACs())
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
