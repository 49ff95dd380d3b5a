package experiments

import (
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/internal/option"
)

// A batch that only the data shows to be too large is found when they are read.
func TestCheckBatch(t *testing.T) {
	of := func(n int) *domains.Domain {
		shape := domains.Shape{Channels: 1, Height: 1, Width: 2}
		return &domains.Domain{Train: domains.Split{Images: &domains.Images{Shape: shape, Data: make([]float32, 2*n)}}}
	}
	for _, tt := range []struct {
		name string
		a, b int
		want string
	}{
		{"as many", 4, 4, ""},
		{"a", 3, 9, "experiments: toy.yaml:7: model.train.batch: 4, but domain a has 3 training images; want a batch of at most as many"},
		{"b", 9, 1, "experiments: toy.yaml:7: model.train.batch: 4, but domain b has 1 training images; want a batch of at most as many"},
	} {
		w := &job{domains: [2]*domains.Domain{of(tt.a), of(tt.b)}}
		w.Spec.Model.Options = option.Values{"train.batch": 4}
		w.Spec.Parameters = []spec.Parameter{{Path: "model.train.batch", Value: 4, Origin: "toy.yaml:7"}}
		if got := oneLine(w.checkBatch()); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}
