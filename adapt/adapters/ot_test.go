package adapters

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/pairwise"
	"github.com/venn-adapt/venn/internal/toy"
	"github.com/venn-adapt/venn/internal/transport"
)

// Rows go to the mean of where their mass goes, one without mass stays; a further row moves as the nearest row did.
func TestTransportedByHand(t *testing.T) {
	task := adapt.Task{Source: adapt.Labelled{X: toy.Column(0, 1, 5), Labels: []int{0, 1, 1}, Classes: 2}, Target: toy.Column(10, 20)}
	a := transported(task, mat.NewDense(3, 2, []float64{0.1, 0.3, 0.2, 0, 0, 0}))
	toy.Close(t, "moved", a.Source.X.RawMatrix().Data, []float64{17.5, 10, 5}, 1e-12)
	z, err := a.MapSource(toy.Column(0.2, 2, 100))
	if err != nil {
		t.Fatal(err)
	}
	toy.Close(t, "further rows", z.RawMatrix().Data, []float64{17.7, 11, 100}, 1e-12)
	mass := classMass(task, mat.NewDense(3, 2, []float64{0.1, 0.3, 0.2, 0, 0.4, 0.5}), func(v float64) float64 { return v * v })
	toy.Close(t, "mass", mass.RawMatrix().Data, []float64{0.01, 0.09, 0.2, 0.25}, 1e-12)
	// In one dimension the exact plan keeps the order.
	task.Target = toy.Column(30, 10, 20)
	a = mustAdapt(t, "emd", task, nil)
	toy.Close(t, "exact", a.Source.X.RawMatrix().Data, []float64{10, 20, 30}, 1e-9)
}

func TestCostScales(t *testing.T) {
	cost := mat.NewDense(2, 2, []float64{1, 2, 4, 9})
	for by, want := range map[string]float64{"median": 3, "mean": 4, "max": 9, "none": 1} {
		if got, err := costScale(cost, by); got != want || err != nil {
			t.Errorf("%s: %v, want %v (%v)", by, got, want, err)
		}
	}
	if _, err := costScale(mat.NewDense(2, 2, []float64{0, 0, 0, 1}), "median"); err == nil || err.Error() != "the median squared distance between the domains is 0; normalise otherwise" {
		t.Errorf("no scale: %v", err)
	}
}

// slowSinkhorn scales rows and columns in turn, to the end.
func slowSinkhorn(cost *mat.Dense, epsilon float64) (plan *mat.Dense, v []float64) {
	n, m := cost.Dims()
	u, v := make([]float64, n), make([]float64, m)
	for j := range v {
		v[j] = 1
	}
	for range 20000 {
		for i := range n {
			var sum float64
			for j := range m {
				sum += math.Exp(-cost.At(i, j)/epsilon) * v[j]
			}
			u[i] = 1 / (float64(n) * sum)
		}
		for j := range m {
			var sum float64
			for i := range n {
				sum += math.Exp(-cost.At(i, j)/epsilon) * u[i]
			}
			v[j] = 1 / (float64(m) * sum)
		}
	}
	plan = mat.NewDense(n, m, nil)
	for i := range n {
		for j := range m {
			plan.Set(i, j, u[i]*v[j]*math.Exp(-cost.At(i, j)/epsilon))
		}
	}
	return plan, v
}

// The plain plan moves further rows by the weights v_j exp(-c/epsilon) of target rows.
func TestSinkhornAndItsMap(t *testing.T) {
	task := shifted(7, 9, 7, 2)
	for _, by := range []string{"median", "mean", "max", "none"} {
		cost := pairwise.Between(task.Source.X, task.Target)
		scale, err := costScale(cost, by)
		if err != nil {
			t.Fatal(err)
		}
		cost.Scale(1/scale, cost)
		const epsilon = 0.7
		plan, v := slowSinkhorn(cost, epsilon)
		a := mustAdapt(t, "sinkhorn", task, option.Values{"epsilon": epsilon, "normalise": by})
		toy.Near(t, by, a.Source.X, barycentres(task, plan), 1e-5)
		x := toy.Random(3, 4, 2)
		z, err := a.MapSource(x)
		if err != nil || a.Warnings != nil {
			t.Fatal(err, a.Warnings)
		}
		for i := range 4 {
			var total float64
			to := make([]float64, 2)
			for j := range 7 {
				w := v[j] * math.Exp(-squaredDistance(x.RawRowView(i), task.Target.RawRowView(j))/scale/epsilon)
				total += w
				for k := range to {
					to[k] += w * task.Target.At(j, k)
				}
			}
			toy.Close(t, by+" map", z.RawRowView(i), []float64{to[0] / total, to[1] / total}, 1e-5)
		}
	}
}

// Plans end at rows that miss 1e-8 of their mass: with as many iterations as at that tolerance, and not at its double.
func TestPlanTolerance(t *testing.T) {
	cost := pairwise.Between(shifted(7, 9, 7, 2).Source.X, shifted(7, 9, 7, 2).Target)
	differ := false
	for k := range 30 {
		epsilon := 1 + 0.1*float64(k)
		p, err := entropicPlan(cost, epsilon, 5000)
		if err != nil {
			t.Fatal(err)
		}
		var at [2]int
		for i, tolerance := range []float64{1e-8, 2e-8} {
			q, err := transport.Sinkhorn(cost, transport.Settings{Epsilon: epsilon, Tolerance: tolerance, Iterations: 5000})
			if err != nil {
				t.Fatal(err)
			}
			at[i] = q.Iterations
		}
		differ = differ || at[0] != at[1]
		if p.Iterations != at[0] || !p.Converged {
			t.Errorf("epsilon %v: %d iterations, want %d", epsilon, p.Iterations, at[0])
		}
	}
	if !differ {
		t.Fatal("the double tolerance ends at the same iterations")
	}
}

func TestTransportWarnings(t *testing.T) {
	task := shifted(7, 9, 7, 2)
	a := mustAdapt(t, "sinkhorn", task, option.Values{"epsilon": 0.01, "iterations": 2})
	if len(a.Warnings) != 1 || !strings.HasPrefix(a.Warnings[0], "the plan had not converged after 2 iterations: its rows miss their mass by ") {
		t.Errorf("sinkhorn: %q", a.Warnings)
	}
	a = mustAdapt(t, "ot-labels", task, option.Values{"epsilon": 1e-4})
	if fmt.Sprint(a.Warnings) != "[the plan had not converged after 2000 iterations]" {
		t.Errorf("ot-labels: %q", a.Warnings)
	}
	same := adapt.Task{Source: adapt.Labelled{X: toy.Column(1, 1, 2), Labels: []int{0, 1, 1}, Classes: 2}, Target: toy.Column(1, 1)}
	for name, want := range map[string]string{"sinkhorn": "the median squared distance between the domains is 0; normalise otherwise", "ot-labels": "the median squared distance between the domains is 0; normalise otherwise"} {
		if _, err := adaptBy(t, name, same, option.Values{"epsilon": 0.1}); err == nil || err.Error() != want {
			t.Errorf("%s: %v", name, err)
		}
	}
	same.Source.X = toy.Column(1, 1, 1)
	if _, err := adaptBy(t, "jdot", same, nil); err == nil || err.Error() != "the mean squared distance between the domains is 0; normalise otherwise" {
		t.Errorf("jdot: %v", err)
	}
}

// Labels by mass: three source rows of 1/3 each to two target rows of 1/2: in order, the first takes the row of class 2 and half
// of one of class 0.
func TestPropagatedLabels(t *testing.T) {
	task := adapt.Task{Source: adapt.Labelled{X: toy.Column(0, 1, 2), Labels: []int{2, 0, 0}, Classes: 3}, Target: toy.Column(10, 11)}
	a := mustAdapt(t, "ot-labels", task, nil)
	if !slices.Equal(a.Source.Labels, []int{2, 0}) || a.Source.X != task.Target || a.Source.Classes != 3 || a.Source.Weights != nil || a.Warnings != nil {
		t.Errorf("%+v", a.Source)
	}
	wide := shifted(7, 9, 7, 2)
	cost := pairwise.Between(wide.Source.X, wide.Target)
	scale, _ := costScale(cost, "median")
	cost.Scale(1/scale, cost)
	plan, _ := slowSinkhorn(cost, 0.8)
	got := mustAdapt(t, "ot-labels", wide, option.Values{"epsilon": 0.8}).Source.Labels
	for j := range 7 {
		var mass [2]float64
		for i, c := range wide.Source.Labels {
			mass[c] += plan.At(i, j)
		}
		if want := map[bool]int{true: 1}[mass[1] > mass[0]]; got[j] != want {
			t.Errorf("row %d: class %d, want %d", j, got[j], want)
		}
	}
	// epsilon is a share of the median cost: in millionths of the unit the labels are the same, and of both classes.
	wide.Source.X.Scale(1e-6, wide.Source.X)
	wide.Target.Scale(1e-6, wide.Target)
	if small := mustAdapt(t, "ot-labels", wide, option.Values{"epsilon": 0.8}).Source.Labels; !slices.Equal(small, got) || !slices.Contains(got, 0) || !slices.Contains(got, 1) {
		t.Errorf("in another unit %v, want %v", small, got)
	}
}
