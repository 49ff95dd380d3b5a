package perceptron

import (
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/stream"
)

func gauss(n, d int, purpose string) *mat.Dense {
	r := stream.New(1, purpose)
	x := mat.NewDense(n, d, nil)
	x.Apply(func(_, _ int, _ float64) float64 { return r.NormFloat64() }, x)
	return x
}

// Gradients agree with central differences, of classes and of values, one hidden layer and several, masks and weights.
func TestGradients(t *testing.T) {
	x := gauss(9, 4, "x")
	weights := []float64{1, 2, 0.5, 1, 1, 0.7, 0.8, 1, 1}
	classes := Rows{X: x, Labels: []int{0, 1, 2, 0, 1, 2, 2, 1, 0}, Weights: weights}
	values := Rows{X: x, Values: []float64{0.3, -1, 2, 0, 1, 0.2, -0.4, 1.5, 1}, Weights: weights}
	for _, tt := range []struct {
		name    string
		rows    Rows
		outputs int
		hidden  []int
	}{{"classes", classes, 3, []int{5}}, {"classes, two layers", classes, 3, []int{5, 4}}, {"values, three layers", values, 1, []int{4, 5, 3}}} {
		tr := newTrainer(tt.rows, tt.outputs, Settings{Hidden: tt.hidden, Seed: 7})
		var keep []*mat.Dense
		for k, h := range tt.hidden {
			mask := mat.NewDense(9, h, nil)
			mask.Apply(func(i, j int, _ float64) float64 { return float64((i + j + k) % 3) }, mask)
			keep = append(keep, mask)
		}
		for k, p := range tr.parameters() {
			if k%2 == 1 {
				for i := range p {
					p[i] = 0.1 * float64(i-2)
				}
			}
		}
		// The loss written out: the sum of weighted losses over the rows' number.
		loss := func() float64 {
			a := tr.net.activations(x, keep)
			y := a[len(a)-1]
			var sum float64
			for i := range 9 {
				row := y.RawRowView(i)
				if tt.rows.Labels == nil {
					sum += weights[i] * (row[0] - tt.rows.Values[i]) * (row[0] - tt.rows.Values[i]) / 2 / 9
					continue
				}
				var total float64
				for _, v := range row {
					total += math.Exp(v)
				}
				sum -= weights[i] * (row[tt.rows.Labels[i]] - math.Log(total)) / 9
			}
			return sum
		}
		gradients := tr.net.gradients(tt.rows, keep)
		for k, p := range tr.parameters() {
			for i := range p {
				const h = 1e-6
				at := p[i]
				p[i] = at + h
				up := loss()
				p[i] = at - h
				down := loss()
				p[i] = at
				if want := (up - down) / (2 * h); !(math.Abs(gradients[k][i]-want) <= 1e-7) {
					t.Errorf("%s: parameter %d, entry %d: %v, want %v", tt.name, k, i, gradients[k][i], want)
				}
			}
		}
	}
}

// A ring around a disc, which no line parts, and the radius of a point, which is no linear function.
func TestFit(t *testing.T) {
	x, held := gauss(600, 2, "train"), gauss(200, 2, "held")
	of := func(x *mat.Dense) (classes, values Rows) {
		n, _ := x.Dims()
		classes.X, values.X = x, x
		for i := range n {
			r := math.Hypot(x.At(i, 0), x.At(i, 1))
			values.Values = append(values.Values, r)
			c := 0
			if r > 1.2 {
				c = 1
			}
			classes.Labels = append(classes.Labels, c)
		}
		return classes, values
	}
	classes, values := of(x)
	heldClasses, heldValues := of(held)
	s := Settings{Hidden: []int{32, 32}, Rate: 3e-3, Batch: 128, Epochs: 200}
	net, err := Fit(classes, heldClasses, 2, s)
	if err != nil {
		t.Fatal(err)
	}
	p, right := net.Probabilities(held), 0
	for i, c := range heldClasses.Labels {
		if (p.At(i, 1) > 0.5) == (c == 1) {
			right++
		}
	}
	if right < 190 {
		t.Errorf("%d of 200 right", right)
	}
	if net, err = Fit(values, heldValues, 1, s); err != nil {
		t.Fatal(err)
	}
	if loss := net.loss(heldValues); loss > 0.01 {
		t.Errorf("half the mean squared error of the radius %v", loss)
	}
	if _, err := Fit(values, heldValues, 1, Settings{Hidden: []int{8}, Rate: 1e200, Batch: 128, Epochs: 20}); err == nil || !strings.Contains(err.Error(), "lower rate") {
		t.Errorf("a diverging fit: %v", err)
	}
}
