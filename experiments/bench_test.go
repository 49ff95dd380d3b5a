package experiments

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/modelstest"
)

// A sleeper is a model whose steps take a known time: the first long, as if it made graphs.
type sleeper struct {
	knownModel
	held  []byte
	steps []time.Duration // the last is of all further ones
	taken int
	first int   // step
	rows  []int // of the batches
}

func (m *sleeper) Step(at int, b *models.Batch) ([]models.Loss, error) {
	if m.taken == 0 {
		m.first = at
	}
	if at != m.first+m.taken {
		return nil, fmt.Errorf("step %d after %d from %d", at, m.taken, m.first)
	}
	time.Sleep(m.steps[min(m.taken, len(m.steps)-1)])
	m.taken++
	for _, images := range b.Images {
		if images != nil && (images.Len() == 0 || len(images.Data) != images.Len()*images.Shape.Len()) {
			return nil, errors.New("a batch without pixels")
		}
	}
	m.rows = append(m.rows, b.Len())
	return nil, nil
}

func (m *sleeper) MACs() int { return 1000 }

func (m *sleeper) Layers() []models.Layer {
	conv := kernels.Conv{Kernel: 4, Stride: 2, Padding: 1}
	return []models.Layer{{Name: "first", Conv: conv, In: 1, Out: 2, Side: 8}, {Name: "second", Conv: conv, In: 64, Out: 64, Side: 32}, {Name: "third", Conv: conv, In: 64, Out: 64, Side: 16, Transposed: true}}
}

const sleeperHolds = 64 << 20

func init() {
	models.Methods.Add("known-sleeper", models.Method{Name: "known-sleeper", Version: 1, Loop: models.Loop{Iterations: 100, Batch: 3, LogEvery: 1}, New: func(models.Config) (models.Model, error) {
		m := &sleeper{held: make([]byte, sleeperHolds), steps: []time.Duration{100 * time.Millisecond, 10 * time.Millisecond}}
		m.weights = weightOfOne()
		return m, nil
	}})
}

func sleeperJob(t *testing.T, overrides ...string) spec.Job {
	t.Helper()
	p, err := spec.NewPlan(spec.Request{Source: "known.yaml", Text: []byte(knownSpec), Overrides: append([]string{"model.method=known-sleeper"}, overrides...)})
	if err != nil {
		t.Fatal(err)
	}
	return p.Jobs[0]
}

// An estimate is the time of a step but the first, times the steps, and the memory that the
// model holds; a study on features trains nothing. Other processes make steps longer, never
// shorter: the best of some estimates counts.
func TestMeasure(t *testing.T) {
	best := Estimate{Seconds: 1e9}
	for range 5 {
		e, err := Measure(sleeperJob(t, "model.train.iterations=1000"))
		if err != nil || e.Seconds < 10 {
			t.Fatalf("%+v, %v; steps take 10 ms", e, err)
		}
		if best.Seconds = min(best.Seconds, e.Seconds); best.Seconds < 12.5 {
			best = e
			break
		}
	}
	if best.Seconds > 12.5 || best.Bytes < sleeperHolds-1<<20 || best.Bytes > sleeperHolds+4<<20 {
		t.Errorf("%+v, want 10 s and %d bytes", best, sleeperHolds)
	}
	if e, err := Measure(spec.Job{Spec: spec.Spec{Features: &spec.FeaturesSpec{}}}); err != nil || e != (Estimate{}) {
		t.Errorf("features: %+v, %v", e, err)
	}
}

// A batch of a trial has as many images of each domain as a step takes, and labels of the
// source where the method learns from them.
func TestTrial(t *testing.T) {
	job := sleeperJob(t, "model.train.batch=13")
	method, err := models.Methods.Get("known-sleeper")
	if err != nil {
		t.Fatal(err)
	}
	var filled []string
	fill := func(n int, name string) []float32 {
		filled = append(filled, fmt.Sprint(name, n))
		return make([]float32, n)
	}
	tried := func(k int) (*trial, int, *models.Batch) {
		t.Helper()
		filled = nil
		tr, err := newTrial(job, method, fill)
		if err != nil {
			t.Fatal(err)
		}
		first, b, err := tr.phase(k)
		if err != nil {
			t.Fatal(err)
		}
		return tr, first, b
	}
	_, first, b := tried(0)
	equal(t, "filled", filled, fmt.Sprintf("[a%d b%d]", 13*64, 13*64))
	equal(t, "without labels", fmt.Sprint(first, b.Len(), b.Rows[0], b.Rows[1], b.Labels), "0 13 [0 1 2 3 4 5 6 7 8 9 10 11 12] [0 1 2 3 4 5 6 7 8 9 10 11 12] []")
	method.Phases = func(models.Config) []models.Phase {
		return []models.Phase{{Steps: 5, Shows: [2]bool{false, true}}, {Steps: 7, Shows: [2]bool{false, true}}}
	}
	_, first, b = tried(1)
	equal(t, "filled of b alone", fmt.Sprint(first, filled, b.Images[0] == nil, len(b.Rows[0]), len(b.Rows[1])), fmt.Sprint(5, []string{fmt.Sprint("b", 13*64)}, true, 0, 13))
	method.Phases = func(models.Config) []models.Phase {
		return []models.Phase{{Steps: 5, Shows: [2]bool{true, false}}, {Steps: 7, Shows: [2]bool{false, true}, RefreshEvery: 3}}
	}
	method.Needs = models.Needs{Labels: true}
	classes := 0
	method.New = func(c models.Config) (models.Model, error) { classes = c.Classes; return &refreshed{}, nil }
	tr, first, b := tried(0)
	equal(t, "labels", fmt.Sprint(classes, first, b.Source, b.Labels, b.Images[1] == nil, tr.model.(*refreshed).at), fmt.Sprint(10, 0, domains.A, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2}, true, []int(nil)))
	tr, first, b = tried(1)
	equal(t, "of the target", fmt.Sprint(first, b.Labels == nil, b.Images[0] == nil, b.Len(), tr.model.(*refreshed).at), fmt.Sprint(5, true, true, 13, []int{5}))
}

// A refreshed model notes the steps before which it is refreshed.
type refreshed struct {
	sleeper
	at []int
}

func (r *refreshed) Refresh(_ context.Context, step int, d *models.Data) error {
	if d.Images[0].Len() != 13 || d.Images[1].Len() != 13 {
		return fmt.Errorf("%d and %d images", d.Images[0].Len(), d.Images[1].Len())
	}
	r.at = append(r.at, step)
	return nil
}

// The operations of a layer by hand: 4 x 4 places of the output, 3 x 5 channels, 4 x 4 taps,
// two each, of two images, in each pass; those of a product are 2n³.
func TestBenchCounts(t *testing.T) {
	l := models.Layer{Name: "conv", Conv: kernels.Conv{Kernel: 4, Stride: 2, Padding: 1}, In: 3, Out: 5, Side: 8}
	equal(t, "multiply-adds", l.MACs(), 4*4*3*5*16)
	calls := 0
	count := func(work float64, do func()) float64 { calls++; do(); return work }
	const work = 2.0 * 2 * 4 * 4 * 3 * 5 * 16
	for _, tt := range []struct{ transposed, first bool }{{false, false}, {true, false}, {false, true}} {
		l.Transposed, calls = tt.transposed, 0
		work := work
		if tt.transposed { // a place of the input each
			work *= 4
		}
		want := LayerRate{"conv", "8x8, 3 to 5", work, work, work}
		passes := 3
		if tt.first { // no gradient by the images
			want.InputGrad, passes = 0, 2
		}
		equal(t, fmt.Sprintf("%+v", tt), benchLayer(l, 2, tt.first, count), want)
		equal(t, "passes", calls, passes)
	}
	before := parallel.Threads()
	got := benchProduct(1, 16, func(work float64, do func()) float64 {
		do()
		equal(t, "threads of a product on one", parallel.Threads(), 1)
		return work
	})
	closeTo(t, "product", got, 2*16*16*16, 0)
	equal(t, "threads after it", parallel.Threads(), before)
	x, y := noise(1000, "x"), noise(1000, "y")
	var sum float64
	low, high := float32(1), float32(-1)
	for i, v := range x {
		sum += float64(v)
		low, high = min(low, v), max(high, v)
		if v == y[i] || v != noise(1000, "x")[i] {
			t.Fatalf("noise of two names is %v and %v", v, y[i])
		}
		if i > 2 {
			y[i]++
		}
	}
	if low < -1 || low > -0.9 || high >= 1 || high < 0.9 || sum < -100 || sum > 100 {
		t.Errorf("noise from %v to %v with mean %v", low, high, sum/1000)
	}
}

// A rate is of the best round; a step's time is the median of all but the first.
func TestBenchTimes(t *testing.T) {
	calls := 0
	if got := rate(1e6, 30*time.Millisecond, func() { calls++; time.Sleep(time.Millisecond) }); calls < 5 || calls > 100 || got < 1e8 || got > 1e9 {
		t.Errorf("%d calls of a millisecond and a million: %v a second", calls, got)
	}
	three := &domains.Images{Shape: domains.Shape{Channels: 1, Height: 8, Width: 8}, Data: make([]float32, 3*64)}
	m := &sleeper{steps: []time.Duration{60 * time.Millisecond, 0, 30 * time.Millisecond, 0}}
	s, err := benchSteps(m, 7, modelstest.Pair(three, three), time.Millisecond)
	if err != nil || s.Batch != 3 || s.Seconds <= 0 || s.Seconds > 0.02 || s.ImagesPerSecond != 6/s.Seconds || s.Rate != 6000/s.Seconds || m.taken != 4 || m.first != 7 {
		t.Errorf("%+v after %d steps, %v", s, m.taken, err)
	}
	m = &sleeper{steps: []time.Duration{time.Millisecond}}
	if s, err := benchSteps(m, 0, modelstest.Pair(three, nil), 400*time.Millisecond); err != nil || m.taken < 6 || s.ImagesPerSecond != 3/s.Seconds {
		t.Errorf("one domain: %+v after %d steps, %v", s, m.taken, err)
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Skip("the system does not say how much memory a process has had")
	}
	var kib int64
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	if _, err := fmt.Sscan(rest, &kib); err != nil {
		t.Fatal(err)
	}
	if got := peakBytes(); got < kib<<10/2 { // Linux counts the process that began this one, too
		t.Errorf("peak memory %d bytes, the system says %d KiB", got, kib)
	}
}

// A whole report: every figure on one thread and on all, each layer in turn.
func TestBench(t *testing.T) {
	benched(t)
	defer parallel.SetThreads(parallel.Limit())
	if parallel.SetThreads(1); parallel.Threads() != 1 {
		t.Fatal("more than one thread")
	}
	benched(t)
}

func benched(t *testing.T) {
	t.Helper()
	now := parallel.Threads()
	r, err := Bench(sleeperJob(t), time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	threads := []int{1}
	if r.Threads > 1 {
		threads = append(threads, r.Threads)
	}
	var peak, product []string
	for i, n := range threads {
		for _, rate := range []ThreadRate{r.Peak[i], r.Memory[i], r.Product[2*i], r.Product[2*i+1]} {
			if rate.Threads != n || rate.Rate < 1e6 || rate.Rate > 1e14 {
				t.Errorf("on %d threads: %+v", n, rate)
			}
		}
		peak, product = append(peak, fmt.Sprint(r.Peak[i].Size, r.Memory[i].Size)), append(product, fmt.Sprint(r.Product[2*i].Size, r.Product[2*i+1].Size))
	}
	equal(t, "sizes", fmt.Sprint(len(r.Peak), len(r.Memory), len(r.Product), peak[0], product[0]), fmt.Sprint(len(threads), len(threads), 2*len(threads), "0 0", "512 1024"))
	equal(t, "head", fmt.Sprint(r.Processor, r.Kernels, r.Threads, r.Step.Batch), fmt.Sprint(runs.Processor(), kernels.Path(), now, 3))
	equal(t, "blocks", fmt.Sprint(len(r.Blocks), r.Blocks[0].Side, r.Blocks[0].Channels, r.Blocks[1].Side, r.Blocks[1].Channels), "2 32 128 64 64")
	equal(t, "layers", len(r.Layers), 3)
	for i, l := range r.Layers {
		if l.Layer != []string{"first", "second", "third"}[i] || l.Forward <= 0 || l.WeightGrad <= 0 || (l.InputGrad > 0) != (i > 0) {
			t.Errorf("layer %+v", l)
		}
		if i > 0 && max(l.Forward, l.InputGrad, l.WeightGrad) > 1e14 {
			t.Errorf("layer %+v: no processor is as fast", l)
		}
	}
}
