package adapters

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/dense"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/pairwise"
	"github.com/venn-adapt/venn/internal/rows"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/internal/toy"
)

// kliepSlow is the coefficients of the likeliest sum of bumps: the shares of a mixture by EM, over the bumps' means on the source.
func kliepSlow(target, source, centres *mat.Dense, gamma, gap float64, steps int) []float64 {
	m, _ := target.Dims()
	n, _ := source.Dims()
	k, _ := centres.Dims()
	bump := func(x *mat.Dense, i, l int) float64 {
		return math.Exp(-gamma * squaredDistance(x.RawRowView(i), centres.RawRowView(l)))
	}
	share, b := make([]float64, k), make([]float64, k)
	for l := range k {
		share[l] = 1 / float64(k)
		for i := range n {
			b[l] += bump(source, i, l) / float64(n)
		}
	}
	for range steps {
		next := make([]float64, k)
		for j := range m {
			var w float64
			for l := range k {
				w += share[l] * bump(target, j, l) / b[l]
			}
			for l := range k {
				next[l] += share[l] * bump(target, j, l) / b[l] / w / float64(m)
			}
		}
		most := 0.0
		for l := range k {
			most = math.Max(most, next[l]/share[l])
		}
		if most <= 1+gap { // what the mean log is short of
			break
		}
		share = next
	}
	for l := range k {
		share[l] /= b[l]
	}
	return share
}

func sumOfBumps(x, centres *mat.Dense, gamma float64, alpha []float64) []float64 {
	n, _ := x.Dims()
	out := make([]float64, n)
	for i := range n {
		for l, a := range alpha {
			out[i] += a * math.Exp(-gamma*squaredDistance(x.RawRowView(i), centres.RawRowView(l)))
		}
	}
	return out
}

func meanLog(values []float64) (s float64) {
	for _, v := range values {
		s += math.Log(v) / float64(len(values))
	}
	return s
}

// heldFolds are the rows of five folds by a stream of the given names.
func heldFolds(seed uint64, n int, names ...any) [][]int {
	folds := make([][]int, 5)
	for i, r := range stream.Permutation(stream.New(seed, names...), n) {
		folds[i%5] = append(folds[i%5], r)
	}
	return folds
}

func others(n int, held []int) (kept []int) {
	for i := range n {
		if !slices.Contains(held, i) {
			kept = append(kept, i)
		}
	}
	return kept
}

// KLIEP's weights reach the likelihood of the mixture's EM run to its end, with mean 1 on the
// source; its width is the one whose held-out likelihood is highest.
func TestKliep(t *testing.T) {
	task := shifted(4, 30, 13, 2)
	centres := task.Target
	alpha := kliepSlow(task.Target, task.Source.X, centres, 0.5, 0, 3000)
	got := mustAdapt(t, "kliep", task, option.Values{"gamma": 0.5}).Source.Weights
	var mean float64
	for _, w := range got {
		mean += w / 30
	}
	fast, err := kliepFit(pairwise.Gaussian(task.Target, centres, 0.5), dense.ColumnMeans(pairwise.Gaussian(task.Source.X, centres, 0.5)), kliepGap, kliepSteps)
	if err != nil {
		t.Fatal(err)
	}
	best := 13 * meanLog(sumOfBumps(task.Target, centres, 0.5, alpha))
	reached := sumOfBumps(task.Target, centres, 0.5, fast)
	if objective := 13 * meanLog(reached); !(math.Abs(mean-1) <= 1e-9) || objective > best+1e-3 || objective < best-1e-3 {
		t.Errorf("mean weight %v, log-likelihood %v, want 1 and %v", mean, objective, best)
	}
	// The condition of the optimum: no centre's mean over the target of bump over weight is above its mean over the
	// source by more than 1e-5 of that.
	for l := range 13 {
		var factor, mean float64
		for j := range 13 {
			factor += math.Exp(-0.5*squaredDistance(task.Target.RawRowView(j), centres.RawRowView(l))) / reached[j] / 13
		}
		for i := range 30 {
			mean += math.Exp(-0.5*squaredDistance(task.Source.X.RawRowView(i), centres.RawRowView(l))) / 30
		}
		if !(factor/mean <= 1+1.001e-5) {
			t.Errorf("centre %d: factor %v, want 1 at the most", l, factor/mean)
		}
	}
	toy.Close(t, "weights", got, sumOfBumps(task.Source.X, centres, 0.5, fast), 1e-9)

	median := pairwise.Median(task.Stacked(), task.Seed)
	centres = centresOf(task, 5)
	highest, width := math.Inf(-1), 0.0
	for _, w := range []float64{0.25, 0.5, 1, 2, 4} {
		gamma := 1 / (2 * median * median * w * w)
		var slow float64
		for _, held := range heldFolds(task.Seed, 13, "kliep/folds") {
			a := kliepSlow(rows.Take(task.Target, others(13, held)), task.Source.X, centres, gamma, 1e-3, 500)
			slow += float64(len(held)) / 13 * meanLog(sumOfBumps(rows.Take(task.Target, held), centres, gamma, a))
		}
		if score := kliepFolds(basis{centres, gamma}, task); !(math.Abs(score-slow) <= 1e-6) {
			t.Errorf("width %v: held-out likelihood %v, want %v", w, score, slow)
		}
		if slow > highest {
			highest, width = slow, gamma
		}
	}
	if width == 1/(2*median*median*0.0625) {
		t.Fatal("the first width is best: the task proves nothing")
	}
	toy.Close(t, "chosen width", mustAdapt(t, "kliep", task, option.Values{"centres": 5}).Source.Weights, mustAdapt(t, "kliep", task, option.Values{"centres": 5, "gamma": width}).Source.Weights, 1e-12)
}

// Fewer target rows than folds: all widths are equal, the first is taken.
func TestKliepOfFewRows(t *testing.T) {
	task := shifted(4, 30, 4, 2)
	median := pairwise.Median(task.Stacked(), task.Seed)
	toy.Close(t, "weights", mustAdapt(t, "kliep", task, nil).Source.Weights, mustAdapt(t, "kliep", task, option.Values{"gamma": 1 / (2 * median * median * 0.0625)}).Source.Weights, 1e-12)
	if got := kliepFolds(basis{toy.Column(0), 1}, adapt.Task{Source: adapt.Labelled{X: toy.Column(0, 1)}, Target: toy.Column(0, 0.1, 0.2, 0.3, 1e3)}); !math.IsInf(got, -1) {
		t.Errorf("a row out of reach: %v", got)
	}
	five := shifted(4, 30, 5, 2)
	if got := kliepFolds(basis{five.Target, 0.5}, five); got == 0 {
		t.Error("five rows have five folds")
	}
}

// The three errors of KLIEP, and the centre that no source row is near.
func TestKliepOutOfReach(t *testing.T) {
	task := adapt.Task{Source: adapt.Labelled{X: toy.Column(0, 1, 2), Labels: []int{0, 1, 1}, Classes: 2}, Target: toy.Column(1e3, 1e3+1, 1e3+2)}
	if _, err := adaptBy(t, "kliep", task, option.Values{"gamma": 1.0}); err == nil || err.Error() != "no source row is near any of 3 target centres: raise the kernel's width" {
		t.Errorf("far domains: %v", err)
	}
	task.Target = toy.Column(0, 1e3, 1)
	if _, err := adaptBy(t, "kliep", task, option.Values{"gamma": 1.0}); err == nil || err.Error() != "target row 1 is out of reach of all 3 centres: raise the kernel's width" {
		t.Errorf("a far row: %v", err)
	}
	// Six target rows a hundred thousand widths away from twenty source rows, which are near each other.
	far := adapt.Task{Source: adapt.Labelled{X: mat.NewDense(20, 1, nil), Labels: make([]int, 20), Classes: 2}, Target: toy.Column(1e5, 1e5+1, 1e5+2, 1e5+3, 1e5+4, 1e5+5)}
	for i := range 20 {
		far.Source.X.Set(i, 0, float64(i)/20)
		far.Source.Labels[i] = i % 2
	}
	if _, err := adaptBy(t, "kliep", far, nil); err == nil || err.Error() != "no kernel width gives every target row a positive weight: the domains do not overlap" {
		t.Errorf("no width: %v", err)
	}
	// Of two centres the second has no source row near, so that all weight is on the first: a = 1/b.
	alpha, err := kliepFit(mat.NewDense(2, 2, []float64{0.5, 0.1, 0.25, 0.9}), []float64{0.2, 1e-14}, kliepGap, kliepSteps)
	if err != nil || !(math.Abs(alpha[0]-5) <= 1e-12) || alpha[1] != 0 {
		t.Errorf("alpha %v (%v)", alpha, err)
	}
	// A centre at 1.5e-12 of the largest mean is near enough.
	if alpha, err = kliepFit(mat.NewDense(2, 2, []float64{0.5, 0.1, 0.25, 0.9}), []float64{0.2, 3e-13}, kliepGap, kliepSteps); err != nil || !(alpha[1] > 0) {
		t.Errorf("alpha %v (%v)", alpha, err)
	}
	if _, err := kliepFit(mat.NewDense(1, 2, []float64{0, 0.9}), []float64{0.2, 1e-14}, kliepGap, kliepSteps); err == nil || err.Error() != "no source row is near any of 2 target centres: raise the kernel's width" {
		t.Errorf("no target row near the only centre with source rows: %v", err)
	}
}

// The options' lines say by what a width is chosen.
func TestWidthsAndRidges(t *testing.T) {
	if !slices.Equal(widths, []float64{0.25, 0.5, 1, 2, 4}) || !slices.Equal(ridges, []float64{0.001, 0.01, 0.1, 1, 10}) {
		t.Errorf("widths %v, ridges %v", widths, ridges)
	}
}

// Centres are at most as many target rows as asked for, drawn by the seed, in order.
func TestCentres(t *testing.T) {
	task := shifted(1, 10, 9, 1)
	draw := stream.Permutation(stream.New(1, "ratio/centres"), 9)[:4]
	slices.Sort(draw)
	if got := centresOf(task, 4); !mat.Equal(got, rows.Take(task.Target, draw)) {
		t.Errorf("centres %v, want rows %v", got, draw)
	}
	if got := centresOf(task, 20); !mat.Equal(got, task.Target) {
		t.Errorf("centres %v, want all rows", got)
	}
}
