package modelstest

import (
	"math"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/models"
)

// data is n images of A and m of B, with labels of A and attributes of both where the method
// asks for them under the changes.
func (w *walk) data(n, m int, changes option.Values) *models.Data {
	d := &models.Data{Images: [2]*domains.Images{w.waves(n, 1), w.waves(m, 2)}}
	if w.method.Needs.Attributes {
		columns := len(w.config(changes, 0).Options.Names("attributes"))
		for side, x := range d.Images {
			d.Given[side] = models.NewBlock("", x.Len(), columns, 1)
			for i := range d.Given[side].Data {
				d.Given[side].Data[i] = float32(stream.New(3, "given", side, i).IntN(2))
			}
		}
	}
	if w.method.NeedsLabels(w.config(changes, 0).Options) {
		for i := range n {
			d.Labels = append(d.Labels, i%classes)
		}
	}
	return d
}

// batch is all of the data as a step of a training with the changes would see it.
func (w *walk) batch(d *models.Data, changes option.Values, step int) *models.Batch {
	b := &models.Batch{Source: d.Source}
	shows := w.phase(changes, step).Shows
	for side, shown := range shows {
		if !shown {
			continue
		}
		b.Images[side], b.Given[side] = d.Images[side], d.Given[side]
		for i := range d.Images[side].Len() {
			b.Rows[side] = append(b.Rows[side], i)
		}
	}
	if shows[d.Source] {
		b.Labels = d.Labels
	}
	return b
}

// waves is n images of plane waves, which differ from domain to domain by their seed.
func (w *walk) waves(n int, seed uint64) *domains.Images {
	s := w.o.Shape
	im := &domains.Images{Shape: s, Data: make([]float32, n*s.Len())}
	for i := range n {
		r := stream.New(seed, "wave", i)
		for c := range s.Channels {
			u, v, p := r.Float64()/3, r.Float64()/3, r.Float64()*6
			for k := range s.Height * s.Width {
				im.At(i)[c*s.Height*s.Width+k] = float32(0.8 * math.Sin(u*float64(k%s.Width)+v*float64(k/s.Width)+p))
			}
		}
	}
	return im
}
