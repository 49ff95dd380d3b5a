package models

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/venn-adapt/venn/domains"
)

// A watcher is a model that only remembers the batches of its steps.
type watcher struct {
	Model
	seen map[int][2][]float32
}

func (w *watcher) Step(step int, a, b *domains.Images) ([]Loss, error) {
	w.seen[step] = [2][]float32{slices.Clone(a.Data), slices.Clone(b.Data)}
	return []Loss{{Name: "x", Value: 1}}, nil
}

// ramp has n images of 1x1x2 pixels, i and i+1/2.
func ramp(n int, mirror bool) *domains.Images {
	im := &domains.Images{Shape: domains.Shape{Channels: 1, Height: 1, Width: 2}, Mirror: mirror}
	for i := range n {
		im.Data = append(im.Data, float32(i), float32(i)+0.5)
	}
	return im
}

// watched are the batches of forty steps, which a training that was resumed saw too.
func watched(t *testing.T, batch int, a, b *domains.Images) *watcher {
	t.Helper()
	train := func(start, until int, w *watcher) {
		err := Train(context.Background(), w, a, b, Training{Iterations: until, Batch: batch, Seed: 3, Start: start,
			Log: func(int, []Loss) error { return nil }, Save: func(int) error { return nil }})
		if err != nil {
			t.Fatal(err)
		}
	}
	whole, parts := &watcher{seen: map[int][2][]float32{}}, &watcher{seen: map[int][2][]float32{}}
	train(0, 40, whole)
	train(0, 13, parts)
	train(13, 40, parts)
	if fmt.Sprint(whole.seen) != fmt.Sprint(parts.seen) {
		t.Error("the batches of a resumed training differ")
	}
	return whole
}

// Where a domain wants it, an image is shown in another way each time.
func TestVariedBatches(t *testing.T) {
	one := &domains.Images{Shape: domains.Shape{Channels: 1, Height: 2, Width: 2}, Data: []float32{-0.5, 0, 0.25, 0.5}}
	varied := *one
	varied.Vary = 1
	shown := map[string]bool{}
	for step, seen := range watched(t, 1, &varied, one).seen {
		if !slices.Equal(seen[1], one.Data) {
			t.Fatalf("step %d: domain b is varied", step)
		}
		shown[fmt.Sprint(seen[0])] = true
	}
	if len(shown) != 40 {
		t.Errorf("%d different images in 40 steps", len(shown))
	}
}

// A resumed training sees the images, and their mirrorings, that one in a piece does;
// a domain that does not allow it is never mirrored.
func TestResumedBatches(t *testing.T) {
	a, b := ramp(17, true), ramp(11, false)
	whole := watched(t, 4, a, b)
	mirrored := 0
	for _, step := range whole.seen {
		for i := 0; i < 8; i += 2 {
			if step[0][i] > step[0][i+1] {
				mirrored++
			}
			if step[1][i] > step[1][i+1] {
				t.Fatal("domain b was mirrored")
			}
		}
	}
	if mirrored < 50 || mirrored > 110 { // of 160
		t.Errorf("%d of 160 images mirrored", mirrored)
	}
}
