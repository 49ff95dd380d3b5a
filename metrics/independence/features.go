package independence

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/internal/pairwise"
	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/metrics"
)

// A Feature map stands for a Gaussian kernel by explicit columns whose inner products
// approximate it, so that HSIC and its permutation test run on any number of rows.
type Feature int

// The feature maps.
const (
	// Fourier takes 64 random frequencies: 128 columns, error about 1/8 of the kernel. A. Rahimi and B.
	// Recht (2007).
	Fourier Feature = iota
	// Nystrom takes 2 sqrt(n) random rows as landmarks. C. Williams and M. Seeger (2001).
	Nystrom
	// Cholesky takes pivoted rows until the trace left is below 1e-6 n, or fails beyond 512: exact to
	// that, for few dimensions. F. Bach and M. Jordan (2002).
	Cholesky
)

const (
	fourierFrequencies = 64
	choleskyMost       = 512
	choleskyLeft       = 1e-6
	featureRank        = 1e-12 // share of the largest eigenvalue below which a landmark direction is dropped
)

// FeatureHSIC estimates HSIC_V of Gaussian kernels by |Phi_c' Psi_c / n|^2 with feature maps of both
// blocks, and tests it by permuting the rows of Psi. Part "kept" is the smaller share of the kernels' trace
// that the features keep. Edge cases and errors as Statistic.Measure; Cholesky also fails where
// 512 columns do not suffice. Time O(n r^2 permutations), memory O(n r), r the columns.
func FeatureHSIC(x, y *mat.Dense, m Feature, w Widths, s metrics.Settings) (metrics.Result, error) {
	name := [...]string{"hsic-fourier", "hsic-nystrom", "hsic-cholesky"}[m]
	f := Statistic{Name: name, Widths: w, Test: Moments} // no matrix is kept
	if err := f.check(x, y, s); err != nil {
		return metrics.Result{}, err
	}
	n, _ := x.Dims()
	r := metrics.Start(name, n, s)
	if metrics.Constant(x) || metrics.Constant(y) {
		return r.Collapse("all rows of a block are equal", s.Permutations > 0), nil
	}
	if w.X == 0 {
		w.X = pairwise.Median(x, s.Seed)
	}
	if w.Y == 0 {
		w.Y = pairwise.Median(y, s.Seed)
	}
	phi, err := m.features(x, w.X, s.Seed, "x")
	if err != nil {
		return metrics.Result{}, fmt.Errorf("metrics: %s: x: %w", name, err)
	}
	psi, err := m.features(y, w.Y, s.Seed, "y")
	if err != nil {
		return metrics.Result{}, fmt.Errorf("metrics: %s: y: %w", name, err)
	}
	kept := math.Min(trace(phi), trace(psi)) / float64(n)
	centreColumns(phi)
	centreColumns(psi)
	r.Value = crossNorm(phi, psi, nil)
	r.Parts = []metrics.Part{{Name: "kept", Value: kept}}
	r.Test(r.Value, n, s, metrics.TieTolerance*r.Value, func(permutations [][]int) []float64 {
		return each(permutations, func(p []int) float64 { return crossNorm(phi, psi, p) })
	})
	return r.Finish()
}

// features are the columns of the map for the rows of x.
func (m Feature) features(x *mat.Dense, width float64, seed uint64, side string) (*mat.Dense, error) {
	n, d := x.Dims()
	switch m {
	case Fourier:
		r := stream.New(seed, "fourier", side)
		w := mat.NewDense(d, fourierFrequencies, nil)
		for i := range d {
			for j := range fourierFrequencies {
				w.Set(i, j, r.NormFloat64())
			}
		}
		return fourierFeatures(x, w, width), nil
	case Nystrom:
		count := min(n, int(math.Ceil(2*math.Sqrt(float64(n)))))
		rows := stream.Permutation(stream.New(seed, "landmarks", side), n)[:count]
		slices.Sort(rows)
		return nystromFeatures(x, rows, width)
	}
	return choleskyFeatures(x, width)
}

// fourierFeatures are [cos(x.w/s), sin(x.w/s)] / sqrt(D) for D frequencies of unit width.
func fourierFeatures(x, frequencies *mat.Dense, width float64) *mat.Dense {
	n, _ := x.Dims()
	_, count := frequencies.Dims()
	var angles mat.Dense
	angles.Mul(x, frequencies)
	out := mat.NewDense(n, 2*count, nil)
	scale := 1 / math.Sqrt(float64(count))
	parallel.Blocks(n, pairwise.Tile, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			row := out.RawRowView(i)
			for j, v := range angles.RawRowView(i) {
				sin, cos := math.Sincos(v / width)
				row[j], row[count+j] = scale*cos, scale*sin
			}
		}
	})
	return out
}

// gaussianColumn is the kernel of all rows with one.
func gaussianColumn(x *mat.Dense, row int, width float64) []float64 {
	n, _ := x.Dims()
	out := make([]float64, n)
	parallel.Blocks(n, pairwise.Tile, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			out[i] = math.Exp(-squaredDistance(x.RawRowView(i), x.RawRowView(row)) / (2 * width * width))
		}
	})
	return out
}

// nystromFeatures are K_nm K_mm^(-1/2) for the landmarks.
func nystromFeatures(x *mat.Dense, landmarks []int, width float64) (*mat.Dense, error) {
	n, _ := x.Dims()
	m := len(landmarks)
	k, inner := mat.NewDense(n, m, nil), mat.NewSymDense(m, nil)
	for j, row := range landmarks {
		k.SetCol(j, gaussianColumn(x, row, width))
	}
	for i, row := range landmarks {
		for j := range i + 1 {
			inner.SetSym(i, j, k.At(row, j))
		}
	}
	var e mat.EigenSym
	if !e.Factorize(inner, true) {
		return nil, fmt.Errorf("eigenvalues of a %d x %d kernel matrix did not converge", m, m)
	}
	values := e.Values(nil)
	var vectors, out mat.Dense
	e.VectorsTo(&vectors)
	first := 0
	for values[first] <= featureRank*values[m-1] {
		first++
	}
	for j := first; j < m; j++ {
		for i := range m {
			vectors.Set(i, j, vectors.At(i, j)/math.Sqrt(values[j]))
		}
	}
	out.Mul(k, vectors.Slice(0, m, first, m)) // a rotation of K_mm^(-1/2) changes no norm
	return &out, nil
}

// choleskyFeatures are the columns of a pivoted incomplete Cholesky factor.
func choleskyFeatures(x *mat.Dense, width float64) (*mat.Dense, error) {
	n, _ := x.Dims()
	left := make([]float64, n)
	for i := range left {
		left[i] = 1
	}
	var columns [][]float64
	for {
		pivot, total := 0, 0.0
		for i, v := range left {
			total += v
			if v > left[pivot] {
				pivot = i
			}
		}
		if total < choleskyLeft*float64(n) {
			break
		}
		if len(columns) == min(n, choleskyMost) {
			return nil, fmt.Errorf("%d columns leave %.2g of the kernel's trace: the block has too many dimensions for an incomplete Cholesky factor", len(columns), total/float64(n))
		}
		c := gaussianColumn(x, pivot, width)
		for _, before := range columns {
			scale := before[pivot]
			for i, v := range before {
				c[i] -= scale * v
			}
		}
		root := math.Sqrt(left[pivot])
		for i := range c {
			c[i] /= root
			left[i] = math.Max(0, left[i]-c[i]*c[i])
		}
		left[pivot] = 0
		columns = append(columns, c)
	}
	out := mat.NewDense(n, len(columns), nil)
	for j, c := range columns {
		out.SetCol(j, c)
	}
	return out, nil
}

// trace is that of the approximate kernel.
func trace(phi *mat.Dense) float64 {
	n, _ := phi.Dims()
	var sum float64
	for i := range n {
		for _, v := range phi.RawRowView(i) {
			sum += v * v
		}
	}
	return sum
}

func centreColumns(x *mat.Dense) {
	n, d := x.Dims()
	mean := make([]float64, d)
	for i := range n {
		for j, v := range x.RawRowView(i) {
			mean[j] += v / float64(n)
		}
	}
	for i := range n {
		row := x.RawRowView(i)
		for j := range row {
			row[j] -= mean[j]
		}
	}
}

// crossNorm is |Phi' Psi / n|^2 with the rows of Psi permuted.
func crossNorm(phi, psi *mat.Dense, p []int) float64 {
	n, a := phi.Dims()
	_, b := psi.Dims()
	right := psi.RawMatrix().Data
	if p != nil {
		right = make([]float64, n*b)
		for i, from := range p {
			copy(right[i*b:(i+1)*b], psi.RawRowView(from))
		}
	}
	product := make([]float64, a*b)
	kernels.Gemm(kernels.Dense(a, b, product), kernels.Dense(n, a, phi.RawMatrix().Data).T(), kernels.Dense(n, b, right), false)
	var sum float64
	for _, v := range product {
		sum += v * v
	}
	return sum / (float64(n) * float64(n))
}

func init() {
	for m, d := range []struct{ name, doc, citation string }{
		{"hsic-fourier", "HSIC, biased, by 64 random Fourier frequencies: permutation tests of any number of rows", "Rahimi and Recht, Random features for large-scale kernel machines, NIPS 2007"},
		{"hsic-nystrom", "HSIC, biased, by 2 sqrt(n) landmark rows: permutation tests of many rows", "Williams and Seeger, Using the Nystrom method to speed up kernel machines, NIPS 2001"},
		{"hsic-cholesky", "HSIC, biased, by an incomplete Cholesky factor, exact to 1e-6 of the trace: few dimensions", "Bach and Jordan, Kernel independent component analysis, JMLR 2002"},
	} {
		metrics.Measures.Add(d.name, metrics.Descriptor{
			Name: d.name, Kind: metrics.Independence, Doc: d.doc, Unit: "1", Range: [2]float64{0, 1}, Better: metrics.LowerIsBetter,
			Invariant: []string{"scale"}, Cost: "time n r^2 permutations, memory n r, r the columns of the features", Citation: d.citation, MinRows: 6,
			Compute: func(x, y *mat.Dense, s metrics.Settings) (metrics.Result, error) {
				return FeatureHSIC(x, y, Feature(m), Widths{}, s)
			},
		})
	}
}
