package deep

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
	goldens "github.com/venn-adapt/venn/internal/golden"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/ops"
)

// newTrained makes a model of a method on the small images with settings of its own.
func newTrained(t *testing.T, method string, source domains.Side, changes option.Values) (models.Method, models.Model, models.Config) {
	t.Helper()
	info, err := models.Methods.Get(method)
	if err != nil {
		t.Fatal(err)
	}
	o := option.Defaults(info.AllOptions())
	o["backbone"], o["train.iterations"] = "p-small", 10
	for name, v := range changes {
		o[name] = v
	}
	c := models.Config{Shape: goldenShape, Source: source, Classes: goldenClasses, Options: o, Seed: 3}
	m, err := info.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return info, m, c
}

// only hides a domain of a batch.
func only(b *models.Batch, side domains.Side) *models.Batch {
	b.Images[1-side], b.Rows[1-side] = nil, nil
	if side != b.Source {
		b.Labels = nil
	}
	return b
}

// A shotGolden is a step on the source and two on the target, from the same parameters.
type shotGolden struct {
	golden
	Labels goldens.Tensor
	Source map[string]goldens.Tensor // gradients
}

// A step on the source, labels of the target by centroids, two steps on the target.
func TestShotAgainstPyTorch(t *testing.T) {
	raw, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]json.RawMessage{}
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	settings := option.Values{"source_share": 0.6, "bottleneck": 12, "dropout": 0.0, "adaptation_rate": 1e-4, "smoothing": 0.2, "diversity": 0.7, "train.decay": 0.9, "train.clip": 0.5}
	for _, name := range []string{"shot", "shot-im"} {
		for _, source := range []domains.Side{domains.A, domains.B} {
			t.Run(fmt.Sprintf("%s from %s", name, source), func(t *testing.T) {
				var g shotGolden
				if err := json.Unmarshal(all[name], &g); err != nil || len(g.After) == 0 {
					t.Fatalf("no golden steps (%v): golden.py makes them", err)
				}
				if name == "shot" {
					settings["labels"] = 0.3
				}
				_, m, _ := newTrained(t, name, source, settings)
				g.checkShot(t, m.(*shot), source)
			})
		}
		delete(settings, "labels")
	}
}

func (g shotGolden) checkShot(t *testing.T, m *shot, source domains.Side) {
	target := 1 - source
	for at := 5; at <= 7; at++ {
		b := &models.Batch{Source: source}
		b.Images[source], b.Images[target] = images("source/0"), images(fmt.Sprintf("target/%d", at))
		b.Rows[target] = []int{5, 4, 3, 2, 1, 0}
		b.Labels = []int{0, 1, 2, 0, 1, 2}
		if at < 7 {
			g.fill(t, m.Parameters())
		}
		if at == 6 {
			d := &models.Data{Source: source}
			d.Images[target] = images("refresh")
			if err := m.Refresh(context.Background(), at, d); err != nil {
				t.Fatal(err)
			}
			if m.labels != nil {
				g.Labels.Compare(t, "labels", m.labels.Data, goldens.Near(0))
			}
		}
		losses, err := m.Step(at, only(b, [2]domains.Side{source, target}[min(1, at/6)]))
		if err != nil {
			t.Fatal(err)
		}
		g.checkLosses(t, losses, at, wider)
		gradients := func(of []*models.Parameter, p *ops.Program, want map[string]goldens.Tensor) {
			for i, w := range of {
				want[w.Name].Compare(t, "gradient of "+w.Name, p.Gradient(i).Data().([]float32), goldens.Near(1e-5*want[w.Name].Scale()+1e-8))
			}
		}
		switch at {
		case 5:
			gradients(m.Parameters().Trained(""), m.Program(), g.Source)
		case 6:
			gradients(m.Parameters().Trained("encoder/"), m.adapt.Program, g.Gradients)
		}
	}
	g.checkNoOther(t)
	g.checkAfter(t, m.Parameters())
}

// The classifier is the source's to the end.
func TestShotKeepsItsClassifier(t *testing.T) {
	for _, name := range []string{"shot", "shot-im"} {
		info, m, c := newTrained(t, name, domains.A, option.Values{"backbone": "p-small-bn"})
		phases := info.PhasesOf(c)
		if len(phases) != 2 || phases[0].Steps != 4 || phases[1].Steps != 6 || phases[0].Shows != [2]bool{true, false} || phases[1].Shows != [2]bool{false, true} || phases[1].RefreshEvery != map[string]int{"shot": 1}[name] {
			t.Fatalf("phases %+v", phases)
		}
		d := &models.Data{Images: [2]*domains.Images{batchOf(domains.A, 0).Images[0], batchOf(domains.A, 0).Images[1]}, Labels: batchOf(domains.A, 0).Labels}
		before := map[string][]float32{}
		train(t, m, d, phases, 0, 4, "")
		for _, p := range m.Parameters().All() {
			before[p.Name] = slices.Clone(p.Data)
		}
		train(t, m, d, phases, 4, 10, "")
		for _, p := range m.Parameters().All() {
			still := strings.HasPrefix(p.Name, "classifier/") || (p.State && strings.HasSuffix(p.Name, "/bias"))
			if slices.Equal(p.Data, before[p.Name]) != still {
				t.Errorf("%s: %s stays %v, want %v", name, p.Name, !still, still)
			}
		}
	}
}

// train makes the steps from start until one, with a checkpoint at the end where dir is named.
func train(t *testing.T, m models.Model, d *models.Data, phases []models.Phase, start, until int, dir string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	err := models.Train(ctx, m, d, models.Training{Phases: phases, Batch: 4, Seed: 5, Start: start, LogEvery: 1,
		Log: func(step int, _ []models.Loss) error {
			if step == until {
				cancel()
			}
			return nil
		},
		Save: func(step int) error {
			if dir == "" {
				return nil
			}
			return models.SaveCheckpoint(dir, "job", step, m)
		}})
	if err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}

// killedAndResumed trains to the end at once and, anew, with a stop after some steps: the same
// bytes. Eleven images of the target and nine of the source make epochs of unequal length.
func killedAndResumed(t *testing.T, method string, stop int, changes option.Values) models.Model {
	t.Helper()
	d := &models.Data{Source: domains.B}
	for side, n := range []int{11, 9} {
		x := &domains.Images{Shape: goldenShape, Data: make([]float32, n*goldenShape.Len())}
		goldens.Fill(x.Data, fmt.Sprint("set", side), -1, 1)
		d.Images[side] = x
	}
	for i := range 9 {
		d.Labels = append(d.Labels, i%goldenClasses)
	}
	info, whole, c := newTrained(t, method, domains.B, changes)
	phases := info.PhasesOf(c)
	train(t, whole, d, phases, 0, models.Steps(phases), "")
	dir := t.TempDir()
	_, first, _ := newTrained(t, method, domains.B, changes)
	train(t, first, d, phases, 0, stop, dir)
	_, second, _ := newTrained(t, method, domains.B, changes)
	paths, err := models.Checkpoints(dir)
	if err != nil || len(paths) == 0 {
		t.Fatalf("checkpoints %v, %v", paths, err)
	}
	at, err := models.LoadCheckpoint(paths[len(paths)-1], "job", second)
	if err != nil || at != stop {
		t.Fatalf("resumed at %d, want %d: %v", at, stop, err)
	}
	train(t, second, d, phases, at, models.Steps(phases), "")
	for i, p := range whole.Parameters().All() {
		if q := second.Parameters().All()[i]; !slices.Equal(p.Data, q.Data) || len(p.Data) == 0 {
			t.Errorf("%s stopped after %d steps and resumed: %s differs", method, stop, p.Name)
		}
	}
	return second
}

// A training that stops between two refreshes goes on with the labels that it had.
func TestShotResumes(t *testing.T) {
	for _, stop := range []int{4, 5, 6, 7, 9} {
		m := killedAndResumed(t, "shot", stop, option.Values{"train.batch": 4, "refresh": 2, "adaptation_rate": 0.01})
		if n := m.(*shot).labels.Shape[0]; n != 11 {
			t.Errorf("%d labels, want one for each image of the target", n)
		}
	}
}

// No loss of the target depends on the order of its images, labels by their rows included.
func TestShotOrderOfTheTarget(t *testing.T) {
	var all [2][]models.Loss
	for i := range all {
		_, m, _ := newTrained(t, "shot", domains.A, option.Values{"dropout": 0.0})
		b := only(batchOf(domains.A, 0), domains.B)
		if err := m.(*shot).Refresh(context.Background(), 4, &models.Data{Images: b.Images}); err != nil {
			t.Fatal(err)
		}
		b.Rows[domains.B] = []int{0, 1, 2, 3, 4, 5}
		if i == 1 {
			slices.Reverse(b.Rows[domains.B])
			b.Images[domains.B] = b.Images[domains.B].Take(b.Rows[domains.B])
		}
		var err error
		if all[i], err = m.Step(4, b); err != nil {
			t.Fatal(err)
		}
	}
	for i, l := range all[0] {
		if !(math.Abs(l.Value-all[1][i].Value) <= 1e-5) {
			t.Errorf("%s is %v, %v with the target in another order", l.Name, l.Value, all[1][i].Value)
		}
	}
}

func TestShotRefuses(t *testing.T) {
	info, m, c := newTrained(t, "shot", domains.A, nil)
	b := only(batchOf(domains.A, 0), domains.B)
	for _, tt := range []struct {
		rows []int
		want string
	}{{[]int{0, 1, 2, 3, 4, 6}, "of which 0 have labels"}, {nil, "rows [] of the target"}} {
		b.Rows[domains.B] = tt.rows
		if _, err := m.Step(4, b); err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("rows %v: %v, want %q", tt.rows, err, tt.want)
		}
	}
	b.Images[domains.B] = b.Images[domains.B].Range(0, 2)
	if _, err := m.Step(4, b); err == nil || err.Error() != "models: shot: a batch without 6 images of b" {
		t.Errorf("a short batch: %v", err)
	}
	if _, err := m.Step(4, only(batchOf(domains.A, 0), domains.A)); err == nil || err.Error() != "models: shot: a batch without images of b" {
		t.Errorf("a batch of the source: %v", err)
	}
	for share, steps := range map[float64]int{0: 0, 1: 10, 0.04: 0, 0.96: 10} {
		c.Options["source_share"] = share
		want := fmt.Sprintf("{model.source_share %v gives the source %d of 10 steps; want one at least for it and for the target}", share, steps)
		if faults := info.Check(c); len(faults) != 1 || fmt.Sprint(faults[0]) != want {
			t.Errorf("faults %v, want %s", faults, want)
		}
	}
}

// The network of the paper at 28 pixels, whose number of parameters the specification states;
// the bias before the normalisation is left out of it.
func TestShotParameters(t *testing.T) {
	info, err := models.Methods.Get("shot")
	if err != nil {
		t.Fatal(err)
	}
	m, err := info.New(models.Config{Shape: domains.Shape{Channels: 1, Height: 28, Width: 28}, Classes: 10, Options: option.Defaults(info.AllOptions())})
	if err != nil {
		t.Fatal(err)
	}
	if got := m.Parameters().Count(""); got != 233718-256 {
		t.Errorf("%d parameters, want 233718 less 256", got)
	}
}
