package models

import (
	"context"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/internal/stream"
)

// Training says how long to train and when to call back.
type Training struct {
	Iterations int
	Batch      int // images of each domain a step
	Seed       uint64
	Start      int // steps already made, when resumed
	LogEvery   int // steps between calls of Log; the first and last step are logged
	SaveEvery  int // steps between calls of Save; 0: only at the end
	WatchEvery int // steps between calls of Watch; 0: none
	Log        func(step int, losses []Loss) error
	// Watch may look at the model, not change it.
	Watch func(step int) error
	Save  func(step int) error
}

// Train runs the training steps from Start to Iterations. Batches are drawn by
// keyed streams, so a resumed training sees the images that an uninterrupted one
// does. On cancellation it saves after the step in progress and returns the
// context's error. A loss that is not finite ends it with the step's error, and
// nothing is saved then.
func Train(ctx context.Context, m Model, a, b *domains.Images, t Training) error {
	orderA, err := domains.NewOrder(t.Seed, "a", a.Len(), t.Batch)
	if err != nil {
		return err
	}
	orderB, err := domains.NewOrder(t.Seed, "b", b.Len(), t.Batch)
	if err != nil {
		return err
	}
	var batchA, batchB, plain domains.Images // their memory serves every step
	for step := t.Start; step < t.Iterations; step++ {
		take(&batchA, &plain, t.Seed, "a", a, orderA, step)
		take(&batchB, &plain, t.Seed, "b", b, orderB, step)
		losses, err := m.Step(step, &batchA, &batchB)
		if err != nil {
			return err
		}
		done := step + 1
		if done == 1 || done == t.Iterations || (t.LogEvery > 0 && done%t.LogEvery == 0) {
			if err := t.Log(done, losses); err != nil {
				return err
			}
		}
		if t.WatchEvery > 0 && done%t.WatchEvery == 0 {
			if err := t.Watch(done); err != nil {
				return err
			}
		}
		stop := ctx.Err()
		if done == t.Iterations || stop != nil || (t.SaveEvery > 0 && done%t.SaveEvery == 0) {
			if err := t.Save(done); err != nil {
				return err
			}
		}
		if stop != nil && done < t.Iterations {
			return stop
		}
	}
	return nil
}

// take fills batch with the images of a step, mirrored and varied by streams of their
// own where the domain wants it; plain is scratch.
func take(batch, plain *domains.Images, seed uint64, name string, images *domains.Images, order *domains.Order, step int) {
	images.TakeInto(batch, order.Batch(step))
	if images.Mirror {
		batch.MirrorSome(stream.New(seed, "mirror", name, step))
	}
	if images.Vary > 0 {
		plain.Data = append(plain.Data[:0], batch.Data...)
		parallel.For(batch.Len(), func(i int) {
			n := batch.Shape.Len()
			domains.Vary(batch.At(i), plain.Data[i*n:(i+1)*n], batch.Shape, images.Vary, false, stream.New(seed, "vary", name, step, i))
		})
	}
}
