package didd

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
	goldens "github.com/venn-adapt/venn/internal/golden"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
)

// What testdata/golden_labels.py trains.
const labelBatch, labelClasses, labelFirst = 4, 3, 5

var (
	every = option.Values{"label.entropy": 0.2, "label.information": 0.5, "label.pseudo": 0.4, "label.translated": 0.3, "label.consistency": 0.2, "label.agreement": 0.6, "label.private": 0.15}
	// The terms of each case, by the name of its golden steps; a source that is not A is said.
	labelCases = map[string]struct {
		source  domains.Side
		changes option.Values
	}{
		"classifier":                   {domains.A, nil},
		"classifier of the whole code": {domains.A, option.Values{"label.pool": false}},
		"reversed confusion":           {domains.B, option.Values{"loss.confusion_target": "reverse"}},
		"information":                  {domains.A, only("label.entropy", "label.information")},
		"conditional":                  {domains.A, option.Values{"loss.confusion_target": "reverse", "label.conditional": true}},
		"pseudo":                       {domains.B, only("label.pseudo")},
		"translated":                   {domains.A, only("label.translated", "label.consistency")},
		"private":                      {domains.B, only("label.private")},
		"norm of both":                 {domains.A, option.Values{"label.norm": "separate"}},
		"norm of the target":           {domains.B, with(only("label.entropy", "label.information"), option.Values{"label.norm": "target"})},
		"averages":                     {domains.B, option.Values{"label.norm": "target", "label.teacher": 0.1}},
		"agreement":                    {domains.A, with(only("label.agreement"), option.Values{"label.teacher": 0.9})},
		"agreement of changed images":  {domains.A, with(only("label.agreement", "label.pseudo"), option.Values{"label.norm": "separate", "label.teacher": 0.9, "label.changes": 1})},
		"all of changed images":        {domains.A, with(every, option.Values{"loss.confusion_target": "reverse", "label.conditional": true, "label.norm": "separate", "label.teacher": 0.9, "label.changes": 1})},
		"all":                          {domains.B, with(every, option.Values{"loss.confusion_target": "reverse", "label.conditional": true, "label.norm": "separate", "label.teacher": 0.9})},
		"all of the whole code":        {domains.A, with(every, option.Values{"label.pool": false, "loss.confusion_target": "reverse", "label.conditional": true, "label.norm": "target", "label.teacher": 0.9})},
	}
	given = []float32{0, -1, 2, 1, 1, 2, -1, 0} // classes of the target's images
)

func only(names ...string) option.Values {
	out := option.Values{}
	for _, n := range names {
		out[n] = every[n]
	}
	return out
}

func with(values ...option.Values) option.Values {
	out := option.Values{}
	for _, v := range values {
		maps.Copy(out, v)
	}
	return out
}

// newLabelled is a model of three classes that learns from labels of A, or of the source given.
func newLabelled(t *testing.T, source domains.Side, changes ...option.Values) labelled {
	t.Helper()
	o := settings(with(append([]option.Values{{"base": 4, "separate": 2, "label.weight": 0.8}}, changes...)...))
	m, err := newMethod(models.Config{Shape: domains.Shape{Channels: 3, Height: 16, Width: 16}, Source: source, Classes: labelClasses, Options: o, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	return m.(labelled)
}

// Two steps with each term, and with all, agree with PyTorch: losses, gradients of the first,
// parameters, running moments and vectors of the spectral norms after both.
func TestLabelsAgainstPyTorch(t *testing.T) {
	raw, err := os.ReadFile("testdata/golden_labels.json")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]json.RawMessage{}
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) != len(labelCases)+1 {
		t.Errorf("PyTorch has %d cases, the test %d", len(all)-1, len(labelCases))
	}
	for name, c := range labelCases {
		t.Run(name, func(t *testing.T) {
			var g labelGolden
			if err := json.Unmarshal(all[name], &g); err != nil || len(g.After) == 0 {
				t.Fatalf("no golden steps (%v): golden_labels.py makes them", err)
			}
			m := newLabelled(t, c.source, option.Values{"train.iterations": 10, "train.clip": 0.5, "loss.zero": 0.7, "loss.confusion": 0.3,
				"label.warmup": 4, "label.ramp": 4, "label.dropout": 0.0, "label.map": 16, "label.translation": 0.0, "label.noise": 0.0}, c.changes)
			g.check(t, m, c.source)
		})
	}
}

type labelGolden struct {
	Losses           map[string]float64
	Gradients, After map[string]goldens.Tensor
}

func (g labelGolden) check(t *testing.T, m labelled, source domains.Side) {
	g.fill(t, m)
	for step := range 2 {
		b := &models.Batch{Source: source}
		for i := range labelBatch {
			b.Labels = append(b.Labels, (i+step)%labelClasses)
		}
		for side := range b.Images {
			x := &domains.Images{Shape: m.shape, Data: make([]float32, labelBatch*m.shape.Len())}
			goldens.Fill(x.Data, fmt.Sprintf("%s/%d", domains.Side(side), step), -1, 1)
			b.Images[side] = x
			for i := range labelBatch {
				b.Rows[side] = append(b.Rows[side], step*labelBatch+i)
			}
		}
		g.step(t, m, b, step)
	}
	for _, p := range m.ps.All() {
		if p.Rows {
			continue
		}
		of := g.Gradients[strings.TrimPrefix(strings.TrimPrefix(p.Name, "average/"), cyclePrefix)] // an average goes where its parameter goes
		gradient, noise := of.Values(), max(1e-6, 1e-4*of.Scale())
		rate := 2e-4
		if strings.HasPrefix(p.Name, "classifier/") || strings.HasPrefix(p.Name, "private/") {
			rate = 1e-3
		}
		g.After[p.Name].Compare(t, p.Name+" after two steps", p.Data, func(i int) float64 {
			if i < len(gradient) && math.Abs(float64(gradient[i])) < noise { // Adam divides rounding noise by its own size
				return 4.2 * rate
			}
			return 1e-5
		})
	}
}

// step compares one step, its parts by themselves: gradients are gone once another program has
// run.
func (g labelGolden) step(t *testing.T, m labelled, b *models.Batch, step int) {
	t.Helper()
	if err := m.fillLabels(b); err != nil {
		t.Fatal(err)
	}
	if s := m.step; s != nil && s.label != nil && s.label.lesson != nil {
		s.label.lesson.change = negative
	}
	losses, err := m.reconstruct(labelFirst+step, b.Images[domains.A], b.Images[domains.B])
	if err != nil {
		t.Fatal(err)
	}
	gradients := func(gradient func(i int) []float32, prefixes ...string) {
		for i, p := range m.ps.Trained(prefixes...) {
			want := g.Gradients[p.Name]
			rounding := 1e-7
			if want.Scale() < 1e-12 { // of a bias before a normalisation: there is none
				rounding = 2e-5
			}
			want.Compare(t, "gradient of "+p.Name, gradient(i), goldens.Near(1e-4*want.Scale()+rounding))
		}
	}
	if step == 0 {
		gradients(func(i int) []float32 { return m.step.auto.Gradient(i).Data().([]float32) }, append(slices.Clone(autoNetworks), classifiers...)...)
	}
	more, err := m.discriminate()
	if err != nil {
		t.Fatal(err)
	}
	if step == 0 {
		gradients(func(i int) []float32 { return m.step.disc.Gradient(i).Data().([]float32) }, "discriminator/")
	}
	if m.patches != nil {
		of, err := m.judge()
		if err != nil {
			t.Fatal(err)
		}
		if step == 0 {
			gradients(func(i int) []float32 { return m.step.patches.program.Gradient(i).Data().([]float32) }, patchesPrefix)
		}
		more = append(more, of...)
	}
	if want := len(g.Losses) / 2; len(losses)+len(more) != want+1 { // and the discriminator's accuracy
		t.Errorf("%d losses, PyTorch %d", len(losses)+len(more), want)
	}
	for _, l := range append(losses, more...) {
		want, ok := g.Losses[fmt.Sprintf("%s/%d", l.Name, step)]
		if l.Name != "discriminator-accuracy" && (!ok || !(math.Abs(l.Value-want) <= 3e-5*max(1, want))) {
			t.Errorf("%s/%d: %v, PyTorch %v", l.Name, step, l.Value, want)
		}
	}
}

// negative is the change of images in golden_labels.py.
func negative(dst []float32, x *domains.Images, _ string, _ int) {
	for i, v := range x.Data {
		dst[i] = -v
	}
}

// fill gives all parameters the values that golden_labels.py gives them.
func (g labelGolden) fill(t *testing.T, m labelled) {
	t.Helper()
	count := 0
	for _, p := range m.ps.All() {
		if p.Rows {
			p.Resize(len(given))
			copy(p.Data, given)
			continue
		}
		count++
		low, high := -0.3, 0.3
		switch kind := p.Name[strings.LastIndex(p.Name, "/")+1:]; {
		case kind == "scale" || kind == "variance":
			low, high = 0.5, 1.5
		case kind == "steps":
			low, high = 3, 3
		case kind == "shift" || kind == "mean":
			low, high = -0.5, 0.5
		case p.State: // of a spectral norm, or a random map
			low, high = -1, 1
		}
		goldens.Fill(p.Data, p.Name, low, high)
		if strings.HasSuffix(p.Name, "/u") || strings.HasSuffix(p.Name, "/v") {
			square := 0.0
			for _, v := range p.Data {
				square += float64(v) * float64(v)
			}
			for i := range p.Data {
				p.Data[i] /= float32(math.Sqrt(square))
			}
		}
	}
	if count != len(g.After) {
		t.Fatalf("PyTorch has %d parameters, the model %d", len(g.After), count)
	}
}
