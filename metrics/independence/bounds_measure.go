package independence

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/rows"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/metrics"
)

const (
	boundRows = 512 // most held-out rows: the critic scores their pairs
	boundClip = 5   // SMILE's tau
	boundMin  = 50
)

// BoundMeasures are the variational bounds as measures, with a trainer from where networks live: rows are drawn in random
// order from the stream (seed, bounds), half of them train the critic, up to 512 of the others give the
// value. Parts are the same bound of held-out rows paired wrongly, which must be near 0 or below, and the ceiling
// ln n of a batch. There is no p-value: a test would train anew under each permutation.
func BoundMeasures(t Trainer) []metrics.Descriptor {
	var out []metrics.Descriptor
	for _, d := range []struct {
		name, doc, citation string
		of                  func(Bounds) float64
	}{
		{"mine", "Donsker and Varadhan's bound of mutual information by a critic network, held out, in nats", "Belghazi et al., Mutual information neural estimation, ICML 2018", func(b Bounds) float64 { return b.DonskerVaradhan }},
		{"nwj", "Nguyen, Wainwright and Jordan's lower bound of mutual information by a critic network, held out, in nats", "Nguyen, Wainwright and Jordan, Estimating divergence functionals, 2010", func(b Bounds) float64 { return b.NWJ }},
		{"infonce", "InfoNCE lower bound of mutual information by a critic network, held out, never above ln n, in nats", "van den Oord, Li and Vinyals, Representation learning with contrastive predictive coding, 2018", func(b Bounds) float64 { return b.InfoNCE }},
		{"smile", "SMILE estimate of mutual information by a critic network, held out, in nats; no bound", "Song and Ermon, Understanding the limitations of variational mutual information estimators, ICLR 2020", func(b Bounds) float64 { return b.SMILE }},
	} {
		out = append(out, metrics.Descriptor{
			Name: d.name, Kind: metrics.Independence, Doc: d.doc, Unit: "nats", Range: [2]float64{math.Inf(-1), math.Inf(1)}, Better: metrics.LowerIsBetter,
			Cost: "training of a critic, and its 512^2 scores", Citation: d.citation, MinRows: boundMin,
			Compute: func(x, y *mat.Dense, s metrics.Settings) (metrics.Result, error) {
				return boundMeasure(d.name, x, y, t, d.of, s)
			},
		})
	}
	return out
}

func boundMeasure(name string, x, y *mat.Dense, t Trainer, of func(Bounds) float64, s metrics.Settings) (metrics.Result, error) {
	if err := metrics.CheckPair(name, x, y, boundMin, true); err != nil {
		return metrics.Result{}, err
	}
	n, _ := x.Dims()
	r := metrics.Start(name, n, s)
	if metrics.Constant(x) || metrics.Constant(y) {
		return r.Collapse("all rows of a block are equal", false), nil
	}
	a, b, train := boundSample(x, y, s.Seed)
	bounds, control, err := NeuralBounds(a, b, t, train, boundClip, s.Seed)
	if err != nil {
		return metrics.Result{}, fmt.Errorf("metrics: %s: %w", name, err)
	}
	r.Value = of(bounds)
	r.Parts = []metrics.Part{{Name: "of wrong pairs", Value: of(control)}, {Name: "ceiling ln n", Value: bounds.Ceiling}}
	return r.Finish()
}

// boundSample are the rows of a neural bound in random order and the share that trains: half of all train, at most 512 of
// the rest are held out.
func boundSample(x, y *mat.Dense, seed uint64) (a, b *mat.Dense, train float64) {
	n, _ := x.Dims()
	order := stream.Permutation(stream.New(seed, "bounds"), n)
	some := order[:n/2+min(n-n/2, boundRows)]
	return rows.Take(x, some), rows.Take(y, some), float64(n/2) / float64(len(some))
}
