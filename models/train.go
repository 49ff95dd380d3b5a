package models

import (
	"context"
	"fmt"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/internal/stream"
)

// Data is what a training learns from: the training images of A and B, and the labels of
// the source alone. Nothing in it has room for a label of the target.
type Data struct {
	Images [2]*domains.Images
	Source domains.Side
	Labels []int // of Images[Source]; nil where the method does not ask for them
	// Given are the attributes granted to a method that asks for them, 0 or 1, n x as many;
	// never what a label reads.
	Given [2]*Block
	// Augment is how images are changed whenever a step sees them; a Refresher and the
	// evaluations see them as they are.
	Augment domains.Augment
}

// A Batch is what one step sees, images of both domains alike in number.
type Batch struct {
	Images [2]*domains.Images // nil where the phase does not show the domain
	Rows   [2][]int           // of the images in the training sets
	Source domains.Side
	Labels []int     // of Images[Source]; nil where the method does not ask for them, or the phase hides the source
	Given  [2]*Block // attributes of Images, as in Data
}

// Len is the number of images of each domain that is shown.
func (b *Batch) Len() int {
	for _, x := range b.Images {
		if x != nil {
			return x.Len()
		}
	}
	return 0
}

// A Phase is a stretch of a training.
type Phase struct {
	Name  string
	Steps int
	Shows [2]bool // whether images of A and of B are drawn
	// RefreshEvery steps, and before its first, the phase has the model refreshed; 0: never.
	RefreshEvery int
}

// Steps is the length of phases together.
func Steps(phases []Phase) (n int) {
	for _, p := range phases {
		n += p.Steps
	}
	return n
}

// Training says how to train and when to call back.
type Training struct {
	Phases    []Phase
	Batch     int // images of each domain a step
	Seed      uint64
	Start     int // steps already made, when resumed
	Until     int // steps after which to save and return; 0: all
	LogEvery  int // steps between calls of Log; the first and last step are logged
	SaveEvery int // steps between calls of Save; 0: only at the end
	Log       func(step int, losses []Loss) error
	Watch     []Watcher
	Save      func(step int) error
}

// A Watcher is called every so many steps, 0 for never. It may look at the model, not change
// it.
type Watcher struct {
	Every int
	At    func(step int) error
}

// Train runs the training steps from Start to the end of the last phase. Batches are
// drawn by keyed streams, so a resumed training sees the images that an uninterrupted one
// does. On cancellation it saves after the step in progress and returns the
// context's error. A loss that is not finite ends it with the step's error, and
// nothing is saved then.
func Train(ctx context.Context, m Model, d *Data, t Training) error {
	f, err := newFeed(d, t)
	if err != nil {
		return err
	}
	first, last := 0, Steps(t.Phases)
	for _, p := range t.Phases {
		for step := max(first, t.Start); step < first+p.Steps; step++ {
			if t.Until > 0 && step >= t.Until {
				return nil
			}
			if p.RefreshEvery > 0 && (step-first)%p.RefreshEvery == 0 {
				if err := refresh(ctx, m, step, p, d); err != nil {
					return err
				}
			}
			losses, err := m.Step(step, f.batch(step, p.Shows))
			if err != nil {
				return err
			}
			if err := t.after(ctx, step+1, last, losses); err != nil {
				return err
			}
		}
		first += p.Steps
	}
	return nil
}

func refresh(ctx context.Context, m Model, step int, p Phase, d *Data) error {
	r, ok := m.(Refresher)
	if !ok {
		return fmt.Errorf("models: phase %s asks for a refresh every %d steps of a model that has none", p.Name, p.RefreshEvery)
	}
	return r.Refresh(ctx, step, d)
}

// after calls back when done of all steps are made; cancellation ends a training that is
// not at its end.
func (t *Training) after(ctx context.Context, done, all int, losses []Loss) error {
	if done == 1 || done == all || (t.LogEvery > 0 && done%t.LogEvery == 0) {
		if err := t.Log(done, losses); err != nil {
			return err
		}
	}
	for _, w := range t.Watch {
		if w.Every > 0 && done%w.Every == 0 {
			if err := w.At(done); err != nil {
				return err
			}
		}
	}
	stop := ctx.Err()
	if done == all || done == t.Until || stop != nil || (t.SaveEvery > 0 && done%t.SaveEvery == 0) {
		if err := t.Save(done); err != nil {
			return err
		}
	}
	if done < all && done != t.Until {
		return stop
	}
	return nil
}

// A feed draws the batches of a training.
type feed struct {
	d     *Data
	seed  uint64
	order [2]*domains.Order
	out   Batch
	// The memory of images serves every step.
	images [2]domains.Images
	plain  domains.Images
	labels []int
}

func newFeed(d *Data, t Training) (*feed, error) {
	f := &feed{d: d, seed: t.Seed}
	if d.Labels != nil && len(d.Labels) != d.Images[d.Source].Len() {
		return nil, fmt.Errorf("models: %d labels for %d images of %s", len(d.Labels), d.Images[d.Source].Len(), d.Source)
	}
	for side, given := range d.Given {
		if given != nil && given.N != d.Images[side].Len() {
			return nil, fmt.Errorf("models: attributes of %d images of %d of %s", given.N, d.Images[side].Len(), domains.Side(side))
		}
	}
	var shown [2]bool
	for _, p := range t.Phases {
		shown = [2]bool{shown[0] || p.Shows[0], shown[1] || p.Shows[1]}
	}
	for side := range f.order {
		if !shown[side] {
			continue
		}
		var err error
		if f.order[side], err = domains.NewOrder(t.Seed, domains.Side(side).String(), d.Images[side].Len(), t.Batch); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// batch is that of a step; the next call overwrites it.
func (f *feed) batch(step int, shows [2]bool) *Batch {
	f.out = Batch{Source: f.d.Source}
	for side, shown := range shows {
		if !shown {
			continue
		}
		rows := f.order[side].Batch(step)
		f.fill(side, step, rows)
		f.out.Images[side], f.out.Rows[side] = &f.images[side], rows
		if given := f.d.Given[side]; given != nil {
			f.out.Given[side] = given.Take(rows)
		}
		if domains.Side(side) == f.d.Source && f.d.Labels != nil {
			f.labels = f.labels[:0]
			for _, r := range rows {
				f.labels = append(f.labels, f.d.Labels[r])
			}
			f.out.Labels = f.labels
		}
	}
	return &f.out
}

// fill takes the images of a step, mirrored and varied by streams of their own where the
// domain wants it, and augmented where the training does.
func (f *feed) fill(side, step int, rows []int) {
	images, batch, name := f.d.Images[side], &f.images[side], domains.Side(side).String()
	images.TakeInto(batch, rows)
	if images.Mirror {
		batch.MirrorSome(stream.New(f.seed, "mirror", name, step))
	}
	change := func(do func(dst, src []float32, i int)) {
		f.plain = domains.Images{Shape: batch.Shape, Data: append(f.plain.Data[:0], batch.Data...)}
		parallel.For(batch.Len(), func(i int) { do(batch.At(i), f.plain.At(i), i) })
	}
	if images.Vary > 0 {
		change(func(dst, src []float32, i int) {
			domains.Vary(dst, src, batch.Shape, images.Vary, false, stream.New(f.seed, "vary", name, step, i))
		})
	}
	if f.d.Augment != (domains.Augment{}) {
		change(func(dst, src []float32, i int) {
			f.d.Augment.Apply(dst, src, batch.Shape, stream.New(f.seed, "augment", name, step, i))
		})
	}
}
