package deep

import (
	"maps"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/kept"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	_ "github.com/venn-adapt/venn/models/deep/terms"
	"github.com/venn-adapt/venn/models/modelstest"
)

// shipped are the methods that come with the program: each has a file of its options and
// golden steps. A method that is added passes the walk; the rest it may have.
var shipped = []string{
	"adabn", "adda", "atdoc", "bnm", "cdan", "cdan-bsp", "cdan-e", "dan", "dann", "dann-bsp", "deep-coral", "dirt-t", "drcn", "dsn", "fixmatch", "hafn", "homm", "im", "jan", "mcc", "mcd", "mdd",
	"safn", "se", "shot", "shot-im", "source-only", "swd", "target-oracle", "vada",
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
	// An untrained teacher is not sure of anything.
	"se":       {Settings: option.Values{"confidence": 0.0}, Change: option.Values{"confidence": 0.9}},
	"fixmatch": {Settings: option.Values{"confidence": 0.0}, Change: option.Values{"confidence": 0.9, "warmup": 0.9, "translation": 9.0}},
	// A hundred steps at the default rate are few, and what is left out slows them, as does the
	// weight of swd's distance.
	"mcd": {Learning: option.Values{"train.learning_rate": 2e-3, "dropout": 0.1}},
	"swd": {Fall: 0.7, Learning: option.Values{"train.learning_rate": 2e-3, "dropout": 0.1}},
	// The first steps forget more than averages usually do.
	"vada": {Change: option.Values{"average": 0.0}},
	// Of the walk's four steps two are on the target; the entropy is to fall in a hundred.
	"dirt-t": {Settings: option.Values{"vada_share": 0.25}, Change: option.Values{"average": 0.0, "refresh": 1}, Learning: option.Values{"target": 1.0}},
	// Against a discriminator that stays as it is: it is not trained, and hardly answers.
	"adda": {Loss: "confusion", Fall: 0.97, Settings: option.Values{"source_share": 0.25, "gate": 0.0}, Change: option.Values{"gate": 1.0},
		Learning: option.Values{"discriminator_rate": 1e-9, "adaptation_rate": 1e-2}},
	"atdoc": {Change: option.Values{"warmup": 0.5, "memory": 3}},
	// One step of four is on the target, and a hundred at the default rate are few.
	"shot":    {Learning: option.Values{"adaptation_rate": 1e-3}, Quiet: map[string]string{"refresh": "the walk has one step on the target", "refresh_steps": "it has one"}},
	"shot-im": {Learning: option.Values{"adaptation_rate": 1e-3}},
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
	own, learning := o.Settings, o.Learning
	o.Settings = option.Values{"backbone": "p-small-bn", "train.batch": 4, "train.iterations": 8, "train.decay": 0.75, "train.clip": 0.5}
	maps.Copy(o.Settings, own)
	o.Learning = option.Values{"train.iterations": 1000, "train.clip": 0.0}
	maps.Copy(o.Learning, learning)
	if err := modelstest.Method(m, o); err != nil {
		t.Error(err)
	}
}
