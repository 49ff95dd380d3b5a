package classifiers

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/dense"
	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/pairwise"
	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/internal/rows"
	"github.com/venn-adapt/venn/internal/svm"
)

// kernelMachine is a support vector machine, hinge loss and Gaussian or linear kernel,
// for each pair of classes. A row's class has most votes; a class's decision is its votes plus the sum s
// of its margins as s/(3(|s|+1)), which breaks ties. Probabilities are as
// linearMachine's.
type kernelMachine struct {
	settings option.Values
	base     fit
	fitted   pairMachine
	steep    float64
}

// A pairMachine holds support vectors with a column of coefficients for each pair.
type pairMachine struct {
	classes      int
	linear       bool
	gamma        float64 // of the Gaussian kernel
	vectors      *mat.Dense
	coefficients *mat.Dense // vectors x pairs, (0,1), (0,2), ... (1,2), ...
	rho          []float64
}

func (c *kernelMachine) Fit(train adapt.Labelled) error {
	f, r, err := newFit("svm", train, c.settings.String("standardise"))
	if err != nil {
		return err
	}
	linear, gamma := c.settings.String("kernel") == "linear", c.settings.Float("gamma")
	if gamma == 0 && !linear { // 1/(d var)
		n, d := r.x.Dims()
		data := r.x.RawMatrix().Data[:n*d]
		mean := floats.Sum(data) / float64(n*d)
		var square float64
		for _, v := range data {
			off := v - mean
			square += off * off
		}
		if square == 0 {
			return fmt.Errorf("adapt: svm: all %d x %d values are equal", n, d)
		}
		gamma = float64(n) / square
	}
	classes := len(f.present)
	steep, err := steepness(r, classes, func(part *training) (func(*mat.Dense) *mat.Dense, error) {
		m, err := c.machine(part, pairMachine{classes: classes, linear: linear, gamma: gamma})
		return m.decisions, err
	})
	if err != nil {
		return err
	}
	m, err := c.machine(r, pairMachine{classes: classes, linear: linear, gamma: gamma})
	if err != nil {
		return err
	}
	c.base, c.fitted, c.steep = f, m, steep
	return nil
}

// kernel between rows.
func (m pairMachine) kernel(x, y *mat.Dense) *mat.Dense {
	if !m.linear {
		return pairwise.Gaussian(x, y, m.gamma)
	}
	n, _ := x.Dims()
	k, _ := y.Dims()
	out := mat.NewDense(n, k, nil)
	kernels.Gemm(dense.View(out), dense.View(x), dense.View(y).T(), false)
	return out
}

// machine fits every pair of classes; m says how many and by which kernel.
func (c *kernelMachine) machine(r *training, m pairMachine) (pairMachine, error) {
	classes := m.classes
	members := make([][]int, classes)
	for i, k := range r.labels {
		members[k] = append(members[k], i)
	}
	pairs := [][2]int{}
	for a := range classes {
		for b := a + 1; b < classes; b++ {
			pairs = append(pairs, [2]int{a, b})
		}
	}
	n := len(r.labels)
	coefficients := mat.NewDense(n, len(pairs), nil)
	rho, errs := make([]float64, len(pairs)), make([]error, len(pairs))
	parallel.For(len(pairs), func(p int) {
		a, b := members[pairs[p][0]], members[pairs[p][1]]
		both := append(append([]int(nil), a...), b...)
		x := rows.Take(r.x, both)
		y, cost := make([]float64, len(both)), make([]float64, len(both))
		for i, row := range both {
			y[i], cost[i] = 1, c.settings.Float("c")*r.weight(row)
			if i >= len(a) {
				y[i] = -1
			}
		}
		var alpha []float64
		if alpha, rho[p], errs[p] = svm.FitKernel(m.kernel(x, x).RawMatrix().Data, y, cost); errs[p] != nil {
			return
		}
		for i, row := range both {
			coefficients.Set(row, p, y[i]*alpha[i])
		}
	})
	for _, err := range errs {
		if err != nil {
			return pairMachine{}, fmt.Errorf("adapt: svm: %w", err)
		}
	}
	var support []int
	for i := range n {
		if floats.Norm(coefficients.RawRowView(i), math.Inf(1)) > 0 {
			support = append(support, i)
		}
	}
	m.vectors, m.coefficients, m.rho = rows.Take(r.x, support), rows.Take(coefficients, support), rho
	return m, nil
}

// queryStrip rows are decided at a time, which bounds the kernel's memory.
const queryStrip = 2048

func (m pairMachine) decisions(x *mat.Dense) *mat.Dense {
	n, d := x.Dims()
	out := mat.NewDense(n, m.classes, nil)
	for lo := 0; lo < n; lo += queryStrip {
		hi := min(n, lo+queryStrip)
		values := dense.Product(m.kernel(mat.DenseCopyOf(x.Slice(lo, hi, 0, d)), m.vectors), m.coefficients)
		for i := lo; i < hi; i++ {
			votes, margins := out.RawRowView(i), make([]float64, m.classes)
			p := 0
			for a := range m.classes {
				for b := a + 1; b < m.classes; b++ {
					v := values.At(i-lo, p) - m.rho[p]
					margins[a], margins[b] = margins[a]+v, margins[b]-v
					if v > 0 {
						votes[a]++
					} else {
						votes[b]++
					}
					p++
				}
			}
			for k, s := range margins {
				votes[k] += s / (3 * (math.Abs(s) + 1))
			}
		}
	}
	return out
}

func (c *kernelMachine) Probabilities(x *mat.Dense) (*mat.Dense, error) {
	z, err := c.base.query(x)
	if err != nil {
		return nil, err
	}
	return c.base.spread(softmaxOf(c.fitted.decisions(z), c.steep)), nil
}

func init() {
	var grid []option.Values
	for _, c := range []float64{1, 10, 0.1, 100} {
		for _, g := range []float64{0, 1e-3, 1e-2, 1e-1} {
			grid = append(grid, option.Values{"c": c, "gamma": g})
		}
	}
	adapt.Classifiers.Add("svm", adapt.ClassifierInfo{
		Name:     "svm",
		Doc:      "support vector machines for every pair of classes, hinge loss, Gaussian or linear kernel, by votes",
		Citation: "Chang and Lin, LIBSVM: a library for support vector machines, 2011",
		Options: []option.Option{costOption(),
			{Name: "kernel", Doc: "rbf is Gaussian", Kind: option.Choice, Default: "rbf", Choices: []string{"rbf", "linear"}},
			{Name: "gamma", Doc: "of the kernel exp(-gamma |x-y|^2) of rbf; 0: 1 over columns times the variance of all values", Kind: option.Float, Default: 0.0, Min: 0, Max: 1e9},
			standardise("source")},
		Grid: grid,
		New:  func(s option.Values) adapt.Classifier { return &kernelMachine{settings: s} },
	})
}
