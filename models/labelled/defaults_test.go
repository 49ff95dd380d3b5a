package labelled_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
)

// The settings of the papers: weights, rates, updates, images of each domain in a step (16 an update
// or, of StarGAN, 8), and the strength of their published edits.
func TestDefaults(t *testing.T) {
	for name, want := range map[string]string{
		"attgan":  "100 10 1 1 10 5 0.0002 [0.5 0.999] 1.5 96",
		"stgan":   "100 10 1 1 10 5 0.0002 [0.5 0.999] 1.5 96",
		"stargan": "10 1 1 1 10 5 0.0001 [0.5 0.999] 1 40",
	} {
		method, err := models.Methods.Get(name)
		if err != nil {
			t.Fatal(err)
		}
		o := option.Defaults(method.AllOptions())
		got := fmt.Sprint(o.Float("loss.reconstruction"), o.Float("loss.classes"), o.Float("loss.adversarial"), o.Float("loss.critic_classes"), o.Float("loss.penalty"),
			o.Int("train.critic_steps"), o.Float("train.learning_rate"), o.Floats("train.betas"), o.Float("strength"), o.Int("train.batch"))
		if got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
		o["train.batch"] = 7
		_, err = method.New(models.Config{Shape: domains.Shape{Channels: 3, Height: 32, Width: 32}, Options: o})
		if err == nil || !strings.HasPrefix(err.Error(), "models: "+name+": model.train.batch: 7, want a multiple of ") {
			t.Errorf("%s with a batch of 7: %v", name, err)
		}
	}
}

// First weights of AttGAN and STGAN are uniform by fan-in and fan-out, their biases 0; those of
// StarGAN are PyTorch's, by fan-in.
func TestFirstWeights(t *testing.T) {
	for _, tt := range []struct {
		name, parameter string
		bound           float64
	}{
		{"attgan", "encoder/2/conv1/weight", math.Sqrt(6. / ((16 + 32) * 16))}, {"attgan", "decoder/3/deconv1/bias", 0}, {"attgan", "critic/real/fc1/weight", math.Sqrt(6. / (64*16 + 32))},
		{"stgan", "units/1/gate/conv1/weight", math.Sqrt(6. / ((16 + 32) * 9))}, {"stgan", "units/1/up/deconv1/bias", 0},
		{"stargan", "generator/in/conv4/weight", 1 / math.Sqrt(16*16)}, {"stargan", "critic/trunk/conv3/bias", 1 / math.Sqrt(16*16)},
	} {
		m, most := newModel(t, tt.name, 32, option.Values{"base": 16, "hidden": 32}), 0.0
		for _, v := range m.Parameters().Get(tt.parameter).Data {
			most = max(most, math.Abs(float64(v)))
		}
		if !(most <= tt.bound && most >= 0.9*tt.bound) {
			t.Errorf("%s: %s reaches %v, want %v", tt.name, tt.parameter, most, tt.bound)
		}
		for _, p := range m.Parameters().All() {
			if strings.HasSuffix(p.Name, "/scale") && (p.Data[0] != 1 || p.State) {
				t.Errorf("%s: %s begins at %v", tt.name, p.Name, p.Data[0])
			}
		}
	}
}
