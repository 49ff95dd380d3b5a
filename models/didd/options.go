package didd

import (
	"fmt"
	"math/bits"
	"slices"

	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
)

func init() {
	models.Methods.Add("didd", models.Method{
		Name:     "didd",
		Doc:      "common and separate codes of two unpaired domains by reconstruction, zero and confusion losses",
		Citation: "S. Benaim, M. Khaitov, T. Galanti, L. Wolf, Domain Intersection and Domain Difference, ICCV 2019, arXiv 1908.11628",
		Version:  1,
		Loop:     models.Loop{Iterations: 20000, Batch: 32},
		Needs:    models.Needs{LabelsBy: "label.weight"},
		Options:  options,
		New:      newMethod,
		Phases:   phases,
		Check:    check,
	})
}

var options = slices.Concat([]option.Option{
	{Name: "separate", Kind: option.Int, Default: 8, Min: 1, Max: 256, Doc: "channels of each separate code"},
	{Name: "separate_noise", Kind: option.Float, Default: 0.0, Min: 0, Max: 100,
		Doc: "standard deviation of normal noise on the separate codes that the decoder sees in training, which bounds what they can carry; 0, as the reference, adds none"},
	{Name: "slots", Kind: option.Choice, Default: ownSlot, Choices: []string{ownSlot, bothSlots, flagSlot}, Later: true,
		Doc: "where the decoder gets an image's own separate code: in its domain's slot beside zeros, in both slots (the reference's no_flag), or, with no slot of its own, in the first beside zeros for a and ones for b (its one_encoding)"},
	{Name: "code_side", Kind: option.Int, Default: 2, Min: 2, Max: 64, Later: true,
		Doc: "side of the planes of codes, a power of two: networks have a stage for each halving of the images down to it, and with it fewer channels; 2 is the reference's"},
	{Name: "base", Kind: option.Int, Default: 32, Min: 4, Max: 128, Doc: "channels of the first stage; 32 is the reference's"},
	{Name: "common", Kind: option.Int, Default: 0, Min: 0, Max: 8192, Later: true,
		Doc: "channels of the common code; 0, as the reference: what separate codes leave of the channels of the decoder's first stage"},
	{Name: "spectral_norm", Kind: option.Bool, Default: true, Doc: "spectral normalisation of every weight but the last of the decoder"},
	{Name: "spectral_iterations", Kind: option.Int, Default: 1, Min: 1, Max: 100, Doc: "power iterations of the spectral norms a training forward pass; the reference, which passes each domain by itself, makes 2"},
	{Name: "norm.last", Kind: option.Choice, Default: "none", Choices: []string{"none", "common", "all"},
		Doc: "which encoders end in instance normalisation; the reference's `all` keeps the zero loss at 0.42 a term at least"},
	{Name: "norm.separate", Kind: option.Bool, Default: true, Later: true, Doc: "instance normalisation in the encoders of separate codes, which takes the strength of what little they see from them"},
	{Name: "norm.common_stage2", Kind: option.Bool, Default: false, Doc: "instance normalisation in stage 2 of the common encoder, which the reference lacks by a slip"},
	{Name: "loss.reconstruction", Kind: option.Float, Default: 1.0, Min: 0, Max: 1e3, Doc: "weight of the L1 reconstruction"},
	{Name: "loss.zero", Kind: option.Float, Default: 1.0, Min: 0, Max: 1e3, Doc: "weight of the mean absolute separate code of the other domain"},
	{Name: "loss.zero_warmup", Kind: option.Int, Default: 0, Min: 0, Max: 1e7, Doc: "steps over which the zero weight rises linearly from 0; 0 starts at full weight as the reference does"},
	{Name: "loss.confusion", Kind: option.Float, Default: 0.001, Min: 0, Max: 1e3, Doc: "weight of the adversarial loss on the common code; 0 trains no discriminator"},
	{Name: "loss.confusion_target", Kind: option.Choice, Default: "b", Choices: []string{"b", "swap", "half", "reverse"},
		Doc: "label that the encoder aims at: both domains b (the reference), each the other, one half, or each its own with the gradient reversed, which then grows by 2/(1+exp(-10 p)) - 1"},
	{Name: "train.learning_rate", Kind: option.Float, Default: 2e-4, Min: 1e-9, Max: 10, Doc: "of both Adam optimisers"},
	{Name: "train.decay", Kind: option.Float, Default: 0.0, Min: 0, Max: 1, Doc: "share of the iterations, at the end, over which both rates fall linearly to zero; 0 keeps them, as the reference does"},
	{Name: "train.discriminator_rate", Kind: option.Float, Default: 0.0, Min: 0, Max: 10, Doc: "learning rate of the discriminator; 0 takes learning_rate"},
	{Name: "train.betas", Kind: option.Floats, Default: []float64{0.5, 0.999}, Length: 2, Min: 0, Max: 0.999999, Doc: "decay of Adam's moments"},
	{Name: "train.clip", Kind: option.Float, Default: 5.0, Min: 0, Max: 1e6, Doc: "bound on the global gradient norm of the auto-encoder; 0 does not clip"},
	{Name: "train.clip_discriminator", Kind: option.Bool, Default: false, Doc: "clip the discriminator too; in the reference that clip is inert"},
	{Name: "train.average", Kind: option.Float, Default: 0.0, Min: 0, Max: 0.999999, Doc: "decay of an exponential moving average of the decoder, which then makes all images; 0, as the reference, keeps none"},
	{Name: "train.average_encoders", Kind: option.Bool, Default: false, Later: true, Doc: "average the encoders as well, which then make all codes: else the averaged decoder lags behind encoders that still move, and draws what they no longer mean"},
}, labelOptions, imageOptions, pinOptions, independenceOptions, holdOptions, cycleOptions, pasteOptions, swappedOptions, adversaryOptions, regionOptions, ownedOptions, turnedOptions)

// fewestStages leave the common encoder a first stage, one without a norm and one to its code.
const fewestStages = 3

// check finds what single bounds cannot: image sizes without a table, and separate
// codes that leave no common channels.
func check(c models.Config) []option.Error {
	out := models.CheckSide(c.Shape)
	if len(out) > 0 {
		return out
	}
	side := c.Options.Int("code_side")
	stages := codeStages(c.Shape.Height, side)
	if bits.OnesCount(uint(side)) != 1 || stages < fewestStages {
		return []option.Error{{Option: "model.code_side", Problem: fmt.Sprintf("%d is none of the sides that images of %d pixels can have codes of: powers of two from 2 to %d", side, c.Shape.Height, c.Shape.Height>>fewestStages)}}
	}
	width := decoderWidth(stages, c.Options.Int("base"))
	s, common := c.Options.Int("separate"), c.Options.Int("common")
	if common == 0 && 2*s >= width {
		out = append(out, option.Error{Option: "model.separate", Problem: fmt.Sprintf("%d leaves no common channels of %d; at most %d", s, width, (width-1)/2)})
	} else if s >= width {
		out = append(out, option.Error{Option: "model.separate", Problem: fmt.Sprintf("%d leaves no channels of %d before the common code; at most %d", s, width, width-1)})
	}
	return slices.Concat(out, checkSlots(c.Options), checkLabels(c.Options), checkIndependence(c.Options), checkHold(c.Options), checkCycle(c.Options), checkPaste(c.Options), checkSwapped(c.Options), checkAdversary(c.Options), checkRegion(c.Options), checkOwned(c.Options), checkAverage(c.Options))
}

// checkAverage finds encoders that are to be averaged with no decay, or beside a classifier, which reads the codes
// of the encoder as it is trained.
func checkAverage(o option.Values) (out []option.Error) {
	if !o.Bool("train.average_encoders") {
		return nil
	}
	if o.Float("train.average") == 0 {
		out = append(out, option.Error{Option: "model.train.average_encoders", Problem: "true, but nothing is averaged; give model.train.average"})
	}
	if w := o.Float("label.weight"); w > 0 {
		out = append(out, option.Error{Option: "model.train.average_encoders", Problem: fmt.Sprintf("true, but the classifier of model.label.weight %v reads the codes of the encoder that is trained; give 0", w)})
	}
	return out
}
