package recipe

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/layers"
	"github.com/venn-adapt/venn/models/ops"
)

// The images and classes of a network that is one linear layer, so that all of it can be had by
// hand.
const handPixels, handClasses = 6, 3

var handShape = domains.Shape{Channels: 1, Height: 2, Width: 3}

func linearNetwork(t *testing.T, o option.Values) *Network {
	t.Helper()
	n, err := NetworkOf(models.Config{Shape: handShape, Classes: handClasses, Options: o, Seed: 3},
		layers.Stack{Name: "encoder", In: []int{1, 2, 3}, Layers: []layers.Layer{layers.Flatten{}}},
		layers.Stack{Name: "classifier", In: []int{handPixels}, Layers: []layers.Layer{layers.Linear{Units: handClasses}}})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func handImages(n int, name string) *domains.Images {
	x, r := &domains.Images{Shape: handShape, Data: make([]float32, n*handPixels)}, stream.New(8, name)
	for i := range x.Data {
		x.Data[i] = float32(r.NormFloat64())
	}
	return x
}

// A handModel is a linear layer with Adam, in plain loops.
type handModel struct {
	w          [handClasses * (handPixels + 1)]float64 // rows of weights, then biases
	m, v       [handClasses * (handPixels + 1)]float64
	steps      float64
	b1, b2     float64
	gradient   [handClasses * (handPixels + 1)]float64
	everything map[string]float64 // the last losses
}

func (h *handModel) logits(x []float32) []float64 {
	out := make([]float64, handClasses)
	for c := range out {
		out[c] = h.w[handClasses*handPixels+c]
		for j, v := range x {
			out[c] += h.w[c*handPixels+j] * float64(v)
		}
	}
	return out
}

// add adds to the gradient that of a loss whose derivatives by the logits of x are given.
func (h *handModel) add(x []float32, by []float64) {
	for c, d := range by {
		h.gradient[handClasses*handPixels+c] += d
		for j, v := range x {
			h.gradient[c*handPixels+j] += d * float64(v)
		}
	}
}

func softmaxOf(z []float64) []float64 {
	sum := 0.0
	for _, v := range z {
		sum += math.Exp(v)
	}
	p := make([]float64, len(z))
	for c, v := range z {
		p[c] = math.Exp(v) / sum
	}
	return p
}

// step descends (1−s)·CE + s·(mean of −log p over classes) of the source and w·H(p) of the
// target.
func (h *handModel) step(source, target *domains.Images, labels []int, s, w, rate, clip float64) {
	clear(h.gradient[:])
	n, losses := float64(len(labels)), map[string]float64{}
	for i, label := range labels {
		p, by := softmaxOf(h.logits(source.At(i))), make([]float64, handClasses)
		for c, v := range p {
			want := s / handClasses
			if c == label {
				want += 1 - s
				losses["classification"] -= math.Log(v) / n
			}
			losses["smoothing"] -= math.Log(v) / handClasses / n
			by[c] = (v - want) / n
		}
		h.add(source.At(i), by)
		p = softmaxOf(h.logits(target.At(i)))
		entropy := 0.0
		for _, v := range p {
			entropy -= v * math.Log(v)
		}
		for c, v := range p {
			by[c] = -w * v * (math.Log(v) + entropy) / n
		}
		losses["entropy"] += entropy / n
		h.add(target.At(i), by)
	}
	norm := 0.0
	for _, g := range h.gradient {
		norm += g * g
	}
	norm = math.Sqrt(norm)
	losses["gradient-norm"], h.everything = norm, losses
	h.steps++
	for i, g := range h.gradient {
		g *= min(1, clip/norm)
		h.m[i], h.v[i] = h.b1*h.m[i]+(1-h.b1)*g, h.b2*h.v[i]+(1-h.b2)*g*g
		h.w[i] -= rate * (h.m[i] / (1 - math.Pow(h.b1, h.steps))) / (math.Sqrt(h.v[i]/(1-math.Pow(h.b2, h.steps))) + 1e-8)
	}
}

// Steps of a recipe by plain loops: losses, their weights with smoothing and a schedule, clip,
// falling rate and Adam, of both domains as the source; values that are only reported change
// nothing.
func TestStepsByHand(t *testing.T) {
	const n, rate, clip, smooth, weight = 4, 0.05, 0.2, 0.3, 0.7
	o := option.Values{"train.learning_rate": rate, "train.betas": []float64{0.6, 0.95}, "train.clip": clip, "train.decay": 0.5, "train.iterations": 10, "statistics": "joint"}
	for _, source := range []domains.Side{domains.A, domains.B} {
		seen := []float64{}
		m := ModelOf("linear", Recipe{Target: true, Smoothing: func(option.Values) float64 { return smooth }, Terms: func(s *Scene) []Term {
			s.Each(func(progress float64) { seen = append(seen, progress) })
			return []Term{
				{Name: "hits", Reported: true, Node: s.Graph.Entropy("loss/reported", s.Source, s.Logits)},
				{Name: "entropy", Weight: weight, Over: func(progress float64) float64 { return 2 * progress }, Node: s.Graph.Entropy("loss/entropy", s.Target, s.Logits)},
			}
		}}, linearNetwork(t, o))
		h := &handModel{b1: 0.6, b2: 0.95}
		for i, v := range append(slices.Clone(m.Parameters().Get("classifier/fc1/weight").Data), m.Parameters().Get("classifier/fc1/bias").Data...) {
			h.w[i] = float64(v)
		}
		for at := 4; at < 8; at++ {
			b := &models.Batch{Source: source, Labels: []int{0, 2, 1, 2}}
			b.Images[source], b.Images[1-source] = handImages(n, fmt.Sprint("source/", at)), handImages(n, fmt.Sprint("target/", at))
			losses, err := m.Step(at, b)
			if err != nil {
				t.Fatal(err)
			}
			progress := float64(at) / 10
			left := 1.0
			if at > 5 { // a tenth of the rate is left at the end
				left = 1 - 0.9*(progress-0.5)/0.5
			}
			h.step(b.Images[source], b.Images[1-source], b.Labels, smooth, weight*2*progress, rate*left, clip)
			if len(losses) != 5 || seen[len(seen)-1] != progress || len(seen) != at-3 {
				t.Fatalf("losses %v at %v", losses, seen)
			}
			for _, l := range losses {
				if want := h.everything[l.Name]; l.Name != "hits" && !(math.Abs(l.Value-want) <= 1e-5) {
					t.Errorf("step %d: %s is %v, want %v", at, l.Name, l.Value, want)
				}
			}
			for i, v := range append(slices.Clone(m.Parameters().Get("classifier/fc1/weight").Data), m.Parameters().Get("classifier/fc1/bias").Data...) {
				if !(math.Abs(float64(v)-h.w[i]) <= 1e-5) {
					t.Fatalf("step %d: parameter %d is %v, want %v", at, i, v, h.w[i])
				}
			}
		}
	}
}

// Logits are the mean of those of all heads, features the encoder's, of more images than are
// read at a time too.
func TestReadByHand(t *testing.T) {
	n := linearNetwork(t, option.Values{})
	for _, name := range []string{"second", "third"} {
		s := layers.Stack{Name: name, In: []int{handPixels}, Layers: []layers.Layer{layers.Linear{Units: handClasses}}}
		s.Init(n.Parameters(), 5)
		n.More = append(n.More, s)
	}
	for _, count := range []int{evalBatch, 2*evalBatch + 3} {
		x := handImages(count, "read")
		features, logits, err := n.Read(x)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(features.Data, x.Data) || features.N != count || features.D != handPixels || features.Role != models.Features || features.Channels != handPixels {
			t.Errorf("features %d x %d of %d images", features.N, features.D, count)
		}
		for i := range count {
			for c := range handClasses {
				want := 0.0
				for _, name := range []string{"classifier", "second", "third"} {
					want += float64(n.Parameters().Get(name + "/fc1/bias").Data[c])
					for j, v := range x.At(i) {
						want += float64(n.Parameters().Get(name + "/fc1/weight").Data[c*handPixels+j]) * float64(v)
					}
				}
				if got := float64(logits.Row(i)[c]); !(math.Abs(got-want/3) <= 1e-5) {
					t.Fatalf("logit %d of image %d of %d is %v, want %v", c, i, count, got, want/3)
				}
			}
		}
	}
	if _, err := n.Classify(&domains.Images{Shape: domains.Shape{Channels: 1, Height: 3, Width: 2}}); err == nil || err.Error() != "models: images are 1x3x2, the network takes 1x2x3" {
		t.Errorf("images that lie down: %v", err)
	}
}

// A row has the length that is asked for and its direction; one of zeros stays.
func TestLengthen(t *testing.T) {
	x := []float32{3, -4, 0, 0, 0.5, 0}
	lengthen(x, 2, 10)
	if !slices.Equal(x, []float32{6, -8, 0, 0, 10, 0}) {
		t.Errorf("rows of length 10: %v", x)
	}
}

// The optimiser is Adam with the decays that are said and PyTorch's ε.
func TestAdam(t *testing.T) {
	if got, want := Adam(option.Values{"train.betas": []float64{0.3, 0.7}}), (kernels.Adam{Beta1: 0.3, Beta2: 0.7, Epsilon: 1e-8}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// Schedules run over the recipe's own steps where it has some.
func TestLength(t *testing.T) {
	m := &Model{Network: &Network{Config: models.Config{Options: option.Values{"train.iterations": 50}}}}
	for steps, want := range map[int]int{0: 50, 1: 1, 7: 7} {
		if m.Steps = steps; m.Length() != want {
			t.Errorf("of %d steps: %d, want %d", steps, m.Length(), want)
		}
	}
}

// Images need not be square: encoder and decoder by their shapes, costs and parameters.
func TestImagesThatAreNotSquare(t *testing.T) {
	shape := domains.Shape{Channels: 3, Height: 16, Width: 24}
	n, err := NewNetwork(models.Config{Shape: shape, Classes: 10, Options: option.Values{"backbone": "p-small", "standardise": false}})
	if err != nil {
		t.Fatal(err)
	}
	// 12 x 20 after the first convolution, 6 x 10, 2 x 6, 1 x 3.
	if got, want := n.Parameters().Count(""), (3*25*16+16)+(16*25*32+32)+(32*3*128+128)+(128*10+10); got != want {
		t.Errorf("%d parameters, want %d", got, want)
	}
	if macs, first := n.Encoder.MACs(); first != 12*20*3*25*16 || macs != first+2*6*16*25*32+32*3*128 {
		t.Errorf("the encoder costs %d, %d of them in the first layer", macs, first)
	}
	if _, _, err := n.Read(&domains.Images{Shape: shape, Data: make([]float32, shape.Len())}); err != nil {
		t.Error(err)
	}
	d := Decoder("decoder", []int{5}, domains.Shape{Channels: 3, Height: 8, Width: 12})
	shapes, err := d.Shapes()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(shapes), "[[5] [192] [192] [32 2 3] [16 4 6] [16 4 6] [3 8 12] [3 8 12]]"; got != want {
		t.Errorf("the decoder's shapes are %s, want %s", got, want)
	}
	if macs, first := d.MACs(); first != 5*192 || macs != 5*192+2*3*32*16*16+4*6*16*3*16 {
		t.Errorf("the decoder costs %d, %d of them in the first layer", macs, first)
	}
	for _, tt := range []struct {
		height, width int
		want          string
	}{
		{16, 16, "[]"}, {12, 20, "[{image.size 12 is too small for model.backbone p-small: models: encoder/conv4: a kernel of 5 does not fit into 4 x 8}]"},
		{18, 16, "[{image.size 18 is not a multiple of 4, which the decoder doubles twice}]"}, {16, 22, "[{image.size 22 is not a multiple of 4, which the decoder doubles twice}]"},
		{20, 12, "[{image.size 12 is too small for model.backbone p-small: models: encoder/conv4: a kernel of 5 does not fit into 8 x 4}]"},
	} {
		c := models.Config{Shape: domains.Shape{Channels: 1, Height: tt.height, Width: tt.width}, Options: option.Values{"backbone": "p-small", "standardise": false}}
		if got := fmt.Sprint(CheckDecoder(c)); got != tt.want {
			t.Errorf("%d x %d: %s, want %s", tt.height, tt.width, got, tt.want)
		}
	}
}

// A pass keeps and differentiates what it is asked for: the entropy's gradient by the images and
// its softmax by hand, a reported term aside. It follows no schedule, and refuses one.
func TestPassByHand(t *testing.T) {
	const n, weight = 3, 0.6
	net := linearNetwork(t, option.Values{})
	term := Term{Name: "entropy", Weight: weight}
	build := func(p *Pass, b *models.Binding, x *ops.Node) {
		logits := net.Head.Build(b, net.Encoder.Build(b, x))
		first := ops.Rows{Lo: 0, Hi: 2}
		term.Node = b.Graph.Entropy("loss/entropy", first, logits)
		p.Terms = []Term{{Name: "reported", Reported: true, Node: b.Graph.Entropy("loss/reported", ops.Rows{Lo: 2, Hi: n}, logits)}, term}
		p.Kept, p.By = []*ops.Node{b.Graph.Softmax("said", logits), logits}, []*ops.Node{x}
	}
	p, err := net.NewPass(n, 0, nil, build)
	if err != nil {
		t.Fatal(err)
	}
	x := handImages(n, "pass")
	b := &models.Batch{}
	b.Images[domains.B] = x
	if err := p.Show("test", b, domains.B); err != nil {
		t.Fatal(err)
	}
	if err := p.Run(1, 0); err != nil {
		t.Fatal(err)
	}
	losses, gradient := p.Losses(), p.Program.Gradient(0).Data().([]float32)
	w, bias := net.Parameters().Get("classifier/fc1/weight").Data, net.Parameters().Get("classifier/fc1/bias").Data
	var entropies [n]float64
	for i := range n {
		z := make([]float64, handClasses)
		for c := range z {
			z[c] = float64(bias[c])
			for j, v := range x.At(i) {
				z[c] += float64(w[c*handPixels+j]) * float64(v)
			}
		}
		said := softmaxOf(z)
		for c, v := range said {
			entropies[i] -= v * math.Log(v)
			if got, logit := p.Output(0)[i*handClasses+c], p.Output(1)[i*handClasses+c]; !(math.Abs(float64(got)-v) <= 1e-6 && math.Abs(float64(logit)-z[c]) <= 1e-5) {
				t.Errorf("image %d says %v of class %d by %v, want %v by %v", i, got, c, logit, v, z[c])
			}
		}
		for j := range handPixels {
			want := 0.0
			for c, v := range said {
				if i < 2 {
					want -= weight / 2 * v * (math.Log(v) + entropies[i]) * float64(w[c*handPixels+j])
				}
			}
			if got := float64(gradient[i*handPixels+j]); !(math.Abs(got-want) <= 1e-6) {
				t.Errorf("the gradient by pixel %d of image %d is %v, want %v", j, i, got, want)
			}
		}
	}
	for i, want := range []float64{entropies[2], (entropies[0] + entropies[1]) / 2} {
		if name := []string{"reported", "entropy"}[i]; losses[i].Name != name || !(math.Abs(losses[i].Value-want) <= 1e-6) {
			t.Errorf("%+v, want %s of %v", losses[i], name, want)
		}
	}
	if err := p.Show("test", b, domains.A); err == nil || err.Error() != "models: test: a batch without images of a" {
		t.Errorf("a domain that is missing: %v", err)
	}
	b.Images[domains.A] = handImages(2, "pass")
	if err := p.Show("test", b, domains.A); err == nil || err.Error() != "models: test: a batch without 3 images of a" {
		t.Errorf("a short batch: %v", err)
	}
	term.Over = Ramp
	if _, err := net.NewPass(n, 0, nil, build); err == nil || err.Error() != "models: the weight of entropy has a schedule, which a pass does not follow" {
		t.Errorf("a schedule: %v", err)
	}
}

// The worst change of a linear network by hand: along the gradient, by the pixels, of the
// cross-entropy against what was said, at the image with the probe.
func TestVirtualByHand(t *testing.T) {
	const n = 3
	net := linearNetwork(t, option.Values{})
	v, err := net.NewVirtual(n, 0, 1.5, 0.25)
	if err != nil {
		t.Fatal(err)
	}
	x, draw := handImages(n, "images"), handImages(n, "draw")
	v.Draw = func(dst []float32, step int) { copy(dst, draw.Data) }
	said := []float32{0.5, 0.25, 0.25, 0.1, 0.2, 0.7, 1, 0, 0}
	changed := make([]float32, len(x.Data))
	if err := v.Change(changed, x.Data, said, 1, 0); err != nil {
		t.Fatal(err)
	}
	w, bias := net.Parameters().Get("classifier/fc1/weight").Data, net.Parameters().Get("classifier/fc1/bias").Data
	length := func(row []float64) (sum float64) {
		for _, v := range row {
			sum += v * v
		}
		return math.Sqrt(sum)
	}
	for i := range n {
		probe := make([]float64, handPixels)
		for j, v := range draw.At(i) {
			probe[j] = float64(v)
		}
		at, size := make([]float64, handPixels), length(probe)
		for j, v := range x.At(i) {
			at[j] = float64(v) + 0.25*probe[j]/size
		}
		z := make([]float64, handClasses)
		for c := range z {
			z[c] = float64(bias[c])
			for j, v := range at {
				z[c] += float64(w[c*handPixels+j]) * v
			}
		}
		by := make([]float64, handPixels)
		for c, p := range softmaxOf(z) {
			for j := range by {
				by[j] += (p - float64(said[i*handClasses+c])) * float64(w[c*handPixels+j])
			}
		}
		size = length(by)
		for j, d := range by {
			if got, want := float64(changed[i*handPixels+j]), float64(x.At(i)[j])+1.5*d/size; !(math.Abs(got-want) <= 1e-5) {
				t.Errorf("pixel %d of image %d becomes %v, want %v", j, i, got, want)
			}
		}
	}
	// The usual draw is normal, and another at every step.
	usual, err := net.NewVirtual(n, 0, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	var draws [2][]float32
	for step := range draws {
		draws[step] = make([]float32, 4000)
		usual.Draw(draws[step], step)
	}
	sum, square := 0.0, 0.0
	for _, v := range draws[0] {
		sum, square = sum+float64(v)/4000, square+float64(v)*float64(v)/4000
	}
	if !(math.Abs(sum) <= 0.08 && math.Abs(square-1) <= 0.1) || slices.Equal(draws[0], draws[1]) { // five standard deviations
		t.Errorf("draws of mean %v and mean square %v", sum, square)
	}
}
