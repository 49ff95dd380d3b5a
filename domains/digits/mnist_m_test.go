package digits

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/domains/domainstest"
	"github.com/venn-adapt/venn/internal/option"
)

// slope is a photograph whose pixel (x, y) is (red + 3x, 5y, 7) over.
func slope(t testing.TB, red, w, h int) []byte {
	t.Helper()
	im := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			im.SetRGBA(x, y, color.RGBA{uint8(red + 3*x), uint8(5 * y), 7, 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, im); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// bundled is a packed archive of files, in the order of their names and then of the list.
func bundled(t testing.TB, files ...[2]string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, f := range files {
		if err := w.WriteHeader(&tar.Header{Name: f[0], Mode: 0o644, Size: int64(len(f[1]))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(f[1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return domainstest.Gzipped(t, b.Bytes())
}

// smallMNISTM is a folder of a small MNIST and three photographs: two of training, 30 x 29
// pixels with red from 0 and from 100, and one of the test, 28 x 28 with red from 50.
func smallMNISTM(t testing.TB, n int) string {
	dir := smallMNIST(t, n)
	domainstest.WriteFile(t, filepath.Join(dir, "bsds500", "BSR_bsds500_images.tgz"), bundled(t,
		[2]string{"BSR/BSDS500/data/images/train/2.jpg", string(slope(t, 100, 30, 29))},
		[2]string{"BSR/BSDS500/data/images/test/3.jpg", string(slope(t, 50, 28, 28))},
		[2]string{"BSR/BSDS500/data/images/val/4.jpg", "not read"},
		[2]string{"BSR/BSDS500/data/images/train/Thumbs.db", "not read"},
		[2]string{"BSR/BSDS500/data/images/train/1.jpg", string(slope(t, 0, 30, 29))}))
	return dir
}

func loadSmallMNISTM(t testing.TB, dir string, channels, size int, o option.Values) *domains.Domain {
	t.Helper()
	d, err := domains.Load(context.Background(), "mnist-m", domains.Request{DataDir: dir, Shape: domains.Shape{Channels: channels, Height: size, Width: size}, Options: o})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// windowOf finds the photograph and window over which an image of grey lies, and checks every
// pixel of it: the corner is white, the rest grey.
func windowOf(t *testing.T, px []float32, grey int, reds []int, w, h int) string {
	t.Helper()
	at := func(c, i int) int { return int(math.Round((float64(px[c*784+i]) + 1) * 127.5)) }
	for _, red := range reds {
		for top := range h - 27 {
			for left := range w - 27 {
				ok := true
				for i := range 784 {
					ink := grey
					if i == 0 {
						ink = 255
					}
					want := [3]int{red + 3*(left+i%28) - ink, 5*(top+i/28) - ink, 7 - ink}
					for c, v := range want {
						ok = ok && at(c, i) == max(v, -v)
					}
				}
				if ok {
					return fmt.Sprint(red, left, top)
				}
			}
		}
	}
	t.Error("an image is no difference of a digit and a window")
	return ""
}

func TestMNISTM(t *testing.T) {
	dir := smallMNISTM(t, 60)
	plain := loadSmallMNISTM(t, dir, 3, 28, option.Values{"digit": "grey"})
	windows := map[string]bool{}
	for i := range 60 {
		windows[windowOf(t, plain.Train.Images.At(i), i, []int{0, 100}, 30, 29)] = true
	}
	if len(windows) != 12 { // two photographs, three columns, two rows
		t.Errorf("%d windows of 12: %v", len(windows), windows)
	}
	for i := range 2 {
		windowOf(t, plain.Test.Images.At(i), i, []int{0, 100}, 30, 29)
	}
	apart := loadSmallMNISTM(t, dir, 3, 28, option.Values{"digit": "grey", "backgrounds": "apart"})
	for i := range 2 {
		if at := windowOf(t, apart.Test.Images.At(i), i, []int{50}, 28, 28); at != "50 0 0" {
			t.Errorf("test image %d apart lies over %s", i, at)
		}
	}
	if !slices.Equal(apart.Train.Images.At(7), plain.Train.Images.At(7)) {
		t.Error("training images over others, where the test's are apart")
	}
	binary := loadSmallMNISTM(t, dir, 3, 28, nil)
	for i := range 60 {
		ink := 255
		if i == 0 { // black, but for the corner
			ink = 0
		}
		windowOf(t, binary.Train.Images.At(i), ink, []int{0, 100}, 30, 29)
	}
	if got := fmt.Sprint(binary.Train.Truth.Reveal()[:12], len(binary.Test.Truth.Reveal())); got != "[0 1 2 3 4 5 6 7 8 9 0 1] 2" {
		t.Errorf("labels %s", got)
	}
	grey := loadSmallMNISTM(t, dir, 1, 28, nil)
	for i, v := range grey.Train.Images.At(9) {
		px := binary.Train.Images.At(9)
		want := 0.299*float64(px[i]) + 0.587*float64(px[784+i]) + 0.114*float64(px[2*784+i])
		if !(math.Abs(float64(v)-want) <= 0.5/127.5+1e-6) {
			t.Fatalf("luma of pixel %d: %v, want %v", i, v, want)
		}
	}
	if want := "|patch - binary digit| in bytes of 3 channels, 28x28, luma 0.299 R + 0.587 G + 0.114 B, bytes, x/127.5-1 -> [-1, 1]"; grey.Lock.Transform != want {
		t.Errorf("transform %q, want %q", grey.Lock.Transform, want)
	}
	var files []string
	for _, f := range grey.Lock.Files {
		files = append(files, f.Name)
	}
	if got := strings.Join(files, " "); got != "bsds500/BSR_bsds500_images.tgz mnist/train-images-idx3-ubyte.gz mnist/train-labels-idx1-ubyte.gz mnist/t10k-images-idx3-ubyte.gz mnist/t10k-labels-idx1-ubyte.gz" {
		t.Errorf("locked %s", got)
	}
}

// Neither the seed of a job nor a limit changes an image: one of the 20 that are drawn is the
// image of its row among all.
func TestMNISTMIsOneBuild(t *testing.T) {
	dir := smallMNISTM(t, 60)
	all := loadSmallMNISTM(t, dir, 3, 28, nil)
	d, err := domains.Load(context.Background(), "mnist-m", domains.Request{DataDir: dir, Seed: 8, Limit: 20, Side: domains.B, Shape: domains.Shape{Channels: 3, Height: 28, Width: 28}})
	if err != nil {
		t.Fatal(err)
	}
	rows := domains.Subset(8, "mnist-m", domains.B, 60, 20)
	for i, row := range rows {
		if !slices.Equal(d.Train.Images.At(i), all.Train.Images.At(row)) {
			t.Errorf("row %d is another image where 20 are drawn", row)
		}
	}
	if d.Train.Images.Len() != 20 || d.Lock.Samples["test"] != all.Lock.Samples["test"] || d.Lock.Samples["train"] == all.Lock.Samples["train"] {
		t.Errorf("%d images, samples %v and %v", d.Train.Images.Len(), d.Lock.Samples, all.Lock.Samples)
	}
	// At another size an image is the same, smoothed: the mean stays.
	big := loadSmallMNISTM(t, dir, 3, 56, nil)
	var means [2]float64
	for k, set := range []*domains.Images{all.Train.Images, big.Train.Images} {
		for _, v := range set.At(11)[:len(set.At(11))/3] {
			means[k] += float64(v) / float64(len(set.At(11))/3)
		}
	}
	if !(math.Abs(means[0]-means[1]) <= 0.01) {
		t.Errorf("mean of red %v at 28 pixels, %v at 56", means[0], means[1])
	}
}

func TestMNISTMFaults(t *testing.T) {
	small := slope(t, 0, 27, 40)
	good := [2]string{"images/test/3.jpg", string(slope(t, 50, 28, 28))}
	for _, tt := range []struct {
		what    string
		archive []byte
		want    string
	}{
		{"missing", nil, "bsds500/BSR_bsds500.tgz is missing; `venn data fetch mnist-m` says where it comes from"},
		{"not packed", []byte("photographs"), "BSR_bsds500.tgz: not a gzip file (11 bytes)"},
		{"no archive", domainstest.Gzipped(t, []byte(strings.Repeat("x", 600))), "BSR_bsds500.tgz: after 512 unpacked bytes"},
		{"no training photographs", bundled(t, good), "no photographs in images/train"},
		{"no test photographs", bundled(t, [2]string{"images/train/3.jpg", good[1]}), "no photographs in images/test"},
		{"a damaged photograph", bundled(t, good, [2]string{"images/train/1.jpg", "not one"}), "images/train/1.jpg: not a readable image"},
		{"a small photograph", bundled(t, good, [2]string{"images/train/1.jpg", string(small)}), "images/train/1.jpg: 27x40 pixels, too few for a digit"},
	} {
		dir := smallMNIST(t, 3)
		if tt.archive != nil {
			domainstest.WriteFile(t, filepath.Join(dir, "bsds500", "BSR_bsds500.tgz"), tt.archive)
		}
		_, err := domains.Load(context.Background(), "mnist-m", domains.Request{DataDir: dir, Options: option.Values{"backgrounds": "apart"}, Shape: domains.Shape{Channels: 3, Height: 28, Width: 28}})
		var damage *domains.DamagedError
		if err == nil || !strings.Contains(err.Error(), tt.want) || errors.As(err, &damage) == (tt.archive == nil) {
			t.Errorf("%s: %v, want %q", tt.what, err, tt.want)
		}
	}
}

// The real build: 200 photographs a split, and digits that show.
func TestRealMNISTM(t *testing.T) {
	dir := realData(t, "bsds500/BSR_bsds500_images.tgz")
	realData(t, "mnist/train-images-idx3-ubyte.gz")
	photographs, _, err := readPhotographs(domains.Request{DataDir: dir}, "mnist-m", []string{"train", "test"})
	if err != nil || len(photographs["train"]) != 200 || len(photographs["test"]) != 200 {
		t.Fatalf("%d and %d photographs, %v", len(photographs["train"]), len(photographs["test"]), err)
	}
	d, err := domains.Load(context.Background(), "mnist-m", domains.Request{DataDir: dir, Limit: 300, Shape: domains.Shape{Channels: 3, Height: 28, Width: 28}})
	if err != nil {
		t.Fatal(err)
	}
	if d.Train.Images.Len() != 300 || d.Test.Images.Len() != 10000 {
		t.Errorf("%d and %d images", d.Train.Images.Len(), d.Test.Images.Len())
	}
}
