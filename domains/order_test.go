package domains

import (
	"slices"
	"testing"
)

func TestOrder(t *testing.T) {
	o, err := NewOrder(3, "a", 10, 3)
	if err != nil {
		t.Fatal(err)
	}
	var first []int
	for step := range 3 {
		first = append(first, o.Batch(step)...)
	}
	second := slices.Clone(o.Batch(3))
	sorted := slices.Clone(first)
	slices.Sort(sorted)
	if len(slices.Compact(sorted)) != 9 {
		t.Errorf("an epoch of 10 images in batches of 3 repeats one: %v", first)
	}
	again, _ := NewOrder(3, "a", 10, 3)
	if !slices.Equal(again.Batch(3), second) {
		t.Error("an order taken up at step 3 gives another batch")
	}
	if slices.Equal(second, first[:3]) {
		t.Error("the second epoch repeats the first")
	}
	if _, err := NewOrder(3, "a", 10, 11); err == nil {
		t.Error("a batch larger than the domain was accepted")
	}
}
