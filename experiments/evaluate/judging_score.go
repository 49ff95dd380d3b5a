package evaluate

import (
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/metrics"
	"github.com/venn-adapt/venn/metrics/discrepancy"
	"github.com/venn-adapt/venn/metrics/image"
	"github.com/venn-adapt/venn/models"
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
