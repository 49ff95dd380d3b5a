package reports

// A System is what a model that makes images can do, measured on held-out images, and what it cost.
type System struct {
	// MACs is the number of multiply-accumulates of a training step for one pair of images; 0 where
	// the model does not say.
	MACs         int          `json:"macs,omitempty"`
	Images       int          `json:"images"` // shown in training, of both domains together
	Capabilities []Capability `json:"capabilities"`
	// Diversity is how much translations of one content differ from guide to guide, as a share of how
	// much exact renders do; nil where that is not known or no guide is taken.
	Diversity *float64 `json:"diversity,omitempty"`
}

// TrainingMACs is the number of multiply-accumulates of the whole training: those of a step and pair of
// images, for every pair of every batch; 0 where the model does not say.
func (s *System) TrainingMACs() float64 { return float64(s.MACs) * float64(s.Images) / 2 }

// A Capability is one thing that translators do or do not.
type Capability struct {
	Name string `json:"name"` // one of CapabilityNames
	// Can says that the model has such an edit at all, Reason why not.
	Can    bool   `json:"can"`
	Reason string `json:"reason,omitempty"`
	// Value is what came out, by Measure; nil where nothing here measures it.
	Value    *float64    `json:"value,omitempty"`
	Measure  string      `json:"measure,omitempty"`
	Interval *[2]float64 `json:"interval,omitempty"` // 95%
	// Does says that the measure tells it from what is not done: its interval, or the value where it
	// has none, lies beyond what Measure names.
	Does bool `json:"does,omitempty"`
}

// CapabilityNames are those of the capabilities, in the order of tables.
var CapabilityNames = []string{"a->b", "b->a", "guided a->b", "guided b->a", "removal-a", "removal-b", "union", "reconstruction", "slider", "mask"}

// Capability is the one of a name; nil where it was not looked for.
func (s *System) Capability(name string) *Capability {
	for i := range s.Capabilities {
		if s.Capabilities[i].Name == name {
			return &s.Capabilities[i]
		}
	}
	return nil
}

// StripPrefix is what the names of grids begin with that hold a few translations of one system, for
// pictures that show several: a row of contents, one of guides, one of translations.
const StripPrefix = "strip-"
