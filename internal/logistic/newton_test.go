package logistic

import (
	"fmt"
	"math"
	"strings"
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

// Logits are as near to the optimum's, found by Newton's method, as is asked, for narrow, wide and separable rows under
// strong and weak penalties; a row may be longer than the typical one.
func TestLogitsAgainstNewton(t *testing.T) {
	for _, tt := range []struct {
		n, d   int
		spread float64
	}{{80, 5, 0.5}, {80, 5, 4}, {20, 40, 0.2}} {
		x, y := blobs(tt.n, tt.d, 3, tt.spread)
		for _, lambda := range []float64{1, 1e-2, 1e-4, 1e-5} {
			want := newton(t, x, y, 3, lambda)
			for _, limit := range []float64{1e-1, 1e-3, 1e-5} {
				if limit < 1e-3 && lambda < 1e-2 {
					continue // rounding ends the search first
				}
				m, err := Fit(x, y, 3, Settings{Lambda: lambda, Logits: limit})
				if err != nil {
					t.Fatal(err)
				}
				if off := apart(m.Logits(x), want); !(off <= 2*limit) || !(m.LogitError <= limit || lambda < 1e-4 && m.LogitError <= 2*limit) {
					t.Errorf("%+v, lambda %g, limit %g: logits off by %.3g, said %.3g", tt, lambda, limit, off, m.LogitError)
				}
			}
		}
	}
}

// At weights of zero the gradients are by hand: with x of 1 and 3, of classes 0 and 1, less the mean -1 and 1, weights have
// gradients 0.5 and -0.5, biases 0, so that the norm is sqrt(1/2); the typical length is 1, with its bias sqrt(2).
func TestLogitError(t *testing.T) {
	r := Prepare(mat.NewDense(2, 1, []float64{1, 3}))
	if math.Abs(r.length-1) > 1e-15 {
		t.Errorf("typical length %v, want 1", r.length)
	}
	p, err := newProblem(r, []int{0, 1}, 2, 0.25)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := p.logitError(make([]float64, 4)), math.Sqrt2*math.Sqrt(0.5)/0.25; math.Abs(got-want) > 1e-12 {
		t.Errorf("error %v, want %v", got, want)
	}
	if long := Prepare(mat.NewDense(2, 2, []float64{0, 0, 6, 8})); math.Abs(long.length-5) > 1e-14 {
		t.Errorf("typical length %v, want 5", long.length)
	}
}

func TestLogitsLimitIsTheOneThatEnds(t *testing.T) {
	x, y := blobs(300, 8, 4, 1)
	before := 0
	for _, limit := range []float64{1, 1e-2, 1e-4, 1e-6} {
		m, err := Fit(x, y, 4, Settings{Lambda: 1e-4, Logits: limit, Tolerance: 1})
		if err != nil {
			t.Fatal(err)
		}
		if m.Iterations <= before || m.LogitError > limit || m.LogitError < limit/1000 {
			t.Errorf("limit %g: %d steps after %d, error %g", limit, m.Iterations, before, m.LogitError)
		}
		before = m.Iterations
	}
	if _, err := Fit(x, y, 4, Settings{Lambda: 1e-4, Logits: 1e-4, Iterations: 2}); err == nil || !strings.Contains(err.Error(), "error of logits ") || !strings.Contains(err.Error(), "after 2 steps, want 0.01") {
		t.Errorf("two steps: %v", err)
	}
	// A hundred times the limit passes where steps run out, as rounding ends a search.
	if m, err := Fit(x, y, 4, Settings{Lambda: 1e-4, Logits: 1e-2, Iterations: 60}); err != nil || m.LogitError > 1 {
		t.Errorf("sixty steps: %v", err)
	}
}

func TestFilled(t *testing.T) {
	for _, tt := range []struct {
		given, want Settings
	}{
		{Settings{}, Settings{Tolerance: 1e-8, Iterations: 1000}},
		{Settings{Tolerance: 1e-3, Iterations: 7}, Settings{Tolerance: 1e-3, Iterations: 7}},
		{Settings{Logits: 1e-3, Tolerance: 1}, Settings{Logits: 1e-3, Tolerance: 1e-13, Iterations: 20000}},
		{Settings{Logits: 1e-3, Iterations: 9}, Settings{Logits: 1e-3, Tolerance: 1e-13, Iterations: 9}},
	} {
		if got := tt.given.filled(); got.Tolerance != tt.want.Tolerance || got.Iterations != tt.want.Iterations || got.Logits != tt.want.Logits {
			t.Errorf("%+v: %+v, want %+v", tt.given, got, tt.want)
		}
	}
}

// BenchmarkWide fits rows that can be parted, as 720 images of 32 x 32 pixels can, to the gradient that was asked for
// before and to the logits.
func BenchmarkWide(b *testing.B) {
	x, y := blobs(720, 1024, 10, 0.12)
	for _, lambda := range []float64{1e-2, 1e-4} {
		for name, s := range map[string]Settings{"gradient": {Lambda: lambda, Tolerance: 1e-5}, "logits": {Lambda: lambda, Logits: 1e-3}} {
			b.Run(fmt.Sprintf("%g/%s", lambda, name), func(b *testing.B) {
				for b.Loop() {
					m, err := Fit(x, y, 10, s)
					if err != nil {
						b.Fatal(err)
					}
					b.ReportMetric(float64(m.Iterations), "steps")
					b.ReportMetric(m.LogitError, "error")
				}
			})
		}
	}
}
