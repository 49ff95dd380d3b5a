package adapt

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/stream"
)

// Two long clusters side by side, turned in the target: a machine of the source cuts
// through them, and the exchange follows the gap between them.
func TestDomainMachinesFollowTheGap(t *testing.T) {
	draw := func(seed uint64, turn float64) (*mat.Dense, []int) {
		r := stream.New(seed, "gap")
		x, y := mat.NewDense(120, 2, nil), make([]int, 120)
		for i := range 120 {
			y[i] = i % 2
			a, b := 2*r.NormFloat64(), 2*float64(y[i])-1+0.12*r.NormFloat64()
			x.SetRow(i, []float64{a*math.Cos(turn) - b*math.Sin(turn), a*math.Sin(turn) + b*math.Cos(turn)})
		}
		return x, y
	}
	x, y := draw(1, 0)
	target, truth := draw(2, 0.45)
	task := Task{Source: Labelled{X: x, Labels: y, Classes: 2}, Target: target}
	none, _ := Adapters.Get("none")
	before := Method{Adapter: none, Head: headOf(t, "svm-linear", option.Values{"c": 1.0, "standardise": "none"})}
	dasvm, _ := Adapters.Get("dasvm")
	settings := option.Defaults(dasvm.Options)
	settings["c"], settings["step"] = 1.0, 3
	low := accuracy(Predict(adaptTo(t, before, task).Probabilities), truth)
	high := accuracy(Predict(adaptTo(t, Method{Adapter: dasvm, Settings: settings}, task).Probabilities), truth)
	if low > 0.9 || high < 0.97 {
		t.Errorf("accuracy %v before and %v after", low, high)
	}
}
