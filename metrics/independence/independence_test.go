package independence

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
	"pgregory.net/rapid"

	"github.com/venn-adapt/venn/internal/pairwise"
	"github.com/venn-adapt/venn/internal/reference"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/metrics"
)

func TestReferenceHSIC(t *testing.T) {
	b := reference.Metrics(t)
	x, y, z := b.Matrix("X"), b.Matrix("Y"), b.Matrix("Z")
	b.Check("median.distance", "", pairwise.Median(x, 0))
	none := metrics.Settings{}
	b.Check("hsic.biased", "", reference.Must[metrics.Result](t)(HSIC(x, y, V, Widths{}, none)).Value)
	b.Check("hsic.unbiased", "", reference.Must[metrics.Result](t)(HSIC(x, y, U, Widths{}, none)).Value)
	b.Check("hsic.unbiased.null", "", reference.Must[metrics.Result](t)(HSIC(x, z, U, Widths{}, none)).Value)
	b.Check("hsic.unbiased.n8", "", reference.Must[metrics.Result](t)(HSIC(b.Matrix("x8"), b.Matrix("y8"), U, Widths{1, 1}, none)).Value)
}

func TestReferenceExactPermutation(t *testing.T) {
	b := reference.Metrics(t)
	x, y := b.Matrix("x8"), b.Matrix("y8")
	asked := metrics.Settings{Permutations: 99}
	r := reference.Must[metrics.Result](t)(HSIC(x, y, V, Widths{1, 1}, asked))
	b.Check("hsic.perm.exact8", "stat", r.Value)
	b.Check("hsic.perm.exact8", "p", *r.P)
	b.Check("hsic.perm.exact8", "perm_mean", stat.Mean(r.Null, nil))
	if r.Resamples != 40320 || r.Method != "exact permutation" {
		t.Errorf("%d resamples by %q, want all 40320", r.Resamples, r.Method)
	}
	// The mean of the unbiased form over all permutations is zero.
	if u := reference.Must[metrics.Result](t)(HSIC(x, y, U, Widths{1, 1}, asked)); !(math.Abs(stat.Mean(u.Null, nil)) <= 1e-15) {
		t.Errorf("mean of the unbiased null %g, want 0", stat.Mean(u.Null, nil))
	}
	d := reference.Must[metrics.Result](t)(DistanceCorrelation(x, y, V, asked))
	b.Check("dcov.perm.exact8", "p", *d.P)
	cov := reference.Must[DistanceStatistic](t)(DistanceCovariance(x, y, V, 0))
	b.Check("dcov.perm.exact8", "stat", cov.Covariance)
}

func TestReferenceGivenPermutations(t *testing.T) {
	b := reference.Metrics(t)
	k, l := newGram(b.Matrix("ta"), Gaussian, 1, 0, 0), newGram(b.Matrix("tb"), Gaussian, 1, 0, 0)
	var given [][]int
	for row := range slices.Chunk(b.Ints("perms24"), 24) {
		given = append(given, row)
	}
	under := newPermuter(k, l, V)
	observed, values := under.observed(), under.statistics(given)
	b.Check("hsic.perm.given", "stat", observed)
	b.Check("hsic.perm.given", "null_first3", values[:3]...)
	b.Check("hsic.perm.given", "p", metrics.PValue(observed, values, tolerance(observed, 0, 0, V), false))
}

func TestReferenceDistances(t *testing.T) {
	b := reference.Metrics(t)
	none := metrics.Settings{}
	for _, tt := range []struct{ id, x, y string }{
		{"dcor.dep", "X", "Y"}, {"dcor.ind", "X", "Z"}, {"dcor.wide", "W1", "W2"},
		{"dcor.1d", "u", "v"}, {"dcor.1d.ties", "ta", "tb"},
	} {
		x, y := b.Matrix(tt.x), b.Matrix(tt.y)
		v, u := reference.Must[DistanceStatistic](t)(DistanceCovariance(x, y, V, 0)), reference.Must[DistanceStatistic](t)(DistanceCovariance(x, y, U, 0))
		b.Check(tt.id, "dcov_sq", v.Covariance)
		b.Check(tt.id, "dvar_x_sq", v.VarianceX)
		b.Check(tt.id, "dvar_y_sq", v.VarianceY)
		b.Check(tt.id, "dcov_u", u.Covariance)
		b.Check(tt.id, "dcor", reference.Must[metrics.Result](t)(DistanceCorrelation(x, y, V, none)).Value)
		r := reference.Must[metrics.Result](t)(DistanceCorrelation(x, y, U, none)).Value
		b.Check(tt.id, "dcor_u", r)
		n, _ := x.Dims()
		b.Check(tt.id, "t", studentStatistic(r, float64(n)))
		b.Check(tt.id, "t_df", float64(n*(n-3)/2-1))
		b.Check(tt.id, "t_p", *reference.Must[metrics.Result](t)(correlation("t", U, StudentT).Measure(x, y, none)).P)
		b.Check(tt.id, "chi2_p", chiSquareP(r, float64(n)))
		if n >= 20 {
			b.Check(tt.id, "chi2_p", *reference.Must[metrics.Result](t)(correlation("chi2", U, ChiSquare).Measure(x, y, none)).P)
		}
	}
	rolled := roll(b.Matrix("W2"), 5)
	w1 := b.Matrix("W1")
	b.Check("wide.shuffled", "dcor", reference.Must[metrics.Result](t)(DistanceCorrelation(w1, rolled, V, none)).Value)
	b.Check("wide.shuffled", "dcor_u", reference.Must[metrics.Result](t)(DistanceCorrelation(w1, rolled, U, none)).Value)
	b.Check("wide.shuffled", "cka", reference.Must[metrics.Result](t)(CKA(w1, rolled, Linear, Widths{}, V, none)).Value)
	b.Check("wide.shuffled", "cka_debiased", reference.Must[metrics.Result](t)(CKA(w1, rolled, Linear, Widths{}, U, none)).Value)
	b.Check("dcor.exponent", "dcov_sq", reference.Must[DistanceStatistic](t)(DistanceCovariance(b.Matrix("X"), b.Matrix("Y"), V, 1.5)).Covariance)
	f := correlation("dcor-u", U, Permutation)
	f.Exponent = 1.5
	b.Check("dcor.exponent", "dcor_u", reference.Must[metrics.Result](t)(f.Measure(b.Matrix("X"), b.Matrix("Y"), none)).Value)
}

func roll(x *mat.Dense, by int) *mat.Dense {
	n, d := x.Dims()
	out := mat.NewDense(n, d, nil)
	for i := range n {
		out.SetRow(i, x.RawRowView((i+n-by)%n))
	}
	return out
}

func TestReferenceKernels(t *testing.T) {
	b := reference.Metrics(t)
	x, y, z := b.Matrix("X"), b.Matrix("Y"), b.Matrix("Z")
	none := metrics.Settings{}
	for part, k := range map[string]Kernel{"laplace": Laplace, "imq": InverseMultiquadric, "linear": Linear} {
		b.Check("hsic.kernels", part, reference.Must[metrics.Result](t)(Statistic{Name: part, X: k, Y: k}.Measure(x, y, none)).Value)
	}
	b.Check("hsic.delta", "", reference.Must[metrics.Result](t)(Statistic{Name: "label", Y: Delta}.Measure(x, b.Matrix("lab"), none)).Value)
	b.Check("hsic.biased.nm1", "", reference.Must[metrics.Result](t)(HSIC(x, y, V, Widths{}, none)).Value*40*40/39/39)
	b.Check("cka.linear", "", reference.Must[metrics.Result](t)(CKA(x, y, Linear, Widths{}, V, none)).Value)
	b.Check("cka.linear.debiased", "", reference.Must[metrics.Result](t)(CKA(x, y, Linear, Widths{}, U, none)).Value)
	b.Check("cka.rbf", "", reference.Must[metrics.Result](t)(CKA(x, y, Gaussian, Widths{}, V, none)).Value)
	b.Check("cka.rbf.debiased", "", reference.Must[metrics.Result](t)(CKA(x, y, Gaussian, Widths{}, U, none)).Value)
	b.Check("cka.wide", "biased", reference.Must[metrics.Result](t)(CKA(b.Matrix("W1"), b.Matrix("W2"), Linear, Widths{}, V, none)).Value)
	b.Check("cka.wide", "debiased", reference.Must[metrics.Result](t)(CKA(b.Matrix("W1"), b.Matrix("W2"), Linear, Widths{}, U, none)).Value)
	for id, other := range map[string]*mat.Dense{"dep": y, "ind": z} {
		f := Statistic{Name: "hsic"}
		k, l, _ := f.grams(x, other, none)
		m := newMoments(k, l)
		mean, variance := gammaMoments(k, l, m)
		n := 40.0
		b.Check("hsic.gamma."+id, "stat", n*m.covariance(V))
		b.Check("hsic.gamma."+id, "mean", mean)
		b.Check("hsic.gamma."+id, "var", variance)
		b.Check("hsic.gamma."+id, "shape", mean*mean/variance)
		b.Check("hsic.gamma."+id, "scale", n*variance/mean)
		mean, variance = spectralMoments(m)
		b.Check("hsic.spectral."+id, "null_mean", n*mean)
		b.Check("hsic.spectral."+id, "null_var", n*n*variance)
		for part, test := range map[string]Test{"hsic.gamma.": Gamma, "hsic.spectral.": SpectralGamma} {
			f.Test = test
			p := *reference.Must[metrics.Result](t)(f.Measure(x, other, none)).P
			b.Check(part+id, map[Test]string{Gamma: "p", SpectralGamma: "p_gamma"}[test], p)
		}
		f.Test = Spectral
		b.Check("hsic.spectral."+id, "p_imhof", *reference.Must[metrics.Result](t)(f.Measure(x, other, none)).P)
	}
}

// The exact moments over all permutations, from the enumeration of all 8!.
func TestPermutationMomentsAgainstEnumeration(t *testing.T) {
	b := reference.Metrics(t)
	k, l := newGram(b.Matrix("x8"), Gaussian, 1, 0, 0), newGram(b.Matrix("y8"), Gaussian, 1, 0, 0)
	r := reference.Must[metrics.Result](t)(HSIC(b.Matrix("x8"), b.Matrix("y8"), V, Widths{1, 1}, metrics.Settings{Permutations: 1}))
	mean, variance := permutationMoments(newMoments(k, l))
	wantMean, wantVariance := stat.PopMeanVariance(r.Null, nil)
	if !(math.Abs(mean-wantMean) <= 1e-14) || !(math.Abs(variance-wantVariance) <= 1e-12*wantVariance) {
		t.Errorf("mean %v and variance %v, want %v and %v", mean, variance, wantMean, wantVariance)
	}
	b.Check("hsic.perm.exact8", "perm_mean", mean)
}

// The value that keeps no matrix against the plain sum over a kept and centred one, and
// both for more rows than a tile.
func TestTilesAgainstMatrix(t *testing.T) {
	r := stream.New(6, "tiles")
	x, y := mat.NewDense(600, 20, nil), mat.NewDense(600, 3, nil)
	for i := range 600 {
		for j := range 20 {
			x.Set(i, j, 1e3+r.NormFloat64())
		}
		y.SetRow(i, []float64{x.At(i, 0) - 1e3, r.NormFloat64(), r.NormFloat64()})
	}
	for _, f := range []Statistic{{Name: "a"}, {Name: "b", Estimator: U}, {Name: "c", X: Distance, Y: Distance, Estimator: U}, {Name: "d", X: Linear, Y: Linear}} {
		k, l, _ := f.grams(x, y, metrics.Settings{})
		streamed := newMoments(k, l)
		k.keep()
		l.keep()
		kept := newMoments(k, l)
		if streamed.xy != kept.xy || !slices.Equal(streamed.rowX, kept.rowX) || streamed.xx != kept.xx || !slices.Equal(streamed.rowY, kept.rowY) {
			t.Errorf("%s: a kept matrix gives other bits than tiles", f.Name)
		}
		want := newPermuter(k, l, f.Estimator).observed()
		if got := streamed.covariance(f.Estimator); !(math.Abs(got-want) <= 1e-10*math.Abs(want)) {
			t.Errorf("%s: %v by moments, %v by the matrix", f.Name, got, want)
		}
	}
}

// Single precision beyond 1024 rows: values to seven digits of the blocks' own, and ties kept.
func TestNarrowMatrices(t *testing.T) {
	r := stream.New(9, "narrow")
	x, y := mat.NewDense(1100, 1, nil), mat.NewDense(1100, 2, nil)
	for i := range 1100 {
		x.Set(i, 0, float64(r.IntN(2)))
		y.SetRow(i, []float64{float64(r.IntN(2)), 0})
	}
	f := Statistic{Name: "hsic"}
	k, l, _ := f.grams(x, y, metrics.Settings{})
	m := newMoments(k, l)
	want := m.covariance(V)
	ownX, ownY := m.own(V)
	under := newPermuter(k, l, V)
	observed := under.observed()
	if under.a32 == nil || !(math.Abs(observed-want) <= 1e-7*math.Sqrt(ownX*ownY)) {
		t.Errorf("%v in single precision, want %v", observed, want)
	}
	swap := make([]int, 1100) // exchanges rows of y that are equal: a tie
	for i := range swap {
		swap[i] = i
	}
	for i, seen := 0, -1; i < 1100; i++ {
		if y.At(i, 0) == 1 {
			if seen >= 0 {
				swap[seen], swap[i] = i, seen
			}
			seen = i
		}
		if seen >= 0 && swap[seen] != seen {
			seen = -1
		}
	}
	if tied := under.statistics([][]int{swap})[0]; tied != observed {
		t.Errorf("a permutation that changes nothing gives %v, want the bits of %v", tied, observed)
	}
}

// Two columns in O(n log n) against the O(n^2) form, with and without ties.
func TestScalarDistancesAgainstMatrix(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(4, 60).Draw(rt, "n")
		r := stream.New(rapid.Uint64().Draw(rt, "seed"), "scalar")
		x, y := make([]float64, n), make([]float64, n)
		for i := range n {
			x[i], y[i] = 5+r.NormFloat64(), r.NormFloat64()
			if rapid.Bool().Draw(rt, "tied") {
				x[i], y[i] = float64(r.IntN(4)), float64(r.IntN(3))
			}
		}
		p := stream.Permutation(r, n)
		permuted := make([]float64, n)
		for i, from := range p {
			permuted[i] = y[from]
		}
		d := newScalarDistances(x, y)
		for _, e := range []Estimator{V, U} {
			a, b := newGram(mat.NewDense(n, 1, x), Distance, 0, 0, 0), newGram(mat.NewDense(n, 1, y), Distance, 0, 0, 0)
			m := newMoments(a, b)
			scale := 1 + m.xy/float64(n*n)
			got := d.statistic(e)
			vx, vy := m.own(e)
			other := newMoments(a, newGram(mat.NewDense(n, 1, permuted), Distance, 0, 0, 0))
			for i, pair := range [][2]float64{{got.Covariance, m.covariance(e)}, {got.VarianceX, vx}, {got.VarianceY, vy}, {d.permuted(p, e), other.covariance(e)}} {
				if !(math.Abs(pair[0]-pair[1]) <= 1e-11*scale) {
					rt.Errorf("%d of estimator %d: %v, want %v", i, e, pair[0], pair[1])
				}
			}
		}
	})
}

func TestReferencePopulation(t *testing.T) {
	b := reference.Metrics(t)
	// Cases (sx, sy, rho) of the reference: the closed form that the sample values are held to.
	hsic := func(sx, sy, r float64) float64 {
		a, c := 1/(sx*sx), 1/(sy*sy)
		q := (1 + 2*a) * (1 + 2*c)
		return 1/math.Sqrt(q-4*r*r*a*c) + 1/math.Sqrt(q) - 2/math.Sqrt(q-r*r*a*c)
	}
	b.Check("hsic.gauss.population", "", hsic(1, 1, 0.5), hsic(1, 1, 1), hsic(1, 2, 0.6))
}

// Bivariate normal data of correlation 1/2 approach the closed forms of the cards;
// the tolerance is four standard errors at n = 1500, found by repeating the draw.
func TestPopulationValues(t *testing.T) {
	x, y := mat.NewDense(1500, 1, nil), mat.NewDense(1500, 1, nil)
	r := stream.New(5, "bivariate")
	for i := range 1500 {
		u := r.NormFloat64()
		x.Set(i, 0, u)
		y.Set(i, 0, 0.5*u+math.Sqrt(0.75)*r.NormFloat64())
	}
	if h := reference.Must[metrics.Result](t)(HSIC(x, y, U, Widths{1, 1}, metrics.Settings{})).Value; !(math.Abs(h-0.010763320143793886) <= 0.004) {
		t.Errorf("HSIC %v, want about 0.01076", h)
	}
	if d := reference.Must[metrics.Result](t)(DistanceCorrelation(x, y, V, metrics.Settings{})).Value; !(math.Abs(d-0.45412650444024766) <= 0.09) {
		t.Errorf("dCor %v, want about 0.4541", d)
	}
}

func TestDegenerateBlocks(t *testing.T) {
	// Discrete data: permutations that change nothing count as ties, not by chance.
	two := mat.NewDense(20, 1, nil)
	two.Set(0, 0, 1)
	if r := reference.Must[metrics.Result](t)(DistanceCorrelation(two, two, V, metrics.Settings{Permutations: 999})); !(math.Abs(*r.P-0.05) <= 0.025) {
		t.Errorf("one odd row of 20: p %v, want about 1/20", *r.P)
	}
	// By hand: the bias-corrected matrix of that block is zero in every entry.
	if r := reference.Must[metrics.Result](t)(DistanceCorrelation(two, two, U, metrics.Settings{Permutations: 9})); !r.Degenerate || r.Value != 0 {
		t.Errorf("one odd row of 20: %+v, want degenerate", r)
	}
}

func BenchmarkPermutationTest(b *testing.B) {
	r := stream.New(1, "bench")
	x, y := mat.NewDense(2000, 64, nil), mat.NewDense(2000, 64, nil)
	for i := range 2000 {
		for j := range 64 {
			x.Set(i, j, r.NormFloat64())
			y.Set(i, j, r.NormFloat64())
		}
	}
	for _, name := range []string{"hsic", "dcor-u"} {
		m, _ := metrics.Measures.Get(name)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				reference.Must[metrics.Result](b)(m.Compute(x, y, metrics.Settings{Permutations: 499}))
			}
		})
	}
}
