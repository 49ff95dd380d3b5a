package experiments

import (
	"context"
	"fmt"
	"runtime"
	"slices"
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

// Measure estimates the cost of a job's training by timing a few steps of each of its phases
// on noise (constant images have no variance to normalise by, and some methods diverge on them).
// It costs those steps and the building of the model.
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
	t, err := newTrial(job, method, noise)
	if err != nil {
		return Estimate{}, err
	}
	var e Estimate
	for k, p := range t.phases {
		if p.Steps == 0 {
			continue
		}
		first, batch, err := t.phase(k)
		if err != nil {
			return Estimate{}, err
		}
		var begun time.Time
		for i := range measuredSteps + 1 {
			if i == 1 {
				begun = time.Now()
			}
			if _, err := t.model.Step(first+i, batch); err != nil {
				return Estimate{}, err
			}
		}
		e.Seconds += time.Since(begun).Seconds() / measuredSteps * float64(p.Steps)
	}
	runtime.ReadMemStats(&after)
	e.Bytes = max(1, int64(after.HeapAlloc)-int64(before.HeapAlloc))
	return e, nil
}

// trialClasses is the number of classes where no data say it: it changes a network's cost
// by little.
const trialClasses = 10

// A trial is the model of a job and as many images of each domain as a step takes, to find out
// what steps cost.
type trial struct {
	model  models.Model
	phases []models.Phase
	data   models.Data
}

// newTrial makes one, of the pixels that fill makes.
func newTrial(job spec.Job, method models.Method, fill func(n int, name string) []float32) (*trial, error) {
	c := job.Spec.Config(job.Seed)
	if method.NeedsLabels(c.Options) {
		c.Classes = trialClasses
	}
	m, err := method.New(c)
	if err != nil {
		return nil, err
	}
	t := &trial{model: m, phases: method.PhasesOf(c), data: models.Data{Source: c.Source}}
	n := c.Options.Int("train.batch")
	for side := range t.data.Images {
		if !slices.ContainsFunc(t.phases, func(p models.Phase) bool { return p.Shows[side] }) {
			continue
		}
		t.data.Images[side] = &domains.Images{Shape: c.Shape, Data: fill(n*c.Shape.Len(), domains.Side(side).String())}
		if method.Needs.Attributes {
			t.data.Given[side] = models.NewBlock("", n, len(c.Options.Names("attributes")), 1)
		}
	}
	for i := range n {
		if method.NeedsLabels(c.Options) {
			t.data.Labels = append(t.data.Labels, i%c.Classes)
		}
	}
	return t, nil
}

// phase is the first step of a phase and what it shows: all images of the trial. The model is
// refreshed where the phase begins with that.
func (t *trial) phase(k int) (first int, b *models.Batch, err error) {
	first, b = models.Steps(t.phases[:k]), &models.Batch{Source: t.data.Source}
	for side, shown := range t.phases[k].Shows {
		if !shown {
			continue
		}
		b.Images[side], b.Given[side] = t.data.Images[side], t.data.Given[side]
		for i := range b.Images[side].Len() {
			b.Rows[side] = append(b.Rows[side], i)
		}
		if domains.Side(side) == b.Source {
			b.Labels = t.data.Labels
		}
	}
	if r, ok := t.model.(models.Refresher); ok && t.phases[k].RefreshEvery > 0 {
		err = r.Refresh(context.Background(), first, &t.data)
	}
	return first, b, err
}
