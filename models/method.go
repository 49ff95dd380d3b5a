package models

import (
	"slices"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/registry"
)

// EngineVersion is raised when the training loop or the kernels train other bytes than
// before. It is part of a job's identity, like the version of its method.
const EngineVersion = 2

// A Method describes something that is trained. Each has a folder or a file of its own
// and registers itself in Methods.
type Method struct {
	Name     string
	Doc      string
	Citation string
	// Version is raised when the method trains other bytes than before.
	Version int
	Needs   Needs
	// Oracle says that the spec of a job puts the target in the place of the source, labels
	// and all: what comes out is a bound, not a method.
	Oracle  bool
	Loop    Loop            // defaults of the options that every training has
	Options []option.Option // of the `model` section, less `method` and LoopOptions; dotted names nest
	New     func(Config) (Model, error)
	// Phases of a training; nil means one that shows both domains.
	Phases func(Config) []Phase
	// Check reports contradictions among options that single bounds cannot see,
	// each naming the option at fault; may be nil.
	Check func(Config) []option.Error
}

// Needs say what a method cannot do without.
type Needs struct {
	Labels bool // of the source
	// LabelsBy is an option, a number, that has the method ask for the source's labels where
	// it is above 0; "": none does.
	LabelsBy string
	// Attributes of the images of both domains, those that the option "attributes" names,
	// which the method then has.
	Attributes bool
}

// NeedsLabels says whether the method asks for the source's labels under some options.
func (m Method) NeedsLabels(o option.Values) bool {
	return m.Needs.Labels || m.Needs.LabelsBy != "" && o.Float(m.Needs.LabelsBy) > 0
}

// A Loop holds a method's defaults of LoopOptions.
type Loop struct {
	Iterations, Batch int
	LogEvery          int // 0: 50
}

// LoopOptions are the options of every training: they belong to the loop, which methods
// may read. log_every and checkpoint_every change nothing in what is trained.
func (m Method) LoopOptions() []option.Option {
	log := 50
	if m.Loop.LogEvery > 0 {
		log = m.Loop.LogEvery
	}
	return []option.Option{
		{Name: "train.iterations", Kind: option.Int, Default: m.Loop.Iterations, Min: 1, Max: 1e8, Doc: "training steps"},
		{Name: "train.batch", Kind: option.Int, Default: m.Loop.Batch, Min: 1, Max: 4096, Doc: "images of each domain a step"},
		{Name: "train.log_every", Kind: option.Int, Default: log, Min: 1, Max: 1e6, Doc: "steps between records; changes nothing else"},
		{Name: "train.checkpoint_every", Kind: option.Int, Default: 1000, Min: 1, Max: 1e8, Doc: "steps between checkpoints; changes nothing else"},
	}
}

// AllOptions are the method's own, those of what it needs and those of the loop.
func (m Method) AllOptions() []option.Option {
	all := slices.Clone(m.Options)
	if m.Needs.Attributes {
		all = append(all, option.Option{Name: "attributes", Kind: option.Names, Default: []string{}, Doc: "columns of the domains' tables that the training sees, none that a label reads"})
	}
	return append(all, m.LoopOptions()...)
}

// PhasesOf are the phases of a training.
func (m Method) PhasesOf(c Config) []Phase {
	if m.Phases != nil {
		return m.Phases(c)
	}
	return []Phase{{Name: "train", Steps: c.Options.Int("train.iterations"), Shows: [2]bool{true, true}}}
}

// A Config is what a method is made from.
type Config struct {
	Shape   domains.Shape
	Source  domains.Side
	Classes int // of the source's labels; 0 where the method does not ask for them
	Options option.Values
	Seed    uint64
}

// Methods holds every method by name.
var Methods = registry.New[Method]("method")
