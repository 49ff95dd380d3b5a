package perceptron

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/stream"
)

// A trainer takes Adam steps on a network.
type trainer struct {
	Settings
	rows  Rows
	net   *Network
	m, v  [][]float64
	steps int
}

func newTrainer(r Rows, outputs int, s Settings) *trainer {
	_, d := r.X.Dims()
	layer := func(name string, from, to int) Layer { // He et al.
		random := stream.New(s.Seed, "mlp/init", name)
		w := mat.NewDense(from, to, nil)
		data := w.RawMatrix().Data
		for i := range data {
			data[i] = random.NormFloat64() * math.Sqrt(2/float64(from))
		}
		return Layer{w, make([]float64, to)}
	}
	in, out := layer("in", d, s.Hidden[0]), layer("out", s.Hidden[len(s.Hidden)-1], outputs)
	n := &Network{In: in.W, InBias: in.Bias, Out: out.W, OutBias: out.Bias}
	for k, h := range s.Hidden[1:] {
		n.Hidden = append(n.Hidden, layer(fmt.Sprint("hidden", k+1), s.Hidden[k], h))
	}
	t := &trainer{Settings: s, rows: r, net: n}
	for _, p := range t.parameters() {
		t.m, t.v = append(t.m, make([]float64, len(p))), append(t.v, make([]float64, len(p)))
	}
	return t
}

// parameters are the weights and biases of each layer.
func (t *trainer) parameters() [][]float64 {
	var out [][]float64
	for _, l := range t.net.layers() {
		out = append(out, l.W.RawMatrix().Data, l.Bias)
	}
	return out
}

// epoch goes once over the rows, in an order of its own.
func (t *trainer) epoch(epoch int) {
	n := t.rows.count()
	order := stream.Permutation(stream.New(t.Seed, "mlp/order", epoch), n)
	for lo := 0; lo < n; lo += t.Batch {
		t.step(t.rows.Take(order[lo:min(n, lo+t.Batch)]), stream.New(t.Seed, "mlp/dropout", epoch, lo).Float64)
	}
}

// step is one Adam update with decoupled weight decay.
func (t *trainer) step(b Rows, uniform func() float64) {
	var keep []*mat.Dense
	if t.Dropout > 0 {
		for _, h := range t.Settings.Hidden {
			mask := mat.NewDense(b.count(), h, nil)
			data := mask.RawMatrix().Data
			for i := range data {
				if uniform() >= t.Dropout {
					data[i] = 1 / (1 - t.Dropout)
				}
			}
			keep = append(keep, mask)
		}
	}
	gradients := t.net.gradients(b, keep)
	t.steps++
	const beta1, beta2, epsilon = 0.9, 0.999, 1e-8
	scale := math.Sqrt(1-math.Pow(beta2, float64(t.steps))) / (1 - math.Pow(beta1, float64(t.steps)))
	for k, p := range t.parameters() {
		decay := 0.0
		if k%2 == 0 { // weights, not biases
			decay = t.Decay
		}
		for i, g := range gradients[k] {
			t.m[k][i] += (1 - beta1) * (g - t.m[k][i])
			t.v[k][i] += (1 - beta2) * (g*g - t.v[k][i])
			p[i] -= t.Rate * (scale*t.m[k][i]/(math.Sqrt(t.v[k][i])+epsilon) + decay*p[i])
		}
	}
}
