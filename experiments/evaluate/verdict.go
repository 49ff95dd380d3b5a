package evaluate

import (
	"fmt"
	"math"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/metrics/inference"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/judge"
	"github.com/venn-adapt/venn/reports"
)

// A verdict is what a panel makes of n images.
type verdict struct {
	seen      [2][]bool     // what a and what b have of their own, by the attribute judge
	second    [2][]bool     // by that of another seed
	attribute *models.Block // the attribute judge's embedding
	content   *models.Block // the content judge's; nil where there is none
	people    *models.Block // the content judge's probabilities; nil likewise
}

// read has every judge of the panel read the images.
func (p *panel) read(images *domains.Images) (*verdict, error) {
	v := &verdict{}
	for i, r := range []Reader{p.attribute, p.other} {
		reading, err := r.Read(images)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			v.attribute, v.seen = reading.Embedding, p.seen(reading)
		} else {
			v.second = p.seen(reading)
		}
	}
	if p.content != nil {
		reading, err := p.content.Read(images)
		if err != nil {
			return nil, err
		}
		v.content, v.people = reading.Embedding, reading.Probabilities
	}
	return v, nil
}

// seen says in which images a judge sees what each domain has of its own: its expression
// holds of the attributes with probabilities above one half.
func (p *panel) seen(r *judge.Reading) (out [2][]bool) {
	column := map[int]int{}
	for c, k := range p.columns {
		column[k] = c
	}
	for side := range out {
		out[side] = make([]bool, r.Probabilities.N)
		for i := range out[side] {
			row := r.Probabilities.Row(i)
			out[side][i] = p.Is[side](func(k int) bool {
				c, ok := column[k]
				return ok && row[c] > 0.5
			})
		}
	}
	return out
}

// agreed says in which images both attribute judges see the same.
func (v *verdict) agreed() []bool {
	out := make([]bool, len(v.seen[0]))
	for i := range out {
		out[i] = v.seen[0][i] == v.second[0][i] && v.seen[1][i] == v.second[1][i]
	}
	return out
}

// share is a share of images with its Wilson interval.
func share(hits []bool) (reports.Estimate, error) {
	i, err := inference.Wilson(count(hits), len(hits))
	if err != nil {
		return reports.Estimate{}, fmt.Errorf("experiments: %w", err)
	}
	return reports.Estimate{Value: i.Estimate, Interval: [2]float64{i.Low, i.High}, N: i.N}, nil
}

// scoreResamples bootstrap samples make the interval of a mean score.
const scoreResamples = 1000

// average is a mean over images or pairs with its 95% bootstrap interval.
func average(values []float64, seed uint64, purpose string) (reports.Estimate, error) {
	i, err := inference.Bootstrap(len(values), scoreResamples, 0.95, seed, purpose, func(rows []int) float64 {
		var s float64
		for _, r := range rows {
			s += values[r]
		}
		return s / float64(len(rows))
	})
	if err != nil {
		return reports.Estimate{}, fmt.Errorf("experiments: %s: %w", purpose, err)
	}
	return reports.Estimate{Value: i.Estimate, Interval: [2]float64{i.Low, i.High}, N: i.N}, nil
}

// columnMeans is the mean of each column; nil of a nil block.
func columnMeans(b *models.Block) []float64 {
	if b == nil {
		return nil
	}
	out := make([]float64, b.D)
	for i := range b.N {
		for j, v := range b.Row(i) {
			out[j] += float64(v) / float64(b.N)
		}
	}
	return out
}

// cosine is the cosine of rows i of x and j of y about the centre, column by column
// over scale where it is given; 0 where a row is at the centre.
func cosine(x, y []float32, centre, scale []float64) float64 {
	var xx, yy, xy float64
	for k := range x {
		u, v := float64(x[k])-centre[k], float64(y[k])-centre[k]
		if scale != nil {
			if scale[k] == 0 {
				continue
			}
			u, v = u/scale[k], v/scale[k]
		}
		xx, yy, xy = xx+u*u, yy+v*v, xy+u*v
	}
	if xx == 0 || yy == 0 {
		return 0
	}
	return xy / math.Sqrt(xx*yy)
}
