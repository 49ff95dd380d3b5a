package digits

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/domains/domainstest"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/parallel"
)

// smallPatches is a side over the small folder: digit i of MNIST is grey i but for a white corner,
// of class i%10; photographs slope from red 0 and 100 to train and from 50 to test.
func smallPatches(t testing.TB, dir string, side domains.Side, channels, size, limit int, seed uint64, o option.Values) *domains.Domain {
	t.Helper()
	d, err := domains.Load(t.Context(), patchesName, domains.Request{DataDir: dir, Side: side, Seed: seed, Limit: limit, Options: o,
		Shape: domains.Shape{Channels: channels, Height: size, Width: size}})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Each image is a window, in B the mean of window and digit, rounded; the means of its channels and
// its tone are the window's, by hand: red grows by 3 a column and green by 5 a row, so that over 28
// of them the means are 40.5 and 67.5 above those of the corner.
func TestPatchesByHand(t *testing.T) {
	dir := smallMNISTM(t, 60)
	o := option.Values{"train": 60, "test": 2}
	for _, side := range []domains.Side{domains.A, domains.B} {
		d := smallPatches(t, dir, side, 3, 28, 0, 0, o)
		for name, of := range map[string]struct {
			split domains.Split
			reds  []int
		}{"train": {d.Train, []int{0, 100}}, "test": {d.Test, []int{50}}} {
			f, seen := of.split.Factors, map[int]bool{}
			if got, want := strings.Join(f.Names, " "), [2]string{"red green blue", "red green blue digit"}[side]; got != want {
				t.Fatalf("%s: factors %s, want %s", d.Name, got, want)
			}
			for i := range of.split.Images.Len() {
				px, row := of.split.Images.At(i), f.Values[i]
				at := func(c, k int) float64 { return (float64(px[c*784+k]) + 1) * 127.5 }
				byteOf := func(v float64) float64 { return (v + 1) * 127.5 }
				red, top := math.Round(byteOf(row[0])-40.5), math.Round((byteOf(row[1])-67.5)/5)
				if left := math.Mod(red, 50) / 3; left != math.Trunc(left) || left > 2 || !slices.Contains(of.reds, int(red-3*left)) || top < 0 || top > 1 {
					t.Fatalf("%s %s %d: a window at red %v, top %v", d.Name, name, i, red, top)
				}
				if !(math.Abs(byteOf(row[2])-7) <= 1e-9) {
					t.Errorf("%s %s %d: blue %v, want that of 7", d.Name, name, i, row[2])
				}
				grey := -1.0
				if side == domains.B { // blue is (7 + grey)/2 rounded up
					grey = 2*at(2, 1) - 7
					var digits []int
					for _, g := range []int{int(math.Round(grey)), int(math.Round(grey)) - 1} {
						if g >= 0 && g%10 == int(row[3]) && math.Round(3.5+float64(g)/2) == math.Round(at(2, 1)) {
							digits = append(digits, g)
						}
					}
					if len(digits) != 1 || seen[digits[0]] {
						t.Fatalf("%s %s %d: grey %v is no new digit of class %v", d.Name, name, i, grey, row[3])
					}
					grey, seen[digits[0]] = float64(digits[0]), true
				}
				for k := range 784 {
					want := [3]float64{red + 3*float64(k%28), 5 * (top + float64(k/28)), 7}
					for c, v := range want {
						if ink := grey; side == domains.B {
							if k == 0 {
								ink = 255
							}
							v = math.Round(0.5*v + 0.5*ink)
						}
						if !(math.Abs(at(c, k)-v) <= 1e-3) {
							t.Fatalf("%s %s %d: channel %d, pixel %d: %v, want %v", d.Name, name, i, c, k, at(c, k), v)
						}
					}
				}
				luma := 0.299*(red+40.5) + 0.587*(5*top+67.5) + 0.114*7
				tone := 0
				if luma >= 90 {
					tone = 1
				}
				if got := of.split.Truth.Reveal()[i]; got != tone {
					t.Errorf("%s %s %d: tone %d of luma %v", d.Name, name, i, got, luma)
				}
			}
		}
		want := [2]string{"windows of photographs, 28x28, bytes, x/127.5-1 -> [-1, 1]", "windows of photographs, 0.5 patch + 0.5 digit in bytes of 3 channels, 28x28, bytes, x/127.5-1 -> [-1, 1]"}[side]
		if files := [2]int{1, 5}[side]; d.Lock.Transform != want || len(d.Lock.Files) != files || d.Lock.Files[0].Name != "bsds500/BSR_bsds500_images.tgz" {
			t.Errorf("%s: locked %v, transform %q", d.Name, d.Lock.Files, d.Lock.Transform)
		}
	}
}

// The bounds of the tones, each on its light side.
func TestTones(t *testing.T) {
	for luma, want := range map[float64]string{0: "dark", 89.99: "dark", 90.01: "medium", 129.99: "medium", 130.01: "light", 255: "light"} {
		if got := toneNames[toneOf([3]float64{luma, luma, luma})]; got != want {
			t.Errorf("luma %v is %s, want %s", luma, got, want)
		}
	}
	if tone := toneOf([3]float64{0, 255, 0}); toneNames[tone] != "light" { // 0.587 of 255 is 149.7
		t.Errorf("green is %s", toneNames[tone])
	}
}

// Neither the seed of a job, nor a limit, nor how many images there are changes one; another
// data_seed does, and the sides have windows of their own.
func TestPatchesAreOneBuild(t *testing.T) {
	dir := smallMNISTM(t, 60)
	all := smallPatches(t, dir, domains.B, 3, 28, 0, 0, option.Values{"train": 60, "test": 2})
	few := smallPatches(t, dir, domains.B, 3, 28, 10, 8, option.Values{"train": 40, "test": 1})
	rows := domains.Subset(8, patchesName, domains.B, 40, 10)
	if few.Train.Images.Len() != 10 || few.Test.Images.Len() != 1 {
		t.Fatalf("%d and %d images, want 10 and 1", few.Train.Images.Len(), few.Test.Images.Len())
	}
	for i, row := range rows {
		if !slices.Equal(few.Train.Images.At(i), all.Train.Images.At(row)) || !slices.Equal(few.Train.Factors.Values[i], all.Train.Factors.Values[row]) {
			t.Errorf("row %d is another image where 10 are drawn", row)
		}
	}
	digitsOf := func(d *domains.Domain) string { return fmt.Sprint(d.Train.Factors.Values) }
	if other := smallPatches(t, dir, domains.B, 3, 28, 0, 0, option.Values{"train": 60, "test": 2, "data_seed": 1}); digitsOf(other) == digitsOf(all) {
		t.Error("another data_seed draws the same")
	}
	a := smallPatches(t, dir, domains.A, 3, 28, 0, 0, option.Values{"train": 60, "test": 2})
	same := 0
	for i := range 60 {
		if slices.Equal(a.Train.Factors.Values[i], all.Train.Factors.Values[i][:3]) {
			same++
		}
	}
	if same > 20 { // of twelve windows, five by chance
		t.Errorf("%d of 60 windows are the same in a and b", same)
	}
	grey := smallPatches(t, dir, domains.B, 1, 28, 0, 0, option.Values{"train": 60, "test": 2})
	for k, v := range grey.Train.Images.At(9) {
		px := all.Train.Images.At(9)
		if want := 0.299*float64(px[k]) + 0.587*float64(px[784+k]) + 0.114*float64(px[2*784+k]); !(math.Abs(float64(v)-want) <= 1.1/127.5) {
			t.Fatalf("luma of pixel %d: %v, want %v", k, v, want)
		}
	}
}

func TestPatchesSameBytes(t *testing.T) {
	dir := smallMNISTM(t, 60)
	defer parallel.SetThreads(parallel.Limit())
	var first domains.Lock
	for _, threads := range []int{1, 2} {
		parallel.SetThreads(threads)
		d := smallPatches(t, dir, domains.B, 3, 32, 0, 0, option.Values{"train": 60, "test": 2})
		if threads == 1 {
			first = d.Lock
		} else if diff := cmp.Diff(first, d.Lock); diff != "" {
			t.Errorf("%d threads:\n%s", threads, diff)
		}
	}
}

func TestPatchesFaults(t *testing.T) {
	dir := smallMNISTM(t, 60)
	for _, tt := range []struct {
		dir, want string
		side      domains.Side
		o         option.Values
	}{
		{dir, "domains: digits-on-patches: train: 61 images, and MNIST has 60 digits for them; want at most as many", domains.B, option.Values{"train": 61, "test": 2}},
		{dir, "domains: digits-on-patches: test: 3 images, and MNIST has 2 digits for them; want at most as many", domains.B, option.Values{"train": 60, "test": 3}},
		{smallMNIST(t, 3), "bsds500/BSR_bsds500.tgz is missing; `venn data fetch digits-on-patches` says where it comes from", domains.A, nil},
	} {
		_, err := domains.Load(t.Context(), patchesName, domains.Request{DataDir: tt.dir, Side: tt.side, Options: tt.o, Shape: domains.Shape{Channels: 3, Height: 28, Width: 28}})
		if err == nil || !strings.HasSuffix(err.Error(), tt.want) {
			t.Errorf("%v, want %s", err, tt.want)
		}
	}
	// Side a has no digits, so that MNIST need not be there.
	alone := t.TempDir()
	domainstest.WriteFile(t, filepath.Join(alone, "bsds500", "BSR_bsds500.tgz"), bundled(t, [2]string{"images/test/3.jpg", string(slope(t, 50, 28, 28))}, [2]string{"images/train/1.jpg", string(slope(t, 0, 28, 28))}))
	if d := smallPatches(t, alone, domains.A, 3, 28, 0, 0, option.Values{"train": 3, "test": 3}); d.Train.Images.Len() != 3 || len(d.Lock.Files) != 1 {
		t.Errorf("%d images of %v", d.Train.Images.Len(), d.Lock.Files)
	}
}

// Of the real photographs no tone is rare, and digits come about equally often.
func TestPatchesOfRealPhotographs(t *testing.T) {
	dir := os.Getenv("VENN_DATA")
	if dir == "" {
		t.Skip("VENN_DATA is not set")
	}
	d := smallPatches(t, dir, domains.B, 3, 32, 3000, 0, nil)
	if d.Train.Images.Len() != 3000 || d.Test.Images.Len() != 2000 {
		t.Fatalf("%d and %d images", d.Train.Images.Len(), d.Test.Images.Len())
	}
	for name, s := range map[string]domains.Split{"train": d.Train, "test": d.Test} {
		var tones, digits [10]float64
		for i, tone := range s.Truth.Reveal() {
			tones[tone] += 1 / float64(s.Images.Len())
			digits[int(s.Factors.Values[i][3])] += 1 / float64(s.Images.Len())
		}
		for tone, share := range tones[:3] {
			if share < 0.25 || share > 0.45 {
				t.Errorf("%s: %.3f are %s", name, share, toneNames[tone])
			}
		}
		for digit, share := range digits {
			if share < 0.07 || share > 0.13 {
				t.Errorf("%s: %.3f are of digit %d", name, share, digit)
			}
		}
	}
}
