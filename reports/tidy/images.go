package tidy

import (
	"github.com/venn-adapt/venn/metrics/correctness"
	"github.com/venn-adapt/venn/reports"
)

// noGuide is said of scores of a guide that the model has not seen.
const noGuide = "the model takes no guide"

// images adds scores of images that a model makes.
func (b *builder) images(r *reports.Results) {
	for _, t := range r.Translation {
		key := Row{Part: "translation", Scope: t.Direction, N: int64(t.Pairs)}
		b.add(key, "L1", &t.L1)
		b.add(key, "ratio", &t.Ratio)
		if t.Guide != nil {
			if t.Unguided {
				key.Note = noGuide
			}
			b.add(key, "guide", t.Guide)
		}
	}
	b.correctness("correctness", r.Correctness)
	b.correctness("correctness of reconstructions", r.Reconstructed)
	for _, c := range r.Reconstruction {
		key := Row{Part: "reconstruction", Scope: c.Domain}
		b.estimate(key, "L1", &c.L1)
		b.estimate(key, "PSNR", &c.PSNR)
		b.estimate(key, "SSIM", c.SSIM)
	}
	if r.Faces != nil {
		b.faces(r.Faces)
	}
	if r.System == nil {
		return
	}
	if d := r.System.Diversity; d != nil {
		b.add(Row{Part: "systems"}, "diversity", d)
	}
	for _, c := range r.System.Capabilities {
		key := Row{Part: "capabilities", Scope: c.Name, Note: c.Reason}
		metric := c.Measure
		if c.Value == nil {
			metric = "can" // 1 or 0: nothing here measures how well
			can := 0.0
			if c.Can {
				can = 1
			}
			b.add(key, metric, &can)
			continue
		}
		b.add(key, metric, c.Value).within(c.Interval)
	}
}

// correctness adds which factors moved.
func (b *builder) correctness(part string, scores []correctness.Score) {
	for _, c := range scores {
		key := Row{Part: part, Row: c.Factor, Scope: c.Direction, N: int64(c.N)}
		b.add(key, c.Name, c.Value).within(c.Interval)
	}
}

// faces adds what judges see.
func (b *builder) faces(f *reports.Faces) {
	for _, j := range f.Judged {
		key := Row{Part: "judges", Row: j.Judge, Selector: j.Attribute}
		b.add(key, "share", &j.Share)
		b.estimate(key, "accuracy", &j.Accuracy)
		b.add(key, "balanced accuracy", &j.Balanced)
	}
	b.estimate(Row{Part: "judges"}, "agreement", &f.Agreement)
	b.add(Row{Part: "judges"}, "changed", &f.Changed)
	for _, s := range f.Rows {
		key := Row{Part: "judged", Row: s.System, Scope: s.Direction}
		if s.Unguided {
			key.Note = noGuide
		}
		for _, m := range []struct {
			name string
			e    *reports.Estimate
		}{{"target", s.Target}, {"source", s.Source}, {"wanted", s.Wanted}, {"agreement", s.Agreement}, {"content", s.Content}, {"preservation", s.Preservation},
			{"outside", s.Outside}, {"guide", s.Guide}, {"Frechet", s.Frechet}, {"KID", s.KID}} {
			b.estimate(key, m.name, m.e)
		}
	}
}
