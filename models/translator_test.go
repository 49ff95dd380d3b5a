package models

import (
	"fmt"
	"testing"

	"github.com/venn-adapt/venn/domains"
)

// A speller encodes an image of one pixel v as v, 10+v and 20+v, and decodes codes as their
// sum in columns: common, slot of a, slot of b.
type speller struct{ Model }

func (speller) Encode(x *domains.Images) (Codes, error) {
	var out Codes
	for k, role := range []Role{Common, SeparateA, SeparateB} {
		b := NewBlock(role, x.Len(), 1, 1)
		for i := range x.Len() {
			b.Data[i] = x.At(i)[0] + float32(10*k)
		}
		out = append(out, b)
	}
	return out, nil
}

func (speller) Decode(n int, c Codes) (*domains.Images, error) {
	out := &domains.Images{Shape: domains.Shape{Channels: 3, Height: 1, Width: 1}, Data: make([]float32, 3*n)}
	for k, role := range []Role{Common, SeparateA, SeparateB} {
		for i := range n {
			if b := c.Of(role); b != nil {
				out.At(i)[k] = b.Row(i)[0]
			}
		}
	}
	return out, nil
}

func pixels(values ...float32) *domains.Images {
	return &domains.Images{Shape: domains.Shape{Channels: 1, Height: 1, Width: 1}, Data: values}
}

// A decoder translates by filling the slots that an edit names from the image that it names.
func TestDecodersTranslate(t *testing.T) {
	tr := TranslatorOf(speller{})
	contents, guides := pixels(1, 2), pixels(3, 4)
	for _, tt := range []struct {
		edit Edit
		want string
	}{
		{Edit{Content: domains.A, Own: [2]Slot{Empty, OfGuide}}, "[1 0 23 2 0 24]"},
		{Edit{Content: domains.B, Own: [2]Slot{OfGuide, Empty}}, "[1 13 0 2 14 0]"},
		{Edit{Content: domains.A}, "[1 0 0 2 0 0]"},
		{Edit{Content: domains.A, Own: [2]Slot{OfContent, OfGuide}}, "[1 11 23 2 12 24]"},
		{Edit{Content: domains.B, Own: [2]Slot{OfGuide, OfContent}}, "[1 13 21 2 14 22]"},
		{Reconstruction(domains.A), "[1 11 0 2 12 0]"},
		{Reconstruction(domains.B), "[1 0 21 2 0 22]"},
	} {
		lent := guides
		if !tt.edit.Guided() {
			lent = nil
		}
		got, err := tr.Translate(tt.edit, contents, lent)
		if err != nil || fmt.Sprint(got.Data) != tt.want {
			t.Errorf("%v: %v, %v, want %s", tt.edit, got, err, tt.want)
		}
		if !containsEdit(tr.Edits(), tt.edit) {
			t.Errorf("%v is not among the edits", tt.edit)
		}
		if guided := tt.edit.Own[0] == OfGuide || tt.edit.Own[1] == OfGuide; tt.edit.Guided() != guided {
			t.Errorf("%v: guided %v", tt.edit, tt.edit.Guided())
		}
	}
	if n := len(tr.Edits()); n != 8 {
		t.Errorf("%d edits, want 8: each side, with and without its own, with and without the other's", n)
	}
	if _, err := tr.Translate(Edit{Content: domains.A, Own: [2]Slot{OfGuide, Empty}}, contents, guides); err == nil {
		t.Error("the slot of a was filled from an image of b")
	}
	if _, err := tr.Translate(Edit{Content: domains.A, Own: [2]Slot{Empty, Any}}, contents, nil); err == nil {
		t.Error("a slot was filled from no image in particular")
	}
	if TranslatorOf(&watcher{}) != nil {
		t.Error("a model that makes no images translates")
	}
}

// half is a speller without codes for what is of both domains.
type half struct{ speller }

func (half) CanEdit(e Edit) bool { return e.Own[0] == Empty || e.Own[1] == Empty }

// Edits that a decoder has no codes for are not listed.
func TestLimitedDecoders(t *testing.T) {
	edits := TranslatorOf(half{}).Edits()
	if len(edits) != 6 || containsEdit(edits, Edit{Content: domains.A, Own: [2]Slot{OfContent, OfGuide}}) || !containsEdit(edits, Edit{Content: domains.B}) {
		t.Errorf("edits %v, want the six that fill one slot at most", edits)
	}
}

func containsEdit(list []Edit, e Edit) bool {
	for _, have := range list {
		if have == e {
			return true
		}
	}
	return false
}

// The block that stands for an image is the common code, or else the features; rows and
// roles go together.
func TestCodes(t *testing.T) {
	common, features := NewBlock(Common, 2, 3, 4), NewBlock(Features, 1, 5, 1)
	if common.D != 12 || common.Channels != 3 || len(common.Data) != 24 {
		t.Errorf("a block of 2 x 3 x 4: %+v", common)
	}
	if c := (Codes{nil, features, common}); c.Shared() != common || c.Of(Features) != features || c.Of(SeparateA) != nil {
		t.Error("common code before features")
	}
	if c := (Codes{features}); c.Shared() != features {
		t.Error("features where there is no common code")
	}
	if (Codes{}).Shared() != nil {
		t.Error("a block out of nothing")
	}
	copy(common.Data, []float32{0, 1, 2})
	if b := common.Take([]int{1, -1, 0}); b.Role != Common || b.N != 3 || b.Row(2)[2] != 2 || b.Row(1)[2] != 0 || b.Channels != 3 {
		t.Errorf("taken: %+v", b)
	}
	if Separate(domains.A) != SeparateA || Separate(domains.B) != SeparateB {
		t.Error("the separate roles are exchanged")
	}
}

// All edits of one way, by hand: the content's own goes or stays, the other slot is empty or filled.
func TestEditsFrom(t *testing.T) {
	want := "[{a [0 0]} {a [0 3]} {a [1 0]} {a [1 3]} {b [0 0]} {b [3 0]} {b [0 1]} {b [3 1]}]"
	if got := fmt.Sprint(EditsFrom(Any)); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if n := len(EditsFrom(Any, OfGuide)); n != 12 {
		t.Errorf("%d edits of two ways, want 12", n)
	}
}
