package experiments

import (
	"fmt"
	"math"
	"slices"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
)

// A tint learns the mean image of either domain and moves a content by their difference.
type tint struct{ means *models.Parameters }

func (m *tint) Parameters() *models.Parameters  { return m.means }
func (m *tint) Optimisers() []*models.Optimiser { return nil }

// Step moves the means towards those of the batch, the more slowly the more steps there were.
func (m *tint) Step(step int, b *models.Batch) ([]models.Loss, error) {
	var losses []models.Loss
	var by [2][]float32
	for side, name := range []string{"mean/a", "mean/b"} {
		x, mean, off := b.Images[side], m.means.Get(name).Data, 0.0
		by[side] = make([]float32, len(mean))
		for k := range mean {
			for i := range x.Len() {
				by[side][k] += x.At(i)[k] / float32(x.Len())
			}
			by[side][k] -= mean[k]
			off += math.Abs(float64(by[side][k])) / float64(len(mean))
		}
		losses = append(losses, models.Loss{Name: name, Value: off})
	}
	if err := models.CheckFinite("tint", step+1, losses, nil); err != nil {
		return nil, err // before anything moves
	}
	for side, name := range []string{"mean/a", "mean/b"} {
		for k, v := range by[side] {
			m.means.Get(name).Data[k] += v / float32(step+1)
		}
	}
	return losses, nil
}

// Edits are a switch from either domain, without a guide.
func (m *tint) Edits() []models.Edit {
	var out []models.Edit
	for side := range domains.Side(2) {
		e := models.Edit{Content: side}
		e.Own[1-side] = models.Any
		out = append(out, e)
	}
	return out
}

func (m *tint) Translate(e models.Edit, contents, _ *domains.Images) (*domains.Images, error) {
	if !slices.Contains(m.Edits(), e) {
		return nil, fmt.Errorf("models: tint: it does not do %v", e)
	}
	from, to := m.means.Get(fmt.Sprintf("mean/%s", e.Content)).Data, m.means.Get(fmt.Sprintf("mean/%s", 1-e.Content)).Data
	out := &domains.Images{Shape: contents.Shape}
	for i := range contents.Len() {
		for k, v := range contents.At(i) {
			out.Data = append(out.Data, min(max(v+to[k]-from[k], -1), 1))
		}
	}
	return out, nil
}

func init() {
	models.Methods.Add("tint", models.Method{
		Name: "tint", Doc: "the difference of mean images", Citation: "none", Version: 1,
		Loop:    models.Loop{Iterations: 20, Batch: 8, LogEvery: 10},
		Options: []option.Option{},
		New: func(c models.Config) (models.Model, error) {
			m := &tint{models.NewParameters()}
			m.means.Add("mean/a", false, c.Shape.Len())
			m.means.Add("mean/b", false, c.Shape.Len())
			return m, nil
		},
	})
}
