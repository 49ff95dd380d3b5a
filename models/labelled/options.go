package labelled

import (
	"fmt"
	"math/bits"
	"strings"

	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
)

// Defaults are those in which systems differ.
type Defaults struct {
	Reconstruction, Classes, Rate, Strength float64
}

// Options are those of every system.
func Options(d Defaults) []option.Option {
	return []option.Option{
		{Name: "strength", Kind: option.Float, Default: d.Strength, Min: 0.01, Max: 10, Doc: "of edits: 1 asks for labels as in training, 1.5 for those that AttGAN and STGAN were published with"},
		{Name: "loss.reconstruction", Kind: option.Float, Default: d.Reconstruction, Min: 0, Max: 1e4, Doc: "weight of the L1 distance of an image and what the generator makes of it with its own labels"},
		{Name: "loss.classes", Kind: option.Float, Default: d.Classes, Min: 0, Max: 1e4, Doc: "weight, for the generator, of the wanted labels that the critic does not see in an edited image"},
		{Name: "loss.adversarial", Kind: option.Float, Default: 1.0, Min: 0, Max: 1e4, Doc: "weight, for the generator, of how little real the critic finds an edited image"},
		{Name: "loss.critic_classes", Kind: option.Float, Default: 1.0, Min: 0, Max: 1e4, Doc: "weight, for the critic, of the labels of real images"},
		{Name: "loss.penalty", Kind: option.Float, Default: 10.0, Min: 0, Max: 1e4, Doc: "weight of the critic's gradient penalty"},
		{Name: "critic.noise", Kind: option.Float, Default: 0.0, Min: 0, Max: 10, Doc: "standard deviation of what is added to each value, of a range of 2, of all images that the critic reads: no edit below it passes for a label (C. K. Sønderby et al., ICLR 2017, arXiv 1610.04490)", Later: true},
		{Name: "train.critic_steps", Kind: option.Int, Default: 5, Min: 1, Max: 100, Doc: "updates of the critic a step, each on its part of the batch"},
		{Name: "train.learning_rate", Kind: option.Float, Default: d.Rate, Min: 1e-9, Max: 10, Doc: "of both Adam optimisers"},
		{Name: "train.betas", Kind: option.Floats, Default: []float64{0.5, 0.999}, Length: 2, Min: 0, Max: 0.999999, Doc: "decay of Adam's moments"},
	}
}

// Decay is the option of a rate that falls at the end of a training, and Decayed its factor.
var Decay = option.Option{Name: "train.decay", Kind: option.Float, Default: 0.5, Min: 0, Max: 1, Doc: "share of the iterations, at the end, over which both rates fall linearly to zero"}

// Decayed is the factor of a learning rate by the option Decay.
func Decayed(o option.Values, progress float64) float64 {
	if span := o.Float("train.decay"); span > 0 {
		return min(1, (1-progress)/span)
	}
	return 1
}

// Check finds what single bounds cannot: image sizes that networks of halvings do not have, and
// batches that do not fall into equal parts.
func Check(c models.Config, again bool) []option.Error {
	out := CheckSize(c)
	if n, parts := c.Options.Int("train.batch"), partsOf(c.Options, again); n%parts != 0 {
		of := fmt.Sprintf("%d updates of the critic", c.Options.Int("train.critic_steps"))
		if !again {
			of += " and one of the generator"
		}
		out = append(out, option.Error{Option: "model.train.batch", Problem: fmt.Sprintf("%d, want a multiple of %d: as many images for each of %s (model.train.critic_steps)", n, parts, of)})
	}
	return out
}

// CheckSize finds image sizes that networks of halvings do not have.
func CheckSize(c models.Config) (out []option.Error) {
	if side := c.Shape.Height; side != c.Shape.Width || side < 16 || side > 256 || bits.OnesCount(uint(side)) != 1 {
		out = append(out, option.Error{Option: "image.size", Problem: fmt.Sprintf("%d, want 16, 32, 64, 128 or 256", side)})
	}
	return out
}

func isBias(name string) bool { return strings.HasSuffix(name, "/bias") }
