package judge

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/models"
)

func shape(side int) domains.Shape { return domains.Shape{Channels: 1, Height: side, Width: side} }

// Stages halve the side down to 4 pixels and double the channels from 16 on.
func TestStagesByTheSide(t *testing.T) {
	for side, want := range map[int]struct{ stages, channels, flat int }{
		8: {1, 16, 16 * 4 * 4}, 15: {1, 16, 16 * 7 * 7}, 16: {2, 32, 32 * 4 * 4}, 64: {4, 128, 128 * 4 * 4},
	} {
		j, err := New(shape(side), 1, false, 1)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range j.net.Stages {
			if !s.Norm || s.Activation != models.LeakyRelu || s.Spectral {
				t.Errorf("%d pixels: a stage %+v, want a norm and a leaky relu", side, s)
			}
		}
		if n := len(j.net.Stages); n != want.stages || j.net.Stages[n-1].Out != want.channels || j.flat != want.flat {
			t.Errorf("%d pixels: %d stages to %d channels, %d values, want %+v", side, n, j.net.Stages[n-1].Out, j.flat, want)
		}
	}
	for _, tt := range []struct {
		s          domains.Shape
		attributes int
	}{{shape(7), 1}, {domains.Shape{Channels: 1, Height: 16, Width: 17}, 1}, {domains.Shape{Channels: 1, Height: 17, Width: 16}, 1}, {shape(8), 0}} {
		want := fmt.Sprintf("models: judge: images of %s and %d attributes, want squares of at least 8 pixels a side and at least one attribute", tt.s, tt.attributes)
		if _, err := New(tt.s, tt.attributes, false, 1); fmt.Sprint(err) != want {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// A layer of weight 0 and bias -1 makes an embedding of -0.2, leaky-relu's, whatever is shown; of weights 1/64 and
// bias 1/2 the logits are 128/64 times that, and more.
func TestHeadByHand(t *testing.T) {
	for _, mirror := range []bool{false, true} {
		j, err := New(shape(8), 2, mirror, 1)
		if err != nil {
			t.Fatal(err)
		}
		for name, v := range map[string]float32{"embedding/weight": 0, "embedding/bias": -1, "logits/weight": 1. / 64, "logits/bias": 0.5} {
			j.ps.Get("judge/" + name).Fill(v)
		}
		images := &domains.Images{Shape: shape(8), Data: make([]float32, 3*64)}
		r, err := j.Read(images)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 3 {
			for _, v := range r.Embedding.Row(i) {
				if !(math.Abs(float64(v)+0.2) <= 1e-6) {
					t.Fatalf("an embedding of %v, want -0.2", v)
				}
			}
			for _, p := range r.Probabilities.Row(i) {
				if want := 1 / (1 + math.Exp(-0.1)); !(math.Abs(float64(p)-want) <= 1e-6) {
					t.Fatalf("a probability of %v, want %v", p, want)
				}
			}
		}
	}
}

// An image is shown varied by half, by a stream of its seed, step and place; an attribute that
// it has weighs sqrt(n-/n+), one that it lacks the inverse.
func TestStepOfTraining(t *testing.T) {
	images, _ := toy(3, 1)
	for _, mirror := range []bool{false, true} {
		j, err := New(images.Shape, 2, mirror, 8)
		if err != nil {
			t.Fatal(err)
		}
		p, err := j.newPass(3, true)
		if err != nil {
			t.Fatal(err)
		}
		j.show(p, 4, images)
		for i := range 3 {
			want := make([]float32, 3*256)
			domains.Vary(want, images.At(i), images.Shape, 0.5, mirror, stream.New(8, "vary/judge", 4, i))
			if !slices.Equal(p.images[i*len(want):(i+1)*len(want)], want) {
				t.Errorf("image %d is not varied by its stream", i)
			}
		}
		for i, has := range [][]bool{{true, false}, {false, false}, {true, true}} {
			p.ask(i, has, []float64{2, 4})
		}
		if want := []float32{1, 0, 0, 0, 1, 1}; !slices.Equal(p.targets, want) {
			t.Errorf("targets %v, want %v", p.targets, want)
		}
		if want := []float32{2, 0.25, 0.5, 0.25, 2, 4}; !slices.Equal(p.weights, want) {
			t.Errorf("weights %v, want %v", p.weights, want)
		}
	}
}

// sqrt(n-/n+) of each attribute by hand.
func TestBalanceByHand(t *testing.T) {
	j, err := New(shape(8), 2, false, 1)
	if err != nil {
		t.Fatal(err)
	}
	images := &domains.Images{Shape: shape(8), Data: make([]float32, 5*64)}
	weigh, err := j.balance(images, [][]bool{{true, false}, {false, true}, {false, true}, {false, true}, {false, true}})
	if err != nil || !slices.Equal(weigh, []float64{2, 0.5}) {
		t.Errorf("%v, %v, want 2 and 1/2", weigh, err)
	}
	for _, tt := range []struct {
		images *domains.Images
		has    [][]bool
		want   string
	}{
		{&domains.Images{Shape: shape(9), Data: make([]float32, 5*81)}, slices.Repeat([][]bool{{true, false}}, 5), "models: judge: 5 images of 1x9x9 with 5 rows of attributes, want as many, of 1x8x8"},
		{images, slices.Repeat([][]bool{{true, false}}, 5), "models: judge: 5 of 5 training images have attribute 0; nothing tells it"},
		{images, [][]bool{{true, false}, {false, false}, {false, false}, {false, false}, {false, false}}, "models: judge: 0 of 5 training images have attribute 1; nothing tells it"},
		{images, [][]bool{{true, false}, {false}, {false, false}, {false, false}, {false, false}}, "models: judge: image 1 has 1 attributes, want 2"},
	} {
		if _, err := j.balance(tt.images, tt.has); fmt.Sprint(err) != tt.want {
			t.Errorf("error %v, want %q", err, tt.want)
		}
	}
}

// The mirrored reading is the mean of the two plain ones: of the embeddings, and of the logits, not the probabilities.
func TestMirroredReadingIsTheMean(t *testing.T) {
	images, _ := toy(70, 4)
	mirrored := &domains.Images{Shape: images.Shape, Data: slices.Clone(images.Data)}
	for at := 0; at < len(mirrored.Data); at += 16 {
		slices.Reverse(mirrored.Data[at : at+16])
	}
	read := func(mirror bool, images *domains.Images) *Reading {
		j, err := New(images.Shape, 2, mirror, 3)
		if err != nil {
			t.Fatal(err)
		}
		r, err := j.Read(images)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	a, b, both := read(false, images), read(false, mirrored), read(true, images)
	logit := func(p float32) float64 { return math.Log(float64(p) / (1 - float64(p))) }
	differ := false
	for i, v := range both.Embedding.Data {
		if want := (a.Embedding.Data[i] + b.Embedding.Data[i]) / 2; !(math.Abs(float64(v-want)) <= 1e-6) {
			t.Fatalf("value %d of the embedding: %v, want %v", i, v, want)
		}
		differ = differ || a.Embedding.Data[i] != b.Embedding.Data[i]
	}
	for i, p := range both.Probabilities.Data {
		if want := (logit(a.Probabilities.Data[i]) + logit(b.Probabilities.Data[i])) / 2; !(math.Abs(logit(p)-want) <= 1e-5) {
			t.Fatalf("probability %d: logit %v, want %v", i, logit(p), want)
		}
	}
	if e, p := both.Embedding, both.Probabilities; !differ || e.N != 70 || e.D != 128 || e.Channels != 128 || p.N != 70 || p.D != 2 || p.Channels != 2 {
		t.Errorf("%d x %d and %d x %d of %d and %d channels; mirrored images differ: %v", e.N, e.D, p.N, p.D, e.Channels, p.Channels, differ)
	}
}

// Steps are told from 1; a training cut off at a step leaves the parameters of that step; the rate falls in a straight line,
// so that of one step it is whole: Adam's first step moves every weight with a gradient by the rate.
func TestStepsAndRate(t *testing.T) {
	images, has := toy(40, 1)
	ctx, cancel := context.WithCancel(context.Background())
	j, err := New(images.Shape, 2, true, 1)
	if err != nil {
		t.Fatal(err)
	}
	var told []int
	err = j.Train(ctx, Options{Steps: 9, Batch: 16, Rate: 1e-3}, images, has, func(step int) {
		if told = append(told, step); step == 3 {
			cancel()
		}
	})
	if err != context.Canceled || !slices.Equal(told, []int{1, 2, 3}) {
		t.Errorf("told of %v, %v", told, err)
	}
	for _, tt := range []struct {
		steps int
		want  float64
	}{{1, 1e-3}, {2, 1.5e-3}} { // 1 + 1/2 of the rate at most
		j, err := New(images.Shape, 2, true, 1)
		if err != nil {
			t.Fatal(err)
		}
		before := map[string][]float32{}
		for _, p := range j.Parameters().Trained("judge/") {
			before[p.Name] = slices.Clone(p.Data)
		}
		if err := j.Train(context.Background(), Options{Steps: tt.steps, Batch: 1000, Rate: 1e-3}, images, has, nil); err != nil {
			t.Fatal(err)
		}
		var most float64
		for _, p := range j.Parameters().Trained("judge/") {
			for i, v := range p.Data {
				most = math.Max(most, math.Abs(float64(v-before[p.Name][i])))
			}
		}
		if !(math.Abs(most-tt.want) <= 0.02*tt.want) {
			t.Errorf("%d steps move a weight by %v at most, want %v", tt.steps, most, tt.want)
		}
	}
}
