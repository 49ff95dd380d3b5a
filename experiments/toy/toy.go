// Package toy registers things for tests to name, so that they hold whatever the program
// registers, and a spec of them.
package toy

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/metrics"
	"github.com/venn-adapt/venn/models"
)

func init() {
	domains.Datasets.Add("toy-images", domains.Dataset{Name: "toy-images", Options: []option.Option{
		{Name: "fit", Kind: option.Choice, Default: "pad", Choices: []string{"pad", "stretch"}},
		{Name: "noise", Kind: option.Float, Default: 0.0, Min: 0, Max: 1},
	}})
	domains.Datasets.Add("toy-folder", domains.Dataset{Name: "toy-folder", Options: []option.Option{
		{Name: "path", Kind: option.String, Doc: "required: it has no default"},
	}})
	domains.Datasets.Add("toy-table", domains.Dataset{Name: "toy-table", Options: []option.Option{{Name: "label", Kind: option.String, Default: ""}},
		Grant: func(o option.Values, attribute string) error {
			if attribute == o.String("label") {
				return fmt.Errorf("%s is the label", attribute)
			}
			return nil
		}})
	models.Methods.Add("toy-method", models.Method{Name: "toy-method", Version: 1, Loop: models.Loop{Iterations: 100, Batch: 1}, Options: []option.Option{
		{Name: "separate", Kind: option.Int, Default: 8, Min: 1, Max: 255},
		{Name: "loss.zero", Kind: option.Float, Default: 1.0, Min: 0, Max: 100},
		{Name: "loss.confusion", Kind: option.Float, Default: 0.001, Min: 0, Max: 100},
		{Name: "train.betas", Kind: option.Floats, Default: []float64{0.5, 0.999}, Length: 2, Min: 0, Max: 1},
		{Name: "train.clip", Kind: option.Bool, Default: true},
		{Name: "train.note", Kind: option.String, Default: ""},
	}, Check: func(c models.Config) []option.Error {
		if s := c.Options.Int("separate"); s > c.Shape.Height {
			return []option.Error{{Option: "model.separate", Problem: fmt.Sprintf("%d is more than image.size %d", s, c.Shape.Height)}}
		}
		return nil
	}})
	labels := models.Method{Name: "toy-labels", Version: 1, Loop: models.Loop{Iterations: 100, Batch: 1}, Options: []option.Option{
		{Name: "separate", Kind: option.Int, Default: 8, Min: 1, Max: 255}, {Name: "loss.zero", Kind: option.Float, Default: 1.0, Min: 0, Max: 100}}}
	labels.Needs.Labels = true
	models.Methods.Add("toy-labels", labels)
	granted := labels
	granted.Name, granted.Needs = "toy-granted", models.Needs{Attributes: true}
	models.Methods.Add("toy-granted", granted)
	adapt.Classifiers.Add("toy-classifier", adapt.ClassifierInfo{Name: "toy-classifier"})
	adapt.Classifiers.Add("toy-neighbours", adapt.ClassifierInfo{Name: "toy-neighbours"})
	compute := func(x, y *mat.Dense, s metrics.Settings) (metrics.Result, error) { return metrics.Result{}, nil }
	metrics.Measures.Add("toy-dependence", metrics.Descriptor{Name: "toy-dependence", Kind: metrics.Independence, Compute: compute})
	metrics.Measures.Add("toy-distance", metrics.Descriptor{Name: "toy-distance", Kind: metrics.Discrepancy, Compute: compute})
}

// Spec makes two jobs of the toy things.
const Spec = `# question: does it decode?
name: toy
seeds: [0, 1]
domains:
  a: {dataset: toy-images}
  b: {dataset: toy-images, fit: stretch}
image: {size: 16, channels: 1}
model:
  method: toy-method
  separate: 4
  loss: {zero: 2e-4}
adapt:
  classifiers: [toy-classifier]
metrics:
  independence: {tests: [toy-dependence]}
  discrepancy: {tests: [toy-distance], permutations: 9}
`
