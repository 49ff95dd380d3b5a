package adapters

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/pairwise"
	"github.com/venn-adapt/venn/internal/toy"
)

// slowSpreading solves (I - alpha S) F = Y by elimination over a dense graph.
func slowSpreading(task adapt.Task, k int, alpha, gamma float64, mass bool) *mat.Dense {
	x := task.Stacked()
	total, _ := x.Dims()
	n, _ := task.Source.X.Dims()
	near := make([][]int, total)
	var squares []float64
	for i := range total {
		var order []int
		for j := range total {
			if j != i {
				order = append(order, j)
			}
		}
		distance := func(j int) float64 { return squaredDistance(x.RawRowView(i), x.RawRowView(j)) }
		slices.SortStableFunc(order, func(a, b int) int {
			if distance(a) < distance(b) {
				return -1
			} else if distance(a) > distance(b) {
				return 1
			}
			return 0
		})
		near[i] = order[:min(k, len(order))]
		for _, j := range near[i] {
			squares = append(squares, distance(j))
		}
	}
	if gamma == 0 {
		slices.Sort(squares)
		half := len(squares) / 2
		median := squares[half]
		if len(squares)%2 == 0 {
			median = (squares[half-1] + squares[half]) / 2
		}
		gamma = 1 / (2 * median)
	}
	w, degree := mat.NewDense(total, total, nil), make([]float64, total)
	for i := range total {
		for j := range total {
			if slices.Contains(near[i], j) || slices.Contains(near[j], i) {
				w.Set(i, j, math.Exp(-gamma*squaredDistance(x.RawRowView(i), x.RawRowView(j))))
				degree[i] += w.At(i, j)
			}
		}
	}
	system, y := mat.NewDense(total, total, nil), mat.NewDense(total, task.Source.Classes, nil)
	for i := range total {
		for j := range total {
			system.Set(i, j, -alpha*w.At(i, j)/math.Sqrt(degree[i]*degree[j]))
		}
		system.Set(i, i, 1+system.At(i, i))
		if i < n {
			y.Set(i, task.Source.Labels[i], 1)
		}
	}
	var f mat.Dense
	if err := f.Solve(system, y); err != nil {
		panic(err)
	}
	out := mat.DenseCopyOf(f.Slice(n, total, 0, task.Source.Classes))
	if mass {
		for c := range task.Source.Classes {
			var sum, size float64
			for i := range total - n {
				sum += out.At(i, c)
			}
			for _, label := range task.Source.Labels {
				if label == c {
					size++
				}
			}
			for i := range total - n {
				if sum > 0 {
					out.Set(i, c, out.At(i, c)*size/sum)
				}
			}
		}
	}
	for i := range total - n {
		var sum float64
		for c := range task.Source.Classes {
			sum += out.At(i, c)
		}
		for c := range task.Source.Classes {
			out.Set(i, c, out.At(i, c)/sum)
		}
	}
	return out
}

func TestSpreadingByElimination(t *testing.T) {
	task := shifted(3, 11, 14, 2)
	task.Source.Classes = 3 // the last has no rows
	task.Source.Labels[3] = 0
	for _, tt := range []struct {
		k            int
		alpha, gamma float64
		mass         string
	}{{3, 0.9, 0, "source"}, {5, 0.5, 0.8, "source"}, {4, 0.99, 0, "none"}, {100, 0.7, 0.3, "source"}, {3, 0, 0, "none"}} {
		if tt.alpha == 0 {
			continue
		}
		a := mustAdapt(t, "label-spreading", task, option.Values{"neighbours": tt.k, "alpha": tt.alpha, "gamma": tt.gamma, "mass": tt.mass})
		toy.Near(t, fmt.Sprint(tt), a.Probabilities, slowSpreading(task, tt.k, tt.alpha, tt.gamma, tt.mass == "source"), 1e-7)
		if a.Warnings != nil {
			t.Errorf("%v: warnings %q", tt, a.Warnings)
		}
	}
}

// Target rows of a part without labels have equal probabilities of the classes that have rows; the others are certain.
func TestSpreadingWithoutReach(t *testing.T) {
	task := adapt.Task{Source: adapt.Labelled{X: toy.Column(0, 0.1, 1, 1.1), Labels: []int{0, 0, 2, 2}, Classes: 3}, Target: toy.Column(0.05, 100, 100.1, 1.05)}
	for _, mass := range []string{"source", "none"} {
		a := mustAdapt(t, "label-spreading", task, option.Values{"neighbours": 1, "gamma": 1.0, "mass": mass})
		if want := mat.NewDense(4, 3, []float64{1, 0, 0, 0.5, 0, 0.5, 0.5, 0, 0.5, 0, 0, 1}); !mat.EqualApprox(a.Probabilities, want, 1e-9) || fmt.Sprint(a.Warnings) != "[2 of 4 target rows are in a part of the graph without labels]" {
			t.Errorf("%s: %v, %q", mass, mat.Formatted(a.Probabilities), a.Warnings)
		}
	}
	task.Target = toy.Column(0.05, 1000, 1.05) // so far that its weights are 0
	a := mustAdapt(t, "label-spreading", task, option.Values{"neighbours": 1, "gamma": 1.0})
	if a.Probabilities.At(1, 0) != 0.5 || fmt.Sprint(a.Warnings) != "[1 of 3 target rows are in a part of the graph without labels]" {
		t.Errorf("one row: %v, %q", mat.Formatted(a.Probabilities), a.Warnings)
	}
	task.Source.X, task.Source.Labels = toy.Column(0, 0.1, 1, 1.05), []int{0, 0, 0, 2} // a class of one row
	a = mustAdapt(t, "label-spreading", task, option.Values{"neighbours": 1, "gamma": 1.0})
	if a.Probabilities.At(1, 2) != 0.5 {
		t.Errorf("a class of one row: %v", mat.Formatted(a.Probabilities))
	}
	// Equal rows: the median distance is 0, gamma is 1 and every edge 1.
	g := affinity(toy.Column(5, 5, 5), 2, 0)
	for i, row := range g {
		if len(row) != 2 || !(math.Abs(row[0].Weight-0.5) <= 1e-12) || !(math.Abs(row[1].Weight-0.5) <= 1e-12) {
			t.Errorf("row %d: %v", i, row)
		}
	}
	g = affinity(toy.Column(5, 5, 5, 7), 2, 0) // gamma 1: the far row's two edges weigh exp(-4)
	near := math.Exp(-4) / math.Sqrt(2*math.Exp(-4)*(2+math.Exp(-4)))
	if len(g[3]) != 2 || !(math.Abs(g[3][0].Weight-near) <= 1e-12) {
		t.Errorf("far row: %v, want %v", g[3], near)
	}
	for _, tt := range []struct{ values, want []float64 }{{[]float64{3, 1, 2}, []float64{2}}, {[]float64{4, 1, 3, 2}, []float64{2.5}}, {nil, []float64{0}}, {[]float64{9}, []float64{9}}} {
		toy.Close(t, "median", []float64{medianOf(tt.values)}, tt.want, 0)
	}
}

// A graph whose matrix is not positive definite is never solved.
func TestConjugateGradientsGiveUp(t *testing.T) {
	bad := [][]pairwise.Edge{{{Column: 1, Weight: math.NaN()}}, {{Column: 0, Weight: 1}}}
	if _, err := conjugateGradients(bad, 0.5, []float64{1, 0}); err == nil || err.Error() != "10000 conjugate gradients did not solve for 2 rows at alpha 0.5: lower alpha" {
		t.Errorf("error %v", err)
	}
	// The size of the right side changes nothing: 1e-6 times it has 1e-6 times the solution.
	graph := affinity(toy.Random(1, 12, 2), 3, 0)
	large, small := make([]float64, 12), make([]float64, 12)
	large[0], large[5], small[0], small[5] = 1, 2, 1e-6, 2e-6
	whole, err := conjugateGradients(graph, 0.99, large)
	if err != nil {
		t.Fatal(err)
	}
	part, err := conjugateGradients(graph, 0.99, small)
	if err != nil {
		t.Fatal(err)
	}
	for i := range part {
		if !(math.Abs(part[i]*1e6-whole[i]) <= 1e-7*(1+math.Abs(whole[i]))) {
			t.Errorf("row %d: %v and %v", i, part[i], whole[i])
		}
	}
	// What is left, of |b|, is 1e-10 at the most.
	for seed := range uint64(40) {
		x := toy.Random(seed, 60, 3)
		graph, b := affinity(x, 5, 0), mat.Col(nil, 0, x)
		f, err := conjugateGradients(graph, 0.9, b)
		if err != nil {
			t.Fatal(err)
		}
		left := slices.Clone(b)
		for i, row := range graph {
			left[i] -= f[i]
			for _, e := range row {
				left[i] += 0.9 * e.Weight * f[e.Column]
			}
		}
		if share := floats.Norm(left, 2) / floats.Norm(b, 2); !(share <= 1.001e-10) {
			t.Errorf("seed %d: %v of the right side is left", seed, share)
		}
	}
	f, err := conjugateGradients([][]pairwise.Edge{{{Column: 1, Weight: 1}}, {{Column: 0, Weight: 1}}}, 0.5, []float64{1, 0}) // 1/(1 - a^2), a/(1 - a^2)
	if err != nil {
		t.Fatal(err)
	}
	toy.Close(t, "solution", f, []float64{4. / 3, 2. / 3}, 1e-9)
}
