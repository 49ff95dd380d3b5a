package didd

import (
	"math"
	"slices"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/modelstest"
)

// meanAbs is the mean absolute value of rows lo to hi of x, less those of y where it is given.
func meanAbs(x, y []float32, lo, hi int) (sum float64) {
	for i := lo; i < hi; i++ {
		v := float64(x[i])
		if y != nil {
			v -= float64(y[i])
		}
		sum += math.Abs(v) / float64(hi-lo)
	}
	return sum
}

// crossEntropy is that of logits against a label, −label·log σ(x) − (1−label)·log(1−σ(x)), and
// hits the share of them that are positive.
func crossEntropy(logits []float32, label float64) (mean, hits float64) {
	for _, v := range logits {
		p := 1 / (1 + math.Exp(-float64(v)))
		mean -= (label*math.Log(p) + (1-label)*math.Log(1-p)) / float64(len(logits))
		if v > 0 {
			hits += 1 / float64(len(logits))
		}
	}
	return mean, hits
}

// near compares losses by their names.
func near(t *testing.T, what string, got []models.Loss, want map[string]float64) {
	t.Helper()
	all := named(got)
	for name, v := range want {
		if !(math.Abs(all[name]-v) <= 1e-5) {
			t.Errorf("%s: %s is %v, want %v", what, name, all[name], v)
		}
	}
}

func copyParameters(to, from *Model) {
	for _, p := range from.ps.All() {
		copy(to.ps.Get(p.Name).Data, p.Data)
	}
}

// The losses of a step, from codes, images and logits of the network before it: with noise on
// the separate codes that are decoded alone, and each label that the encoder can aim at. The
// discriminator's, and its accuracy, are those on the codes of the updated encoder.
func TestLossesByHand(t *testing.T) {
	const n = 4
	for target, labels := range map[string][2]float64{"b": {0, 0}, "swap": {0, 1}, "half": {0.5, 0.5}, "reverse": {1, 0}} {
		o := option.Values{"base": 4, "separate": 2, "separate_noise": 0.3, "loss.confusion": 0.3, "loss.confusion_target": target}
		m, plain := newModel(t, 16, o), newModel(t, 16, o)
		a, b := smooth(n, 1), noise(16, n, "b")
		losses, err := m.reconstruct(0, a, b)
		if err != nil {
			t.Fatal(err)
		}
		for _, net := range plain.nets.autoencoder() {
			plain.powerIterate(net)
		}
		both := &domains.Images{Shape: a.Shape, Data: slices.Concat(a.Data, b.Data)}
		c, logits := plain.toldOf(t, both)
		size, width, half := a.Shape.Len(), 2*4, n*2*4
		sa, sb := c.Of(models.SeparateA), c.Of(models.SeparateB)
		want := map[string]float64{"zero/a": meanAbs(sb.Data, nil, 0, half), "zero/b": meanAbs(sa.Data, nil, half, 2*half)}
		for r := range 2 * n {
			for k := range width {
				i := r*width + k
				if r < n {
					sa.Data[i] += m.step.noise[i]
					sb.Data[i] = 0
				} else {
					sb.Data[i] += m.step.noise[i]
					sa.Data[i] = 0
				}
			}
		}
		y, err := plain.Decode(2*n, c)
		if err != nil {
			t.Fatal(err)
		}
		want["reconstruction/a"], want["reconstruction/b"] = meanAbs(y.Data, both.Data, 0, n*size), meanAbs(y.Data, both.Data, n*size, 2*n*size)
		want["confusion/a"], _ = crossEntropy(logits[:n], labels[0])
		want["confusion/b"], _ = crossEntropy(logits[n:], labels[1])
		near(t, target, losses, want)

		copyParameters(plain, m)
		plain.powerIterate(plain.nets.common)
		_, logits = plain.toldOf(t, both)
		first := slices.Sorted(slices.Values(logits[:n]))
		threshold := (first[n-1] + first[n-2]) / 2 // one image of A lies above it
		m.ps.Get("discriminator/linear2/bias").Data[0] -= threshold
		for i := range logits {
			logits[i] -= threshold
		}
		lossA, hitsA := crossEntropy(logits[:n], 1)
		lossB, missesB := crossEntropy(logits[n:], 0)
		if hitsA != 1./n || missesB == 1 || hitsA == 1-missesB {
			t.Fatalf("%s: %v of A and %v of B are told rightly, which proves little", target, hitsA, 1-missesB)
		}
		more, err := m.discriminate()
		if err != nil {
			t.Fatal(err)
		}
		near(t, target, more, map[string]float64{"discriminator": lossA + lossB, "discriminator-accuracy": (hitsA + 1 - missesB) / 2})
	}
}

// toldOf are codes of images and what the discriminator makes of them.
func (m *Model) toldOf(t *testing.T, x *domains.Images) (models.Codes, []float32) {
	t.Helper()
	c, err := m.Encode(x)
	if err != nil {
		t.Fatal(err)
	}
	logits, err := m.Discriminate(c)
	if err != nil {
		t.Fatal(err)
	}
	return c, logits.Data
}

// Where gradients are as small as Adam's ε of 1e-8 its first update is rate·g/(|g| + ε): that of
// encoders and decoder, of the classifier and of the discriminator.
func TestEpsilonOfAdam(t *testing.T) {
	const rate = 0.1
	m := newLabelled(t, domains.A, option.Values{"loss.reconstruction": 1e-6, "loss.zero": 0.0, "loss.confusion": 1e-9, "label.weight": 1e-7, "label.rate": rate, "label.dropout": 0.0,
		"train.clip": 0.0, "train.learning_rate": rate})
	for _, p := range m.ps.Trained("discriminator/linear1/") {
		for i := range p.Data {
			p.Data[i] *= 1e-7
		}
	}
	before := map[string][]float32{}
	for _, p := range m.ps.All() {
		before[p.Name] = slices.Clone(p.Data)
	}
	check := func(p *models.Parameter, gradient []float32) {
		small := false
		for i, g := range gradient {
			g := float64(g)
			small = small || !(math.Abs(g) <= 2e-9) && math.Abs(g) < 1e-7
			if got, want := float64(p.Data[i]-before[p.Name][i]), -rate*g/(math.Abs(g)+1e-8); !(math.Abs(got-want) <= 1e-3*rate) {
				t.Fatalf("%s[%d] moves by %v at a gradient of %v, want %v", p.Name, i, got, g, want)
			}
		}
		if !small {
			t.Errorf("no gradient of %s is as small as ε", p.Name)
		}
	}
	d := toyData()
	if err := m.fillLabels(&models.Batch{Images: [2]*domains.Images{d.Images[0].Range(0, 3), d.Images[1].Range(0, 3)}, Labels: d.Labels[:3]}); err != nil {
		t.Fatal(err)
	}
	if _, err := m.reconstruct(0, d.Images[0].Range(0, 3), d.Images[1].Range(0, 3)); err != nil {
		t.Fatal(err)
	}
	for i, p := range m.ps.Trained(append(slices.Clone(autoNetworks), classifiers...)...) {
		if p.Name == "decoder/conv3/weight" || p.Name == "classifier/linear/weight" {
			check(p, m.step.auto.Gradient(i).Data().([]float32))
		}
	}
	if _, err := m.discriminate(); err != nil {
		t.Fatal(err)
	}
	for i, p := range m.ps.Trained("discriminator/") {
		if p.Name == "discriminator/linear2/weight" {
			check(p, m.step.disc.Gradient(i).Data().([]float32))
		}
	}
}

// Batches keep the size of the first, of either domain.
func TestBatchesOfAnotherSize(t *testing.T) {
	m := newModel(t, 16, option.Values{"base": 4, "separate": 1})
	if _, err := newModel(t, 16, option.Values{"base": 4, "separate": 1}).Step(0, modelstest.Pair(smooth(2, 1), smooth(3, 2))); err == nil || err.Error() != "models: didd: batches of 2 and 3 images, want 2 each" {
		t.Errorf("the first batch: %v", err)
	}
	if _, err := m.Step(0, modelstest.Pair(smooth(3, 1), smooth(3, 2))); err != nil {
		t.Fatal(err)
	}
	for want, b := range map[string]*models.Batch{
		"models: didd: batches of 2 and 3 images, want 3 each": modelstest.Pair(smooth(2, 1), smooth(3, 2)),
		"models: didd: batches of 3 and 4 images, want 3 each": modelstest.Pair(smooth(3, 1), smooth(4, 2)),
		"models: didd: batches of 4 and 4 images, want 3 each": modelstest.Pair(smooth(4, 1), smooth(4, 2)),
	} {
		if _, err := m.Step(1, b); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// More images than a batch of the evaluation are encoded, decoded and told apart as each by
// itself, whether there is one left over or none, by programs that are made once.
func TestEvaluationByBatches(t *testing.T) {
	m := newModel(t, 16, option.Values{"base": 4, "separate": 2})
	for _, n := range []int{evalBatch, 2*evalBatch + 1} {
		x := noise(16, n, "many")
		all, logits := m.toldOf(t, x)
		made, err := m.Decode(n, all)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range []int{0, 1, evalBatch - 1, evalBatch, n - 1} {
			if i >= n {
				continue
			}
			c, told := m.toldOf(t, x.Range(i, i+1))
			y, err := m.Decode(1, c)
			if err != nil {
				t.Fatal(err)
			}
			for k, b := range c {
				if !slices.Equal(b.Data, all[k].Row(i)) {
					t.Errorf("%s of image %d of %d is another by itself", b.Role, i, n)
				}
			}
			if told[0] != logits[i] || !slices.Equal(y.Data, made.At(i)) {
				t.Errorf("what is made of image %d of %d, and its logit, are others by itself", i, n)
			}
		}
	}
	one, err := m.evaluation()
	if err != nil {
		t.Fatal(err)
	}
	if two, err := m.evaluation(); err != nil || one != two {
		t.Errorf("programs are made anew (%v)", err)
	}
}

// Codes of another width or number are refused.
func TestRefusesCodes(t *testing.T) {
	m := newModel(t, 16, option.Values{"base": 4, "separate": 2}) // 8 channels, 4 of them common
	block := func(role models.Role, n, channels int) *models.Block { return models.NewBlock(role, n, channels, 4) }
	for _, tt := range []struct {
		codes models.Codes
		want  string
	}{
		{models.Codes{block(models.Common, 3, 5)}, "models: didd: code block 0 is 3x20, want 3x16"},
		{models.Codes{block(models.Common, 2, 4)}, "models: didd: code block 0 is 2x16, want 3x16"},
		{models.Codes{block(models.Common, 3, 4), block(models.SeparateA, 3, 1)}, "models: didd: code block 1 is 3x4, want 3x8"},
		{models.Codes{block(models.Common, 3, 4), block(models.SeparateB, 4, 1)}, "models: didd: code block 2 is 4x4, want 3x8"},
		{models.Codes{block(models.Common, 3, 4), block(models.SeparateA, 3, 2), block(models.SeparateB, 3, 2)}, ""},
	} {
		got := ""
		if _, err := m.Decode(3, tt.codes); err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
	for _, c := range []models.Codes{{block(models.SeparateA, 3, 2)}, {block(models.Common, 3, 5)}} {
		if _, err := m.Discriminate(c); err == nil || err.Error() != "models: didd: the discriminator takes common codes of 16 numbers" {
			t.Errorf("%s of %d numbers: %v", c[0].Role, c[0].D, err)
		}
	}
}

// Codes of the updated encoder that are no numbers are found in the discriminator's loss.
func TestNotFiniteDiscriminator(t *testing.T) {
	m := newModel(t, 16, option.Values{"base": 4, "separate": 1, "train.learning_rate": 1e38})
	_, err := m.Step(2, modelstest.Pair(smooth(2, 1), smooth(2, 2)))
	if want := "models: didd: step 3: discriminator is NaN; try a lower model.train.learning_rate or a model.train.clip"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}
