package digits

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/domains/domainstest"
	"github.com/venn-adapt/venn/internal/option"
)

// realData is the folder of real datasets, or skips the test.
func realData(t testing.TB, file string) string {
	t.Helper()
	const dir = "../../../shared/data"
	if _, err := os.Stat(filepath.Join(dir, file)); err != nil {
		t.Skipf("needs real data: %s is absent", filepath.Join(dir, file))
	}
	return dir
}

func idxBytes(magic uint32, sizes []int, values []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, magic)
	for _, s := range sizes {
		out = binary.BigEndian.AppendUint32(out, uint32(s))
	}
	return append(out, values...)
}

// smallMNIST writes an MNIST of n training and 2 test images; image i is grey i
// but for its corner, which is 255.
func smallMNIST(t testing.TB, n int) string {
	dir := t.TempDir()
	for prefix, n := range map[string]int{"train": n, "t10k": 2} {
		pixels, labels := make([]byte, n*784), make([]byte, n)
		for i := range n {
			for k := range 784 {
				pixels[i*784+k] = byte(i)
			}
			pixels[i*784], labels[i] = 255, byte(i%10)
		}
		domainstest.WriteFile(t, filepath.Join(dir, "mnist", prefix+"-images-idx3-ubyte.gz"), domainstest.Gzipped(t, idxBytes(0x803, []int{n, 28, 28}, pixels)))
		domainstest.WriteFile(t, filepath.Join(dir, "mnist", prefix+"-labels-idx1-ubyte.gz"), domainstest.Gzipped(t, idxBytes(0x801, []int{n}, labels)))
	}
	return dir
}

func TestMNISTLayouts(t *testing.T) {
	dir := smallMNIST(t, 12)
	for _, tt := range []struct {
		fit, transform string
		shape          domains.Shape
		corner         int // position of the digit's white corner; -1: interpolated
	}{
		{"pad", "28x28, intensities x/127.5-1 -> [-1, 1]", domains.Shape{Channels: 1, Height: 28, Width: 28}, 0},
		{"pad", "28x28 -> padded with background to 32x32, intensities x/127.5-1 -> [-1, 1], channel repeated 3 times", domains.Shape{Channels: 3, Height: 32, Width: 32}, 2*32 + 2},
		{"pad", "28x28 -> padded with background to 32x32 -> bilinear to 64x64, intensities x/127.5-1 -> [-1, 1]", domains.Shape{Channels: 1, Height: 64, Width: 64}, -1},
		{"stretch", "28x28 -> bilinear to 32x32, intensities x/127.5-1 -> [-1, 1]", domains.Shape{Channels: 1, Height: 32, Width: 32}, -1},
		{"stretch", "28x28 -> bilinear to 16x16, intensities x/127.5-1 -> [-1, 1]", domains.Shape{Channels: 1, Height: 16, Width: 16}, -1},
	} {
		d, err := domains.Load(context.Background(), "mnist", domains.Request{DataDir: dir, Shape: tt.shape, Options: option.Values{"fit": tt.fit}})
		if err != nil {
			t.Errorf("%s %s: %v", tt.fit, tt.shape, err)
			continue
		}
		if d.Lock.Transform != tt.transform {
			t.Errorf("%s %s: transform %q, want %q", tt.fit, tt.shape, d.Lock.Transform, tt.transform)
		}
		img := d.Train.Images.At(3)
		n := tt.shape.Width * tt.shape.Height
		grey := float32(3/127.5 - 1)
		if centre := img[n/2+tt.shape.Width/2]; !(math.Abs(float64(centre-grey)) <= 1e-6) {
			t.Errorf("%s %s: centre is %g, want %g", tt.fit, tt.shape, centre, grey)
		}
		if tt.corner >= 0 && (img[tt.corner] != 1 || tt.corner > 0 && img[0] != -1) {
			t.Errorf("%s %s: corner %g and margin %g, want 1 and -1", tt.fit, tt.shape, img[tt.corner], img[0])
		}
		if tt.shape.Channels == 3 && !slices.Equal(img[:n], img[2*n:]) {
			t.Errorf("%s %s: the channels differ", tt.fit, tt.shape)
		}
	}
}

func TestMNISTLimitAndLock(t *testing.T) {
	dir := smallMNIST(t, 40)
	load := func(seed uint64, limit int) *domains.Domain {
		d, err := domains.Load(context.Background(), "mnist", domains.Request{DataDir: dir, Shape: domains.Shape{Channels: 1, Height: 28, Width: 28}, Seed: seed, Limit: limit})
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	all, few, other := load(1, 0), load(1, 15), load(2, 15)
	if all.Lock.Splits["train"] != 40 || few.Lock.Splits["train"] != 15 || few.Lock.Splits["test"] != 2 {
		t.Errorf("splits are %v and %v", all.Lock.Splits, few.Lock.Splits)
	}
	if few.Lock.Samples["train"] == other.Lock.Samples["train"] {
		t.Error("the seed does not change the subset")
	}
	seen := map[float32]bool{}
	for i := range 15 {
		grey := few.Train.Images.At(i)[1]
		which := int(math.Round((float64(grey) + 1) * 127.5)) // image k is grey k
		if seen[grey] || few.Train.Truth.Reveal()[i] != which%10 {
			t.Errorf("image %d (grey %d) repeats, or its label %d is another's", i, which, few.Train.Truth.Reveal()[i])
		}
		seen[grey] = true
	}
	if len(all.Lock.Files) != 4 || all.Lock.Files[0].Name != "mnist/train-images-idx3-ubyte.gz" || all.Lock.Files[0].Published {
		t.Errorf("locked files: %+v", all.Lock.Files)
	}
}

func TestMNISTBadFiles(t *testing.T) {
	const images, labels = "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"
	whole := domainstest.Gzipped(t, idxBytes(0x803, []int{2, 28, 28}, make([]byte, 2*784)))
	for _, tt := range []struct {
		name, file string
		data       []byte
		err        string
	}{
		{"not gzip", images, []byte("hello"), "not a gzip file (5 bytes): "},
		{"empty", images, nil, "not a gzip file (0 bytes): "},
		{"truncated", images, whole[:len(whole)-9], "truncated: the file ends after "},
		{"magic", images, domainstest.Gzipped(t, idxBytes(0x801, []int{2, 28, 28}, make([]byte, 2*784))), "byte 0: magic number 0x00000801, want 0x00000803"},
		{"count", images, domainstest.Gzipped(t, idxBytes(0x803, []int{3, 28, 28}, make([]byte, 2*784))), "1568 bytes after the header, which promises 2352"},
		{"huge", images, domainstest.Gzipped(t, idxBytes(0x803, []int{1 << 31, 1 << 31, 4}, nil)), "byte 4: size 2147483648 of dimension 1 is out of range"},
		{"side", images, domainstest.Gzipped(t, idxBytes(0x803, []int{2, 14, 56}, make([]byte, 2*784))), "images of 14x56 pixels, want 28x28"},
		{"header", images, domainstest.Gzipped(t, []byte{0, 0, 8}), "3 bytes, too few for an IDX header of 16"},
		{"labels", labels, domainstest.Gzipped(t, idxBytes(0x801, []int{3}, make([]byte, 3))), "3 labels for 4 images"},
		{"label", labels, domainstest.Gzipped(t, idxBytes(0x801, []int{4}, []byte{1, 2, 10, 3})), "byte 10: label 10, want from 0 to 9"},
	} {
		dir := smallMNIST(t, 4)
		domainstest.WriteFile(t, filepath.Join(dir, "mnist", tt.file), tt.data)
		_, err := domains.Load(context.Background(), "mnist", domains.Request{DataDir: dir, Shape: domains.Shape{Channels: 1, Height: 28, Width: 28}})
		var damage *domains.DamagedError
		if want := "domains: mnist: " + tt.file + ": " + tt.err; err == nil || !strings.HasPrefix(err.Error(), want) || !errors.As(err, &damage) {
			t.Errorf("%s: got %v, want damage %q", tt.name, err, want)
		}
	}
	_, err := domains.Load(context.Background(), "mnist", domains.Request{DataDir: "nowhere", Shape: domains.Shape{Channels: 1, Height: 28, Width: 28}})
	var missing *domains.MissingError
	if want := "domains: mnist: nowhere/mnist/train-images-idx3-ubyte.gz is missing; `venn data fetch mnist` gets it"; err == nil || err.Error() != want || !errors.As(err, &missing) {
		t.Errorf("missing: got %v, want %s", err, want)
	}
	_, err = domains.Load(context.Background(), "mnist", domains.Request{DataDir: smallMNIST(t, 1), Shape: domains.Shape{Channels: 1, Height: 16, Width: 16}})
	if want := "domains: mnist: fit pad cannot bring 28x28 to 16x16; use fit: stretch"; err == nil || err.Error() != want {
		t.Errorf("small: got %v, want %s", err, want)
	}
}

func TestParseUSPS(t *testing.T) {
	set, err := parseUSPS([]byte("1 1:-1 3:0.5 256:1\n10 2:-0.25\n"))
	if err != nil || !slices.Equal(set.labels, []int{0, 9}) {
		t.Fatalf("labels %v, %v; want 0 and 9", set.labels, err)
	}
	img := make([]float64, 256)
	set.image(0, img)
	if img[0] != -1 || img[1] != 0 || img[2] != 0.5 || img[255] != 1 {
		t.Errorf("first image begins %v and ends %g; an omitted pixel is 0", img[:4], img[255])
	}
	for _, tt := range []struct{ name, text, err string }{
		{"empty", "", "no images"},
		{"blank line", "1 1:0\n\n1 1:0\n", "line 2 is empty"},
		{"label 0", "0 1:0\n", `line 1: label "0", want from 1 to 10`},
		{"label 11", "1 1:0\n11 1:0\n", `line 2: label "11", want from 1 to 10`},
		{"label word", "one 1:0\n", `line 1: label "one", want from 1 to 10`},
		{"index 257", "1 1:0\n1 256:0 257:0\n", "line 2: index 257, want from 1 to 256"},
		{"index 0", "1 0:0\n", "line 1: index 0, want from 1 to 256"},
		{"order", "1 5:0 4:0\n", "line 1: index 4 after 5, want ascending indices"},
		{"twice", "1 5:0 5:0\n", "line 1: index 5 after 5, want ascending indices"},
		{"NaN", "1 5:NaN\n", `line 1: index 5: value "NaN", want a number from -1 to 1`},
		{"range", "1 5:1.5\n", `line 1: index 5: value "1.5", want a number from -1 to 1`},
		{"no colon", "1 5\n", `line 1: "5", want index:value`},
		{"cut", "1 5:", `line 1: index 5: value "", want a number from -1 to 1`},
	} {
		if _, err := parseUSPS([]byte(tt.text)); err == nil || err.Error() != tt.err {
			t.Errorf("%s: got %v, want %s", tt.name, err, tt.err)
		}
	}
}

func TestUSPSLayouts(t *testing.T) {
	for _, tt := range []struct {
		fit  string
		size int
		want string
	}{
		{"match", 28, "16x16 -> bilinear to 20x20 -> padded with background to 28x28"},
		{"match", 32, "16x16 -> bilinear to 20x20 -> padded with background to 32x32"},
		{"match", 64, "16x16 -> bilinear to 20x20 -> padded with background to 32x32 -> bilinear to 64x64"},
		{"match-stretch", 32, "16x16 -> bilinear to 23x23 -> padded with background to 32x32"}, // 20*32/28 = 22.9
		{"match-stretch", 16, "16x16 -> bilinear to 11x11 -> padded with background to 16x16"},
		{"stretch", 32, "16x16 -> bilinear to 32x32"},
		{"pad", 32, "16x16 -> padded with background to 32x32"},
		{"pad", 16, "16x16"},
	} {
		if l, err := uspsLayout(tt.fit, tt.size); err != nil || l.String() != tt.want {
			t.Errorf("%s at %d: %q, %v; want %q", tt.fit, tt.size, l, err, tt.want)
		}
	}
	if _, err := uspsLayout("match", 16); err == nil {
		t.Error("match at 16 pixels is not refused")
	}
}

// The files themselves: counts, the 1194 zeros of USPS, checksums, and nearest
// class means from MNIST to USPS, where how USPS is laid out decides.
func TestDigitsRealData(t *testing.T) {
	dir := realData(t, "mnist/train-images-idx3-ubyte.gz")
	realData(t, "usps/usps.bz2")
	load := func(name, fit string, limit int) *domains.Domain {
		d, err := domains.Load(context.Background(), name, domains.Request{DataDir: dir, Shape: domains.Shape{Channels: 1, Height: 28, Width: 28}, Options: option.Values{"fit": fit}, Limit: limit})
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	mnist, usps := load("mnist", "pad", 0), load("usps", "match", 0)
	if fmt.Sprint(mnist.Lock.Splits, usps.Lock.Splits) != "map[test:10000 train:60000] map[test:2007 train:7291]" {
		t.Errorf("splits %v and %v", mnist.Lock.Splits, usps.Lock.Splits)
	}
	zeros := 0
	for _, label := range usps.Train.Truth.Reveal() {
		if label == 0 {
			zeros++
		}
	}
	if zeros != 1194 {
		t.Errorf("USPS trains on %d zeros, want 1194", zeros)
	}
	for _, f := range append(mnist.Lock.Files, usps.Lock.Files...) {
		if !f.Published {
			t.Errorf("%s: checksum %s is not on the list", f.Name, f.SHA256)
		}
	}
	// Measured on the full splits by 1-NN: 82.9 matched, 73.2 padded, 67.8
	// stretched. A subset of 2000 and 300 loses a few points and keeps the order.
	few := mnist.Train.Images.Take(domains.Subset(1, "mnist", domains.A, 60000, 2000))
	var labels []int
	for _, i := range domains.Subset(1, "mnist", domains.A, 60000, 2000) {
		labels = append(labels, mnist.Train.Truth.Reveal()[i])
	}
	accuracy := map[string]float64{}
	for _, fit := range []string{"match", "pad", "stretch"} {
		test := load("usps", fit, 1).Test
		accuracy[fit] = nearestNeighbourAccuracy(few, labels, test, 300)
	}
	t.Logf("1-NN from 2000 MNIST images to 300 of USPS: %v", accuracy)
	if m := accuracy["match"]; m < 0.68 || m > 0.90 || m < accuracy["pad"]+0.03 || m < accuracy["stretch"]+0.03 {
		t.Errorf("matched layout scores %.3f, padded %.3f, stretched %.3f; want 0.68 to 0.90 and the best by 0.03", m, accuracy["pad"], accuracy["stretch"])
	}
}

func nearestNeighbourAccuracy(from *domains.Images, labels []int, to domains.Split, n int) float64 {
	right := 0
	step := to.Images.Len() / n
	for i := range n {
		x := to.Images.At(i * step)
		best, at := math.Inf(1), -1
		for j := range from.Len() {
			var sum float64
			for k, v := range from.At(j) {
				e := float64(v - x[k])
				sum += e * e
			}
			if sum < best {
				best, at = sum, j
			}
		}
		if labels[at] == to.Truth.Reveal()[i*step] {
			right++
		}
	}
	return float64(right) / float64(n)
}

func FuzzParseIDX(f *testing.F) {
	f.Add(idxBytes(0x803, []int{1, 2, 2}, []byte{1, 2, 3, 4}), 3)
	f.Add(idxBytes(0x801, []int{3}, []byte{1, 2, 3}), 1)
	f.Add(idxBytes(0x803, []int{1 << 30, 1 << 30, 16}, nil), 3)
	f.Fuzz(func(t *testing.T, data []byte, dimensions int) {
		if dimensions < 1 || dimensions > 4 {
			return
		}
		a, err := parseIDX(data, dimensions)
		if err != nil {
			return
		}
		total := 1
		for _, s := range a.sizes {
			total *= s
		}
		if total != len(a.values) || total == 0 {
			t.Errorf("sizes %v for %d values", a.sizes, len(a.values))
		}
	})
}

func FuzzParseUSPS(f *testing.F) {
	f.Add([]byte("1 1:-1 3:0.5 256:1\n10 2:-0.25\n"))
	f.Add([]byte("1 257:0"))
	f.Add([]byte("1 1:NaN"))
	f.Fuzz(func(t *testing.T, text []byte) {
		set, err := parseUSPS(text)
		if err != nil {
			return
		}
		img := make([]float64, 256)
		for i, label := range set.labels {
			set.image(i, img)
			if label < 0 || label > 9 || slices.Min(img) < -1 || slices.Max(img) > 1 {
				t.Errorf("image %d: label %d, values from %g to %g", i, label, slices.Min(img), slices.Max(img))
			}
		}
	})
}

// What is wrong with an IDX file, and where, byte by byte.
func TestIDXFaults(t *testing.T) {
	head := func(sizes ...uint32) []byte {
		out := []byte{0, 0, 8, byte(len(sizes))}
		for _, s := range sizes {
			out = binary.BigEndian.AppendUint32(out, s)
		}
		return out
	}
	for _, tt := range []struct {
		data []byte
		want string
	}{
		{head(1, 2)[:11], "11 bytes, too few for an IDX header of 12"},
		{append(head(1), make([]byte, 8)...), "byte 0: magic number 0x00000801, want 0x00000802"},
		{head(0, 2), "byte 4: size 0 of dimension 1 is out of range"},
		{head(3, 0), "byte 8: size 0 of dimension 2 is out of range"},
		{head(math.MaxUint32, math.MaxUint32), fmt.Sprintf("byte 4: size %d of dimension 1 is out of range", uint32(math.MaxUint32))},
		{head(65536, 1<<30), "byte 8: size 1073741824 of dimension 2 is out of range"},
		{append(head(2, 3), make([]byte, 5)...), "5 bytes after the header, which promises 6"},
		{append(head(2, 3), make([]byte, 7)...), "7 bytes after the header, which promises 6"},
	} {
		if _, err := parseIDX(tt.data, 2); fmt.Sprint(err) != tt.want {
			t.Errorf("error %v, want %q", err, tt.want)
		}
	}
	got, err := parseIDX(append(head(2, 3), 1, 2, 3, 4, 5, 6), 2)
	if err != nil || fmt.Sprint(got.sizes, got.values) != "[2 3] [1 2 3 4 5 6]" {
		t.Errorf("%v, %v", got, err)
	}
}

// A pixel that a row leaves out is 0, whatever row was laid before it.
func TestUSPSRowsOneAfterAnother(t *testing.T) {
	set, err := parseUSPS([]byte("1 1:0.5 256:-1\n10 2:0.25\n"))
	if err != nil {
		t.Fatal(err)
	}
	dst := make([]float64, 256)
	set.image(0, dst)
	if dst[0] != 0.5 || dst[1] != 0 || dst[255] != -1 {
		t.Errorf("first row: %v, %v, %v", dst[0], dst[1], dst[255])
	}
	if set.image(1, dst); dst[0] != 0 || dst[1] != 0.25 || dst[255] != 0 || set.labels[1] != 9 {
		t.Errorf("second row: %v, %v, %v", dst[0], dst[1], dst[255])
	}
}
