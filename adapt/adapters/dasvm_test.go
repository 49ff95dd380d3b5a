package adapters

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/logistic"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/internal/svm"
	"github.com/venn-adapt/venn/internal/toy"
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
	task := adapt.Task{Source: adapt.Labelled{X: x, Labels: y, Classes: 2}, Target: target}
	none, _ := adapt.Adapters.Get("none")
	before := adapt.Method{Adapter: none, Head: headOf(t, "svm-linear", option.Values{"c": 1.0, "standardise": "none"})}
	dasvm, _ := adapt.Adapters.Get("dasvm")
	settings := option.Defaults(dasvm.Options)
	settings["c"], settings["step"] = 1.0, 3
	low := adapt.Accuracy(adapt.Predict(adaptTo(t, before, task).Probabilities), truth)
	high := adapt.Accuracy(adapt.Predict(adaptTo(t, adapt.Method{Adapter: dasvm, Settings: settings}, task).Probabilities), truth)
	if low > 0.9 || high < 0.97 {
		t.Errorf("accuracy %v before and %v after", low, high)
	}
}

// slowExchange is DASVM of one class written down as the paper's list of steps, with sets
// instead of index lists.
func slowExchange(t *testing.T, task adapt.Task, class int, cost float64, step, rounds int) (weights []float64, bias float64) {
	t.Helper()
	n, d := task.Source.X.Dims()
	m, _ := task.Target.Dims()
	left, pseudo := map[int]bool{}, map[int]float64{}
	for i := range n {
		left[i] = true
	}
	side := func(i int) float64 {
		if task.Source.Labels[i] == class {
			return 1
		}
		return -1
	}
	train := func() *svm.Linear {
		var data, y, c []float64
		for i := range n {
			w := 1.0
			if task.Source.Weights != nil {
				w = task.Source.Weights[i]
			}
			if left[i] && w > 0 {
				data, y, c = append(data, task.Source.X.RawRowView(i)...), append(y, side(i)), append(c, cost*w)
			}
		}
		for j := range m {
			if pseudo[j] != 0 {
				data, y, c = append(data, task.Target.RawRowView(j)...), append(y, pseudo[j]), append(c, cost)
			}
		}
		if !slices.Contains(y, 1) || !slices.Contains(y, -1) {
			return nil
		}
		p, err := svm.FitLinear(mat.NewDense(len(y), d, data), y, c)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	farthest := func(rows []int, from func(i int) float64) []int { // at most step of them
		var out []int
		for len(out) < step && len(out) < len(rows) {
			best := -1
			for _, i := range rows {
				if !slices.Contains(out, i) && (best < 0 || math.Abs(from(i)) > math.Abs(from(best))) {
					best = i
				}
			}
			out = append(out, best)
		}
		return out
	}
	var plane *svm.Linear
	for range rounds {
		next := train()
		if next == nil {
			break
		}
		plane = next
		target := func(j int) float64 { return plane.Decision(task.Target.RawRowView(j)) }
		source := func(i int) float64 { return plane.Decision(task.Source.X.RawRowView(i)) }
		var upper, lower, ours, theirs []int
		for j := range m {
			f := target(j)
			if pseudo[j]*f < 0 {
				pseudo[j] = 0
			}
			switch {
			case pseudo[j] != 0 || math.Abs(f) >= 1:
			case f >= 0:
				upper = append(upper, j)
			default:
				lower = append(lower, j)
			}
		}
		for i := range n {
			switch {
			case !left[i]:
			case side(i) > 0:
				ours = append(ours, i)
			default:
				theirs = append(theirs, i)
			}
		}
		if len(upper)+len(lower) == 0 {
			break
		}
		for _, j := range farthest(upper, target) {
			pseudo[j] = 1
		}
		for _, j := range farthest(lower, target) {
			pseudo[j] = -1
		}
		if len(ours)+len(theirs) == 0 {
			break
		}
		for _, i := range append(farthest(ours, source), farthest(theirs, source)...) {
			left[i] = false
		}
	}
	clear(left)
	for j := range m {
		pseudo[j] = math.Copysign(1, plane.Decision(task.Target.RawRowView(j)))
	}
	if last := train(); last != nil {
		plane = last
	}
	return plane.Weights, plane.Bias
}

// Every class's machine is that of the slow version, for exchanges that end for each reason:
// an empty margin, an emptied source, the rounds.
func TestDomainMachinesStepByStep(t *testing.T) {
	for seed := range uint64(6) {
		data := blobs(seed+20, 24, 2, 3, 1.2)
		more := blobs(seed+40, 30, 2, 3, 1.2)
		for i := range 30 {
			more.X.Set(i, 0, more.X.At(i, 0)+1)
		}
		if seed%2 == 1 {
			data.Weights = make([]float64, 24)
			for i := range data.Weights {
				data.Weights[i] = float64(i%4) / 2
			}
		}
		task := adapt.Task{Source: data, Target: more.X}
		for _, tt := range []struct {
			cost         float64
			step, rounds int
		}{{1, 1, 200}, {0.05, 2, 200}, {0.01, 10, 200}, {0.2, 2, 3}, {2, 1, 200}, {0.02, 1, 1}} {
			e := &exchange{source: task.Source, target: task.Target, cost: tt.cost, step: tt.step, rounds: tt.rounds}
			for c := range 3 {
				plane, _, err := e.class(c)
				if err != nil {
					t.Fatal(err)
				}
				w, b := slowExchange(t, task, c, tt.cost, tt.step, tt.rounds)
				toy.Close(t, fmt.Sprint("seed ", seed, " class ", c, tt), append(plane.Weights, plane.Bias), append(w, b), 1e-9)
			}
		}
	}
}

// Of equally deep rows the first ones come; rows at the margin's edge stay out, one on the border
// is of the upper side.
func TestExchangeTies(t *testing.T) {
	e := &exchange{step: 2}
	given := make([]float64, 9)
	given[8] = -1
	if !e.admit([]float64{0.5, -0.25, 0.5, 0.5, -0.25, -0.25, 1, -1, -0.9}, given) {
		t.Error("rows inside the margin")
	}
	toy.Close(t, "labels", given, []float64{1, -1, 1, 0, -1, 0, 0, 0, -1}, 0)
	given = make([]float64, 2)
	if !e.admit([]float64{0, -2}, given) || given[0] != 1 || given[1] != 0 {
		t.Errorf("on the border: %v", given)
	}
	e.step = 1 // of the upper side the deepest row alone: the one on the border waits
	given = make([]float64, 2)
	if !e.admit([]float64{0, 0.5}, given) || given[0] != 0 || given[1] != 1 {
		t.Errorf("on the border, the second of its side: %v", given)
	}
	e.step = 2
	if e.admit([]float64{1, -1, 3}, make([]float64, 3)) {
		t.Error("no row inside")
	}
	e.source = adapt.Labelled{X: toy.Column(3, -3, 1, 3, 3, -3, 2, -3)}
	sign := func(i int) float64 { return math.Copysign(1, e.source.X.At(i, 0)) }
	if got := e.dismiss([]int{0, 1, 2, 3, 4, 5, 6, 7}, &svm.Linear{Weights: []float64{1}}, sign); !slices.Equal(got, []int{2, 4, 6, 7}) {
		t.Errorf("left are %v, want 2, 4, 6 and 7", got)
	}
}

// A target that is all on one side of a class keeps the machine before and says so; classes
// without source rows have no machine.
func TestDomainMachinesOneSided(t *testing.T) {
	task := adapt.Task{Source: adapt.Labelled{X: toy.Column(-2, -1, 1, 2), Labels: []int{0, 0, 2, 2}, Classes: 3}, Target: toy.Column(50, 51, 52)}
	a := mustAdapt(t, "dasvm", task, option.Values{"c": 1.0})
	want := "[class 0: the target is predicted to be all on one side; the machine before stays class 2: the target is predicted to be all on one side; the machine before stays]"
	if fmt.Sprint(a.Warnings) != want {
		t.Errorf("warnings %q", a.Warnings)
	}
	plane, err := svm.FitLinear(task.Source.X, []float64{-1, -1, 1, 1}, []float64{1, 1, 1, 1})
	if err != nil {
		t.Fatal(err)
	}
	p, err := a.Predict(toy.Column(0.3, -0.2))
	if err != nil {
		t.Fatal(err)
	}
	for i, x := range []float64{0.3, -0.2} {
		f := plane.Decision([]float64{x}) // the other class's is its negative, up to the solver's tolerance
		toy.Close(t, "probabilities", p.RawRowView(i), []float64{1 / (1 + math.Exp(2*f)), 0, 1 / (1 + math.Exp(-2*f))}, 2e-3)
	}
}

// A class of one row has a machine as well: probabilities are the softmax of the three decisions.
func TestDomainMachineOfOneRow(t *testing.T) {
	task := adapt.Task{Source: adapt.Labelled{X: toy.Column(-2, -1, 1, 2, 6), Labels: []int{0, 0, 1, 1, 2}, Classes: 3}, Target: toy.Column(-1.5, -0.5, 0.6, 1.7, 5, 7)}
	a := mustAdapt(t, "dasvm", task, option.Values{"c": 1.0, "step": 1})
	var want []float64
	for c := range 3 {
		w, b := slowExchange(t, task, c, 1, 1, 200)
		want = append(want, 6.5*w[0]+b)
	}
	logistic.Softmax(want)
	p, err := a.Predict(toy.Column(6.5))
	if err != nil {
		t.Fatal(err)
	}
	toy.Close(t, "probabilities", p.RawRowView(0), want, 1e-9)
}
