package experiments

// What registers itself, in a folder of its own, is in the program by being named here.
import (
	_ "github.com/venn-adapt/venn/adapt/adapters"
	_ "github.com/venn-adapt/venn/adapt/classifiers"
	_ "github.com/venn-adapt/venn/adapt/validators"
	_ "github.com/venn-adapt/venn/domains/attributes"
	_ "github.com/venn-adapt/venn/domains/digits"
	_ "github.com/venn-adapt/venn/domains/drawn"
	_ "github.com/venn-adapt/venn/domains/folder"
	_ "github.com/venn-adapt/venn/domains/shapes"
	"github.com/venn-adapt/venn/metrics"
	_ "github.com/venn-adapt/venn/metrics/discrepancy"
	_ "github.com/venn-adapt/venn/metrics/disentanglement"
	_ "github.com/venn-adapt/venn/metrics/image"
	"github.com/venn-adapt/venn/metrics/independence"
	_ "github.com/venn-adapt/venn/models/attgan"
	_ "github.com/venn-adapt/venn/models/colours"
	"github.com/venn-adapt/venn/models/critic"
	_ "github.com/venn-adapt/venn/models/deep"
	_ "github.com/venn-adapt/venn/models/deep/terms"
	_ "github.com/venn-adapt/venn/models/didd"
	_ "github.com/venn-adapt/venn/models/drit"
	_ "github.com/venn-adapt/venn/models/fader"
	_ "github.com/venn-adapt/venn/models/icgan"
	_ "github.com/venn-adapt/venn/models/masked"
	_ "github.com/venn-adapt/venn/models/munit"
	_ "github.com/venn-adapt/venn/models/press"
	_ "github.com/venn-adapt/venn/models/stargan"
	_ "github.com/venn-adapt/venn/models/stgan"
	_ "github.com/venn-adapt/venn/reports/figures" // a watched run draws its curves
	_ "github.com/venn-adapt/venn/reports/tables"
)

// The neural bounds of mutual information are measures of a network's scores: metrics knows none, so they are
// handed to them here.
func init() {
	for _, d := range independence.BoundMeasures(critic.Train(critic.Options{})) {
		metrics.Measures.Add(d.Name, d)
	}
	club := independence.CLUBMeasure(critic.TrainDensity(critic.Options{}))
	metrics.Measures.Add(club.Name, club)
}
