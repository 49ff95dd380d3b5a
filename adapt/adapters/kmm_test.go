package adapters

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/dense"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/toy"
)

// The conditions of Karush, Kuhn and Tucker of kernel mean matching: one multiplier for all free
// weights, with its sign at either edge of the band of sums.
func TestMeanMatchingIsAnOptimum(t *testing.T) {
	task := shifted(2, 14, 9, 2)
	var distances []float64
	all := task.Stacked()
	for i := range 23 {
		for j := range i {
			distances = append(distances, squaredDistance(all.RawRowView(i), all.RawRowView(j)))
		}
	}
	slices.Sort(distances)
	median := (math.Sqrt(distances[126]) + math.Sqrt(distances[126])) / 2 // of 253
	for _, tt := range []struct {
		changes       option.Values
		gamma         float64
		epsilon       float64
		zeros, bounds bool // whether weights end there
	}{
		{option.Values{}, 1 / (2 * median * median), (math.Sqrt(14) - 1) / math.Sqrt(14), true, false},
		{option.Values{"gamma": 0.4, "epsilon": 0.1, "bound": 1.5}, 0.4, 0.1, true, true},
		{option.Values{"gamma": 3.0, "epsilon": 0.3, "bound": 5.0}, 3, 0.3, true, false},
	} {
		name := fmt.Sprint(tt.changes)
		settings := option.Values{"iterations": 1000000}
		bound := 1000.0
		for k, v := range tt.changes {
			settings[k] = v
			if k == "bound" {
				bound = v.(float64)
			}
		}
		a := mustAdapt(t, "kmm", task, settings)
		b := a.Source.Weights
		gradient, low, high := make([]float64, 14), math.Inf(1), math.Inf(-1)
		zeros, bounds := false, false
		for i := range b {
			own := task.Source.X.RawRowView(i)
			for j := range b {
				gradient[i] += math.Exp(-tt.gamma*squaredDistance(own, task.Source.X.RawRowView(j))) * b[j]
			}
			gradient[i] += 1e-5 * b[i]
			for j := range 9 {
				gradient[i] -= 14. / 9 * math.Exp(-tt.gamma*squaredDistance(own, task.Target.RawRowView(j)))
			}
			switch {
			case b[i] < 0 || b[i] > bound:
				t.Errorf("%s: weight %v", name, b[i])
			case b[i] == 0:
				zeros = true
			case b[i] == bound:
				bounds = true
			default:
				low, high = math.Min(low, gradient[i]), math.Max(high, gradient[i])
			}
		}
		const slack = 2e-4
		for i := range b {
			if b[i] == 0 && gradient[i] < high-slack || b[i] == bound && gradient[i] > low+slack {
				t.Errorf("%s: weight %d is %v at gradient %v, free ones have %v to %v", name, i, b[i], gradient[i], low, high)
			}
		}
		sum := floats.Sum(b)
		edge := math.Abs(math.Abs(sum-14) - 14*tt.epsilon)
		if high-low > slack || edge > 1e-6 && !(math.Abs(high) <= slack) || !(math.Abs(sum-14) <= 14*tt.epsilon+1e-9) || edge <= 1e-6 && (sum-14)*high > slack {
			t.Errorf("%s: sum %v, gradients of free weights %v to %v", name, sum, low, high)
		}
		if zeros != tt.zeros || bounds != tt.bounds || slices.ContainsFunc(a.Warnings, func(w string) bool { return strings.Contains(w, "settled") }) {
			t.Errorf("%s: zeros %t, bounds %t, warnings %q", name, zeros, bounds, a.Warnings)
		}
	}
	one := mustAdapt(t, "kmm", task, option.Values{"gamma": 3.0, "iterations": 1})
	if len(one.Warnings) == 0 || one.Warnings[len(one.Warnings)-1][:51] != "the weights had not settled after 1 steps: last cha" {
		t.Errorf("warnings %q", one.Warnings)
	}
}

// Nearest points of box and band by hand.
func TestProjectOnBand(t *testing.T) {
	for _, tt := range []struct {
		set        boxBand
		from, want []float64
	}{
		{boxBand{1, 0, 3}, []float64{-1, 0.5, 2}, []float64{0, 0.5, 1}},           // the box alone
		{boxBand{5, 2, 3}, []float64{2, 3, 0}, []float64{1, 2, 0}},                // down to sum 3
		{boxBand{5, 6, 9}, []float64{0, 1, 2}, []float64{1, 2, 3}},                // up to sum 6
		{boxBand{2, 5, 9}, []float64{0, 1, 2}, []float64{1, 2, 2}},                // up, one at its bound
		{boxBand{5, 0, 3}, []float64{-4, 3, 2}, []float64{0, 2, 1}},               // down, one at 0
		{boxBand{1, 3, 3}, []float64{-7, -7.5, 0}, []float64{1, 1, 1}},            // the corner
		{boxBand{10, 1, 30}, []float64{-5, -6, -9}, []float64{1, 0, 0}},           // from outside
		{boxBand{10, 0, 0}, []float64{5, 6, 9}, []float64{0, 0, 0}},               // nothing left
		{boxBand{10, 0, 12}, []float64{100, 101, 0.25}, []float64{5.5, 6.5, 0.0}}, // both
	} {
		got := append([]float64(nil), tt.from...)
		tt.set.project(got)
		toy.Close(t, fmt.Sprint(tt.set, tt.from), got, tt.want, 1e-12)
	}
}

// A target that is far makes every weight small: their sum is at the low edge of the band, n (1 - epsilon), and of a target
// at the middle of a wide source at the high one.
func TestMeanMatchingAtTheEdges(t *testing.T) {
	task := shifted(2, 14, 9, 2)
	for j := range 9 {
		task.Target.Set(j, 0, task.Target.At(j, 0)+6)
	}
	for epsilon, want := range map[float64]float64{0: math.Sqrt(14), 0.25: 14 * 0.75} {
		a := mustAdapt(t, "kmm", task, option.Values{"gamma": 0.5, "epsilon": epsilon})
		if got := floats.Sum(a.Source.Weights); !(math.Abs(got-want) <= 1e-6) {
			t.Errorf("epsilon %v: sum %v, want %v", epsilon, got, want)
		}
	}
	wide := adapt.Task{Source: adapt.Labelled{X: toy.Column(-8, -4, 0, 4, 8), Labels: []int{0, 0, 1, 1, 1}, Classes: 2}, Target: toy.Column(-4, 0, 4)}
	// With a narrow kernel k_i = 5/3 for the three inner rows: b = 5/3 each, sum 5; bounded to 1.2 it is 3.6.
	a := mustAdapt(t, "kmm", wide, option.Values{"gamma": 3.0, "epsilon": 0.5, "bound": 10.0})
	toy.Close(t, "inner", a.Source.Weights, []float64{0, 5. / 3, 5. / 3, 5. / 3, 0}, 1e-4)
	// Narrower still K is (1 + 1e-5) I, with the ridge, to the last digit.
	a = mustAdapt(t, "kmm", wide, option.Values{"gamma": 30.0, "epsilon": 0.5, "bound": 10.0})
	toy.Close(t, "ridge", a.Source.Weights, []float64{0, 5. / 3 / 1.00001, 5. / 3 / 1.00001, 5. / 3 / 1.00001, 0}, 1e-9)
	a = mustAdapt(t, "kmm", wide, option.Values{"gamma": 3.0, "epsilon": 0.1, "bound": 1.2}) // 4.5 in all
	toy.Close(t, "bounded", a.Source.Weights, []float64{0.45, 1.2, 1.2, 1.2, 0.45}, 1e-4)
	wide.Target = toy.Column(0, 0, 0, 0.3, -0.3) // wide kernels: all near, unbounded sums would pass 5 (1 + epsilon)
	a = mustAdapt(t, "kmm", adapt.Task{Source: adapt.Labelled{X: toy.Column(-2, -1, 1, 2, 3), Labels: []int{0, 0, 1, 1, 1}, Classes: 2}, Target: wide.Target}, option.Values{"gamma": 0.3, "epsilon": 0.01, "bound": 10.0})
	if got := floats.Sum(a.Source.Weights); !(math.Abs(got-5.05) <= 1e-6) {
		t.Errorf("sum %v, want 5.05", got)
	}
	wide.Target = toy.Column(-4, 0, 4)
	info, _ := adapt.Adapters.Get("kmm")
	s := option.Defaults(info.Options)
	s["bound"], s["epsilon"] = 0.5, 0.25
	if _, err := info.Adapt(wide, s, adapt.Head{}); err == nil || err.Error() != "weights of at most 0.5 cannot add up to 3.75 for 5 rows" {
		t.Errorf("bound below the band: %v", err)
	}
	s["bound"] = 0.75 // just reached
	if _, err := info.Adapt(wide, s, adapt.Head{}); err != nil {
		t.Error(err)
	}
}

// The minimiser's steps one by one: a projected gradient step from a point ahead, Nesterov's momentum, which restarts when
// the step turns against the gradient.
func TestMatchingStepByStep(t *testing.T) {
	const n = 6
	a := toy.Random(3, 5, n)
	var k mat.Dense
	k.Mul(a.T(), a)
	for i := range n {
		k.Set(i, i, k.At(i, i)+0.01)
	}
	var e mat.EigenSym
	if !e.Factorize(dense.Symmetrised(&k), false) {
		t.Fatal("no eigenvalues")
	}
	top := e.Values(nil)[n-1]
	linear := []float64{3, -2, 8, 1, 5, 2}
	restarts := 0
	for run := range 240 {
		steps, set := 1+run/2, boxBand{1.5, 4, 7}
		if run%2 == 1 {
			set = boxBand{0.8, 2, 3} // the ones that it begins with are outside
		}
		now := make([]float64, n)
		for i := range now {
			now[i] = 1
		}
		set.project(now)
		ahead, speed, change := slices.Clone(now), 1.0, math.Inf(1)
		for step := 0; step < steps && change > 1e-6; step++ {
			next := make([]float64, n)
			for i := range n {
				slope := -linear[i]
				for j := range n {
					slope += k.At(i, j) * ahead[j]
				}
				next[i] = ahead[i] - slope/top
			}
			set.project(next)
			turn := 0.0
			change = 0
			for i := range n {
				turn += (ahead[i] - next[i]) * (next[i] - now[i])
				change = math.Max(change, math.Abs(next[i]-now[i]))
			}
			faster := (1 + math.Sqrt(1+4*speed*speed)) / 2
			push := (speed - 1) / faster
			if turn > 0 {
				restarts++
				faster, push = 1, 0
			}
			for i := range n {
				ahead[i] = next[i] + push*(next[i]-now[i])
			}
			now, speed = next, faster
		}
		got, gap, err := minimiseQuadratic(&k, linear, set, steps)
		if err != nil {
			t.Fatal(err)
		}
		toy.Close(t, fmt.Sprint(steps, " steps"), append(got, gap), append(now, change), 1e-8)
	}
	if restarts == 0 {
		t.Fatal("no restart: the case proves nothing")
	}
}

// A change of more than 1e-6 in the last step that it may make is told, and a smaller one not.
func TestMeanMatchingSettles(t *testing.T) {
	near := false
	for seed := range uint64(12) {
		task := shifted(seed, 14, 9, 2)
		for steps := 1; ; steps++ {
			a := mustAdapt(t, "kmm", task, option.Values{"gamma": 0.4, "epsilon": 0.1, "iterations": steps})
			last := ""
			for _, w := range a.Warnings {
				if strings.Contains(w, "settled") {
					last = w[strings.LastIndex(w, " ")+1:]
				}
			}
			if last == "" {
				break
			}
			change, err := strconv.ParseFloat(last, 64)
			if err != nil || change < 1e-6 {
				t.Errorf("seed %d, %d steps: %q is told", seed, steps, last)
			}
			near = near || change < 1.9e-6
			if change > 1e-4 {
				steps += 20
			}
		}
	}
	if !near {
		t.Fatal("no change between 1e-6 and its double: the tasks prove nothing")
	}
}
