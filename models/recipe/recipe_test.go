package recipe

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
)

// The numbers of parameters that the specification states.
func TestParameterCounts(t *testing.T) {
	for _, tt := range []struct {
		backbone string
		shape    domains.Shape
		want     int
	}{
		{"l20-50", domains.Shape{Channels: 1, Height: 28, Width: 28}, 431080},
		{"l20-50", domains.Shape{Channels: 1, Height: 32, Width: 32}, 656080},
		{"l20-50", domains.Shape{Channels: 3, Height: 32, Width: 32}, 657080},
		{"p-small", domains.Shape{Channels: 1, Height: 28, Width: 28}, 80202},
		// A normalisation has two parameters in place of one bias.
		{"l20-50-bn", domains.Shape{Channels: 1, Height: 28, Width: 28}, 431080 + 20 + 50 + 500},
		{"p-small-bn", domains.Shape{Channels: 1, Height: 28, Width: 28}, 80202 + 16 + 32 + 128},
		{"g-dann", domains.Shape{Channels: 1, Height: 28, Width: 28}, 39280 + 88010},
		{"g-dann", domains.Shape{Channels: 3, Height: 32, Width: 32}, 40880 + 131210},
		// Less the biases before a normalisation, which are not trained.
		{"mcd-28", domains.Shape{Channels: 1, Height: 28, Width: 28}, 39440 + 88410 - 32 - 48 - 100 - 100},
		{"se-28", domains.Shape{Channels: 1, Height: 28, Width: 28}, 321546 - 32 - 64 - 64},
	} {
		n, err := NewNetwork(models.Config{Shape: tt.shape, Classes: 10, Options: option.Values{"backbone": tt.backbone, "standardise": false}})
		if err != nil {
			t.Fatal(err)
		}
		if got := n.Parameters().Count(""); got != tt.want {
			t.Errorf("%s for %v has %d parameters, want %d", tt.backbone, tt.shape, got, tt.want)
		}
	}
}

// The order of the layers as the papers draw them, with what no parameter counts.
func TestOrderOfLayers(t *testing.T) {
	for name, want := range map[string]string{
		"l20-50":     "conv5 pool2 relu conv5 pool2 relu flatten fc500 relu | fc10",
		"l20-50-bn":  "conv5 norm pool2 relu conv5 norm pool2 relu flatten fc500 norm relu | fc10",
		"p-small":    "conv5 relu pool2 conv5 relu pool2 flatten fc128 relu | fc10",
		"p-small-bn": "conv5 norm relu pool2 conv5 norm relu pool2 flatten fc128 norm relu | fc10",
		"g-dann":     "conv5 relu pool2 conv5 relu pool2 flatten | fc100 relu fc100 relu fc10",
		"mcd-28": "conv5 norm relu pool2 conv5 norm relu pool2 flatten | " +
			"dropout0.5 fc100 norm relu dropout0.5 fc100 norm relu dropout0.5 fc10",
		"se-28": "conv5 norm relu pool2 conv3 norm relu conv3 norm relu pool2 flatten dropout0.5 fc256 relu | fc10",
	} {
		encoder, head := Backbone(models.Config{Shape: domains.Shape{Channels: 1, Height: 28, Width: 28}, Classes: 10, Options: option.Values{"backbone": name, "standardise": false}})
		var got []string
		for _, l := range slices.Concat(encoder.Layers, []layers.Layer{nil}, head.Layers) {
			switch l := l.(type) {
			case nil:
				got = append(got, "|")
			case layers.Conv:
				if l.Stride != 1 || l.Padding != 0 {
					t.Errorf("%s: %+v", name, l)
				}
				got = append(got, fmt.Sprint("conv", l.Kernel))
			case layers.MaxPool:
				got = append(got, fmt.Sprint("pool", l.Size))
			case layers.Linear:
				got = append(got, fmt.Sprint("fc", l.Units))
			case layers.Dropout:
				got = append(got, fmt.Sprint("dropout", l.Rate))
			default:
				got = append(got, l.Kind())
			}
		}
		if got := strings.Join(got, " "); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
		if Normalises(name) != strings.Contains(strings.Split(want, "|")[0], "norm") {
			t.Errorf("%s normalises: %v", name, Normalises(name))
		}
	}
	if Normalises("no such network") {
		t.Error("a network that there is not normalises")
	}
}

// Results from before an option came stand as if it had had its default: that is said of those
// that came later alone.
func TestOptionsThatCameLater(t *testing.T) {
	for _, o := range append(networkOptions(""), append(trainOptions(0, nil), statisticsOption(""))...) {
		if o.Later != (o.Name == "standardise") {
			t.Errorf("%s came later: %v", o.Name, o.Later)
		}
	}
}

// What a network cannot be made for.
func TestNetworkRefuses(t *testing.T) {
	if _, err := NewNetwork(models.Config{Shape: domains.Shape{Channels: 1, Height: 16, Width: 16}, Classes: 1, Options: option.Values{"backbone": "p-small", "standardise": false}}); err == nil {
		t.Error("a network of one class")
	}
	faults := CheckNetwork(models.Config{Shape: domains.Shape{Channels: 1, Height: 8, Width: 8}, Options: option.Values{"backbone": "l20-50", "standardise": false}})
	if len(faults) != 1 || fmt.Sprint(faults[0]) != "{image.size 8 is too small for model.backbone l20-50: models: encoder/conv4: a kernel of 5 does not fit into 2 x 2}" {
		t.Errorf("faults %v", faults)
	}
}

// The schedules of the specification.
func TestSchedules(t *testing.T) {
	for p, want := range map[float64]float64{0: 0, 0.1: 0.46211716, 0.2: 0.76159416, 0.5: 0.98661430} {
		if got := Ramp(p); !(math.Abs(got-want) <= 5e-9) {
			t.Errorf("ramp(%v) = %v, want %v", p, got, want)
		}
	}
	for _, tt := range []struct {
		progress, warmup float64
		rise             string
		want             float64
	}{
		{0, 0, "none", 1}, {0.09, 0.1, "none", 0}, {0.1, 0.1, "none", 1}, {0.99, 1, "ramp", 0},
		{0, 0, "linear", 0}, {0.05, 0.1, "linear", 0}, {0.15, 0.1, "linear", 0.25}, {0.3, 0.1, "linear", 1}, {0.9, 0.1, "linear", 1},
		{0.1, 0, "ramp", 0.46211716}, {0.1, 0.1, "ramp", 0}, {0.28, 0.1, "ramp", 0.76159416},
	} {
		if got := WeightSchedule(option.Values{"warmup": tt.warmup, "rise": tt.rise})(tt.progress); !(math.Abs(got-tt.want) <= 5e-9) {
			t.Errorf("%+v: %v", tt, got)
		}
	}
	if got := Warmed(1, 1); got != 0 {
		t.Errorf("nothing is left after a warm-up of all: %v", got)
	}
	for _, tt := range [][3]float64{{0, 0.5, 1}, {0.5, 0.5, 1}, {0.75, 0.5, 0.55}, {1, 0.5, 0.1}, {0.9, 0, 1}, {1, 1, 0.1}, {0.5, 1, 0.55}, {0.9, 0.2, 0.55}} {
		if got := Decayed(tt[0], tt[1]); !(math.Abs(got-tt[2]) <= 1e-12) {
			t.Errorf("the rate after %v with a decay of %v is %v, want %v", tt[0], tt[1], got, tt[2])
		}
	}
}

// The multiply-accumulates that the specification states, in millions, of a 28 x 28 image; its
// 3.1 of mcd-28 are those with two classifiers.
func TestCosts(t *testing.T) {
	for name, want := range map[string]float64{"l20-50": 2.29, "p-small": 1.12, "g-dann": 3.01, "mcd-28": 3.01, "se-28": 4.93} {
		for _, standardise := range []bool{false, true} {
			encoder, head := Backbone(models.Config{Shape: domains.Shape{Channels: 1, Height: 28, Width: 28}, Classes: 10, Options: option.Values{"backbone": name, "standardise": standardise}})
			all, first := encoder.MACs()
			last, _ := head.MACs()
			if got := float64(all+last) / 1e6; !(math.Abs(got-want) <= 0.05) {
				t.Errorf("%s costs %v million, want %v", name, got, want)
			}
			if conv := encoder.Convolutions()[0]; conv.MACs() != first || conv.Name != "encoder/conv1" {
				t.Errorf("%s: the first layer %s costs %d, want %d", name, conv.Name, first, conv.MACs())
			}
		}
	}
}

// A network that standardises begins with the same weights as one that does not, and does not
// see the gain and offset of an image, which the other does.
func TestStandardise(t *testing.T) {
	shape := domains.Shape{Channels: 2, Height: 16, Width: 16}
	x := &domains.Images{Shape: shape, Data: make([]float32, 2*shape.Len())}
	for i := range shape.Len() {
		v := float32(math.Sin(float64(i * i)))
		x.Data[i], x.Data[shape.Len()+i] = v, 0.5*v-0.3
	}
	var weights [2][]float32
	for i, on := range []bool{false, true} {
		n, err := NewNetwork(models.Config{Shape: shape, Classes: 3, Options: option.Values{"backbone": "p-small", "standardise": on}, Seed: 4})
		if err != nil {
			t.Fatal(err)
		}
		weights[i] = n.Parameters().Get("encoder/conv1/weight").Data
		_, logits, err := n.Read(x)
		if err != nil {
			t.Fatal(err)
		}
		apart := 0.0
		for k, v := range logits.Row(0) {
			apart = max(apart, math.Abs(float64(v-logits.Row(1)[k])))
		}
		if same := apart < 1e-4; same != on {
			t.Errorf("standardise %v: logits are %v apart", on, apart)
		}
	}
	if !slices.Equal(weights[0], weights[1]) {
		t.Error("the option has other weights drawn")
	}
}
