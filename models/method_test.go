package models

import (
	"fmt"
	"slices"
	"testing"

	"github.com/venn-adapt/venn/internal/option"
)

// A method's phases default to one of both domains; its loop's options come after its own.
func TestMethodDefaults(t *testing.T) {
	m := Method{Loop: Loop{Iterations: 70, Batch: 3}}
	o := option.Defaults(m.AllOptions())
	if got := fmt.Sprint(m.PhasesOf(Config{Options: o})); got != "[{train 70 [true true] 0}]" {
		t.Errorf("phases %s", got)
	}
	if o.Int("train.batch") != 3 || o.Int("train.log_every") != 50 || o.Int("train.checkpoint_every") != 1000 {
		t.Errorf("options %v", o)
	}
	if names := optionNames(m); !slices.Equal(names, []string{"train.iterations", "train.batch", "train.log_every", "train.checkpoint_every"}) {
		t.Errorf("options %q", names)
	}
	for _, option := range m.AllOptions() {
		most := map[string]int{"train.iterations": 1e8, "train.batch": 4096, "train.log_every": 1e6, "train.checkpoint_every": 1e8}[option.Name]
		for value, fits := range map[int]bool{0: false, 1: true, most: true, most + 1: false} {
			if _, err := option.Check(value); (err == nil) != fits {
				t.Errorf("%s of %d: %v", option.Name, value, err)
			}
		}
		if _, err := option.Check(1.5); err == nil {
			t.Errorf("%s of 1.5", option.Name)
		}
	}
	m.Loop.LogEvery = 1
	if o := option.Defaults(m.AllOptions()); o.Int("train.log_every") != 1 {
		t.Errorf("a log every %d steps, want every step", o.Int("train.log_every"))
	}
	m.Options, m.Needs.Attributes = []option.Option{{Name: "own", Kind: option.Int, Default: 1}}, true
	if names := optionNames(m); !slices.Equal(names, []string{"own", "attributes", "train.iterations", "train.batch", "train.log_every", "train.checkpoint_every"}) {
		t.Errorf("options of a method that asks for attributes: %q", names)
	}
	if a := m.AllOptions()[1]; a.Kind != option.Names || len(a.Default.([]string)) != 0 || len(m.Options) != 1 {
		t.Errorf("attributes are %+v, the method's own options %v", a, m.Options)
	}
	m.Loop.LogEvery = 7
	m.Phases = func(c Config) []Phase { return []Phase{{Name: "own", Steps: c.Options.Int("train.iterations")}} }
	if o = option.Defaults(m.AllOptions()); o.Int("train.log_every") != 7 || Steps(m.PhasesOf(Config{Options: o})) != 70 || m.PhasesOf(Config{Options: o})[0].Name != "own" {
		t.Errorf("options %v, phases %v", o, m.PhasesOf(Config{Options: o}))
	}
}

func optionNames(m Method) (names []string) {
	for _, o := range m.AllOptions() {
		names = append(names, o.Name)
	}
	return names
}
