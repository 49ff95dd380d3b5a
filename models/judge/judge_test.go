package judge

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/models"
)

// toy draws n images of noise: some have a bright square, some (independently) a dark
// bar along the lower edge.
func toy(n int, seed uint64) (*domains.Images, [][]bool) {
	im := &domains.Images{Shape: domains.Shape{Channels: 3, Height: 16, Width: 16}, Data: make([]float32, n*3*256), Mirror: true}
	has := make([][]bool, n)
	for i := range n {
		r := stream.New(seed, "toy", i)
		has[i] = []bool{r.IntN(5) == 0, r.IntN(2) == 0}
		px := im.At(i)
		for p := range px {
			y, x := p%256/16, p%16
			px[p] = float32(0.2 * r.NormFloat64())
			switch {
			case has[i][0] && x >= 5 && x < 10 && y >= 4 && y < 9:
				px[p] += 0.6
			case has[i][1] && y >= 13:
				px[p] -= 0.6
			}
		}
	}
	return im, has
}

var quick = Options{Steps: 60, Batch: 32, Rate: 2e-3}

func trained(t *testing.T, seed uint64) *Judge {
	t.Helper()
	images, has := toy(300, 1)
	j, err := New(images.Shape, 2, true, seed)
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Train(context.Background(), quick, images, has, nil); err != nil {
		t.Fatal(err)
	}
	return j
}

func TestLearns(t *testing.T) {
	images, has := toy(200, 2)
	r, err := trained(t, 1).Read(images)
	if err != nil {
		t.Fatal(err)
	}
	if r.Embedding.N != 200 || r.Embedding.D != embedding || r.Probabilities.D != 2 {
		t.Fatalf("%dx%d embedding, %d probabilities", r.Embedding.N, r.Embedding.D, r.Probabilities.D)
	}
	for k, name := range []string{"square", "bar"} {
		hits := 0
		for i, row := range has {
			if p := r.Probabilities.Row(i)[k]; p < 0 || p > 1 {
				t.Fatalf("probability %v", p)
			} else if (p > 0.5) == row[k] {
				hits++
			}
		}
		if hits < 195 {
			t.Errorf("%s: %d of 200 read right", name, hits)
		}
	}
}

// A mirrored image reads as the image does; the order of the images is kept.
func TestMirrorImagesReadAlike(t *testing.T) {
	j := trained(t, 1)
	images, _ := toy(70, 3)
	mirrored := &domains.Images{Shape: images.Shape, Data: slices.Clone(images.Data)}
	for at := 0; at < len(mirrored.Data); at += images.Shape.Width {
		slices.Reverse(mirrored.Data[at : at+images.Shape.Width])
	}
	x, err := j.Read(images)
	if err != nil {
		t.Fatal(err)
	}
	y, err := j.Read(mirrored)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(x.Embedding.Data, y.Embedding.Data) {
		t.Error("a mirrored image has another embedding")
	}
	last, err := j.Read(images.Take([]int{69}))
	if err != nil || !slices.Equal(last.Probabilities.Row(0), x.Probabilities.Row(69)) {
		t.Errorf("the last image reads otherwise alone: %v", err)
	}
}

func TestSameBytesAndReload(t *testing.T) {
	defer parallel.SetThreads(0)
	images, _ := toy(100, 2)
	var first *Reading
	for _, threads := range []int{1, 2} {
		parallel.SetThreads(threads)
		j := trained(t, 5)
		r, err := j.Read(images)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = r
			continue
		}
		if !slices.Equal(r.Embedding.Data, first.Embedding.Data) || !slices.Equal(r.Probabilities.Data, first.Probabilities.Data) {
			t.Error("two threads give other bytes than one")
		}
		path := filepath.Join(t.TempDir(), "judge.safetensors")
		info := map[string]string{"of": "toys"}
		if err := models.SaveParameters(path, info, j.Parameters()); err != nil {
			t.Fatal(err)
		}
		again, err := New(images.Shape, 2, true, 99)
		if err != nil {
			t.Fatal(err)
		}
		if err := models.LoadParameters(path, map[string]string{"of": "other things"}, again.Parameters()); err == nil || !strings.Contains(err.Error(), `of is "toys", want "other things"`) {
			t.Errorf("another text: %v", err)
		}
		if err := models.LoadParameters(path, info, again.Parameters()); err != nil {
			t.Fatal(err)
		}
		if r, err := again.Read(images); err != nil || !slices.Equal(r.Probabilities.Data, first.Probabilities.Data) {
			t.Errorf("a reloaded judge reads otherwise: %v", err)
		}
	}
	other, err := trained(t, 6).Read(images)
	if err != nil || slices.Equal(other.Embedding.Data, first.Embedding.Data) {
		t.Errorf("another seed gives the same judge (%v)", err)
	}
}

func TestRefuses(t *testing.T) {
	images, has := toy(40, 1)
	canceled, cancel := context.WithCancel(context.Background())
	cancel()
	for _, tt := range []struct {
		ctx  context.Context
		has  [][]bool
		rate float64
		want string
	}{
		{context.Background(), has[:39], 2e-3, "40 images of 3x16x16 with 39 rows"},
		{context.Background(), slices.Repeat([][]bool{{true}}, 40), 2e-3, "image 0 has 1 attributes, want 2"},
		{context.Background(), slices.Repeat([][]bool{{true, false}}, 40), 2e-3, "40 of 40 training images have attribute 0"},
		{context.Background(), has, 1e38, "models: judge: step 2: loss is NaN (learning rate 1e+38)"},
		{canceled, has, 2e-3, "context canceled"},
	} {
		j, err := New(images.Shape, 2, true, 1)
		if err != nil {
			t.Fatal(err)
		}
		if err := j.Train(tt.ctx, Options{Steps: 9, Batch: 32, Rate: tt.rate}, images, tt.has, nil); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("error %v, want %q", err, tt.want)
		}
	}
	j := trained(t, 1)
	if _, err := j.Read(&domains.Images{Shape: domains.Shape{Channels: 1, Height: 16, Width: 16}}); err == nil || !strings.Contains(err.Error(), "images are 1x16x16, the judge takes 3x16x16") {
		t.Errorf("images of another shape: %v", err)
	}
	for _, s := range []domains.Shape{{Channels: 3, Height: 4, Width: 4}, {Channels: 3, Height: 16, Width: 32}} {
		if _, err := New(s, 1, true, 0); err == nil || !strings.Contains(err.Error(), "want squares of at least 8 pixels") {
			t.Errorf("%s: %v", s, err)
		}
	}
}
