package probe

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"github.com/venn-adapt/venn/internal/reference"
	"github.com/venn-adapt/venn/internal/rows"
	"github.com/venn-adapt/venn/internal/stream"
)

func TestReferenceRidge(t *testing.T) {
	b := reference.Metrics(t)
	x, y := b.Matrix("X"), mat.Col(nil, 0, b.Matrix("Y"))
	var residual, total float64
	for fold := range 5 {
		var in, out []int
		for i := range 40 {
			if i/8 == fold {
				out = append(out, i)
			} else {
				in = append(in, i)
			}
		}
		var train, held []float64
		var mean float64
		for _, i := range in {
			train = append(train, y[i])
			mean += y[i] / 32
		}
		for _, i := range out {
			held = append(held, y[i])
		}
		p, err := Ridge(rows.Take(x, in), train, 1, rows.Take(x, out))
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range held {
			residual += (v - p[i]) * (v - p[i])
			total += (v - mean) * (v - mean)
		}
	}
	b.Check("probe.ridge", "", 1-residual/total)
}

// A circle within a ring: neighbours see it, a line does not; codes that say nothing give chance.
func TestKinds(t *testing.T) {
	r := stream.New(1, "rings")
	x := mat.NewDense(400, 2, nil)
	labels := make([]int, 400)
	for i := range 400 {
		labels[i] = i % 2
		angle, radius := 2*math.Pi*r.Float64(), 1+2*float64(i%2)+0.2*r.NormFloat64()
		x.SetRow(i, []float64{radius * math.Cos(angle), radius * math.Sin(angle)})
	}
	train, test := Halves(400, 1)
	accuracy := func(k Kind, x *mat.Dense) float64 {
		p, err := k.Probabilities(rows.Take(x, train), Pick(labels, train), 2, rows.Take(x, test))
		if err != nil {
			t.Fatal(err)
		}
		hits := 0.0
		for i, c := range Predictions(p) {
			if c == labels[test[i]] {
				hits++
			}
		}
		return hits / 200
	}
	if a := accuracy(Linear, x); a > 0.65 {
		t.Errorf("a line tells the rings apart: %v", a)
	}
	if a := accuracy(Neighbours, x); a < 0.97 {
		t.Errorf("neighbours tell the rings apart at %v", a)
	}
	if a := accuracy(Network, x); a < 0.95 {
		t.Errorf("the network tells the rings apart at %v", a)
	}
	for i := range 400 {
		x.Set(i, 0, float64(labels[i])+0.1*r.NormFloat64())
	}
	if a := accuracy(Linear, x); a < 0.97 {
		t.Errorf("a line tells a step at %v", a)
	}
	flat := mat.NewDense(400, 2, nil)
	if a := accuracy(Linear, flat); !(math.Abs(a-0.5) <= 0.1) {
		t.Errorf("constant codes: %v", a)
	}
	if _, err := Linear.Probabilities(flat, labels[:4], 2, flat); err == nil {
		t.Error("four rows: no error")
	}
}

// A product of two columns among twenty of noise: no line shows it, the nearest rows are strangers, the network finds
// it.
func TestNetworkAmongNoise(t *testing.T) {
	r := stream.New(6, "noise")
	x, labels := mat.NewDense(3000, 20, nil), make([]int, 3000)
	for i := range labels {
		for j := range 20 {
			x.Set(i, j, r.NormFloat64())
		}
		if x.At(i, 3)*x.At(i, 7) > 0 {
			labels[i] = 1
		}
	}
	train, test := Halves(3000, 1)
	var share [Kinds]float64
	for k := range share {
		p, err := Kind(k).Probabilities(rows.Take(x, train), Pick(labels, train), 2, rows.Take(x, test))
		if err != nil {
			t.Fatal(err)
		}
		for i, c := range Predictions(p) {
			if c == labels[test[i]] {
				share[k] += 1.0 / 1500
			}
		}
	}
	if share[Linear] > 0.55 || share[Network] < 0.8 || share[Network] < share[Neighbours]+0.1 {
		t.Errorf("linear %v, neighbours %v, network %v", share[Linear], share[Neighbours], share[Network])
	}
}

// More columns than rows: the chosen penalty keeps noise from being fitted, and a plain signal is found.
func TestChosenRidge(t *testing.T) {
	r := stream.New(2, "ridge")
	x := mat.NewDense(200, 150, nil)
	x.Apply(func(_, _ int, _ float64) float64 { return r.NormFloat64() }, x)
	noise, signal := make([]float64, 200), make([]float64, 200)
	for i := range 200 {
		noise[i] = r.NormFloat64()
		signal[i] = 2*x.At(i, 0) + x.At(i, 1) + 0.1*r.NormFloat64()
	}
	train, test := Halves(200, 1)
	score := func(y []float64, fit func(train *mat.Dense, y []float64, test *mat.Dense) ([]float64, error)) float64 {
		var known, held []float64
		var mean float64
		for _, i := range train {
			known = append(known, y[i])
			mean += y[i] / 100
		}
		for _, i := range test {
			held = append(held, y[i])
		}
		p, err := fit(rows.Take(x, train), known, rows.Take(x, test))
		if err != nil {
			t.Fatal(err)
		}
		return RSquared(held, p, mean)
	}
	if v := score(noise, ChosenRidge); v < -0.1 || v > 0.1 {
		t.Errorf("R squared of noise %v, want about 0", v)
	}
	if v := score(signal, ChosenRidge); v < 0.3 {
		t.Errorf("R squared of a signal %v", v)
	}
}

// The radius of a point, which is no linear function; a training set of one value.
func TestNetworkValues(t *testing.T) {
	r := stream.New(4, "radius")
	x, y := mat.NewDense(600, 2, nil), make([]float64, 600)
	for i := range y {
		x.SetRow(i, []float64{r.NormFloat64(), r.NormFloat64()})
		y[i] = 100 + 7*math.Hypot(x.At(i, 0), x.At(i, 1))
	}
	p, err := NetworkValues(x.Slice(0, 400, 0, 2).(*mat.Dense), y[:400], x.Slice(400, 600, 0, 2).(*mat.Dense))
	if err != nil {
		t.Fatal(err)
	}
	if v := RSquared(y[400:], p, 108); v < 0.9 {
		t.Errorf("R squared of the radius %v", v)
	}
	if p, err := NetworkValues(x.Slice(0, 400, 0, 2).(*mat.Dense), make([]float64, 400), x); err != nil || p[0] != 0 || len(p) != 600 {
		t.Errorf("equal values: %v, %v", p, err)
	}
	if _, err := NetworkValues(x, y[:5], x); err == nil {
		t.Error("five rows: no error")
	}
}

// Ridge of more columns than rows against least squares of the rows below each other with the penalty's own, by QR.
func TestRidgeOfMoreColumnsThanRows(t *testing.T) {
	const n, d, m, penalty = 6, 15, 4, 2.5
	r := stream.New(1, "wide")
	train, test, y := mat.NewDense(n, d, nil), mat.NewDense(m, d, nil), make([]float64, n)
	for i := range n {
		y[i] = r.NormFloat64()
		for j := range d {
			train.Set(i, j, 3+2*r.NormFloat64())
			test.Set(i%m, j, 3+2*r.NormFloat64())
		}
	}
	below, right := mat.NewDense(n+d, d, nil), mat.NewDense(n+d, 1, nil)
	scaled, mean := mat.NewDense(m, d, nil), 0.0
	for _, v := range y {
		mean += v / n
	}
	for j := range d {
		centre, spread := stat.PopMeanStdDev(mat.Col(nil, j, train), nil)
		for i := range n {
			below.Set(i, j, (train.At(i, j)-centre)/spread)
			right.Set(i, 0, y[i]-mean)
		}
		for i := range m {
			scaled.Set(i, j, (test.At(i, j)-centre)/spread)
		}
		below.Set(n+j, j, math.Sqrt(penalty))
	}
	var w, want mat.Dense
	if err := w.Solve(below, right); err != nil {
		t.Fatal(err)
	}
	want.Mul(scaled, &w)
	got := reference.Must[[]float64](t)(Ridge(train, y, penalty, test))
	for i := range m {
		if !(math.Abs(got[i]-mean-want.At(i, 0)) <= 1e-10) || math.Abs(want.At(i, 0)) < 1e-3 {
			t.Errorf("row %d: %v, want %v", i, got[i], mean+want.At(i, 0))
		}
	}
}
