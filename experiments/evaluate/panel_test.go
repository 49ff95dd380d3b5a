package evaluate

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/internal/npy"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/reports"
)

// attributed paints images of hat (a's own), scarf (b's own) and tall, whose pixels 0, 1 and
// 2 are bright where they are there, and numbers them in pixel 15. No pixel follows from the
// attributes alone: a grain of three values lies on all.
func attributed(has ...[3]bool) domains.Attributed {
	set := domains.Attributed{Images: &domains.Images{Shape: domains.Shape{Channels: 1, Height: 4, Width: 4}}}
	rows := make([][]bool, len(has))
	for i, h := range has {
		px := make([]float32, 16)
		for p := range px {
			px[p] = 0.02 * float32((i*(p+1))%3-1)
		}
		for k, yes := range h {
			if yes {
				px[k] += 0.5
			}
		}
		px[15] = float32(i)
		set.Images.Data, rows[i] = append(set.Images.Data, px...), slices.Clone(h[:])
	}
	set.Attributes = domains.NewAttributes([]string{"hat", "scarf", "tall"}, rows)
	return set
}

// ownPanel reads hat and scarf off pixels 0 and 1; the second attribute judge sees the hat
// in pixel 2, and the content judge's embedding is pixels 2 and 15.
func ownPanel() *panel {
	has := func(attribute int) domains.Condition {
		return func(has func(int) bool) bool { return has(attribute) }
	}
	return &panel{Judging: &Judging{Is: [2]domains.Condition{has(0), has(1)}, Own: [2]string{"hat", "scarf"}}, seed: 3, columns: []int{0, 1},
		attribute: plainReader{[]int{0, 1}, []int{0}}, other: plainReader{[]int{2, 1}, []int{0}}, content: plainReader{[]int{2}, []int{2, 15}}}
}

// numbers are those that images carry in their last pixel.
func numbers(im *domains.Images) (out []int) {
	for i := range im.Len() {
		out = append(out, int(im.At(i)[15]))
	}
	return out
}

// What judges make of held-out images comes from these alone, and which pixels may change
// from the training images alone: hat and scarf show on pixels 0 and 1 there, and tall, which
// goes with the hat in three of four images, on pixel 2, which does not belong to the hat.
func TestLook(t *testing.T) {
	var seen [][3]bool
	for i := range 160 {
		hat := i%2 == 0
		seen = append(seen, [3]bool{hat, i/2%2 == 0, hat != (i/4%4 == 0)})
	}
	train := attributed(seen...)
	test := attributed([3]bool{true, true, true}, [3]bool{}, [3]bool{true, false, false}, [3]bool{false, false, true}, [3]bool{false, true, false}, [3]bool{true, true, false}, [3]bool{true, true, true}, [3]bool{true, false, true})
	p, report := ownPanel(), &reports.Faces{}
	if err := p.look(train, test, []int{2}, report); err != nil {
		t.Fatal(err)
	}
	equal(t, "with both", numbers(p.both), "[0 5 6]")
	equal(t, "with neither", numbers(p.neither), "[1 3]")
	equal(t, "agreement", fmt.Sprint(report.Agreement.Value, report.Agreement.N), fmt.Sprint(5./8, 8)) // not of 2, 3 and 5
	tall := 0.0
	for i := range 8 {
		tall += float64(test.Images.At(i)[2]) / 8
	}
	closeTo(t, "mean of pixel 2", p.centre[0], tall, 1e-6)
	closeTo(t, "mean number", p.centre[1], 3.5, 1e-6)
	for pixel, outside := range p.outside {
		equal(t, fmt.Sprint("pixel ", pixel, " should not change"), outside, pixel > 1)
	}
	equal(t, "share that may change", report.Changed, 2./16)
	if err := p.look(train, test, nil, report); err != nil {
		t.Fatal(err)
	}
	equal(t, "pixels that may change where tall is not held fixed", count(p.outside), 13)
}

// Of real images of a kind the first 2000 are kept, all where there are as many or fewer.
func TestLookKeepsAtMost(t *testing.T) {
	train := attributed(slices.Repeat([][3]bool{{true, false}, {false, true}, {false, false}}, 6)...)
	for n, want := range map[int]int{3: 3, 2000: 2000, 2003: 2000} {
		test := attributed(append(slices.Repeat([][3]bool{{}}, n), slices.Repeat([][3]bool{{true, true}}, n)...)...)
		p := ownPanel()
		if err := p.look(train, test, nil, &reports.Faces{}); err != nil {
			t.Fatal(err)
		}
		for _, of := range []struct {
			name  string
			got   []int
			first int
		}{{"neither", numbers(p.neither), 0}, {"both", numbers(p.both), n}} {
			if len(of.got) != want || of.got[0] != of.first || of.got[want-1] != of.first+want-1 {
				t.Errorf("%s of %d: %d images, from %d to %d", of.name, n, len(of.got), of.got[0], of.got[len(of.got)-1])
			}
		}
	}
}

// The pixels are found on 20000 images, drawn: one more is not looked at, and the last of
// them is.
func TestRegionOfAtMost(t *testing.T) {
	const n = 20001
	set := domains.Attributed{Images: &domains.Images{Shape: domains.Shape{Channels: 1, Height: 1, Width: 1}, Data: make([]float32, n)}, Attributes: domains.NewAttributes([]string{"hat", "scarf"}, slices.Repeat([][]bool{{true, false}, {false, true}, {false, false}}, n/3))}
	order := stream.Permutation(stream.New(3, "rows", "region"), n)
	for at, fails := range map[int]bool{n - 1: false, n - 2: true, 0: true} {
		clear(set.Images.Data)
		set.Images.Data[order[at]] = float32(math.NaN())
		if err := ownPanel().region(set, nil, &reports.Faces{}); (err != nil) != fails {
			t.Errorf("image %d of the order is not a number: %v", at, err)
		}
	}
}

// The grid shows the mean of 2000 held-out images of each domain, drawn, and beside it the
// same where the panel lets pixels change, white elsewhere.
func TestRegionGrid(t *testing.T) {
	w, _ := bareJob()
	w.Seed, w.Dir.Path, w.Spec.Image = 7, t.TempDir(), spec.ImageSpec{Size: 2, Channels: 3}
	for side, n := range []int{2001, 3} {
		images := &domains.Images{Shape: w.Spec.Image.Shape(), Data: make([]float32, 12*n)}
		for i := range n {
			for p := range 12 {
				images.Data[12*i+p] = float32(p)/16 + float32(side)*float32(i-1)/8
			}
		}
		if side == 0 { // is left out of the mean, and would move it by 1
			last := stream.Permutation(stream.New(7, "rows", "region/a"), n)[n-1]
			images.Data[12*last] = 2000
		}
		w.Domains[side] = &domains.Domain{Test: domains.Split{Images: images}}
	}
	p := &panel{Judging: &Judging{Own: [2]string{"a hat", "a scarf"}}, outside: []bool{true, false, false, true}}
	if err := w.regionGrid(p); err != nil {
		t.Fatal(err)
	}
	g := w.Results.Grids[0]
	equal(t, "labels", fmt.Sprint(g.Rows, g.Columns, g.RowLabels, g.ColumnLabels), "2 2 [a b] [mean may change]")
	if !strings.Contains(g.Caption, "neither a hat nor a scarf shows") {
		t.Errorf("caption: %s", g.Caption)
	}
	shape, data, err := npy.Read(w.Dir.File(g.File))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "shape", shape, "[2 2 3 2 2]")
	for side := range 2 {
		for pixel := range 12 {
			mean, inside := float64(pixel)/16, float64(pixel)/16
			if p.outside[pixel%4] {
				inside = 1
			}
			closeTo(t, fmt.Sprint("mean ", side, pixel), float64(data[24*side+pixel]), mean, 1e-3)
			closeTo(t, fmt.Sprint("inside ", side, pixel), float64(data[24*side+12+pixel]), inside, 1e-3)
		}
	}
}

// A known population holds what it was given.
type known struct {
	domains.Population
	train, test domains.Attributed
}

func (k known) Load(context.Context, ...*domains.Domain) (domains.Attributed, domains.Attributed, error) {
	return k.train, k.test, nil
}

// The judges are trained on the training images, and what they read is chosen by these: tall
// is had by half of them and by no held-out image. They are tested on the held-out ones.
func TestNewPanel(t *testing.T) {
	w, _ := bareJob()
	w.Dir.Path, w.Progress, w.Spec.Image, w.Spec.Translate.Judge = t.TempDir(), told{}, spec.ImageSpec{Size: 8, Channels: 1}, spec.JudgeSpec{Steps: 1, Batch: 4, Rate: 0.001}
	painted := func(n int, tall bool) domains.Attributed {
		var has [][3]bool
		for i := range n {
			has = append(has, [3]bool{i%2 == 0, i%4 < 2, tall && i%3 == 0})
		}
		set := attributed(has...)
		small := set.Images
		set.Images = &domains.Images{Shape: w.Spec.Image.Shape()}
		for i := range n {
			set.Images.Data = append(append(set.Images.Data, small.At(i)[:15]...), make([]float32, 49)...)
		}
		return set
	}
	w.Judging = ownPanel().Judging
	w.Judging.Population, w.Judging.Read, w.Judging.Named = known{train: painted(24, true), test: painted(12, false)}, []int{0, 1}, []int{0, 1}
	p, report, err := w.newPanel()
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "columns", p.columns, "[0 1]")
	var judged []string
	for _, j := range report.Judged {
		judged = append(judged, fmt.Sprintf("%s %s %.2f of %d", j.Judge, j.Attribute, j.Share, j.Accuracy.N))
	}
	equal(t, "judged", strings.Join(judged, ", "), "attribute hat 0.50 of 12, attribute scarf 0.50 of 12, second attribute hat 0.50 of 12, second attribute scarf 0.50 of 12, content tall 0.00 of 12")
	equal(t, "own", report.Own, "[hat scarf]")
	equal(t, "agreement on", report.Agreement.N, 12)
	equal(t, "images", fmt.Sprint(p.neither.Len(), p.both.Len(), len(p.outside), len(p.centre) > 0), "3 3 64 true")
}
