package models

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/stream"
)

// A watcher is a model that only remembers the batches of its steps.
type watcher struct {
	Model
	seen map[int][2][]float32
}

func (w *watcher) Step(step int, batch *Batch) ([]Loss, error) {
	a, b := batch.Images[0], batch.Images[1]
	w.seen[step] = [2][]float32{slices.Clone(a.Data), slices.Clone(b.Data)}
	return []Loss{{Name: "x", Value: 1}}, nil
}

// until is one phase of so many steps that shows both domains.
func until(steps int) []Phase {
	return []Phase{{Name: "train", Steps: steps, Shows: [2]bool{true, true}}}
}

func pair(a, b *domains.Images) *Data { return &Data{Images: [2]*domains.Images{a, b}} }

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
	train := func(start, end int, w *watcher) {
		err := Train(context.Background(), w, pair(a, b), Training{Phases: until(end), Batch: batch, Seed: 3, Start: start,
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
		tr.Batch, tr.Start, tr.Phases = 2, start, until(7)
		tr.Log = func(step int, losses []Loss) error {
			if losses[0].Value != 1 {
				t.Errorf("losses %v", losses)
			}
			return say("log")(step)
		}
		tr.Save = say("save")
		for i := range tr.Watch {
			tr.Watch[i].At = say([]string{"watch", "look", "never"}[i])
		}
		if err := Train(context.Background(), &watcher{seen: map[int][2][]float32{}}, pair(ramp(5, false), ramp(5, false)), tr); err != nil {
			t.Fatal(err)
		}
		return calls
	}
	for _, tt := range []struct {
		start int
		t     Training
		want  string
	}{
		{0, Training{LogEvery: 3, SaveEvery: 2, Watch: []Watcher{{Every: 4}, {Every: 2}, {}}}, "log1 look2 save2 log3 watch4 look4 save4 log6 look6 save6 log7 save7 "},
		{0, Training{}, "log1 log7 save7 "},
		{4, Training{LogEvery: 2, SaveEvery: 5}, "save5 log6 log7 save7 "},
		{4, Training{LogEvery: 1}, "log5 log6 log7 save7 "},
		{5, Training{SaveEvery: 1, Watch: []Watcher{{Every: 1}}}, "watch6 save6 log7 watch7 save7 "},
		{7, Training{LogEvery: 1}, ""},
	} {
		if got := train(tt.start, tt.t); got != tt.want {
			t.Errorf("from %d, %+v: %s, want %s", tt.start, tt.t, got, tt.want)
		}
	}
	if err := Train(context.Background(), &watcher{}, pair(ramp(5, false), ramp(1, false)), Training{Batch: 2, Phases: until(1)}); err == nil || err.Error() != "domains: b has 1 images, too few for a batch of 2; lower model.train.batch" {
		t.Errorf("a batch larger than b: %v", err)
	}
}

// A cancelled training saves the step in progress and says so, but at its end, where nothing is
// left to do.
func TestCancel(t *testing.T) {
	for stop, want := range map[int]string{1: "[1]", 2: "[2]", 3: "[3]"} {
		ctx, cancel := context.WithCancel(context.Background())
		var saved []int
		err := Train(ctx, &watcher{seen: map[int][2][]float32{}}, pair(ramp(5, false), ramp(5, false)), Training{Batch: 2, Phases: until(3),
			Log: func(int, []Loss) error { return nil }, Save: func(step int) error { saved = append(saved, step); return nil },
			Watch: []Watcher{{Every: stop, At: func(int) error { cancel(); return nil }}}})
		if (stop < 3) != errors.Is(err, context.Canceled) || (stop == 3) != (err == nil) || fmt.Sprint(saved) != want {
			t.Errorf("stopped after %d of 3 steps: saved %v, %v", stop, saved, err)
		}
	}
}

// An error of a callback ends the training with it.
func TestCallsFail(t *testing.T) {
	bad := errors.New("bad")
	for name, change := range map[string]func(*Training){
		"log":   func(tr *Training) { tr.Log = func(int, []Loss) error { return bad } },
		"save":  func(tr *Training) { tr.Save = func(int) error { return bad } },
		"watch": func(tr *Training) { tr.Watch = []Watcher{{Every: 1, At: func(int) error { return bad }}} },
	} {
		w := &watcher{seen: map[int][2][]float32{}}
		tr := Training{Batch: 2, Phases: until(3), SaveEvery: 1, Log: func(int, []Loss) error { return nil }, Save: func(int) error { return nil }}
		change(&tr)
		if err := Train(context.Background(), w, pair(ramp(5, false), ramp(5, false)), tr); !errors.Is(err, bad) || len(w.seen) != 1 {
			t.Errorf("%s: %v after %d steps, want the error after the first", name, err, len(w.seen))
		}
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

// A scholar notes what its steps and refreshes were given.
type scholar struct {
	Model
	notes []string
}

func (s *scholar) Step(step int, b *Batch) ([]Loss, error) {
	line := fmt.Sprintf("step %d of %d:", step, b.Len())
	for side, im := range b.Images {
		if im == nil {
			continue
		}
		line += fmt.Sprintf(" %s", domains.Side(side))
		for i, row := range b.Rows[side] {
			line += fmt.Sprintf(" %d", row)
			if im.At(i)[0] != float32(row) {
				line += "?" // ramp's image i begins with i
			}
			if domains.Side(side) == b.Source && b.Labels != nil {
				line += fmt.Sprintf("=%d", b.Labels[i])
			}
		}
	}
	s.notes = append(s.notes, line)
	return []Loss{{Name: "x"}}, nil
}

func (s *scholar) Refresh(_ context.Context, step int, d *Data) error {
	s.notes = append(s.notes, fmt.Sprintf("refresh %d of %d and %d", step, d.Images[0].Len(), d.Images[1].Len()))
	return nil
}

// lesson is the training of a scholar on 4 images of a and 3 of b, the source, whose labels
// are ten times their places.
func lesson(m Model, start int, phases ...Phase) error {
	d := pair(ramp(4, false), ramp(3, false))
	d.Source, d.Labels = domains.B, []int{0, 10, 20}
	return Train(context.Background(), m, d, Training{Phases: phases, Batch: 2, Seed: 1, Start: start,
		Log: func(int, []Loss) error { return nil }, Save: func(int) error { return nil }})
}

// Phases follow each other on one count of steps, show what they say, and are refreshed
// before their first step and every so many; the labels are those of the source's rows.
func TestPhases(t *testing.T) {
	phases := []Phase{{Name: "source", Steps: 2, Shows: [2]bool{false, true}}, {Name: "both", Steps: 5, Shows: [2]bool{true, true}, RefreshEvery: 3}, {Name: "target", Steps: 1, Shows: [2]bool{true, false}}}
	if Steps(phases) != 8 {
		t.Errorf("%d steps, want 8", Steps(phases))
	}
	order := func(name string, n, step int) []int {
		o, err := domains.NewOrder(1, name, n, 2)
		if err != nil {
			t.Fatal(err)
		}
		return slices.Clone(o.Batch(step))
	}
	var want []string
	for step := range 8 {
		if step == 2 || step == 5 {
			want = append(want, fmt.Sprintf("refresh %d of 4 and 3", step))
		}
		line := fmt.Sprintf("step %d of 2:", step)
		if a := order("a", 4, step); step >= 2 {
			line += fmt.Sprintf(" a %d %d", a[0], a[1])
		}
		if b := order("b", 3, step); step < 7 {
			line += fmt.Sprintf(" b %d=%d %d=%d", b[0], 10*b[0], b[1], 10*b[1])
		}
		want = append(want, line)
	}
	whole, rest := &scholar{}, &scholar{}
	for start, m := range map[int]*scholar{0: whole, 5: rest} {
		if err := lesson(m, start, phases...); err != nil {
			t.Fatal(err)
		}
	}
	for _, order := range [][]Phase{{phases[0], phases[2]}, {phases[2], phases[0]}} {
		if err := lesson(&scholar{}, 0, order...); err != nil {
			t.Errorf("the domains one after the other: %v", err)
		}
	}
	if !slices.Equal(whole.notes, want) {
		t.Errorf("%q,\nwant %q", whole.notes, want)
	}
	if !slices.Equal(rest.notes, want[6:]) {
		t.Errorf("resumed at step 5: %q, want %q", rest.notes, want[6:])
	}
}

// A granted model notes the attributes beside the rows that they are of.
type granted struct {
	Model
	notes []string
}

func (g *granted) Step(_ int, b *Batch) ([]Loss, error) {
	for side, given := range b.Given {
		if (given == nil) != (b.Images[side] == nil) {
			return nil, fmt.Errorf("attributes of %s without images, or images without", domains.Side(side))
		}
		for i, row := range b.Rows[side] {
			g.notes = append(g.notes, fmt.Sprint(domains.Side(side), row, given.Row(i)))
		}
	}
	return []Loss{{Name: "x"}}, nil
}

// Attributes go with their images, of the domains that a phase shows.
func TestGiven(t *testing.T) {
	m, d := &granted{}, pair(ramp(3, false), ramp(4, false))
	d.Given = [2]*Block{{N: 3, D: 2, Channels: 2, Data: []float32{0, 1, 2, 3, 4, 5}}, {N: 4, D: 2, Channels: 2, Data: []float32{6, 7, 8, 9, 10, 11, 12, 13}}}
	if err := Train(context.Background(), m, d, Training{Phases: []Phase{{Steps: 3, Shows: [2]bool{true, true}}, {Steps: 2, Shows: [2]bool{false, true}}}, Batch: 2, Seed: 1,
		Log: func(int, []Loss) error { return nil }, Save: func(int) error { return nil }}); err != nil {
		t.Fatal(err)
	}
	slices.Sort(m.notes)
	want := []string{"a 0 [0 1]", "a 1 [2 3]", "a 2 [4 5]", "b 0 [6 7]", "b 1 [8 9]", "b 2 [10 11]", "b 3 [12 13]"}
	if len(m.notes) != 16 || !slices.Equal(slices.Compact(m.notes), want) {
		t.Errorf("%q, want %q", m.notes, want)
	}
}

// Every image is varied and augmented by draws of its own, the same for the same step, and the
// set stays as it is.
func TestAugmented(t *testing.T) {
	square := func(n int, vary float64) *domains.Images {
		im := &domains.Images{Shape: domains.Shape{Channels: 2, Height: 2, Width: 3}, Vary: vary}
		for i := range n * im.Shape.Len() {
			im.Data = append(im.Data, float32(i)/100-0.5)
		}
		return im
	}
	d := pair(square(4, 2), square(3, 0))
	d.Augment = domains.Augment{Shift: 1, Noise: 0.1}
	before := slices.Clone(d.Images[0].Data)
	f, err := newFeed(d, Training{Phases: until(4), Batch: 2, Seed: 9})
	if err != nil {
		t.Fatal(err)
	}
	plain, err := newFeed(pair(square(4, 0), square(3, 0)), Training{Phases: until(4), Batch: 2, Seed: 9})
	if err != nil {
		t.Fatal(err)
	}
	both := [2]bool{true, true}
	for step := range 4 {
		shown, want := f.batch(step, both), plain.batch(step, both)
		for side, name := range []string{"a", "b"} {
			for i := range 2 {
				shape, plain := d.Images[side].Shape, want.Images[side].At(i)
				out := make([]float32, shape.Len())
				if side == 0 {
					domains.Vary(out, plain, shape, 2, false, stream.New(9, "vary", name, step, i))
					plain = slices.Clone(out)
				}
				d.Augment.Apply(out, plain, shape, stream.New(9, "augment", name, step, i))
				if !slices.Equal(shown.Images[side].At(i), out) {
					t.Errorf("step %d, image %d of %s is not changed by its own stream", step, i, name)
				}
			}
		}
	}
	if !slices.Equal(d.Images[0].Data, before) {
		t.Error("augmenting changes the set")
	}
}

// What does not fit together is said before a step is made.
func TestTrainingRefuses(t *testing.T) {
	both := [2]bool{true, true}
	m := &scholar{}
	d := pair(ramp(4, false), ramp(1, false))
	d.Labels = []int{1}
	if err := Train(context.Background(), m, d, Training{Phases: until(1), Batch: 1}); err == nil || err.Error() != "models: 1 labels for 4 images of a" {
		t.Errorf("too few labels: %v", err)
	}
	err := lesson(&watcher{seen: map[int][2][]float32{}}, 0, Phase{Name: "p", Steps: 1, Shows: both, RefreshEvery: 1})
	if err == nil || err.Error() != "models: phase p asks for a refresh every 1 steps of a model that has none" {
		t.Errorf("a model that cannot be refreshed: %v", err)
	}
	d.Labels, d.Given[1] = nil, NewBlock("", 3, 2, 1)
	if err := Train(context.Background(), m, d, Training{Phases: until(1), Batch: 1}); err == nil || err.Error() != "models: attributes of 3 images of 1 of b" {
		t.Errorf("too many attributes: %v", err)
	}
	d.Given[1] = nil
	if err := Train(context.Background(), m, d, Training{Phases: []Phase{{Steps: 1, Shows: [2]bool{true, false}}}, Batch: 2,
		Log: func(int, []Loss) error { return nil }, Save: func(int) error { return nil }}); err != nil {
		t.Errorf("a domain that is never shown may be small: %v", err)
	}
	if (&Batch{}).Len() != 0 || (&Batch{Images: [2]*domains.Images{nil, ramp(3, false)}}).Len() != 3 {
		t.Error("a batch is as long as the domain that is shown, without any as long as 0")
	}
	if len(m.notes) != 1 {
		t.Errorf("steps %q, want the last training's alone", m.notes)
	}
}

// A training that ends at a step for now saves there, logs what it would have logged, and goes on
// as if it had not; a cancelled one that has come so far is no interrupted one.
func TestTrainUntil(t *testing.T) {
	train := func(start, until int, w *watcher, ctx context.Context) (logs, saves []int) {
		err := Train(ctx, w, pair(ramp(11, false), ramp(7, false)), Training{Phases: []Phase{{Name: "x", Steps: 4, Shows: [2]bool{true, true}}, {Name: "y", Steps: 6, Shows: [2]bool{true, true}}},
			Batch: 3, Seed: 3, Start: start, Until: until, LogEvery: 4, SaveEvery: 8,
			Log: func(step int, _ []Loss) error { logs = append(logs, step); return nil }, Save: func(step int) error { saves = append(saves, step); return nil }})
		if err != nil {
			t.Fatal(err)
		}
		return logs, saves
	}
	whole, parts := &watcher{seen: map[int][2][]float32{}}, &watcher{seen: map[int][2][]float32{}}
	logs, saves := train(0, 0, whole, context.Background())
	if fmt.Sprint(logs, saves) != "[1 4 8 10] [8 10]" {
		t.Errorf("logs and saves %v %v", logs, saves)
	}
	for _, tt := range []struct {
		start, until int
		want         string
	}{{0, 3, "[1] [3]"}, {3, 4, "[4] [4]"}, {4, 4, "[] []"}, {4, 9, "[8] [8 9]"}, {9, 10, "[10] [10]"}} {
		if logs, saves := train(tt.start, tt.until, parts, context.Background()); fmt.Sprint(logs, saves) != tt.want {
			t.Errorf("from %d until %d: logs and saves %v %v, want %s", tt.start, tt.until, logs, saves, tt.want)
		}
	}
	if fmt.Sprint(whole.seen) != fmt.Sprint(parts.seen) {
		t.Error("the batches of a training in parts differ")
	}
	stopped, cancel := context.WithCancel(context.Background())
	cancel()
	if _, saves := train(2, 3, parts, stopped); fmt.Sprint(saves) != "[3]" {
		t.Errorf("cancelled at its end: saves %v", saves)
	}
}
