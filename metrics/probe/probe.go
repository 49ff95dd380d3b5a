// Package probe asks how much of a label or of a number can be read off codes: a classifier or a
// regression is fitted on some rows and scored on others that it never saw.
//
// A probe at chance does not show absence: the strongest probe that was tried counts.
package probe

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/logistic"
	"github.com/venn-adapt/venn/internal/perceptron"
	"github.com/venn-adapt/venn/internal/rows"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/internal/zscore"
)

// A Kind is a class of probes.
type Kind int

// The kinds.
const (
	Linear     Kind = iota // multinomial logistic regression, penalty by cross-validation
	Neighbours             // shares among the 5 nearest training rows, ties in equal parts: what no line shows
	Network                // perceptron of two hidden layers of 128 units: the same of many columns
	kinds                  // their number
)

// Kinds is the number of kinds.
const Kinds = int(kinds)

const (
	nearest = 5
	folds   = 5
	// Changes of a logit by the last step at which a fit ends: its probabilities are within half of that of the
	// optimum's. Ranking penalties asks for less.
	fitTolerance, rankTolerance = 1e-4, 1e-3
)

// lambdas are the penalties among which cross-validation chooses, strongest first, which wins ties.
var lambdas = []float64{1, 1e-1, 1e-2, 1e-3, 1e-4}

// Halves cuts n rows at random in two: those to train on and those held out, from the stream
// (seed, probe).
func Halves(n int, seed uint64) (train, test []int) {
	order := stream.Permutation(stream.New(seed, "probe"), n)
	return order[:n/2], order[n/2:]
}

// Pick copies labels.
func Pick(labels, indices []int) []int {
	out := make([]int, len(indices))
	for i, from := range indices {
		out[i] = labels[from]
	}
	return out
}

// Probabilities fits the probe on train (n x d, labels in [0, classes)) and returns the class probabilities of
// the rows of test. Columns are z-scored with training figures and constant ones dropped; where none varies,
// every row gets the training shares. It fails where a fit does not converge, and on fewer training
// rows than the probe needs.
func (k Kind) Probabilities(train *mat.Dense, labels []int, classes int, test *mat.Dense) ([][]float64, error) {
	m, _ := test.Dims()
	if len(labels) < 2*folds {
		return nil, fmt.Errorf("metrics: probe: %d training rows, want at least %d", len(labels), 2*folds)
	}
	out := make([][]float64, m)
	scale := zscore.Learn(train)
	if len(scale.Columns) == 0 {
		shares := make([]float64, classes)
		for _, c := range labels {
			shares[c] += 1 / float64(len(labels))
		}
		for i := range out {
			out[i] = shares
		}
		return out, nil
	}
	x, z := scale.Apply(train), scale.Apply(test)
	var p *mat.Dense
	switch k {
	case Neighbours:
		for i := range out {
			out[i] = make([]float64, classes)
		}
		neighbourShares(z, x, nearest, func(i, row int, share float64) { out[i][labels[row]] += share })
		return out, nil
	case Network:
		net, err := fitNetwork(perceptron.Rows{X: x, Labels: labels}, classes)
		if err != nil {
			return nil, err
		}
		p = net.Probabilities(z)
	default:
		model, err := fitLogistic(x, labels, classes)
		if err != nil {
			return nil, fmt.Errorf("metrics: probe: %w", err)
		}
		p = model.Probabilities(z)
	}
	for i := range out {
		out[i] = p.RawRowView(i)
	}
	return out, nil
}

// fitLogistic fits at the penalty of least held-out log loss.
func fitLogistic(x *mat.Dense, labels []int, classes int) (*logistic.Model, error) {
	lambda, err := chooseLambda(x, labels, classes)
	if err != nil {
		return nil, err
	}
	return logistic.Fit(x, labels, classes, logistic.Settings{Lambda: lambda, Tolerance: fitTolerance})
}

// chooseLambda returns the penalty of least held-out log loss over five folds.
func chooseLambda(x *mat.Dense, labels []int, classes int) (float64, error) {
	losses := make([]float64, len(lambdas))
	for fold := range folds {
		in, out := foldOf(len(labels), fold)
		xi, yi, xo, yo := rows.Take(x, in), Pick(labels, in), rows.Take(x, out), Pick(labels, out)
		var model *logistic.Model
		ready := logistic.Prepare(xi)
		for l, lambda := range lambdas {
			var err error
			if model, err = ready.Fit(yi, classes, logistic.Settings{Lambda: lambda, Tolerance: rankTolerance, Start: model}); err != nil {
				return 0, err
			}
			p := model.Probabilities(xo)
			for i, c := range yo {
				losses[l] -= math.Log(math.Max(1e-15, p.At(i, c)))
			}
		}
	}
	best := 0
	for l, v := range losses {
		if v < losses[best] {
			best = l
		}
	}
	return lambdas[best], nil
}

// Predictions are the most probable classes, the lower among equals.
func Predictions(p [][]float64) []int {
	out := make([]int, len(p))
	for i, row := range p {
		for c, v := range row {
			if v > row[out[i]] {
				out[i] = c
			}
		}
	}
	return out
}

// Ridge fits y on train (n x d) by least squares with penalty |w|^2 on the sum of squares, columns z-scored and y
// centred with training figures, and returns the predictions of the rows of test. It fails where the normal
// equations are not positive definite. Time O(n d min(n, d) + min(n, d)^3).
func Ridge(train *mat.Dense, y []float64, penalty float64, test *mat.Dense) ([]float64, error) {
	n, _ := train.Dims()
	m, _ := test.Dims()
	var mean float64
	for _, v := range y {
		mean += v / float64(n)
	}
	out := make([]float64, m)
	for i := range out {
		out[i] = mean
	}
	scale := zscore.Learn(train)
	if len(scale.Columns) == 0 {
		return out, nil
	}
	x, z := scale.Apply(train), scale.Apply(test)
	centred := mat.NewVecDense(n, nil)
	for i, v := range y {
		centred.SetVec(i, v-mean)
	}
	w, err := ridgeWeights(x, centred, penalty)
	if err != nil {
		return nil, fmt.Errorf("metrics: ridge probe: %w", err)
	}
	var p mat.VecDense
	p.MulVec(z, w)
	for i := range out {
		out[i] += p.AtVec(i)
	}
	return out, nil
}

// ridgeWeights solves (x'x + penalty) w = x'y. With more columns than rows it solves (xx' + penalty) a = y, of as many
// equations as rows, and w is x'a: the same, since x'(xx' + penalty) = (x'x + penalty)x'.
func ridgeWeights(x *mat.Dense, y *mat.VecDense, penalty float64) (w *mat.VecDense, err error) {
	n, d := x.Dims()
	w = new(mat.VecDense)
	var gram mat.SymDense
	var right mat.Vector = y
	if d > n {
		gram.SymOuterK(1, x)
	} else {
		gram.SymOuterK(1, x.T())
		w.MulVec(x.T(), y)
		right = w
	}
	for j := range gram.SymmetricDim() {
		gram.SetSym(j, j, gram.At(j, j)+penalty)
	}
	var c mat.Cholesky
	if !c.Factorize(&gram) {
		return nil, fmt.Errorf("the normal equations of %d columns are not positive definite at penalty %g", d, penalty)
	}
	var solved mat.VecDense
	if err := c.SolveVecTo(&solved, right); err != nil {
		return nil, err
	}
	if d > n {
		w.MulVec(x.T(), &solved)
		return w, nil
	}
	return &solved, nil
}

// penalties are those among which ChosenRidge chooses, strongest first, which wins ties.
var penalties = []float64{1e4, 1e3, 1e2, 10, 1}

// ChosenRidge is Ridge with the penalty, of 1 to 10000, of the least squared error over five folds of the training rows. It
// fails as Ridge.
func ChosenRidge(train *mat.Dense, y []float64, test *mat.Dense) ([]float64, error) {
	errors := make([]float64, len(penalties))
	for fold := range folds {
		in, out := foldOf(len(y), fold)
		var known []float64
		for _, i := range in {
			known = append(known, y[i])
		}
		for l, penalty := range penalties {
			p, err := Ridge(rows.Take(train, in), known, penalty, rows.Take(train, out))
			if err != nil {
				return nil, err
			}
			for k, i := range out {
				errors[l] += (y[i] - p[k]) * (y[i] - p[k])
			}
		}
	}
	best := 0
	for l, e := range errors {
		if e < errors[best] {
			best = l
		}
	}
	return Ridge(train, y, penalties[best], test)
}

// foldOf are the rows of a fold and the others.
func foldOf(n, fold int) (in, out []int) {
	for i := range n {
		if i%folds == fold {
			out = append(out, i)
		} else {
			in = append(in, i)
		}
	}
	return in, out
}

// RSquared is 1 - SSE/SS of held-out values about the training mean; negative where the prediction is worse than
// that mean.
func RSquared(y, predicted []float64, trainingMean float64) float64 {
	var residual, total float64
	for i, v := range y {
		residual += (v - predicted[i]) * (v - predicted[i])
		total += (v - trainingMean) * (v - trainingMean)
	}
	if total == 0 {
		return 0
	}
	return 1 - residual/total
}
