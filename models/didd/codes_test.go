package didd

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/modelstest"
)

// Each loss on codes or images by itself moves what it is of and leaves the rest to the bit, and falls:
// those of separate codes their encoders; independence all encoders; edges all that makes an image; an
// image of the common code alone its encoder and the decoder; edits the common encoder and the decoder, and the separate
// encoders where a slot is full. A discriminator moves by none of them.
func TestLossesOnCodesAlone(t *testing.T) {
	start := newModel(t, 16, option.Values{"base": 4, "separate": 2})
	nets := []string{"common/", "separate-a/", "separate-b/", "decoder/", "discriminator/"}
	for name, moves := range map[string][]bool{
		"loss.pin": {false, true, true, false, false}, "loss.collapse": {false, true, true, false, false},
		"loss.independence": {true, true, true, false, false},
		"loss.edges":        {true, true, true, true, false}, "loss.alone": {true, false, false, true, false},
		"cycle.swap": {true, true, true, true, false}, "cycle.removal": {true, false, false, true, false}, "cycle.union": {true, true, true, true, false}} {
		images, rate := 4, 2e-3
		if name == "loss.independence" { // of few images it is noise, and its width moves with large steps
			images, rate = 16, 2e-4
		}
		m := newModel(t, 16, option.Values{"base": 4, "separate": 2, "loss.reconstruction": 0.0, "loss.zero": 0.0, "loss.confusion": 0.0, name: 1.0, "train.learning_rate": rate})
		var first, last float64
		for step := range 20 {
			losses, err := m.Step(step, modelstest.Pair(smooth(images, 1), smooth(images, 2)))
			if err != nil {
				t.Fatal(err)
			}
			last = 0
			for _, l := range losses {
				if head, _, _ := strings.Cut(l.Name, "/"); strings.HasSuffix(name, "."+head) {
					last += l.Value
				}
			}
			if step == 0 {
				first = last
			}
		}
		if !(last <= 0.9*first) {
			t.Errorf("%s alone goes from %v to %v in 20 steps", name, first, last)
		}
		for i, net := range nets {
			moved := false
			for _, p := range m.ps.Trained(net) {
				moved = moved || !slices.Equal(p.Data, start.ps.Get(p.Name).Data)
			}
			if moved != moves[i] {
				t.Errorf("%s alone: %s moves: %v", name, net, moved)
			}
		}
	}
}

// The factor of a held discriminator, by hand: it changes outside of the range alone.
func TestHold(t *testing.T) {
	m := newModel(t, 16, option.Values{"base": 4, "separate": 2, "loss.confusion_hold": 0.75})
	if f := m.hold.factor(); f != 1 {
		t.Errorf("at first the factor is %v, want 1", f)
	}
	want := 1.0
	for _, tt := range []struct{ accuracy, factor float64 }{
		{0.5, 0.999}, {0.6875, 0.999}, {0.7, 1}, {0.75, 1}, {0.8, 1}, {0.8125, 1 / 0.999}, {1, 1 / 0.999}, {1, 1 / 0.999}} {
		m.hold.follow(tt.accuracy)
		want *= tt.factor
		if got := m.hold.factor(); !(math.Abs(got-want) <= 1e-6) {
			t.Errorf("after an accuracy of %v the factor is %v, want %v", tt.accuracy, got, want)
		}
	}
	if m := newModel(t, 16, option.Values{"base": 4, "separate": 2}); m.hold.factor() != 1 || m.hold != nil {
		t.Error("a weight is held that none asked for")
	}
}

// A factor of a half is half the weight, bit for bit; a step whose discriminator guesses makes it
// smaller; and it is in the checkpoint.
func TestHeldWeight(t *testing.T) {
	o := option.Values{"base": 4, "separate": 2, "loss.confusion": 0.5}
	half := newModel(t, 16, with(o, option.Values{"loss.confusion": 0.25}))
	held := newModel(t, 16, with(o, option.Values{"loss.confusion_hold": 0.75}))
	held.hold.scale.Data[0] = 0.5
	held.ps.Get("discriminator/linear2/bias").Fill(5) // all are told as A: an accuracy of a half
	plain := newModel(t, 16, o)
	copyParameters(half, held.without("confusion/scale"))
	copyParameters(plain, held.without("confusion/scale"))
	var losses []models.Loss
	for _, m := range []*Model{plain, half, held} {
		var err error
		if losses, err = m.Step(0, modelstest.Pair(smooth(4, 1), smooth(4, 2))); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range half.ps.All() {
		if !slices.Equal(p.Data, held.ps.Get(p.Name).Data) {
			t.Errorf("%s is not that of half the weight", p.Name)
		}
	}
	if equalBelow(plain, half, "common/") {
		t.Error("a step does not depend on the weight, which proves little")
	}
	want := named(losses)
	if f := held.hold.factor(); want["discriminator-accuracy"] != 0.5 || !(math.Abs(f-0.5*0.999) <= 1e-7) || want["confusion-scale"] != f {
		t.Errorf("an accuracy of %v makes a half %v, told as %v", want["discriminator-accuracy"], f, want["confusion-scale"])
	}
	dir := t.TempDir()
	if err := models.SaveCheckpoint(dir, "job", 1, held); err != nil {
		t.Fatal(err)
	}
	again := newModel(t, 16, with(o, option.Values{"loss.confusion_hold": 0.75}))
	paths, _ := models.Checkpoints(dir)
	if _, err := models.LoadCheckpoint(paths[0], "job", again); err != nil || again.hold.factor() != held.hold.factor() {
		t.Errorf("loaded factor %v, want %v (%v)", again.hold.factor(), held.hold.factor(), err)
	}
}

// without is a view of a model that lacks a parameter.
func (m *Model) without(name string) *Model {
	ps := models.NewParameters()
	for _, p := range m.ps.All() {
		if p.Name != name {
			copy(ps.Add(p.Name, p.State, p.Shape...).Data, p.Data)
		}
	}
	return &Model{ps: ps}
}

// A training with all of them that is interrupted goes on to the same bytes.
func TestResumesWithLossesOnCodes(t *testing.T) {
	o := with(codeCases["all"], codeCases["region"], option.Values{"region.hidden": true, "region.only": true, "region.bare": true, "region.weight": 2.0, "separate_turn": 10.0, "base": 4, "separate": 2, "loss.confusion_hold": 0.95})
	a, b := smooth(10, 1), smooth(9, 2)
	whole, parts := t.TempDir(), t.TempDir()
	m := newModel(t, 16, o)
	for _, err := range []error{train(t, context.Background(), m, 0, 5, whole, a, b), train(t, context.Background(), newModel(t, 16, o), 0, 3, parts, a, b)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if m.hold.factor() == 1 {
		t.Error("the factor did not move, which proves little")
	}
	m = newModel(t, 16, o)
	paths, _ := models.Checkpoints(parts)
	step, err := models.LoadCheckpoint(paths[len(paths)-1], "job", m)
	if err != nil || step != 3 {
		t.Fatalf("resumed at %d, %v", step, err)
	}
	if err := train(t, context.Background(), m, step, 5, parts, a, b); err != nil {
		t.Fatal(err)
	}
	if string(checkpoint(t, parts)) != string(checkpoint(t, whole)) {
		t.Error("a resumed training gives other bytes")
	}
}

// Losses that take the own separate codes, and a decoder's input of them, go together, and two
// averages of one encoder, whichever domain is the source.
func TestOwnCodesOfSeveralLosses(t *testing.T) {
	for _, source := range []domains.Side{domains.A, domains.B} {
		for _, o := range []option.Values{codeCases["all"], codeCases["pasted"], codeCases["adversary"], codeCases["region"], {"loss.alone": 0.1, "paste.weight": 1.0, "label.translated": 0.5, "label.agreement": 0.5}, {"slots": "both"}, {"slots": "flag", "loss.pin": 1.0}} {
			m := newLabelled(t, source, only("label.private"), option.Values{"label.teacher": 0.9}, o)
			d := toyData()
			b := &models.Batch{Images: [2]*domains.Images{d.Images[0].Range(0, 3), d.Images[1].Range(0, 3)}, Labels: d.Labels[:3]}
			losses, err := m.Step(0, b)
			if err != nil {
				t.Errorf("%v with labels of %v: %v", o, source, err)
			} else if _, ok := named(losses)["private"]; !ok {
				t.Errorf("%v with labels of %v: losses %v", o, source, losses)
			}
		}
	}
}

// What edits cost for a pair of images, by hand: of each edit two images, three passes of a decoder
// of 4096, 8192 and 12288 multiply-accumulates, two of encoders of 19968 and twice 21504; of composites
// three of the common encoder, but two of its first stage of 12288; of images again
// these and three of the decoder; of discriminators of patches of 9216, 4608, 4608 and
// 48, one a domain, two passes of what was made and three each of that and of a real image.
func TestCostOfEdits(t *testing.T) {
	plain := newModel(t, 16, option.Values{"base": 4, "separate": 2}).MACs()
	const edit = 2 * (3*24576 + 2*(19968+2*21504))
	for want, o := range map[int]option.Values{edit: {"cycle.removal": 0.5, "loss.alone": 1.0}, 2 * edit: {"cycle.removal": 0.5, "cycle.union": 0.5},
		2 * 3 * 24576: {"loss.alone": 0.5}, edit + 2*3*24576: {"loss.alone": 0.5, "cycle.swap": 1.0},
		2*3*24576 + 2*(3*19968-12288):        {"loss.alone": 0.5, "paste.weight": 1.0},
		edit + 2*(3*19968-12288) + 2*3*24576: {"cycle.swap": 1.0, "swap.again": 0.5, "cycle.fixed": true}, edit + 2*3*24576 - 2*2*19968: {"cycle.swap": 1.0, "loss.alone": 0.1, "swap.kept": 0.5, "cycle.common": false},
		edit + 2*(2+2*3)*18480: {"cycle.swap": 1.0, "adversary.weight": 0.1, "adversary.width": 3, "swap.kept": 0.5, "region.mean": 0.1}, 0: {"loss.pin": 1.0, "loss.confusion_hold": 0.75}} {
		if got := newModel(t, 16, with(option.Values{"base": 4, "separate": 2}, o)).MACs() - plain; got != want {
			t.Errorf("%v: %d more, want %d", o, got, want)
		}
	}
}

// Discriminators of images see as many sizes of them as MUNIT's at that side.
func TestScalesOfDiscriminators(t *testing.T) {
	o := option.Values{"base": 4, "separate": 2, "cycle.swap": 0.1, "adversary.weight": 0.1, "adversary.width": 2}
	for side, want := range map[int]int{16: 1, 32: 1, 64: 2, 128: 3} {
		m, scales := newModel(t, side, o), map[string]bool{}
		for _, p := range m.ps.Trained(patchesPrefix) {
			scales[strings.Join(strings.Split(p.Name, "/")[:3], "/")] = true
		}
		for _, d := range []string{"a", "b"} {
			for k := 1; k <= want; k++ {
				if name := fmt.Sprintf("patches/%s/scale%d", d, k); !scales[name] {
					t.Errorf("%d pixels: %v without %s", side, scales, name)
				}
			}
		}
		if len(scales) != 2*want {
			t.Errorf("%d pixels: %v, want %d of either domain", side, scales, want)
		}
	}
}

func TestCheckLossesOnCodes(t *testing.T) {
	for _, tt := range []struct {
		changes option.Values
		want    string
	}{
		{codeCases["all"], ""},
		{option.Values{"loss.confusion_hold": 0.5}, ""},
		{option.Values{"loss.confusion_hold": 0.4}, "model.loss.confusion_hold: 0.4, below the 0.5 of a discriminator that guesses; want 0, or 0.5 to 0.95"},
		{option.Values{"loss.confusion_hold": 0.75, "loss.confusion": 0.0}, "model.loss.confusion_hold: 0.75, but model.loss.confusion 0 trains no discriminator"},
		{option.Values{"loss.independence": 0.5, "train.batch": 1}, "model.loss.independence: 0.5, which takes pairs of images; give model.train.batch 2 at least"},
		{option.Values{"loss.independence": 0.5, "train.batch": 2}, ""},
		{option.Values{"slots": "both", "cycle.union": 0.5}, "model.cycle.union: 0.5, which takes model.slots own, not both"},
		{option.Values{"slots": "flag", "cycle.swap": 0.25, "cycle.removal": 1.0}, "model.cycle.swap: 0.25, which takes model.slots own, not flag; model.cycle.removal: 1, which takes model.slots own, not flag"},
		{option.Values{"slots": "both", "loss.alone": 0.5}, "model.loss.alone: 0.5, which takes model.slots own, not both"},
		{option.Values{"paste.weight": 0.5}, "model.paste.weight: 0.5, which takes images of the common code alone; give model.loss.alone or model.cycle.removal"},
		{option.Values{"paste.weight": 0.5, "loss.alone": 0.1}, ""},
		{option.Values{"paste.weight": 0.5, "cycle.removal": 0.1}, ""},
		{option.Values{"paste.weight": 0.5, "loss.alone": 0.1, "paste.start": 1.0}, "model.paste.start: 1, but the training ends there, before composites count; want less than 1"},
		{option.Values{"paste.start": 1.0}, ""},
		{option.Values{"adversary.weight": 0.5}, "model.adversary.weight: 0.5, which takes swapped images; give model.cycle.swap"},
		{option.Values{"adversary.weight": 0.5, "cycle.swap": 0.1}, ""},
		{option.Values{"adversary.width": 8}, ""},
		{option.Values{"swap.again": 0.5}, "model.swap.again: 0.5, which takes swapped images; give model.cycle.swap"},
		{option.Values{"swap.again": 0.5, "cycle.swap": 0.1}, ""},
		{option.Values{"swap.kept": 0.5, "loss.alone": 0.1}, "model.swap.kept: 0.5, which takes swapped images; give model.cycle.swap"},
		{option.Values{"swap.kept": 0.5, "cycle.swap": 0.1}, "model.swap.kept: 0.5, which takes images of the common code alone; give model.loss.alone or model.cycle.removal"},
		{option.Values{"swap.kept": 0.5, "cycle.swap": 0.1, "cycle.removal": 0.1}, ""},
		{option.Values{"swap.kept": 0.5, "cycle.swap": 0.1, "region.mean": 0.1}, ""},
		{option.Values{"loss.alone": 0.5, "region.mean": 0.1, "region.alone": 0.3}, ""},
		{option.Values{"region.mean": 0.1, "region.alone": 0.3}, "model.region.mean: 0.1, but nothing takes the region; give model.region.hidden, model.region.only, model.region.weight, model.region.union, model.swap.kept, or model.loss.alone and model.region.bare or a model.region.alone below 1"},
		{option.Values{"loss.alone": 0.5, "region.mean": 0.1}, "model.region.mean: 0.1, but nothing takes the region; give model.region.hidden, model.region.only, model.region.weight, model.region.union, model.swap.kept, or model.loss.alone and model.region.bare or a model.region.alone below 1"},
		{option.Values{"region.alone": 0.3, "region.margin": 2}, ""},
		{option.Values{"region.mean": 0.1, "region.hidden": true}, ""},
		{option.Values{"region.mean": 0.1, "region.hidden": true, "label.weight": 1.0}, "model.region.hidden: true, but the classifier of the common code learns from whole images; give model.label.weight 0"},
		{option.Values{"region.hidden": true, "region.only": true, "label.weight": 1.0}, ""},
		{option.Values{"region.mean": 0.1, "region.only": true}, ""},
		{option.Values{"region.mean": 0.1, "region.weight": 3.0}, ""},
		{option.Values{"region.weight": 3.0}, ""},
		{option.Values{"region.mean": 0.1, "region.hidden": true, "region.union": true}, ""},
		{option.Values{"region.mean": 0.1, "region.union": true}, ""},
		{option.Values{"region.mean": 0.1, "loss.alone": 0.1, "region.bare": true}, ""},
		{option.Values{"loss.alone": 0.1, "region.bare": true}, "model.region.bare: true, but there is no region; give model.region.mean"},
		{option.Values{"region.mean": 0.1, "region.hidden": true, "region.bare": true}, "model.region.bare: true, which is of images of the common code alone; give model.loss.alone"},
		{option.Values{"region.union": true}, "model.region.union: true, but there is no region; give model.region.mean"},
		{option.Values{"region.mean": 0.1, "region.hidden": true, "region.union": true, "slots": "flag"}, "model.region.union: true, which takes model.slots own, not flag"},
		{option.Values{"train.average": 0.9, "train.average_encoders": true}, ""},
		{option.Values{"train.average_encoders": true}, "model.train.average_encoders: true, but nothing is averaged; give model.train.average"},
		{option.Values{"train.average": 0.9, "train.average_encoders": true, "label.weight": 0.5}, "model.train.average_encoders: true, but the classifier of model.label.weight 0.5 reads the codes of the encoder that is trained; give 0"},
		{option.Values{"region.mean": 0.1, "region.only": true, "label.weight": 1.0}, "model.region.only: true, but the classifier of the common code learns from whole images; give model.label.weight 0"},
		{option.Values{"swap.again": 0.5, "swap.cut": 3, "cycle.swap": 0.1}, "model.swap.cut: 3, which takes images of the common code alone; give model.loss.alone or model.cycle.removal"},
		{option.Values{"swap.again": 0.5, "swap.cut": 3, "cycle.swap": 0.1, "loss.alone": 0.1}, ""},
		{option.Values{"slots": "flag", "loss.pin": 1.0, "loss.collapse": 0.1, "loss.edges": 1.0}, ""},
	} {
		var got []string
		for _, f := range check(models.Config{Shape: domains.Shape{Channels: 3, Height: 32, Width: 32}, Options: settings(tt.changes)}) {
			got = append(got, fmt.Sprint(f.Option, ": ", f.Problem))
		}
		if s := strings.Join(got, "; "); s != tt.want {
			t.Errorf("%v: %q, want %q", tt.changes, s, tt.want)
		}
	}
}
