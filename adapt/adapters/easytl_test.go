package adapters

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/internal/toy"
)

// Of all ways to give m rows k classes, each at least one, the fed assignment is the cheapest: by
// trying them all.
func TestFeedingIsAnOptimum(t *testing.T) {
	r := stream.New(1, "feeding")
	for trial := range 150 {
		k := 3 + trial%3
		m := k + trial/3%3
		cost := mat.NewDense(m, k, nil)
		for i := range m {
			for c := range k {
				cost.Set(i, c, r.Float64())
				if c > 0 && trial%2 == 0 { // all rows want the first or the last class, so that paths are long
					cost.Set(i, c, cost.At(i, c)+0.5*float64(c))
				} else if trial%4 == 1 {
					cost.Set(i, c, cost.At(i, c)+0.5*float64(k-c))
				}
			}
		}
		a := assignment{make([]int, m), k}
		for i := range m {
			for c := range k {
				if cost.At(i, c) < cost.At(i, a.of[i]) {
					a.of[i] = c
				}
			}
		}
		before := slices.Clone(a.of)
		moved := a.feed(cost)
		got := 0.0
		for i, c := range before {
			to, ok := moved[i]
			if !ok {
				to = c
			} else if to == c {
				t.Errorf("trial %d: row %d was moved to where it was", trial, i)
			}
			if a.of[i] != to {
				t.Errorf("trial %d: row %d: %d in the answer, %d in the assignment", trial, i, to, a.of[i])
			}
			got += cost.At(i, to)
		}
		best := math.Inf(1)
		try := make([]int, m)
		var all func(i int, sum float64)
		all = func(i int, sum float64) {
			if i == m {
				for c := range k {
					if !slices.Contains(try, c) {
						return
					}
				}
				best = math.Min(best, sum)
				return
			}
			for c := range k {
				try[i] = c
				all(i+1, sum+cost.At(i, c))
			}
		}
		all(0, 0)
		if !(math.Abs(got-best) <= 1e-9) || slices.Contains(adapt.Counts(a.of, k), 0) {
			t.Errorf("trial %d: %v costs %v, the best %v", trial, a.of, got, best)
		}
	}
}

// Means 0, 10 and 30 of the classes 0, 2 and 3 (1 has no rows): all targets are nearest to 0 or
// 10, the one that 30 costs least extra is 12, and its class 2 takes the next.
func TestEasyTransferByHand(t *testing.T) {
	task := adapt.Task{Source: adapt.Labelled{X: toy.Column(-1, 1, 9, 11, 29, 31), Labels: []int{0, 0, 2, 2, 3, 3}, Classes: 4}, Target: toy.Column(0, 1, 2, 12)}
	a := mustAdapt(t, "easytl", task, option.Values{"align": "none"})
	// 12 to class 3 costs 18-2 = 16, 2 to class 2 costs 8-2 = 6.
	if got := adapt.Predict(a.Probabilities); !slices.Equal(got, []int{0, 0, 2, 3}) {
		t.Errorf("classes %v", got)
	}
	if a.Probabilities.At(3, 3) != 1 || a.Probabilities.At(3, 2) != 0 || a.Probabilities.At(2, 2) != 1 {
		t.Errorf("fed rows are sure of their class: %v", mat.Formatted(a.Probabilities))
	}
	// Within-class variance 1: the first row's logits are 0, -50 and -450.
	if want := 1 / (1 + math.Exp(-50) + math.Exp(-450)); !(math.Abs(a.Probabilities.At(0, 0)-want) <= 1e-15) || a.Probabilities.At(0, 1) != 0 {
		t.Errorf("%v", mat.Formatted(a.Probabilities))
	}
	p, err := a.Predict(toy.Column(12))
	if err != nil || adapt.Predict(p)[0] != 2 {
		t.Errorf("a further row goes to the nearest mean: %v (%v)", p, err)
	}
	// Three classes, three rows: each gets one. Two rows are too few.
	task.Target = toy.Column(0, 1, 2)
	if got := adapt.Predict(mustAdapt(t, "easytl", task, option.Values{"align": "none"}).Probabilities); !slices.Equal(got, []int{0, 2, 3}) && !slices.Equal(got, []int{0, 3, 2}) {
		t.Errorf("classes %v", got)
	}
	task.Target = toy.Column(0, 1)
	if _, err := adaptBy(t, "easytl", task, option.Values{"align": "none"}); err == nil || err.Error() != "2 target rows for 3 classes, of which each must get one" {
		t.Errorf("two rows: %v", err)
	}
	// By distance (2, 20) is the cheaper one to hand over, for 21.54-20.10, than (3, 0) for 7-3; by its square it would not be.
	plane := adapt.Task{Source: adapt.Labelled{X: mat.NewDense(4, 2, []float64{0, -1, 0, 1, 10, -1, 10, 1}), Labels: []int{0, 0, 1, 1}, Classes: 2}, Target: mat.NewDense(2, 2, []float64{3, 0, 2, 20})}
	if got := adapt.Predict(mustAdapt(t, "easytl", plane, option.Values{"align": "none"}).Probabilities); !slices.Equal(got, []int{0, 1}) {
		t.Errorf("classes %v, want 0 and 1", got)
	}
	// CORAL in one column: variance 168 of the source, 42.9167 of the target, both plus lambda.
	task.Target = toy.Column(0, 1, 2, 12)
	a = mustAdapt(t, "easytl", task, option.Values{"lambda": 2.0})
	var square, mean float64
	for i := range 6 {
		mean += task.Source.X.At(i, 0) / 6
	}
	for i := range 6 {
		square += math.Pow(task.Source.X.At(i, 0)-mean, 2) / 5
	}
	scale := math.Sqrt((2 + (3.75*3.75+2.75*2.75+1.75*1.75+8.25*8.25)/3) / (2 + square))
	z, err := a.MapSource(toy.Column(1, 7))
	if err != nil || !(math.Abs(z.At(1, 0)-7*scale) <= 1e-9) || !(math.Abs(a.Source.X.At(5, 0)-31*scale) <= 1e-9) {
		t.Errorf("mapped to %v, want scale %v (%v)", mat.Formatted(z), scale, err)
	}
}

// Predicted classes are numbered over those present.
func TestNearestMeans(t *testing.T) {
	if a := nearestMeans([]int{3, 0, 2, 3}, []int{0, 2, 3}); !slices.Equal(a.of, []int{2, 0, 1, 2}) || a.classes != 3 {
		t.Errorf("%+v", a)
	}
}

// A class of one row that is reached at no cost has none to spare: the path goes on to the class that has.
func TestFeedingThroughATie(t *testing.T) {
	cost := mat.NewDense(3, 3, []float64{1, 1, 100, 1, 9, 100, 5, 0, 1})
	a := assignment{[]int{0, 0, 1}, 3}
	moved := a.feed(cost)
	if !slices.Equal(a.of, []int{1, 0, 2}) || len(moved) != 2 || moved[0] != 1 || moved[2] != 2 {
		t.Errorf("classes %v, moved %v", a.of, moved)
	}
}
