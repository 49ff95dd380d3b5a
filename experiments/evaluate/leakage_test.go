package evaluate

import (
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/metrics/disentanglement"
)

// Levels of categories, numbers of the rest, of the rows asked for and in their order.
func TestFactorOf(t *testing.T) {
	f := &domains.Factors{Names: []string{"shape", "size"}, Categories: [][]string{{"round", "square"}, nil}, Values: [][]float64{{1, 0.5}, {0, 0.25}, {1, 0.75}}}
	shape, size := factorOf(f, 0, []int{2, 1}), factorOf(f, 1, []int{2, 1})
	if shape.Name != "shape" || shape.Values != nil || shape.Levels[0] != 1 || shape.Levels[1] != 0 {
		t.Errorf("shape: %+v", shape)
	}
	if size.Levels != nil || size.Values[0] != 0.75 || size.Values[1] != 0.25 {
		t.Errorf("size: %+v", size)
	}
	if wishIf(true) != disentanglement.Keep || wishIf(false) != disentanglement.Empty {
		t.Error("wishes are swapped")
	}
}
