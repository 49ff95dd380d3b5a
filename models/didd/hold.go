package didd

import (
	"fmt"

	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
)

// holdOptions keep the discriminator from winning or losing: the weight of the encoder's loss
// against it follows its accuracy on the batch.
//
// Diff-CA: separating common and salient factors with diffusion models, 2026, arXiv 2606.06120,
// which holds 0.70 to 0.80.
var holdOptions = later([]option.Option{
	{Name: "loss.confusion_hold", Kind: option.Float, Default: 0.0, Min: 0, Max: 0.95,
		Doc: "accuracy at which the discriminator is held: a step by which it is above this by more than 0.05 divides the confusion weight by 0.999, one below by more multiplies it (Diff-CA, arXiv 2606.06120, which has 0.75); 0, as the reference, keeps the weight"},
})

// The half width of the range in which nothing changes, and what a step outside changes.
const (
	holdWidth  = 0.05
	holdFactor = 0.999
)

// checkHold finds an accuracy below chance and a hold without a discriminator.
func checkHold(o option.Values) (out []option.Error) {
	accuracy := o.Float("loss.confusion_hold")
	fault := func(problem string) {
		out = append(out, option.Error{Option: "model.loss.confusion_hold", Problem: fmt.Sprintf("%v, ", accuracy) + problem})
	}
	if accuracy > 0 && accuracy < 0.5 {
		fault("below the 0.5 of a discriminator that guesses; want 0, or 0.5 to 0.95")
	}
	if accuracy > 0 && o.Float("loss.confusion") == 0 {
		fault("but model.loss.confusion 0 trains no discriminator")
	}
	return out
}

// A hold is the factor of the confusion weight that follows the discriminator's accuracy.
type hold struct {
	accuracy float64
	scale    *models.Parameter // kept, so that a resumed training goes on with it
}

// newHold adds the factor, 1 at first; nil without.
func newHold(o option.Values, ps *models.Parameters) *hold {
	if o.Float("loss.confusion_hold") == 0 {
		return nil
	}
	h := &hold{accuracy: o.Float("loss.confusion_hold"), scale: ps.Add("confusion/scale", true, 1)}
	h.scale.Fill(1)
	return h
}

// factor is that of the step's confusion weight.
func (h *hold) factor() float64 {
	if h == nil {
		return 1
	}
	return float64(h.scale.Data[0])
}

// follow moves the factor after a step with an accuracy.
func (h *hold) follow(accuracy float64) {
	switch {
	case accuracy > h.accuracy+holdWidth:
		h.scale.Data[0] /= holdFactor
	case accuracy < h.accuracy-holdWidth:
		h.scale.Data[0] *= holdFactor
	}
}
