package kernels

import (
	"math"

	"github.com/venn-adapt/venn/internal/parallel"
)

// spectralEpsilon keeps the power iteration from dividing by zero (PyTorch's value
// in the reference code).
const spectralEpsilon = 1e-12

// PowerIterate takes one step of the power iteration for the largest singular
// value of w (rows x cols): v ← Wᵀu/‖Wᵀu‖, u ← Wv/‖Wv‖, in place.
//
// Miyato et al., "Spectral Normalization for Generative Adversarial Networks",
// ICLR 2018, appendix A.
func PowerIterate[F Float](w, u, v []F) {
	rows, cols := len(u), len(v)
	check("spectral weight", len(w), rows*cols)
	e := engineOf[F]()
	acc := make([]F, max(rows, cols))
	parallel.Blocks(cols, spectralBlock, func(_, lo, hi int) {
		for i, ui := range u {
			e.axpy(acc[lo:hi], ui, w[i*cols+lo:i*cols+hi])
		}
	})
	normalise(v, acc[:cols])
	parallel.Blocks(rows, 16, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			acc[i] = F(e.dot(w[i*cols:(i+1)*cols], v))
		}
	})
	normalise(u, acc[:rows])
}

// spectralBlock columns of a weight are one block of work.
const spectralBlock = 1024

func normalise[F Float](dst, x []F) {
	var square float64
	for _, v := range x {
		square += float64(v) * float64(v)
	}
	norm := math.Sqrt(square) + spectralEpsilon
	for i, v := range x {
		dst[i] = F(float64(v) / norm)
	}
}

// Sigma is uᵀWv, the largest singular value once u and v have converged.
func Sigma[F Float](w, u, v []F) float64 {
	cols := len(v)
	e := engineOf[F]()
	parts := make([]float64, len(u))
	parallel.Blocks(len(u), 16, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			parts[i] = float64(u[i]) * e.dot(w[i*cols:(i+1)*cols], v)
		}
	})
	var s float64
	for _, p := range parts {
		s += p
	}
	return s
}

// SpectralNorm sets y = w/σ, σ = uᵀWv.
func SpectralNorm[F Float](y, w, u, v []F) {
	e, inverse := engineOf[F](), F(1/Sigma(w, u, v))
	parallel.Blocks(len(w), elementBlock, func(_, lo, hi int) { e.scale(y[lo:hi], inverse, w[lo:hi]) })
}

// SpectralNormGrad sets dw to the gradient of w/σ by w with u and v held fixed:
// dy/σ − (⟨dy, w⟩/σ²)·u vᵀ.
func SpectralNormGrad[F Float](dw, dy, w, u, v []F) {
	e, sigma := engineOf[F](), Sigma(w, u, v)
	inner := sum(len(w), func(lo, hi int) float64 { return e.dot(dy[lo:hi], w[lo:hi]) }) / (sigma * sigma)
	cols := len(v)
	parallel.Blocks(len(u), 16, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			e.scale(dw[i*cols:(i+1)*cols], F(1/sigma), dy[i*cols:(i+1)*cols])
			e.axpy(dw[i*cols:(i+1)*cols], F(-inner*float64(u[i])), v)
		}
	})
}
