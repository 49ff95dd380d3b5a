package evaluate

import (
	"fmt"
	"math"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments/evaluate/factors"
	"github.com/venn-adapt/venn/metrics/inference"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/reports"
)

const (
	slidContents   = 50 // of each domain
	strengths      = 5  // of a slider, from -0.5 to 1.5
	maskThresholds = 19 // 0.05, 0.1, ... 0.95
)

// switched is the edit that takes from a content what it has and gives it some of what it has not.
func switched(side domains.Side) models.Edit {
	e := models.Edit{Content: side}
	e.Own[1-side] = models.Any
	return e
}

// graded is the model where it switches contents of both domains by degrees, else nil.
func (w *Subject) graded() models.Graded {
	g, ok := w.translator().(models.Graded)
	if !ok || !w.can(switched(domains.A)) || !w.can(switched(domains.B)) {
		return nil
	}
	return g
}

// slides measures, of a model with strengths, whether a content comes nearer to its switched render,
// and away from itself, the stronger the edit: the mean rank correlation over contents of both
// domains.
func (w *Subject) slides() (out reports.Capability, err error) {
	graded := w.graded()
	if graded == nil {
		return reports.Capability{Reason: "it has no strength"}, nil
	}
	if out.Can = true; !w.drawn() {
		return out, nil
	}
	var sum float64
	n := 0
	for _, t := range translations[:2] {
		contents := w.draw("systems/slider/"+t.name, w.Domains[t.Content].Test.Images.Len(), slidContents)
		guides := w.draw("systems/slider/guides/"+t.name, w.Domains[1-t.Content].Test.Images.Len(), systemGuides)
		nearness := make([][]float64, len(contents))
		var steps []float64
		for k := range strengths {
			steps = append(steps, strengthOf(k))
			made, err := graded.TranslateAt(switched(t.Content), steps[k], w.Domains[t.Content].Test.Images.Take(contents))
			if err != nil {
				return out, err
			}
			for p, i := range contents {
				right := math.Inf(1)
				for _, g := range guides {
					right = min(right, factors.Distance(made.At(p), w.render(t, i, g)))
				}
				nearness[p] = append(nearness[p], factors.Distance(made.At(p), w.Domains[t.Content].Test.Images.At(i))-right)
			}
		}
		for _, values := range nearness {
			n++
			if rho, ok := inference.Spearman(steps, values); ok {
				sum += rho
			}
		}
	}
	mean := sum / float64(n)
	out.Value, out.Measure, out.Does = &mean, "rank correlation of strength and effect, above 0.5", mean > 0.5
	return out, nil
}

// sliderGrid shows contents of a domain at every strength of a switch.
func (w *Subject) sliderGrid(t translation) error {
	graded := w.graded()
	if graded == nil || w.Spec.Translate.Grid == 0 {
		return nil
	}
	rows := w.picks(w.Spec.Translate.Grid)[t.Content]
	contents := w.Domains[t.Content].Test.Images.Take(rows)
	columns := make([]*domains.Images, strengths)
	labels := []string{"content"}
	for k := range columns {
		var err error
		if columns[k], err = graded.TranslateAt(switched(t.Content), strengthOf(k), contents); err != nil {
			return err
		}
		labels = append(labels, fmt.Sprintf("%.1f", strengthOf(k)))
	}
	var images [][]float32
	for i := range rows {
		images = append(images, contents.At(i))
		for _, c := range columns {
			images = append(images, c.At(i))
		}
	}
	from, to := t.Content.String(), (1 - t.Content).String()
	return w.keepGrid(reports.Grid{Name: "slider-" + from + "-" + to, Title: fmt.Sprintf("From %s to %s by degrees", from, to),
		Caption: fmt.Sprintf("Held-out images of %s, and the same with what %s has switched off and what %s has switched on, by the strength above: 0 edits nothing, 1 is the edit that was trained.", from, from, to),
		Rows:    len(rows), Columns: 1 + strengths, ColumnLabels: labels}, images)
}

// strengthOf is a slider's k-th strength.
func strengthOf(k int) float64 { return float64(k)/2 - 0.5 }

// finds measures, of a model with masks, whether they lie where a translation should change a
// content: the intersection over union with the pixels in which the exact render differs, at the
// threshold that is best on the first half of the pairs, on the second half.
func (w *Subject) finds() (out reports.Capability, err error) {
	masker, ok := w.translator().(models.Masker)
	if !ok {
		return reports.Capability{Reason: "it has no mask"}, nil
	}
	if out.Can = true; !w.drawn() {
		return out, nil
	}
	var sum float64
	for _, t := range translations[:2] {
		is, gs, _ := w.pairs(t)
		n := min(len(is), systemPairs)
		if n < 2 {
			return out, nil
		}
		masks, err := masker.Mask(t.Edit, w.Domains[t.Content].Test.Images.Take(is[:n]), w.Domains[1-t.Content].Test.Images.Take(gs[:n]))
		if err != nil {
			return out, err
		}
		truth := make([][]bool, n)
		for p := range truth {
			truth[p] = w.changing(t, is[p], gs[p])
		}
		best, threshold := -1.0, 0.0
		for k := range maskThresholds {
			at := float64(k+1) / (maskThresholds + 1)
			if iou := overlap(masks, truth, 0, n/2, at); iou > best {
				best, threshold = iou, at
			}
		}
		sum += overlap(masks, truth, n/2, n, threshold) / 2
	}
	out.Value, out.Measure, out.Does = &sum, "intersection over union with what should change, above 0.5", sum > 0.5
	return out, nil
}

// changing are the places in which some channel of a translation should differ from the content.
func (w *Subject) changing(t translation, i, g int) []bool {
	s := w.Spec.Image.Shape()
	places := s.Height * s.Width
	out := make([]bool, places)
	for k, d := range different(w.render(t, i, g), w.Domains[t.Content].Test.Images.At(i), changedPixel) {
		out[k%places] = out[k%places] || d
	}
	return out
}

// overlap is the mean intersection over union of masks lo to hi at a threshold with what is true.
func overlap(masks *models.Block, truth [][]bool, lo, hi int, threshold float64) (mean float64) {
	for p := lo; p < hi; p++ {
		both, either := 0, 0
		for k, v := range masks.Row(p) {
			m := float64(v) >= threshold
			if m && truth[p][k] {
				both++
			}
			if m || truth[p][k] {
				either++
			}
		}
		if either > 0 {
			mean += float64(both) / float64(either) / float64(hi-lo)
		}
	}
	return mean
}
