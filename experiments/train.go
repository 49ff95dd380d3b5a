package experiments

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/models"
)

// config is what the model of the job is made from.
func (w *job) config() models.Config {
	c := w.Spec.Config(w.Seed)
	if w.method.NeedsLabels(c.Options) {
		c.Classes = len(w.domains[c.Source].Train.Truth.Classes())
	}
	return c
}

// steps is the length of the whole training.
func (w *job) steps() int { return models.Steps(w.method.PhasesOf(w.config())) }

// data is what the training sees: images of both domains and, where the method asks for
// them, the labels of the source, and attributes of either domain that the spec grants.
func (w *job) data() (*models.Data, error) {
	d := &models.Data{Source: w.Spec.LabelledSide(), Augment: w.Spec.Image.Augment, Images: [2]*domains.Images{w.domains[0].Train.Images, w.domains[1].Train.Images}}
	if w.method.Needs.Attributes {
		for side, of := range w.domains {
			var err error
			if d.Given[side], err = granted(of, w.Spec.Model.Options.Names("attributes")); err != nil {
				return nil, err
			}
		}
	}
	if !w.method.NeedsLabels(w.Spec.Model.Options) {
		return d, nil
	}
	labelled, err := w.domains[d.Source].Train.Labelled()
	d.Labels = labelled.Labels
	return d, err
}

// granted are attributes of a domain's training images, 1 of those that an image has.
func granted(d *domains.Domain, columns []string) (*models.Block, error) {
	if d.Population == nil {
		return nil, fmt.Errorf("experiments: %s lists no attributes of its images", d.Name)
	}
	has, err := d.Population.Granted(d.Train.Names, columns)
	if err != nil {
		return nil, err
	}
	out := models.NewBlock("", len(has), len(columns), 1)
	for i, row := range has {
		for k, yes := range row {
			if yes {
				out.Row(i)[k] = 1
			}
		}
	}
	return out, nil
}

// train brings the model to its last step, from the newest checkpoint if there is
// one. Records beyond the checkpoint are cut off and written again.
func (w *job) train() error {
	phases := w.method.PhasesOf(w.config())
	until, start := models.Steps(phases), 0
	if err := models.Prune(w.dir.File("checkpoints")); err != nil {
		return err
	}
	paths, err := models.Checkpoints(w.dir.File("checkpoints"))
	if err != nil {
		return err
	}
	if len(paths) > 0 {
		if start, err = models.LoadCheckpoint(paths[len(paths)-1], w.ID, w.model); err != nil {
			return damagedCheckpoint{err}
		}
		w.dir.Log.Info("resumed", "checkpoint", paths[len(paths)-1], "step", start)
	}
	recorder, err := w.dir.Recorder(start)
	if err != nil {
		return err
	}
	if start >= until {
		return recorder.Close()
	}
	if err := w.forgetCodes(); err != nil {
		return errors.Join(err, recorder.Close())
	}
	data, err := w.data()
	if err != nil {
		return errors.Join(err, recorder.Close())
	}
	for start < until && err == nil {
		var to int
		if to, err = w.standing(start); err == nil {
			err = w.trainTo(start, to, phases, data, recorder)
		}
		start = to
	}
	return errors.Join(err, recorder.Close())
}

// trainTo makes the steps after start up to another, and a checkpoint there.
func (w *job) trainTo(start, to int, phases []models.Phase, data *models.Data, recorder *runs.Recorder) error {
	o := w.Spec.Model.Options
	clock, err := w.clock(start)
	if err != nil {
		return err
	}
	w.progress.Stage("train", start, to)
	return models.Train(w.ctx, w.model, data, models.Training{
		Phases: phases, Batch: o.Int("train.batch"), Seed: w.Seed, Start: start, Until: to,
		LogEvery: o.Int("train.log_every"), SaveEvery: o.Int("train.checkpoint_every"),
		Watch: []models.Watcher{{Every: w.Spec.Report.Watch, At: clock.without(w.subject().Watch)}, {Every: w.Spec.Adapt.Along, At: clock.without(w.subject().ScoreAlong)}},
		Log: func(step int, losses []models.Loss) error {
			r := runs.Record{Step: step}
			for _, l := range losses {
				r.Values = append(r.Values, runs.Value(l))
			}
			w.progress.Step(step, r.Values)
			return recorder.Append(r)
		},
		Save: func(step int) error {
			if err := recorder.Seal(step); err != nil {
				return err
			}
			if err := models.SaveCheckpoint(w.dir.File("checkpoints"), w.ID, step, w.model); err != nil {
				return err
			}
			return w.dir.KeepTimes(runs.Times{Training: clock.seconds()})
		},
	})
}

// A clock goes while a model trains.
type clock struct {
	before float64 // seconds of earlier pieces
	since  time.Time
	other  time.Duration // that was not training
}

// clock starts one at a step: what the run has spent so far counts where it goes on.
func (w *job) clock(start int) (*clock, error) {
	c := &clock{since: time.Now()}
	if start == 0 {
		return c, nil
	}
	spent, err := w.dir.Times()
	c.before = spent.Training
	return c, err
}

func (c *clock) seconds() float64 {
	return math.Round(1e3*(c.before+(time.Since(c.since)-c.other).Seconds())) / 1e3
}

// without stops it while something else is done.
func (c *clock) without(do func(step int) error) func(step int) error {
	return func(step int) error {
		from := time.Now()
		defer func() { c.other += time.Since(from) }()
		return do(step)
	}
}

// damagedCheckpoint marks a checkpoint error for the exit code of damaged data.
type damagedCheckpoint struct{ error }

func (damagedCheckpoint) Damaged() bool   { return true }
func (d damagedCheckpoint) Unwrap() error { return d.error }
