package independence

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/reference"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/metrics"
)

func TestReferenceBounds(t *testing.T) {
	b := reference.Metrics(t)
	f, err := NewBounds(b.Matrix("crit"), 1)
	if err != nil {
		t.Fatal(err)
	}
	for part, got := range map[string]float64{"dv": f.DonskerVaradhan, "nwj": f.NWJ, "infonce": f.InfoNCE, "infonce_sym": f.InfoNCEBoth, "smile": f.SMILE, "js": f.JensenShannon} {
		b.Check("mi.critic", part, got)
	}
	x, y := b.Matrix("X"), b.Matrix("Y")
	density := mat.NewDense(40, 40, nil)
	density.Apply(func(i, j int, _ float64) float64 {
		d := y.At(j, 0) - 0.7*x.At(i, 0)
		return -0.5 * (math.Log(2*math.Pi*0.5) + d*d/0.5)
	}, density)
	b.Check("mi.club", "", reference.Must[float64](t)(CLUB(density)))
	if _, err := NewBounds(mat.NewDense(2, 3, nil), 1); err == nil {
		t.Error("scores that are not square: no error")
	}
}

// The optimal critic of a correlated normal pair gives its information by each bound; the trainer is the
// closed form, so this tests the split and the control.
func TestBoundsOfTheOptimalCritic(t *testing.T) {
	const rho = 0.8
	r := stream.New(2, "optimal critic")
	x, y := mat.NewDense(1500, 1, nil), mat.NewDense(1500, 1, nil)
	for i := range 1500 {
		u := r.NormFloat64()
		x.Set(i, 0, u)
		y.Set(i, 0, rho*u+math.Sqrt(1-rho*rho)*r.NormFloat64())
	}
	truth := -0.5 * math.Log(1-rho*rho) // 0.5108
	got, control, err := NeuralBounds(x, y, optimal{rho}.train, 0.5, 5, 1)
	if err != nil {
		t.Fatal(err)
	}
	for name, v := range map[string]float64{"DV": got.DonskerVaradhan, "NWJ": got.NWJ, "InfoNCE": got.InfoNCE, "SMILE": got.SMILE} {
		if !(math.Abs(v-truth) <= 0.1) {
			t.Errorf("%s: %v, want about %v", name, v, truth)
		}
	}
	if control.InfoNCE > 0 {
		t.Errorf("control: %v, want at most 0", control.InfoNCE)
	}
}

// The measures around it: a value near the truth, parts, and what they refuse.
func TestBoundMeasures(t *testing.T) {
	r := stream.New(6, "bound measures")
	x, y := mat.NewDense(800, 1, nil), mat.NewDense(800, 1, nil)
	for i := range 800 {
		u := r.NormFloat64()
		x.Set(i, 0, u)
		y.Set(i, 0, 0.8*u+0.6*r.NormFloat64())
	}
	for _, m := range BoundMeasures(optimal{0.8}.train) {
		v := reference.Must[metrics.Result](t)(m.Compute(x, y, metrics.Settings{Seed: 2}))
		if !(math.Abs(v.Value-0.5108) <= 0.15) || v.Parts[0].Value > 0.05 || !(math.Abs(v.Parts[1].Value-math.Log(400)) <= 1e-12) {
			t.Errorf("%s: %+v", m.Name, v)
		}
		if c := reference.Must[metrics.Result](t)(m.Compute(x, mat.NewDense(800, 1, nil), metrics.Settings{})); !c.Degenerate {
			t.Errorf("%s of a constant block: %+v", m.Name, c)
		}
		if _, err := m.Compute(x, mat.NewDense(700, 1, nil), metrics.Settings{}); err == nil {
			t.Errorf("%s of unequal rows: no error", m.Name)
		}
	}
}

type optimal struct{ rho float64 }

func (o optimal) train(_, _ *mat.Dense, _ uint64) (func(x, y *mat.Dense) (*mat.Dense, error), error) {
	return o.scores, nil
}

func (o optimal) scores(x, y *mat.Dense) (*mat.Dense, error) {
	n, _ := x.Dims()
	out := mat.NewDense(n, n, nil)
	out.Apply(func(i, j int, _ float64) float64 {
		u, v := x.At(i, 0), y.At(j, 0)
		s := 1 - o.rho*o.rho
		return -math.Log(s)/2 - (v-o.rho*u)*(v-o.rho*u)/(2*s) + v*v/2
	}, out)
	return out, nil
}

// CLUB of the true conditional of a normal pair is rho^2/(1 - rho^2) in the mean, above the information; and what the
// measure refuses.
func TestCLUBOfTheTrueConditional(t *testing.T) {
	const rho = 0.6
	r := stream.New(7, "club")
	x, y := mat.NewDense(1000, 1, nil), mat.NewDense(1000, 1, nil)
	for i := range 1000 {
		u := r.NormFloat64()
		x.Set(i, 0, u)
		y.Set(i, 0, rho*u+math.Sqrt(1-rho*rho)*r.NormFloat64())
	}
	m := CLUBMeasure(conditional{rho}.train)
	v := reference.Must[metrics.Result](t)(m.Compute(x, y, metrics.Settings{Seed: 2}))
	entropy := math.Log(2*math.Pi*math.E*(1-rho*rho)) / 2
	if truth := rho * rho / (1 - rho*rho); !(math.Abs(v.Value-truth) <= 0.12) || !(math.Abs(v.Parts[0].Value) <= 0.12) || !(math.Abs(v.Parts[1].Value+entropy) <= 0.1) {
		t.Errorf("%+v, want about %v, 0 and %v", v, truth, -entropy)
	}
	if c := reference.Must[metrics.Result](t)(m.Compute(x, mat.NewDense(1000, 1, nil), metrics.Settings{})); !c.Degenerate {
		t.Errorf("of a constant block: %+v", c)
	}
	if _, err := m.Compute(x, mat.NewDense(700, 1, nil), metrics.Settings{}); err == nil {
		t.Error("unequal rows: no error")
	}
}

type conditional struct{ rho float64 }

func (c conditional) train(_, _ *mat.Dense, _ uint64) (func(x, y *mat.Dense) (*mat.Dense, error), error) {
	return func(x, y *mat.Dense) (*mat.Dense, error) {
		n, _ := x.Dims()
		out := mat.NewDense(n, n, nil)
		out.Apply(func(i, j int, _ float64) float64 {
			d, s := y.At(j, 0)-c.rho*x.At(i, 0), 1-c.rho*c.rho
			return -math.Log(2*math.Pi*s)/2 - d*d/(2*s)
		}, out)
		return out, nil
	}, nil
}
