package losses

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/internal/pairwise"
)

// HSIC is the Hilbert-Schmidt independence criterion of rows of two matrices, biased:
// tr(KHLH)/n², K and L Gaussian kernels exp(−d²/(2s²)) of the median distance s of each, which
// counts as a constant. It is 0 where either has equal rows alone. O(n²·d).
//
// A. Gretton et al., Measuring statistical dependence with Hilbert-Schmidt norms, ALT 2005; as a
// penalty on codes R. Lopez et al., Information constraints on auto-encoding variational Bayes,
// NeurIPS 2018.
type HSIC struct{ Rows Rows }

func (HSIC) Inputs() (all, trained int) { return 2, 2 }

func (h HSIC) Check(shapes ...[]int) error {
	if err := h.Rows.checkAll(shapes); err != nil {
		return err
	}
	if h.Rows.n() < 2 {
		return fmt.Errorf("1 row has no distances, want 2 at least")
	}
	return nil
}

func (h HSIC) Value(x ...Matrix) (sum float64) {
	k, _ := medianKernel(h.Rows.of(x[0]))
	l, _ := medianKernel(h.Rows.of(x[1]))
	centre(l)
	for i, v := range k.Data {
		sum += v * l.Data[i]
	}
	return sum / float64(len(k.Data))
}

func (h HSIC) Grad(by int, dx Matrix, size float64, x ...Matrix) {
	clear(dx.Data)
	slope, rate := medianKernel(h.Rows.of(x[by]))
	other, _ := medianKernel(h.Rows.of(x[1-by]))
	centre(other)
	for i, v := range other.Data {
		slope.Data[i] *= 4 * size * rate * v / float64(len(other.Data))
	}
	pull(h.Rows.of(dx), slope, h.Rows.of(x[by]))
}

// medianKernel is exp(rate·d²) of all pairs of rows, rate −1/(2s²), s their median distance.
func medianKernel(x Matrix) (k Matrix, rate float64) {
	k = squaredDistances(x)
	if s := pairwise.Median(mat.NewDense(x.Rows, x.Cols, x.Data), 0); s != 0 {
		rate = -1 / (2 * s * s)
	}
	for i := range k.Data {
		k.Data[i] *= rate
	}
	kernels.Exp(k.Data)
	return k, rate
}

// centre takes the means of rows and columns off a symmetric matrix.
func centre(k Matrix) {
	mean, all := meanRow(k), 0.0
	for _, v := range mean {
		all += v / float64(len(mean))
	}
	for i := range k.Rows {
		for j := range row(k, i) {
			row(k, i)[j] += all - mean[i] - mean[j]
		}
	}
}
