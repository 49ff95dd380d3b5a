package didd

import (
	"slices"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
)

// Codes are decoded as they stand in the slots: each arrangement against the own slots of a model
// of the same weights, filled by hand.
func TestArrangementsOfSlots(t *testing.T) {
	plain := newModel(t, 16, option.Values{"base": 4, "separate": 2})
	c, err := plain.Encode(noise(16, 3, "slots"))
	if err != nil {
		t.Fatal(err)
	}
	common, a, b := c.Of(models.Common), c.Of(models.SeparateA), c.Of(models.SeparateB)
	in := func(role models.Role, of *models.Block) *models.Block {
		if of == nil {
			return nil
		}
		out := *of
		out.Role = role
		return &out
	}
	ones := models.NewBlock(models.SeparateB, 3, 2, 4)
	for i := range ones.Data {
		ones.Data[i] = 1
	}
	for _, tt := range []struct {
		slots         string
		a, b          *models.Block // given
		first, second *models.Block // in the slots; nil is zero
		fails         string
	}{
		{"both", a, nil, a, a, ""}, {"both", nil, b, b, b, ""}, {"both", a, b, a, b, ""}, {"both", nil, nil, nil, nil, ""},
		{"flag", a, nil, a, nil, ""}, {"flag", nil, b, b, ones, ""},
		{"flag", nil, nil, nil, nil, "models: didd: slots flag: the decoder takes the separate code of one domain, neither none nor both"},
		{"flag", a, b, nil, nil, "models: didd: slots flag: the decoder takes the separate code of one domain, neither none nor both"},
	} {
		m := newModel(t, 16, option.Values{"base": 4, "separate": 2, "slots": tt.slots})
		got, err := m.Decode(3, models.Codes{common, tt.a, tt.b})
		if tt.fails != "" {
			if err == nil || err.Error() != tt.fails {
				t.Errorf("%s: %v, want %s", tt.slots, err, tt.fails)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		want, err := plain.Decode(3, models.Codes{common, in(models.SeparateA, tt.first), in(models.SeparateB, tt.second)})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got.Data, want.Data) {
			t.Errorf("%s: a given %v, b given %v: other images than those of the slots filled by hand", tt.slots, tt.a != nil, tt.b != nil)
		}
	}
}

// With a flag there is no code for what is of neither domain or of both.
func TestEditsOfSlots(t *testing.T) {
	for slots, want := range map[string]int{"own": 8, "both": 8, "flag": 4} {
		m := newModel(t, 16, option.Values{"base": 4, "separate": 2, "slots": slots})
		edits := models.TranslatorOf(m).Edits()
		if len(edits) != want {
			t.Errorf("%s: %d edits, want %d", slots, len(edits), want)
		}
		for _, e := range edits {
			if filled := (e.Own[0] != models.Empty) != (e.Own[1] != models.Empty); slots == "flag" && !filled {
				t.Errorf("%s: edit %v", slots, e)
			}
			x := noise(16, 2, "edit")
			var guides *domains.Images
			if e.Guided() {
				guides = noise(16, 2, "guide")
			}
			if _, err := models.TranslatorOf(m).Translate(e, x, guides); err != nil {
				t.Errorf("%s: %v: %v", slots, e, err)
			}
		}
	}
}

// The translation within a step has the slots of its own alone.
func TestCheckSlots(t *testing.T) {
	for _, tt := range []struct {
		changes option.Values
		want    string
	}{
		{option.Values{"slots": "both"}, ""},
		{option.Values{"slots": "own", "label.weight": 1.0, "label.translated": 0.5}, ""},
		{option.Values{"slots": "flag", "label.weight": 1.0}, ""},
		{option.Values{"slots": "flag", "label.weight": 1.0, "label.translated": 0.5}, "model.label.translated: 0.5, which takes model.slots own, not flag"},
		{option.Values{"slots": "both", "label.weight": 1.0, "label.consistency": 0.25}, "model.label.consistency: 0.25, which takes model.slots own, not both"},
	} {
		got := ""
		for _, f := range check(models.Config{Shape: domains.Shape{Channels: 3, Height: 32, Width: 32}, Options: settings(tt.changes)}) {
			got += f.Option + ": " + f.Problem
		}
		if got != tt.want {
			t.Errorf("%v: %q, want %q", tt.changes, got, tt.want)
		}
	}
}
