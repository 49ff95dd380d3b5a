package probe

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/reference"
	"github.com/venn-adapt/venn/internal/stream"
)

func TestReferenceRidge(t *testing.T) {
	b := reference.Open(t, "../testdata/reference.json")
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
		p, err := Ridge(Take(x, in), train, 1, Take(x, out))
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
		p, err := k.Probabilities(Take(x, train), Pick(labels, train), 2, Take(x, test))
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
	for i := range 400 {
		x.Set(i, 0, float64(labels[i])+0.1*r.NormFloat64())
	}
	if a := accuracy(Linear, x); a < 0.97 {
		t.Errorf("a line tells a step at %v", a)
	}
	flat := mat.NewDense(400, 2, nil)
	if a := accuracy(Linear, flat); math.Abs(a-0.5) > 0.1 {
		t.Errorf("constant codes: %v", a)
	}
	if _, err := Linear.Probabilities(flat, labels[:4], 2, flat); err == nil {
		t.Error("four rows: no error")
	}
}
