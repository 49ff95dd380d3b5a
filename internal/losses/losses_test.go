package losses

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/internal/parallel"
	"gonum.org/v1/gonum/floats"
)

// wave is x[i,j] = a·f(b + c·i + d·j) for i < 4 and j < 3.
func wave(a float64, f func(float64) float64, b, c, d float64) []float64 {
	var out []float64
	for i := range 4 {
		for j := range 3 {
			out = append(out, a*f(b+c*float64(i)+d*float64(j)))
		}
	}
	return out
}

// The features and logits for which the specification states values (card 4.4): the source's
// four rows above the target's.
var (
	features = kernels.Dense(8, 3, append(wave(1, math.Sin, 1, 0.7, 1.3), wave(1, math.Cos, 0.4, 0.9, -0.6)...))
	logits   = kernels.Dense(8, 3, append(wave(2, math.Sin, 0.5, 1.1, 2), wave(2, math.Cos, 0.2, 1.7, 0.8)...))
	source   = Rows{0, 4}
	target   = Rows{4, 8}
	five     = Gaussians{Variances: []float64{0.125, 0.25, 0.5, 1, 2}, Relative: true}
)

// reversed turns the order of the columns round.
func reversed(x Matrix) Matrix {
	out := zeros(x.Rows, x.Cols)
	for i := range x.Rows {
		copy(row(out, i), row(x, i))
		slices.Reverse(row(out, i))
	}
	return out
}

// oneHot are rows, of three classes and the source's in height, that choose classes.
func oneHot(classes ...int) Matrix {
	out := zeros(8, 3)
	for i, k := range classes {
		row(out, i)[k] = 1
	}
	return out
}

// below has the target's rows in place of the source's.
func below(x Matrix) Matrix {
	out := zeros(x.Rows, x.Cols)
	copy(out.Data, target.of(x).Data)
	return out
}

// The values of the specification, to the digits that it prints.
func TestStatedValues(t *testing.T) {
	p := softmax(logits, 1)
	for _, tt := range []struct {
		name      string
		got, want float64
	}{
		{"DAN", MMD{4, []Gaussians{five}}.Value(features), 1.73052231},
		{"JAN", MMD{4, []Gaussians{five, {Variances: []float64{0.92 * 0.92}}}}.Value(features, p), 1.11677088},
		{"CORAL", Moments{4, 2}.Value(features) * 16 / 9 / (4 * 9), 0.03771926}, // covariances over n−1
		{"HoMM", Moments{4, 3}.Value(features) / 27, 0.01597120},
		{"MCD", Apart{source}.Value(logits, below(logits)), 0.26457372},
		{"SWD", Sliced{source}.Value(logits, below(logits), kernels.Dense(3, 3, []float64{1, 0, 0, 0, 1, 0, 0, 0, 1})), 0.02408308},
		{"MCC", Confusion{target, 2.5}.Value(logits), 0.63313915},
		{"entropy", Entropy{target}.Value(logits), 0.85068657},
		{"information", Entropy{target}.Value(logits) - Diversity{target}.Value(logits), -0.23893574},
		{"nuclear norm", Nuclear{target}.Value(logits), 2.19390981},
		{"singular values", Singular{source}.Value(features) + Singular{target}.Value(features), 9.35204362},
		{"smoothing", 0.9*Agree{source}.Value(logits, oneHot(0, 1, 2, 0)) + 0.1*Even{source}.Value(logits), 1.96322212},
		{"SE", Consistency{source, 0}.Value(logits, below(p)), 0.09223769},
		{"pseudo", Pseudo{source, 0.5}.Value(logits, oneHot(0, 1, 2, 0)), 1.96806967}, // the cross-entropy of these classes
		{"DSN", Squares{Rows{0, 1}, true}.Value(features, below(features)), 0.21839635},
		{"soft labels", Soft{source}.Value(logits, oneHot(0, 1, 2, 0)), 1.96806967},
		{"HAFN", NormTo{source, 2}.Value(features), 0.58024714},
		{"SAFN", NormStep{source, 0.3}.Value(features), 0.09},
		{"MDD", 4*Agree{source}.Value(reversed(logits), logits) + Disagree{target}.Value(reversed(logits), logits), 8.24801674},
	} {
		if !(math.Abs(tt.got-tt.want) <= 6e-9*max(1, tt.want)) {
			t.Errorf("%s: %.8f, the specification has %.8f", tt.name, tt.got, tt.want)
		}
	}
}

func TestCertainty(t *testing.T) {
	for i, want := range []float64{.968625, 1.131765, .962008, 1.132333, .964521, .927993, 1.014183, .898573} {
		if got := Certainty(logits)[i]; !(math.Abs(got-want) <= 5e-7) {
			t.Errorf("row %d: %.6f, the specification has %.6f", i, got, want)
		}
	}
}

type lossCase struct {
	name string
	loss Loss
	x    []Matrix
	// frozen is the loss with what it takes as constants held at their values for x; nil
	// where there are none.
	frozen func(x ...Matrix) float64
}

// lossCases are all losses, on rows that do not all count.
func lossCases() []lossCase {
	r := rand.New(rand.NewPCG(1, 2))
	draw := func(rows, cols int) Matrix {
		x := zeros(rows, cols)
		for i := range x.Data {
			x.Data[i] = r.NormFloat64()
		}
		return x
	}
	x, y, rows := draw(7, 5), draw(7, 4), Rows{2, 6}
	wide := Gaussians{Variances: []float64{1.5, 4}}
	return []lossCase{
		{"moments 2", Moments{3, 2}, []Matrix{x}, nil},
		{"moments 3", Moments{3, 3}, []Matrix{x}, nil},
		{"moments 4", Moments{4, 4}, []Matrix{x}, nil},
		{"mmd", MMD{3, []Gaussians{wide}}, []Matrix{x}, nil},
		{"mmd relative", MMD{3, []Gaussians{five}}, []Matrix{x}, MMD{3, []Gaussians{fixed(five, x)}}.Value},
		{"mmd joint", MMD{3, []Gaussians{wide, five}}, []Matrix{x, y}, MMD{3, []Gaussians{wide, fixed(five, y)}}.Value},
		{"entropy", Entropy{rows}, []Matrix{y}, nil},
		{"diversity", Diversity{rows}, []Matrix{y}, nil},
		{"confusion", Confusion{rows, 2.5}, []Matrix{y}, slowConfusion(rows, 2.5, y)},
		{"nuclear", Nuclear{Rows{0, 7}}, []Matrix{y}, nil},
		{"nuclear of few", Nuclear{Rows{0, 3}}, []Matrix{y}, nil},
		{"singular", Singular{rows}, []Matrix{x}, nil},
		{"norm step", NormStep{rows, 0.3}, []Matrix{x}, slowStep(rows, 0.3, x)},
		{"norm to", NormTo{rows, 25}, []Matrix{x}, nil},
		{"pin", Pin{rows}, []Matrix{x}, nil},
		{"collapse", Collapse{rows}, []Matrix{y}, nil},
		{"hsic", HSIC{rows}, []Matrix{x, y}, slowHSIC(rows, x, y)},
		{"even", Even{rows}, []Matrix{y}, nil},
		{"consistency", Consistency{rows, 0}, []Matrix{y, softmax(draw(7, 4), 1)}, nil},
		{"consistency of some", Consistency{rows, 0.5}, []Matrix{y, softmax(draw(7, 4), 1)}, nil},
		{"pseudo", Pseudo{rows, 0}, []Matrix{y, softmax(draw(7, 4), 1)}, nil},
		{"pseudo of some", Pseudo{rows, 0.5}, []Matrix{y, softmax(draw(7, 4), 1)}, nil},
		{"soft", Soft{rows}, []Matrix{y, draw(7, 4)}, nil},
		{"squares", Squares{rows, false}, []Matrix{y, draw(7, 4)}, nil},
		{"squares, centred", Squares{rows, true}, []Matrix{y, draw(7, 4)}, nil},
		{"overlap", Overlap{rows}, []Matrix{x, y}, nil},
		{"balance", Balance{rows}, []Matrix{y}, nil},
		{"apart", Apart{rows}, []Matrix{y, draw(7, 4)}, nil},
		{"sliced", Sliced{rows}, []Matrix{y, draw(7, 4), draw(4, 5)}, nil},
		{"agree", Agree{rows}, []Matrix{y, draw(7, 4)}, nil},
		{"disagree", Disagree{rows}, []Matrix{y, draw(7, 4)}, nil},
	}
}

// fixed are the same Gaussians by variances of their own.
func fixed(g Gaussians, x Matrix) Gaussians {
	var sum float64
	for i := range x.Rows {
		for j := range x.Rows {
			for k := range x.Cols {
				d := row(x, i)[k] - row(x, j)[k]
				sum += d * d
			}
		}
	}
	out := Gaussians{}
	for _, v := range g.Variances {
		out.Variances = append(out.Variances, v*sum/float64(x.Rows*x.Rows))
	}
	return out
}

// slowHSIC is the criterion by its definition as three expectations, with widths held.
func slowHSIC(rows Rows, at ...Matrix) func(x ...Matrix) float64 {
	var widths [2]float64
	for m := range widths {
		var all []float64
		for i := rows.Lo; i < rows.Hi; i++ {
			for j := rows.Lo; j < i; j++ {
				all = append(all, floats.Distance(row(at[m], i), row(at[m], j), 2))
			}
		}
		slices.Sort(all)
		widths[m] = (all[(len(all)-1)/2] + all[len(all)/2]) / 2
	}
	kernel := func(x Matrix, m, i, j int) float64 {
		d := floats.Distance(row(x, i), row(x, j), 2) / widths[m]
		return math.Exp(-d * d / 2)
	}
	n := float64(rows.n())
	return func(x ...Matrix) (value float64) {
		var both, meanK, meanL float64
		for i := rows.Lo; i < rows.Hi; i++ {
			var k, l float64
			for j := rows.Lo; j < rows.Hi; j++ {
				k, l = k+kernel(x[0], 0, i, j)/n, l+kernel(x[1], 1, i, j)/n
				both += kernel(x[0], 0, i, j) * kernel(x[1], 1, i, j) / (n * n)
			}
			meanK, meanL = meanK+k/n, meanL+l/n
			value -= 2 * k * l / n
		}
		return value + both + meanK*meanL
	}
}

// slowConfusion is the loss as its authors write it, with matrices, and weights held.
func slowConfusion(rows Rows, temperature float64, at Matrix) func(x ...Matrix) float64 {
	w := certainty(softmax(rows.of(at), temperature))
	return func(x ...Matrix) float64 {
		q := softmax(rows.of(x[0]), temperature)
		off := 0.0
		for a := range q.Cols {
			m, sum := make([]float64, q.Cols), 0.0
			for b := range q.Cols {
				for i := range q.Rows {
					m[b] += w[i] * row(q, i)[a] * row(q, i)[b]
				}
				sum += m[b]
			}
			for b, v := range m {
				if b != a {
					off += v / sum
				}
			}
		}
		return off / float64(q.Cols)
	}
}

func slowStep(rows Rows, step float64, at Matrix) func(x ...Matrix) float64 {
	at = copied(at, func(_, _ int, v float64) float64 { return v })
	return func(x ...Matrix) float64 {
		total := 0.0
		for i := rows.Lo; i < rows.Hi; i++ {
			off := norm(row(x[0], i)) - norm(row(at, i)) - step
			total += off * off
		}
		return total / float64(rows.n())
	}
}

// Every gradient agrees with central differences, constants held, and is scaled.
func TestGradients(t *testing.T) {
	for _, tt := range lossCases() {
		if tt.frozen == nil {
			tt.frozen = tt.loss.Value
		}
		if got, want := tt.loss.Value(tt.x...), tt.frozen(tt.x...); !(math.Abs(got-want) <= 1e-12) {
			t.Errorf("%s: value %v, with constants held %v", tt.name, got, want)
		}
		all, trained := tt.loss.Inputs()
		if all != len(tt.x) {
			t.Fatalf("%s takes %d matrices, the case has %d", tt.name, all, len(tt.x))
		}
		for by := range trained {
			x := tt.x[by]
			dx := zeros(x.Rows, x.Cols)
			for i := range dx.Data {
				dx.Data[i] = 9 // what was there does not count
			}
			tt.loss.Grad(by, dx, -3, tt.x...)
			for k, v := range x.Data {
				const h = 1e-5
				x.Data[k] = v + h
				up := tt.frozen(tt.x...)
				x.Data[k] = v - h
				want := -3 * (up - tt.frozen(tt.x...)) / (2 * h)
				x.Data[k] = v
				if !(math.Abs(dx.Data[k]-want) <= 1e-7*max(1, math.Abs(want))) {
					t.Errorf("%s: gradient %d by matrix %d is %v, central difference %v", tt.name, k, by, dx.Data[k], want)
				}
			}
		}
	}
}

// One and several threads give the same bits; shapes that do not fit are refused, and
// matrices that hold a NaN in a row that counts have no finite value.
func TestAllLosses(t *testing.T) {
	defer parallel.SetThreads(0)
	for _, tt := range lossCases() {
		all := func(threads int) string {
			parallel.SetThreads(threads)
			out := fmt.Sprint(tt.loss.Value(tt.x...))
			dx := zeros(tt.x[0].Rows, tt.x[0].Cols)
			tt.loss.Grad(0, dx, 1, tt.x...)
			return out + fmt.Sprint(dx.Data)
		}
		if one, three := all(1), all(3); one != three {
			t.Errorf("%s: %s with one thread, %s with three", tt.name, one, three)
		}
		var good, short [][]int
		for _, x := range tt.x {
			good, short = append(good, []int{x.Rows, x.Cols}), append(short, []int{1, x.Cols})
		}
		if err := tt.loss.Check(good...); err != nil {
			t.Errorf("%s refuses %v: %v", tt.name, good, err)
		}
		if err := tt.loss.Check(short...); err == nil || !strings.Contains(err.Error(), "row") {
			t.Errorf("%s of one row: %v", tt.name, err)
		}
		if len(good) > 1 {
			good[1][0]++
			if err := tt.loss.Check(good...); err == nil || !strings.Contains(err.Error(), "different rows") {
				t.Errorf("%s of different rows: %v", tt.name, err)
			}
		}
		bad := slices.Clone(tt.x)
		bad[0] = copied(bad[0], func(i, _ int, v float64) float64 {
			if i == 2 {
				return math.NaN()
			}
			return v
		})
		if v := tt.loss.Value(bad...); !math.IsNaN(v) {
			t.Errorf("%s of NaN is %v", tt.name, v)
		}
		tt.loss.Grad(0, zeros(bad[0].Rows, bad[0].Cols), 1, bad...) // whatever it is
	}
	for want, loss := range map[string]Loss{
		"moments of order 0":               Moments{4, 0},
		"1 row has no distances":           HSIC{Rows{2, 3}},
		"1 rows of the source and 7 of":    MMD{1, []Gaussians{five}},
		"a Gaussian of variance 0":         MMD{4, []Gaussians{{Variances: []float64{0}}}},
		"a temperature of 0":               Confusion{target, 0},
		"rows [4, 9) of 8":                 Entropy{Rows{4, 9}},
		"want as many classes, two at lea": Agree{target},
	} {
		if err := loss.Check([]int{8, 3}, []int{8, 4}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", loss, err, want)
		}
	}
}
