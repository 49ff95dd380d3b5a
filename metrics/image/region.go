package image

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/kernels"
)

const (
	leastEffect    = 0.2  // residual standard deviations: Cohen's "small"
	leastErrors    = 4    // standard errors
	collinear      = 1e-9 // of the largest eigenvalue of the design's cross-product
	regressedBlock = 256  // images in memory at a time
)

// EffectRegion marks the pixels (true) of aligned images on which some conditions show:
// each value of the n images is regressed on a constant and the columns of the design (n
// x k), and a pixel is marked where, in some channel, the coefficient of one of the
// first `of` columns is at least 0.2 residual standard deviations and at least 4 of its
// standard errors. The further columns are covariates: an effect is what is left when
// they are held fixed. Columns that depend on each other share an effect (the least
// solution); a value that does not vary is not marked. image(i) is image i, C x H x W
// values.
//
// It fails on fewer than k + 2 images, unequal lengths and values that are not finite.
// Time O(n k d) for d values an image. The bound is that of J. Cohen, "Statistical
// power analysis for the behavioral sciences" (1988).
func EffectRegion(image func(i int) []float32, channels int, design *mat.Dense, of int) ([]bool, error) {
	n, k := design.Dims()
	if of < 1 || of > k || n < k+2 {
		return nil, fmt.Errorf("metrics: effect region: %d of %d columns for %d images, want at least one column and %d images", of, k, n, k+2)
	}
	r, err := newRegression(image, channels, design)
	if err != nil {
		return nil, err
	}
	inverse, rank, err := pseudoInverse(r.xx)
	if err != nil {
		return nil, err
	}
	var coefficients mat.Dense
	coefficients.Mul(inverse, r.xy)
	_, d := r.xy.Dims()
	region := make([]bool, d/channels)
	for p := range d {
		explained := 0.0
		for j := range k + 1 {
			explained += coefficients.At(j, p) * r.xy.At(j, p)
		}
		variance := (r.yy[p] - explained) / float64(n-rank)
		for j := 1; j <= of; j++ {
			effect := math.Abs(coefficients.At(j, p))
			if bound := math.Sqrt(math.Max(0, variance)) * max(leastEffect, leastErrors*math.Sqrt(inverse.At(j, j))); effect >= bound && effect > 0 && variance > collinear*r.yy[p]/float64(n) {
				region[p%(d/channels)] = true
			}
		}
	}
	return region, nil
}

// A regression holds the sums over images of a design with a constant in front: its
// cross-product, that with the images' values, and the squares of these.
type regression struct {
	xx, xy *mat.Dense
	yy     []float64
}

func newRegression(image func(i int) []float32, channels int, design *mat.Dense) (*regression, error) {
	n, k := design.Dims()
	d := len(image(0))
	if channels < 1 || d == 0 || d%channels != 0 {
		return nil, fmt.Errorf("metrics: effect region: images of %d values for %d channels", d, channels)
	}
	x := mat.NewDense(n, k+1, nil)
	for i := range n {
		x.Set(i, 0, 1)
		for j, v := range design.RawRowView(i) {
			x.Set(i, j+1, v)
		}
	}
	r := &regression{xx: mat.NewDense(k+1, k+1, nil), xy: mat.NewDense(k+1, d, nil), yy: make([]float64, d)}
	r.xx.Mul(x.T(), x)
	y := make([]float64, regressedBlock*d)
	for lo := 0; lo < n; lo += regressedBlock {
		hi := min(n, lo+regressedBlock)
		for i := lo; i < hi; i++ {
			values := image(i)
			if len(values) != d {
				return nil, fmt.Errorf("metrics: effect region: image %d has %d values, image 0 %d", i, len(values), d)
			}
			for p, v := range values {
				u := float64(v)
				if math.IsNaN(u) || math.IsInf(u, 0) {
					return nil, fmt.Errorf("metrics: effect region: image %d: value %d is %v, want a finite number", i, p, v)
				}
				y[(i-lo)*d+p] = u
				r.yy[p] += u * u
			}
		}
		rows := kernels.Dense(hi-lo, k+1, x.RawMatrix().Data[lo*(k+1):hi*(k+1)])
		kernels.Gemm(kernels.Dense(k+1, d, r.xy.RawMatrix().Data), rows.T(), kernels.Dense(hi-lo, d, y[:(hi-lo)*d]), true)
	}
	return r, nil
}

// pseudoInverse of a symmetric matrix, with its rank.
func pseudoInverse(a *mat.Dense) (*mat.Dense, int, error) {
	n, _ := a.Dims()
	var e mat.EigenSym
	if !e.Factorize(mat.NewSymDense(n, a.RawMatrix().Data), true) {
		return nil, 0, fmt.Errorf("metrics: effect region: eigenvalues of a %d x %d cross-product did not converge", n, n)
	}
	values := e.Values(nil)
	var v, scaled, out mat.Dense
	e.VectorsTo(&v)
	rank := 0
	for _, l := range values {
		if l > collinear*values[n-1] {
			rank++
		}
	}
	scaled.Apply(func(_, j int, u float64) float64 {
		if j < n-rank {
			return 0
		}
		return u / values[j]
	}, &v)
	out.Mul(&scaled, v.T())
	return &out, rank, nil
}
