package experiments

import (
	"context"
	"fmt"
	"image/color"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/internal/npy"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/reports"
)

// A plainFace is a picture of 16 x 16 pixels whose attributes can be read off it: a smile
// is a white bar, glasses two dark squares of some red, and skin is warm or cold.
type plainFace struct {
	grey           uint8
	warm           bool
	smile, glasses bool
	red            uint8 // of the glasses
}

func isBar(x, y int) bool    { return y >= 11 && y < 13 && x >= 4 && x < 12 }
func isSquare(x, y int) bool { return y >= 4 && y < 8 && (x >= 2 && x < 7 || x >= 9 && x < 14) }

func (f plainFace) at(x, y int) color.RGBA {
	switch {
	case f.smile && isBar(x, y):
		return color.RGBA{255, 255, 255, 255}
	case f.glasses && isSquare(x, y):
		return color.RGBA{f.red, 0, 0, 255}
	case f.warm:
		return color.RGBA{f.grey + 60, f.grey, f.grey - 60, 255}
	}
	return color.RGBA{f.grey - 60, f.grey, f.grey + 60, 255}
}

func (f plainFace) pixels() []float32 {
	out := make([]float32, 3*256)
	for p := range 256 {
		c := f.at(p%16, p/16)
		for channel, v := range []uint8{c.R, c.G, c.B} {
			out[channel*256+p] = float32(v)/127.5 - 1
		}
	}
	return out
}

// readFace reads a face off its pixels.
func readFace(px []float32) plainFace {
	level := func(channel, x, y int) uint8 {
		return uint8(math.Round(float64(px[channel*256+y*16+x]+1) * 127.5))
	}
	f := plainFace{grey: level(1, 0, 0), warm: level(0, 0, 0) > level(2, 0, 0)}
	f.smile = level(0, 4, 11) == 255 && level(2, 4, 11) == 255
	f.glasses = level(1, 2, 4) == 0
	if f.glasses {
		f.red = level(0, 2, 4)
	}
	return f
}

// A plainFaceModel takes faces apart and puts them together without a fault.
type plainFaceModel struct{ weights *models.Parameters }

func (m *plainFaceModel) Step(int, *models.Batch) ([]models.Loss, error) {
	return []models.Loss{{Name: "reconstruction/a", Value: 1}}, nil
}
func (m *plainFaceModel) Parameters() *models.Parameters  { return m.weights }
func (m *plainFaceModel) Optimisers() []*models.Optimiser { return nil }
func (m *plainFaceModel) MACs() int                       { return 1 }
func (m *plainFaceModel) Layers() []models.Layer          { return nil }

func (m *plainFaceModel) Encode(x *domains.Images) (models.Codes, error) {
	flag := func(b bool) float32 {
		if b {
			return 1
		}
		return 0
	}
	var c struct{ Common, SeparateA, SeparateB *models.Block }
	for i := range x.Len() {
		f := readFace(x.At(i))
		put(&c.Common, []float32{float32(f.grey), flag(f.warm)})
		put(&c.SeparateA, []float32{flag(f.smile)})
		put(&c.SeparateB, []float32{flag(f.glasses), float32(f.red)})
	}
	c.Common.Role, c.SeparateA.Role, c.SeparateB.Role = models.Common, models.SeparateA, models.SeparateB
	return models.Codes{c.Common, c.SeparateA, c.SeparateB}, nil
}

func (m *plainFaceModel) Decode(n int, c models.Codes) (*domains.Images, error) {
	common, a, b := c.Of(models.Common), c.Of(models.SeparateA), c.Of(models.SeparateB)
	out := &domains.Images{Shape: domains.Shape{Channels: 3, Height: 16, Width: 16}}
	for i := range n {
		f := plainFace{grey: 140}
		if common != nil {
			f.grey, f.warm = uint8(common.Row(i)[0]), common.Row(i)[1] > 0.5
		}
		if a != nil {
			f.smile = a.Row(i)[0] > 0.5
		}
		if b != nil {
			f.glasses, f.red = b.Row(i)[0] > 0.5, uint8(b.Row(i)[1])
		}
		out.Data = append(out.Data, f.pixels()...)
	}
	return out, nil
}

func init() {
	models.Methods.Add("plain-faces", models.Method{Name: "plain-faces", Version: 1, Loop: models.Loop{Iterations: 1, Batch: 4, LogEvery: 1}, New: func(models.Config) (models.Model, error) {
		m := &plainFaceModel{models.NewParameters()}
		m.weights.Add("weight", false, 1)
		return m, nil
	}})
}

// Judged translations of a model without a fault, by judges without a fault: every share
// is 0, 1 or what counting the pairs gives.
func TestKnownFaces(t *testing.T) {
	if testing.Short() {
		t.Skip("trains three judges")
	}
	dir := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", dir)
	writePopulation(t, dir)
	plan, shown := facesPlan(t, dir), &told{}
	out := runs.Run(context.Background(), plan, runs.RunOptions{Runs: filepath.Join(dir, "runs"), Job: RunJob, Progress: func(int, spec.Job) runs.Progress { return shown }})[0]
	if out.State != runs.Done {
		t.Fatal(out.Err)
	}
	facesStages(t, shown)
	results := resultsOf(t, out.Dir)
	sets := loadFaces(t, plan)
	references := facesJudged(t, sets, results.Faces)
	face := func(side, i int) plainFace { return readFace(sets[side].Test.Images.At(i)) }
	f := results.Faces
	equal(t, "own", f.Own, "[Smiling Eyeglasses]")
	closeTo(t, "agreement", f.Agreement.Value, 1, 0)
	closeTo(t, "changed", f.Changed, 56./256, 0.02)
	type key struct{ direction, system string }
	rows := map[key]reports.Face{}
	var order []string
	for _, r := range f.Rows {
		rows[key{r.Direction, r.System}] = r
		order = append(order, r.Direction+": "+r.System)
	}
	equal(t, "rows", strings.Join(order, ", "), "a: real images, a: reconstructions, b: real images, b: reconstructions, "+
		"a->b: plain-faces, a->b: copy of the content, a->b: copy of the guide, b->a: plain-faces, b->a: copy of the content, b->a: copy of the guide, "+
		"removal-a: plain-faces, removal-a: copy of the content, removal-b: plain-faces, removal-b: copy of the content, "+
		"union: plain-faces, union: copy of the content, union: copy of the guide")
	for _, side := range []string{"a", "b"} {
		for _, system := range []string{reports.RealImages, reports.Reconstructions} {
			r := rows[key{side, system}]
			closeTo(t, side+system+" target", r.Target.Value, 0, 0)
			closeTo(t, side+system+" source", r.Source.Value, 1, 0)
			equal(t, side+system+" images", r.Images, sets[map[string]int{"a": 0, "b": 1}[side]].Test.Images.Len())
		}
	}
	for _, d := range knownDirections {
		r := stream.New(0, "translate", d.name)
		contents, guides := sets[d.content].Test.Images.Len(), sets[1-d.content].Test.Images.Len()
		warmer, outside, seenContents, seenGuides := 0.0, 0.0, map[int]bool{}, map[int]bool{}
		for range 30 {
			i := r.IntN(contents)
			g := r.IntN(guides)
			c, o := face(d.content, i), face(1-d.content, g)
			if c.warm != o.warm {
				warmer += 1. / 30
			}
			seenContents[i], seenGuides[g] = true, true
			x, y, sum, n := sets[d.content].Test.Images.At(i), sets[1-d.content].Test.Images.At(g), 0.0, 0.0
			for p := range x {
				if q := p % 256; !isBar(q%16, q/16) && !isSquare(q%16, q/16) {
					sum, n = sum+math.Abs(float64(x[p]-y[p])), n+1
				}
			}
			outside += sum / n / 30
		}
		wants := map[string][3]float64{ // target seen, source seen, as wanted
			"plain-faces": {0, 0, 1}, reports.CopyContent: {0, 1, 0}, reports.CopyGuide: {1, 0, 0}}
		own, other := d.hat, d.scarf // a's and b's
		if d.content == 1 {
			own, other = d.scarf, d.hat
		}
		one := map[bool]float64{true: 1}
		wants["plain-faces"] = [3]float64{one[other], one[own], 1}
		wants[reports.CopyGuide] = [3]float64{1, 0, one[other && !own]}
		for system, want := range wants {
			row, ok := rows[key{d.name, system}]
			if !ok {
				continue
			}
			what := d.name + " " + system
			closeTo(t, what+" target", row.Target.Value, want[0], 0)
			closeTo(t, what+" source", row.Source.Value, want[1], 0)
			closeTo(t, what+" wanted", row.Wanted.Value, want[2], 0)
			closeTo(t, what+" agreement", row.Agreement.Value, 1, 0)
			equal(t, what+" images", row.Images, 30)
			equal(t, what+" contents", row.Contents, len(seenContents))
			if other {
				equal(t, what+" guides", row.Guides, len(seenGuides))
			} else {
				equal(t, what+" guides", row.Guides, 0)
			}
			if system == reports.CopyGuide {
				closeTo(t, what+" preservation", row.Preservation.Value, warmer, 1e-9)
				closeTo(t, what+" outside", row.Outside.Value, outside, 0.02)
			} else {
				closeTo(t, what+" preservation", row.Preservation.Value, 0, 0)
				closeTo(t, what+" outside", row.Outside.Value, 0, 1e-6)
			}
			if (row.Guide != nil) != other {
				t.Errorf("%s: guide rank %v", what, row.Guide)
			}
			if system == reports.CopyContent {
				closeTo(t, what+" content cosine", row.Content.Value, 1, 1e-6)
			}
			if row.Frechet == nil || row.KID == nil {
				t.Errorf("%s: no distances: %+v", what, row)
			}
			equal(t, what+" references", row.References, references[d.name])
		}
		// Real images of the kind that is wanted are nearer to a model without a fault than to the content.
		if mine, copied := rows[key{d.name, "plain-faces"}], rows[key{d.name, reports.CopyContent}]; mine.Frechet.Value >= copied.Frechet.Value || mine.KID.Value >= copied.KID.Value {
			t.Errorf("%s: distances %v and %v, of the content %v and %v", d.name, mine.Frechet.Value, mine.KID.Value, copied.Frechet.Value, copied.KID.Value)
		}
	}
	regionGridOf(t, out.Dir, sets)
	judgedCapabilities(t, results)
	switchedFaces(t, dir)
}

// regionGridOf checks the means of each domain's held-out images and the mask on them.
func regionGridOf(t *testing.T, dir string, sets [2]*domains.Domain) {
	t.Helper()
	shape, data, err := npy.Read(filepath.Join(dir, "grids", "region.npy"))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "region", shape, "[2 2 3 16 16]")
	for side, d := range sets {
		white := 0
		for p := range 768 {
			mean := 0.0
			for i := range d.Test.Images.Len() {
				mean += float64(d.Test.Images.At(i)[p]) / float64(d.Test.Images.Len())
			}
			closeTo(t, fmt.Sprint("mean of ", side, " at ", p), float64(data[(2*side)*768+p]), mean, 1e-4)
			if q := p % 256; isBar(q%16, q/16) || isSquare(q%16, q/16) {
				closeTo(t, fmt.Sprint("inside of ", side, " at ", p), float64(data[(2*side+1)*768+p]), mean, 1e-4)
			} else if data[(2*side+1)*768+p] == 1 {
				white++
			}
		}
		if white < 500 || white > 768-3*56 {
			t.Errorf("%d of 600 values that should not change are white", white)
		}
	}
}
