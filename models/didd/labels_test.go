package didd

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/views"
)

// shapes is n images of three classes in turn: a bright square in one of three corners, on
// noise; those of the target are faint, in more of it.
func shapes(n int, side domains.Side, seed uint64) (*domains.Images, []int) {
	im := &domains.Images{Shape: domains.Shape{Channels: 3, Height: 16, Width: 16}, Data: make([]float32, n*3*256)}
	var classes []int
	for i := range n {
		r, k := stream.New(seed, "shapes", side, i), i%3
		classes = append(classes, k)
		for p := range im.At(i) {
			y, x := p%256/16, p%16
			v := -0.8 + 0.2*r.Float32()
			if y/8 == k/2 && x/8 == k%2 {
				v += 1.2
			}
			if side == domains.B {
				v = 0.2*v + 1.2*(r.Float32()-0.2)
			}
			im.At(i)[p] = v
		}
	}
	return im, classes
}

// accuracy is the share of images of a side, not trained on, that the model's own classifier
// tells rightly.
func accuracy(t *testing.T, m labelled, side domains.Side) float64 {
	t.Helper()
	x, classes := shapes(60, side, 9)
	logits, err := m.Classify(x)
	if err != nil {
		t.Fatal(err)
	}
	right := 0
	for i, k := range classes {
		if row := logits.Row(i); row[k] == slices.Max(row) {
			right++
		}
	}
	return float64(right) / float64(len(classes))
}

// toyData has images of both domains with A's labels, fewer images of B.
func toyData() *models.Data {
	a, labels := shapes(30, domains.A, 1)
	b, _ := shapes(28, domains.B, 2)
	return &models.Data{Images: [2]*domains.Images{a, b}, Labels: labels}
}

// trainLabelled trains from a step until another, with a checkpoint at its end.
func trainLabelled(t *testing.T, m labelled, start, until int, dir string) {
	t.Helper()
	p := phases(models.Config{Options: m.options})
	p[0].Steps = until
	if err := models.Train(context.Background(), m, toyData(), models.Training{Phases: p, Batch: 6, Seed: 5, Start: start,
		Log:  func(int, []models.Loss) error { return nil },
		Save: func(step int) error { return models.SaveCheckpoint(dir, "job", step, m) }}); err != nil {
		t.Fatal(err)
	}
}

// The classifier learns the source, and says so of images that it has not seen.
func TestLearnsTheSource(t *testing.T) {
	m := newLabelled(t, domains.A, option.Values{"base": 8, "train.learning_rate": 2e-3, "label.weight": 1.0, "label.rate": 5e-3})
	if before := accuracy(t, m, domains.A); before > 0.7 {
		t.Errorf("untrained, the classifier is right on %v of the source", before)
	}
	trainLabelled(t, m, 0, 120, t.TempDir())
	if after := accuracy(t, m, domains.A); after < 0.95 {
		t.Errorf("the classifier is right on %v of the source", after)
	}
}

// The classifier that learns from the source alone fails on the target, which is fainter and
// noisier; with what it may learn of the target it serves that too.
func TestServesTheTarget(t *testing.T) {
	trained := func(terms option.Values) labelled {
		m := newLabelled(t, domains.A, option.Values{"base": 8, "train.learning_rate": 2e-3, "label.weight": 1.0, "label.rate": 5e-3, "train.iterations": 160, "label.warmup": 60, "label.ramp": 40}, terms)
		trainLabelled(t, m, 0, 160, t.TempDir())
		if source := accuracy(t, m, domains.A); source < 0.95 {
			t.Errorf("with %v right on %v of the source", terms, source)
		}
		return m
	}
	if target := accuracy(t, trained(nil), domains.B); target > 0.75 {
		t.Errorf("from the source alone the target comes out at %v: it shows nothing", target)
	}
	if target := accuracy(t, trained(option.Values{"label.information": 0.3, "label.pseudo": 0.2, "label.refresh": 20, "label.translated": 0.3}), domains.B); target < 0.9 {
		t.Errorf("right on %v of the target", target)
	}
}

// A training that ended between two findings of the target's classes goes on with those of the
// last, and ends with the same bytes; dropout and running moments go on too.
func TestResumesWithGivenClasses(t *testing.T) {
	o := option.Values{"train.iterations": 9, "label.warmup": 2, "label.ramp": 2, "label.pseudo": 0.5, "label.refresh": 3, "label.norm": "separate", "label.translated": 0.3}
	whole, parted := t.TempDir(), t.TempDir()
	m := newLabelled(t, domains.A, o)
	trainLabelled(t, m, 0, 9, whole)
	trainLabelled(t, newLabelled(t, domains.A, o), 0, 5, parted)
	again := newLabelled(t, domains.A, o)
	paths, _ := models.Checkpoints(parted)
	step, err := models.LoadCheckpoint(paths[len(paths)-1], "job", again)
	if err != nil || step != 5 || again.labels.pseudo.Shape[0] != 28 {
		t.Fatalf("resumed at %d with %d classes, %v", step, again.labels.pseudo.Shape[0], err)
	}
	found := slices.Clone(again.labels.pseudo.Data)
	if !slices.ContainsFunc(found, func(v float32) bool { return v >= 0 }) {
		t.Error("no image has been given a class")
	}
	trainLabelled(t, again, step, 9, parted)
	if string(checkpoint(t, parted)) != string(checkpoint(t, whole)) {
		t.Error("a resumed training gives other bytes")
	}
	other := newLabelled(t, domains.A, o)
	if _, err := models.LoadCheckpoint(paths[len(paths)-1], "job", other); err != nil {
		t.Fatal(err)
	}
	other.labels.pseudo.Fill(-1)
	trainLabelled(t, other, step, 9, parted)
	if string(checkpoint(t, parted)) == string(checkpoint(t, whole)) {
		t.Error("the classes that were given change nothing")
	}
}

// The surest half of the target is given classes at the end of the warm-up, evenly more later
// and all at the end; before it none is.
func TestSharesOfGivenClasses(t *testing.T) {
	m := newLabelled(t, domains.A, option.Values{"train.iterations": 100, "label.warmup": 20, "label.pseudo": 0.2})
	d := toyData()
	var margins []float64
	for _, tt := range []struct{ step, want int }{{19, 0}, {20, 14}, {30, 16}, {60, 21}, {100, 28}} {
		if err := m.Refresh(context.Background(), tt.step, d); err != nil {
			t.Fatal(err)
		}
		if tt.want == 0 {
			if n := m.labels.pseudo.Shape[0]; n != 0 {
				t.Errorf("step %d: %d images", tt.step, n)
			}
			continue
		}
		if margins == nil {
			f, z, err := m.read(d.Images[domains.B])
			if err != nil {
				t.Fatal(err)
			}
			_, margins = models.CentroidLabels(f, z)
		}
		var in, out []float64
		for i, k := range m.labels.pseudo.Data {
			if k >= 0 {
				in = append(in, margins[i])
			} else {
				out = append(out, margins[i])
			}
		}
		if len(in) != tt.want || (len(out) > 0 && slices.Min(in) < slices.Max(out)) {
			t.Errorf("step %d: %d images of margins from %v, the others' up to %v; want %d", tt.step, len(in), slices.Min(in), out, tt.want)
		}
	}
	// Steps see the classes of their rows alone.
	copy(m.labels.pseudo.Data, []float32{2, -1, 0})
	to := []float32{9, 9, 9, 9, 9, 9, 9, 9, 9}
	if err := m.labels.choose(to, []int{2, 1, 0}); err != nil || !slices.Equal(to, []float32{1, 0, 0, 0, 0, 0, 0, 0, 1}) {
		t.Errorf("chosen %v, %v", to, err)
	}
	if err := m.labels.choose(to, []int{0, 1, 28}); err == nil {
		t.Error("a row beyond the last has a class")
	}
}

// Until the warm-up ends, what waits for it counts for nothing: all networks are as those of a
// classifier alone, bit for bit.
func TestWarmup(t *testing.T) {
	wait := option.Values{"label.warmup": 3, "label.ramp": 0, "train.iterations": 10, "loss.confusion": 0.0}
	alone := newLabelled(t, domains.A, wait)
	more := newLabelled(t, domains.A, wait, option.Values{"label.entropy": 0.1, "label.information": 0.3, "label.pseudo": 0.2, "label.refresh": 1, "label.translated": 0.3, "label.consistency": 0.1})
	dir := t.TempDir()
	for _, m := range []labelled{alone, more} {
		trainLabelled(t, m, 0, 3, dir)
	}
	for _, p := range alone.ps.All() {
		if !slices.Equal(p.Data, more.ps.Get(p.Name).Data) {
			t.Errorf("%s differs before the end of the warm-up", p.Name)
		}
	}
	for _, m := range []labelled{alone, more} {
		trainLabelled(t, m, 3, 4, dir)
	}
	if equalBelow(alone.Model, more.Model, "common/") {
		t.Error("nothing differs after it")
	}
}

// Weights that change, by hand.
func TestWeightsOfSteps(t *testing.T) {
	o := settings(option.Values{"label.warmup": 10, "label.ramp": 20, "loss.confusion": 0.4, "train.iterations": 100})
	for step, want := range map[int]float64{0: 0, 9: 0, 10: 0, 15: 0.25, 29: 0.95, 30: 1, 99: 1} {
		if got := risen(o, step); !(math.Abs(got-want) <= 1e-12) {
			t.Errorf("step %d: %v, want %v", step, got, want)
		}
	}
	if got := risen(settings(option.Values{"label.warmup": 10, "label.ramp": 0}), 10); got != 1 {
		t.Errorf("without a ramp %v, want 1", got)
	}
	reverse := with(o, option.Values{"loss.confusion_target": "reverse"})
	for _, tt := range []struct {
		o    option.Values
		step int
		want float64
	}{{o, 0, 0.4}, {o, 90, 0.4}, {reverse, 0, 0}, {reverse, 10, -0.2 * 0.46211716}, {reverse, 50, -0.2 * 0.98661430},
		{with(o, option.Values{"label.conditional": true}), 15, 0.1}, {with(reverse, option.Values{"label.conditional": true}), 20, -0.1 * 0.76159416}} {
		if got := confusionWeight(tt.o, tt.step); !(math.Abs(got-tt.want) <= 1e-8) {
			t.Errorf("step %d: weight %v, want %v", tt.step, got, tt.want)
		}
	}
}

// A model without labels is no classifier and has nothing of one.
func TestOnlyLabelsMakeAClassifier(t *testing.T) {
	c := models.Config{Shape: domains.Shape{Channels: 3, Height: 16, Width: 16}, Options: settings(option.Values{"base": 4, "separate": 2}), Seed: 1}
	m, err := newMethod(c)
	if err != nil {
		t.Fatal(err)
	}
	_, classifies := m.(models.Classifier)
	_, refreshes := m.(models.Refresher)
	if classifies || refreshes || len(m.Optimisers()) != 2 {
		t.Errorf("without labels: a classifier %v, refreshed %v, %d optimisers", classifies, refreshes, len(m.Optimisers()))
	}
	plain := m.Parameters()
	labelled := newLabelled(t, domains.A, option.Values{"label.private": 0.1, "label.pseudo": 0.1, "label.norm": "target", "label.translated": 0.3})
	var added []string
	for _, p := range labelled.ps.All() {
		if head, _, _ := strings.Cut(p.Name, "/"); slices.Contains([]string{"common", "separate-a", "separate-b", "decoder", "discriminator"}, head) {
			if !slices.Equal(p.Data, plain.Get(p.Name).Data) {
				t.Errorf("%s begins otherwise", p.Name)
			}
			continue
		}
		added = append(added, fmt.Sprint(p.Name, p.Shape))
	}
	if got, want := fmt.Sprint(added), "[classifier/norm/scale[4] classifier/norm/shift[4] classifier/norm/mean[4] classifier/norm/variance[4] classifier/linear/weight[3 4] classifier/linear/bias[3] private/linear/weight[3 8] private/linear/bias[3] pseudo[0 1]]"; got != want {
		t.Errorf("added %s, want %s", got, want)
	}
}

// What a step costs more for a pair of images, by hand: three passes of linear layers of 4 to 3
// on either image and of 8 to 3 on the source's; with translation one pass of a common encoder
// of 12288, 6144 and 1536 multiply-accumulates, a separate one of 12288, 8192 and 1024, a decoder
// of 4096, 8192 and 12288, and three more of the common one, the first layer's less one, and of the classifier; these as well for changed images, and one
// pass of the averages.
func TestCostOfLabels(t *testing.T) {
	plain := newModel(t, 16, option.Values{"base": 4, "separate": 2}).MACs()
	const again = 2*12288 + 3*(6144+1536) + 3*12
	const translation = 19968 + 21504 + 24576 + again
	const average = 19968 + 12
	teacher := option.Values{"label.teacher": 0.9}
	for _, tt := range []struct {
		changes option.Values
		want    int
	}{{nil, 72}, {only("label.private"), 144}, {only("label.translated"), 72 + translation}, {only("label.private", "label.consistency"), 144 + translation},
		{with(only("label.agreement"), teacher), 72 + average}, {with(only("label.agreement"), teacher, option.Values{"label.changes": 2}), 72 + average + again}} {
		m := newLabelled(t, domains.A, tt.changes)
		if got := m.MACs() - plain; got != tt.want {
			t.Errorf("%v: %d more, want %d", tt.changes, got, tt.want)
		}
		d := toyData() // each term does by itself
		losses, err := m.Step(0, &models.Batch{Images: [2]*domains.Images{d.Images[0].Range(0, 3), d.Images[1].Range(0, 3)}, Labels: d.Labels[:3]})
		if err != nil {
			t.Fatal(err)
		}
		told := []string{"label.classification", "label.gradient-norm", "label.discriminator", "label.discriminator-accuracy"}
		for _, name := range append(told, slices.Collect(maps.Keys(tt.changes))...) {
			if name == "label.teacher" || name == "label.changes" {
				continue // they have no loss
			}
			if _, ok := named(losses)[strings.TrimPrefix(name, "label.")]; !ok {
				t.Errorf("no loss of %s among %v", name, losses)
			}
		}
	}
}

// What has to agree with the averages is a strong view of the step's images of the target.
func TestChangesTheTarget(t *testing.T) {
	m := newLabelled(t, domains.B, only("label.agreement"), option.Values{"label.teacher": 0.9, "label.changes": 2})
	d := toyData()
	x := [2]*domains.Images{d.Images[0].Range(0, 3), d.Images[1].Range(0, 3)}
	if _, err := m.Step(4, &models.Batch{Source: domains.B, Images: x, Labels: d.Labels[:3]}); err != nil {
		t.Fatal(err)
	}
	want := make([]float32, len(x[domains.A].Data))
	views.Strong{Seed: 1, Changes: 2}.Fill(want, x[domains.A], "learner", 4)
	if got := m.step.label.all.Data().([]float32)[2*len(want):]; !slices.Equal(got, want) || slices.Equal(got, x[domains.A].Data) {
		t.Error("the changed images are not the views of the target's that the step's streams make")
	}
}

// The classifier's rate is its own and falls with the others.
func TestRateOfTheClassifier(t *testing.T) {
	m := newLabelled(t, domains.A, option.Values{"train.iterations": 100, "train.decay": 0.4, "label.rate": 0.5})
	for step, want := range map[int]float64{0: 0.5, 60: 0.5, 80: 0.25} {
		if m.setRates(step); !(math.Abs(m.labels.optimiser.Rate-want) <= 1e-12) {
			t.Errorf("step %d: rate %v, want %v", step, m.labels.optimiser.Rate, want)
		}
	}
}

// The classifier reads the mean of the common code over its places, or all of it, by one linear
// layer; the conditional discriminator reads the random map of code and prediction.
func TestReadsTheCommonCode(t *testing.T) {
	for _, pool := range []bool{true, false} {
		m := newLabelled(t, domains.B, option.Values{"label.pool": pool, "label.conditional": true, "label.map": 5})
		for range 30 { // brings codes to size
			m.powerIterate(m.nets.common)
		}
		x := noise(16, 70, "told")
		c, err := m.Encode(x)
		if err != nil {
			t.Fatal(err)
		}
		logits, err := m.Classify(x)
		if err != nil {
			t.Fatal(err)
		}
		told, err := m.Discriminate(c)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 70 {
			code := c.Of(models.Common).Row(i)
			seen := code
			if pool {
				seen = nil
				for j := 0; j < len(code); j += 4 {
					seen = append(seen, (code[j]+code[j+1]+code[j+2]+code[j+3])/4)
				}
			}
			z := m.affine("classifier/linear", seen)
			p := make([]float64, len(z))
			models.Softmax(p, z)
			mapped := make([]float32, 5)
			for h := range mapped {
				var u, v float64
				for j, w := range m.ps.Get("map/common/weight").Data[h*len(code) : (h+1)*len(code)] {
					u += float64(w) * float64(code[j])
				}
				for j, w := range m.ps.Get("map/classes/weight").Data[h*3 : (h+1)*3] {
					v += float64(w) * p[j]
				}
				mapped[h] = float32(u * v / math.Sqrt(5))
			}
			hidden := m.affine("discriminator/linear1", mapped)
			for j, v := range hidden {
				hidden[j] = max(v, 0.2*v)
			}
			want := m.affine("discriminator/linear2", hidden)[0]
			for k, v := range z {
				if !(math.Abs(float64(v-logits.Row(i)[k])) <= 1e-5*max(1, math.Abs(float64(v)))) {
					t.Fatalf("pool %v: logit %d of image %d is %v, want %v", pool, k, i, logits.Row(i)[k], v)
				}
			}
			if !(math.Abs(float64(want-told.Data[i])) <= 1e-4*max(1, math.Abs(float64(want)))) {
				t.Fatalf("pool %v: the discriminator says %v of image %d, want %v", pool, told.Data[i], i, want)
			}
		}
	}
}

// affine is a linear layer by plain loops.
func (m *Model) affine(name string, x []float32) (out []float32) {
	w := m.ps.Get(name + "/weight").Data
	for k, b := range m.ps.Get(name + "/bias").Data {
		sum := float64(b)
		for j, v := range x {
			sum += float64(w[k*len(x)+j]) * float64(v)
		}
		out = append(out, float32(sum))
	}
	return out
}

func TestCheckLabels(t *testing.T) {
	labels := option.Values{"label.weight": 1.0}
	for _, tt := range []struct {
		changes option.Values
		want    string
	}{
		{nil, ""},
		{labels, ""},
		{option.Values{"label.warmup": 1000000}, ""}, // nothing waits
		{option.Values{"label.information": 0.3}, "model.label.information: 0.3, but no classifier learns; give model.label.weight"},
		{option.Values{"label.private": 0.1}, "model.label.private: 0.1, but no classifier learns; give model.label.weight"},
		{option.Values{"label.conditional": true}, "model.label.conditional: true, but no classifier learns; give model.label.weight"},
		{with(labels, option.Values{"label.conditional": true, "loss.confusion": 0.0}), "model.label.conditional: true, but model.loss.confusion 0 trains no discriminator"},
		{with(labels, option.Values{"label.pseudo": 0.2, "train.iterations": 1000}), "model.label.warmup: 1000, but the training ends after 1000 steps, before what waits for it begins"},
		{with(labels, option.Values{"label.pseudo": 0.2, "label.warmup": 1200, "train.iterations": 900}), "model.label.warmup: 1200, but the training ends after 900 steps, before what waits for it begins"},
		{with(labels, option.Values{"label.changes": 2}), "model.label.changes: 2, but nothing has to agree; give model.label.agreement"},
		{with(labels, option.Values{"label.pseudo": 0.2, "train.iterations": 1001}), ""},
		{with(labels, option.Values{"label.private": 0.2, "train.iterations": 10}), ""},
	} {
		got := ""
		if faults := check(models.Config{Shape: domains.Shape{Channels: 3, Height: 32, Width: 32}, Options: settings(tt.changes)}); len(faults) > 0 {
			got = faults[0].Option + ": " + faults[0].Problem
		}
		if got != tt.want {
			t.Errorf("%v: %q, want %q", tt.changes, got, tt.want)
		}
	}
}

// Labels that do not fit a batch or the classes are refused before any update.
func TestLabelsThatDoNotFit(t *testing.T) {
	m := newLabelled(t, domains.A)
	d := toyData()
	batch := func(labels ...int) *models.Batch {
		return &models.Batch{Images: [2]*domains.Images{d.Images[0].Range(0, 3), d.Images[1].Range(0, 3)}, Labels: labels}
	}
	for want, b := range map[string]*models.Batch{
		"models: 0 labels, want 3":                 batch(),
		"models: 2 labels, want 3":                 batch(0, 1),
		"models: labels from 0 to 3, want 0 to 2":  batch(0, 3, 1),
		"models: labels from -1 to 2, want 0 to 2": batch(0, -1, 2),
	} {
		if _, err := m.Step(0, b); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if _, err := newMethod(models.Config{Shape: m.shape, Options: m.options, Classes: 1}); err == nil || err.Error() != "models: didd: the source has 1 classes, want 2 at least" {
		t.Errorf("one class: %v", err)
	}
	if _, err := newMethod(models.Config{Shape: m.shape, Options: m.options, Classes: 2}); err != nil {
		t.Errorf("two classes: %v", err)
	}
	if _, err := m.Classify(&domains.Images{Shape: domains.Shape{Channels: 1, Height: 16, Width: 16}}); err == nil {
		t.Error("images of another shape are classified")
	}
}
