package experiments

import (
	"fmt"
	"runtime"
	"time"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments/spec"
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
func Measure(job spec.Job) (Estimate, error) {
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
	m, batch, err := trial(job, method, func(n int, _ string) []float32 { return make([]float32, n) })
	if err != nil {
		return Estimate{}, err
	}
	var begun time.Time
	for i := range measuredSteps + 1 {
		if i == 1 {
			begun = time.Now()
		}
		if _, err := m.Step(i, batch); err != nil {
			return Estimate{}, err
		}
	}
	step := time.Since(begun).Seconds() / measuredSteps
	runtime.ReadMemStats(&after)
	return Estimate{
		Seconds: step * float64(models.Steps(method.PhasesOf(job.Spec.Config(job.Seed)))),
		Bytes:   max(1, int64(after.HeapAlloc)-int64(before.HeapAlloc)),
	}, nil
}

// trialClasses is the number of classes where no data say it: it changes a network's cost
// by little.
const trialClasses = 10

// trial makes the model of a job and a batch as the last phase of its training shows them,
// of the pixels that fill makes.
func trial(job spec.Job, method models.Method, fill func(n int, name string) []float32) (models.Model, *models.Batch, error) {
	c := job.Spec.Config(job.Seed)
	if method.Needs.Labels {
		c.Classes = trialClasses
	}
	m, err := method.New(c)
	if err != nil {
		return nil, nil, err
	}
	phases := method.PhasesOf(c)
	n, b := c.Options.Int("train.batch"), &models.Batch{Source: c.Source}
	for side, shown := range phases[len(phases)-1].Shows {
		if !shown {
			continue
		}
		b.Images[side] = &domains.Images{Shape: c.Shape, Data: fill(n*c.Shape.Len(), domains.Side(side).String())}
		if method.Needs.Attributes {
			b.Given[side] = models.NewBlock("", n, len(c.Options.Names("attributes")), 1)
		}
		for i := range n {
			b.Rows[side] = append(b.Rows[side], i)
			if method.Needs.Labels && domains.Side(side) == c.Source {
				b.Labels = append(b.Labels, i%c.Classes)
			}
		}
	}
	return m, b, nil
}
