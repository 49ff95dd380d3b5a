package experiments

import (
	"fmt"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/metrics"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/reports"
)

func init() {
	addEvaluation(evaluation{name: "independence", doc: "are common and separate code independent, on held-out images",
		order: 60, version: 2, wants: wantsParts, do: (*job).independence})
	addEvaluation(evaluation{name: "discrepancy", doc: "how far the domains are apart in pixels and in codes",
		order: 80, version: 3, wants: wantsCodes, do: (*job).discrepancy})
	addEvaluation(evaluation{name: "scatter", doc: "held-out images in the plane of two principal components, before and after",
		order: 130, version: 1, wants: wantsCodes, do: (*job).scatter})
}

// fewRows is the number of rows below which a statistic is doubtful.
const fewRows = 100

// draw picks at most limit rows of n, all where the limit is 0, from a stream of the job.
func (w *job) draw(purpose string, n, limit int) []int {
	if limit <= 0 {
		limit = n
	}
	return stream.Permutation(stream.New(w.Seed, "rows", purpose), n)[:min(limit, n)]
}

// independence tests the common code against the own separate code of held-out
// images, one domain at a time: pooled domains would make the separate code a copy
// of the domain label.
func (w *job) independence(c *splitCodes) error {
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
		w.results.Independence = append(w.results.Independence, between(results, [2]reports.Sample{
			{Block: string(models.Common), Domain: letter}, {Block: string(models.Separate(domains.Side(side))), Domain: letter}})...)
	}
	return nil
}

// discrepancy measures how far the domains are apart on held-out images: as raw
// pixels, in the common code, and in the separate codes (which should tell them
// apart).
func (w *job) discrepancy(c *splitCodes) error {
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
	for _, pair := range append(pairs, pair{"raw pixels of a and of b", reports.PixelBlock, pixels(w.domains[0].Test.Images), pixels(w.domains[1].Test.Images)}) {
		x := matrix(pair.x, w.draw("discrepancy/a", pair.x.N, spec.Rows))
		y := matrix(pair.y, w.draw("discrepancy/b", pair.y.N, spec.Rows))
		results, err := w.measure(spec, pair.of, metrics.Discrepancy, x, y)
		if err != nil {
			return err
		}
		w.results.Discrepancy = append(w.results.Discrepancy, between(results, [2]reports.Sample{
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
func (w *job) measure(spec spec.TestSpec, of string, kind metrics.Kind, x, y *mat.Dense) ([]reports.Measured, error) {
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
		if err := w.ctx.Err(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// scatterRows images of each domain are drawn in the scatter plots.
const scatterRows = 300

// scatter projects the same held-out images of both domains to the first two
// principal components of their pixels and of their common codes (or features).
func (w *job) scatter(c *splitCodes) error {
	var rows [2][]int
	for side, d := range w.domains {
		rows[side] = w.draw("scatter/"+domains.Side(side).String(), d.Test.Images.Len(), scatterRows)
	}
	var err error
	s := &reports.Scatter{}
	raw := [2]*models.Block{pixels(w.domains[0].Test.Images), pixels(w.domains[1].Test.Images)}
	if s.Before, err = w.project(raw, rows); err != nil {
		return err
	}
	if s.After, err = w.project([2]*models.Block{c[0][testSplit].Shared(), c[1][testSplit].Shared()}, rows); err != nil {
		return err
	}
	if of := sharedNames[c[0][testSplit].Shared().Role].features; of != reports.CommonCode {
		s.Of = of
	}
	w.results.Scatter = s
	return nil
}

// project centres the pooled rows and projects them to two principal components,
// each with the sign that makes its largest loading positive.
func (w *job) project(b [2]*models.Block, rows [2][]int) ([]reports.Point, error) {
	n, d := len(rows[0])+len(rows[1]), b[0].D
	pooled := mat.NewDense(n, d, nil)
	pooled.Slice(0, len(rows[0]), 0, d).(*mat.Dense).Copy(matrix(b[0], rows[0]))
	pooled.Slice(len(rows[0]), n, 0, d).(*mat.Dense).Copy(matrix(b[1], rows[1]))
	for j := range d {
		col := mat.Col(nil, j, pooled)
		mean := stat.Mean(col, nil)
		for i := range n {
			pooled.Set(i, j, pooled.At(i, j)-mean)
		}
	}
	var svd mat.SVD
	if !svd.Factorize(pooled, mat.SVDThin) {
		return nil, fmt.Errorf("experiments: principal components of %d x %d codes did not converge", n, d)
	}
	var v, scores mat.Dense
	svd.VTo(&v)
	scores.Mul(pooled, v.Slice(0, d, 0, min(2, d)))
	sign := [2]float64{1, 1}
	for k := range min(2, d) {
		best := 0.0
		for j := range d {
			if x := v.At(j, k); max(x, -x) > best {
				best, sign[k] = max(x, -x), 1
				if x < 0 {
					sign[k] = -1
				}
			}
		}
	}
	out := make([]reports.Point, n)
	for i := range out {
		p := reports.Point{X: sign[0] * scores.At(i, 0), Class: -1}
		if d > 1 {
			p.Y = sign[1] * scores.At(i, 1)
		}
		side, row := 0, i
		if i >= len(rows[0]) {
			side, row = 1, i-len(rows[0])
		}
		p.Domain = side
		if t := w.domains[side].Test.Truth; t.Known() {
			p.Class = t.Reveal()[rows[side][row]]
		}
		out[i] = p
	}
	return out, nil
}
