package modelstest

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
)

// short is the number of steps of the trainings that are compared.
const short = 4

// train makes the steps from start until the end, or until a checkpoint is saved in dir.
func (w *walk) train(m models.Model, changes option.Values, start, until int, dir string) (losses []float64) {
	n := w.size(changes)
	return w.trainOn(w.data(2*n+1, 2*n, changes), m, changes, start, until, dir)
}

func (w *walk) trainOn(d *models.Data, m models.Model, changes option.Values, start, until int, dir string) (losses []float64) {
	err := models.Train(context.Background(), m, d, models.Training{
		Phases: cut(w.method.PhasesOf(w.config(changes, 0)), until), Batch: w.size(changes), Seed: 5, Start: start, LogEvery: 1,
		Log: func(_ int, ls []models.Loss) error {
			for _, l := range ls {
				losses = append(losses, l.Value)
			}
			return nil
		},
		Save: func(step int) error {
			if dir == "" {
				return nil
			}
			return models.SaveCheckpoint(dir, "walk", step, m)
		}})
	w.must(err, "training")
	return losses
}

// cut makes phases of so many steps together, the last one the longer where they are short.
func cut(phases []models.Phase, steps int) []models.Phase {
	out := slices.Clone(phases)
	for i := range out {
		if i < len(out)-1 {
			out[i].Steps = min(out[i].Steps, steps)
		} else {
			out[i].Steps = steps
		}
		steps -= out[i].Steps
	}
	return out
}

// snapshot copies all parameters.
func snapshot(m models.Model) map[string][]float32 {
	out := map[string][]float32{}
	for _, p := range m.Parameters().All() {
		out[p.Name] = slices.Clone(p.Data)
	}
	return out
}

// differing is a parameter in which two models differ by a bit; empty where there is none.
func differing(a, b map[string][]float32) string {
	for name, data := range a {
		if !slices.EqualFunc(data, b[name], func(x, y float32) bool { return math.Float32bits(x) == math.Float32bits(y) }) {
			return name
		}
	}
	if len(a) != len(b) {
		return fmt.Sprintf("their number, %d and %d", len(a), len(b))
	}
	return ""
}

func (w *walk) repeats() {
	m := w.model(nil, 1)
	w.train(m, nil, 0, short, "")
	want := snapshot(m)
	threads(func(n int) {
		again := w.model(nil, 1)
		w.train(again, nil, 0, short, "")
		if name := differing(want, snapshot(again)); name != "" {
			w.addf("%d threads, or a second time, train other bytes: %s", n, name)
		}
	})
	other := w.model(nil, 2)
	if w.o.Quiet["seed"] == "" && differing(snapshot(w.model(nil, 1)), snapshot(other)) == "" {
		w.addf("another seed begins with the same parameters")
	}
}

func (w *walk) resumes() {
	dir, err := os.MkdirTemp("", "modelstest")
	w.must(err, "a folder")
	defer os.RemoveAll(dir)
	whole := w.model(nil, 1)
	w.train(whole, nil, 0, short, "")
	w.train(w.model(nil, 1), nil, 0, short/2, dir)
	paths, err := filepath.Glob(filepath.Join(dir, "*.safetensors"))
	if err != nil || len(paths) == 0 {
		w.addf("resuming: no checkpoint was saved (%v)", err)
		return
	}
	m := w.model(nil, 1)
	step, err := models.LoadCheckpoint(paths[len(paths)-1], "walk", m)
	w.must(err, "loading a checkpoint")
	w.train(m, nil, step, short, "")
	if name := differing(snapshot(whole), snapshot(m)); name != "" {
		w.addf("a training resumed after %d of %d steps ends with other bytes: %s", step, short, name)
	}
}

// outcome is all that a setting can change: parameters, losses, codes and images.
func (w *walk) outcome(changes option.Values) string {
	m := w.model(changes, 1)
	losses := w.train(m, changes, 0, short, "")
	var b strings.Builder
	for _, p := range m.Parameters().All() {
		fmt.Fprintln(&b, p.Name, p.Shape, p.Data)
	}
	x := w.waves(2, 3)
	if e, ok := m.(models.Encoder); ok {
		codes, err := e.Encode(x)
		w.must(err, "encoding")
		for _, block := range codes {
			fmt.Fprintln(&b, block.Role, block.Data)
		}
		if d, ok := m.(models.Decoder); ok {
			images, err := d.Decode(2, without(codes, models.SeparateB))
			w.must(err, "decoding")
			fmt.Fprintln(&b, images.Data)
		}
	}
	fmt.Fprintln(&b, w.translated(m))
	if c, ok := m.(models.Classifier); ok {
		logits, err := c.Classify(x)
		w.must(err, "classifying")
		fmt.Fprintln(&b, logits.Data)
	}
	fmt.Fprintln(&b, losses)
	return b.String()
}

func (w *walk) options() {
	base := w.outcome(nil)
	for name := range w.o.Quiet {
		if name != "seed" && !slices.ContainsFunc(w.method.Options, func(o option.Option) bool { return o.Name == name }) {
			w.addf("quiet names option %q, which is none", name)
		}
	}
	for _, o := range w.method.Options {
		if w.o.Quiet[o.Name] != "" {
			continue
		}
		given := o
		if v, ok := w.o.Settings[o.Name]; ok {
			given.Default = v
		}
		value, ok := w.o.Change[o.Name]
		if !ok {
			value = given.Another()
		}
		w.guard("option "+o.Name, func() {
			if w.outcome(option.Values{o.Name: value}) == base {
				w.addf("%s = %v changes nothing in %d steps; want an effect, or a reason in Quiet", o.Name, value, short)
			}
		})
	}
}

func (w *walk) notFinite() {
	m, n := w.model(nil, 1), w.size(nil)
	d := w.data(n, n, nil)
	if r, ok := m.(models.Refresher); ok {
		w.must(r.Refresh(context.Background(), 0, d), "refreshing")
	}
	w.step(m, 0, w.batch(d, nil, 0), nil)
	before := snapshot(m)
	b := w.batch(d, nil, 1)
	for side, im := range b.Images { // the first domain that is shown
		if im != nil {
			b.Images[side] = notNumbers(im)
			break
		}
	}
	_, err := m.Step(1, b)
	if err == nil || strings.Contains(err.Error(), "\n") {
		w.addf("a step on images that are not numbers gives error %v, want one line", err)
	}
	trained := map[string]bool{}
	for _, p := range m.Parameters().All() {
		trained[p.Name] = !p.State // a power iteration may have gone on
	}
	for name, data := range snapshot(m) {
		if trained[name] && !slices.Equal(data, before[name]) {
			w.addf("%s moves although the loss is not finite", name)
			return
		}
	}
}

// notNumbers are as many images of NaN.
func notNumbers(im *domains.Images) *domains.Images {
	bad := &domains.Images{Shape: im.Shape, Data: slices.Clone(im.Data)}
	for i := range bad.Data {
		bad.Data[i] = float32(math.NaN())
	}
	return bad
}

// attributes count where they are asked for.
func (w *walk) attributes() {
	if !w.method.Needs.Attributes {
		return
	}
	n := w.size(nil)
	for side := range 2 {
		m, other := w.model(nil, 1), w.model(nil, 1)
		w.train(m, nil, 0, short, "")
		d := w.data(2*n+1, 2*n, nil)
		for i, v := range d.Given[side].Data {
			d.Given[side].Data[i] = 1 - v
		}
		w.trainOn(d, other, nil, 0, short, "")
		if differing(snapshot(m), snapshot(other)) == "" {
			w.addf("other attributes of %s train the same bytes, though the method asks for attributes", domains.Side(side))
		}
	}
}

// labels count where they are asked for.
func (w *walk) labels() {
	if !w.method.NeedsLabels(w.config(nil, 0).Options) {
		return
	}
	n := w.size(nil)
	m, other := w.model(nil, 1), w.model(nil, 1)
	w.train(m, nil, 0, short, "")
	d := w.data(2*n+1, 2*n, nil)
	for i := range d.Labels {
		d.Labels[i] = (d.Labels[i] + 1) % classes
	}
	w.trainOn(d, other, nil, 0, short, "")
	if differing(snapshot(m), snapshot(other)) == "" {
		w.addf("other labels train the same bytes, though the method asks for labels")
	}
}
