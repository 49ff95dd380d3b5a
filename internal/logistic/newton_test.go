package logistic

import (
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// newton minimises the objective with the whole Hessian, weights (classes x d) then biases, and returns the logits of the
// rows; a ridge of 1e-14 takes out the direction in which biases may move together.
func newton(t *testing.T, x *mat.Dense, y []int, classes int, lambda float64) *mat.Dense {
	t.Helper()
	n, d := x.Dims()
	ext := mat.NewDense(n, d+1, nil)
	for i := range n {
		copy(ext.RawRowView(i), x.RawRowView(i))
		ext.Set(i, d, 1)
	}
	size := classes * (d + 1)
	w := make([]float64, size)
	logits := func(w []float64) *mat.Dense {
		var z mat.Dense
		z.Mul(ext, mat.NewDense(classes, d+1, w).T())
		return &z
	}
	loss := func(w []float64) float64 {
		z, sum := logits(w), 0.0
		for i := range n {
			sum += (floats.LogSumExp(z.RawRowView(i)) - z.At(i, y[i])) / float64(n)
		}
		for j, v := range w {
			if j%(d+1) != d {
				sum += lambda / 2 * v * v
			}
		}
		return sum
	}
	for range 100 {
		z := logits(w)
		g, h := make([]float64, size), mat.NewSymDense(size, nil)
		for i := range n {
			p := z.RawRowView(i)
			top := floats.LogSumExp(p)
			for k := range p {
				p[k] = math.Exp(p[k] - top)
			}
			row := ext.RawRowView(i)
			for k := range classes {
				r := p[k]
				if y[i] == k {
					r--
				}
				floats.AddScaled(g[k*(d+1):(k+1)*(d+1)], r/float64(n), row)
				for l := k; l < classes; l++ {
					c := -p[k] * p[l]
					if k == l {
						c += p[k]
					}
					for a, va := range row {
						for b, vb := range row {
							if k < l || b >= a {
								h.SetSym(k*(d+1)+a, l*(d+1)+b, h.At(k*(d+1)+a, l*(d+1)+b)+c*va*vb/float64(n))
							}
						}
					}
				}
			}
		}
		for j := range size {
			ridge := lambda
			if j%(d+1) == d {
				ridge = 1e-14
			} else {
				g[j] += lambda * w[j]
			}
			h.SetSym(j, j, h.At(j, j)+ridge)
		}
		if floats.Norm(g, 2) < 1e-12 {
			return logits(w)
		}
		var chol mat.Cholesky
		var step mat.VecDense
		if !chol.Factorize(h) || chol.SolveVecTo(&step, mat.NewVecDense(size, g)) != nil {
			t.Fatal("the Hessian is not positive definite")
		}
		next, at := make([]float64, size), loss(w)
		for share := 1.0; ; share /= 2 {
			floats.AddScaledTo(next, w, -share, step.RawVector().Data)
			if loss(next) <= at+1e-14 || share < 1e-10 {
				break
			}
		}
		copy(w, next)
	}
	t.Fatal("Newton's method did not converge")
	return nil
}

// apart is the largest difference of logits, each row less its mean: adding a number to all logits of a row changes nothing.
func apart(a, b *mat.Dense) float64 {
	n, classes := a.Dims()
	var worst float64
	for i := range n {
		diff := make([]float64, classes)
		floats.SubTo(diff, a.RawRowView(i), b.RawRowView(i))
		floats.AddConst(-floats.Sum(diff)/float64(classes), diff)
		worst = math.Max(worst, floats.Norm(diff, math.Inf(1)))
	}
	return worst
}

// Logits are as near to the optimum's, found with the whole Hessian, as is asked, for narrow, wide and separable rows under
// strong and weak penalties.
func TestLogitsAgainstWholeHessian(t *testing.T) {
	for _, tt := range []struct {
		n, d   int
		spread float64
	}{{80, 5, 0.5}, {80, 5, 4}, {20, 40, 0.2}} {
		x, y := blobs(tt.n, tt.d, 3, tt.spread)
		for _, lambda := range []float64{1, 1e-2, 1e-4, 1e-5} {
			want := newton(t, x, y, 3, lambda)
			for _, limit := range []float64{1e-1, 1e-3, 1e-6} {
				m, err := Fit(x, y, 3, Settings{Lambda: lambda, Tolerance: limit})
				if err != nil {
					t.Fatal(err)
				}
				if off := apart(m.Logits(x), want); !(off <= limit) || !(m.Moved <= limit) {
					t.Errorf("%+v, lambda %g, limit %g: logits off by %.3g, last step %.3g", tt, lambda, limit, off, m.Moved)
				}
			}
		}
	}
}

// A class without rows keeps a bias that runs down; its probability ends below the tolerance, and the others' logits are
// those of a fit without it.
func TestClassWithoutRows(t *testing.T) {
	x, y := blobs(60, 4, 3, 1)
	for i := range y {
		y[i] = y[i] / 2 * 2 // 0 and 2
	}
	without := make([]int, len(y))
	for i, c := range y {
		without[i] = c / 2
	}
	got, err := Fit(x, y, 3, Settings{Lambda: 0.01, Tolerance: 1e-6})
	if err != nil {
		t.Fatal(err)
	}
	want, err := Fit(x, without, 2, Settings{Lambda: 0.01, Tolerance: 1e-9})
	if err != nil {
		t.Fatal(err)
	}
	p, q := got.Probabilities(x), want.Probabilities(x)
	for i := range y {
		if p.At(i, 1) > 1e-5 || !(math.Abs(p.At(i, 0)-q.At(i, 0)) <= 1e-4) {
			t.Fatalf("row %d: %v, without the class %v", i, p.RawRowView(i), q.RawRowView(i))
		}
	}
}

// BenchmarkWide fits rows that can be parted, as 720 images of 32 x 32 pixels can, and as the halves of a probe of 1000
// codes of 56 channels in 8 x 8 places.
func BenchmarkWide(b *testing.B) {
	for _, size := range []struct{ n, d, classes int }{{720, 1024, 10}, {400, 3584, 4}} {
		x, y := blobs(size.n, size.d, size.classes, 0.12)
		for _, lambda := range []float64{1e-2, 1e-4} {
			b.Run(fmt.Sprint(size.d, "/", lambda), func(b *testing.B) {
				for b.Loop() {
					m, err := Fit(x, y, size.classes, Settings{Lambda: lambda, Tolerance: 1e-3})
					if err != nil {
						b.Fatal(err)
					}
					b.ReportMetric(float64(m.Products), "products")
				}
			})
		}
	}
}

// On rows shaped like 720 standardised images of 32 x 32 pixels, under penalties so weak that gradients say little: the
// plain gradient g, by loops of its own, of a tight fit proves by strong convexity that its weights are within |g|/lambda of
// the optimum's, and so the logits of any row x within |x| |g|/lambda; a fit to a tolerance is within that tolerance of
// them, on rows that it never saw, too.
func TestToleranceOnWideRows(t *testing.T) {
	const n, d, classes = 720, 1024, 10
	all, labels := blobs(n+200, d, classes, 0.12)
	for j := range d { // as in images, few directions hold most; each column z-scored over the training rows
		var mean, square float64
		for i := range n + 200 {
			all.Set(i, j, all.At(i, j)+2*all.At(i, j%17)+all.At(i, j%5))
		}
		for i := range n {
			mean += all.At(i, j) / n
		}
		for i := range n {
			square += (all.At(i, j) - mean) * (all.At(i, j) - mean) / n
		}
		for i := range n + 200 {
			all.Set(i, j, (all.At(i, j)-mean)/math.Sqrt(square))
		}
	}
	x, y := all.Slice(0, n, 0, d).(*mat.Dense), labels[:n]
	rows := Prepare(mat.DenseCopyOf(x))
	for _, lambda := range []float64{1e-2, 1e-4} {
		exact, err := rows.Fit(y, classes, Settings{Lambda: lambda, Tolerance: 1e-8})
		if err != nil {
			t.Fatal(err)
		}
		if proven := math.Sqrt(d+1) * plainGradient(exact, x, y, lambda) / lambda; !(proven < 1e-5) {
			t.Errorf("lambda %g: the tight fit is only proven to %.3g", lambda, proven)
		}
		for _, limit := range []float64{1e-2, 1e-4} {
			m, err := rows.Fit(y, classes, Settings{Lambda: lambda, Tolerance: limit})
			if err != nil {
				t.Fatal(err)
			}
			if off := apart(m.Logits(all), exact.Logits(all)); !(off <= limit) {
				t.Errorf("lambda %g, tolerance %g: logits off by %.3g", lambda, limit, off)
			}
		}
	}
}

// plainGradient is the norm of the gradient by weights and biases.
func plainGradient(m *Model, x *mat.Dense, y []int, lambda float64) float64 {
	n, d := x.Dims()
	classes := len(m.Bias)
	g := mat.NewDense(classes, d+1, nil)
	for i, c := range y {
		p := make([]float64, classes)
		for k := range p {
			p[k] = mat.Dot(x.RowView(i), m.Weights.RowView(k)) + m.Bias[k]
		}
		top := floats.LogSumExp(p)
		for k := range p {
			r := math.Exp(p[k] - top)
			if k == c {
				r--
			}
			row := g.RawRowView(k)
			floats.AddScaled(row[:d], r/float64(n), x.RawRowView(i))
			row[d] += r / float64(n)
		}
	}
	for k := range classes {
		floats.AddScaled(g.RawRowView(k)[:d], lambda, m.Weights.RawRowView(k))
	}
	return mat.Norm(g, 2)
}
