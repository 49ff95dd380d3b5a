package didd

import (
	"fmt"
	"math"

	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
)

// labelOptions are those of a classifier on the common code that learns from the labels of the
// source, and of what it then allows. None of them is the paper's.
var labelOptions = later([]option.Option{
	{Name: "label.weight", Kind: option.Float, Default: 0.0, Min: 0, Max: 1e3, Doc: "weight of the cross-entropy of a classifier on the common code against the labels of the source; 0, as the reference, has neither classifier nor labels"},
	{Name: "label.rate", Kind: option.Float, Default: 1e-3, Min: 1e-9, Max: 10, Doc: "learning rate of classifiers; it falls as learning_rate does"},
	{Name: "label.pool", Kind: option.Bool, Default: true, Doc: "classify the mean of the common code over its places, not all of it"},
	{Name: "label.norm", Kind: option.Choice, Default: "none", Choices: []string{"none", "separate", "target"},
		Doc: "batch normalisation before the classifier, of each domain by itself: with running statistics that follow both, or the target alone"},
	{Name: "label.dropout", Kind: option.Float, Default: 0.5, Min: 0, Max: 0.99, Doc: "share of the classifier's inputs that a step leaves out"},
	{Name: "label.warmup", Kind: option.Int, Default: 1000, Min: 0, Max: 1e7, Doc: "steps before the classifier's view of the target counts: entropy, information, conditional, pseudo, translated, consistency and agreement"},
	{Name: "label.ramp", Kind: option.Int, Default: 2000, Min: 0, Max: 1e7, Doc: "steps over which these weights rise linearly after that; 0 has them whole at once"},
	{Name: "label.entropy", Kind: option.Float, Default: 0.0, Min: 0, Max: 1e3, Doc: "weight of the entropy of predictions on the target; alone it may put all in one class"},
	{Name: "label.information", Kind: option.Float, Default: 0.0, Min: 0, Max: 1e3, Doc: "weight of that entropy less the entropy of the mean prediction, which has every class used"},
	{Name: "label.conditional", Kind: option.Bool, Default: false, Doc: "the discriminator sees a random map of the common code together with the predictions"},
	{Name: "label.map", Kind: option.Int, Default: 512, Min: 1, Max: 1 << 16, Doc: "width of that map"},
	{Name: "label.pseudo", Kind: option.Float, Default: 0.0, Min: 0, Max: 1e3, Doc: "weight of the cross-entropy of the target against the classes of the nearest centroids, of the half of its images that are surest, and of more and more towards the end"},
	{Name: "label.refresh", Kind: option.Int, Default: 500, Min: 1, Max: 1e6, Doc: "steps after which these classes are found anew"},
	{Name: "label.translated", Kind: option.Float, Default: 0.0, Min: 0, Max: 1e3, Doc: "weight of the cross-entropy of source images as translated to the target; it trains common encoder and classifier alone"},
	{Name: "label.consistency", Kind: option.Float, Default: 0.0, Min: 0, Max: 1e3, Doc: "weight of the mean absolute change of a common code by that translation"},
	{Name: "label.teacher", Kind: option.Float, Default: 0.0, Min: 0, Max: 0.999999, Doc: "decay of moving averages of common encoder and classifier, by which the classifier then reads images; 0 keeps none"},
	{Name: "label.agreement", Kind: option.Float, Default: 0.0, Min: 0, Max: 1e3, Doc: "weight of the squared difference, the mean over classes, of predictions on the target from those that the averages make of the same images moved a little"},
	{Name: "label.translation", Kind: option.Float, Default: 2.0, Min: 0, Max: 64, Doc: "pixels by which these are moved at most, either way"},
	{Name: "label.noise", Kind: option.Float, Default: 0.1, Min: 0, Max: 10, Doc: "standard deviation of what is added to each of their values, of a range of 2"},
	{Name: "label.changes", Kind: option.Int, Default: 0, Min: 0, Max: 100, Doc: "that images of the target have been through when their predictions are to agree with those of the averages, drawn from eight: moved, turned, slanted, zoomed, lit otherwise, blurred, strokes thickened, a square hidden; 0: they are as they are"},
	{Name: "label.private", Kind: option.Float, Default: 0.0, Min: 0, Max: 1e3, Doc: "weight of the cross-entropy of a classifier on the source's separate code, whose gradient the encoder gets reversed"},
})

// later says of options that they came when there were runs without them.
func later(options []option.Option) []option.Option {
	for i := range options {
		options[i].Later = true
	}
	return options
}

// lateTerms are the weights that wait for the warm-up.
var lateTerms = []string{"label.entropy", "label.information", "label.pseudo", "label.translated", "label.consistency", "label.agreement"}

// checkLabels finds terms without the classifier that they take, and some that would never begin.
func checkLabels(o option.Values) (out []option.Error) {
	fault := func(name, format string, args ...any) {
		out = append(out, option.Error{Option: "model." + name, Problem: fmt.Sprintf(format, args...)})
	}
	learns := o.Float("label.weight") > 0
	for _, name := range append(lateTerms, "label.private") {
		if w := o.Float(name); w > 0 && !learns {
			fault(name, "%v, but no classifier learns; give model.label.weight", w)
		}
	}
	if d := o.Float("label.teacher"); d > 0 && !learns {
		fault("label.teacher", "%v, but no classifier learns; give model.label.weight", d)
	}
	if w := o.Float("label.agreement"); w > 0 && o.Float("label.teacher") == 0 {
		fault("label.agreement", "%v, but there are no averages to agree with; give model.label.teacher", w)
	}
	if n := o.Int("label.changes"); n > 0 && o.Float("label.agreement") == 0 {
		fault("label.changes", "%d, but nothing has to agree; give model.label.agreement", n)
	}
	if o.Bool("label.conditional") && !learns {
		fault("label.conditional", "true, but no classifier learns; give model.label.weight")
	}
	if o.Bool("label.conditional") && o.Float("loss.confusion") == 0 {
		fault("label.conditional", "true, but model.loss.confusion 0 trains no discriminator")
	}
	if n, all := o.Int("label.warmup"), o.Int("train.iterations"); learns && waits(o) && n >= all {
		fault("label.warmup", "%d, but the training ends after %d steps, before what waits for it begins", n, all)
	}
	return out
}

// waits says whether something waits for the warm-up.
func waits(o option.Values) bool {
	for _, name := range lateTerms {
		if o.Float(name) > 0 {
			return true
		}
	}
	return o.Bool("label.conditional")
}

// risen is the factor at a step of what waits for the warm-up.
func risen(o option.Values, step int) float64 {
	over := step - o.Int("label.warmup")
	switch ramp := o.Int("label.ramp"); {
	case over < 0:
		return 0
	case over >= ramp:
		return 1
	default:
		return float64(over) / float64(ramp)
	}
}

// conditional says whether the discriminator sees predictions.
func (m *Model) conditional() bool { return m.options.Bool("label.conditional") }

// phases are one, in which the classes of the target's images are found where they count.
func phases(c models.Config) []models.Phase {
	p := models.Phase{Name: "train", Steps: c.Options.Int("train.iterations"), Shows: [2]bool{true, true}}
	if c.Options.Float("label.pseudo") > 0 {
		p.RefreshEvery = c.Options.Int("label.refresh")
	}
	return []models.Phase{p}
}

// confusionWeight is that of the encoder's loss against the discriminator on A, and on B, at a
// step: constant, or, of the reversed gradient of the discriminator's mean loss, negative and
// growing by 2/(1+exp(−10p)) − 1 (Y. Ganin et al., JMLR 17 (2016)); a discriminator that sees
// predictions waits for them.
func confusionWeight(o option.Values, step int) float64 {
	w := o.Float("loss.confusion")
	if o.String("loss.confusion_target") == "reverse" {
		progress := float64(step) / float64(o.Int("train.iterations"))
		w *= -0.5 * (2/(1+math.Exp(-10*progress)) - 1)
	}
	if o.Bool("label.conditional") {
		w *= risen(o, step)
	}
	return w
}
