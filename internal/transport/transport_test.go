package transport

import (
	"math"
	"runtime"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize/convex/lp"
	"pgregory.net/rapid"

	_ "github.com/venn-adapt/venn/internal/seeded"

	"github.com/venn-adapt/venn/internal/stream"
)

func randomCost(n, m int, seed uint64) *mat.Dense {
	r := stream.New(seed, "cost")
	c := mat.NewDense(n, m, nil)
	for i := range n {
		for j := range m {
			c.Set(i, j, r.Float64())
		}
	}
	return c
}

func total(p, c *mat.Dense) float64 {
	var x mat.Dense
	x.MulElem(p, c)
	return mat.Sum(&x)
}

func marginals(t interface {
	Fatalf(string, ...any)
}, p *mat.Dense, tolerance float64) {
	n, m := p.Dims()
	for i := range n {
		if s := floats.Sum(p.RawRowView(i)); !(math.Abs(s-1/float64(n)) <= tolerance) {
			t.Fatalf("%d x %d: row %d has mass %v", n, m, i, s)
		}
	}
	for j := range m {
		if s := mat.Sum(p.ColView(j)); !(math.Abs(s-1/float64(m)) <= tolerance) {
			t.Fatalf("%d x %d: column %d has mass %v", n, m, j, s)
		}
	}
	if mat.Min(p) < 0 {
		t.Fatalf("negative mass %v", mat.Min(p))
	}
}

// simplex solves the same problem as a linear program; one constraint is redundant.
func simplex(t *rapid.T, c *mat.Dense) float64 {
	n, m := c.Dims()
	a, b := mat.NewDense(n+m-1, n*m, nil), make([]float64, n+m-1)
	for i := range n {
		for j := range m {
			a.Set(i, i*m+j, 1)
			if j < m-1 {
				a.Set(n+j, i*m+j, 1)
			}
		}
		b[i] = 1 / float64(n)
	}
	for j := range m - 1 {
		b[n+j] = 1 / float64(m)
	}
	value, _, err := lp.Simplex(c.RawMatrix().Data, a, b, 1e-10, nil)
	if err != nil {
		t.Skip(err)
	}
	return value
}

func TestExactAgainstLinearProgramming(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, m := rapid.IntRange(1, 7).Draw(t, "n"), rapid.IntRange(1, 7).Draw(t, "m")
		c := randomCost(n, m, rapid.Uint64().Draw(t, "seed"))
		if rapid.Bool().Draw(t, "ties") {
			c.Apply(func(_, _ int, v float64) float64 { return math.Round(4*v) - 1 }, c)
		}
		p, err := Exact(c)
		if err != nil {
			t.Fatal(err)
		}
		marginals(t, p, 1e-12)
		if want := simplex(t, c); !(math.Abs(total(p, c)-want) <= 1e-9) {
			t.Fatalf("cost %v, want %v", total(p, c), want)
		}
	})
}

// On a line with squared distances the sorted matching is the best one.
func TestExactOnALine(t *testing.T) {
	x, y := []float64{3, 1, 2}, []float64{10, 30, 20}
	c := mat.NewDense(3, 3, nil)
	for i := range x {
		for j := range y {
			c.Set(i, j, (x[i]-y[j])*(x[i]-y[j]))
		}
	}
	p, err := Exact(c)
	if err != nil {
		t.Fatal(err)
	}
	want := mat.NewDense(3, 3, []float64{0, 1. / 3, 0, 1. / 3, 0, 0, 0, 0, 1. / 3})
	if !mat.EqualApprox(p, want, 1e-15) {
		t.Errorf("plan %v", mat.Formatted(p))
	}
}

func TestSinkhorn(t *testing.T) {
	for _, tt := range []struct {
		n, m    int
		epsilon float64
	}{{1, 1, 1}, {5, 3, 1}, {20, 30, 0.1}, {40, 25, 0.01}, {30, 30, 0.02}} {
		c := randomCost(tt.n, tt.m, 3)
		s, err := Sinkhorn(c, Settings{Epsilon: tt.epsilon, Tolerance: 1e-9, Iterations: 200000})
		if err != nil || !s.Converged {
			t.Fatalf("%+v: %v, violation %v after %d", tt, err, s.Violation, s.Iterations)
		}
		marginals(t, s.Plan, 2e-9)
		// P_ij = exp((f+g-c)/epsilon)/(n m) with these marginals is the optimum: check the form.
		for i := range tt.n {
			for j := range tt.m {
				if want := math.Exp((s.F[i]+s.G[j]-c.At(i, j))/tt.epsilon) / float64(tt.n*tt.m); !(math.Abs(s.Plan.At(i, j)-want) <= 1e-12) {
					t.Fatalf("%+v: entry %d, %d is not of the optimal form", tt, i, j)
				}
			}
		}
	}
}

// With little regularisation the cost comes near the exact one, from above.
func TestSinkhornNearsExact(t *testing.T) {
	c := randomCost(25, 35, 5)
	p, err := Exact(c)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Sinkhorn(c, Settings{Epsilon: 5e-3, Tolerance: 1e-9, Iterations: 200000})
	if err != nil {
		t.Fatal(err)
	}
	if d := total(s.Plan, c) - total(p, c); d < -1e-9 || d > 5e-3*math.Log(25*35) {
		t.Errorf("difference %v", d)
	}
}

// Annealed and stopped by the potentials, of two samples and of one with itself: primal and dual values agree at
// convergence, and the plan has its marginals.
func TestSinkhornByPotentials(t *testing.T) {
	square := randomCost(40, 40, 7)
	square.Add(square, mat.DenseCopyOf(square.T()))
	for i := range 40 {
		square.Set(i, i, 0)
	}
	for _, tt := range []struct {
		name      string
		cost      *mat.Dense
		epsilon   float64
		symmetric bool
	}{{"two samples", randomCost(60, 45, 6), 0.05, false}, {"small epsilon", randomCost(30, 30, 6), 0.02, false},
		{"one sample", square, 0.1, true}, {"one sample, small epsilon", square, 0.005, true}} {
		n, m := tt.cost.Dims()
		s, err := Sinkhorn(tt.cost, Settings{Epsilon: tt.epsilon, Stop: Potentials, Tolerance: 1e-12, Iterations: 100000, Anneal: true, Symmetric: tt.symmetric})
		if err != nil || !s.Converged {
			t.Fatalf("%s: %v after %d", tt.name, err, s.Iterations)
		}
		marginals(t, s.Plan, 1e-9)
		primal := s.Cost(tt.cost)
		for _, p := range s.Plan.RawMatrix().Data {
			if p > 0 {
				primal += tt.epsilon * p * math.Log(p*float64(n*m))
			}
		}
		if !(math.Abs(primal-s.Value()) <= 1e-8) {
			t.Errorf("%s: primal %v, dual %v", tt.name, primal, s.Value())
		}
		plain, err := Sinkhorn(tt.cost, Settings{Epsilon: tt.epsilon, Tolerance: 1e-12, Iterations: 1000000})
		if err != nil || !(math.Abs(plain.Value()-s.Value()) <= 1e-8) {
			t.Errorf("%s: value %v by row sums (%v), %v by potentials", tt.name, plain.Value(), err, s.Value())
		}
	}
}

func TestSinkhornSaysWhenItDidNotConverge(t *testing.T) {
	s, err := Sinkhorn(randomCost(30, 30, 1), Settings{Epsilon: 1e-4, Tolerance: 1e-12, Iterations: 20})
	if err != nil || s.Converged || s.Iterations != 20 || s.Violation <= 1e-12 {
		t.Errorf("%v %+v", err, s)
	}
}

func TestSameBytes(t *testing.T) {
	c := randomCost(300, 200, 8)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	one, _ := Sinkhorn(c, Settings{Epsilon: 0.05, Tolerance: 1e-8, Iterations: 1000})
	runtime.GOMAXPROCS(4)
	four, _ := Sinkhorn(c, Settings{Epsilon: 0.05, Tolerance: 1e-8, Iterations: 1000})
	if !mat.Equal(one.Plan, four.Plan) {
		t.Error("plans differ between 1 and 4 processors")
	}
}

func TestRefusals(t *testing.T) {
	bad := mat.NewDense(1, 2, []float64{1, math.NaN()})
	if _, err := Exact(bad); err == nil {
		t.Error("exact takes NaN")
	}
	if _, err := Sinkhorn(bad, Settings{Epsilon: 1, Tolerance: 1e-8, Iterations: 10}); err == nil {
		t.Error("sinkhorn takes NaN")
	}
	if _, err := Sinkhorn(mat.NewDense(1, 1, nil), Settings{Epsilon: 0, Tolerance: 1e-8, Iterations: 10}); err == nil {
		t.Error("epsilon 0")
	}
}

func BenchmarkExact(b *testing.B) {
	c := randomCost(1000, 800, 1)
	for b.Loop() {
		if _, err := Exact(c); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSinkhorn2000(b *testing.B) {
	c := randomCost(2000, 2000, 1)
	for b.Loop() {
		s, err := Sinkhorn(c, Settings{Epsilon: 0.05, Tolerance: 1e-8, Iterations: 1000})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(s.Iterations), "iterations")
	}
}
