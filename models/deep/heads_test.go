package deep

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/layers"
	"github.com/venn-adapt/venn/models/ops"
)

// firstMoments are mean and sample variance of a channel of the first convolution, a kernel of
// 5 without bias, over images.
func firstMoments(m models.Model, channel int, x *domains.Images) (mean, variance float64) {
	const kernel = 5
	weights := m.Parameters().Get("encoder/conv1/weight").Data[channel*kernel*kernel:][:kernel*kernel]
	var values []float64
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
	for _, v := range values {
		mean += v / float64(len(values))
	}
	for _, v := range values {
		variance += (v - mean) * (v - mean) / float64(len(values)-1)
	}
	return mean, variance
}

// The running moments follow what each method says of the first layer by hand, a tenth of the
// way a domain: mcd's of source, then target, in its first part alone; adda's of the target
// where the encoder moves; the second phase of dirt-t those of the target as it is and changed,
// of which only the first is followed; vada's as the option says.
func TestMomentsThatAreFollowed(t *testing.T) {
	const channel = 3
	for name, tt := range map[string]struct {
		method  string
		step    int
		follows []string
		changes option.Values
	}{
		"mcd":            {"mcd", 0, []string{"source", "target"}, nil},
		"adda":           {"adda", 5, []string{"target"}, option.Values{"gate": 0.0}},
		"adda, closed":   {"adda", 5, nil, option.Values{"gate": 1.0}},
		"dirt-t":         {"dirt-t", 8, []string{"target"}, nil},
		"vada":           {"vada", 0, []string{"target"}, nil},
		"vada, separate": {"vada", 0, []string{"source", "target"}, option.Values{"statistics": "separate"}},
		"atdoc":          {"atdoc", 0, []string{"source", "target"}, nil},
		"se":             {"se", 0, []string{"source", "target"}, still(nil)},
		"shot":           {"shot-im", 4, []string{"target"}, nil},
		"drcn":           {"drcn", 0, []string{"source"}, nil},
	} {
		for _, source := range []domains.Side{domains.A, domains.B} {
			o := option.Values{"backbone": "p-small-bn"}
			for k, v := range tt.changes {
				o[k] = v
			}
			_, m, _ := newTrained(t, tt.method, source, o)
			b := batchOf(source, 7)
			mean, variance := float64(m.Parameters().Get("encoder/norm2/mean").Data[channel]), float64(m.Parameters().Get("encoder/norm2/variance").Data[channel])
			for _, of := range tt.follows {
				side := source
				if of == "target" {
					side = 1 - source
				}
				u, v := firstMoments(m, channel, b.Images[side])
				mean, variance = 0.9*mean+0.1*u, 0.9*variance+0.1*v
			}
			if _, err := m.Step(tt.step, b); err != nil {
				t.Fatal(err)
			}
			gotMean, gotVariance := float64(m.Parameters().Get("encoder/norm2/mean").Data[channel]), float64(m.Parameters().Get("encoder/norm2/variance").Data[channel])
			if !(math.Abs(gotMean-mean) <= 1e-5 && math.Abs(gotVariance-variance) <= 1e-5) {
				t.Errorf("%s from %s: mean %v and variance %v, want %v and %v", name, source, gotMean, gotVariance, mean, variance)
			}
		}
	}
}

// What a step that wants as many images of both domains cannot take.
func TestRefusesUnlikeBatches(t *testing.T) {
	cut := func(lengths ...int) *models.Batch {
		b := batchOf(domains.A, 0)
		for side, n := range lengths {
			if n == 0 {
				b.Images[side] = nil
			} else {
				b.Images[side] = b.Images[side].Range(0, n)
			}
		}
		b.Labels = b.Labels[:lengths[0]]
		return b
	}
	for _, method := range []string{"mcd", "se", "fixmatch"} {
		want := fmt.Sprintf("models: %s: a batch without images of both domains, alike in number, as many each step", method)
		fresh, m := wholeOf(t, method, domains.A, nil), wholeOf(t, method, domains.A, nil)
		if _, err := m.Step(0, cut(4, 4)); err != nil {
			t.Fatal(err)
		}
		for _, lengths := range [][]int{{0, 4}, {4, 0}, {0, 0}, {4, 3}, {3, 4}, {3, 3}, {5, 5}} {
			if lengths[0] != lengths[1] || lengths[0] == 0 {
				if err := justSo(fresh.Step(0, cut(lengths...))); err != want {
					t.Errorf("%s, at first %v images: %q", method, lengths, err)
				}
			}
			if err := justSo(m.Step(1, cut(lengths...))); err != want {
				t.Errorf("%s, %v images: %q", method, lengths, err)
			}
		}
		b := cut(4, 4)
		b.Labels = b.Labels[:3]
		if err := justSo(m.Step(1, b)); err != "models: 3 labels, want 4" {
			t.Errorf("%s, few labels: %q", method, err)
		}
	}
}

// Either domain is normalised by itself: in the parts that see both the first half.
func TestSplitsOfHeads(t *testing.T) {
	m := headsOf(t, "mcd", option.Values{"backbone": "p-small-bn"})
	if err := m.fill(batchOf(domains.A, 0)); err != nil {
		t.Fatal(err)
	}
	for part, want := range []int{goldenBatch, goldenBatch, 0} {
		if got := m.passes[part].moments.Split; got != want {
			t.Errorf("part %d: the first %d images are normalised by themselves, want %d", part, got, want)
		}
	}
}

// Every part of every step, and each of the encoder's, has directions and masks of its own, the
// same when it is run again.
func TestDrawsOfHeads(t *testing.T) {
	m := headsOf(t, "swd", option.Values{"encoder_steps": 3, "dropout": 0.5, "directions": 4})
	usual, draws := m.drawn, map[int]bool{}
	m.drawn = func(dst []float32, draw int) {
		if draws[draw] || draw < 0 {
			t.Errorf("draw %d is made twice, or below 0", draw)
		}
		draws[draw] = true
		usual(dst, draw)
	}
	for step := range 6 {
		if _, err := m.Step(step, batchOf(domains.A, step)); err != nil {
			t.Fatal(err)
		}
	}
	if len(draws) != 6*(2+3) {
		t.Errorf("%d draws, want five a step", len(draws))
	}
	m.drawn = usual
	distance := func(part, at, k int) float64 {
		p, err := m.run(part, at, k)
		if err != nil {
			t.Fatal(err)
		}
		return ops.Scalar(p.discrepancy)
	}
	one := distance(meetPart, 2, 1)
	if other := distance(meetPart, 2, 2); other == one || distance(meetPart, 2, 1) != one {
		t.Errorf("distances %v and %v", one, other)
	}
	mask := headsOf(t, "mcd", option.Values{"dropout": 0.5})
	if err := mask.fill(batchOf(domains.A, 0)); err != nil {
		t.Fatal(err)
	}
	loss := func(at int) float64 {
		p, err := mask.run(learnPart, at, 0)
		if err != nil {
			t.Fatal(err)
		}
		return ops.Scalar(p.classification[0])
	}
	if first := loss(0); first == loss(1) || first != loss(0) {
		t.Error("what is left out is not a step's own")
	}
}

// Two rates of one step, late in the training: a decay over the last half leaves 0.55 at three
// quarters, and shot's falls over each phase as if it were the whole.
func TestRatesOfHeads(t *testing.T) {
	_, made, _ := newTrained(t, "mcd", domains.A, option.Values{"train.iterations": 8, "train.learning_rate": 0.01})
	m := made.(*heads)
	if _, err := m.Step(6, batchOf(domains.A, 0)); err != nil {
		t.Fatal(err)
	}
	if !(math.Abs(m.features.Rate-0.0055) <= 1e-12 && math.Abs(m.both.Rate-0.0055) <= 1e-12) {
		t.Errorf("mcd has the rates %v and %v, want 0.0055", m.features.Rate, m.both.Rate)
	}
	_, made, _ = newTrained(t, "shot-im", domains.A, option.Values{"source_share": 0.4, "train.learning_rate": 0.01, "adaptation_rate": 0.02})
	s := made.(*shot)
	for at, want := range map[int]float64{3: 0.01 * 0.55, 4: 0.02, 7: 0.02, 9: 0.02 * 0.4} {
		if _, err := s.Step(at, batchOf(domains.A, 0)); err != nil {
			t.Fatal(err)
		}
		got := s.adapting.Rate
		if at < 4 {
			got = s.Optimiser.Rate
		}
		if !(math.Abs(got-want) <= 1e-12) {
			t.Errorf("shot-im, step %d: rate %v, want %v", at, got, want)
		}
	}
}

// The rise of se's weights by hand, and the losses that there are with and without a balance.
func TestRiseOfSE(t *testing.T) {
	for _, tt := range [][3]float64{{0, 0, 1}, {0.5, 0, math.Exp(-5)}, {0.5, 0.25, math.Exp(-1.25)}, {0.5, 0.5, 1}, {0.5, 0.75, 1}} {
		_, made, _ := newTrained(t, "se", domains.A, option.Values{"rampup": tt[0]})
		if got := made.(*se).rise(tt[1]); !(math.Abs(got-tt[2]) <= 1e-12) {
			t.Errorf("a rise over %v of the training is %v at %v, want %v", tt[0], got, tt[1], tt[2])
		}
	}
	for weight, want := range map[float64]string{0: "[classification consistency gradient-norm confident]", 0.3: "[classification consistency balance gradient-norm confident]"} {
		_, m, _ := newTrained(t, "se", domains.A, option.Values{"balance": weight})
		losses, err := m.Step(0, batchOf(domains.A, 0))
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, l := range losses {
			names = append(names, l.Name)
		}
		if got := fmt.Sprint(names); got != want {
			t.Errorf("with a balance of %v: %s, want %s", weight, got, want)
		}
	}
}

// The share of images that count is that of the teacher's predictions above the confidence, by
// its own reading of the batch, anew at every step.
func TestShareThatCounts(t *testing.T) {
	for _, least := range []float64{0, 0.345, 0.36, 1} {
		_, made, _ := newTrained(t, "se", domains.A, still(option.Values{"confidence": least, "train.learning_rate": 1e-9, "average": 1.0}))
		m := made.(*se)
		for step := range 2 {
			b := batchOf(domains.A, step)
			losses, err := m.Step(step, b)
			if err != nil {
				t.Fatal(err)
			}
			logits, err := m.Classify(b.Images[domains.B])
			if err != nil {
				t.Fatal(err)
			}
			want, p := 0.0, make([]float64, goldenClasses)
			for i := range logits.N {
				models.Softmax(p, logits.Row(i))
				if slices.Max(p) > least {
					want += 1. / goldenBatch
				}
			}
			if got := losses[len(losses)-1]; got.Name != "confident" || !(math.Abs(got.Value-want) <= 1e-9) {
				t.Errorf("confidence %v, step %d: %+v, want %v", least, step, got, want)
			}
		}
	}
}

// A classifier is two hidden layers of units and a last one, normalised where the backbone is.
func TestLayersOfHeads(t *testing.T) {
	for backbone, want := range map[string]string{
		"p-small":    "dropout0.3 fc7 relu dropout0.3 fc7 relu dropout0.3 fc3",
		"p-small-bn": "dropout0.3 fc7 norm relu dropout0.3 fc7 norm relu dropout0.3 fc3",
	} {
		m := headsOf(t, "mcd", option.Values{"backbone": backbone, "units": 7, "dropout": 0.3})
		for _, head := range []layers.Stack{m.Head, m.More[0]} {
			var got []string
			for _, l := range head.Layers {
				switch l := l.(type) {
				case layers.Dropout:
					got = append(got, fmt.Sprint("dropout", l.Rate))
				case layers.Linear:
					got = append(got, fmt.Sprint("fc", l.Units))
					if l.Unbiased != (backbone == "p-small-bn" && l.Units == 7) {
						t.Errorf("%s: %+v", backbone, l)
					}
				default:
					got = append(got, l.Kind())
				}
			}
			if got := strings.Join(got, " "); got != want {
				t.Errorf("%s of %s is %s, want %s", head.Name, backbone, got, want)
			}
		}
		if m.Head.Name != "classifier" || m.More[0].Name != "second" || len(m.More) != 1 {
			t.Errorf("heads %s and %s", m.Head.Name, m.More[0].Name)
		}
	}
}
