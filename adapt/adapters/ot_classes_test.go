package adapters

import (
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/pairwise"
	"github.com/venn-adapt/venn/internal/toy"
	"github.com/venn-adapt/venn/internal/transport"
)

// A classCase is a task and the weights of its plan's terms.
type classCase struct {
	task         adapt.Task
	cost         *mat.Dense // over its median
	epsilon, eta float64
}

func newClassCase(t *testing.T, seed uint64, epsilon, eta float64) classCase {
	t.Helper()
	task := shifted(seed, 9, 7, 2)
	cost := pairwise.Between(task.Source.X, task.Target)
	scale, err := costScale(cost, "median")
	if err != nil {
		t.Fatal(err)
	}
	cost.Scale(1/scale, cost)
	return classCase{task, cost, epsilon, eta}
}

// sinkhorn is the plan of a tilted cost after 200 steps.
func (c classCase) sinkhorn(t *testing.T, tilt func(i, j, class int) float64) *mat.Dense {
	t.Helper()
	cost := mat.NewDense(9, 7, nil)
	for i := range 9 {
		for j := range 7 {
			cost.Set(i, j, c.cost.At(i, j)+tilt(i, j, c.task.Source.Labels[i]))
		}
	}
	p, err := transport.Sinkhorn(cost, transport.Settings{Epsilon: c.epsilon, Tolerance: 1e-8, Iterations: 200})
	if err != nil {
		t.Fatal(err)
	}
	return p.Plan
}

// massOf a class in a target row, entries to a power.
func (c classCase) massOf(p *mat.Dense, class, j int, power float64) (s float64) {
	for i, k := range c.task.Source.Labels {
		if k == class {
			s += math.Pow(p.At(i, j), power)
		}
	}
	return s
}

// moved is what the adapter makes of the source. Its iterations are of the plain plan, and mean nothing here.
func (c classCase) moved(t *testing.T, classes string) *adapt.Adapted {
	t.Helper()
	return mustAdapt(t, "sinkhorn", c.task, option.Values{"eta": c.eta, "epsilon": c.epsilon, "classes": classes, "iterations": 1})
}

func none(int, int, int) float64 { return 0 }

// l1lp tilts the cost by eta/2 (mass + 1e-3)^(-1/2), ten times: of plans that have not converged after 200 steps, that
// have, and that an eleventh time would change.
func TestPowerRegularisedPlans(t *testing.T) {
	for _, tt := range []struct {
		seed         uint64
		epsilon, eta float64
		changing     bool
	}{{7, 0.02, 0.15, false}, {7, 0.8, 0.15, false}, {9, 0.1, 0.15, true}, {1, 0.05, 0.05, true}} {
		c := newClassCase(t, tt.seed, tt.epsilon, tt.eta)
		plan := c.sinkhorn(t, none)
		again := func(last *mat.Dense) *mat.Dense {
			return c.sinkhorn(t, func(i, j, class int) float64 { return c.eta * 0.5 / math.Sqrt(c.massOf(last, class, j, 1)+1e-3) })
		}
		for range 10 {
			plan = again(plan)
		}
		toy.Near(t, fmt.Sprint(tt), c.moved(t, "l1lp").Source.X, barycentres(c.task, plan), 1e-9)
		if further := barycentres(c.task, again(plan)); tt.changing && mat.EqualApprox(further, barycentres(c.task, plan), 1e-4) {
			t.Errorf("%v: an eleventh time changes nothing: the case proves little", tt)
		}
	}
}

// Half the way, and half of that, until the objective is below its value: exactly there.
func TestLower(t *testing.T) {
	from, to := toy.Column(0, 10), toy.Column(8, 2)
	for _, tt := range []struct {
		lowest float64 // where the objective is
		value  float64
		want   float64 // of the first entry
	}{{8, 64, 8}, {1, 49, 4}, {1, 9, 2}, {0.25, 0.0625, 0.25}, {0.1, 0.01, 0.125}, {0.01, 1e-4, 0.015625}, {0.004, 1.6e-5, 0}} {
		objective := func(p *mat.Dense) float64 { return (p.At(0, 0) - tt.lowest) * (p.At(0, 0) - tt.lowest) }
		got, value := lower(from, to, tt.value, objective)
		switch {
		case tt.want == 0 && (got != nil || value != tt.value):
			t.Errorf("%v: %v, want none", tt, got)
		case tt.want != 0 && (got == nil || got.At(0, 0) != tt.want || got.At(1, 0) != 10-tt.want || value != objective(got)):
			t.Errorf("%v: %v, want %v", tt, got, tt.want)
		}
	}
	if from.At(0, 0) != 0 || to.At(0, 0) != 8 {
		t.Error("the plans were changed")
	}
}

// group tilts the cost by the slope of the group norms, ten times at most, and goes as far towards the plan of that as
// lowers the objective, by halves.
func TestGroupRegularisedPlans(t *testing.T) {
	for _, tt := range []struct {
		seed         uint64
		epsilon, eta float64
		steps        int
	}{{7, 0.8, 0.15, 0}, {3, 0.05, 2, 10}, {7, 0.02, 0.5, 0}, {7, 0.0008, 0.15, 0}} { // the last with entries of 0
		c := newClassCase(t, tt.seed, tt.epsilon, tt.eta)
		objective := func(p *mat.Dense) (s float64) {
			for j := range 7 {
				for i := range 9 {
					s += p.At(i, j) * c.cost.At(i, j)
					if p.At(i, j) > 0 {
						s += c.epsilon * p.At(i, j) * math.Log(p.At(i, j))
					}
				}
				s += c.eta * (math.Sqrt(c.massOf(p, 0, j, 2)) + math.Sqrt(c.massOf(p, 1, j, 2)))
			}
			return s
		}
		plan, steps := c.sinkhorn(t, none), 0
		for better := true; better && steps < 10; {
			last := plan
			next := c.sinkhorn(t, func(i, j, class int) float64 {
				norm := math.Sqrt(c.massOf(last, class, j, 2))
				if norm == 0 {
					return 0
				}
				return c.eta * last.At(i, j) / norm
			})
			better = false
			for share := 1.0; share > 1e-3 && !better; share /= 2 {
				var p, q mat.Dense
				p.Scale(share, next)
				q.Scale(1-share, last)
				p.Add(&p, &q)
				if objective(&p) < objective(last)-1e-15 {
					plan, better = &p, true
					steps++
				}
			}
		}
		a := c.moved(t, "group")
		toy.Near(t, fmt.Sprint(tt), a.Source.X, barycentres(c.task, plan), 1e-8)
		if tt.steps > 0 && steps != tt.steps {
			t.Errorf("%v: %d steps: the case proves little", tt, steps)
		}
		z, err := a.MapSource(c.task.Source.X)
		if err != nil || !mat.EqualApprox(z, a.Source.X, 1e-12) { // as the nearest row moved
			t.Errorf("%v: the source's own rows go elsewhere (%v)", tt, err)
		}
	}
}
