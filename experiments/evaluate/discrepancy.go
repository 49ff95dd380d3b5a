package evaluate

import (
	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/metrics"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/reports"
)

func init() {
	addEvaluation(evaluation{name: "discrepancy", doc: "how far the domains are apart in pixels and in codes",
		order: 80, version: 4, wants: wantsCodes, do: (*Subject).discrepancy})
}

// discrepancy measures how far the domains are apart on held-out images: as raw
// pixels, in the common code, and in the separate codes (which should tell them
// apart).
func (w *Subject) discrepancy(c *Codes) error {
	spec := w.Spec.Metrics.Discrepancy
	a, b := c[0][testSplit], c[1][testSplit]
	type pair struct {
		of, block string
		x, y      *models.Block
	}
	shared := a.Shared().Role
	pairs := []pair{{sharedNames[shared].features + " of a and of b", string(shared), a.Shared(), b.Shared()}}
	if hasParts(c) {
		pairs = append(pairs, pair{"separate codes of a and of b", reports.SeparateBlock, beside(a.Of(models.SeparateA), a.Of(models.SeparateB)), beside(b.Of(models.SeparateA), b.Of(models.SeparateB))})
	}
	for _, pair := range append(pairs, pair{"raw pixels of a and of b", reports.PixelBlock, pixels(w.Domains[0].Test.Images), pixels(w.Domains[1].Test.Images)}) {
		x := matrix(pair.x, w.draw("discrepancy/a", pair.x.N, spec.Rows))
		y := matrix(pair.y, w.draw("discrepancy/b", pair.y.N, spec.Rows))
		results, err := w.measure(spec, pair.of, metrics.Discrepancy, x, y)
		if err != nil {
			return err
		}
		w.Results.Discrepancy = append(w.Results.Discrepancy, between(results, [2]reports.Sample{
			{Block: pair.block, Domain: domains.A.String()}, {Block: pair.block, Domain: domains.B.String()}})...)
	}
	return nil
}
