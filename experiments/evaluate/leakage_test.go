package evaluate

import (
	"context"
	"fmt"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments/runs"
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

// A display keeps what it is shown.
type display []string

func (d *display) Stage(name string, done, steps int) {
	*d = append(*d, fmt.Sprintf("%s %d/%d", name, done, steps))
}
func (d *display) Step(done int, _ []runs.Value) { *d = append(*d, fmt.Sprint(done)) }
func (d *display) End()                          {}

// A long measure begins its stage once, says how far it is, and ends when the job is interrupted.
func TestBetween(t *testing.T) {
	w, _ := bareJob()
	var shown display
	ctx, interrupt := context.WithCancel(context.Background())
	w.Context, w.Progress = ctx, &shown
	tell := w.between("leakage")
	equal(t, "at the start", tell(0, 3), nil)
	equal(t, "later", tell(1, 3), nil)
	interrupt()
	equal(t, "interrupted", tell(2, 3), context.Canceled)
	equal(t, "shown", fmt.Sprint(shown), "[leakage 0/3 1 2]")
}
