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

// The loop's calls: the first and last step and every so many are logged, every so many and
// the last are saved, every so many are watched, in this order within a step.
func TestCalls(t *testing.T) {
	var calls string
	say := func(what string) func(int) error {
		return func(step int) error { calls += fmt.Sprint(what, step, " "); return nil }
	}
	train := func(start int, tr Training) string {
		calls = ""
		tr.Batch, tr.Start, tr.Iterations = 2, start, 7
		tr.Log = func(step int, losses []Loss) error {
			if losses[0].Value != 1 {
				t.Errorf("losses %v", losses)
			}
			return say("log")(step)
		}
		tr.Save, tr.Watch = say("save"), say("watch")
		if err := Train(context.Background(), &watcher{seen: map[int][2][]float32{}}, ramp(5, false), ramp(5, false), tr); err != nil {
			t.Fatal(err)
		}
		return calls
	}
	for _, tt := range []struct {
		start int
		t     Training
		want  string
	}{
		{0, Training{LogEvery: 3, SaveEvery: 2, WatchEvery: 4}, "log1 save2 log3 watch4 save4 log6 save6 log7 save7 "},
		{0, Training{}, "log1 log7 save7 "},
		{4, Training{LogEvery: 2, SaveEvery: 5}, "save5 log6 log7 save7 "},
		{7, Training{LogEvery: 1}, ""},
	} {
		if got := train(tt.start, tt.t); got != tt.want {
			t.Errorf("from %d, %+v: %s, want %s", tt.start, tt.t, got, tt.want)
		}
	}
	if err := Train(context.Background(), &watcher{}, ramp(5, false), ramp(1, false), Training{Batch: 2, Iterations: 1}); err == nil || err.Error() != "domains: b has 1 images, too few for a batch of 2; lower model.train.batch" {
		t.Errorf("a batch larger than b: %v", err)
	}
}

// Batches are drawn as the order of each domain says, a's for a and b's for b.
func TestBatchesFollowTheOrders(t *testing.T) {
	w := watched(t, 3, ramp(10, false), ramp(8, false))
	for side, n := range []int{10, 8} {
		order, err := domains.NewOrder(3, []string{"a", "b"}[side], n, 3)
		if err != nil {
			t.Fatal(err)
		}
		for step := range 40 {
			var want []float32
			for _, i := range order.Batch(step) {
				want = append(want, float32(i), float32(i)+0.5)
			}
			if !slices.Equal(w.seen[step][side], want) {
				t.Fatalf("step %d, side %d: %v, want %v", step, side, w.seen[step][side], want)
			}
		}
	}
}
