package adapt

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/stream"
)

// A basis holds Gaussian bumps at target rows, in which both direct estimates of
// the density ratio are sums.
type basis struct {
	centres *mat.Dense
	gamma   float64
}

func (b basis) at(x *mat.Dense) *mat.Dense { return gaussian(x, b.centres, b.gamma) }

// centresOf draws at most so many target rows.
func centresOf(t Task, most int) *mat.Dense {
	m, _ := t.Target.Dims()
	rows := stream.Permutation(stream.New(t.Seed, "ratio/centres"), m)[:min(m, most)]
	slices.Sort(rows)
	return takeRows(t.Target, rows)
}

func centresOption() option.Option {
	return option.Option{Name: "centres", Doc: "target rows, drawn by the seed, that carry the estimate", Kind: option.Int, Default: 100, Min: 1, Max: 10000}
}

// widths are factors of the median distance among which a kernel width is chosen.
var widths = []float64{0.25, 0.5, 1, 2, 4}

// kliep maximises the mean of log w over the target for w = sum a_l k(., c_l) with a >= 0
// and mean w over the source 1.
func kliep(t Task, s option.Values, _ Head) (*Adapted, error) {
	b := basis{centresOf(t, s.Int("centres")), s.Float("gamma")}
	if b.gamma == 0 {
		median := medianGamma(t.stacked(), t.Seed)
		best := math.Inf(-1)
		for _, w := range widths {
			b.gamma = median / (w * w)
			if score := kliepFolds(b, t); score > best {
				best, s = score, withFloat(s, "gamma", b.gamma)
			}
		}
		if math.IsInf(best, -1) {
			return nil, fmt.Errorf("no kernel width gives every target row a positive weight: the domains do not overlap")
		}
		b.gamma = s.Float("gamma")
	}
	alpha, _, err := kliepFit(b.at(t.Target), columnMeans(b.at(t.Source.X)), kliepGap, kliepSteps)
	if err != nil {
		return nil, err
	}
	return weighed(t, b.sum(t.Source.X, alpha))
}

// withFloat is a copy of the settings with one changed.
func withFloat(s option.Values, name string, v float64) option.Values {
	out := option.Values{}
	for k, old := range s {
		out[k] = old
	}
	out[name] = v
	return out
}

func (b basis) sum(x *mat.Dense, alpha []float64) []float64 {
	phi := b.at(x)
	n, _ := phi.Dims()
	out := make([]float64, n)
	for i := range out {
		out[i] = floats.Dot(phi.RawRowView(i), alpha)
	}
	return out
}

// kliepFolds is the mean held-out log weight over five folds of the target.
func kliepFolds(b basis, t Task) float64 {
	const folds = 5
	m, _ := t.Target.Dims()
	if m < folds {
		return 0
	}
	order := stream.Permutation(stream.New(t.Seed, "kliep/folds"), m)
	means := columnMeans(b.at(t.Source.X))
	var sum float64
	for f := range folds {
		var kept, held []int
		for i, r := range order {
			if i%folds == f {
				held = append(held, r)
			} else {
				kept = append(kept, r)
			}
		}
		alpha, _, err := kliepFit(b.at(takeRows(t.Target, kept)), means, kliepTrialGap, kliepTrials)
		if err != nil {
			return math.Inf(-1)
		}
		for _, w := range b.sum(takeRows(t.Target, held), alpha) {
			sum += math.Log(w) / float64(m)
		}
	}
	return sum
}

const (
	kliepGap      = 1e-5 // of the mean log weight to its maximum
	kliepSteps    = 20000
	kliepTrialGap = 1e-3 // while a width is chosen
	kliepTrials   = 500
	// farCentre is the share of the largest mean below which no source row is near a
	// centre; its bump could grow without bound.
	farCentre = 1e-12
)

// kliepFit maximises sum_j log(A a)_j subject to b'a = 1 and a >= 0, which in the shares
// s_l = b_l a_l is that of a mixture: each step multiplies a share by the mean over j of
// A_jl/b_l / (A a)_j and never falls. The largest of these factors less 1 bounds what
// the mean is short of.
func kliepFit(target *mat.Dense, means []float64, gap float64, steps int) (alpha []float64, objective float64, err error) {
	m, k := target.Dims()
	var near []int
	for l, b := range means {
		if b > farCentre*floats.Max(means) {
			near = append(near, l)
		}
	}
	scaled := mat.NewDense(m, max(1, len(near)), nil)
	for j := range m {
		for c, l := range near {
			scaled.Set(j, c, target.At(j, l)/means[l])
		}
	}
	if len(near) == 0 || mat.Norm(scaled, 1) == 0 {
		return nil, 0, fmt.Errorf("no source row is near any of %d target centres: raise the kernel's width", k)
	}
	shares, factors := make([]float64, len(near)), make([]float64, len(near))
	floats.AddConst(1/float64(len(near)), shares)
	for range steps {
		clear(factors)
		for j := range m {
			row := scaled.RawRowView(j)
			value := floats.Dot(row, shares)
			if value == 0 {
				return nil, 0, fmt.Errorf("target row %d is out of reach of all %d centres: raise the kernel's width", j, k)
			}
			floats.AddScaled(factors, 1/(value*float64(m)), row)
		}
		if floats.Max(factors) <= 1+gap {
			break
		}
		floats.Mul(shares, factors)
	}
	alpha = make([]float64, k)
	for c, l := range near {
		alpha[l] = shares[c] / means[l]
	}
	for j := range m {
		objective += math.Log(floats.Dot(target.RawRowView(j), alpha))
	}
	return alpha, objective, nil
}

// leastSquaresRatio fits p_t / (a p_t + (1-a) p_s) in the same basis by least squares with
// a ridge, (H + lambda I)^-1 h, negative weights cut to 0; a = 0 is uLSIF. Width and ridge
// minimise the held-out criterion over five folds.
func leastSquaresRatio(t Task, s option.Values, _ Head) (*Adapted, error) {
	b := basis{centres: centresOf(t, s.Int("centres"))}
	median := medianGamma(t.stacked(), t.Seed)
	gammas, lambdas := []float64{s.Float("gamma")}, []float64{s.Float("lambda")}
	if gammas[0] == 0 {
		gammas = nil
		for _, w := range widths {
			gammas = append(gammas, median/(w*w))
		}
	}
	if lambdas[0] == 0 {
		lambdas = []float64{1e-3, 1e-2, 1e-1, 1, 10}
	}
	alpha := s.Float("alpha")
	best := math.Inf(1)
	var theta []float64
	var gamma float64
	for _, g := range gammas {
		b.gamma = g
		source, target := b.at(t.Source.X), b.at(t.Target)
		for _, l := range lambdas {
			score, err := ratioFolds(source, target, alpha, l, t.Seed)
			if err != nil {
				return nil, err
			}
			if score < best {
				if theta, err = ratioFit(source, target, alpha, l); err != nil {
					return nil, err
				}
				best, gamma = score, g
			}
		}
	}
	b.gamma = gamma
	weights := b.sum(t.Source.X, theta)
	for i, w := range weights {
		weights[i] = math.Max(0, w)
	}
	return weighed(t, weights)
}

// ratioFit solves for the coefficients.
func ratioFit(source, target *mat.Dense, alpha, lambda float64) ([]float64, error) {
	n, k := source.Dims()
	m, _ := target.Dims()
	h := gram(source, true)
	h.ScaleSym((1-alpha)/float64(n), h)
	if alpha > 0 {
		g := gram(target, true)
		g.ScaleSym(alpha/float64(m), g)
		h.AddSym(h, g)
	}
	var chol mat.Cholesky
	if !chol.Factorize(ridged(h, lambda)) {
		return nil, fmt.Errorf("the least-squares matrix of %d centres is not positive definite; raise lambda", k)
	}
	theta := mat.NewVecDense(k, nil)
	if err := chol.SolveVecTo(theta, mat.NewVecDense(k, columnMeans(target))); err != nil {
		return nil, err
	}
	return theta.RawVector().Data, nil
}

// ratioFolds is the mean over five folds of the criterion alpha/2 E_t w^2 +
// (1-alpha)/2 E_s w^2 - E_t w on held-out rows, of weights cut to 0.
func ratioFolds(source, target *mat.Dense, alpha, lambda float64, seed uint64) (float64, error) {
	const folds = 5
	part := func(x *mat.Dense, purpose string, f int) (kept, held *mat.Dense) {
		n, _ := x.Dims()
		var in, out []int
		for i, r := range stream.Permutation(stream.New(seed, "ratio/folds", purpose), n) {
			if i%folds == f {
				out = append(out, r)
			} else {
				in = append(in, r)
			}
		}
		return takeRows(x, in), takeRows(x, out)
	}
	n, _ := source.Dims()
	m, _ := target.Dims()
	if min(n, m) < folds {
		return 0, nil
	}
	moments := func(phi *mat.Dense, theta []float64) (mean, square float64) {
		rows, _ := phi.Dims()
		for i := range rows {
			w := math.Max(0, floats.Dot(phi.RawRowView(i), theta))
			mean, square = mean+w/float64(rows), square+w*w/float64(rows)
		}
		return mean, square
	}
	var score float64
	for f := range folds {
		s, heldS := part(source, "source", f)
		t, heldT := part(target, "target", f)
		theta, err := ratioFit(s, t, alpha, lambda)
		if err != nil {
			return 0, err
		}
		_, onSource := moments(heldS, theta)
		mean, onTarget := moments(heldT, theta)
		score += (alpha/2*onTarget + (1-alpha)/2*onSource - mean) / folds
	}
	return score, nil
}

func init() {
	gamma := gammaOption()
	gamma.Doc = "of the Gaussian bumps exp(-gamma |x-c|^2); 0: chosen by held-out likelihood"
	Adapters.Add("kliep", AdapterInfo{
		Name:     "kliep",
		Doc:      "weights from the density ratio that is likeliest on the target",
		Citation: "Sugiyama et al., Direct importance estimation with model selection and its application to covariate shift adaptation, 2008",
		Options:  []option.Option{gamma, centresOption()},
		Adapt:    kliep,
	})
	gamma.Doc = "of the Gaussian bumps exp(-gamma |x-c|^2); 0: chosen by the held-out criterion"
	Adapters.Add("ulsif", AdapterInfo{
		Name:     "ulsif",
		Doc:      "weights from a least-squares density ratio; alpha above 0 is relative (RuLSIF) and bounded by 1/alpha",
		Citation: "Kanamori, Hido and Sugiyama, A least-squares approach to direct importance estimation, 2009; Yamada et al., 2013",
		Options: []option.Option{gamma, centresOption(),
			{Name: "lambda", Doc: "ridge; 0: chosen by the held-out criterion", Kind: option.Float, Default: 0.0, Min: 0, Max: 1e9},
			{Name: "alpha", Doc: "share of the target in the denominator", Kind: option.Float, Default: 0.0, Min: 0, Max: 0.99}},
		Grid:  []option.Values{{"alpha": 0.0}, {"alpha": 0.1}, {"alpha": 0.5}},
		Adapt: leastSquaresRatio,
	})
}
