package kernels

import "math"

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
	acc := make([]float64, cols)
	for i, ui := range u {
		for j, x := range w[i*cols : (i+1)*cols] {
			acc[j] += float64(x) * float64(ui)
		}
	}
	normalise(v, acc)
	acc = make([]float64, rows)
	for i := range rows {
		acc[i] = dot(w[i*cols:(i+1)*cols], v)
	}
	normalise(u, acc)
}

func normalise[F Float](dst []F, x []float64) {
	var square float64
	for _, v := range x {
		square += v * v
	}
	norm := math.Sqrt(square) + spectralEpsilon
	for i, v := range x {
		dst[i] = F(v / norm)
	}
}

func dot[F Float](x, y []F) float64 {
	var s float64
	for i, v := range x {
		s += float64(v) * float64(y[i])
	}
	return s
}

// Sigma is uᵀWv, the largest singular value once u and v have converged.
func Sigma[F Float](w, u, v []F) float64 {
	cols := len(v)
	var s float64
	for i, ui := range u {
		s += float64(ui) * dot(w[i*cols:(i+1)*cols], v)
	}
	return s
}

// SpectralNorm sets y = w/σ, σ = uᵀWv.
func SpectralNorm[F Float](y, w, u, v []F) {
	inverse := F(1 / Sigma(w, u, v))
	for i, x := range w {
		y[i] = x * inverse
	}
}

// SpectralNormGrad sets dw to the gradient of w/σ by w with u and v held fixed:
// dy/σ − (⟨dy, w⟩/σ²)·u vᵀ.
func SpectralNormGrad[F Float](dw, dy, w, u, v []F) {
	sigma := Sigma(w, u, v)
	inner := dot(dy, w) / (sigma * sigma)
	cols := len(v)
	for i, ui := range u {
		f := F(inner * float64(ui))
		for j, vj := range v {
			dw[i*cols+j] = F(float64(dy[i*cols+j])/sigma) - f*vj
		}
	}
}
