package disentanglement

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"github.com/venn-adapt/venn/metrics"
)

// A Spread describes a code without factors.
type Spread struct {
	// TotalCorrelation is (sum ln C_ii - ln det C)/2 of the covariance (n - 1), nats: 0 for uncorrelated columns,
	// +Inf for a singular one.
	TotalCorrelation float64
	// Wasserstein is 2 tr C - 2 tr (D^1/2 C D^1/2)^1/2, D the diagonal of C: the distance to uncorrelated
	// columns; WassersteinShare divides it by tr C.
	Wasserstein, WassersteinShare float64
	EffectiveRank                 float64 // exp of the entropy of the eigenvalues' shares
	Participation                 float64 // (tr C)^2 / tr C^2
	TotalVariance                 float64
}

// SpreadOf measures it; low ranks show a collapsed code. It fails on fewer than 2 rows, values that are not finite and
// rows that are all equal. Time O(n k^2 + k^3). O. Roy and M. Vetterli (2007) for the effective
// rank.
func SpreadOf(codes *mat.Dense) (Spread, error) {
	n, k := codes.Dims()
	if err := metrics.CheckFinite("spread", codes); err != nil {
		return Spread{}, err
	}
	if n < 2 || metrics.Constant(codes) {
		return Spread{}, fmt.Errorf("metrics: spread: %d rows, want at least 2 that differ", n)
	}
	var c mat.SymDense
	stat.CovarianceMatrix(&c, codes, nil)
	scaled := mat.NewSymDense(k, nil)
	var s Spread
	var logs float64
	for i := range k {
		s.TotalVariance += c.At(i, i)
		logs += math.Log(c.At(i, i))
		for j := range i + 1 {
			scaled.SetSym(i, j, math.Sqrt(c.At(i, i)*c.At(j, j))*c.At(i, j))
		}
	}
	values, ok := eigenvalues(&c)
	roots, also := eigenvalues(scaled)
	if !ok || !also {
		return Spread{}, fmt.Errorf("metrics: spread: eigenvalues of %d columns did not converge", k)
	}
	var square, entropy float64
	singular := false
	for _, v := range values {
		square += v * v
		if p := v / s.TotalVariance; p > 0 {
			entropy -= p * math.Log(p)
		}
		singular = singular || v <= 1e-13*values[k-1]
		logs -= math.Log(math.Max(v, math.SmallestNonzeroFloat64))
	}
	s.TotalCorrelation = logs / 2
	if singular {
		s.TotalCorrelation = math.Inf(1)
	}
	var trace float64
	for _, v := range roots {
		trace += math.Sqrt(math.Max(0, v))
	}
	s.Wasserstein = 2*s.TotalVariance - 2*trace
	s.WassersteinShare = s.Wasserstein / s.TotalVariance
	s.EffectiveRank, s.Participation = math.Exp(entropy), s.TotalVariance*s.TotalVariance/square
	return s, nil
}

// eigenvalues of a covariance, in rising order. Where gonum's solver panics, as v0.17 does on some
// matrices with rows of zeros (its Dsterf scales a block that has vanished), those rows, which give
// eigenvalues of 0, are left out.
func eigenvalues(c *mat.SymDense) (values []float64, ok bool) {
	if values, ok = factorized(c); ok {
		return values, true
	}
	k := c.SymmetricDim()
	var kept []int
	for i := range k {
		if c.At(i, i) > 0 {
			kept = append(kept, i)
		}
	}
	if len(kept) == 0 {
		return nil, false
	}
	var part mat.SymDense
	part.SubsetSym(c, kept)
	if values, ok = factorized(&part); !ok {
		return nil, false
	}
	values = append(values, make([]float64, k-len(kept))...)
	slices.Sort(values)
	return values, true
}

func factorized(c mat.Symmetric) (values []float64, ok bool) {
	defer func() {
		if recover() != nil {
			values, ok = nil, false
		}
	}()
	var e mat.EigenSym
	if !e.Factorize(c, false) {
		return nil, false
	}
	return e.Values(nil), true
}
