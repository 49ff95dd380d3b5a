package validators

import (
	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/metrics"
	"github.com/venn-adapt/venn/metrics/discrepancy"
)

func init() {
	adapt.Validators.Add("a-distance", adapt.ValidatorInfo{
		Name:     "a-distance",
		Doc:      "negative proxy A-distance of the adapted domains; features that say nothing look perfectly aligned",
		Citation: "Ben-David et al., Analysis of representations for domain adaptation, 2006",
		Score: func(e adapt.Evidence) (float64, error) {
			r, err := discrepancy.ADistance(e.Fit.Source.X, e.Fit.Target, metrics.Settings{Seed: e.Task.Seed})
			return -r.Value, err
		},
	})
}
