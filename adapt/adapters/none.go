// Package adapters holds one file a method that adapts features of a labelled source to an
// unlabelled target, each registered in adapt.Adapters, and what several of them share.
package adapters

import (
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/option"
)

// identity is the map of methods that leave rows as they are.
func identity(x *mat.Dense) (*mat.Dense, error) { return x, nil }

func init() {
	adapt.Adapters.Add("none", adapt.AdapterInfo{
		Name: "none",
		Doc:  "no adaptation: the classifier of the source serves the target (source-only)",
		Adapt: func(t adapt.Task, _ option.Values, _ adapt.Head) (*adapt.Adapted, error) {
			return &adapt.Adapted{Source: t.Source, Target: t.Target, MapSource: identity, Map: identity}, nil
		},
	})
}
