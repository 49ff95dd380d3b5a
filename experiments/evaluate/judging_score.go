package evaluate

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/metrics"
	"github.com/venn-adapt/venn/metrics/discrepancy"
	"github.com/venn-adapt/venn/metrics/image"
	"github.com/venn-adapt/venn/metrics/inference"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/judge"
	"github.com/venn-adapt/venn/reports"
)

// untranslated says what the judges see in images of a domain, real or decoded from their own codes.
func (p *panel) untranslated(y system, side domains.Side) (row reports.Face, err error) {
	row = reports.Face{System: y.name, Direction: side.String(), Images: y.outputs.Len(), Contents: y.outputs.Len()}
	v, err := p.read(y.outputs)
	if err != nil {
		return row, err
	}
	return row, p.attributes(&row, v, side, nil)
}

// attributes fills in what is seen of either domain's own in images whose content is of
// the given domain; wanted says what ought to be.
func (p *panel) attributes(row *reports.Face, v *verdict, content domains.Side, wanted *[2]bool) error {
	put := func(to **reports.Estimate, hits []bool) error {
		e, err := share(hits)
		*to = &e
		return err
	}
	if err := put(&row.Target, v.seen[1-content]); err != nil {
		return err
	}
	if err := put(&row.Source, v.seen[content]); err != nil {
		return err
	}
	if err := put(&row.Agreement, v.agreed()); err != nil || wanted == nil {
		return err
	}
	right := make([]bool, len(v.seen[0]))
	for i := range right {
		right[i] = v.seen[0][i] == wanted[0] && v.seen[1][i] == wanted[1]
	}
	return put(&row.Wanted, right)
}

// score scores a system's outputs of a scene's pairs.
func (p *panel) score(s *scene, y system) (row reports.Face, err error) {
	row = reports.Face{System: y.name, Direction: s.name, Images: len(s.is), Contents: distinct(s.is)}
	if s.Guided() {
		row.Guides = distinct(s.gs)
	}
	v, err := p.read(y.outputs)
	if err != nil {
		return row, err
	}
	if err := p.attributes(&row, v, s.Content, &[2]bool{s.Own[0] != models.Empty, s.Own[1] != models.Empty}); err != nil {
		return row, err
	}
	for _, of := range []struct {
		name  string
		can   bool
		value func(pair int) (float64, error)
		to    **reports.Estimate
	}{
		{"content", p.content != nil, func(i int) (float64, error) {
			return cosine(v.content.Row(i), s.before.content.Row(i), p.centre, nil), nil
		}, &row.Content},
		{"preservation", p.content != nil, func(i int) (float64, error) { return turned(v.people.Row(i), s.before.people.Row(i)), nil }, &row.Preservation},
		{"outside", slices.Contains(p.outside, true), func(i int) (float64, error) {
			e, err := image.Errors(y.outputs.At(i), s.contents.At(i), y.outputs.Shape.Channels, span, p.outside)
			return e.L1, err
		}, &row.Outside},
		{"guide", s.Guided() && len(s.others) > 1, func(i int) (float64, error) { return s.beaten(v.attribute.Row(i), s.gs[i]), nil }, &row.Guide},
	} {
		if !of.can {
			continue
		}
		values := make([]float64, len(s.is))
		for i := range values {
			if values[i], err = of.value(i); err != nil {
				return row, err
			}
		}
		e, err := average(values, p.seed, "faces/"+of.name+"/"+y.name+"/"+s.name)
		if err != nil {
			return row, err
		}
		*of.to = &e
	}
	return row, p.distances(&row, s, v)
}

// turned is the share of attributes that one reading sees and the other does not.
func turned(x, y []float32) float64 {
	n := 0
	for k := range x {
		if (x[k] > 0.5) != (y[k] > 0.5) {
			n++
		}
	}
	return float64(n) / float64(len(x))
}

// beaten is the share of other guides whose embedding is less like the output's than that
// of its own guide g is, by the cosine of embeddings brought to mean 0 and deviation 1
// over the guides; a tie counts half. Chance is 0.5.
func (s *scene) beaten(output []float32, g int) float64 {
	own := cosine(output, s.guide.Row(g), s.centre, s.scale)
	hits, others := 0.0, 0.0
	for _, o := range s.others {
		if o == g {
			continue
		}
		others++
		switch other := cosine(output, s.guide.Row(o), s.centre, s.scale); {
		case own > other:
			hits++
		case own == other:
			hits += 0.5
		}
	}
	return hits / others
}

// distances fills in the distances of the outputs to real images of the wanted kind.
func (p *panel) distances(row *reports.Face, s *scene, v *verdict) error {
	if s.references == nil {
		return nil
	}
	x, y := matrix(v.attribute, nil), matrix(s.references, nil)
	row.References = s.references.N
	for _, d := range []struct {
		name string
		of   func(x, y *mat.Dense) (float64, error)
		to   **reports.Estimate
	}{
		{"frechet", func(x, y *mat.Dense) (float64, error) {
			f, err := discrepancy.FrechetOf(x, y)
			return f.Distance, err
		}, &row.Frechet},
		{"kid", discrepancy.KIDOf, &row.KID},
	} {
		compute := func(x, y *mat.Dense, _ metrics.Settings) (metrics.Result, error) {
			value, err := d.of(x, y)
			return metrics.Result{Name: d.name, Value: value}, err
		}
		r, err := compute(x, y, metrics.Settings{})
		if err != nil {
			return err
		}
		if err := (metrics.Descriptor{Name: d.name, Kind: metrics.Discrepancy, Compute: compute}).Subsample(&r, x, y, distanceHalf, metrics.Settings{Seed: p.seed}); err != nil {
			return err
		}
		*d.to = &reports.Estimate{Value: r.Value, Interval: [2]float64(r.Interval), N: v.attribute.N}
	}
	return nil
}

// distinct is the number of different rows.
func distinct(rows []int) int {
	seen := map[int]bool{}
	for _, r := range rows {
		seen[r] = true
	}
	return len(seen)
}

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
