package onesided

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/modelstest"
)

// A speller is a half for images of one pixel: it keeps v as 10v+1, removes as 10v+2, adds a guide
// w as 10v+3+w/10 (by the half for what A has; that for B adds 4 to each digit). Its codes of v are
// v and -v, and 100 more for B.
type speller struct {
	side  domains.Side
	steps *[]string
	fails bool
}

func (s speller) Step(step int, with, without *domains.Images) ([]models.Loss, error) {
	*s.steps = append(*s.steps, fmt.Sprint(s.side, step, with.Data, without.Data))
	if s.fails {
		return nil, errors.New("fails")
	}
	return []models.Loss{{Name: "loss", Value: float64(with.Data[0])}}, nil
}

func (s speller) Optimisers() []*models.Optimiser {
	return []*models.Optimiser{{Name: s.side.String()}}
}

func (s speller) Codes(x *domains.Images) (common, separate *models.Block, err error) {
	if s.fails {
		return nil, nil, errors.New("no codes")
	}
	common, separate = models.NewBlock(models.Common, x.Len(), 2, 1), models.NewBlock("", x.Len(), 1, 1)
	for i, v := range x.Data {
		common.Data[2*i], common.Data[2*i+1] = v, v+0.5
		separate.Data[i] = -v
		if s.side == domains.B {
			common.Data[2*i], common.Data[2*i+1] = v+100, v+100.5
		}
	}
	return common, separate, nil
}

func (s speller) Make(a Action, x, guides *domains.Images) (*domains.Images, *models.Block, error) {
	if s.fails {
		return nil, nil, errors.New("cannot make it")
	}
	out := pixels(slices.Clone(x.Data)...)
	for i := range out.Data {
		out.Data[i] = 10*out.Data[i] + float32(a) + 1
		if s.side == domains.B {
			out.Data[i] += 4
		}
		if a == Add {
			out.Data[i] += guides.Data[i] / 8
		}
	}
	mask := models.NewBlock("", x.Len(), 1, 1)
	mask.Data[0] = out.Data[0]
	return out, mask, nil
}

func (s speller) MACs() int              { return 3 + int(s.side) }
func (s speller) Layers() []models.Layer { return []models.Layer{{Name: s.side.String()}} }

func pixels(values ...float32) *domains.Images {
	return &domains.Images{Shape: domains.Shape{Channels: 1, Height: 1, Width: 1}, Data: values}
}

func spelling(fails [2]bool) (*Model, *[]string) {
	steps := new([]string)
	return New("speller", pixels().Shape, models.NewParameters(), [2]Half{speller{domains.A, steps, fails[0]}, speller{domains.B, steps, fails[1]}}), steps
}

// Edits are made by the half that has the part, in the order of removing and adding.
func TestEdits(t *testing.T) {
	m, _ := spelling([2]bool{})
	const none, own, guide = models.Empty, models.OfContent, models.OfGuide
	want := map[models.Edit]string{
		{Content: domains.A, Own: [2]models.Slot{own, none}}:   "[11 21] 1",
		{Content: domains.A, Own: [2]models.Slot{none, none}}:  "[12 22] 1",
		{Content: domains.A, Own: [2]models.Slot{none, guide}}: "[128 229] 2",
		{Content: domains.A, Own: [2]models.Slot{own, guide}}:  "[18 29] 1",
		{Content: domains.B, Own: [2]models.Slot{none, own}}:   "[15 25] 1",
		{Content: domains.B, Own: [2]models.Slot{none, none}}:  "[16 26] 1",
		{Content: domains.B, Own: [2]models.Slot{guide, none}}: "[164 265] 2",
		{Content: domains.B, Own: [2]models.Slot{guide, own}}:  "[14 25] 1",
	}
	if len(m.Edits()) != len(want) {
		t.Errorf("%d edits, want %d", len(m.Edits()), len(want))
	}
	for _, e := range m.Edits() {
		out, masks, err := m.Make(e, pixels(1, 2), pixels(8, 16))
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(out.Data, len(masks)); got != want[e] {
			t.Errorf("%v: %s, want %s", e, got, want[e])
		}
		if last := masks[len(masks)-1]; last.Data[0] != out.Data[0] {
			t.Errorf("%v: the last mask is %v", e, last.Data)
		}
		again, err := m.Translate(e, pixels(1, 2), pixels(8, 16))
		if err != nil || !slices.Equal(again.Data, out.Data) {
			t.Errorf("%v: translated to %v, %v", e, again, err)
		}
	}
}

func TestEditsRefused(t *testing.T) {
	m, _ := spelling([2]bool{})
	wide := &domains.Images{Shape: domains.Shape{Channels: 1, Height: 1, Width: 2}, Data: []float32{1, 2}}
	guided := models.Edit{Content: domains.A, Own: [2]models.Slot{models.Empty, models.OfGuide}}
	refused := "models: speller: it cannot make the edit %v: a content keeps or loses its own part, and gets that of a guide or none"
	for _, tt := range []struct {
		e                models.Edit
		contents, guides *domains.Images
		want             string
	}{
		{models.Edit{Own: [2]models.Slot{models.OfGuide, models.Empty}}, pixels(1), pixels(1), refused},
		{models.Edit{Own: [2]models.Slot{models.Empty, models.OfContent}}, pixels(1), pixels(1), refused},
		{models.Edit{Own: [2]models.Slot{models.Any, models.Empty}}, pixels(1), pixels(1), refused},
		{models.Edit{Own: [2]models.Slot{models.Empty, models.Any}}, pixels(1), pixels(1), refused},
		{guided, wide, pixels(1), "models: speller: contents are 1x1x2, the model takes 1x1x1"},
		{guided, pixels(1), nil, "models: speller: the edit %v takes a guide of 1x1x1 for each of 1 contents"},
		{guided, pixels(1), wide, "models: speller: the edit %v takes a guide of 1x1x1 for each of 1 contents"},
		{guided, pixels(1, 2), pixels(1), "models: speller: the edit %v takes a guide of 1x1x1 for each of 2 contents"},
	} {
		want := tt.want
		if slices.Contains([]byte(want), '%') {
			want = fmt.Sprintf(want, tt.e)
		}
		if out, err := m.Translate(tt.e, tt.contents, tt.guides); out != nil || err == nil || err.Error() != want {
			t.Errorf("%v, %v; want %s", out, err, want)
		}
	}
	union := models.Edit{Content: domains.A, Own: [2]models.Slot{models.OfContent, models.OfGuide}}
	for side := range 2 {
		var fails [2]bool
		fails[side] = true
		m, _ := spelling(fails)
		own := models.Edit{Content: domains.Side(side)}
		for _, e := range []models.Edit{own, models.Reconstruction(domains.Side(side)), guided} {
			if _, err := m.Translate(e, pixels(1), pixels(1)); err == nil || err.Error() != "cannot make it" {
				t.Errorf("%v by a half that cannot: %v", e, err)
			}
		}
		if _, err := m.Translate(union, pixels(1), pixels(1)); (err != nil) != (side == 1) {
			t.Errorf("adding, half %d cannot: %v", side, err)
		}
		if _, err := m.Encode(pixels(1)); err == nil || err.Error() != "no codes" {
			t.Errorf("codes of a half without: %v", err)
		}
		if _, err := m.Step(0, modelstest.Pair(pixels(1), pixels(2))); err == nil || err.Error() != "fails" {
			t.Errorf("step of a half that fails: %v", err)
		}
	}
}

// Common codes stand side by side, separate codes have the role of their side; steps, optimisers,
// costs and layers are those of both.
func TestHalves(t *testing.T) {
	m, steps := spelling([2]bool{})
	c, err := m.Encode(pixels(1, 2))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(c.Of(models.Common).Data, c.Of(models.Common).Channels, c.Of(models.SeparateA).Data, c.Of(models.SeparateB).Data), "[1 1.5 101 101.5 2 2.5 102 102.5] 4 [-1 -2] [-1 -2]"; got != want {
		t.Errorf("codes %s, want %s", got, want)
	}
	if _, err := m.Encode(&domains.Images{Shape: domains.Shape{Channels: 2, Height: 1, Width: 1}}); err == nil || err.Error() != "models: speller: images are 2x1x1, the model takes 1x1x1" {
		t.Errorf("images of two channels: %v", err)
	}
	losses, err := m.Step(4, modelstest.Pair(pixels(1), pixels(2)))
	if err != nil || fmt.Sprint(losses) != "[{a/loss 1} {b/loss 2}]" || fmt.Sprint(*steps) != "[a 4 [1] [2] b 4 [2] [1]]" {
		t.Errorf("losses %v of steps %v, %v", losses, *steps, err)
	}
	if o := m.Optimisers(); len(o) != 2 || o[0].Name != "a" || o[1].Name != "b" {
		t.Errorf("optimisers %v", o)
	}
	if l := m.Layers(); m.MACs() != 7 || len(l) != 2 || l[0].Name != "a" || l[1].Name != "b" {
		t.Errorf("costs %d, layers %v", m.MACs(), l)
	}
}
