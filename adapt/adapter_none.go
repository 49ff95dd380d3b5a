package adapt

import "github.com/venn-adapt/venn/internal/option"

func init() {
	Adapters.Add("none", AdapterInfo{
		Name: "none",
		Doc:  "no adaptation: the classifier of the source serves the target (source-only)",
		Adapt: func(t Task, _ option.Values, _ Head) (*Adapted, error) {
			return &Adapted{Source: t.Source, Target: t.Target, MapSource: identity, Map: identity}, nil
		},
	})
}
