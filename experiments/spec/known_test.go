package spec

import (
	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/check"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
)

// Things to name beside those of toy, with options that differ: a method of codes and one
// that learns from labels in two phases.
func init() {
	domains.Datasets.Add("known", domains.Dataset{Name: "known", Options: []option.Option{
		{Name: "labels", Kind: option.Bool, Default: true}, {Name: "drawn", Kind: option.Bool, Default: true}, {Name: "own", Kind: option.Bool, Default: true}}})
	// What known was before and after it had an option that came later.
	domains.Datasets.Add("known-old", domains.Dataset{Name: "known-old", Options: []option.Option{{Name: "own", Kind: option.Bool, Default: true}}})
	domains.Datasets.Add("known-aged", domains.Dataset{Name: "known-aged", Options: []option.Option{{Name: "own", Kind: option.Bool, Default: true}, {Name: "subtype", Kind: option.String, Default: "none", Later: true}}})
	models.Methods.Add("known", models.Method{Name: "known", Version: 1, Loop: models.Loop{Iterations: 20, Batch: 4, LogEvery: 1}, Options: []option.Option{
		{Name: "codes", Kind: option.Choice, Default: "oracle", Choices: []string{"oracle", "swapped", "leaky", "constant", "bare"}},
		{Name: "follow", Kind: option.Float, Default: 1.0, Min: 0, Max: 1}, {Name: "blur", Kind: option.Float, Default: 0.0, Min: 0, Max: 1}}})
	models.Methods.Add("known-oracle", models.Method{Name: "known-oracle", Version: 1, Oracle: true, Loop: models.Loop{Iterations: 6, Batch: 4}, Needs: models.Needs{Labels: true}})
	models.Methods.Add("known-network", models.Method{Name: "known-network", Version: 1, Loop: models.Loop{Iterations: 6, Batch: 4}, Needs: models.Needs{Labels: true},
		Options: []option.Option{{Name: "hides", Kind: option.Bool, Default: true}}})
	// What known-grown was before it had options that let it learn from labels, and after.
	grown := models.Method{Name: "known-young", Version: 1, Loop: models.Loop{Iterations: 6, Batch: 4}, Options: []option.Option{{Name: "codes", Kind: option.Int, Default: 2, Min: 1, Max: 9}}}
	models.Methods.Add(grown.Name, grown)
	grown.Name, grown.Needs.LabelsBy = "known-grown", "label.weight"
	grown.Options = append(grown.Options, option.Option{Name: "label.weight", Kind: option.Float, Default: 0.0, Min: 0, Max: 9, Later: true}, option.Option{Name: "label.betas", Kind: option.Floats, Default: []float64{0.5}, Min: 0, Max: 1, Later: true})
	models.Methods.Add(grown.Name, grown)
}

const knownSpec = `name: known
domains: {a: {dataset: known}, b: {dataset: known}}
image: {size: 8, channels: 1}
model: {method: known}
adapt: {classifiers: [centroid, knn]}
report: {formats: []}
`

// The comparison of these tests.
var equal = check.Equal
