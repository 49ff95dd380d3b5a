package adapt

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
)

func TestNetworkGradients(t *testing.T) {
	data := blobs(1, 9, 4, 3, 1)
	r := &rows{x: data.X, labels: data.Labels, weights: []float64{1, 2, 0.5, 1, 1, 0.7, 0.8, 1, 1}}
	tr := newTrainer(methodSettings(t, "mlp", 5), r, 3, 7)
	for i := range tr.net.InBias {
		tr.net.InBias[i] = 0.1 * float64(i-2)
	}
	keep := mat.NewDense(9, 5, nil)
	for i := range 9 {
		for j := range 5 {
			keep.Set(i, j, float64((i+j)%3))
		}
	}
	gradients := tr.net.gradients(r, keep)
	loss := func() float64 {
		hidden, _ := tr.net.forward(r.x)
		hidden.MulElem(hidden, keep)
		p := tr.net.top(hidden)
		var sum float64
		for i, c := range r.labels {
			sum -= r.weights[i] * math.Log(p.At(i, c)) / 9
		}
		return sum
	}
	for k, p := range tr.parameters() {
		for i := range p {
			const h = 1e-6
			at := p[i]
			p[i] = at + h
			up := loss()
			p[i] = at - h
			down := loss()
			p[i] = at
			if want := (up - down) / (2 * h); math.Abs(gradients[k][i]-want) > 1e-7 {
				t.Errorf("parameter %d, entry %d: %v, want %v", k, i, gradients[k][i], want)
			}
		}
	}
}

func methodSettings(t *testing.T, classifier string, hidden int) map[string]any {
	h := headOf(t, classifier, nil)
	h.Settings["hidden"] = hidden
	return h.Settings
}
