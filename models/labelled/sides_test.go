package labelled_test

import (
	"testing"

	"github.com/venn-adapt/venn/internal/golden"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/modelstest"
)

// Each system makes a step and an edit at every size of images; the code of those that have one
// is of 4 x 4 places.
func TestSides(t *testing.T) {
	for name := range small {
		for side, places := range map[int]int{16: 16, 32: 16, 64: 16, 128: 16} {
			if testing.Short() && side > 64 {
				continue
			}
			m := newModel(t, name, side, option.Values{"base": 2, "train.critic_steps": 1})
			x := &domains.Images{Shape: domains.Shape{Channels: 3, Height: side, Width: side}, Data: make([]float32, 2*3*side*side)}
			golden.Fill(x.Data, "images", -1, 1)
			if _, err := m.Step(0, modelstest.Pair(x, x)); err != nil {
				t.Errorf("%s at %d pixels: %v", name, side, err)
				continue
			}
			y, err := m.(models.Translator).Translate(models.Edit{Content: domains.A, Own: [2]models.Slot{models.Empty, models.Any}}, x, nil)
			if err != nil || y.Shape != x.Shape || y.Len() != 2 {
				t.Errorf("%s at %d pixels: edits %v, %v", name, side, y, err)
			}
			if e, ok := m.(models.Encoder); ok != (name != "stargan") {
				t.Errorf("%s encodes: %v", name, ok)
			} else if ok {
				c, err := e.Encode(x)
				if err != nil || len(c) != 1 || c[0].Role != models.Common || c[0].D != c[0].Channels*places {
					t.Errorf("%s at %d pixels: codes %v, %v", name, side, c, err)
				}
			}
		}
	}
}
