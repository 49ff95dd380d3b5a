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

// The class terms from their formulas: l1lp tilts the cost by eta/2 (mass + 1e-3)^(-1/2), ten times.
func TestClassRegularisedPlans(t *testing.T) {
	task := shifted(7, 9, 7, 2)
	cost := pairwise.Between(task.Source.X, task.Target)
	scale, err := costScale(cost, "median")
	if err != nil {
		t.Fatal(err)
	}
	cost.Scale(1/scale, cost)
	const eta = 0.15
	epsilon := 0.02 // not converged after 200 steps
	sinkhorn := func(c *mat.Dense) *transport.Regularised {
		p, err := transport.Sinkhorn(c, transport.Settings{Epsilon: epsilon, Tolerance: 1e-8, Iterations: 200})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	massOf := func(p *mat.Dense, class, j int, power float64) (s float64) {
		for i, c := range task.Source.Labels {
			if c == class {
				s += math.Pow(p.At(i, j), power)
			}
		}
		return s
	}
	tilted := func(p *mat.Dense, by func(i, j, class int) float64) *mat.Dense {
		out := mat.NewDense(9, 7, nil)
		for i := range 9 {
			for j := range 7 {
				out.Set(i, j, cost.At(i, j)+by(i, j, task.Source.Labels[i]))
			}
		}
		return out
	}
	settings := option.Values{"eta": eta, "iterations": 1} // which are of the plain plan
	var plan *mat.Dense
	for _, epsilon = range []float64{0.02, 0.8} {
		plan = sinkhorn(cost).Plan
		for range 10 {
			last := plan
			plan = sinkhorn(tilted(last, func(i, j, class int) float64 { return eta * 0.5 / math.Sqrt(massOf(last, class, j, 1)+1e-3) })).Plan
		}
		settings["epsilon"], settings["classes"] = epsilon, "l1lp"
		toy.Near(t, fmt.Sprint("l1lp ", epsilon), mustAdapt(t, "sinkhorn", task, settings).Source.X, barycentres(task, plan), 1e-9)
	}

	objective := func(p *mat.Dense) (s float64) {
		for j := range 7 {
			for i := range 9 {
				s += p.At(i, j)*cost.At(i, j) + epsilon*p.At(i, j)*math.Log(p.At(i, j))
			}
			s += eta * (math.Sqrt(massOf(p, 0, j, 2)) + math.Sqrt(massOf(p, 1, j, 2)))
		}
		return s
	}
	plan = sinkhorn(cost).Plan
	for range 10 {
		last := plan
		next := sinkhorn(tilted(last, func(i, j, class int) float64 { return eta * last.At(i, j) / math.Sqrt(massOf(last, class, j, 2)) })).Plan
		better := false
		for step := 1.0; step > 1e-3 && !better; step /= 2 {
			var p, q mat.Dense
			p.Scale(step, next)
			q.Scale(1-step, last)
			p.Add(&p, &q)
			if objective(&p) < objective(last)-1e-15 {
				plan, better = &p, true
			}
		}
		if !better {
			break
		}
	}
	settings["classes"] = "group"
	a := mustAdapt(t, "sinkhorn", task, settings)
	toy.Near(t, "group", a.Source.X, barycentres(task, plan), 1e-6)
	z, err := a.MapSource(task.Source.X)
	if err != nil || !mat.EqualApprox(z, a.Source.X, 1e-12) { // as the nearest row moved
		t.Errorf("the source's own rows go elsewhere (%v)", err)
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

// One row a label and target row, with its mass; a millionth of the largest is left out.
func TestSoftLabels(t *testing.T) {
	task := adapt.Task{Source: adapt.Labelled{X: toy.Column(0, 1, 2), Labels: []int{1, 0, 1}, Classes: 2}, Target: toy.Column(7, 8)}
	l := softLabelled(task, mat.NewDense(3, 2, []float64{0.2, 0, 3e-7, 0.25, 0.3, 6e-7}))
	if !mat.Equal(l.X, toy.Column(7, 8, 8)) || !slices.Equal(l.Labels, []int{1, 0, 1}) || l.Classes != 2 {
		t.Errorf("%+v", l)
	}
	toy.Close(t, "weights", l.Weights, []float64{0.5, 0.25, 6e-7}, 1e-12)
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
