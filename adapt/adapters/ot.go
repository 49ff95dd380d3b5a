package adapters

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/dense"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/pairwise"
	"github.com/venn-adapt/venn/internal/transport"
)

// barycentres move each source row to the mean of the target rows that its mass goes
// to; a row without mass stays.
func barycentres(t adapt.Task, plan *mat.Dense) *mat.Dense {
	z := dense.Product(plan, t.Target)
	n, _ := z.Dims()
	for i := range n {
		if mass := floats.Sum(plan.RawRowView(i)); mass > 0 {
			floats.Scale(1/mass, z.RawRowView(i))
		} else {
			copy(z.RawRowView(i), t.Source.X.RawRowView(i))
		}
	}
	return z
}

// transported is the result of a plan. Further source rows are moved as the nearest row
// of the source was.
func transported(t adapt.Task, plan *mat.Dense) *adapt.Adapted {
	z := barycentres(t, plan)
	nearest := func(x *mat.Dense) (*mat.Dense, error) {
		out := mat.DenseCopyOf(x)
		for i, nb := range pairwise.Nearest(x, t.Source.X, 1) {
			row := out.RawRowView(i)
			floats.Add(row, z.RawRowView(nb[0].Row))
			floats.Sub(row, t.Source.X.RawRowView(nb[0].Row))
		}
		return out, nil
	}
	return &adapt.Adapted{Source: t.Source.Moved(z), Target: t.Target, MapSource: nearest, Map: identity}
}

func exactTransport(t adapt.Task, _ option.Values, _ adapt.Head) (*adapt.Adapted, error) {
	plan, err := transport.Exact(pairwise.Between(t.Source.X, t.Target))
	if err != nil {
		return nil, err
	}
	return transported(t, plan), nil
}

// A costScale divides squared distances, so that epsilon means the same everywhere.
func costScale(cost *mat.Dense, by string) (float64, error) {
	values := cost.RawMatrix().Data
	scale := 1.0
	switch by {
	case "median":
		scale = medianOf(values)
	case "mean":
		scale = floats.Sum(values) / float64(len(values))
	case "max":
		scale = floats.Max(values)
	}
	if !(scale > 0) {
		return 0, fmt.Errorf("the %s squared distance between the domains is %v; normalise otherwise", by, scale)
	}
	return scale, nil
}

// Class regularisation of a plan.
const (
	lpPower    = 0.5
	lpFloor    = 1e-3
	outerSteps = 10
	innerSteps = 200
)

// entropicTransport moves by a Sinkhorn plan, whose mass into a target row may be
// urged to come from one class: l1lp adds eta sum_j sum_c (sum_{i in c} P_ij)^(1/2), by
// majorisation; group adds eta sum_j sum_c |P_{c,j}|_2, by conditional gradients.
func entropicTransport(t adapt.Task, s option.Values, _ adapt.Head) (*adapt.Adapted, error) {
	cost := pairwise.Between(t.Source.X, t.Target)
	scale, err := costScale(cost, s.String("normalise"))
	if err != nil {
		return nil, err
	}
	cost.Scale(1/scale, cost)
	epsilon, eta := s.Float("epsilon"), s.Float("eta")
	steps := s.Int("iterations")
	if s.String("classes") != "none" {
		steps = innerSteps
	}
	plan, err := entropicPlan(cost, epsilon, steps)
	if err != nil {
		return nil, err
	}
	switch s.String("classes") {
	case "l1lp":
		plan, err = powerClasses(t, cost, plan, epsilon, eta)
	case "group":
		plan, err = groupClasses(t, cost, plan, epsilon, eta)
	}
	if err != nil {
		return nil, err
	}
	out := transported(t, plan.Plan)
	if s.String("classes") == "none" {
		out.MapSource = func(x *mat.Dense) (*mat.Dense, error) { return continued(t, x, plan.G, epsilon, scale), nil }
	}
	if !plan.Converged {
		out.Warnings = append(out.Warnings, fmt.Sprintf("the plan had not converged after %d iterations: its rows miss their mass by %.2g in all", plan.Iterations, plan.Violation))
	}
	return out, nil
}

const planTolerance = 1e-8

func entropicPlan(cost *mat.Dense, epsilon float64, iterations int) (*transport.Regularised, error) {
	return transport.Sinkhorn(cost, transport.Settings{Epsilon: epsilon, Tolerance: planTolerance, Iterations: iterations})
}

// continued moves rows by the target's dual potentials: to the mean of the target rows
// under exp((g_j - c(x, t_j))/epsilon).
func continued(t adapt.Task, x *mat.Dense, g []float64, epsilon, scale float64) *mat.Dense {
	w := pairwise.Between(x, t.Target)
	n, _ := w.Dims()
	for i := range n {
		row := w.RawRowView(i)
		for j, c := range row {
			row[j] = (g[j] - c/scale) / epsilon
		}
		sum := floats.LogSumExp(row)
		for j := range row {
			row[j] = math.Exp(row[j] - sum)
		}
	}
	return dense.Product(w, t.Target)
}

// classMass is a row a class, a column a target row: the power-p norm sums of the
// plan's entries.
func classMass(t adapt.Task, plan *mat.Dense, of func(v float64) float64) *mat.Dense {
	_, m := plan.Dims()
	out := mat.NewDense(t.Source.Classes, m, nil)
	for i, c := range t.Source.Labels {
		row := out.RawRowView(c)
		for j, v := range plan.RawRowView(i) {
			row[j] += of(v)
		}
	}
	return out
}

func powerClasses(t adapt.Task, cost *mat.Dense, plan *transport.Regularised, epsilon, eta float64) (*transport.Regularised, error) {
	for range outerSteps {
		mass := classMass(t, plan.Plan, func(v float64) float64 { return v })
		tilted := mat.DenseCopyOf(cost)
		for i, c := range t.Source.Labels {
			row, of := tilted.RawRowView(i), mass.RawRowView(c)
			for j := range row {
				row[j] += eta * lpPower * math.Pow(of[j]+lpFloor, lpPower-1)
			}
		}
		var err error
		if plan, err = entropicPlan(tilted, epsilon, innerSteps); err != nil {
			return nil, err
		}
	}
	return plan, nil
}

func groupClasses(t adapt.Task, cost *mat.Dense, plan *transport.Regularised, epsilon, eta float64) (*transport.Regularised, error) {
	objective := func(p *mat.Dense) float64 {
		var value float64
		n, _ := p.Dims()
		for i := range n {
			for j, v := range p.RawRowView(i) {
				value += v * cost.At(i, j)
				if v > 0 {
					value += epsilon * v * math.Log(v)
				}
			}
		}
		for _, v := range classMass(t, p, func(v float64) float64 { return v * v }).RawMatrix().Data {
			value += eta * math.Sqrt(v)
		}
		return value
	}
	current := objective(plan.Plan)
	for range outerSteps {
		norms := classMass(t, plan.Plan, func(v float64) float64 { return v * v })
		tilted := mat.DenseCopyOf(cost)
		for i, c := range t.Source.Labels {
			row, of, p := tilted.RawRowView(i), norms.RawRowView(c), plan.Plan.RawRowView(i)
			for j := range row {
				if of[j] > 0 {
					row[j] += eta * p[j] / math.Sqrt(of[j])
				}
			}
		}
		next, err := entropicPlan(tilted, epsilon, innerSteps)
		if err != nil {
			return nil, err
		}
		if next.Plan, current = lower(plan.Plan, next.Plan, current, objective); next.Plan == nil {
			break
		}
		plan = next
	}
	return plan, nil
}

// lower goes from one plan towards another, by halves of the way, until a convex objective is below its value; nil where
// it is not within a thousandth.
func lower(from, to *mat.Dense, value float64, objective func(p *mat.Dense) float64) (*mat.Dense, float64) {
	for step := 1.0; step > 1e-3; step /= 2 {
		var p mat.Dense
		p.Sub(to, from)
		p.Scale(step, &p)
		p.Add(&p, from)
		if v := objective(&p); v < value {
			return &p, v
		}
	}
	return nil, value
}

// propagated gives target rows the labels that the plan's mass brings, and fits the
// classifier on them.
func propagated(t adapt.Task, s option.Values, _ adapt.Head) (*adapt.Adapted, error) {
	cost := pairwise.Between(t.Source.X, t.Target)
	var plan *mat.Dense
	var warnings []string
	if epsilon := s.Float("epsilon"); epsilon > 0 {
		scale, err := costScale(cost, "median")
		if err != nil {
			return nil, err
		}
		cost.Scale(1/scale, cost)
		p, err := entropicPlan(cost, epsilon, innerSteps*outerSteps)
		if err != nil {
			return nil, err
		}
		if plan = p.Plan; !p.Converged {
			warnings = []string{fmt.Sprintf("the plan had not converged after %d iterations", p.Iterations)}
		}
	} else {
		var err error
		if plan, err = transport.Exact(cost); err != nil {
			return nil, err
		}
	}
	mass := classMass(t, plan, func(v float64) float64 { return v })
	labels := adapt.Predict(mat.DenseCopyOf(mass.T()))
	return &adapt.Adapted{Source: adapt.Labelled{X: t.Target, Labels: labels, Classes: t.Source.Classes}, Target: t.Target,
		MapSource: identity, Map: identity, Warnings: warnings}, nil
}

func init() {
	epsilon := option.Option{Name: "epsilon", Doc: "entropic regularisation, in units of the normalised squared distance; large ones move all rows to the target's mean", Kind: option.Float, Default: 0.1, Min: 1e-6, Max: 1e6}
	citation := "Courty et al., Optimal transport for domain adaptation, 2017"
	adapt.Adapters.Add("emd", adapt.AdapterInfo{
		Name: "emd", Doc: "source rows moved by the exact optimal transport plan between the samples", Citation: citation,
		Adapt: exactTransport,
	})
	adapt.Adapters.Add("sinkhorn", adapt.AdapterInfo{
		Name: "sinkhorn", Doc: "source rows moved by an entropic transport plan, plain or regularised by class", Citation: citation,
		Options: []option.Option{epsilon,
			{Name: "normalise", Doc: "what squared distances are divided by", Kind: option.Choice, Default: "median", Choices: []string{"median", "mean", "max", "none"}},
			{Name: "classes", Doc: "none; l1lp: each target row takes mass of few classes; group: the same by a group lasso", Kind: option.Choice, Default: "none", Choices: []string{"none", "l1lp", "group"}},
			{Name: "eta", Doc: "weight of the class term", Kind: option.Float, Default: 0.1, Min: 0, Max: 1e6},
			{Name: "iterations", Doc: "of the plain plan at most", Kind: option.Int, Default: 1000, Min: 1, Max: 1000000}},
		Grid:  []option.Values{{"epsilon": 0.05}, {"epsilon": 0.1}, {"epsilon": 0.5}, {"epsilon": 1.0}},
		Adapt: entropicTransport,
	})
	epsilon.Doc, epsilon.Default, epsilon.Min = "entropic regularisation; 0: the exact plan", 0.0, 0
	adapt.Adapters.Add("ot-labels", adapt.AdapterInfo{
		Name: "ot-labels", Doc: "target rows take the labels that a transport plan brings, and the classifier is fitted on them",
		Citation: "Redko et al., Optimal transport for multi-source domain adaptation under target shift, 2019",
		Options:  []option.Option{epsilon},
		Grid:     []option.Values{{"epsilon": 0.0}, {"epsilon": 0.1}, {"epsilon": 1.0}},
		Adapt:    propagated,
	})
}
