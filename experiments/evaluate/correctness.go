package evaluate

import (
	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments/evaluate/factors"
	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/metrics/correctness"
)

func init() {
	addEvaluation(evaluation{name: "correctness", doc: "which factors guided translations of drawn data move, each read by the nearest exact render",
		order: 112, version: 3, wants: wants(wantsTranslator, wantsRenders, wantsFactors, wantsScales), do: (*Subject).correctness})
}

func wantsScales(w *Subject, _ *Codes) string {
	for _, d := range w.Domains {
		if _, ok := d.Render.(domains.ScaledRenderer); !ok {
			return "the drawn data do not say which values of their factors are told apart"
		}
	}
	return ""
}

const (
	correctnessPairs     = 200 // of a direction, at most: each is compared with some fifty renders
	correctnessResamples = 1000
)

// correctness reads every factor of translations a->b and b->a, the first of the pairs that other scores take, and scores
// which moved; and the same of pairs put together of what reconstructions show.
func (w *Subject) correctness(c *Codes) error {
	r := factors.NewReader(w.Domains)
	var pairs, again []correctness.Pair
	for d, t := range translations[correctness.AToB : correctness.BToA+1] {
		as, ok := w.asked(t)
		if !ok {
			w.skip("correctness "+t.name, "the model cannot do it")
			continue
		}
		is, gs, _ := w.pairs(t)
		n := min(len(is), correctnessPairs)
		out, err := w.translated(as, c, is[:n], gs[:n])
		if err != nil {
			return err
		}
		read := make([]correctness.Pair, n)
		parallel.For(n, func(p int) { read[p] = r.Translated(correctness.Direction(d), is[p], gs[p], out.At(p)) })
		pairs = append(pairs, read...)
		if read, err = w.reconstructedPairs(c, r, correctness.Direction(d), is[:n], gs[:n]); err != nil {
			return err
		}
		again = append(again, read...)
	}
	if len(pairs) == 0 {
		return nil
	}
	result, err := correctness.Scores(r.Factors(), pairs, correctnessResamples, w.Seed)
	if err != nil {
		return err
	}
	for _, text := range result.Warnings {
		w.warn("correctness: %s", text)
	}
	w.Results.Correctness = result.Scores
	if len(again) == 0 {
		w.skip("correctness of reconstructions", "the model does not make an image again")
		return nil
	}
	// Of the same contents and guides, so that its warnings are those that have been given.
	if result, err = correctness.Scores(r.Factors(), again, correctnessResamples, w.Seed); err != nil {
		return err
	}
	for i := range result.Scores {
		result.Scores[i].Resamples = nil // nothing is paired with them
	}
	w.Results.Reconstructed = result.Scores
	return nil
}

// reconstructedPairs are pairs of contents and guides by what the two show where each is made again. A swap by the same codes
// and decoder can be hardly better. None where the model does not make images again.
func (w *Subject) reconstructedPairs(c *Codes, r *factors.Reader, d correctness.Direction, is, gs []int) ([]correctness.Pair, error) {
	var made [2]*domains.Images // of contents, of guides
	sides := [2]domains.Side{domains.Side(d), 1 - domains.Side(d)}
	for k, rows := range [2][]int{is, gs} {
		t := identity(sides[k])
		if !w.can(t.Edit) {
			return nil, nil
		}
		var err error
		if made[k], err = w.translated(t, c, rows, rows); err != nil {
			return nil, err
		}
	}
	out := make([]correctness.Pair, len(is))
	parallel.For(len(is), func(p int) {
		out[p] = r.Reconstructed(d, is[p], gs[p], made[0].At(p), made[1].At(p))
	})
	return out, nil
}
