package recipe

import (
	"math"

	"github.com/venn-adapt/venn/internal/option"
)

// lastRate is the share of the learning rate that is left at the end of its decay.
const lastRate = 0.1

// Decayed is the factor of the learning rate when a share of the training is done: 1, then
// falling linearly to lastRate over the last share decay.
func Decayed(progress, decay float64) float64 {
	if progress <= 1-decay || decay == 0 {
		return 1
	}
	return 1 - (1-lastRate)*(progress-(1-decay))/decay
}

// Ramp is the schedule of adversarial weights, 2/(1+exp(−10p)) − 1, from 0 towards 1 (Ganin
// et al., JMLR 17 (2016), section 5.2.2).
func Ramp(progress float64) float64 { return 2/(1+math.Exp(-10*progress)) - 1 }

// Warmed is ramp over what is left of the training after a share warmup, and 0 before.
func Warmed(progress, warmup float64) float64 {
	if progress <= warmup {
		return 0
	}
	return Ramp((progress - warmup) / (1 - warmup))
}

// A Schedule is a factor when a share of the training, in [0, 1), is done.
type Schedule func(progress float64) float64

// linearShare is the share of the training over which a weight rises linearly.
const linearShare = 0.2

// WeightOptions are the options of a loss on the target: its weight, of at most most, and when
// it counts.
func WeightOptions(weight, most, warmup float64, rise string) []option.Option {
	return []option.Option{
		{Name: "weight", Kind: option.Float, Default: weight, Min: 0, Max: most, Doc: "of the loss beside the cross-entropy of the source"},
		{Name: "warmup", Kind: option.Float, Default: warmup, Min: 0, Max: 1, Doc: "share of the iterations, at the start, that train on the source alone"},
		{Name: "rise", Kind: option.Choice, Default: rise, Choices: []string{"none", "linear", "ramp"},
			Doc: "how the weight rises after that: at once, linearly over a fifth of the iterations, or by 2/(1+exp(-10 p)) - 1 over all that are left"},
	}
}

// WeightSchedule is what these options say.
func WeightSchedule(o option.Values) Schedule {
	warmup, rise := o.Float("warmup"), o.String("rise")
	return func(progress float64) float64 {
		switch {
		case progress < warmup:
			return 0
		case rise == "linear":
			return min(1, (progress-warmup)/linearShare)
		case rise == "ramp":
			return Warmed(progress, warmup)
		default:
			return 1
		}
	}
}

// Length is the number of steps over which schedules run.
func (m *Model) Length() int {
	if m.Steps > 0 {
		return m.Steps
	}
	return m.Options.Int("train.iterations")
}
