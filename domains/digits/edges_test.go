package digits

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/domains/domainstest"
	"github.com/venn-adapt/venn/internal/option"
)

// Sizes and places as the pages of the datasets give them: yann.lecun.com/exdb/mnist,
// ufldl.stanford.edu/housenumbers and, of USPS, LIBSVM's page, which gives none.
func TestPublishedFiles(t *testing.T) {
	for _, tt := range []struct {
		dataset, file string
		bytes         int64
		mirrors       int
		from          string
	}{
		{"mnist", "train-images-idx3-ubyte.gz", 9912422, 3, "https://ossci-datasets.s3.amazonaws.com/mnist/train-images-idx3-ubyte.gz"},
		{"mnist", "train-labels-idx1-ubyte.gz", 28881, 3, "https://ossci-datasets.s3.amazonaws.com/mnist/train-labels-idx1-ubyte.gz"},
		{"mnist", "t10k-images-idx3-ubyte.gz", 1648877, 3, "https://ossci-datasets.s3.amazonaws.com/mnist/t10k-images-idx3-ubyte.gz"},
		{"mnist", "t10k-labels-idx1-ubyte.gz", 4542, 3, "https://ossci-datasets.s3.amazonaws.com/mnist/t10k-labels-idx1-ubyte.gz"},
		{"svhn", "train_32x32.mat", 182040794, 1, "http://ufldl.stanford.edu/housenumbers/train_32x32.mat"},
		{"svhn", "test_32x32.mat", 64275384, 1, "http://ufldl.stanford.edu/housenumbers/test_32x32.mat"},
		{"usps", "usps.bz2", 0, 1, "https://www.csie.ntu.edu.tw/~cjlin/libsvmtools/datasets/multiclass/usps.bz2"},
		{"usps", "usps.t.bz2", 0, 1, "https://www.csie.ntu.edu.tw/~cjlin/libsvmtools/datasets/multiclass/usps.t.bz2"},
	} {
		set, err := domains.Datasets.Get(tt.dataset)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(set.Files, func(f domains.File) bool { return f.Name == tt.file })
		if i < 0 {
			t.Errorf("%s: no file %s", tt.dataset, tt.file)
			continue
		}
		if f := set.Files[i]; f.Bytes != tt.bytes || len(f.Mirrors) != tt.mirrors || f.Mirrors[0] != tt.from {
			t.Errorf("%s: %d bytes from %v, want %d from %d places, first %s", tt.file, f.Bytes, f.Mirrors, tt.bytes, tt.mirrors, tt.from)
		}
	}
}

// Digits are square and grey or colour, whatever the dataset.
func TestDigitShapes(t *testing.T) {
	for _, name := range []string{"mnist", "mnist-m", "svhn", "usps", patchesName} {
		for _, tt := range []struct {
			shape domains.Shape
			want  string
		}{
			{domains.Shape{Channels: 1, Height: 32, Width: 28}, "images of 32x28 pixels, want a square"},
			{domains.Shape{Channels: 3, Height: 28, Width: 32}, "images of 28x32 pixels, want a square"},
			{domains.Shape{Channels: 2, Height: 32, Width: 32}, "2 channels, want 1 or 3"},
			{domains.Shape{Channels: 4, Height: 32, Width: 32}, "4 channels, want 1 or 3"},
		} {
			_, err := domains.Load(t.Context(), name, domains.Request{DataDir: t.TempDir(), Shape: tt.shape})
			if want := "domains: " + name + ": " + tt.want; err == nil || err.Error() != want {
				t.Errorf("%v, want %s", err, want)
			}
		}
	}
}

// Four pixels in a frame of five: the odd column and row of background are right and below.
func TestPlaceByHand(t *testing.T) {
	p := newPlacer(layout{native: 2, scaled: 2, frame: 5, final: 5})
	copy(p.native, []float64{0.25, 0.5, 0.75, 1})
	dst := make([]float32, 50)
	p.place(dst, 2)
	want := []float32{
		-1, -1, -1, -1, -1,
		-1, 0.25, 0.5, -1, -1,
		-1, 0.75, 1, -1, -1,
		-1, -1, -1, -1, -1,
		-1, -1, -1, -1, -1,
	}
	if !slices.Equal(dst[:25], want) || !slices.Equal(dst[25:], want) {
		t.Errorf("%v, want twice %v", dst, want)
	}
}

// The layout of each option, and the first image as testdata/make.py has it, unchanged in the middle
// of its frame.
func TestUSPS(t *testing.T) {
	load := func(fit string, s domains.Shape, limit int) (*domains.Domain, error) {
		o := option.Values{}
		if fit != "" {
			o["fit"] = fit
		}
		return domains.Load(t.Context(), "usps", domains.Request{DataDir: "testdata", Shape: s, Options: o, Seed: 4, Limit: limit})
	}
	d, err := load("pad", domains.Shape{Channels: 3, Height: 20, Width: 20}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(d.Train.Truth.Reveal(), d.Test.Truth.Reveal()); got != "[0 1 2 3 4 5 6 7 8 9 0 1] [0 1 2]" {
		t.Errorf("labels %s", got)
	}
	for _, split := range []domains.Split{d.Train, d.Test} {
		for i := range split.Images.Len() {
			for at, v := range split.Images.At(i) {
				y, x, want := at/20%20-2, at%20-2, -1.0
				if y >= 0 && y < 16 && x >= 0 && x < 16 {
					want = float64((16*y+x+7*i)%16-8) / 8
				}
				if float64(v) != want {
					t.Fatalf("image %d at %d: %v, want %v", i, at, v, want)
				}
			}
		}
	}
	if got := fmt.Sprintln(d.Lock.Files[0].Name, d.Lock.Files[1].Name, len(d.Lock.Files), d.Lock.Transform); got != "usps/usps.bz2 usps/usps.t.bz2 2 16x16 -> padded with background to 20x20, intensities [-1, 1] as stored, channel repeated 3 times\n" {
		t.Errorf("locked %s", got)
	}
	few, err := load("stretch", domains.Shape{Channels: 1, Height: 16, Width: 16}, 5)
	if err != nil {
		t.Fatal(err)
	}
	for k, row := range domains.Subset(4, "usps", domains.A, 12, 5) {
		if want := float32((7*row)%16-8) / 8; few.Train.Images.At(k)[0] != want || few.Train.Truth.Reveal()[k] != row%10 {
			t.Errorf("image %d of 5: %v of digit %d, want row %d", k, few.Train.Images.At(k)[0], few.Train.Truth.Reveal()[k], row)
		}
	}
	if few.Train.Images.Len() != 5 || few.Test.Images.Len() != 3 {
		t.Errorf("%d and %d images, want 5 and 3: a limit is of training", few.Train.Images.Len(), few.Test.Images.Len())
	}
	if usual, err := load("", domains.Shape{Channels: 1, Height: 28, Width: 28}, 0); err != nil || !strings.HasPrefix(usual.Lock.Transform, "16x16 -> bilinear to 20x20 -> padded with background to 28x28") {
		t.Errorf("by default %v (%v)", usual, err)
	}
	for fit, want := range map[string]string{
		"":     "domains: usps: fit match goes with padded MNIST, which has at least 28 pixels, not 15; use fit: match-stretch",
		"pad":  "domains: usps: fit pad cannot bring 16x16 to 15x15; use fit: stretch",
		"wide": `domains: usps: fit: "wide", want one of match, match-stretch, stretch, pad`,
	} {
		if _, err := load(fit, domains.Shape{Channels: 1, Height: 15, Width: 15}, 0); err == nil || err.Error() != want {
			t.Errorf("fit %q: %v, want %s", fit, err, want)
		}
	}
}

func TestUSPSFaults(t *testing.T) {
	shape := domains.Shape{Channels: 1, Height: 28, Width: 28}
	for name, tt := range map[string]struct{ files, want string }{
		"missing":      {"", "usps.bz2 is missing; `venn data fetch usps` gets it"},
		"no test file": {"usps.bz2", "usps.t.bz2 is missing; `venn data fetch usps` gets it"},
		"not packed":   {"usps.bz2 usps.t.bz2!", "domains: usps: usps.t.bz2: after 0 unpacked bytes: bzip2 data invalid"},
	} {
		dir := t.TempDir()
		for _, file := range strings.Fields(tt.files) {
			data := []byte("1 1:0\n")
			if file, damaged := strings.CutSuffix(file, "!"); !damaged {
				data = readAll(t, filepath.Join("testdata", "usps", file))
			}
			domainstest.WriteFile(t, filepath.Join(dir, "usps", strings.TrimSuffix(file, "!")), data)
		}
		if _, err := domains.Load(t.Context(), "usps", domains.Request{DataDir: dir, Shape: shape}); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %s", name, err, tt.want)
		}
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := domains.Load(ended, "usps", domains.Request{DataDir: "testdata", Shape: shape}); err == nil || err.Error() != "domains: usps: context canceled" {
		t.Errorf("ended: %v", err)
	}
}

// One wrong side is enough, and sizes are refused from the first byte that no file may have.
func TestMNISTSizes(t *testing.T) {
	for _, sizes := range [][]int{{4, 28, 14}, {4, 14, 28}, {4, 28, 29}} {
		dir := smallMNIST(t, 4)
		domainstest.WriteFile(t, filepath.Join(dir, "mnist", "train-images-idx3-ubyte.gz"), domainstest.Gzipped(t, idxBytes(0x803, sizes, make([]byte, 4*sizes[1]*sizes[2]))))
		_, err := domains.Load(t.Context(), "mnist", domains.Request{DataDir: dir, Shape: domains.Shape{Channels: 1, Height: 28, Width: 28}})
		if want := fmt.Sprintf("images of %dx%d pixels, want 28x28", sizes[1], sizes[2]); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	const most = 1 << 29
	for size, want := range map[int]string{
		most:     "1 bytes after the header, which promises 536870912",
		most + 1: "byte 4: size 536870913 of dimension 1 is out of range",
	} {
		if _, err := parseIDX(idxBytes(0x801, []int{size}, []byte{1}), 1); fmt.Sprint(err) != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// Which window of which photograph an image lies over is a part of every published result: do
// not change it. The windows are those that testdata/make.py draws.
func TestMNISTMIsPinned(t *testing.T) {
	d := loadSmallMNISTM(t, smallMNISTM(t, 6), 3, 28, option.Values{"digit": "grey"})
	for _, tt := range []struct {
		split domains.Split
		want  []string // red of the photograph, column, row
	}{
		{d.Train, []string{"0 2 0", "0 1 1", "100 0 0", "0 2 0", "100 2 1", "0 0 0"}},
		{d.Test, []string{"100 0 0", "0 1 1"}},
	} {
		for i, want := range tt.want {
			if got := windowOf(t, tt.split.Images.At(i), i, []int{0, 100}, 30, 29); got != want {
				t.Errorf("image %d lies over %s, want %s", i, got, want)
			}
		}
	}
}

// MATLAB leaves out the last axis of one image, and of labels nobody has written 11.
func TestSVHNOfOneImage(t *testing.T) {
	for want, data := range map[string][]byte{
		"shape [32 32 3] of X, want bytes of 32 x 32 x 3 x images":     matOf([]int{32, 32, 3}, make([]byte, 3072), []float64{1}, false),
		"shape [32 32 3 1 1] of X, want bytes of 32 x 32 x 3 x images": matOf([]int{32, 32, 3, 1, 1}, make([]byte, 3072), []float64{1}, false),
		"image 1: label 11, want from 1 to 10":                         matOf([]int{32, 32, 3, 1}, make([]byte, 3072), []float64{11}, false),
	} {
		if _, err := parseSVHN(data); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// Luma of three planes is rounded once, to the nearest byte.
func TestToBytes(t *testing.T) {
	grey, colour := make([]byte, 2), make([]byte, 6)
	planes := []float64{255, 10.4, 0, 10.5, 0, 99.6}
	toBytes(grey, planes) // 0.299*255 = 76.2; 0.299*10.4 + 0.587*10.5 + 0.114*99.6 = 20.6
	toBytes(colour, planes)
	if !slices.Equal(grey, []byte{76, 21}) || !slices.Equal(colour, []byte{255, 10, 0, 11, 0, 100}) {
		t.Errorf("%v and %v", grey, colour)
	}
}

func readAll(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
