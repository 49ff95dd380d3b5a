package adapters

import (
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/toy"
)

func headOf(t testing.TB, name string, changes option.Values) adapt.Head {
	t.Helper()
	c, err := adapt.Classifiers.Get(name)
	if err != nil {
		t.Fatal(err)
	}
	h := adapt.Head{Info: c, Settings: option.Defaults(c.Options)}
	for k, v := range changes {
		h.Settings[k] = v
	}
	return h
}

func adaptTo(t testing.TB, m adapt.Method, task adapt.Task) *adapt.Adaptation {
	t.Helper()
	a, err := m.Fit(task)
	if err != nil {
		t.Fatalf("%s: %v", m.Adapter.Name, err)
	}
	return a
}

// blobs are toy.Blobs with their labels.
func blobs(seed uint64, n, d, classes int, spread float64) adapt.Labelled {
	x, labels := toy.Blobs(seed, n, d, classes, spread)
	return adapt.Labelled{X: x, Labels: labels, Classes: classes}
}

func probabilities(t *testing.T, c adapt.Classifier, x *mat.Dense) *mat.Dense {
	t.Helper()
	p, err := c.Probabilities(x)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
