package drawn

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	_ "github.com/venn-adapt/venn/internal/seeded"
)

func faces(t testing.TB, side domains.Side, size, channels int, set option.Values) *domains.Domain {
	t.Helper()
	d, err := domains.Load(context.Background(), facesName, domains.Request{
		Side: side, Options: set, Shape: domains.Shape{Channels: channels, Height: size, Width: size},
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// The renderer, given an image's own factors, draws that image again, value for value.
func TestFacesRenderIsExact(t *testing.T) {
	set := option.Values{"train": 20, "test": 5}
	for _, channels := range []int{1, 3} {
		a, b := faces(t, domains.A, 32, channels, set), faces(t, domains.B, 32, channels, set)
		for i := range 20 {
			if !slices.Equal(a.Render.Render(a.Train.Factors, i, a.Train.Factors, i, nil, -1), a.Train.Images.At(i)) {
				t.Errorf("%d channels: image %d of a differs from its render", channels, i)
			}
			if !slices.Equal(b.Render.Render(b.Train.Factors, i, nil, -1, b.Train.Factors, i), b.Train.Images.At(i)) {
				t.Errorf("%d channels: image %d of b differs from its render", channels, i)
			}
		}
	}
}

// Without tilt, glasses change nothing below the nose and smiles nothing above
// it; the union is each part over the other, and both parts are large.
func TestFacesPartsStayApart(t *testing.T) {
	const size = 64
	set := option.Values{"train": 40, "test": 1}
	a, b := faces(t, domains.A, size, 3, set), faces(t, domains.B, size, 3, set)
	tilt := slices.Index(a.Train.Factors.Names, "tilt")
	for i := range 40 {
		a.Train.Factors.Values[i][tilt] = 0
		draw := func(wa, wb int) []float32 {
			return a.Render.Render(a.Train.Factors, i, a.Train.Factors, wa, b.Train.Factors, wb)
		}
		neither, glasses, smile, union := draw(-1, -1), draw(i, -1), draw(-1, i), draw(i, i)
		var changedA, changedB int
		for p := range size * size {
			y := 2*(float64(p/size)+0.5)/size - 1
			at := func(img []float32) [3]float32 { return [3]float32{img[p], img[size*size+p], img[2*size*size+p]} }
			inA, inB := at(glasses) != at(neither), at(smile) != at(neither)
			if inA {
				changedA++
			}
			if inB {
				changedB++
			}
			// Glasses reach 0.30 round the eyes' line; lips start 0.055 above the
			// corners of the mouth, at most 0.14 above its line.
			if inA && !(math.Abs(y-eyeLine) <= 0.32) || inB && (y < mouthLine-0.14-0.055-0.04 || y > 0.70) {
				t.Fatalf("face %d: pixel at height %.2f differs (glasses %v, smile %v)", i, y, inA, inB)
			}
			if !inB && at(union) != at(glasses) || !inA && at(union) != at(smile) {
				t.Fatalf("face %d: the union differs from its parts at height %.2f", i, y)
			}
		}
		// The whole canvas is size^2; the head about a quarter of it.
		if low := size * size / 25; changedA < low || changedB < low {
			t.Errorf("face %d: glasses cover %d pixels, smile %d, want at least %d each", i, changedA, changedB, low)
		}
	}
}

// Every factor has the range, and about the mean, of its uniform distribution,
// in both domains and the same for the common ones.
func TestFacesFactorMarginals(t *testing.T) {
	const n = 4000
	for _, side := range []domains.Side{domains.A, domains.B} {
		table := facesFactors(side, 3, "train", domains.Every(n))
		all := append(append([]factor{}, commonFactors...), separateFactors(side)...)
		for j, f := range all {
			low, high := f.min, f.max
			if f.categories != nil {
				low, high = 0, float64(len(f.categories)-1)
			}
			var sum float64
			seen := map[float64]int{}
			for i := range n {
				v := table.Values[i][j]
				if v < low || v > high {
					t.Fatalf("%s: %s is %g, want from %g to %g", side, f.name, v, low, high)
				}
				sum += v
				seen[v]++
			}
			width := high - low
			if f.categories != nil {
				width++ // a uniform category spreads like a number one wider
				for k := range f.categories {
					want := float64(n) / float64(len(f.categories))
					if got := float64(seen[float64(k)]); !(math.Abs(got-want) <= 5*math.Sqrt(want)) {
						t.Errorf("%s: %s %q drawn %g times, want about %g", side, f.name, f.categories[k], got, want)
					}
				}
			}
			// Five standard errors of the mean of a uniform variable.
			if got, want := sum/n, (low+high)/2; !(math.Abs(got-want) <= 5*width/math.Sqrt(12*n)) {
				t.Errorf("%s: mean of %s is %g, want about %g", side, f.name, got, want)
			}
		}
	}
}

// The classes can be told apart at 32 pixels, within a domain and across: the
// nearest class mean, a very plain classifier, is right most of the time.
func TestFacesClassesAreDistinct(t *testing.T) {
	set := option.Values{"train": 600, "test": 300}
	a, b := faces(t, domains.A, 32, 3, set), faces(t, domains.B, 32, 3, set)
	for _, tt := range []struct {
		name     string
		from, to domains.Split
		want     float64
	}{{"a to a", a.Train, a.Test, 0.6}, {"a to b", a.Train, b.Test, 0.5}} {
		got := nearestMeanAccuracy(tt.from, tt.to)
		t.Logf("%s: %.3f", tt.name, got)
		if got < tt.want {
			t.Errorf("%s: nearest class mean is right in %.3f, want at least %g (chance is 0.1)", tt.name, got, tt.want)
		}
	}
}

// nearestMeanAccuracy fits class means on one split and scores another.
func nearestMeanAccuracy(from, to domains.Split) float64 {
	d := from.Images.Shape.Len()
	means := make([][]float64, len(from.Truth.Classes()))
	counts := make([]float64, len(means))
	for k := range means {
		means[k] = make([]float64, d)
	}
	for i, label := range from.Truth.Reveal() {
		counts[label]++
		for j, v := range from.Images.At(i) {
			means[label][j] += float64(v)
		}
	}
	right := 0
	for i, label := range to.Truth.Reveal() {
		best, at := math.Inf(1), -1
		for k, mean := range means {
			var sum float64
			for j, v := range to.Images.At(i) {
				e := float64(v) - mean[j]/counts[k]
				sum += e * e
			}
			if sum < best {
				best, at = sum, k
			}
		}
		if at == label {
			right++
		}
	}
	return float64(right) / float64(to.Images.Len())
}

// A face is the same picture at every size: the render at twice the size, each
// 2x2 block averaged, is the render. Exact area coverage gives this but for the
// pixels where two edges cross and for 8-bit coverage.
func TestFacesDoNotAlias(t *testing.T) {
	set := option.Values{"train": 20, "test": 1}
	for _, side := range []domains.Side{domains.A, domains.B} {
		small, large := faces(t, side, 32, 3, set), faces(t, side, 64, 3, set)
		var sum, worst float64
		for i := range 20 {
			s, l := small.Train.Images.At(i), large.Train.Images.At(i)
			for p := range s {
				k, y, x := p/(32*32), p/32%32, p%32
				q := k*64*64 + 2*y*64 + 2*x
				box := (float64(l[q]) + float64(l[q+1]) + float64(l[q+64]) + float64(l[q+65])) / 4
				e := math.Abs(box - float64(s[p]))
				sum += e
				worst = max(worst, e)
			}
		}
		mean := sum / float64(20*3*32*32)
		t.Logf("%s: mean difference %.4f, largest %.3f", side, mean, worst)
		if mean > 0.005 || worst > 0.4 {
			t.Errorf("%s: the averaged double size differs by %.4f on average and %.3f at most", side, mean, worst)
		}
	}
}

// Image i does not depend on how many are drawn, on the processors or on the
// seed of the job; it does depend on the data seed, the side and the split.
func TestFacesAreReproducible(t *testing.T) {
	short := faces(t, domains.A, 16, 3, option.Values{"train": 70, "test": 3})
	long := faces(t, domains.A, 16, 3, option.Values{"train": 150, "test": 6})
	if !slices.Equal(short.Train.Images.Data, long.Train.Images.Data[:len(short.Train.Images.Data)]) {
		t.Error("the first images changed with the number drawn")
	}
	before := runtime.GOMAXPROCS(1)
	again := faces(t, domains.A, 16, 3, option.Values{"train": 150, "test": 6})
	runtime.GOMAXPROCS(before)
	if diff := cmp.Diff(long.Lock, again.Lock); diff != "" {
		t.Errorf("one processor gives another lock:\n%s", diff)
	}
	other := faces(t, domains.A, 16, 3, option.Values{"train": 70, "test": 3, "data_seed": 1})
	if slices.Equal(short.Train.Images.At(0), other.Train.Images.At(0)) {
		t.Error("the data seed changes nothing")
	}
	if slices.Equal(short.Train.Images.At(0), short.Test.Images.At(0)) {
		t.Error("train and test begin with the same image")
	}
	seeded, err := domains.Load(context.Background(), facesName, domains.Request{Seed: 9, Options: option.Values{"train": 70, "test": 3}, Shape: domains.Shape{Channels: 3, Height: 16, Width: 16}})
	if err != nil || seeded.Lock.Samples["train"] != short.Lock.Samples["train"] {
		t.Errorf("the job's seed changed the pictures (%v)", err)
	}
	noisy := faces(t, domains.A, 16, 3, option.Values{"train": 70, "test": 3, "noise": 0.2})
	var sum float64
	for i, v := range noisy.Train.Images.Data {
		e := float64(v - short.Train.Images.Data[i])
		sum += e * e
	}
	// Clipping only takes away from the deviation.
	if rms := math.Sqrt(sum / float64(len(noisy.Train.Images.Data))); rms < 0.15 || rms > 0.205 {
		t.Errorf("noise of 0.2 has deviation %.3f", rms)
	}
}

// A limit draws that many of the same images.
func TestFacesLimit(t *testing.T) {
	all := faces(t, domains.A, 16, 1, option.Values{"train": 50, "test": 2})
	few, err := domains.Load(context.Background(), facesName, domains.Request{Seed: 4, Limit: 8, Options: option.Values{"train": 50, "test": 2}, Shape: domains.Shape{Channels: 1, Height: 16, Width: 16}})
	if err != nil {
		t.Fatal(err)
	}
	chosen := domains.Subset(4, facesName, domains.A, 50, 8)
	if !slices.Equal(few.Train.Images.Data, all.Train.Images.Take(chosen).Data) {
		t.Error("the limited set is not the drawn subset of the full one")
	}
}

// Any factor values in range draw a picture in range.
func TestFacesStayInRange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tables := map[domains.Side]*domains.Factors{}
		for _, side := range []domains.Side{domains.A, domains.B} {
			f := &domains.Factors{Values: [][]float64{{}}}
			for _, factor := range append(append([]factor{}, commonFactors...), separateFactors(side)...) {
				f.Names = append(f.Names, factor.name)
				v := rapid.Float64Range(factor.min, factor.max).Draw(t, factor.name)
				if factor.categories != nil {
					v = float64(rapid.IntRange(0, len(factor.categories)-1).Draw(t, factor.name+" category"))
				}
				f.Values[0] = append(f.Values[0], v)
			}
			tables[side] = f
		}
		size := rapid.IntRange(8, 40).Draw(t, "size")
		image := FaceRenderer{domains.Shape{Channels: 3, Height: size, Width: size}}.Render(tables[domains.A], 0, tables[domains.A], rapid.IntRange(-1, 0).Draw(t, "a"), tables[domains.B], rapid.IntRange(-1, 0).Draw(t, "b"))
		for i, v := range image {
			if !(v >= -1 && v <= 1) {
				t.Fatalf("value %d is %g", i, v)
			}
		}
	})
}

func TestFacesRefuse(t *testing.T) {
	for _, tt := range []struct {
		name string
		r    domains.Request
		err  string
	}{
		{"channels", domains.Request{Shape: domains.Shape{Channels: 2, Height: 32, Width: 32}}, "domains: faces-schematic: 2 channels, want 1 or 3"},
		{"size", domains.Request{Shape: domains.Shape{Channels: 3, Height: 4, Width: 4}}, "domains: faces-schematic: a face of 4x4 pixels, want at least 8x8"},
		{"shape", domains.Request{}, "domains: faces-schematic: images of 0x0x0, want positive sizes"},
		{"unknown option", domains.Request{Shape: domains.Shape{Channels: 3, Height: 32, Width: 32}, Options: option.Values{"trian": 3}}, `domains: faces-schematic: unknown option "trian"; did you mean "train"?`},
		{"out of bounds", domains.Request{Shape: domains.Shape{Channels: 3, Height: 32, Width: 32}, Options: option.Values{"noise": 2.0}}, "domains: faces-schematic: noise: 2, want a number from 0 to 0.5"},
	} {
		if _, err := domains.Load(context.Background(), facesName, tt.r); err == nil || err.Error() != tt.err {
			t.Errorf("%s: got %v, want %s", tt.name, err, tt.err)
		}
	}
}

func TestContactSheetOfFaces(t *testing.T) {
	d := faces(t, domains.A, 16, 3, option.Values{"train": 7, "test": 2})
	page := domains.Contact(domains.Sheet{Rows: 2, Columns: 3, Zoom: 2, Captions: true}, domains.Block{Title: "train", Split: d.Train}, domains.Block{Title: "test", Split: d.Test})
	// A cell is 16*2 pixels and a gap of 4 wide, and a caption of 15 higher.
	if got, want := page.Bounds().Dx(), 3*36+4; got != want {
		t.Errorf("sheet is %d pixels wide, want %d", got, want)
	}
	if got, want := page.Bounds().Dy(), (15+2*51+4)+(15+1*51+4); got != want {
		t.Errorf("sheet is %d pixels high, want %d", got, want)
	}
	want := domains.ToImage(d.Train.Images.At(4), d.Train.Images.Shape).RGBAAt(3, 5)
	if got := page.RGBAAt(4+36+2*3, 15+4+51+2*5); got != want {
		t.Errorf("pixel of the fifth image is %v, want %v", got, want)
	}
	if bytes.Equal(page.Pix[:4], []byte{0, 0, 0, 0}) {
		t.Error("the sheet is transparent")
	}
}

func TestLoadRefusesSizesAndSides(t *testing.T) {
	for _, s := range []domains.Shape{{Channels: 3, Height: -16, Width: 16}, {Channels: 3, Height: 16, Width: -16}, {Channels: -3, Height: 16, Width: 16}, {Channels: -3, Height: -16, Width: 16}, {Channels: 3, Height: -16, Width: -16}, {Channels: -3, Height: 16, Width: -16}, {Channels: 0, Height: 16, Width: 16}} {
		want := fmt.Sprintf("domains: faces-schematic: images of %s, want positive sizes", s)
		if _, err := domains.Load(context.Background(), facesName, domains.Request{Shape: s}); fmt.Sprint(err) != want {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	if _, err := domains.Load(context.Background(), facesName, domains.Request{Shape: domains.Shape{Channels: 3, Height: 16, Width: 16}, Side: 2}); fmt.Sprint(err) != "domains: faces-schematic: side 2, want a or b" {
		t.Errorf("side: %v", err)
	}
	if !(&domains.DamagedError{}).Damaged() {
		t.Error("a damaged file is not called damaged")
	}
}

// The scale of a factor holds each of its categories, or three numbers that are as far from each other as from the
// ends of its range, from which every drawn value has its nearest; what is the other domain's own is absent in one.
func TestFacesScale(t *testing.T) {
	r := FaceRenderer{}
	want := map[string]string{
		"identity": "[0 1 2 3 4 5 6 7 8 9]", "skin_tone": "[0.1667 0.5000 0.8333]", "tilt": "[-9.3333 0.0000 9.3333]", "eye_spacing": "[0.2558 0.2675 0.2792]",
		"background": "[0 1 2 3 4 5]", "brightness": "[0.6250 0.7750 0.9250]", "glasses_shape": "[0 1 2]", "glasses_colour": "[0 1 2 3 4]",
		"glasses_size": "[0.2167 0.2300 0.2433]", "glasses_thickness": "[0.0508 0.0625 0.0742]", "smile_colour": "[0 1 2 3]", "smile_teeth": "[0 1 2]",
		"smile_width": "[0.2567 0.2900 0.3233]", "smile_height": "[0.1783 0.2150 0.2517]", "smile_curvature": "[0.0567 0.0900 0.1233]",
	}
	seen := map[string]bool{}
	for _, side := range []domains.Side{domains.A, domains.B} {
		table := facesFactors(side, 0, "test", []int{0})
		for j, name := range table.Names {
			s := r.Scale(name)
			format := "%.4f"
			if table.Categories[j] != nil {
				format = "%.0f"
			}
			if got := fmt.Sprintf(format, s.Levels); got != want[name] || !math.IsNaN(s.Constant) {
				t.Errorf("%s: %s and %v, want %s and NaN", name, got, s.Constant, want[name])
			}
			seen[name] = true
		}
	}
	if len(seen) != len(want) {
		t.Errorf("%d factors, want %d", len(seen), len(want))
	}
	defer func() {
		if p := recover(); p != `domains: faces-schematic: no factor "beard"` {
			t.Errorf("an unknown factor: %v", p)
		}
	}()
	r.Scale("beard")
}
