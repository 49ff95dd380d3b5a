package losses

import (
	"math"
	"slices"
	"testing"

	"github.com/venn-adapt/venn/internal/kernels"
)

// The properties of card 4.3, each of a case whose answer is known beforehand.

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-9*max(1, math.Abs(want))) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func copied(x Matrix, change func(i, j int, v float64) float64) Matrix {
	out := zeros(x.Rows, x.Cols)
	for i := range x.Rows {
		for j, v := range row(x, i) {
			row(out, i)[j] = change(i, j, v)
		}
	}
	return out
}

// stacked puts a sample above another.
func stacked(s, t Matrix) Matrix {
	return kernels.Dense(s.Rows+t.Rows, s.Cols, append(slices.Clone(s.Data), t.Data...))
}

func TestDiscrepancyProperties(t *testing.T) {
	dan := MMD{4, []Gaussians{five}}
	value := dan.Value(features)
	near(t, "scaled features", dan.Value(copied(features, func(_, _ int, v float64) float64 { return 7 * v })), value)
	turned := copied(features, func(i, j int, v float64) float64 { // by 0.6 and 0.8 in the first two columns
		r := row(features, i)
		return []float64{0.6*r[0] - 0.8*r[1], 0.8*r[0] + 0.6*r[1], r[2]}[j]
	})
	near(t, "turned features", dan.Value(turned), value)
	near(t, "domains exchanged", dan.Value(stacked(target.of(features), source.of(features))), value)
	// Of two equal samples it is the diagonal that counts across but not within.
	s := source.of(features)
	twice := stacked(s, s)
	k := five.of(twice, false)
	var off float64
	for i := range 4 {
		for j := range 4 {
			if i != j {
				off += row(k, i)[j] / 12
			}
		}
	}
	near(t, "a sample and itself", dan.Value(twice), -2.0/4*(5-off))
	// A kernel that is constant multiplies; of equal rows every distance is 0.
	same := copied(logits, func(_, j int, _ float64) float64 { return float64(j) })
	near(t, "joint with a constant", MMD{4, []Gaussians{five, {Variances: []float64{0.8464}}}}.Value(features, same), value)
	near(t, "equal rows", dan.Value(same), 0)
	dx := zeros(8, 3)
	dan.Grad(0, dx, 1, same)
	for _, v := range dx.Data {
		near(t, "gradient of equal rows", v, 0)
	}
}

func TestMomentProperties(t *testing.T) {
	s := source.of(features)
	moved := copied(s, func(_, j int, v float64) float64 { return v + float64(j) })
	for order := 2; order <= 4; order++ {
		near(t, "moved by a constant", Moments{4, order}.Value(stacked(s, moved)), 0)
		a := Moments{4, order}.Value(copied(features, func(_, _ int, v float64) float64 { return 3 * v }))
		near(t, "scaled", a, math.Pow(3, 2*float64(order))*Moments{4, order}.Value(features))
	}
	near(t, "first moments", Moments{4, 1}.Value(features), 0) // centred
	mirrored := func(s Matrix) Matrix { return stacked(s, copied(s, func(_, _ int, v float64) float64 { return -v })) }
	both := stacked(mirrored(s), mirrored(target.of(features)))
	near(t, "third moments of mirrored samples", Moments{8, 3}.Value(both), 0)
	// By tensors, entry by entry.
	slow := 0.0
	z := Moments{4, 3}.centred(features)
	for a := range 3 {
		for b := range 3 {
			for c := range 3 {
				d := 0.0
				for i := range 4 {
					for r, sign := range map[int]float64{i: 0.25, i + 4: -0.25} {
						d += sign * row(z, r)[a] * row(z, r)[b] * row(z, r)[c]
					}
				}
				slow += d * d
			}
		}
	}
	near(t, "third moments by tensors", Moments{4, 3}.Value(features), slow)
}

// sure are logits whose softmax is one class a row, in turn.
func sure(rows, classes int) Matrix {
	x := zeros(rows, classes)
	for i := range rows {
		row(x, i)[i%classes] = 2000
	}
	return x
}

func TestPredictionProperties(t *testing.T) {
	all, equal := Rows{0, 6}, zeros(6, 3)
	one := copied(equal, func(_, j int, _ float64) float64 { return float64(2000 * (1 - min(j, 1))) })
	near(t, "entropy of equal predictions", Entropy{all}.Value(equal), math.Log(3))
	near(t, "entropy of sure predictions", Entropy{all}.Value(sure(6, 3)), 0)
	near(t, "diversity of sure predictions of all classes", Diversity{all}.Value(sure(6, 3)), math.Log(3))
	near(t, "diversity of one class", Diversity{all}.Value(one), 0)
	near(t, "confusion of equal predictions", Confusion{all, 2.5}.Value(equal), 2.0/3)
	near(t, "confusion of sure predictions", Confusion{all, 2.5}.Value(sure(6, 3)), 0)
	near(t, "nuclear norm of equal predictions", Nuclear{all}.Value(equal), math.Sqrt(6.0/3))
	near(t, "nuclear norm of sure predictions of all classes", Nuclear{all}.Value(sure(6, 3)), math.Sqrt(6*3))
	near(t, "nuclear norm of one class", Nuclear{all}.Value(one), math.Sqrt(6))
	near(t, "agreement with sure predictions", Agree{all}.Value(sure(6, 3), sure(6, 3)), 0)
	near(t, "disagreement with sure predictions", Disagree{all}.Value(sure(6, 3), sure(6, 3)), 2000-math.Log(2))
	near(t, "disagreement with equal ones", Disagree{all}.Value(equal, sure(6, 3)), -math.Log(2.0/3))
	near(t, "equal predictions against equal ones", Even{all}.Value(equal), math.Log(3))
	near(t, "balance of equal predictions", Balance{all}.Value(equal), 3*(math.Log(3)/3-2*math.Log(2.0/3)/3))
	near(t, "balance of sure predictions of all classes", Balance{all}.Value(sure(6, 3)), Balance{all}.Value(equal))
	certain := softmax(sure(6, 3), 1)
	near(t, "equal predictions and a sure teacher", Consistency{all, 0.9}.Value(equal, certain), (4.0+1+1)/9/3)
	near(t, "sure predictions and a sure teacher", Consistency{all, 0.9}.Value(sure(6, 3), certain), 0)
	near(t, "a teacher that is never sure enough", Consistency{all, 1}.Value(equal, certain), 0)
	near(t, "sure labels of equal predictions", Pseudo{all, 0.9}.Value(equal, certain), math.Log(3))
	near(t, "labels that are never sure enough", Pseudo{all, 1}.Value(equal, certain), 0)
	// Gradients at such extremes are numbers.
	for _, x := range []Matrix{equal, one, sure(6, 3)} {
		for _, loss := range []Loss{Entropy{all}, Diversity{all}, Confusion{all, 2.5}, Nuclear{all}, Agree{all}, Disagree{all}, Even{all}, Balance{all}, Consistency{all, 0}, Pseudo{all, 0}} {
			dx := zeros(6, 3)
			loss.Grad(0, dx, 1, x, x)
			for _, v := range dx.Data {
				if math.IsNaN(v) || !(math.Abs(v) <= 10) {
					t.Errorf("%T: gradient %v of predictions %v", loss, v, x.Data)
				}
			}
		}
	}
}

func TestNormAndSpectrumProperties(t *testing.T) {
	// 3-4-5 rows: norms 5 and 10, the largest singular value √125 of rank one.
	x := kernels.Dense(2, 2, []float64{3, 4, 6, 8})
	both := Rows{0, 2}
	near(t, "mean norm of 7.5 towards 25", NormTo{both, 25}.Value(x), 17.5*17.5)
	near(t, "squared singular value", Singular{both}.Value(x), 125)
	dx := zeros(2, 2)
	NormStep{both, 0.3}.Grad(0, dx, 0.05, x) // of size 2·0.05·0.3/2 outwards
	for i, want := range []float64{0.6, 0.8, 0.6, 0.8} {
		near(t, "push", dx.Data[i], -0.03*want/2*1)
	}
	mixed := copied(x, func(i, j int, _ float64) float64 { // columns turned by an orthogonal matrix
		r := row(x, i)
		return []float64{0.6*r[0] - 0.8*r[1], 0.8*r[0] + 0.6*r[1]}[j]
	})
	near(t, "squared singular value of turned columns", Singular{both}.Value(mixed), 125)
	near(t, "squared singular value of nothing", Singular{both}.Value(zeros(2, 2)), 0)
	for _, loss := range []Loss{Singular{both}, NormTo{both, 25}, NormStep{both, 1}} {
		loss.Grad(0, dx, 1, zeros(2, 2))
		for _, v := range dx.Data {
			near(t, "gradient of zero features", v, 0)
		}
	}
}

// What the losses of encoders and decoders are of cases by hand.
func TestDecodedProperties(t *testing.T) {
	x := kernels.Dense(2, 2, []float64{3, 4, 6, 8})
	both := Rows{0, 2}
	y := kernels.Dense(2, 2, []float64{1, 4, 7, 5})
	near(t, "squares", Squares{both, false}.Value(x, y), (4.0+0+1+9)/4)
	near(t, "squares less those of the means", Squares{both, true}.Value(x, y), (4.0+0+1+9)/4-(1.0+1)/2)
	near(t, "squares of what is brighter by row", Squares{both, true}.Value(x, copied(x, func(i, _ int, v float64) float64 { return v + float64(1+i) })), 0)
	near(t, "squared norms 25 and 100", Pin{both}.Value(x), 62.5)
	near(t, "squared norm of the second row", Pin{Rows{1, 2}}.Value(x), 100)
	near(t, "a zero code has collapsed", Collapse{Rows{0, 3}}.Value(zeros(3, 2)), 1)
	near(t, "one of two codes has", Collapse{both}.Value(kernels.Dense(2, 2, []float64{0, 0, 0.5, -1})), (1+math.Exp(-1.25))/2)
	// Two rows have one distance, the median: kernels of 1 and e^(−1/2), centred ±(1 − e^(−1/2))/2.
	half := (1 - math.Exp(-0.5)) / 2
	near(t, "two rows depend", HSIC{both}.Value(x, y), half*half)
	near(t, "two rows and equal ones", HSIC{both}.Value(x, zeros(2, 3)), 0)
	flat := zeros(2, 2)
	HSIC{both}.Grad(1, flat, 1, x, zeros(2, 2))
	near(t, "gradient of equal rows", flat.Data[0], 0)
	near(t, "two factors that are independent", HSIC{Rows{0, 4}}.Value(kernels.Dense(4, 1, []float64{0, 0, 1, 1}), kernels.Dense(4, 1, []float64{5, 7, 5, 7})), 0)
	// Columns (1, −1) and (1, −1) centred: every row is ±(1, 1)/√2, every product 2·½.
	a := kernels.Dense(2, 2, []float64{5, 7, 3, 5})
	near(t, "a code and itself", Overlap{both}.Value(a, a), 1)
	near(t, "scaled and moved", Overlap{both}.Value(a, copied(a, func(_, _ int, v float64) float64 { return 9 - 4*v })), 1)
	// Four images, two factors that do not covary.
	four := Rows{0, 4}
	first, second := kernels.Dense(4, 1, []float64{1, 1, -1, -1}), kernels.Dense(4, 1, []float64{1, -1, 1, -1})
	near(t, "orthogonal codes", Overlap{four}.Value(first, second), 0)
	near(t, "one code of four images", Overlap{four}.Value(first, first), 16)
	near(t, "an empty code", Overlap{four}.Value(first, zeros(4, 1)), 0)
	dx := zeros(4, 1)
	Overlap{four}.Grad(1, dx, 1, first, zeros(4, 1))
	for _, v := range dx.Data {
		near(t, "gradient of an empty code", v, 0)
	}
	near(t, "cross-entropy of equal predictions and two halves", Soft{four}.Value(zeros(4, 3), kernels.Dense(4, 3, []float64{0.5, 0.5, 0, 1, 0, 0, 0, 0, 1, 0, 0, 2})), 5.0/4*math.Log(3))
}
