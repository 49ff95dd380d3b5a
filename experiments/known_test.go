package experiments

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"math"
	"os"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/internal/check"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/metrics"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/reports"
)

// The known domains: every pixel, code, prediction and score of them can be written down,
// so that what the program prints is compared with what it should print.
//
// An image of 8 x 8 pixels is a table of what made it:
//
//	0-2   the class as the common code tells it, one hot: right but for a few
//	3-5   the class as raw pixels tell it, at ten times the contrast
//	6-8   the class as an untrained network tells it
//	9     tone, a number that both domains have
//	10-12 hat, one hot: what only a has; 0 in b
//	13-15 scarf, one hot in 13-14, and its length: what only b has; 0 in a
//	16    which image it is
//	17-63 background
const (
	knownPixels     = 64
	knownBackground = float32(-0.25)
)

// A knownImage is one image in numbers.
type knownImage struct {
	side, split, i              int
	class, told, raw, untrained int
	tone                        float64
	hat, scarf                  int // -1: none
	length                      float64
}

// knownSizes are the images of [side][split], all different.
var knownSizes = [2][2]int{{60, 72}, {48, 60}}

var knownClasses = []string{"zero", "one", "two"}

// newKnownImage says what image i of a split is. Classes of b are unbalanced, and those of
// image i of the two splits differ; each way of
// telling the class errs on images of its own, so that no two rows of a table agree.
func newKnownImage(side, split, i int) knownImage {
	k := knownImage{side: side, split: split, i: i, tone: 0.04 * math.Sin(float64(3*i+side+2*split)), hat: -1, scarf: -1}
	if side == 0 {
		k.class = (i + 1 - split) % 3
		k.told, k.raw, k.untrained = k.class, k.class, k.class
		k.hat = k.class
		if i%4 == 3 {
			k.hat = (k.class + 1) % 3
		}
		if split == testSplit {
			if i%12 == 11 {
				k.told = (k.class + 1) % 3
			}
			if i%8 == 7 {
				k.raw = (k.class + 2) % 3
			}
			if i%2 == 1 {
				k.hat = (k.class + 1) % 3
			}
			if i%6 == 5 {
				k.untrained = (k.class + 1) % 3
			}
		}
		return k
	}
	k.class = [6]int{0, 0, 1, 2, 2, 2}[(i+3*(1-split))%6]
	k.told, k.raw, k.untrained = k.class, (k.class+1)%3, (k.class+2)%3
	k.scarf, k.length = i%2, 0.1+0.05*float64(i%5)
	switch {
	case split == testSplit && i%5 == 4:
		k.told = (k.class + 1) % 3
	case split == trainSplit && i%7 == 6:
		k.told = (k.class + 2) % 3
	}
	if split == testSplit && i%10 == 9 {
		k.raw = k.class
	}
	if i%5 == 0 {
		k.untrained = k.class
	}
	return k
}

func oneHot(at, n int, hot float32) []float32 {
	out := make([]float32, n)
	for j := range out {
		out[j] = -hot
		if j == at {
			out[j] = hot
		}
	}
	if at < 0 {
		clear(out)
	}
	return out
}

func (k knownImage) pixels() []float32 {
	px := make([]float32, knownPixels)
	copy(px, oneHot(k.told, 3, 0.1))
	copy(px[3:], oneHot(k.raw, 3, 1))
	copy(px[6:], oneHot(k.untrained, 3, 0.1))
	px[9] = float32(k.tone)
	copy(px[10:], oneHot(k.hat, 3, 0.3))
	copy(px[13:], oneHot(k.scarf, 2, 0.3))
	px[15] = float32(k.length)
	px[16] = float32(k.i) / 256
	for p := 17; p < knownPixels; p++ {
		px[p] = knownBackground
	}
	return px
}

// codes are the three blocks that the known model of a kind makes of the image, and that
// of the same network before any training.
func (k knownImage) codes(kind string) (common, a, b, untrained []float64) {
	wide := func(parts ...[]float32) []float64 {
		var out []float64
		for _, p := range parts {
			for _, v := range p {
				out = append(out, float64(v))
			}
		}
		return out
	}
	px := k.pixels()
	rest := make([]float32, 0, 7)
	for _, p := range []int{3, 4, 5, 6, 7, 8, 16} {
		rest = append(rest, px[p]*knownShrink)
	}
	untrained = wide(px[6:10], rest)
	switch kind {
	case "swapped":
		return wide(px[10:16]), wide(px[:3], px[9:10]), wide(px[:3], px[9:10]), untrained
	case "leaky":
		return wide(px[:3], px[9:10], rest, px[10:16]), wide(px[10:13], px[:3], px[9:10]), wide(px[13:16], px[:3], px[9:10]), untrained
	case "constant":
		return []float64{0.5, 0.5}, []float64{0.5}, []float64{0.5}, untrained
	case "bare":
		return wide(px[:3], px[9:10]), wide(px[10:13]), wide(px[13:16]), untrained
	}
	return wide(px[:3], px[9:10], rest), wide(px[10:13]), wide(px[13:16]), untrained
}

// knownShrink is the contrast at which the common code keeps what is needed to draw the
// image again, too low to tell a classifier anything.
const knownShrink = 1.0 / 1024

func knownSet(side, split int) []knownImage {
	out := make([]knownImage, knownSizes[side][split])
	for i := range out {
		out[i] = newKnownImage(side, split, i)
	}
	return out
}

func knownSplit(side, split int, labels bool) domains.Split {
	set := knownSet(side, split)
	s := domains.Split{Images: &domains.Images{Shape: domains.Shape{Channels: 1, Height: 8, Width: 8}}, Factors: &domains.Factors{
		Names: []string{"told", "tone", "hat"}, Categories: [][]string{knownClasses, nil, {"bowler", "cap", "crown"}}}}
	if side == 1 {
		s.Factors.Names[2], s.Factors.Categories[2] = "scarf", []string{"red", "blue"}
	}
	var classes []int
	for _, k := range set {
		s.Images.Data = append(s.Images.Data, k.pixels()...)
		s.Factors.Values = append(s.Factors.Values, []float64{float64(k.told), k.tone, float64(max(k.hat, k.scarf))})
		classes = append(classes, k.class)
	}
	if labels {
		s.Truth = domains.NewTruth(classes, knownClasses)
	}
	return s
}

// A knownRenderer draws what a translation should be: own pixels of the rows asked for.
type knownRenderer struct{ side, split int }

func (r knownRenderer) Render(content *domains.Factors, c int, hats *domains.Factors, a int, scarves *domains.Factors, b int) []float32 {
	if k := newKnownImage(r.side, r.split, c); content.Values[c][0] != float64(k.told) || content.Values[c][1] != k.tone || hats.Names[2] != "hat" || scarves.Names[2] != "scarf" {
		return make([]float32, knownPixels) // factors of another domain, split or image
	}
	return drawn(newKnownImage(r.side, r.split, c).pixels(), a, b)
}

// drawn is a content with the hat of test image a of a and the scarf of test image b of b;
// none of a negative one.
func drawn(content []float32, a, b int) []float32 {
	out := append([]float32{}, content...)
	clear(out[10:16])
	if a >= 0 {
		copy(out[10:13], newKnownImage(0, testSplit, a).pixels()[10:13])
	}
	if b >= 0 {
		copy(out[13:16], newKnownImage(1, testSplit, b).pixels()[13:16])
	}
	return out
}

// A bareRenderer draws images of which nothing is particular to a domain.
type bareRenderer struct{ side int }

func (r bareRenderer) Render(_ *domains.Factors, c int, _ *domains.Factors, _ int, _ *domains.Factors, _ int) []float32 {
	return drawn(newKnownImage(r.side, testSplit, c).pixels(), -1, -1)
}

// A knownModel is right from its first step on: its one weight says whether it is trained.
type knownModel struct {
	options option.Values
	weights *models.Parameters
}

func (m *knownModel) Step(step int, batch *models.Batch) ([]models.Loss, error) {
	a, b := batch.Images[0], batch.Images[1]
	m.weights.All()[0].Data[0] = 1
	s := float64(step + 1)
	return []models.Loss{{Name: "reconstruction/a", Value: meanTone(a)}, {Name: "reconstruction/b", Value: meanTone(b)}, {Name: "discriminator-accuracy", Value: 0.5 + s/100}}, nil
}

// meanTone is the mean tone of a batch, by which a test knows the batch.
func meanTone(images *domains.Images) float64 {
	var s float64
	for i := range images.Len() {
		s += float64(images.At(i)[9]) / float64(images.Len())
	}
	return s
}

func (m *knownModel) Parameters() *models.Parameters  { return m.weights }
func (m *knownModel) Optimisers() []*models.Optimiser { return nil }
func (m *knownModel) MACs() int                       { return 1 }
func (m *knownModel) Layers() []models.Layer          { return nil }

// Encode reads the codes off the pixels.
func (m *knownModel) Encode(x *domains.Images) (models.Codes, error) {
	var c struct{ Common, SeparateA, SeparateB *models.Block }
	for i := range x.Len() {
		px := x.At(i)
		rest := []float32{px[3], px[4], px[5], px[6], px[7], px[8], px[16]}
		for j := range rest {
			rest[j] *= knownShrink
		}
		class := append(append([]float32{}, px[:3]...), px[9])
		if m.weights.All()[0].Data[0] == 0 {
			class = append([]float32{}, px[6:10]...)
		}
		own := [2][]float32{px[10:13], px[13:16]}
		switch m.options.String("codes") {
		case "swapped":
			put(&c.Common, px[10:16])
			put(&c.SeparateA, class)
			put(&c.SeparateB, class)
		case "leaky":
			put(&c.Common, class, rest, px[10:16])
			put(&c.SeparateA, own[0], class)
			put(&c.SeparateB, own[1], class)
		case "constant":
			put(&c.Common, []float32{0.5, 0.5})
			put(&c.SeparateA, []float32{0.5})
			put(&c.SeparateB, []float32{0.5})
		case "bare":
			put(&c.Common, class)
			put(&c.SeparateA, own[0])
			put(&c.SeparateB, own[1])
		default:
			put(&c.Common, class, rest)
			put(&c.SeparateA, own[0])
			put(&c.SeparateB, own[1])
		}
	}
	c.SeparateA.Channels = 1
	c.Common.Role, c.SeparateA.Role, c.SeparateB.Role = models.Common, models.SeparateA, models.SeparateB
	return models.Codes{c.Common, c.SeparateA, c.SeparateB}, nil
}

// knownTone is what the known discriminator takes for a tone of A, if it is above.
const knownTone = 0.02

// Discriminate takes an image for one of A by the tone of its common code, and by its hat
// where there is room for one.
func (m *knownModel) Discriminate(c models.Codes) (*models.Block, error) {
	common := c.Of(models.Common)
	out := models.NewBlock("", common.N, 1, 1)
	for i := range common.N {
		row := common.Row(i)
		out.Data[i] = row[min(3, common.D-1)] - knownTone
		if m.options.String("codes") == "leaky" {
			own := row[common.D-6:]
			out.Data[i] = -1
			if own[0] != 0 || own[1] != 0 || own[2] != 0 {
				out.Data[i] = 1
			}
		}
	}
	return out, nil
}

// put appends a row to a block.
func put(b **models.Block, parts ...[]float32) {
	if *b == nil {
		*b = &models.Block{}
	}
	from := len((*b).Data)
	for _, p := range parts {
		(*b).Data = append((*b).Data, p...)
	}
	(*b).N++
	(*b).D = len((*b).Data) - from
	(*b).Channels = (*b).D
}

// Decode draws the codes of the oracle; a guide's or own part at the contrast `follow`,
// and a background that is `blur` off.
func (m *knownModel) Decode(n int, c models.Codes) (*domains.Images, error) {
	common, a, b := c.Of(models.Common), c.Of(models.SeparateA), c.Of(models.SeparateB)
	out := &domains.Images{Shape: domains.Shape{Channels: 1, Height: 8, Width: 8}, Data: make([]float32, n*knownPixels)}
	follow, blur := float32(m.options.Float("follow")), float32(m.options.Float("blur"))
	for i := range n {
		px := out.At(i)
		if common != nil && m.options.String("codes") == "oracle" {
			c := common.Row(i)
			copy(px, c[:3])
			px[9] = c[3]
			for j, p := range []int{3, 4, 5, 6, 7, 8, 16} {
				px[p] = c[4+j] / knownShrink
			}
		}
		for j := range 3 {
			if a != nil && j < a.D {
				px[10+j] = follow * a.Row(i)[j]
			}
			if b != nil && j < b.D {
				px[13+j] = follow * b.Row(i)[j]
			}
		}
		for p := 17; p < knownPixels; p++ {
			px[p] = knownBackground + blur
		}
	}
	return out, nil
}

// weighted is a measure of which every row and column counts differently, in any order of
// rows: the mean over rows of (Σ (j+1) x_j)(Σ (j+2) y_j).
func weighted(x, y [][]float64) float64 {
	var sum float64
	for i := range x {
		var u, v float64
		for j, w := range x[i] {
			u += float64(j+1) * w
		}
		for j, w := range y[i] {
			v += float64(j+2) * w
		}
		sum += u * v
	}
	return sum / float64(len(x))
}

// apart is a distance of which every column and the sides count differently.
func apart(x, y [][]float64) float64 {
	mean := func(rows [][]float64) float64 {
		var s float64
		for _, row := range rows {
			for j, v := range row {
				s += float64(j+1) * v
			}
		}
		return s / float64(len(rows))
	}
	return mean(x) - 3*mean(y)
}

func rowsOfMatrix(m *mat.Dense) [][]float64 {
	n, _ := m.Dims()
	out := make([][]float64, n)
	for i := range out {
		out[i] = m.RawRowView(i)
	}
	return out
}

func init() {
	known := domains.Dataset{Name: "known", Options: []option.Option{{Name: "labels", Kind: option.Bool, Default: true}, {Name: "drawn", Kind: option.Bool, Default: true}, {Name: "own", Kind: option.Bool, Default: true}},
		Load: func(_ context.Context, r domains.Request) (*domains.Domain, error) {
			d := &domains.Domain{Name: "known/" + r.Side.String(), Render: knownRenderer{int(r.Side), testSplit}}
			d.Train, d.Test = knownSplit(int(r.Side), trainSplit, r.Options.Bool("labels")), knownSplit(int(r.Side), testSplit, r.Options.Bool("labels"))
			if !r.Options.Bool("own") { // hats and scarves are left at home
				d.Render = bareRenderer{int(r.Side)}
				for _, s := range []domains.Split{d.Train, d.Test} {
					for i := range s.Images.Len() {
						clear(s.Images.At(i)[10:16])
					}
				}
			}
			if !r.Options.Bool("drawn") {
				d.Render, d.Train.Factors, d.Test.Factors = nil, nil, nil
			}
			d.Lock.Transform = "known " + r.Side.String()
			return d, nil
		}}
	domains.Datasets.Add("known", known)
	known.Name = "known-too"
	domains.Datasets.Add("known-too", known)
	models.Methods.Add("known", models.Method{Name: "known", Version: 1, Loop: models.Loop{Iterations: 20, Batch: 4, LogEvery: 1}, Options: []option.Option{
		{Name: "codes", Kind: option.Choice, Default: "oracle", Choices: []string{"oracle", "swapped", "leaky", "constant", "bare"}},
		{Name: "follow", Kind: option.Float, Default: 1.0, Min: 0, Max: 1}, {Name: "blur", Kind: option.Float, Default: 0.0, Min: 0, Max: 1},
	}, New: func(c models.Config) (models.Model, error) {
		m := &knownModel{options: c.Options, weights: models.NewParameters()}
		m.weights.Add("trained", false, 1)
		return m, nil
	}})
	measure := func(name string, kind metrics.Kind, value func(x, y [][]float64) float64) {
		metrics.Measures.Add(name, metrics.Descriptor{Name: name, Kind: kind, Compute: func(x, y *mat.Dense, s metrics.Settings) (metrics.Result, error) {
			n, _ := x.Dims()
			return metrics.Result{Name: name, Value: value(rowsOfMatrix(x), rowsOfMatrix(y)), N: n, Resamples: s.Permutations, Warnings: []string{"a word of warning"}}, nil
		}})
	}
	measure("known-weighted", metrics.Independence, weighted)
	measure("known-apart", metrics.Discrepancy, apart)
}

// knownSpec is a study of the known domains.
const knownSpec = `name: known
domains: {a: {dataset: known}, b: {dataset: known}}
image: {size: 8, channels: 1}
model: {method: known}
adapt: {classifiers: [centroid, knn]}
metrics: {independence: {tests: [known-weighted], permutations: 7}, discrepancy: {tests: [known-apart], permutations: 9}}
translate: {pairs: 40, grid: 3, steps: 3}
report: {formats: []}
`

// A knownRun is a finished run of the known domains.
type knownRun struct {
	*reports.Results
	dir  string
	runs []reports.Run
}

// newKnownRun runs the study to its end and reads what it left.
func newKnownRun(t *testing.T, root string, overrides ...string) knownRun {
	t.Helper()
	plan, err := spec.NewPlan(spec.Request{Source: "known.yaml", Text: []byte(knownSpec), Overrides: overrides})
	if err != nil {
		t.Fatal(err)
	}
	out := runs.Run(context.Background(), plan, runs.RunOptions{Runs: root, Job: RunJob})
	if out[0].State != runs.Done {
		t.Fatalf("%s: %v", out[0].State, out[0].Err)
	}
	data, err := os.ReadFile(out[0].Dir + "/results.json")
	if err != nil {
		t.Fatal(err)
	}
	run := knownRun{Results: &reports.Results{}, dir: out[0].Dir}
	if err := json.Unmarshal(data, run.Results); err != nil {
		t.Fatal(err)
	}
	var missing []string
	if run.runs, missing, err = runs.Collect([]string{out[0].Dir}); err != nil || len(missing) > 0 {
		t.Fatal(err, missing)
	}
	return run
}

func weightOfOne() *models.Parameters {
	ps := models.NewParameters()
	ps.Add("trained", false, 1)
	return ps
}

// The comparisons of these tests.
var equal, closeTo = check.Equal, check.Close

// The splits, as codes and known images count them.
const (
	trainSplit = 0
	testSplit  = 1
)

// bareJob is a job with nothing but a log.
func bareJob() (*job, *bytes.Buffer) {
	var log bytes.Buffer
	return &job{ctx: context.Background(), dir: &runs.RunDir{Log: slog.New(slog.NewTextHandler(&log, nil))}}, &log
}
