package adapters

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/dense"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/rows"
	"github.com/venn-adapt/venn/internal/stream"
)

// kliep maximises the mean of log w over the target for w = sum a_l k(., c_l) with a >= 0
// and mean w over the source 1.
func kliep(t adapt.Task, s option.Values, _ adapt.Head) (*adapt.Adapted, error) {
	b := basis{centresOf(t, s.Int("centres")), s.Float("gamma")}
	if b.gamma == 0 {
		var chosen float64
		median := medianGamma(t.Stacked(), t.Seed)
		best := math.Inf(-1)
		for _, w := range widths {
			b.gamma = median / (w * w)
			if score := kliepFolds(b, t); score > best {
				best, chosen = score, b.gamma
			}
		}
		if math.IsInf(best, -1) {
			return nil, fmt.Errorf("no kernel width gives every target row a positive weight: the domains do not overlap")
		}
		b.gamma = chosen
	}
	alpha, err := kliepFit(b.at(t.Target), dense.ColumnMeans(b.at(t.Source.X)), kliepGap, kliepSteps)
	if err != nil {
		return nil, err
	}
	return weighed(t, b.sum(t.Source.X, alpha))
}

// kliepFolds is the mean held-out log weight over five folds of the target.
func kliepFolds(b basis, t adapt.Task) float64 {
	const folds = 5
	m, _ := t.Target.Dims()
	if m < folds {
		return 0
	}
	order := stream.Permutation(stream.New(t.Seed, "kliep/folds"), m)
	means := dense.ColumnMeans(b.at(t.Source.X))
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
		alpha, err := kliepFit(b.at(rows.Take(t.Target, kept)), means, kliepTrialGap, kliepTrials)
		if err != nil {
			return math.Inf(-1)
		}
		for _, w := range b.sum(rows.Take(t.Target, held), alpha) {
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
func kliepFit(target *mat.Dense, means []float64, gap float64, steps int) (alpha []float64, err error) {
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
	if mat.Norm(scaled, 1) == 0 {
		return nil, fmt.Errorf("no source row is near any of %d target centres: raise the kernel's width", k)
	}
	shares, factors := make([]float64, len(near)), make([]float64, len(near))
	floats.AddConst(1/float64(len(near)), shares)
	for range steps {
		clear(factors)
		for j := range m {
			row := scaled.RawRowView(j)
			value := floats.Dot(row, shares)
			if value == 0 {
				return nil, fmt.Errorf("target row %d is out of reach of all %d centres: raise the kernel's width", j, k)
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
	return alpha, nil
}

func init() {
	gamma := gammaOption()
	gamma.Doc = "of the Gaussian bumps exp(-gamma |x-c|^2); 0: chosen by held-out likelihood"
	adapt.Adapters.Add("kliep", adapt.AdapterInfo{
		Name:     "kliep",
		Doc:      "weights from the density ratio that is likeliest on the target",
		Citation: "Sugiyama et al., Direct importance estimation with model selection and its application to covariate shift adaptation, 2008",
		Options:  []option.Option{gamma, centresOption()},
		Adapt:    kliep,
	})
	gamma.Doc = "of the Gaussian bumps exp(-gamma |x-c|^2); 0: chosen by the held-out criterion"
	adapt.Adapters.Add("ulsif", adapt.AdapterInfo{
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
