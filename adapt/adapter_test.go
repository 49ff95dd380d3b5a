package adapt

import (
	"testing"

	"github.com/venn-adapt/venn/internal/option"
)

func headOf(t testing.TB, name string, changes option.Values) Head {
	t.Helper()
	c, err := Classifiers.Get(name)
	if err != nil {
		t.Fatal(err)
	}
	h := Head{c, option.Defaults(c.Options)}
	for k, v := range changes {
		h.Settings[k] = v
	}
	return h
}

func adaptTo(t testing.TB, m Method, task Task) *Adaptation {
	t.Helper()
	a, err := m.Fit(task)
	if err != nil {
		t.Fatalf("%s: %v", m.Adapter.Name, err)
	}
	return a
}
