package evaluate

import (
	"fmt"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/metrics/disentanglement"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/reports"
)

func init() {
	addEvaluation(evaluation{name: "scatter", doc: "held-out images in the plane of two principal components, before and after",
		order: 130, version: 1, wants: wantsCodes, do: (*Subject).scatter})
	addEvaluation(evaluation{name: "spread", doc: "how many dimensions the codes of held-out images take up",
		order: 66, version: 1, wants: wants(wantsCodes, wantsNarrow), do: (*Subject).spread})
}

// scatterRows images of each domain are drawn in the scatter plots.
const scatterRows = 300

// scatter projects the same held-out images of both domains to the first two
// principal components of their pixels and of their common codes (or features).
func (w *Subject) scatter(c *Codes) error {
	var rows [2][]int
	for side, d := range w.Domains {
		rows[side] = w.draw("scatter/"+domains.Side(side).String(), d.Test.Images.Len(), scatterRows)
	}
	var err error
	s := &reports.Scatter{}
	raw := [2]*models.Block{pixels(w.Domains[0].Test.Images), pixels(w.Domains[1].Test.Images)}
	if s.Before, err = w.project(raw, rows); err != nil {
		return err
	}
	if s.After, err = w.project([2]*models.Block{c[0][testSplit].Shared(), c[1][testSplit].Shared()}, rows); err != nil {
		return err
	}
	if of := sharedNames[c[0][testSplit].Shared().Role].features; of != reports.CommonCode {
		s.Of = of
	}
	w.Results.Scatter = s
	return nil
}

// project centres the pooled rows and projects them to two principal components,
// each with the sign that makes its largest loading positive.
func (w *Subject) project(b [2]*models.Block, rows [2][]int) ([]reports.Point, error) {
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
		if t := w.Domains[side].Test.Truth; t.Known() {
			p.Class = t.Reveal()[rows[side][row]]
		}
		out[i] = p
	}
	return out, nil
}

const (
	spreadColumns = 512 // at most: eigenvalues of more take longer than the answer is worth
	spreadRows    = 2000
)

func wantsNarrow(_ *Subject, c *Codes) string {
	if d := c[0][testSplit].Shared().D; d > spreadColumns {
		return fmt.Sprintf("the code has %d columns, more than %d", d, spreadColumns)
	}
	return ""
}

// spread gives the effective rank and the participation ratio of the code that stands for an
// image and of a domain's own separate code: low ones show a collapse that accuracies may hide.
func (w *Subject) spread(c *Codes) error {
	for side := range c {
		letter := domains.Side(side).String()
		codes := c[side][testSplit]
		for _, of := range []struct {
			name  string
			block *models.Block
		}{{sharedNames[codes.Shared().Role].features, codes.Shared()}, {"separate code " + letter, codes.Of(models.Separate(domains.Side(side)))}} {
			if of.block == nil {
				continue
			}
			x := matrix(of.block, w.draw("spread/"+letter, of.block.N, spreadRows))
			s, err := disentanglement.SpreadOf(x)
			if err != nil {
				w.warn("spread of the %s on %s: %v", of.name, letter, err)
				continue
			}
			n, d := x.Dims()
			w.value("spread", fmt.Sprintf("effective rank of the %s on %s, of %d columns", of.name, letter, d), s.EffectiveRank, n)
			w.value("spread", fmt.Sprintf("participation ratio of the %s on %s", of.name, letter), s.Participation, n)
		}
	}
	return nil
}
