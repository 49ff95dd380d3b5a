package experiments

import (
	"fmt"
	"runtime"
	"slices"
	"syscall"
	"time"

	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/models"
)

// A BenchReport says how fast this machine trains the model of a job, and how near
// to what its processor can do. Rates are in operations or bytes a second.
type BenchReport struct {
	Processor string       `json:"processor"`
	Kernels   string       `json:"kernels"`
	Threads   int          `json:"threads"`
	Peak      []ThreadRate `json:"peak"`    // multiply-adds between registers
	Memory    []ThreadRate `json:"memory"`  // reading beyond every cache
	Product   []ThreadRate `json:"product"` // of square matrices
	Layers    []LayerRate  `json:"layers"`
	Blocks    []BlockRate  `json:"blocks"`
	Step      StepRate     `json:"step"`
}

// A ThreadRate is a rate on a number of threads; Size is the side of a matrix.
type ThreadRate struct {
	Threads int     `json:"threads"`
	Size    int     `json:"size,omitempty"`
	Rate    float64 `json:"rate"`
}

// A LayerRate gives the useful operations a second of a layer's three passes, on
// the images of a training step.
type LayerRate struct {
	Layer      string  `json:"layer"`
	Shape      string  `json:"shape"`
	Forward    float64 `json:"forward"`
	InputGrad  float64 `json:"input_gradient"` // 0 where a step does not compute it
	WeightGrad float64 `json:"weight_gradient"`
}

// A StepRate is the speed of whole training steps.
type StepRate struct {
	Batch           int     `json:"batch"` // images of each domain
	Seconds         float64 `json:"seconds"`
	ImagesPerSecond float64 `json:"images_per_second"`
	Rate            float64 `json:"rate"` // useful operations a second
	PeakBytes       int64   `json:"peak_bytes"`
}

// Bench measures the model of a job for about span a figure; the whole takes some
// eighty of them. Steps come first, so that the peak memory is theirs.
func Bench(job spec.Job, span time.Duration) (BenchReport, error) {
	r := BenchReport{Processor: runs.Processor(), Kernels: kernels.Path(), Threads: parallel.Threads()}
	method, err := models.Methods.Get(job.Spec.Model.Method)
	if err != nil {
		return r, fmt.Errorf("experiments: %w", err)
	}
	t, err := newTrial(job, method, noise)
	if err != nil {
		return r, err
	}
	first, b, err := t.phase(len(t.phases) - 1)
	if err != nil {
		return r, err
	}
	m := t.model
	shape, batch := job.Spec.Image.Shape(), b.Len()
	if r.Step, err = benchSteps(m, first, b, 4*span); err != nil {
		return r, err
	}
	measured := func(work float64, do func()) float64 { return rate(work, span, do) }
	threads := []int{1}
	if r.Threads > 1 {
		threads = append(threads, r.Threads)
	}
	for _, n := range threads {
		r.Peak = append(r.Peak, ThreadRate{Threads: n, Rate: kernels.PeakRate(n, span)})
		r.Memory = append(r.Memory, ThreadRate{Threads: n, Rate: kernels.ReadRate(n, span)})
		for _, size := range []int{512, 1024} {
			r.Product = append(r.Product, ThreadRate{n, size, benchProduct(n, size, measured)})
		}
	}
	if c, ok := m.(models.Costed); ok {
		for _, l := range c.Layers() {
			r.Layers = append(r.Layers, benchLayer(l, 2*batch, l.Side == shape.Height, measured))
		}
	}
	for _, b := range blocks {
		block, err := benchBlock(b.side, b.channels, b.images, 2*span, measured)
		if err != nil {
			return r, err
		}
		r.Blocks = append(r.Blocks, block)
	}
	return r, nil
}

// benchSteps takes the median of as many steps as fit into span, three at least.
func benchSteps(m models.Model, first int, b *models.Batch, span time.Duration) (StepRate, error) {
	median, err := medianSeconds(span, func(i int) error {
		_, err := m.Step(first+i, b)
		return err
	})
	if err != nil {
		return StepRate{}, err
	}
	images := 0
	for _, x := range b.Images {
		if x != nil {
			images += x.Len()
		}
	}
	r := StepRate{Batch: b.Len(), Seconds: median, ImagesPerSecond: float64(images) / median, PeakBytes: peakBytes()}
	if c, ok := m.(models.Costed); ok {
		r.Rate = float64(2*b.Len()*c.MACs()) / median
	}
	return r, nil
}

// medianSeconds is the median time of as many calls as fit into span, three at least, after one
// that makes graphs and takes memory.
func medianSeconds(span time.Duration, do func(i int) error) (float64, error) {
	var seconds []float64
	for begun, i := time.Now(), 0; i < 4 || time.Since(begun) < span; i++ {
		start := time.Now()
		if err := do(i); err != nil {
			return 0, err
		}
		if i > 0 {
			seconds = append(seconds, time.Since(start).Seconds())
		}
	}
	slices.Sort(seconds)
	return seconds[len(seconds)/2], nil
}

// noise is uniform in [-1, 1).
func noise(n int, name string) []float32 {
	r, out := stream.New(0, "bench", name), make([]float32, n)
	for i := range out {
		out[i] = 2*r.Float32() - 1
	}
	return out
}

// A gauge says how much of some work a second is done where do does all of it.
type gauge func(work float64, do func()) float64

// rate is work over the best of three rounds of calls that together take span.
func rate(work float64, span time.Duration, do func()) float64 {
	do()
	best := 0.0
	for range 3 {
		calls, start := 0, time.Now()
		for calls == 0 || time.Since(start) < span/3 {
			do()
			calls++
		}
		best = max(best, work*float64(calls)/time.Since(start).Seconds())
	}
	return best
}

func benchProduct(threads, size int, measured gauge) float64 {
	defer parallel.SetThreads(parallel.Limit())
	parallel.SetThreads(threads)
	n := size * size
	a, b, c := kernels.Dense(size, size, noise(n, "left")), kernels.Dense(size, size, noise(n, "right")), kernels.Dense(size, size, make([]float32, n))
	return measured(2*float64(n)*float64(size), func() { kernels.Gemm(c, a, b, false) })
}

func benchLayer(l models.Layer, images int, first bool, measured gauge) LayerRate {
	in := kernels.Dims{N: images, C: l.In, H: l.Side, W: l.Side}
	out := kernels.Dims{N: images, C: l.Out, H: l.OutSide(), W: l.OutSide()}
	x, y := noise(in.Len(), "in"), noise(out.Len(), "out")
	w, bias := noise(l.In*l.Out*l.Conv.Kernel*l.Conv.Kernel, "weight"), noise(l.Out, "bias")
	dx, dy, dw := make([]float32, len(x)), make([]float32, len(y)), make([]float32, len(w))
	work := 2 * float64(images) * float64(l.MACs())
	r := LayerRate{Layer: l.Name, Shape: fmt.Sprintf("%dx%d, %d to %d", l.Side, l.Side, l.In, l.Out)}
	if l.Transposed {
		r.Forward = measured(work, func() { kernels.ConvolveTransposed(l.Conv, dy, out, x, in, w, bias) })
		r.InputGrad = measured(work, func() { kernels.Convolve(l.Conv, dx, in, y, out, w, nil) })
		r.WeightGrad = measured(work, func() { kernels.ConvolveWeight(l.Conv, dw, x, in, y, out) })
		return r
	}
	r.Forward = measured(work, func() { kernels.Convolve(l.Conv, dy, out, x, in, w, bias) })
	if !first {
		r.InputGrad = measured(work, func() { kernels.ConvolveTransposed(l.Conv, dx, in, y, out, w, nil) })
	}
	r.WeightGrad = measured(work, func() { kernels.ConvolveWeight(l.Conv, dw, y, out, x, in) })
	return r
}

// peakBytes is the most memory that this process has had, 0 where the system does
// not say.
func peakBytes() int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	if runtime.GOOS == "darwin" {
		return u.Maxrss // bytes there, KiB elsewhere
	}
	return u.Maxrss << 10
}
