package experiments

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/metrics/correctness"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/reports"
)

// A block image shows each factor in a pixel of its own: hue (four categories) and tone (a number in [0, 1)) of both
// domains, colour and length of a hat that A has, and a scarf of five kinds that B has. Without hats and scarves the pixels
// are -1, or what they always are in the other domain: colour 1, length 0.5, scarf 2.
var blockFactors = []struct {
	name     string
	side     int // -1: both
	levels   []float64
	constant float64
}{
	{"hue", -1, []float64{0, 1, 2, 3}, math.NaN()}, {"tone", -1, []float64{0.25, 0.75}, math.NaN()},
	{"colour", 0, []float64{0, 1, 2}, 1}, {"length", 0, []float64{1. / 6, 0.5, 5. / 6}, 0.5}, {"scarf", 1, []float64{0, 1, 2, 3, 4}, 2},
}

// shade is a pixel of a factor's value: what is not there is -1.
func shade(v float64) float32 {
	if math.IsNaN(v) {
		return -1
	}
	return float32(v / 4)
}

type blockRenderer struct{ always bool }

// without is the value of a factor that its domain's part is not there for.
func (r blockRenderer) without(k int) float64 {
	if r.always {
		return blockFactors[k].constant
	}
	return math.NaN()
}

func (r blockRenderer) Scale(name string) domains.Scale {
	for k, b := range blockFactors {
		if b.name == name {
			return domains.Scale{Levels: b.levels, Constant: r.without(k)}
		}
	}
	panic(name)
}

func (r blockRenderer) Render(content *domains.Factors, c int, fromA *domains.Factors, a int, fromB *domains.Factors, b int) []float32 {
	out := make([]float32, 64)
	for k, block := range blockFactors {
		from, row := content, c
		switch block.side {
		case 0:
			from, row = fromA, a
		case 1:
			from, row = fromB, b
		}
		v := r.without(k)
		if row >= 0 {
			v = from.Values[row][slices.Index(from.Names, block.name)]
		}
		out[k] = shade(v)
	}
	return out
}

// blockSplit are n images of a side.
func blockSplit(side, n int, r blockRenderer) domains.Split {
	s := domains.Split{Images: &domains.Images{Shape: domains.Shape{Channels: 1, Height: 8, Width: 8}}, Factors: &domains.Factors{}}
	for k, b := range blockFactors {
		if b.side != 1-side {
			s.Factors.Names = append(s.Factors.Names, b.name)
			s.Factors.Categories = append(s.Factors.Categories, map[bool][]string{true: nil, false: make([]string, len(b.levels))}[k%2 == 1])
		}
	}
	for i := range n {
		g := stream.New(uint64(side), "blocks", i)
		var values []float64
		for k, b := range blockFactors {
			switch {
			case b.side == 1-side:
			case k%2 == 1:
				values = append(values, g.Float64())
			default:
				values = append(values, float64(g.IntN(len(b.levels))))
			}
		}
		s.Factors.Values = append(s.Factors.Values, values)
	}
	for i := range n {
		rows := [2]int{-1, -1}
		rows[side] = i
		s.Images.Data = append(s.Images.Data, r.Render(s.Factors, i, s.Factors, rows[0], s.Factors, rows[1])...)
	}
	return s
}

// A mover translates blocks, or anything by copying: it is a translator without codes.
type mover struct {
	does    string
	weights *models.Parameters
}

func (m *mover) Parameters() *models.Parameters  { return m.weights }
func (m *mover) Optimisers() []*models.Optimiser { return nil }
func (m *mover) Step(int, *models.Batch) ([]models.Loss, error) {
	m.weights.All()[0].Data[0] = 1
	return []models.Loss{{Name: "none", Value: 0}}, nil
}

func (m *mover) Edits() []models.Edit {
	both := []models.Edit{{Content: domains.A, Own: [2]models.Slot{models.Empty, models.OfGuide}}, {Content: domains.B, Own: [2]models.Slot{models.OfGuide, models.Empty}}}
	switch {
	case m.does == "one-way":
		return both[:1]
	case strings.HasPrefix(m.does, "again"):
		return append(both, models.Reconstruction(domains.A), models.Reconstruction(domains.B))
	}
	return both
}

// faceImages are the test images of the drawn faces by side, for the mover that renders them.
var faceImages [2]*domains.Domain

func (m *mover) Translate(e models.Edit, contents, guides *domains.Images) (*domains.Images, error) {
	out := &domains.Images{Shape: contents.Shape}
	for i := range contents.Len() {
		x := contents.At(i)
		if strings.HasPrefix(m.does, "again") {
			out.Data = append(out.Data, m.again(e, x)...)
			continue
		}
		y := guides.At(i)
		px := slices.Clone(x)
		switch m.does {
		case "guide":
			px = slices.Clone(y)
		case "exact", "one-way", "hue", "colour", "tone":
			copy(px[2:5], y[2:5]) // in the guide the content's own is as it should be
			switch m.does {
			case "hue":
				px[0] = shade(math.Mod(float64(4*x[0])+1, 4))
			case "colour":
				px[3] = x[3] // the length stays
			case "tone":
				px[1] = shade(1 - float64(4*x[1]))
			}
		case "rendered":
			row := func(side domains.Side, image []float32) int {
				for k := range faceImages[side].Test.Images.Len() {
					if slices.Equal(faceImages[side].Test.Images.At(k), image) {
						return k
					}
				}
				return -1
			}
			rows := [2]int{-1, -1}
			rows[1-e.Content] = row(1-e.Content, y)
			factors := [2]*domains.Factors{faceImages[0].Test.Factors, faceImages[1].Test.Factors}
			px = faceImages[0].Render.Render(factors[e.Content], row(e.Content, x), factors[0], rows[0], factors[1], rows[1])
		}
		out.Data = append(out.Data, px...)
	}
	return out, nil
}

func init() {
	domains.Datasets.Add("known-blocks", domains.Dataset{Name: "known-blocks", Options: []option.Option{{Name: "always", Kind: option.Bool, Default: true}},
		Load: func(_ context.Context, r domains.Request) (*domains.Domain, error) {
			draws := blockRenderer{r.Options.Bool("always")}
			return &domains.Domain{Name: "known-blocks/" + r.Side.String(), Render: draws, Train: blockSplit(int(r.Side), 8, draws), Test: blockSplit(int(r.Side), 50, draws)}, nil
		}})
	models.Methods.Add("known-mover", models.Method{Name: "known-mover", Version: 1, Loop: models.Loop{Iterations: 1, Batch: 4, LogEvery: 1},
		Options: []option.Option{{Name: "does", Kind: option.Choice, Default: "exact", Choices: []string{"content", "guide", "exact", "hue", "colour", "tone", "one-way", "rendered", "again-exact", "again-hue", "again-tone", "again-colour", "again-bare", "again-scarf"}}},
		New: func(c models.Config) (models.Model, error) {
			return &mover{c.Options.String("does"), weightOfOne()}, nil
		}})
}

// moved runs a mover on a dataset.
func moved(t *testing.T, dataset, does string, overrides ...string) knownRun {
	t.Helper()
	size, channels := 8, 1
	if dataset == "faces-schematic" {
		size, channels = 32, 3
	}
	return movedBy(t, dataset, size, channels, "{method: known-mover, does: "+does+"}", overrides...)
}

// movedBy runs a model on data whose domains are drawn.
func movedBy(t *testing.T, dataset string, size, channels int, model string, overrides ...string) knownRun {
	t.Helper()
	text := fmt.Sprintf("name: x\ndomains: {a: {dataset: %s, labelled: false}, b: {dataset: %[1]s, labelled: false}}\nimage: {size: %d, channels: %d}\nmodel: %s\ntranslate: {pairs: 60, grid: 1}\nreport: {formats: []}\n", dataset, size, channels, model)
	plan, err := spec.NewPlan(spec.Request{Source: "x.yaml", Text: []byte(text), Overrides: overrides})
	if err != nil {
		t.Fatal(err)
	}
	out := runs.Run(context.Background(), plan, runs.RunOptions{Runs: t.TempDir(), Job: RunJob})
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
	if run.runs, _, err = runs.Collect([]string{out[0].Dir}); err != nil {
		t.Fatal(err)
	}
	return run
}

// condensed are the means of a run, and the shares of factors that are not those of an exact translation.
func condensed(t *testing.T, run knownRun) (means, factors string) {
	t.Helper()
	return condensedOf(t, run.Correctness)
}

func condensedOf(t *testing.T, scores []correctness.Score) (means, factors string) {
	t.Helper()
	r := correctness.Result{Scores: scores}
	var out, off []string
	for _, of := range [][2]string{{"content", ""}, {"manipulation", "a->b"}, {"manipulation", "b->a"}, {"translation", ""}, {"bias", ""}, {"d", ""}} {
		s := r.Of(of[0], of[1], "")
		if s == nil || s.Value == nil {
			t.Fatalf("no %v in %+v", of, scores)
		}
		out = append(out, fmt.Sprintf("%.4g", *s.Value))
	}
	for _, s := range scores {
		if s.Factor != "" && s.Value != nil && *s.Value != map[bool]float64{true: 0, false: 1}[s.Name == "bias"] {
			off = append(off, fmt.Sprintf("%s %s %.4g", s.Name, s.Factor, *s.Value))
		}
	}
	return strings.Join(out, " "), strings.Join(off, ", ")
}

// Copies, exact translations and those that are wrong in one factor have the scores that they must have, whether the other
// domain's own is at a value or is not there.
func TestKnownCorrectness(t *testing.T) {
	const none = "manipulation colour 0, manipulation length 0, manipulation scarf 0, translation colour 0, translation length 0, translation scarf 0"
	for _, tt := range []struct{ always, does, means, factors string }{
		{"true", "exact", "1 1 1 1 0 1", ""},
		{"false", "exact", "1 1 1 1 0 1", ""},
		{"true", "content", "1 0 0 0 0 0.5", none},
		{"false", "content", "1 0 0 0 0 0.5", none},
		{"true", "guide", "0 1 1 1 0 0.5", "content hue 0, content tone 0"},
		{"false", "guide", "0 1 1 1 0 0.5", "content hue 0, content tone 0"},
		{"true", "hue", "0.5 1 1 1 0.2 0.75", "content hue 0, bias hue 1"},                        // one of five factors changes where nobody asks
		{"false", "hue", "0.5 1 1 1 0.5 0.75", "content hue 0, bias hue 1"},                       // one of two: content and guide never agree on hat and scarf
		{"true", "colour", "1 1 0.5 0.75 0 0.875", "manipulation length 0, translation length 0"}, // neither comes nor goes
	} {
		run := moved(t, "known-blocks", tt.does, "domains.a.always="+tt.always, "domains.b.always="+tt.always)
		means, factors := condensed(t, run)
		equal(t, tt.does+" "+tt.always, means, tt.means)
		equal(t, tt.does+" "+tt.always+" by factor", factors, tt.factors)
		equal(t, "warnings of "+tt.does, len(run.Warnings), 0)
	}
	// From the record to the printed cells, a value and its interval each.
	run := moved(t, "known-blocks", "colour")
	row := cellsOf(t, "correctness", run.runs)[0]
	equal(t, "cells", strings.Join(row, " | "), "1.000 [1.000, 1.000] | 1.000 [1.000, 1.000] | 0.500 [0.500, 0.500] | 0.750 [0.750, 0.750] | 0.750 [0.750, 0.750] | 0.000 [0.000, 0.000] | 0.875 [0.875, 0.875] | 120")
	equal(t, "rows of factors", len(cellsOf(t, "correctness-factors", run.runs)), 5)
}

// blockPairs are the factors of contents and guides of a direction, NaN where a domain has none.
func blockPairs(side, pairs int) (out [][2]map[string]float64) {
	splits := [2]domains.Split{blockSplit(0, 50, blockRenderer{true}), blockSplit(1, 50, blockRenderer{true})}
	r := stream.New(0, "translate", []string{"a->b", "b->a"}[side])
	for range pairs {
		rows := [2]int{r.IntN(50), r.IntN(50)}
		var pair [2]map[string]float64
		for which, of := range [2]int{side, 1 - side} {
			pair[which] = map[string]float64{}
			for _, b := range blockFactors {
				pair[which][b.name] = b.constant
			}
			for j, name := range splits[of].Factors.Names {
				pair[which][name] = splits[of].Factors.Values[rows[which]][j]
			}
		}
		out = append(out, pair)
	}
	return out
}

// A number that is turned round within its range is read as its nearest: of the middles of the halves, the content's and
// the guide's own. Every count by plain loops.
func TestKnownCorrectnessOfNumbers(t *testing.T) {
	run := moved(t, "known-blocks", "tone", "translate.pairs=250")
	r := correctness.Result{Scores: run.Correctness}
	half := func(v float64) int { return int(2 * v) }
	var counted, kept, agreed, changed, hues int
	for side := range 2 {
		for _, p := range blockPairs(side, 200) { // no more are read
			x, y := p[0]["tone"], p[1]["tone"]
			if p[0]["hue"] != p[1]["hue"] {
				hues++
			}
			nearest := x
			for _, v := range []float64{0.25, 0.75, y} {
				if math.Abs(v-(1-x)) < math.Abs(nearest-(1-x)) {
					nearest = v
				}
			}
			switch stays := half(nearest) == half(x); {
			case half(x) != half(y):
				if counted++; stays {
					kept++
				}
			default:
				if agreed++; !stays {
					changed++
				}
			}
		}
	}
	content, bias, hue := r.Of("content", "", "tone"), r.Of("bias", "", "tone"), r.Of("content", "", "hue")
	equal(t, "tone kept", fmt.Sprint(content.Hits, content.N), fmt.Sprint(kept, counted))
	equal(t, "tone changed", fmt.Sprint(bias.Hits, bias.N), fmt.Sprint(changed, agreed))
	equal(t, "hue kept", fmt.Sprint(hue.Hits, hue.N), fmt.Sprint(hues, hues))
	closeTo(t, "tone", *content.Value, float64(kept)/float64(counted), 1e-12)
	low, high := wilsonByHand(kept, counted)
	closeTo(t, "its low end", content.Interval[0], low, 1e-12)
	closeTo(t, "its high end", content.Interval[1], high, 1e-12)
	equal(t, "pairs", r.Of("d", "", "").N, 400)
	if kept < 10 || changed < 10 || counted-kept < 10 {
		t.Errorf("%d kept of %d, %d changed of %d: too few to tell", kept, counted, changed, agreed)
	}
	parallel.SetThreads(1)
	defer parallel.SetThreads(0)
	equal(t, "on one thread", text(t, moved(t, "known-blocks", "tone", "translate.pairs=250").Correctness), text(t, run.Correctness))
}

func text(t *testing.T, scores []correctness.Score) string {
	t.Helper()
	out, err := json.Marshal(scores)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// One direction is scored where the model can do no other; where nothing says which values are told apart, none.
func TestKnownCorrectnessOneWay(t *testing.T) {
	run := moved(t, "known-blocks", "one-way")
	r := correctness.Result{Scores: run.Correctness}
	equal(t, "pairs", r.Of("d", "", "").N, 60)
	equal(t, "manipulation back", r.Of("manipulation", "b->a", "").Value == nil, true)
	equal(t, "warnings", run.Warnings, "[correctness: no pair b->a: the means are of the other direction alone]")
	equal(t, "skipped", slices.Contains(run.Skipped, reports.Skipped{Evaluation: "correctness b->a", Reason: "the model cannot do it"}), true)
	cells := cellsOf(t, "correctness", run.runs)[0]
	equal(t, "cells", strings.Join(cells[1:4], " | "), "1.000 [1.000, 1.000] | — | 1.000 [1.000, 1.000]")
	run = runKnown(t)
	equal(t, "skipped", slices.Contains(run.Skipped, reports.Skipped{Evaluation: "correctness", Reason: "the drawn data do not say which values of their factors are told apart"}), true)
	equal(t, "scores", len(run.Correctness), 0)
}

// Of drawn faces, an exact translation is right in every factor, and one that leaves the content as it is in none that
// should move: the glasses are read where they are and the bare eyes where they are not.
func TestKnownCorrectnessOfFaces(t *testing.T) {
	for side := range faceImages {
		d, err := domains.Load(context.Background(), "faces-schematic", domains.Request{Side: domains.Side(side), Options: option.Values{"train": 8, "test": 40}, Shape: domains.Shape{Channels: 3, Height: 32, Width: 32}})
		if err != nil {
			t.Fatal(err)
		}
		faceImages[side] = d
	}
	sizes := []string{"domains.a.train=8", "domains.b.train=8", "domains.a.test=40", "domains.b.test=40", "translate.pairs=25"}
	means, factors := condensed(t, moved(t, "faces-schematic", "rendered", sizes...))
	equal(t, "exact", means, "1 1 1 1 0 1")
	equal(t, "exact, by factor", factors, "")
	run := moved(t, "faces-schematic", "content", sizes...)
	means, factors = condensed(t, run)
	equal(t, "moved of the contents themselves", strings.HasPrefix(means[strings.Index(means, " "):], " 0 0 0 "), true)
	equal(t, "own factors", strings.Count(factors, "manipulation ")+strings.Count(factors, "translation "), 18)
	for _, name := range []string{"identity", "skin_tone", "tilt", "background", "brightness"} { // glasses hide the eyes' distance
		closeTo(t, name, *(correctness.Result{Scores: run.Correctness}).Of("content", "", name).Value, 1, 0)
	}
}
