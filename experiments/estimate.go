package experiments

import (
	"fmt"
	"runtime"
	"time"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/models"
)

// An Estimate says what the training of a job will cost on this machine.
type Estimate struct {
	Seconds float64 // wall clock
	Bytes   int64   // heap of the model at work, without the data
}

// measuredSteps are timed after one that is not: the first step fills buffers.
const measuredSteps = 3

// Measure estimates the cost of a job's training by timing a few steps of its
// model on black images. It costs those steps and the building of the model.
func Measure(job Job) (Estimate, error) {
	if job.Spec.Features != nil {
		return Estimate{}, nil // nothing is trained
	}
	method, err := models.Methods.Get(job.Spec.Model.Method)
	if err != nil {
		return Estimate{}, fmt.Errorf("experiments: %w", err)
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	shape := job.Spec.Image.Shape()
	m, err := method.New(models.Config{Shape: shape, Options: job.Spec.Model.Options, Seed: job.Seed})
	if err != nil {
		return Estimate{}, err
	}
	batch := &domains.Images{Shape: shape, Data: make([]float32, job.Spec.Model.Options.Int("train.batch")*shape.Len())}
	var begun time.Time
	for i := range measuredSteps + 1 {
		if i == 1 {
			begun = time.Now()
		}
		if _, err := m.Step(i, batch, batch); err != nil {
			return Estimate{}, err
		}
	}
	step := time.Since(begun).Seconds() / measuredSteps
	runtime.ReadMemStats(&after)
	return Estimate{
		Seconds: step * float64(job.Spec.Model.Options.Int("train.iterations")),
		Bytes:   max(1, int64(after.HeapAlloc)-int64(before.HeapAlloc)),
	}, nil
}
