package evaluate

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/metrics"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/reports"
)

func init() {
	addEvaluation(evaluation{name: "independence", doc: "are common and separate code independent, on held-out images",
		order: 60, version: 2, wants: wantsParts, do: (*Subject).independence})
	addEvaluation(evaluation{name: "discrepancy", doc: "how far the domains are apart in pixels and in codes",
		order: 80, version: 4, wants: wantsCodes, do: (*Subject).discrepancy})
}

// fewRows is the number of rows below which a statistic is doubtful.
const fewRows = 100

// independence tests the common code against the own separate code of held-out
// images, one domain at a time: pooled domains would make the separate code a copy
// of the domain label.
func (w *Subject) independence(c *Codes) error {
	spec := w.Spec.Metrics.Independence
	for side := range c {
		codes, letter := c[side][testSplit], domains.Side(side).String()
		rows := w.draw("independence/"+letter, codes.Of(models.Common).N, spec.Rows)
		x, y := matrix(codes.Of(models.Common), rows), matrix(codes.Of(models.Separate(domains.Side(side))), rows)
		of := fmt.Sprintf("common code and separate code %s, on %s", letter, letter)
		results, err := w.measure(spec, of, metrics.Independence, x, y)
		if err != nil {
			return err
		}
		w.Results.Independence = append(w.Results.Independence, between(results, [2]reports.Sample{
			{Block: string(models.Common), Domain: letter}, {Block: string(models.Separate(domains.Side(side))), Domain: letter}})...)
	}
	return nil
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

// between says of statistics what they compare.
func between(results []reports.Measured, samples [2]reports.Sample) []reports.Measured {
	for i := range results {
		results[i].Between = samples
	}
	return results
}

// measure runs the named measures on one pair of matrices.
func (w *Subject) measure(spec spec.TestSpec, of string, kind metrics.Kind, x, y *mat.Dense) ([]reports.Measured, error) {
	if n, _ := x.Dims(); n < fewRows {
		w.warn("%s: %d rows, fewer than %d: the statistics say little", of, n, fewRows)
	}
	var out []reports.Measured
	for _, name := range spec.Tests {
		m, err := metrics.Measures.Get(name)
		if err != nil {
			return nil, fmt.Errorf("experiments: %w", err)
		}
		if m.Kind != kind {
			return nil, fmt.Errorf("experiments: measure %s is of another kind than asked for", name)
		}
		r, err := m.Compute(x, y, metrics.Settings{Permutations: spec.Permutations, Seed: w.Seed})
		if err != nil {
			return nil, fmt.Errorf("experiments: %s: %s: %w", of, name, err)
		}
		for _, text := range r.Warnings {
			w.warn("%s: %s: %s", of, name, text)
		}
		out = append(out, reports.Measured{Of: of, Result: r})
		if err := w.Context.Err(); err != nil {
			return nil, err
		}
	}
	return out, nil
}
