package independence

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// A Trainer fits a network to paired rows and returns the function that scores all pairs: of a critic, entry (i,
// j) is high where row i of x and row j of y look like a pair; of a conditional density it is log q(y_j | x_i), in
// nats. What it draws comes from streams of the seed. models/critic has both; the type is spelt out so that
// neither package needs the other.
type Trainer func(x, y *mat.Dense, seed uint64) (scores func(x, y *mat.Dense) (*mat.Dense, error), err error)

// Bounds are the variational estimates of mutual information that a matrix of critic scores
// gives, in nats. No honest lower bound passes about ln n: a difference of two large ones says
// nothing, a small one may be a weak critic, and there is no p-value without training again.
type Bounds struct {
	// DonskerVaradhan (MINE, Belghazi et al. 2018) can exceed the truth on a finite sample.
	DonskerVaradhan float64
	// NWJ is unbiased, of variance e^I, and best for a critic of 1 + the logarithm of the density ratio (Nguyen,
	// Wainwright and Jordan 2010).
	NWJ           float64
	InfoNCE       float64 // never above ln n (van den Oord et al. 2018)
	InfoNCEBoth   float64 // the mean over both directions
	SMILE         float64 // neither a lower nor an upper bound (Song and Ermon 2020)
	JensenShannon float64 // an objective to train with, not a mutual information
	Ceiling       float64 // ln n
}

// NewBounds reads them from scores (n x n), the diagonal of pairs, the rest of the product of the
// margins; clip is SMILE's tau, 1 to 5. It fails on a matrix that is not square, fewer than 2 rows,
// scores that are not finite and a clip that is not above 0.
func NewBounds(scores *mat.Dense, clip float64) (Bounds, error) {
	n, m := scores.Dims()
	if n != m || n < 2 || !(clip > 0) {
		return Bounds{}, fmt.Errorf("metrics: bounds: scores of %d x %d, clip %v: want a square of at least 2 and a number above 0", n, m, clip)
	}
	for i := range n {
		for j, v := range scores.RawRowView(i) {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return Bounds{}, fmt.Errorf("metrics: bounds: score %d, %d is %v, want a finite number", i, j, v)
			}
		}
	}
	var off, clipped []float64
	var pairs, own, product, forward, backward float64
	for i := range n {
		row, column := mat.Row(nil, i, scores), mat.Col(nil, i, scores)
		f := row[i]
		pairs += f
		own -= softplus(-f)
		forward += f - logMeanExp(row)
		backward += f - logMeanExp(column)
		for j, v := range row {
			if j != i {
				off = append(off, v)
				clipped = append(clipped, math.Max(-clip, math.Min(clip, v)))
				product += softplus(v)
			}
		}
	}
	count := float64(n)
	pairs /= count
	return Bounds{
		DonskerVaradhan: pairs - logMeanExp(off), NWJ: pairs - math.Exp(logMeanExp(off)-1), InfoNCE: forward / count,
		InfoNCEBoth: (forward + backward) / (2 * count), SMILE: pairs - logMeanExp(clipped),
		JensenShannon: own/count - product/float64(len(off)), Ceiling: math.Log(count),
	}, nil
}

// softplus is ln(1 + e^z) without overflow.
func softplus(z float64) float64 { return math.Max(z, 0) + math.Log1p(math.Exp(-math.Abs(z))) }

// logMeanExp is ln(mean(e^v)), the maximum taken off first.
func logMeanExp(v []float64) float64 {
	top := math.Inf(-1)
	for _, x := range v {
		top = math.Max(top, x)
	}
	var sum float64
	for _, x := range v {
		sum += math.Exp(x - top)
	}
	return top + math.Log(sum/float64(len(v)))
}

// NeuralBounds trains a critic on one part of the paired rows of x and y and reads the bounds from another that it
// never saw; control has the rows of y held out rolled by one, which must be near 0. train is the share of rows
// that train. The critic is taken for the logarithm of the density ratio. It fails as the trainer does, and with
// fewer than 2 held-out rows.
func NeuralBounds(x, y *mat.Dense, t Trainer, train, clip float64, seed uint64) (bounds, control Bounds, err error) {
	scores, err := heldOutScores(x, y, t, train, seed)
	if err != nil {
		return bounds, control, err
	}
	if bounds, err = ratioBounds(scores, clip); err != nil {
		return bounds, control, err
	}
	control, err = ratioBounds(rolled(scores), clip)
	return bounds, control, err
}

// heldOutScores trains on the first share of the rows and scores all pairs of the others.
func heldOutScores(x, y *mat.Dense, t Trainer, train float64, seed uint64) (*mat.Dense, error) {
	n, p := x.Dims()
	_, q := y.Dims()
	cut := int(train * float64(n))
	if m, _ := y.Dims(); m != n || cut < 2 || n-cut < 2 {
		return nil, fmt.Errorf("metrics: neural bounds: %d and %d rows, %d to train on: want pairs, and at least 2 on each side", n, m, cut)
	}
	scores, err := t(mat.DenseCopyOf(x.Slice(0, cut, 0, p)), mat.DenseCopyOf(y.Slice(0, cut, 0, q)), seed)
	if err != nil {
		return nil, err
	}
	return scores(mat.DenseCopyOf(x.Slice(cut, n, 0, p)), mat.DenseCopyOf(y.Slice(cut, n, 0, q)))
}

// rolled has each row of y one place on: its pairs are wrong.
func rolled(scores *mat.Dense) *mat.Dense {
	n, _ := scores.Dims()
	out := mat.NewDense(n, n, nil)
	for i := range n {
		for j := range n {
			out.Set(i, j, scores.At(i, (j+1)%n))
		}
	}
	return out
}

// ratioBounds are those of a critic that is the logarithm of a ratio of densities: NWJ wants 1 more.
func ratioBounds(scores *mat.Dense, clip float64) (Bounds, error) {
	b, err := NewBounds(scores, clip)
	if err != nil {
		return b, err
	}
	var shifted mat.Dense
	shifted.Apply(func(_, _ int, v float64) float64 { return v + 1 }, scores)
	more, err := NewBounds(&shifted, clip)
	b.NWJ = more.NWJ
	return b, err
}
