package deep

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
)

// newAdapting is adabn after steps of training on the source.
func newAdapting(t *testing.T, source domains.Side, steps int) *adaBN {
	t.Helper()
	info, err := models.Methods.Get("adabn")
	if err != nil {
		t.Fatal(err)
	}
	o := option.Defaults(info.AllOptions())
	o["backbone"], o["train.iterations"] = "p-small-bn", steps
	m, err := info.New(models.Config{Shape: goldenShape, Source: source, Classes: goldenClasses, Options: o, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	for at := range steps {
		if _, err := m.Step(at, batchOf(source, at)); err != nil {
			t.Fatal(err)
		}
	}
	return m.(*adaBN)
}

// adapt gives the model some batches of the target, each value v as gain·v + add.
func (m *adaBN) adapt(t *testing.T, batches int, gain, add float32) {
	t.Helper()
	for i := range batches {
		b := batchOf(m.Source, 100+i)
		b.Images[m.Source], b.Labels = nil, nil
		x := b.Images[1-m.Source]
		for i := range x.Data {
			x.Data[i] = gain*x.Data[i] + add
		}
		if _, err := m.Step(m.Options.Int("train.iterations")+i, b); err != nil {
			t.Fatal(err)
		}
	}
}

// The moments of the first layer are those of its outputs over all batches of the target, and
// nothing else of the network moves but moments.
func TestAdaBNPools(t *testing.T) {
	for _, source := range []domains.Side{domains.A, domains.B} {
		m := newAdapting(t, source, 3)
		before := map[string][]float32{}
		for _, p := range m.Parameters().All() {
			before[p.Name] = slices.Clone(p.Data)
		}
		const batches, channel, kernel = 4, 5, 5
		m.adapt(t, batches, 1, 0)
		for _, p := range m.Parameters().All() {
			moment := strings.HasSuffix(p.Name, "/mean") || strings.HasSuffix(p.Name, "/variance")
			if slices.Equal(p.Data, before[p.Name]) == moment {
				t.Errorf("from %s: %s moved: %v, want %v", source, p.Name, !moment, moment)
			}
		}
		weights := m.Parameters().Get("encoder/conv1/weight").Data[channel*kernel*kernel:][:kernel*kernel]
		var values []float64
		for i := range batches {
			x := batchOf(source, 100+i).Images[1-source]
			for k := range x.Len() {
				image := x.At(k)
				for top := range goldenShape.Height - kernel + 1 {
					for left := range goldenShape.Width - kernel + 1 {
						sum := 0.0
						for j, w := range weights {
							sum += float64(w) * float64(image[(top+j/kernel)*goldenShape.Width+left+j%kernel])
						}
						values = append(values, sum)
					}
				}
			}
		}
		mean, square := 0.0, 0.0
		for _, v := range values {
			mean += v / float64(len(values))
		}
		for _, v := range values {
			square += (v - mean) * (v - mean) / float64(len(values))
		}
		gotMean, gotVariance := m.Parameters().Get("encoder/norm2/mean").Data[channel], m.Parameters().Get("encoder/norm2/variance").Data[channel]
		if !(math.Abs(float64(gotMean)-mean) <= 1e-6) || !(math.Abs(float64(gotVariance)-square) <= 1e-6) {
			t.Errorf("from %s: mean %v and variance %v, want %v and %v", source, gotMean, gotVariance, mean, square)
		}
	}
}

// What brightness and contrast do to the target is undone by the normalisation.
func TestAdaBNForgetsGainAndOffset(t *testing.T) {
	var all [2][]float32
	for i, gain := range []float32{1, 3} {
		m, add := newAdapting(t, domains.A, 3), 2*float32(i)
		m.adapt(t, 4, gain, add)
		x := batchOf(domains.A, 200).Images[domains.B]
		for k := range x.Data {
			x.Data[k] = gain*x.Data[k] + add
		}
		_, logits, err := m.Read(x)
		if err != nil {
			t.Fatal(err)
		}
		all[i] = logits.Data
	}
	for i, v := range all[0] {
		if !(math.Abs(float64(v-all[1][i])) <= 1e-3) {
			t.Errorf("logit %d: %v, %v of images brighter and of more contrast", i, v, all[1][i])
		}
	}
}

// After one batch the running moments are the batch's, so that images read by them have the
// entropy that the step tells.
func TestEntropyOfAdaBN(t *testing.T) {
	m := newAdapting(t, domains.A, 1)
	x := batchOf(domains.A, 100).Images[domains.B]
	losses, err := m.Step(1, only(batchOf(domains.A, 100), domains.B))
	if err != nil {
		t.Fatal(err)
	}
	logits, err := m.Classify(x)
	if err != nil {
		t.Fatal(err)
	}
	p, want := make([]float64, goldenClasses), 0.0
	for i := range logits.N {
		models.Softmax(p, logits.Row(i))
		for _, v := range p {
			want -= v * math.Log(v) / float64(logits.N)
		}
	}
	if len(losses) != 1 || losses[0].Name != "entropy" || !(math.Abs(losses[0].Value-want) <= 1e-5) {
		t.Errorf("losses %v, want an entropy of %v", losses, want)
	}
}

func TestAdaBNRefusals(t *testing.T) {
	info, err := models.Methods.Get("adabn")
	if err != nil {
		t.Fatal(err)
	}
	o := option.Defaults(info.AllOptions())
	c := models.Config{Shape: goldenShape, Classes: goldenClasses, Options: o}
	o["backbone"] = "p-small"
	if faults := info.Check(c); len(faults) != 1 || faults[0].Option != "model.backbone" || !strings.Contains(faults[0].Problem, "[l20-50-bn p-small-bn mcd-28 se-28]") {
		t.Errorf("a network without normalisation: %v", faults)
	}
	o["backbone"] = "p-small-bn"
	if faults := info.Check(c); len(faults) != 0 {
		t.Errorf("a network with normalisation: %v", faults)
	}
	m := newAdapting(t, domains.A, 1)
	m.adapt(t, 1, 1, 0)
	short := batchOf(domains.A, 0)
	short.Images[domains.B] = &domains.Images{Shape: goldenShape, Data: make([]float32, goldenShape.Len())}
	for what, b := range map[string]*models.Batch{"without images of b": {Source: domains.A}, "without 6 images of b": short} {
		if _, err := m.Step(2, b); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("a batch %s: %v", what, err)
		}
	}
	phases := info.Phases(c)
	want := []models.Phase{{Name: "train", Steps: o.Int("train.iterations"), Shows: [2]bool{true, false}}, {Name: "statistics", Steps: 100, Shows: [2]bool{false, true}}}
	if !slices.Equal(phases, want) {
		t.Errorf("phases %+v, want %+v", phases, want)
	}
}
