package evaluate

import (
	"fmt"
	"math"
	"slices"

	"github.com/venn-adapt/venn/experiments/evaluate/factors"
	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/metrics/inference"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/reports"
)

func init() {
	addEvaluation(evaluation{name: "systems", doc: "what a model that makes images can do, measured, and what it cost",
		order: 125, version: 2, wants: wants(wantsTranslator), do: (*Subject).systems})
}

const (
	systemPairs   = 200 // of an edit, at most
	systemGuides  = 6   // renders with a part are of so many guides, the pair's own among them
	reconstructed = 0.1 // mean absolute difference, in [-1, 1] units, below which an image is given back
)

// systems finds out what of reports.CapabilityNames the model does, keeps strips of its translations
// for pictures of several systems and what its strengths do, and says what the training cost.
func (w *Subject) systems(c *Codes) error {
	s := &reports.System{Images: 2 * w.Results.Steps * w.Spec.Model.Options.Int("train.batch")}
	if m, ok := w.Model.(models.Costed); ok {
		s.MACs = m.MACs()
	}
	for _, name := range reports.CapabilityNames {
		measured, err := w.capability(name, c)
		if err != nil {
			return err
		}
		measured.Name = name
		s.Capabilities = append(s.Capabilities, measured)
	}
	var err error
	if s.Diversity, err = w.diversity(c); err != nil {
		return err
	}
	w.Results.System = s
	for _, t := range translations[:2] {
		if err := w.strip(t, c); err != nil {
			return err
		}
		if err := w.sliderGrid(t); err != nil {
			return err
		}
	}
	return nil
}

func (w *Subject) capability(name string, c *Codes) (reports.Capability, error) {
	switch name {
	case "guided a->b":
		return w.follows(translations[0])
	case "guided b->a":
		return w.follows(translations[1])
	case "reconstruction":
		return w.givesBack(c), nil
	case "slider":
		return w.slides()
	case "mask":
		return w.finds()
	}
	for _, t := range translations {
		if t.name == name {
			return w.changes(t, c)
		}
	}
	return reports.Capability{}, fmt.Errorf("experiments: no way to measure %s", name)
}

// drawn says whether what images should be is drawn.
func (w *Subject) drawn() bool { return wantsRenders(w, nil) == "" }

// proportion is a share with its Wilson interval, and whether that lies above one half.
func proportion(of *reports.Capability, hits, n int, measure string) error {
	share, err := inference.Wilson(hits, n)
	if err != nil {
		return err
	}
	of.Value, of.Interval, of.Measure, of.Does = &share.Estimate, &[2]float64{share.Low, share.High}, measure, share.Low > 0.5
	return nil
}

// changes measures whether an edit brings about what it says: whether, of exact renders of the
// content with or without its own part and with or without that of a guide, the output is nearest (by
// the mean absolute difference) to one that is as the edit wants it. Those with a guide's part are of
// several guides: which one is not the question here.
func (w *Subject) changes(t translation, c *Codes) (out reports.Capability, err error) {
	as, ok := w.asked(t)
	if !ok {
		return reports.Capability{Reason: "it has no such edit"}, nil
	}
	if out.Can = true; !w.drawn() {
		if f := w.judged(t); f != nil && f.Wanted != nil {
			judgedAs(&out, f.Wanted, "share of outputs in which a judge sees what the edit wants of both domains' own")
		}
		return out, nil
	}
	is, gs, _ := w.pairs(t)
	n := min(len(is), systemPairs)
	made, err := w.translated(as, c, is[:n], gs[:n])
	if err != nil {
		return out, err
	}
	guides := w.Domains[1-t.Content].Test.Images.Len()
	others := make([][]int, n)
	r := stream.New(w.Seed, "systems", t.name)
	for p := range others {
		others[p] = []int{gs[p]}
		for range systemGuides - 1 {
			others[p] = append(others[p], r.IntN(guides))
		}
	}
	hit := make([]bool, n)
	parallel.For(n, func(p int) { hit[p] = w.asWanted(t, is[p], others[p], made.At(p)) })
	err = proportion(&out, count(hit), n, "outputs nearest to a render with the parts that the edit wants, of four")
	return out, err
}

// judged is how judges saw the model's translations of a kind; nil where they did not.
func (w *Subject) judged(t translation) *reports.Face {
	if w.Results.Faces == nil {
		return nil
	}
	for i, f := range w.Results.Faces.Rows {
		if f.System == w.Spec.Model.Method && f.Direction == t.name {
			return &w.Results.Faces.Rows[i]
		}
	}
	return nil
}

// judgedAs takes over what judges say, and whether its interval lies above one half.
func judgedAs(of *reports.Capability, e *reports.Estimate, measure string) {
	of.Value, of.Interval, of.Measure, of.Does = &e.Value, &e.Interval, measure, e.Interval[0] > 0.5
}

// asWanted says whether an output is nearest to a render with the parts that an edit wants.
func (w *Subject) asWanted(t translation, content int, guides []int, image []float32) bool {
	nearest := math.Inf(1)
	var wanted bool
	for _, own := range []models.Slot{models.Empty, models.OfContent} {
		for _, other := range []models.Slot{models.Empty, models.OfGuide} {
			state := translation{Edit: models.Edit{Content: t.Content}}
			state.Own[t.Content], state.Own[1-t.Content] = own, other
			drawn := guides
			if other == models.Empty {
				drawn = guides[:1]
			}
			for _, g := range drawn {
				d := factors.Distance(image, w.render(state, content, g))
				if as := state.Own == t.Own; d < nearest || as && d == nearest {
					nearest, wanted = d, as
				}
			}
		}
	}
	return wanted
}

// follows says whether translations follow their guide, by the score of translations against exact
// renders.
func (w *Subject) follows(t translation) (out reports.Capability, err error) {
	if !w.can(t.Edit) {
		return reports.Capability{Reason: "it takes no guide"}, nil
	}
	out.Can = true
	for _, s := range w.Results.Translation {
		if s.Direction == t.name && s.Guide != nil {
			err = proportion(&out, int(math.Round(*s.Guide*float64(s.Pairs))), s.Pairs, "right guide's render nearer than another's, with the interval of one comparison a pair")
		}
	}
	if f := w.judged(t); out.Value == nil && f != nil && f.Guide != nil {
		judgedAs(&out, f.Guide, "share of other guides that a judge finds less like the output than its own")
	}
	return out, err
}

// givesBack says whether images come back, by their reconstruction's score.
func (w *Subject) givesBack(c *Codes) (out reports.Capability) {
	if reason := wantsReconstruction(w, c); reason != "" {
		return reports.Capability{Reason: reason}
	}
	out.Can = true
	var sum float64
	for _, r := range w.Results.Reconstruction {
		sum += r.L1.Value
	}
	if n := len(w.Results.Reconstruction); n > 0 {
		mean := sum / float64(n)
		out.Value, out.Measure, out.Does = &mean, fmt.Sprintf("mean absolute difference, below %v", reconstructed), mean < reconstructed
	}
	return out
}

// diversity is how far apart translations of one content with two guides are, as a share of how far
// apart the exact renders are, by the mean absolute difference over pairs of both directions: 1 as
// diverse as the truth, 0 without regard to the guide. nil where nothing is drawn, where the model
// takes guides in neither direction and where guides make no difference.
func (w *Subject) diversity(c *Codes) (*float64, error) {
	if !w.drawn() {
		return nil, nil
	}
	var made, want float64
	for _, t := range translations[:2] {
		if !w.can(t.Edit) {
			continue
		}
		is, gs, _ := w.pairs(t)
		n := min(len(is), systemPairs)
		is, gs = is[:n], gs[:n]
		next := append(slices.Clone(gs[1:]), gs[0])
		first, err := w.translated(t, c, is, gs)
		if err != nil {
			return nil, err
		}
		second, err := w.translated(t, c, is, next)
		if err != nil {
			return nil, err
		}
		for p := range n {
			made += factors.Distance(first.At(p), second.At(p))
			want += factors.Distance(w.render(t, is[p], gs[p]), w.render(t, is[p], next[p]))
		}
	}
	if want == 0 {
		return nil, nil
	}
	share := made / want
	return &share, nil
}

// strip keeps a row of contents, one of guides and one of what the model makes of each pair: the same
// pairs for every model of a seed.
func (w *Subject) strip(t translation, c *Codes) error {
	as, ok := w.asked(t)
	if !ok || w.Spec.Translate.Grid == 0 {
		return nil
	}
	picks := w.picks(w.Spec.Translate.Grid)
	n := min(len(picks[0]), len(picks[1]))
	is, gs := picks[t.Content][:n], picks[1-t.Content][:n]
	made, err := w.translated(as, c, is, gs)
	if err != nil {
		return err
	}
	var images [][]float32
	for _, i := range is {
		images = append(images, w.Domains[t.Content].Test.Images.At(i))
	}
	for _, g := range gs {
		images = append(images, w.Domains[1-t.Content].Test.Images.At(g))
	}
	for p := range n {
		images = append(images, made.At(p))
	}
	from, to := t.Content.String(), (1 - t.Content).String()
	return w.keepGrid(reports.Grid{Name: reports.StripPrefix + from + "-" + to, Title: fmt.Sprintf("Translations %s to %s", from, to),
		Caption: "A column a pair: the content, the guide, the translation.",
		Rows:    3, Columns: n, RowLabels: []string{"content", "guide", "translation"}}, images)
}
