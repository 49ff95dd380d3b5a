package evaluate

import (
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/internal/check"
	"github.com/venn-adapt/venn/models"
)

func matrixOf(rows [][]float64) *mat.Dense {
	m := mat.NewDense(len(rows), len(rows[0]), nil)
	for i, r := range rows {
		m.SetRow(i, r)
	}
	return m
}

// told is a display that says nothing.
type told struct{}

func (told) Stage(string, int, int) {}
func (told) Step(int, []runs.Value) {}
func (told) End()                   {}

// shades are n images of 2 x 2 pixels, each of a shade of its own.
func shades(side, n int) *domains.Images {
	out := &domains.Images{Shape: domains.Shape{Channels: 1, Height: 2, Width: 2}}
	for i := range n {
		for p := range 4 {
			out.Data = append(out.Data, float32(16*side+i)/64+float32(p)/256)
		}
	}
	return out
}

// A taker takes images apart by pixels: the first two are common, the third is what a has
// of its own and the fourth what b has.
type taker struct{}

func (taker) Step(int, *models.Batch) ([]models.Loss, error) { return nil, nil }
func (taker) Parameters() *models.Parameters                 { return models.NewParameters() }
func (taker) Optimisers() []*models.Optimiser                { return nil }

func (taker) Encode(images *domains.Images) (models.Codes, error) {
	n := images.Len()
	c := models.Codes{models.NewBlock(models.Common, n, 2, 1), models.NewBlock(models.SeparateA, n, 1, 1), models.NewBlock(models.SeparateB, n, 1, 1)}
	for i := range n {
		px := images.At(i)
		copy(c[0].Row(i), px[:2])
		c[1].Row(i)[0], c[2].Row(i)[0] = px[2], px[3]
	}
	return c, nil
}

func (taker) Decode(n int, c models.Codes) (*domains.Images, error) {
	out := &domains.Images{Shape: domains.Shape{Channels: 1, Height: 2, Width: 2}, Data: make([]float32, 4*n)}
	for i := range n {
		px := out.At(i)
		for _, b := range c {
			if b == nil {
				continue
			}
			copy(px[map[models.Role]int{models.Common: 0, models.SeparateA: 2, models.SeparateB: 3}[b.Role]:], b.Row(i))
		}
	}
	return out, nil
}

// The comparisons of these tests.
var equal, closeTo = check.Equal, check.Close
