package adapters

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/toy"
	"github.com/venn-adapt/venn/internal/transport"
)

// One row a label and target row, with its mass; a millionth of the largest is left out.
func TestSoftLabels(t *testing.T) {
	task := adapt.Task{Source: adapt.Labelled{X: toy.Column(0, 1, 2), Labels: []int{1, 0, 1}, Classes: 2}, Target: toy.Column(7, 8)}
	l := softLabelled(task, mat.NewDense(3, 2, []float64{0.2, 0, 3e-7, 0.25, 0.3, 6e-7}))
	if !mat.Equal(l.X, toy.Column(7, 8, 8)) || !slices.Equal(l.Labels, []int{1, 0, 1}) || l.Classes != 2 {
		t.Errorf("%+v", l)
	}
	toy.Close(t, "weights", l.Weights, []float64{0.5, 0.25, 6e-7}, 1e-12)
	// A millionth of the largest mass, 1, is left out.
	l = softLabelled(task, mat.NewDense(3, 2, []float64{1, 0, 1e-6, 0, 0, 2e-6}))
	toy.Close(t, "lightest", l.Weights, []float64{1, 2e-6}, 1e-12)
}

// A label of probability 0 costs 12 ln 10.
func TestAtLeast(t *testing.T) {
	if got := []float64{atLeast(0), atLeast(1.5e-12), atLeast(0.3)}; !slices.Equal(got, []float64{1e-12, 1.5e-12, 0.3}) {
		t.Errorf("%v", got)
	}
}

// A cost that changes by a hundred thousandth of itself is steady, whatever its size.
func TestSteady(t *testing.T) {
	for _, size := range []float64{1e-3, 1, 1e3, -50} {
		for _, tt := range []struct {
			share float64
			want  bool
		}{{0, true}, {0.9e-5, true}, {-0.9e-5, true}, {1.1e-5, false}, {-1.1e-5, false}, {1.9e-5, false}} {
			if got := steady(size*(1+tt.share), size); got != tt.want {
				t.Errorf("from %v off by a share of %v: %t", size, tt.share, got)
			}
		}
	}
	if !steady(0, 0) || steady(math.Inf(1), 3) {
		t.Error("no cost is steady, and the first is not")
	}
}

// JDOT pass by pass: exact plans under the joint cost and a classifier of what they bring.
func TestJointTransportPassByPass(t *testing.T) {
	settledOnce, changing := false, false
	for seed := range uint64(4) {
		task := shifted(seed+50, 12, 9, 2)
		for _, alpha := range []float64{0, 0.4, 1} {
			for _, passes := range []int{1, 2, 3, 10} {
				head := headOf(t, []string{"centroid", "knn"}[seed%2], nil)
				info, _ := adapt.Adapters.Get("jdot")
				a, err := info.Adapt(task, option.Values{"alpha": alpha, "iterations": passes}, head)
				if err != nil {
					t.Fatal(err)
				}
				var sum float64
				features := mat.NewDense(12, 9, nil)
				for i := range 12 {
					for j := range 9 {
						features.Set(i, j, squaredDistance(task.Source.X.RawRowView(i), task.Target.RawRowView(j)))
						sum += features.At(i, j) / 108
					}
				}
				cost := mat.NewDense(12, 9, nil)
				for i := range 12 {
					for j := range 9 {
						cost.Set(i, j, (1-alpha)*features.At(i, j)/sum)
					}
				}
				var train adapt.Labelled
				ended, last := false, math.Inf(1)
				for pass := 0; pass < passes && !ended; pass++ {
					plan, err := transport.Exact(cost)
					if err != nil {
						t.Fatal(err)
					}
					train = softLabelled(task, plan)
					c, err := head.Fit(train)
					if err != nil {
						t.Fatal(err)
					}
					p := probabilities(t, c, task.Target)
					var paid float64
					for i := range 12 {
						for j := range 9 {
							loss := -math.Log(math.Max(1e-12, p.At(j, task.Source.Labels[i])))
							cost.Set(i, j, (1-alpha)*features.At(i, j)/sum+alpha*loss)
							paid += plan.At(i, j) * cost.At(i, j)
						}
					}
					ended = math.Abs(paid-last) <= 1e-5*math.Abs(paid)
					last = paid
				}
				name := fmt.Sprint("seed ", seed, " alpha ", alpha, " passes ", passes)
				if !slices.Equal(a.Source.Labels, train.Labels) || !mat.EqualApprox(a.Source.X, train.X, 0) {
					t.Errorf("%s: other rows", name)
					continue
				}
				toy.Close(t, name, a.Source.Weights, train.Weights, 1e-9)
				want := "[]"
				if !ended {
					want = fmt.Sprintf("[plan and classifier still changed after %d passes]", passes)
				}
				if fmt.Sprint(a.Warnings) != want {
					t.Errorf("%s: warnings %q, want %s", name, a.Warnings, want)
				}
				settledOnce, changing = settledOnce || ended, changing || !ended && passes > 1
			}
		}
	}
	if !settledOnce || !changing {
		t.Fatalf("settled %t, changing %t: the tasks prove nothing", settledOnce, changing)
	}
}
