package deep

import (
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/kept"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/modelstest"
)

// shipped are the methods that come with the program: each has a file of its options and
// golden steps. A method that is added passes the walk; the rest it may have.
var shipped = []string{
	"adabn", "bnm", "cdan", "cdan-bsp", "cdan-e", "dan", "dann", "dann-bsp", "deep-coral", "hafn", "homm", "im", "jan", "mcc", "mdd", "safn", "source-only",
}

// The options of the methods, as a person has read them.
func TestOptions(t *testing.T) {
	for _, name := range shipped {
		m, err := models.Methods.Get(name)
		if err != nil {
			t.Fatal(err)
		}
		kept.Text(t, "options/"+name+".txt", kept.Options(m.Name, m.AllOptions(), nil))
	}
}

// allowed are what the walk grants a method, each for its reason.
var allowed = map[string]modelstest.Options{
	// Its last phase minimises nothing, and comes after the steps that the walk compares.
	"adabn": {Fall: 1, Change: option.Values{"backbone": "l20-50-bn"}, Quiet: map[string]string{"batches": "they come after the walk's few steps"}},
}

// What every trained method must keep.
func TestWalk(t *testing.T) {
	for _, m := range models.Methods.All() {
		t.Run(m.Name, func(t *testing.T) { walk(t, m.Name) })
	}
}

// walk checks a method on small images.
func walk(t *testing.T, name string) {
	t.Helper()
	m, err := models.Methods.Get(name)
	if err != nil {
		t.Fatal(err)
	}
	o := allowed[name]
	o.Shape = domains.Shape{Channels: 1, Height: 16, Width: 16}
	o.Settings = option.Values{"backbone": "p-small-bn", "train.batch": 4, "train.iterations": 8, "train.decay": 0.75, "train.clip": 0.5}
	o.Learning = option.Values{"train.iterations": 1000, "train.clip": 0.0}
	if err := modelstest.Method(m, o); err != nil {
		t.Error(err)
	}
}
