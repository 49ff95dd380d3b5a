// Package adapttest checks what classifiers, adapters and validators promise. Each
// function takes one implementation, by its descriptor, and returns every violation at
// once, joined; nil where it keeps all. A test of an extension calls it:
//
//	if err := adapttest.Classifier(info, adapttest.ClassifierOptions{}); err != nil {
//		t.Error(err)
//	}
package adapttest

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	_ "github.com/venn-adapt/venn/adapt/adapters" // and classifiers, with which extensions are walked
	_ "github.com/venn-adapt/venn/adapt/classifiers"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/internal/toy"
)

// A report collects violations.
type report struct {
	what string // "classifier knn"
	errs []error
}

func (r *report) addf(format string, args ...any) {
	r.errs = append(r.errs, fmt.Errorf("adapttest: %s: %s", r.what, fmt.Sprintf(format, args...)))
}

func (r *report) err() error { return errors.Join(r.errs...) }

// refused notes an error that is missing, says something else or takes several lines.
func (r *report) refused(err error, what, want string) {
	switch {
	case err == nil:
		r.addf("%s is not refused, want an error with %q", what, want)
	case !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n"):
		r.addf("%s: error %q, want one line with %q", what, err, want)
	}
}

// guard turns a panic into a violation.
func (r *report) guard(what string, do func()) {
	defer func() {
		if p := recover(); p != nil {
			r.addf("%s panics: %v", what, p)
		}
	}()
	do()
}

// descriptor checks the lines that people read and the options with their defaults.
func (r *report) descriptor(name, doc string, options []option.Option, grid []option.Values) {
	if name == "" || doc == "" || strings.Contains(doc, "\n") {
		r.addf("name %q and doc %q, want a name and one line", name, doc)
	}
	for _, o := range options {
		if o.Doc == "" {
			r.addf("option %s has no doc", o.Name)
		}
		if _, err := o.Check(plain(o.Default)); err != nil {
			r.addf("the default of option %s is refused: %v", o.Name, err)
		}
	}
	for _, settings := range grid {
		for key, value := range settings {
			i := slices.IndexFunc(options, func(o option.Option) bool { return o.Name == key })
			if i < 0 {
				r.addf("the grid names option %q, which is none", key)
			} else if _, err := options[i].Check(plain(value)); err != nil {
				r.addf("the grid's %s is refused: %v", key, err)
			}
		}
	}
}

// plain is a value as a spec would give it.
func plain(v any) any {
	switch v := v.(type) {
	case []float64:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = x
		}
		return out
	case []int:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = x
		}
		return out
	}
	return v
}

// blobs are rows around class means that are far apart.
func blobs(seed uint64, n, d, classes int, spread float64) adapt.Labelled {
	x, labels := toy.Blobs(seed, n, d, classes, spread)
	return adapt.Labelled{X: x, Labels: labels, Classes: classes}
}

// clone copies everything that a Labelled holds.
func clone(l adapt.Labelled) adapt.Labelled {
	return adapt.Labelled{X: mat.DenseCopyOf(l.X), Labels: slices.Clone(l.Labels), Classes: l.Classes, Weights: slices.Clone(l.Weights)}
}

func same(a, b adapt.Labelled) bool {
	return mat.Equal(a.X, b.X) && slices.Equal(a.Labels, b.Labels) && slices.Equal(a.Weights, b.Weights)
}

func pick(x *mat.Dense, rows []int) *mat.Dense {
	_, d := x.Dims()
	out := mat.NewDense(len(rows), d, nil)
	for k, i := range rows {
		out.SetRow(k, x.RawRowView(i))
	}
	return out
}

// accuracy is the share of rows whose most probable class is their label.
func accuracy(p *mat.Dense, labels []int) float64 {
	hits := 0
	for i, c := range adapt.Predict(p) {
		if c == labels[i] {
			hits++
		}
	}
	return float64(hits) / float64(len(labels))
}

// distributions notes rows that are no probabilities of so many classes.
func (r *report) distributions(what string, p *mat.Dense, n, classes int) bool {
	if m, c := p.Dims(); m != n || c != classes {
		r.addf("%s: probabilities of %d rows and %d classes, want %d and %d", what, m, c, n, classes)
		return false
	}
	for i := range n {
		row := p.RawRowView(i)
		sum := 0.0
		for _, v := range row {
			if !(v >= 0 && v <= 1+1e-9) {
				r.addf("%s: row %d of the probabilities holds %v", what, i, v)
				return false
			}
			sum += v
		}
		if math.Abs(sum-1) > 1e-9 {
			r.addf("%s: row %d of the probabilities sums to %v", what, i, sum)
			return false
		}
	}
	return true
}

// threads runs twice, with one thread and with three, and puts the number back.
func threads(do func(threads int)) {
	defer parallel.SetThreads(0)
	for _, n := range []int{1, 3} {
		parallel.SetThreads(n)
		do(n)
	}
}
