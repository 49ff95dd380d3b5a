package evaluate

import (
	"fmt"
	"math"

	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/reports"
)

func init() {
	addEvaluation(evaluation{name: "diagnosis", doc: "are the codes as the method wants them: separate codes silent on the other domain, nothing collapsed",
		order: 20, version: 2, wants: wantsParts, do: (*Subject).diagnose})
}

// Bounds of the diagnosis. A code channel whose variance over images is below
// collapsedVariance times the mean variance of its block carries nothing.
const (
	zeroBound         = 0.05
	l1Bound           = 0.12
	residualBound     = 0.25
	discriminatorHigh = 0.95
	collapsedVariance = 1e-4
	collapsedShare    = 0.25
	emptyVariance     = 1e-12 // of a whole code: nothing was ever put there
)

// diagnose answers what a user of the method asks first, on held-out images: is
// the separate code of the other domain near zero, does the own one carry
// anything, do the codes together still hold the image, can the discriminator still tell the domains apart, has the common code
// collapsed?
func (w *Subject) diagnose(c *Codes) error {
	add := func(name string, value float64, ok bool, want, note string) {
		check := reports.Check{Name: name, Value: value, Want: want, OK: ok}
		if !ok {
			check.Note = note
			w.warn("%s is %.4g, want %s: %s", name, value, want, note)
		}
		w.Results.Diagnosis = append(w.Results.Diagnosis, check)
	}
	own := [2]*models.Block{c[0][testSplit].Of(models.SeparateA), c[1][testSplit].Of(models.SeparateB)}
	other := [2]*models.Block{c[1][testSplit].Of(models.SeparateA), c[0][testSplit].Of(models.SeparateB)}
	for i, letter := range []string{"a", "b"} {
		foreign := [2]string{"b", "a"}[i]
		z := meanAbs(other[i])
		add(fmt.Sprintf("%s%s on %s", reports.ZeroLossCheck, letter, foreign), z, z < zeroBound, fmt.Sprintf("below %g", zeroBound),
			"the separate encoder answers to what both domains share; train longer or raise model.loss.zero")
		ratio, of := 1.0, variance(own[i])
		if of > emptyVariance { // an empty code varies as little on the other domain
			ratio = variance(other[i]) / of
		}
		add(fmt.Sprintf("variance of separate code %s on %s over that on %s", letter, foreign, letter), ratio, ratio < residualBound, fmt.Sprintf("below %g", residualBound),
			"the separate code carries little of its own domain, so guides are ignored; try model.loss.zero_warmup or longer training")
	}
	for _, r := range w.Results.Reconstruction {
		add("reconstruction L1 on "+r.Domain, r.L1.Value, r.L1.Value < l1Bound, fmt.Sprintf("below %g", l1Bound),
			"the codes do not hold the image; train longer, or widen the model (model.base, model.separate)")
	}
	for i, letter := range []string{"a", "b"} {
		share := collapsed(c[i][testSplit].Of(models.Common))
		add("collapsed channels of the common code on "+letter, share, share < collapsedShare, fmt.Sprintf("below %g", collapsedShare),
			"most of the common code does not vary between images")
	}
	accuracy, ok, err := w.discriminatorAccuracy(c)
	if err != nil || !ok {
		return err
	}
	add("discriminator accuracy", accuracy, accuracy < discriminatorHigh, fmt.Sprintf("below %g", discriminatorHigh),
		"the common code still tells the domains apart; raise model.loss.confusion")
	return nil
}

func meanAbs(b *models.Block) float64 {
	var s float64
	for _, v := range b.Data {
		s += math.Abs(float64(v))
	}
	return s / float64(len(b.Data))
}

// variance is the total variance between images, n in the denominator.
func variance(b *models.Block) float64 {
	var total float64
	for _, v := range variances(b) {
		total += v
	}
	return total
}

func variances(b *models.Block) []float64 {
	out := make([]float64, b.D)
	for j := range b.D {
		var sum, square float64
		for i := range b.N {
			sum += float64(b.Data[i*b.D+j])
		}
		mean := sum / float64(b.N)
		for i := range b.N {
			d := float64(b.Data[i*b.D+j]) - mean
			square += d * d
		}
		out[j] = square / float64(b.N)
	}
	return out
}

// collapsed is the share of channels without variance between images.
func collapsed(b *models.Block) float64 {
	v := variances(b)
	places := b.D / b.Channels
	bound := variance(b) / float64(b.Channels) * collapsedVariance
	count := 0
	for c := range b.Channels {
		var s float64
		for _, x := range v[c*places : (c+1)*places] {
			s += x
		}
		if s <= bound {
			count++
		}
	}
	return float64(count) / float64(b.Channels)
}

// discriminatorAccuracy is how well the model's discriminator tells the domains of held-out
// images, the mean of the shares told rightly of either; ok is false where there is none.
func (w *Subject) discriminatorAccuracy(c *Codes) (accuracy float64, ok bool, err error) {
	teller, can := w.Model.(models.Discriminator)
	if !can {
		return 0, false, nil
	}
	for side := range c {
		logits, err := teller.Discriminate(c[side][testSplit])
		if err != nil || logits == nil {
			return 0, false, err
		}
		hits := 0
		for _, v := range logits.Data {
			if (v > 0) == (side == 0) {
				hits++
			}
		}
		accuracy += float64(hits) / float64(2*logits.N)
	}
	return accuracy, true, nil
}
